/* What runbooks are made of, for who writes one: every guard and deed with its arguments. */
#include <stdio.h>

#include "app/runbook_show.h"
#include "base/i18n.h"
#include "io/json.h"
#include "ops/run/run_words.h"

#define NAME_COLUMNS 24

/* "argv: list, [node: node]" */
static void put_args(struct buf *out, const struct run_word *w)
{
	for (int i = 0; i < RUNBOOK_ARGS && w->args[i].name; i++)
		buf_fmt(out, w->args[i].required ? "%s%s: %s" : "%s[%s: %s]", i > 0 ? ", " : "",
			w->args[i].name, run_arg_type_name(w->args[i].type));
}

static void put_word(struct buf *out, const struct run_word *w)
{
	buf_fmt(out, "  %-*s %s\n", NAME_COLUMNS, w->name, _(w->sentence));
	if (!w->args[0].name)
		return;
	buf_fmt(out, "  %-*s ", NAME_COLUMNS, "");
	put_args(out, w);
	buf_putc(out, '\n');
}

void runbook_show_words(struct buf *out)
{
	const struct run_word *w;

	buf_fmt(out, "%s\n", _("guards: require, when, verify"));
	for (size_t i = 0; (w = run_guard_at(i)) != NULL; i++)
		put_word(out, w);
	buf_fmt(out, "\n%s\n", _("deeds: do"));
	for (size_t i = 0; (w = run_deed_at(i)) != NULL; i++)
		put_word(out, w);
	buf_fmt(out, "\n%s\n",
		_("[...] may be left out; a node that is left out is the step's target"));
}

static void put_json(struct jsw *j, const struct run_word *w)
{
	jsw_object(j, NULL);
	jsw_str(j, "name", w->name);
	jsw_str(j, "sentence", w->sentence);
	if (w->act) {
		jsw_bool(j, "changes", w->already != NULL);
		jsw_bool(j, "needs_on", w->on_target);
	}
	jsw_array(j, "arguments");
	for (int i = 0; i < RUNBOOK_ARGS && w->args[i].name; i++) {
		jsw_object(j, NULL);
		jsw_str(j, "name", w->args[i].name);
		jsw_str(j, "type", run_arg_type_name(w->args[i].type));
		jsw_bool(j, "required", w->args[i].required);
		jsw_end_object(j);
	}
	jsw_end_array(j);
	jsw_end_object(j);
}

void runbook_show_words_json(struct buf *out)
{
	const struct run_word *w;
	struct jsw j;

	jsw_init(&j, out);
	jsw_object(&j, NULL);
	jsw_str(&j, "schema", "k911/runbook/v1");
	jsw_array(&j, "guards");
	for (size_t i = 0; (w = run_guard_at(i)) != NULL; i++)
		put_json(&j, w);
	jsw_end_array(&j);
	jsw_array(&j, "deeds");
	for (size_t i = 0; (w = run_deed_at(i)) != NULL; i++)
		put_json(&j, w);
	jsw_end_array(&j);
	jsw_end_object(&j);
	buf_putc(out, '\n');
}
