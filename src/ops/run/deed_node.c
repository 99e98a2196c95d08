/* Deeds and probes on a node, over ssh: a word's arguments told to the node's deed of cluster. */
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/node_deed.h"
#include "run_parts.h"

enum { WORDS = NODE_DEED_WORDS + 1 };

struct told {
	struct node_word at[WORDS];
	size_t n;
};

static const char *value_of(const struct run_call *c, const char *told)
{
	for (size_t k = 0; k < RUNBOOK_ARGS && c->word->args[k].name; k++)
		if (str_eq(c->word->args[k].told, told) && c->args[k].n > 0)
			return c->args[k].at[0];
	return NULL;
}

static void tell(const struct run_call *c, const struct node_deed *d, struct told *t)
{
	t->n = 0;
	for (size_t k = 0; k < NODE_DEED_WORDS && d->words[k].name; k++) {
		const char *value = value_of(c, d->words[k].name);

		if (value)
			t->at[t->n++] = (struct node_word){d->words[k].name, value};
	}
	if (c->attempt)
		t->at[t->n++] = (struct node_word){"RUN", c->attempt};
}

static void say_answer(const struct run_call *c, const struct node_answer *a)
{
	char line[RUN_LINE];
	const char *value;
	size_t at = 0, n;

	while (node_answer_next(a, NULL, &at, &value, &n)) {
		text_safe(line, sizeof(line), value, n);
		run_call_say(c, "%s", line);
	}
}

/* A deed of the node's with what it is told, on its way there. */
struct sent {
	const struct node_deed *deed;
	struct node_call to;
	struct told told;
	struct node_words words;
	struct node_answer answer;
};

static int begin(struct run_call *c, const char *node, struct sent *s, struct err *e)
{
	s->deed = node_deed_find(c->word->node);
	tell(c, s->deed, &s->told);
	s->words = (struct node_words){.at = s->told.at, .n = s->told.n};
	node_answer_init(&s->answer);
	return run_call_node(c, node, c->timeout_ms, &s->to, e);
}

int deed_node(struct run_call *c, struct err *e)
{
	struct sent s;
	int rc = begin(c, c->target, &s, e);

	if (rc == 0)
		rc = node_deed_do(&s.to, s.deed, &s.words, &s.answer, e);
	say_answer(c, &s.answer);
	node_answer_done(&s.answer);
	return rc;
}

static enum run_answer is_done(struct run_call *c, const char *node, char *why, size_t size)
{
	struct sent s;
	struct err e;
	bool done = false;
	int rc = begin(c, node, &s, &e);

	if (rc == 0)
		rc = node_deed_done(&s.to, s.deed, &s.words, &done, &s.answer, &e);
	node_answer_done(&s.answer);
	if (rc != 0)
		str_copy(why, size, e.text);
	return rc != 0 ? RUN_CANNOT_TELL : done ? RUN_YES : RUN_NO;
}

enum run_answer deed_node_is_done(struct run_call *c, char *why, size_t size)
{
	return is_done(c, c->target, why, size);
}

enum run_answer guard_node_is_so(struct run_call *c, char *why, size_t size)
{
	return is_done(c, run_call_text(c, "node"), why, size);
}

static enum run_answer probe(struct run_call *c, char *why, size_t size, struct err *e)
{
	enum run_answer is = RUN_CANNOT_TELL;
	char said[200] = "";
	struct sent s;

	*e = (struct err){.code = ERR_NONE};
	if (begin(c, run_call_text(c, "node"), &s, e) != 0 ||
		node_deed_do(&s.to, s.deed, &s.words, &s.answer, e) != 0) {
		str_copy(why, size, e->text);
	} else if (s.answer.exit == NODE_DONE) {
		is = RUN_YES;
	} else {
		is = RUN_NO;
		node_answer_get(&s.answer, "why", said, sizeof(said));
		text_safe(why, size, said, strlen(said));
	}
	node_answer_done(&s.answer);
	return is;
}

enum run_answer guard_node_probe(struct run_call *c, char *why, size_t size)
{
	struct err e;

	return probe(c, why, size, &e);
}

enum run_answer guard_node_unless_missing(struct run_call *c, char *why, size_t size)
{
	struct err e;
	enum run_answer is = probe(c, why, size, &e);

	if (is == RUN_CANNOT_TELL && (e.code == ERR_MISSING || e.code == ERR_UNSUPPORTED))
		return RUN_YES;
	return is;
}

/* ---- any command ---- */

static int hear(void *call, const char *bytes, size_t n)
{
	const struct run_call *c = call;
	char line[RUN_LINE];

	while (n > 0) {
		const char *end = memchr(bytes, '\n', n);
		size_t len = end ? (size_t)(end - bytes) : n;

		text_safe(line, sizeof(line), bytes, len);
		run_call_say(c, "%s", line);
		len += end != NULL;
		bytes += len;
		n -= len;
	}
	return 0;
}

int deed_node_run(struct run_call *c, struct err *e)
{
	const struct runbook_value *argv = run_call_list(c, "argv");
	const struct proc_calls calls = {.out = hear, .err = hear, .arg = c};
	struct node_call to;
	int code = 0;

	if (run_call_node(c, c->target, 0, &to, e) != 0 ||
		node_deed_run(&to, (const char *const *)argv->at, argv->n, &calls, &code, e) != 0)
		return -1;
	return code == 0 ? 0
			 : err_set(e, ERR_SERVER, _("the command ended with exit code %d"), code);
}

/* Nobody knows what a command of a team's own did. */
enum run_answer deed_is_unknown(struct run_call *c, char *why, size_t size)
{
	if (c->since_ms == RUN_NO_INTENT)
		return RUN_NO;
	str_copy(why, size, _("whether the command took effect is not known"));
	return RUN_CANNOT_TELL;
}
