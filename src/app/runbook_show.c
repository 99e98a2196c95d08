/* A runbook for people: what it is for, what it asks and requires, then each step with its command,
 * what it changes, what can go wrong, how it is undone and how it is seen to have worked. {words}
 * stay as they are: they get their values when it is run. */
#include "app/runbook_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook_read.h"

#define LABEL_COLUMNS 10

/* ---- lines ---- */

static void put_safe(struct buf *out, const char *text)
{
	size_t n = strlen(text), room = n * 10 + 1; /* "<U+XXXXX>" is the longest of one byte */
	char *safe = mem_zero(1, room);

	text_safe(safe, room, text, n);
	buf_puts(out, safe);
	free(safe);
}

static void put_padded(struct buf *out, const char *text, int columns)
{
	put_safe(out, text);
	for (int i = text_width(text); i < columns; i++)
		buf_putc(out, ' ');
}

/* "  label     text"; nothing where there is no text */
static void put_line(struct buf *out, int indent, const char *label, const char *text)
{
	if (!text || !text[0])
		return;
	buf_fmt(out, "%*s", indent, "");
	put_padded(out, label, LABEL_COLUMNS);
	buf_putc(out, ' ');
	put_safe(out, text);
	buf_putc(out, '\n');
}

static void put_said(struct buf *out, int indent, const char *label, const struct said *s)
{
	put_line(out, indent, label, said_text(s));
}

/* Words joined by blanks, new. */
static char *joined(char *const *words, size_t n)
{
	struct buf all;

	buf_init(&all, RUNBOOK_BYTES);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&all, i > 0 ? " %s" : "%s", words[i]);
	return buf_take(&all);
}

/* ---- guards ---- */

static char *guard_text(const struct runbook_use *u)
{
	char *sentence = runbook_use_text(u), span[32], *text;

	if (u->within_ms == 0)
		return sentence;
	text = str_fmt(_("%s, within %s"), sentence, span_text(u->within_ms, span, sizeof(span)));
	free(sentence);
	return text;
}

static void put_guards(
	struct buf *out, int indent, const char *label, const struct runbook_guards *g)
{
	for (size_t i = 0; i < g->n; i++) {
		char *text = guard_text(&g->at[i]);

		put_line(out, indent, i == 0 ? label : "", text);
		put_said(out, indent, _("  else"), &g->at[i].otherwise);
		put_line(out, indent, _("  offers"), g->at[i].offer);
		free(text);
	}
}

/* ---- a runbook's own ---- */

/* "how (choice: soft hard, default soft, optional) How?" */
static void put_input(struct buf *out, const char *label, const struct runbook_input *in)
{
	char *choices = joined(in->choices, in->n_choices);
	struct buf text;

	buf_init(&text, RUNBOOK_BYTES);
	buf_fmt(&text, "%s (%s", in->name, run_input_type_name(in->type));
	if (in->n_choices > 0)
		buf_fmt(&text, ": %s", choices);
	if (in->fallback)
		buf_fmt(&text, _(", default %s"), in->fallback);
	buf_puts(&text, in->optional ? _(", optional") : "");
	buf_fmt(&text, said_text(&in->ask)[0] ? ") %s" : ")%s", said_text(&in->ask));
	put_line(out, 0, label, buf_text(&text));
	buf_done(&text);
	free(choices);
}

static void put_head(struct buf *out, const struct runbook *r)
{
	char *fits = joined(r->fits, r->n_fits);

	put_safe(out, r->id);
	buf_puts(out, "  ");
	put_safe(out, said_text(&r->title));
	buf_puts(out, "\n");
	if (said_text(&r->about)[0]) {
		put_safe(out, said_text(&r->about));
		buf_puts(out, "\n");
	}
	buf_puts(out, "\n");
	if (!r->builtin)
		put_line(out, 0, _("file"), r->file);
	put_line(out, 0, _("fits"), fits);
	for (size_t i = 0; i < r->n_inputs; i++)
		put_input(out, i == 0 ? _("inputs") : "", &r->inputs[i]);
	put_guards(out, 0, _("requires"), &r->require);
	free(fits);
}

/* ---- steps ---- */

static void put_where(struct buf *out, const struct runbook_step *s)
{
	char *text;

	if (s->on == ON_ONE)
		put_line(out, 3, _("on"), s->target);
	if (s->on != ON_EACH && s->on != ON_ALL)
		return;
	text = str_fmt(s->on == ON_EACH ? _("%s, one after another") : _("%s, all at once"),
		runbook_read_set(s->among));
	put_line(out, 3, _("on"), text);
	free(text);
}

/* Arguments that the deed's sentence does not tell. */
static void put_arguments(struct buf *out, const struct runbook_use *deed)
{
	for (int i = 0; i < RUNBOOK_ARGS && deed->word->args[i].name; i++) {
		const struct run_arg *arg = &deed->word->args[i];
		char *in_sentence = str_fmt("{%s}", arg->name), *text;

		if (deed->args[i].n > 0 && !strstr(deed->word->sentence, in_sentence)) {
			text = arg->type == RUN_ARG_SAID
				       ? mem_str(said_text(&(struct said){
						 deed->args[i].at[0], deed->args[i].at[1]}))
				       : joined(deed->args[i].at, deed->args[i].n);
			put_line(out, 3, arg->name, text);
			free(text);
		}
		free(in_sentence);
	}
}

static void put_confirm(struct buf *out, const struct runbook_step *s)
{
	char *text;

	if (s->confirm == CONFIRM_YES)
		put_line(out, 3, _("confirm"), _("yes"));
	if (s->confirm != CONFIRM_TYPED)
		return;
	text = str_fmt(_("type %s"), s->confirm_word);
	put_line(out, 3, _("confirm"), text);
	free(text);
}

static void put_times(struct buf *out, const struct runbook_step *s)
{
	char span[32], *text;

	text = s->retry > 0 ? str_fmt(_("%s, and %d times again by itself"),
				      span_text(s->timeout_ms, span, sizeof(span)), s->retry)
			    : mem_str(span_text(s->timeout_ms, span, sizeof(span)));
	put_line(out, 3, _("time limit"), text);
	free(text);
}

static void put_step(struct buf *out, size_t number, const struct runbook_step *s)
{
	char *does = runbook_use_text(&s->deed), *show = joined(s->show, s->n_show);

	buf_fmt(out, "\n%zu. ", number);
	put_safe(out, s->id);
	buf_puts(out, "  ");
	put_safe(out, said_text(&s->title));
	buf_puts(out, "\n");
	put_where(out, s);
	put_line(out, 3, _("does"), does);
	put_arguments(out, &s->deed);
	put_line(out, 3, _("command"), show);
	put_guards(out, 3, _("only if"), &s->when);
	put_guards(out, 3, _("requires"), &s->require);
	put_confirm(out, s);
	put_said(out, 3, _("impact"), &s->impact);
	put_said(out, 3, _("risk"), &s->risk);
	put_said(out, 3, _("undo"), &s->undo);
	put_guards(out, 3, _("verify"), &s->verify);
	put_times(out, s);
	put_line(out, 3, _("owes"), s->owes);
	put_line(out, 3, _("pays"), s->pays);
	free(does);
	free(show);
}

void runbook_show_text(struct buf *out, const struct runbook *r)
{
	put_head(out, r);
	for (size_t i = 0; i < r->n_steps; i++)
		put_step(out, i + 1, &r->steps[i]);
}

void runbook_list_text(struct buf *out, const struct runbook_set *s)
{
	int wide = 0;

	for (size_t i = 0; i < runbook_set_count(s); i++) {
		int width = text_width(runbook_set_at(s, i)->id);

		wide = width > wide ? width : wide;
	}
	for (size_t i = 0; i < runbook_set_count(s); i++) {
		const struct runbook *r = runbook_set_at(s, i);

		put_padded(out, r->id, wide + 2);
		put_safe(out, said_text(&r->title));
		if (!r->builtin) {
			buf_puts(out, "  (");
			put_safe(out, r->file);
			buf_putc(out, ')');
		}
		buf_putc(out, '\n');
	}
}
