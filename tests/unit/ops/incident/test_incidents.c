/* An incident's life from its entries: what may be recorded, what it adds up to, and that a clock
 * that was set, a second machine or a late import change nothing they should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "ops/incident/entry.h"
#include "ops/incident/incidents.h"

#define M  (60 * INT64_C(1000))
#define H  (60 * M)
#define T0 INT64_C(1795000000000)

/* A journal that is nothing but an array: drafts become entries at once. */
struct casebook {
	struct incidents *is;
	char origin[JOURNAL_ORIGIN];
	int64_t seq;
	char id[ULID_SIZE]; /* of the incident */
	struct err e;
};

static const struct incident_cluster any;

static struct entry_by when(int64_t at)
{
	return (struct entry_by){{"alice", "ops1"}, T0 + at};
}

static void keep(struct casebook *b, struct journal_draft *d, int64_t row)
{
	struct journal_entry *en = entry_of_draft(d);

	en->row = row;
	en->seq = ++b->seq;
	en->number = row ? 7 : 0;
	str_copy(en->origin, sizeof(en->origin), b->origin);
	incidents_add(b->is, en);
	free(en);
	journal_draft_free(d);
}

static void put(struct casebook *b, struct journal_draft *d)
{
	if (d == NULL)
		fail_msg("%s", b->e.text);
	keep(b, d, b->seq + 1);
}

static const struct incident *in(struct casebook *b)
{
	return incidents_get(b->is, b->id);
}

static struct casebook open_book(enum level l)
{
	struct casebook b = {.is = incidents_new(), .origin = "ops1-A"};
	const struct entry_opening r = {.title = "API down",
		.level = l,
		.target = level_targets[l],
		.detected_ms = INCIDENT_NEVER,
		.started_ms = INCIDENT_NEVER};
	struct entry_by a = when(0);
	struct journal_draft *d = entry_open(&r, &a, &b.e);

	assert_non_null(d);
	str_copy(b.id, sizeof(b.id), d->incident);
	put(&b, d);
	return b;
}

/* What a person says, in the words its kind takes. */
static struct journal_draft *said(const char *kind, const struct incident *i, struct entry_words w,
	const struct entry_by *by, struct err *e)
{
	const struct entry_request q = {.i = i, .words = w, .targets = level_targets};

	return entry_make(kind, &q, by, e);
}

static struct journal_draft *say_moment(const struct incident *i, enum incident_moment m,
	int64_t at, bool given, const struct entry_by *by, struct err *e)
{
	static const char *const kinds[] = {[INCIDENT_ACKNOWLEDGED] = "acknowledged",
		[INCIDENT_MITIGATED] = "mitigated",
		[INCIDENT_RECOVERED] = "recovered",
		[INCIDENT_CLOSED] = "closed"};

	return said(kinds[m], i, (struct entry_words){.at_ms = at, .given = given}, by, e);
}

static struct journal_draft *say_level(const struct incident *i, enum level to, const char *why,
	const struct entry_by *by, struct err *e)
{
	return said("level", i, (struct entry_words){.level = to, .text = why}, by, e);
}

static struct journal_draft *say_note(const struct incident *i, const char *text, bool starred,
	const struct entry_by *by, struct err *e)
{
	return said("note", i, (struct entry_words){.text = text, .on = starred}, by, e);
}

static struct journal_draft *say_tick(const struct incident *i, const char *item, bool on,
	const struct entry_by *by, struct err *e)
{
	return said(on ? "tick" : "untick", i, (struct entry_words){.name = item}, by, e);
}

/* A name and a text: a role and who, a link's kind and place. */
static struct journal_draft *say_pair(const char *kind, const struct incident *i, const char *name,
	const char *text, const struct entry_by *by, struct err *e)
{
	return said(kind, i, (struct entry_words){.name = name, .text = text}, by, e);
}

static void moment(struct casebook *b, enum incident_moment m, int64_t at)
{
	struct entry_by a = when(at);

	put(b, say_moment(in(b), m, INCIDENT_NEVER, false, &a, &b->e));
}

static void refuse(struct casebook *b, struct journal_draft *d, const char *says)
{
	if (d != NULL || strstr(b->e.text, says) == NULL)
		fail_msg("not refused with \"%s\": %s", says, b->e.text);
}

static void test_a_life_from_detection_to_closing(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct sla_state s;

	(void)state;
	assert_string_equal(in(&b)->alias, "INC-0007");
	assert_int_equal(incident_state(in(&b)), INCIDENT_OPEN);
	moment(&b, INCIDENT_ACKNOWLEDGED, 5 * M);
	assert_int_equal(incident_state(in(&b)), INCIDENT_IS_ACKNOWLEDGED);
	moment(&b, INCIDENT_MITIGATED, 20 * M);
	moment(&b, INCIDENT_RECOVERED, 50 * M);
	assert_int_equal(incident_state(in(&b)), INCIDENT_IS_RECOVERED);
	moment(&b, INCIDENT_CLOSED, 10 * H);
	assert_int_equal(incident_state(in(&b)), INCIDENT_IS_CLOSED);
	s = incident_clock(in(&b), SLA_RESPOND, T0 + 20 * H);
	assert_true(s.stopped && !s.breached && s.elapsed_ms == 5 * M);
	s = incident_clock(in(&b), SLA_RECOVER, T0 + 20 * H);
	assert_true(s.stopped && !s.breached && s.elapsed_ms == 50 * M);
	assert_int_equal(incident_due(in(&b), CHECKLIST_EMERGENCY, T0), T0 + 30 * M);
	assert_int_equal(incident_due(in(&b), CHECKLIST_TECHNICAL, T0), T0 + 4 * H);
	assert_int_equal(incident_due(in(&b), CHECKLIST_FOLLOW_UP, T0), T0 + 50 * M + 24 * H);
	incidents_free(b.is);
}

static void test_an_impossible_order_is_refused_with_both_times(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(30 * M);

	(void)state;
	refuse(&b, say_moment(in(&b), INCIDENT_ACKNOWLEDGED, T0 - M, true, &a, &b.e),
		"cannot be before");
	refuse(&b, say_moment(in(&b), INCIDENT_ACKNOWLEDGED, T0 + H, true, &a, &b.e),
		"in the future");
	refuse(&b, say_moment(in(&b), INCIDENT_CLOSED, INCIDENT_NEVER, false, &a, &b.e),
		"has not recovered");
	refuse(&b, say_moment(in(&b), INCIDENT_RECOVERED, T0 - 1, true, &a, &b.e),
		"cannot be before");
	refuse(&b, say_pair("reopened", in(&b), NULL, "", &a, &b.e), "open already");
	moment(&b, INCIDENT_MITIGATED, 20 * M);
	refuse(&b, say_moment(in(&b), INCIDENT_RECOVERED, T0 + 10 * M, true, &a, &b.e),
		"cannot be before");
	moment(&b, INCIDENT_RECOVERED, 25 * M);
	refuse(&b, say_moment(in(&b), INCIDENT_RECOVERED, T0 + 26 * M, true, &a, &b.e),
		"recorded already");
	refuse(&b, say_moment(in(&b), INCIDENT_CLOSED, T0 + 20 * M, true, &a, &b.e),
		"cannot be before");
	/* the checks had to hold before it was known: an acknowledgement may come after */
	put(&b, say_moment(in(&b), INCIDENT_ACKNOWLEDGED, INCIDENT_NEVER, false, &a, &b.e));
	refuse(&b, say_moment(in(&b), INCIDENT_CLOSED, T0 + 26 * M, true, &a, &b.e),
		"cannot be before");
	put(&b, say_moment(in(&b), INCIDENT_CLOSED, INCIDENT_NEVER, false, &a, &b.e));
	refuse(&b, say_level(in(&b), LEVEL_P0, "worse", &a, &b.e), "closed");
	assert_int_equal(b.e.code, ERR_CONFLICT);
	incidents_free(b.is);
}

static void test_opening_needs_a_title_and_a_possible_time(void **state)
{
	struct entry_opening r = {.title = " ",
		.level = LEVEL_P2,
		.target = level_targets[LEVEL_P2],
		.detected_ms = INCIDENT_NEVER,
		.started_ms = INCIDENT_NEVER};
	struct entry_by a = when(0);
	struct err e;

	(void)state;
	assert_null(entry_open(&r, &a, &e));
	assert_int_equal(e.code, ERR_USAGE);
	r.title = "x";
	r.detected_ms = T0 + H;
	assert_null(entry_open(&r, &a, &e));
	assert_non_null(strstr(e.text, "future"));
	r.detected_ms = T0 - H;
	r.started_ms = T0 - M;
	assert_null(entry_open(&r, &a, &e));
	assert_non_null(strstr(e.text, "cannot be before"));
}

static void test_a_level_change_needs_a_reason_and_counts_from_the_start(void **state)
{
	struct casebook b = open_book(LEVEL_P2);
	struct entry_by a = when(90 * M);
	struct sla_state s;

	(void)state;
	refuse(&b, say_level(in(&b), LEVEL_P0, "", &a, &b.e), "reason");
	refuse(&b, say_level(in(&b), LEVEL_P2, "x", &a, &b.e), "already");
	put(&b, say_level(in(&b), LEVEL_P0, "second master is gone", &a, &b.e));
	assert_int_equal(in(&b)->level, LEVEL_P0);
	s = incident_clock(in(&b), SLA_RECOVER, T0 + 90 * M);
	assert_true(s.breached);
	assert_int_equal(s.breached_ms, T0 + 90 * M);
	assert_int_equal(s.deadline_ms, T0 + H);
	a = when(2 * H);
	put(&b, say_level(in(&b), LEVEL_P3, "it was not", &a, &b.e));
	s = incident_clock(in(&b), SLA_RECOVER, T0 + 2 * H);
	assert_true(s.breached);
	assert_int_equal(s.deadline_ms, T0 + 72 * H);
	assert_int_equal(in(&b)->levels.len, 3);
	assert_string_equal(rstr_text(in(&b)->levels.at[1].reason), "second master is gone");
	incidents_free(b.is);
}

static void test_reopening_takes_back_the_recovery_not_the_start(void **state)
{
	struct casebook b = open_book(LEVEL_P0);
	struct entry_by a = when(30 * M);

	(void)state;
	moment(&b, INCIDENT_ACKNOWLEDGED, M);
	moment(&b, INCIDENT_RECOVERED, 20 * M);
	moment(&b, INCIDENT_CLOSED, 25 * M);
	put(&b, say_pair("reopened", in(&b), NULL, "down again", &a, &b.e));
	assert_int_equal(incident_state(in(&b)), INCIDENT_IS_ACKNOWLEDGED);
	assert_int_equal(in(&b)->reopened, 1);
	assert_int_equal(incident_clock(in(&b), SLA_RECOVER, T0 + 40 * M).elapsed_ms, 40 * M);
	assert_int_equal(incident_due(in(&b), CHECKLIST_FOLLOW_UP, T0 + 40 * M), INCIDENT_NEVER);
	incidents_free(b.is);
}

static void test_warnings_are_told_once_for_each_level_and_the_breach_once(void **state)
{
	struct casebook b = open_book(LEVEL_P0);
	struct entry_by a;
	int told[16], n = 0;

	(void)state;
	for (int64_t t = 0; t <= 20 * M; t += 10000) {
		int mark = incident_to_tell(in(&b), SLA_RESPOND, T0 + t);

		a = when(t);
		if (mark > 0 && n < 16) {
			told[n++] = mark;
			put(&b, entry_mark(in(&b), SLA_RESPOND, mark, &a));
		}
	}
	assert_int_equal(n, 4);
	assert_memory_equal(told, ((int[]){50, 75, 90, 100}), sizeof(int[4]));
	a = when(21 * M);
	put(&b, say_level(in(&b), LEVEL_P2, "milder", &a, &b.e));
	assert_int_equal(
		incident_to_tell(in(&b), SLA_RESPOND, T0 + 100 * M), 0); /* breached for good */
	/* recover: P0 has an hour, 50 % was due at half past; P2 has a day, its own 50 % counts
	 * anew */
	assert_int_equal(incident_to_tell(in(&b), SLA_RECOVER, T0 + 13 * H), 50);
	incidents_free(b.is);
}

static void test_a_jump_over_several_marks_tells_the_highest(void **state)
{
	struct casebook b = open_book(LEVEL_P1);

	(void)state;
	assert_int_equal(incident_to_tell(in(&b), SLA_RESPOND, T0 + 28 * M), 90);
	assert_int_equal(incident_to_tell(in(&b), SLA_RESPOND, T0 + 31 * M), 100);
	moment(&b, INCIDENT_ACKNOWLEDGED, 28 * M);
	assert_int_equal(incident_to_tell(in(&b), SLA_RESPOND, T0 + 31 * M), 0);
	incidents_free(b.is);
}

static void test_a_breach_nobody_watched_is_told_afterwards(void **state)
{
	struct casebook b = open_book(LEVEL_P0);

	(void)state;
	moment(&b, INCIDENT_ACKNOWLEDGED, 40 * M);
	assert_int_equal(incident_to_tell(in(&b), SLA_RESPOND, T0 + 50 * M), 100);
	incidents_free(b.is);
}

static void test_a_clock_that_was_set_moves_the_deadline_with_it(void **state)
{
	struct casebook b = open_book(LEVEL_P0);
	struct entry_by a =
		when(5 * M + H); /* five minutes later the clock goes one hour forward */
	struct sla_state s;

	(void)state;
	put(&b, entry_clock_set(in(&b), H, 500000, &a));
	s = incident_clock(in(&b), SLA_RESPOND, T0 + H + 6 * M);
	assert_false(s.breached);
	assert_int_equal(s.elapsed_ms, 6 * M);
	assert_int_equal(s.deadline_ms, T0 + H + 15 * M);
	a = when(6 * M + H);
	put(&b, entry_clock_set(in(&b), H, 510000, &a)); /* a second console saw the same */
	assert_int_equal(incident_clock(in(&b), SLA_RESPOND, T0 + H + 6 * M).elapsed_ms, 6 * M);
	a = when(7 * M);
	put(&b, entry_clock_set(in(&b), -H, 560000, &a)); /* and back */
	s = incident_clock(in(&b), SLA_RESPOND, T0 + 8 * M);
	assert_int_equal(s.elapsed_ms, 8 * M);
	assert_int_equal(s.deadline_ms, T0 + 15 * M);
	moment(&b, INCIDENT_ACKNOWLEDGED, 9 * M);
	assert_int_equal(in(&b)->misfits, 1); /* the second console's word */
	incidents_free(b.is);
}

static void test_a_clock_set_back_does_not_make_the_order_impossible(void **state)
{
	struct casebook b = open_book(LEVEL_P0);
	struct entry_by a = when(5 * M - 2 * H);

	(void)state;
	put(&b, entry_clock_set(in(&b), -2 * H, 500000, &a));
	moment(&b, INCIDENT_ACKNOWLEDGED, 6 * M - 2 * H);
	assert_int_equal(incident_clock(in(&b), SLA_RESPOND, T0).elapsed_ms, 6 * M);
	incidents_free(b.is);
}

static void test_another_machines_clock_and_a_persons_word_do_not_move(void **state)
{
	struct casebook b = {.is = incidents_new(), .origin = "ops1-A"};
	struct entry_opening r = {.title = "x",
		.level = LEVEL_P0,
		.target = level_targets[LEVEL_P0],
		.detected_ms = T0 - M,
		.started_ms = INCIDENT_NEVER,
		.given = true};
	struct entry_by a = when(0);
	struct journal_draft *d = entry_open(&r, &a, &b.e);

	(void)state;
	str_copy(b.id, sizeof(b.id), d->incident);
	put(&b, d);
	put(&b, entry_clock_set(in(&b), H, 500000, &a));
	assert_int_equal(incident_clock(in(&b), SLA_RESPOND, T0).elapsed_ms, M);
	incidents_free(b.is);
	b = open_book(LEVEL_P0);
	a = when(M);
	str_copy(a.by.host, sizeof(a.by.host), "ops2");
	put(&b, entry_clock_set(in(&b), H, 500000, &a));
	assert_int_equal(incident_clock(in(&b), SLA_RESPOND, T0 + M).elapsed_ms, M);
	incidents_free(b.is);
}

static void test_people_notes_links_and_actions(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(M);
	struct entry_step r = {.action = "run-1/2",
		.state = "intent",
		.title = "restart kubelet",
		.command = "systemctl restart kubelet"};
	const struct incident *i;
	char note[ULID_SIZE];

	(void)state;
	put(&b, say_pair("role", in(&b), "commander", "bob", &a, &b.e));
	put(&b, say_pair("role", in(&b), "commander", "carol", &a, &b.e));
	put(&b, say_note(in(&b), "token: abcdefghijk is what it printed", false, &a, &b.e));
	refuse(&b, say_note(in(&b), " \n", false, &a, &b.e), "note");
	str_copy(note, sizeof(note), in(&b)->notes.at[0].id);
	put(&b, said("star", in(&b), (struct entry_words){.name = note, .on = true}, &a, &b.e));
	refuse(&b, said("star", in(&b), (struct entry_words){.name = "x", .on = true}, &a, &b.e),
		"no note");
	put(&b, say_pair("link", in(&b), "bundle", "b.tar.gz", &a, &b.e));
	put(&b, entry_action(b.id, &r, &a));
	r = (struct entry_step){.action = "run-1/2", .state = "done", .result = "active"};
	a = when(2 * M);
	put(&b, entry_action(b.id, &r, &a));
	i = in(&b);
	assert_string_equal(incident_role_of(i, "commander"), "carol");
	assert_true(i->notes.at[0].starred);
	assert_null(strstr(rstr_text(i->notes.at[0].text), "abcdefghijk"));
	assert_string_equal(rstr_text(i->links.at[0].name), "b.tar.gz");
	assert_int_equal(i->actions.len, 1);
	assert_string_equal(i->actions.at[0].state, "done");
	assert_int_equal(i->actions.at[0].end_ms, T0 + 2 * M);
	assert_string_equal(rstr_text(i->actions.at[0].command), "systemctl restart kubelet");
	assert_int_equal(i->misfits, 0);
	incidents_free(b.is);
}

static void test_a_piece_of_evidence_stands_in_the_timeline_with_its_source(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(M);
	const struct incident *i;

	(void)state;
	refuse(&b, say_pair("evidence", in(&b), " ", "leader changed", &a, &b.e), "source");
	refuse(&b, say_pair("evidence", in(&b), "m1:etcd", "", &a, &b.e), "the evidence");
	put(&b, say_pair("evidence", in(&b), "m1:etcd", "leader changed, token: abcdefghijk", &a,
			&b.e));
	i = in(&b);
	assert_string_equal(i->events.at[1].kind, "evidence");
	assert_non_null(
		strstr(rstr_text(i->events.at[1].text), "evidence from m1:etcd: leader changed"));
	assert_null(strstr(rstr_text(i->events.at[1].text), "abcdefghijk"));
	assert_int_equal(i->misfits, 0);
	incidents_free(b.is);
}

static void test_what_nobody_makes_is_refused(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(M);

	(void)state;
	refuse(&b, said("breach", in(&b), (struct entry_words){0}, &a, &b.e), "breach");
	refuse(&b, said("no such kind", in(&b), (struct entry_words){0}, &a, &b.e), "no such kind");
	incidents_free(b.is);
}

/* Each question asks for a kind that can be made, but for the one that opens. */
static void test_each_question_has_its_entry(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(M);
	const struct entry_ask *ask;

	(void)state;
	for (size_t k = 0; (ask = entry_ask_at(k)) != NULL; k++) {
		struct journal_draft *d = said(
			ask->kind, in(&b), (struct entry_words){.at_ms = INCIDENT_NEVER}, &a, &b.e);
		bool unknown = strstr(b.e.text, "is no entry") != NULL;

		assert_int_equal(unknown, ask->opens);
		b.e.text[0] = '\0';
		journal_draft_free(d);
	}
	incidents_free(b.is);
}

static void saw(struct casebook *b, enum evidence what, const char *text, int64_t at)
{
	struct journal_draft *out[CHECKLIST_ROWS];
	struct entry_by a = when(at);
	size_t n;

	str_copy(a.by.name, sizeof(a.by.name), "k911");
	n = entry_saw(in(b), what, text, &a, out);
	for (size_t k = 0; k < n; k++)
		put(b, out[k]);
}

static const struct checklist_item *item(struct casebook *b, const char *name)
{
	return checklist_find(&in(b)->lists, name, NULL);
}

static void test_items_tick_by_hand_and_by_what_was_seen(void **state)
{
	struct casebook b = open_book(LEVEL_P0);
	struct entry_by a = when(M);

	(void)state;
	put(&b, say_tick(in(&b), "confirm-impact", true, &a, &b.e));
	refuse(&b, say_tick(in(&b), "confirm-impact", true, &a, &b.e), "already");
	assert_true(item(&b, "confirm-impact")->ticked);
	assert_string_equal(item(&b, "confirm-impact")->by, "alice");
	saw(&b, EVIDENCE_BUNDLE, "bundle-1.tar.gz", 2 * M);
	assert_true(item(&b, "collect-logs")->ticked);
	assert_true(item(&b, "run-diagnostics")->ticked);
	assert_string_equal(rstr_text(item(&b, "collect-logs")->evidence_text), "bundle-1.tar.gz");
	assert_string_equal(item(&b, "collect-logs")->by, "k911");
	put(&b, say_tick(in(&b), "collect-logs", false, &a, &b.e));
	saw(&b, EVIDENCE_BUNDLE, "bundle-2.tar.gz", 3 * M);
	assert_false(item(&b, "collect-logs")->ticked); /* a person said no */
	refuse(&b, say_tick(in(&b), "collect-logs", false, &a, &b.e), "not ticked");
	saw(&b, EVIDENCE_NOTIFIED, "slack", 4 * M);
	saw(&b, EVIDENCE_ALERTS, "3 firing", 4 * M);
	saw(&b, EVIDENCE_RUNBOOK, "kubelet-restart", 4 * M);
	saw(&b, EVIDENCE_RECOVERED, "green for 1m", 4 * M);
	assert_true(item(&b, "notify-teams")->ticked && item(&b, "check-alerts")->ticked);
	assert_true(item(&b, "carry-out-recovery")->ticked && item(&b, "verify-recovery")->ticked);
	saw(&b, EVIDENCE_NONE, "nothing", 4 * M);
	assert_false(item(&b, "write-report")->ticked);
	incidents_free(b.is);
}

static void test_a_team_keeps_its_own_lists_with_the_incident(void **state)
{
	static const char *const own[] = {"Call the bridge", NULL};
	struct casebook b = {.is = incidents_new(), .origin = "ops1-A"};
	const struct entry_opening r = {.title = "x",
		.level = LEVEL_P0,
		.target = {7 * M, 9 * M},
		.detected_ms = INCIDENT_NEVER,
		.started_ms = INCIDENT_NEVER,
		.lists = {own, NULL, NULL}};
	struct entry_by a = when(0);
	struct journal_draft *d = entry_open(&r, &a, &b.e);

	(void)state;
	str_copy(b.id, sizeof(b.id), d->incident);
	put(&b, d);
	assert_string_equal(rstr_text(item(&b, "emergency-1")->text), "Call the bridge");
	assert_int_equal(in(&b)->lists.items.len, 11);
	assert_int_equal(incident_due(in(&b), CHECKLIST_EMERGENCY, T0), T0 + 7 * M);
	incidents_free(b.is);
}

/* Adds what one book holds to another, in the order given. */
static void test_the_order_of_arrival_does_not_matter(void **state)
{
	struct casebook a = open_book(LEVEL_P1), b;
	struct entry_by when_bob = {{"bob", "ops2"}, T0 + 3 * M};
	struct journal_entry *en[6];
	struct incidents *other = incidents_new();
	struct journal_draft *d[5];
	struct entry_by t;
	static const int arrival[] = {4, 0, 2, 1, 3};

	(void)state;
	/* two machines: alice notes and recovers, bob acknowledges; then alice's clock goes back */
	t = when(2 * M);
	d[0] = say_note(in(&a), "one", false, &t, &a.e);
	d[1] = say_moment(in(&a), INCIDENT_ACKNOWLEDGED, INCIDENT_NEVER, false, &when_bob, &a.e);
	t = when(4 * M);
	d[2] = say_moment(in(&a), INCIDENT_RECOVERED, INCIDENT_NEVER, false, &t, &a.e);
	t = when(M);
	d[3] = say_note(in(&a), "after the clock went back", false, &t, &a.e);
	t = when(30 * M);
	d[4] = say_note(in(&a), "last", false, &t, &a.e);
	for (int k = 0; k < 5; k++) {
		en[k] = entry_of_draft(d[k]);
		en[k]->seq = k == 1 ? 1 : k + 2;
		en[k]->row = 10 + k;
		str_copy(en[k]->origin, JOURNAL_ORIGIN, k == 1 ? "ops2-B" : "ops1-A");
		incidents_add(a.is, en[k]);
	}
	b = a;
	b.is = other;
	for (int k = 0; k < 5; k++)
		incidents_add(other, en[arrival[k]]);
	assert_int_equal(in(&b)->levels.len, 0); /* its first entry is still on the way */
	{
		const struct entry_opening r = {.title = "API down",
			.level = LEVEL_P1,
			.target = level_targets[LEVEL_P1],
			.detected_ms = INCIDENT_NEVER,
			.started_ms = INCIDENT_NEVER};
		struct entry_by at = when(0);
		struct journal_draft *first = entry_open(&r, &at, &b.e);

		str_copy(first->id, sizeof(first->id), a.id);
		str_copy(first->incident, sizeof(first->incident), a.id);
		en[5] = entry_of_draft(first);
		en[5]->seq = en[5]->row = 1;
		en[5]->number = 7;
		str_copy(en[5]->origin, JOURNAL_ORIGIN, "ops1-A");
		incidents_add(other, en[5]);
		journal_draft_free(first);
	}
	assert_int_equal(in(&a)->events.len, 6);
	assert_int_equal(in(&b)->events.len, 6);
	for (size_t k = 0; k < 6; k++)
		assert_string_equal(in(&a)->events.at[k].id, in(&b)->events.at[k].id);
	assert_string_equal(rstr_text(in(&b)->events.at[4].text), "after the clock went back");
	assert_int_equal(incident_state(in(&b)), INCIDENT_IS_RECOVERED);
	assert_int_equal(in(&b)->time[INCIDENT_ACKNOWLEDGED].at_ms, T0 + 3 * M);
	for (int k = 0; k < 6; k++)
		free(en[k]);
	for (int k = 0; k < 5; k++)
		journal_draft_free(d[k]);
	incidents_free(a.is);
	incidents_free(other);
}

static void test_an_entry_in_memory_shows_until_it_is_written_and_then_once(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(M);
	struct journal_draft *d = say_note(in(&b), "kept", false, &a, &b.e);
	struct journal_entry *en = entry_of_draft(d);

	(void)state;
	incidents_add(b.is, en);
	assert_int_equal(in(&b)->events.len, 2);
	assert_true(in(&b)->events.at[1].kept);
	en->row = en->seq = 2;
	str_copy(en->origin, sizeof(en->origin), b.origin);
	incidents_add(b.is, en);
	assert_int_equal(in(&b)->events.len, 2);
	assert_int_equal(in(&b)->notes.len, 1);
	assert_false(in(&b)->events.at[1].kept);
	free(en);
	journal_draft_free(d);
	incidents_free(b.is);
}

static char *open_in(struct incidents *is, enum level l, int64_t at, int number)
{
	const struct entry_opening r = {.title = "x",
		.level = l,
		.target = level_targets[l],
		.detected_ms = INCIDENT_NEVER,
		.started_ms = INCIDENT_NEVER};
	struct entry_by a = when(at);
	struct err e;
	struct journal_draft *d = entry_open(&r, &a, &e);
	struct journal_entry *en = entry_of_draft(d);
	char *id = mem_str(d->incident);

	en->row = en->number = number;
	en->seq = 1;
	incidents_add(is, en);
	free(en);
	journal_draft_free(d);
	return id;
}

static void test_several_are_open_and_one_is_current(void **state)
{
	struct incidents *is = incidents_new();
	char *id[3];

	(void)state;
	assert_null(incidents_current(is, &any));
	id[0] = open_in(is, LEVEL_P2, 0, 1);
	id[1] = open_in(is, LEVEL_P1, M, 2);
	id[2] = open_in(is, LEVEL_P2, 2 * M, 3);
	assert_int_equal(incidents_count(is), 3);
	assert_string_equal(incidents_at(is, 2)->alias, "INC-0003");
	assert_string_equal(incidents_current(is, &any)->id, id[1]); /* the worst */
	incidents_choose(is, id[0]);
	assert_string_equal(incidents_current(is, &any)->id, id[0]);
	incidents_choose(is, "");
	{
		struct casebook b = {.is = is, .origin = "x", .seq = 10};

		str_copy(b.id, sizeof(b.id), id[1]);
		moment(&b, INCIDENT_RECOVERED, 3 * M);
	}
	assert_string_equal(
		incidents_current(is, &any)->id, id[2]); /* the latest of the worst that is left */
	for (int k = 0; k < 3; k++)
		free(id[k]);
	incidents_free(is);
}

static void test_a_copy_outlives_its_incident(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct entry_by a = when(M);
	struct incident *copy;

	(void)state;
	put(&b, say_note(in(&b), "a note", true, &a, &b.e));
	copy = incident_copy(in(&b));
	incidents_free(b.is);
	assert_string_equal(rstr_text(copy->title), "API down");
	assert_string_equal(rstr_text(copy->notes.at[0].text), "a note");
	assert_int_equal(copy->lists.items.len, 15);
	incident_unref(copy);
}

static void test_entries_of_a_newer_k911_stay_in_the_timeline(void **state)
{
	struct casebook b = open_book(LEVEL_P1);
	struct author by = {"alice", "ops1"};
	struct journal_draft *d = journal_draft_new(b.id, "hologram", &by, T0 + M);

	(void)state;
	journal_draft_text(d, "text", "seen from the future");
	put(&b, d);
	assert_string_equal(rstr_text(in(&b)->events.at[1].text), "hologram: seen from the future");
	incidents_free(b.is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_life_from_detection_to_closing),
		cmocka_unit_test(test_an_impossible_order_is_refused_with_both_times),
		cmocka_unit_test(test_opening_needs_a_title_and_a_possible_time),
		cmocka_unit_test(test_a_level_change_needs_a_reason_and_counts_from_the_start),
		cmocka_unit_test(test_reopening_takes_back_the_recovery_not_the_start),
		cmocka_unit_test(test_warnings_are_told_once_for_each_level_and_the_breach_once),
		cmocka_unit_test(test_a_jump_over_several_marks_tells_the_highest),
		cmocka_unit_test(test_a_breach_nobody_watched_is_told_afterwards),
		cmocka_unit_test(test_a_clock_that_was_set_moves_the_deadline_with_it),
		cmocka_unit_test(test_a_clock_set_back_does_not_make_the_order_impossible),
		cmocka_unit_test(test_another_machines_clock_and_a_persons_word_do_not_move),
		cmocka_unit_test(test_people_notes_links_and_actions),
		cmocka_unit_test(test_a_piece_of_evidence_stands_in_the_timeline_with_its_source),
		cmocka_unit_test(test_what_nobody_makes_is_refused),
		cmocka_unit_test(test_each_question_has_its_entry),
		cmocka_unit_test(test_items_tick_by_hand_and_by_what_was_seen),
		cmocka_unit_test(test_a_team_keeps_its_own_lists_with_the_incident),
		cmocka_unit_test(test_the_order_of_arrival_does_not_matter),
		cmocka_unit_test(test_an_entry_in_memory_shows_until_it_is_written_and_then_once),
		cmocka_unit_test(test_several_are_open_and_one_is_current),
		cmocka_unit_test(test_a_copy_outlives_its_incident),
		cmocka_unit_test(test_entries_of_a_newer_k911_stay_in_the_timeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
