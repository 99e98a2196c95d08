/* Texts with {words}: one function takes them apart, all others are built on it. */
#include "ops/run/runbook_fill.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

#define FILLED_MAX (1u << 20)

const char *const runbook_fill_words[] = {"target", "cluster", "run", NULL};

static bool is_doubled(const char *at)
{
	return (at[0] == '{' || at[0] == '}') && at[1] == at[0];
}

static int take_word(const char **text, struct runbook_piece *p)
{
	size_t n = strspn(*text + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	if (**text != '{' || n == 0 || (*text)[1 + n] != '}')
		return -1;
	*p = (struct runbook_piece){.word = true, .at = *text + 1, .n = n};
	*text += n + 2;
	return 1;
}

int runbook_piece_next(const char **text, struct runbook_piece *p)
{
	*p = (struct runbook_piece){.at = *text, .n = strcspn(*text, "{}")};
	if (p->n > 0) {
		*text += p->n;
		return 1;
	}
	if (**text == '\0')
		return 0;
	if (!is_doubled(*text))
		return take_word(text, p);
	p->n = 1;
	*text += 2;
	return 1;
}

bool runbook_has_words(const char *text)
{
	struct runbook_piece p;

	while (runbook_piece_next(&text, &p) > 0)
		if (p.word)
			return true;
	return false;
}

void runbook_values_set(struct runbook_values *v, const char *name, const char *value)
{
	size_t i = 0;

	while (i < v->n && !str_eq(v->at[i].name, name))
		i++;
	if (i == RUNBOOK_VALUES)
		return;
	v->at[i].name = name;
	v->at[i].value = value;
	if (i == v->n)
		v->n++;
}

static const char *value_of(const struct runbook_values *v, const char *name, size_t n)
{
	for (size_t i = 0; i < v->n; i++)
		if (strlen(v->at[i].name) == n && strncmp(v->at[i].name, name, n) == 0)
			return v->at[i].value;
	return NULL;
}

const char *runbook_values_get(const struct runbook_values *v, const char *name)
{
	return value_of(v, name, strlen(name));
}

static int fill_piece(struct buf *out, const struct runbook_piece *p,
	const struct runbook_values *v, struct err *e)
{
	const char *value = p->word ? value_of(v, p->at, p->n) : NULL;

	if (!p->word)
		return buf_add(out, p->at, p->n);
	if (!value)
		return err_set(e, ERR_INPUT, _("{%.*s} has no value"), (int)p->n, p->at);
	return buf_puts(out, value);
}

char *runbook_fill(const char *text, const struct runbook_values *v, struct err *e)
{
	struct runbook_piece p;
	struct buf out;
	int more, rc = 0;

	buf_init(&out, FILLED_MAX);
	while (rc == 0 && (more = runbook_piece_next(&text, &p)) != 0)
		rc = more > 0 ? fill_piece(&out, &p, v, e)
			      : err_set(e, ERR_INPUT, _("a brace is left open: \"%.60s\""), p.at);
	if (rc == 0)
		return buf_take(&out);
	if (out.over)
		err_set(e, ERR_LIMIT, "%s", _("too long once its words are filled in"));
	buf_done(&out);
	return NULL;
}

int runbook_fill_value(const struct runbook_value *from, const struct runbook_values *v,
	struct runbook_value *out, struct err *e)
{
	*out = (struct runbook_value){.at = mem_zero(from->n + 1, sizeof(char *))};
	for (; out->n < from->n; out->n++) {
		out->at[out->n] = runbook_fill(from->at[out->n], v, e);
		if (!out->at[out->n]) {
			runbook_value_done(out);
			return -1;
		}
	}
	return 0;
}
