/* A run is here from its command until another has taken its place in the list: what it was last
 * stays to be seen, and what the journal tells of it is left aside meanwhile. */
#include "ops/run/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/incident/entry.h"
#include "ops/run/run.h"
#include "ops/run/run_alive.h"
#include "ops/run/run_book.h"
#include "ops/run/runbook_defaults.h"

#define BOARD_MS 1000 /* what fits and what is proposed changes with the cluster */

struct live {
	struct run *run;
	struct slot *place;
	struct run_seen *seen; /* as last told; NULL before the first word */
	bool over;             /* its thread has ended, or is about to */
};

struct runs {
	struct runs_options o;
	struct run_book *book;
	size_t n;
	struct live live[RUNS_MAX];
	struct snapshot *now; /* the last; NULL before the first */
	struct run_board *board;
	bool stale;
	struct instant made;
	char incident[ULID_SIZE]; /* the current one */
};

struct runs *runs_new(const struct runs_options *o)
{
	struct runs *rs = mem_new(struct runs);

	rs->o = *o;
	rs->book = run_book_new();
	rs->stale = true;
	return rs;
}

static void end(struct runs *rs, size_t k)
{
	struct live *l = &rs->live[k];

	run_free(l->run);
	rs->o.leave(rs->o.arg, l->place);
	run_seen_unref(l->seen);
	memmove(l, l + 1, (rs->n - k - 1) * sizeof(*l));
	rs->n--;
}

void runs_free(struct runs *rs)
{
	if (!rs)
		return;
	while (rs->n > 0)
		end(rs, rs->n - 1);
	run_book_free(rs->book);
	run_board_unref(rs->board);
	snapshot_unref(rs->now);
	runbook_set_unref(rs->o.set);
	free(rs);
}

void runs_hear_entry(void *runs, const struct journal_entry *en)
{
	struct runs *rs = runs;

	rs->stale = run_book_hear(rs->book, en) || rs->stale;
}

static void hear_news(void *runs, struct letter *l, struct instant now)
{
	struct run_news *n = (struct run_news *)l;
	struct runs *rs = runs;

	(void)now;
	for (size_t k = 0; k < rs->n; k++) {
		struct live *live = &rs->live[k];

		if (!str_eq(run_id(live->run), n->seen->id))
			continue;
		run_seen_unref(live->seen);
		live->seen = run_seen_ref(n->seen);
		live->over = run_state_is_over(n->seen->state);
		rs->stale = true;
	}
}

/* ---- commands ---- */

/* Room for one more: the oldest that is over goes. */
static bool make_room(struct runs *rs)
{
	for (size_t k = 0; rs->n == RUNS_MAX && k < rs->n; k++)
		if (rs->live[k].over)
			end(rs, k);
	return rs->n < RUNS_MAX;
}

static void begin(struct runs *rs, struct run_options *r)
{
	struct live *l;
	struct err e;

	r->world = &rs->o.world;
	r->author = rs->o.author;
	r->read_only = rs->o.read_only;
	r->news = (struct hearer){.box = rs->o.in, .hear = hear_news, .room = rs};
	if (!make_room(rs)) {
		notice_say(rs->o.notices, NOTICE_WARN,
			_("%d runs are under way already: let one of them end first"), RUNS_MAX);
		runbook_unref(r->book);
		run_past_free(r->past);
		return;
	}
	l = &rs->live[rs->n];
	*l = (struct live){.place = rs->o.join(rs->o.arg)};
	r->place = l->place;
	l->run = run_start(r, &e);
	rs->stale = true;
	if (l->run) {
		rs->n++;
		return;
	}
	rs->o.leave(rs->o.arg, l->place);
	notice_say(rs->o.notices, NOTICE_WARN, "%s", e.text);
}

/* Lines into texts that point into them. */
static size_t split(char *lines, const char *out[RUN_INPUTS])
{
	char *rest = NULL, *line = strtok_r(lines, "\n", &rest);
	size_t n = 0;

	for (; line && n < RUN_INPUTS; line = strtok_r(NULL, "\n", &rest))
		out[n++] = line;
	return n;
}

static bool is_given(const char *const *inputs, size_t n, const char *name)
{
	size_t len = strlen(name);

	for (size_t k = 0; k < n; k++)
		if (strncmp(inputs[k], name, len) == 0 && inputs[k][len] == '=')
			return true;
	return false;
}

/* What was not said is as it is now: the failed member, the node that is NotReady. */
static size_t add_defaults(struct runs *rs, const struct runbook *b, const char **inputs, size_t n,
	char room[RUN_INPUTS][RUN_VALUE + 64])
{
	char value[RUN_VALUE];

	for (size_t k = 0; rs->now && k < b->n_inputs && n < RUN_INPUTS; k++) {
		const struct runbook_input *in = &b->inputs[k];

		if (!in->fallback || is_given(inputs, n, in->name))
			continue;
		runbook_default_value(in->fallback, rs->now, value, sizeof(value));
		if (!value[0])
			continue;
		snprintf(room[n], RUN_VALUE + 64, "%s=%s", in->name, value);
		inputs[n] = room[n];
		n++;
	}
	return n;
}

static const struct runbook *find(struct runs *rs, const char *id)
{
	const struct runbook *b = runbook_set_find(rs->o.set, id);
	const char *near = b ? NULL : runbook_set_nearest(rs->o.set, id);

	if (!b && near)
		notice_say(rs->o.notices, NOTICE_WARN,
			_("there is no runbook \"%.60s\": was %s meant?"), id, near);
	else if (!b)
		notice_say(rs->o.notices, NOTICE_WARN, _("there is no runbook \"%.60s\""), id);
	return b;
}

static void start(struct runs *rs, const struct command *c)
{
	const struct runbook *b = find(rs, c->name);
	const char *inputs[RUN_INPUTS];
	char lines[COMMAND_TEXT], room[RUN_INPUTS][RUN_VALUE + 64];
	struct run_options r = {.plan = c->letter.kind == COMMAND_PLAN,
		.asker = c->feed,
		.inputs = inputs,
		.incident = rs->incident};

	if (!b)
		return;
	str_copy(lines, sizeof(lines), c->text);
	r.n_inputs = split(lines, inputs);
	r.n_inputs = add_defaults(rs, b, inputs, r.n_inputs, room);
	r.book = runbook_ref(b);
	begin(rs, &r);
}

static void resume_past(struct runs *rs, const struct run_past *p, const struct command *c)
{
	const struct runbook *b = find(rs, p->runbook);
	struct run_options r = {.asker = c->feed, .incident = p->incident};

	if (!b)
		return;
	if (!str_eq(b->digest, p->digest)) {
		notice_say(rs->o.notices, NOTICE_WARN,
			_("the runbook %s is not the same any more: run it anew"), b->id);
		return;
	}
	for (size_t k = 0; k < rs->n; k++)
		if (rs->live[k].over && str_eq(run_id(rs->live[k].run), p->id))
			end(rs, k--);
	r.past = run_past_copy(p);
	r.inputs = (const char *const *)r.past->inputs.at;
	r.n_inputs = r.past->inputs.len;
	r.book = runbook_ref(b);
	begin(rs, &r);
}

static void resume(struct runs *rs, const struct command *c)
{
	const struct run_past *p = run_book_find(rs->book, c->name);

	if (!p)
		notice_say(rs->o.notices, NOTICE_WARN, _("no run \"%.40s\" is in this journal"),
			c->name);
	else if (p->state == RUN_DONE || p->state == RUN_REFUSED)
		notice_say(rs->o.notices, NOTICE_WARN, _("that run has ended: %s"),
			_(run_state_word(p->state)));
	else if (run_alive_is(p->id))
		notice_say(rs->o.notices, NOTICE_WARN, "%s", _("that run is under way"));
	else
		resume_past(rs, p, c);
}

static void abort_run(struct runs *rs, const struct command *c)
{
	for (size_t k = 0; k < rs->n; k++) {
		if (rs->live[k].over || !str_eq(run_id(rs->live[k].run), c->name))
			continue;
		run_abort(rs->live[k].run);
		return;
	}
	notice_say(rs->o.notices, NOTICE_WARN, "%s", _("that run is not under way here"));
}

static void forgive(struct runs *rs, const struct command *c)
{
	const struct run_debt *d = run_book_debt_find(rs->book, c->name);
	const struct entry_by by = {.by = rs->o.author, .now_ms = instant_now().wall_ms};
	struct entry_debt x = {.debt = c->name, .state = "forgiven", .why = c->text};
	struct journal_draft *draft;

	if (!d || !c->text[0] || !rs->o.world.journal) {
		notice_say(rs->o.notices, NOTICE_WARN, "%s",
			!d ? _("that is not owed (any more)") : _("say why it is forgiven"));
		return;
	}
	x.kind = d->kind;
	x.target = d->target;
	x.text = d->text;
	x.run = d->run;
	draft = entry_debt(rs->incident, &x, &by);
	if (journal_writer_put(rs->o.world.journal, draft) == 0)
		return;
	journal_draft_free(draft);
	notice_say(rs->o.notices, NOTICE_ERROR, "%s",
		_("the journal takes no more entries: it is too far behind"));
}

static const struct row {
	enum command_kind kind;
	void (*obey)(struct runs *rs, const struct command *c);
} rows[] = {
	{COMMAND_PLAN, start},
	{COMMAND_RUN, start},
	{COMMAND_RESUME, resume},
	{COMMAND_RUN_ABORT, abort_run},
	{COMMAND_FORGIVE, forgive},
};

bool runs_obey(struct runs *rs, const struct command *c)
{
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		if ((int)rows[k].kind != c->letter.kind)
			continue;
		rows[k].obey(rs, c);
		return true;
	}
	return false;
}

/* ---- the board ---- */

static bool is_here(const struct runs *rs, const char *id)
{
	for (size_t k = 0; k < rs->n; k++)
		if (rs->live[k].seen && str_eq(rs->live[k].seen->id, id))
			return true;
	return false;
}

/* A run of another process, or of the past: as the journal tells it. */
static struct run_seen *seen_of(const struct run_past *p)
{
	struct run_seen *s = run_seen_new(p->deeds.len, 0);
	static const enum run_step_state states[] = {
		[RUN_DEED_INTENT] = RUN_STEP_ACTS,
		[RUN_DEED_ACTED] = RUN_STEP_VERIFIES,
		[RUN_DEED_DONE] = RUN_STEP_DONE,
		[RUN_DEED_FAILED] = RUN_STEP_FAILED,
	};

	str_copy(s->id, sizeof(s->id), p->id);
	str_copy(s->runbook, sizeof(s->runbook), p->runbook);
	str_copy(s->title, sizeof(s->title), p->title);
	str_copy(s->author, sizeof(s->author), p->author);
	str_copy(s->host, sizeof(s->host), p->host);
	str_copy(s->why, sizeof(s->why), p->why);
	s->began_ms = p->began_ms;
	s->ended_ms = p->ended_ms;
	s->state = p->state == RUN_GOING && !run_alive_is(p->id) ? RUN_INTERRUPTED : p->state;
	for (size_t k = 0; k < p->inputs.len; k++) {
		size_t used = strlen(s->inputs);

		snprintf(s->inputs + used, sizeof(s->inputs) - used, "%s%s", k > 0 ? " " : "",
			p->inputs.at[k]);
	}
	str_mend(s->inputs);
	for (size_t k = 0; k < p->deeds.len; k++) {
		const struct run_deed_past *d = &p->deeds.at[k];
		struct run_step_seen *to = &s->steps[k];

		str_copy(to->id, sizeof(to->id), d->step);
		str_copy(to->title, sizeof(to->title), d->title);
		str_copy(to->targets, sizeof(to->targets), d->target);
		str_copy(to->command, sizeof(to->command), d->command);
		str_copy(to->result, sizeof(to->result), d->result);
		to->state = states[d->state];
		to->changes = true;
		to->began_ms = d->began_ms;
		to->ended_ms = d->state >= RUN_DEED_DONE ? d->at_ms : 0;
	}
	return s;
}

static int by_age(const void *a, const void *b)
{
	const struct run_seen *x = *(struct run_seen *const *)a;
	const struct run_seen *y = *(struct run_seen *const *)b;

	return strcmp(y->id, x->id);
}

static void list_runs(struct runs *rs, struct run_board *b)
{
	size_t all = rs->n + run_book_count(rs->book);

	b->runs = mem_zero(all, sizeof(struct run_seen *));
	for (size_t k = 0; k < rs->n; k++)
		if (rs->live[k].seen)
			b->runs[b->n_runs++] = run_seen_ref(rs->live[k].seen);
	for (size_t k = 0; k < run_book_count(rs->book); k++)
		if (!is_here(rs, run_book_at(rs->book, k)->id))
			b->runs[b->n_runs++] = seen_of(run_book_at(rs->book, k));
	qsort(b->runs, b->n_runs, sizeof(struct run_seen *), by_age);
}

static void list_debts(const struct runs *rs, struct run_board *b)
{
	b->n_debts = run_book_debts(rs->book);
	b->debts = mem_zero(b->n_debts, sizeof(*b->debts));
	for (size_t k = 0; k < b->n_debts; k++)
		b->debts[k] = *run_book_debt(rs->book, k);
}

static void make_board(struct runs *rs, const struct snapshot *s)
{
	struct run_board *b = mem_new(struct run_board);

	b->refs = 1;
	runbook_set_cards(rs->o.set, s, b);
	list_runs(rs, b);
	list_debts(rs, b);
	run_board_unref(rs->board);
	rs->board = b;
	rs->stale = false;
	rs->made = s->at;
}

void runs_fill(struct runs *rs, struct snapshot *s)
{
	str_copy(rs->incident, sizeof(rs->incident),
		s->book && s->book->current ? s->book->current->id : "");
	snapshot_unref(rs->now);
	rs->now = snapshot_ref(s);
	if (rs->stale || instant_age_ms(rs->made, s->at) >= BOARD_MS)
		make_board(rs, s);
	run_board_unref(s->runs);
	s->runs = run_board_ref(rs->board);
}
