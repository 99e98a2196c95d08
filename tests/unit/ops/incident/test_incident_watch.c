/* From the checks' verdict, second by second, to what is written and proposed; no clock but the
 * test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/incident/entry.h"
#include "ops/incident/incident_watch.h"
#include "ops/incident/incidents.h"

#define S    INT64_C(1000)
#define M    (60 * S)
#define H    (60 * M)
#define WALL INT64_C(1795000000000)
#define BOOT INT64_C(5000000)

/* A console without screen, disk and cluster. */
struct incident_desk {
	struct incident_watch watch;
	struct incidents *is;
	struct instant now;
	int64_t seq;
	char written[4000]; /* "kind payload\n" of what the watch wrote */
};

static const struct incident_cluster any;

static void keep(struct incident_desk *d, struct journal_draft *draft)
{
	struct journal_entry *en = entry_of_draft(draft);

	en->row = en->seq = ++d->seq;
	en->number = en->incident[0] ? 1 : 0;
	str_copy(en->origin, sizeof(en->origin), "ops1-A");
	incidents_add(d->is, en);
	free(en);
	journal_draft_free(draft);
}

static void begin(struct incident_desk *d)
{
	memset(d, 0, sizeof(*d));
	incident_watch_init(&d->watch, &incident_watch_defaults, "ops1");
	d->is = incidents_new();
	d->now = (struct instant){WALL, BOOT};
}

static void note(struct incident_desk *d, struct journal_draft *draft)
{
	size_t used = strlen(d->written);

	snprintf(d->written + used, sizeof(d->written) - used, "%s %s\n", draft->kind,
		journal_draft_payload(draft));
}

static void step_unknown(struct incident_desk *d, bool known, enum level l)
{
	static const char *const reasons[] = {"m2 is down"};
	const struct incident *current = incidents_current(d->is, &any), *open[4];
	const struct watch_input in = {.known = known,
		.level = l,
		.reasons = reasons,
		.n_reasons = l == LEVEL_NONE ? 0 : 1,
		.broken = "m2: tcp",
		.now = d->now};
	struct journal_draft *out[5 * WATCH_DRAFTS];
	size_t n, n_open = 0;

	for (size_t k = 0; k < incidents_count(d->is) && n_open < 4; k++)
		if (incident_state(incidents_at(d->is, k)) != INCIDENT_IS_CLOSED)
			open[n_open++] = incidents_at(d->is, k);
	n = incident_watch_step(&d->watch, &in, current, open, n_open, out);
	for (size_t k = 0; k < n; k++) {
		note(d, out[k]);
		keep(d, out[k]);
	}
}

static void step(struct incident_desk *d, enum level l)
{
	step_unknown(d, true, l);
}

static void go(struct incident_desk *d, int64_t ms)
{
	d->now.wall_ms += ms;
	d->now.boot_ms += ms;
}

/* One step a second, the last one at the end. */
static void stay(struct incident_desk *d, enum level l, int64_t ms)
{
	for (; ms > 0; ms -= S) {
		go(d, S);
		step(d, l);
	}
}

static void open_as(struct incident_desk *d, enum level l, bool with_reasons)
{
	static const char *const reasons[] = {"m2 is down"};
	const struct entry_opening r = {.title = "x",
		.level = l,
		.target = level_targets[l],
		.detected_ms = INCIDENT_NEVER,
		.started_ms = INCIDENT_NEVER,
		.reasons = reasons,
		.n_reasons = with_reasons ? 1 : 0};
	const struct entry_by a = {{"alice", "ops1"}, d->now.wall_ms};
	struct err e;

	keep(d, entry_open(&r, &a, &e));
}

static const struct incident *only(struct incident_desk *d)
{
	return incidents_at(d->is, 0);
}

static int count(const struct incident_desk *d, const char *what)
{
	int n = 0;

	for (const char *at = d->written; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void test_a_level_that_holds_is_proposed_with_its_beginning(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	step(&d, LEVEL_NONE);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING);
	stay(&d, LEVEL_P1, S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING);
	stay(&d, LEVEL_P1, 2 * S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_OPEN);
	assert_int_equal(d.watch.proposal.level, LEVEL_P1);
	assert_int_equal(d.watch.proposal.since_ms, WALL + S);
	stay(&d, LEVEL_NONE, S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING);
	incidents_free(d.is);
}

static void test_a_worse_level_is_proposed_as_a_raise_a_milder_one_is_not(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P1, true);
	stay(&d, LEVEL_P1, 5 * S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING);
	stay(&d, LEVEL_P0, S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING); /* for one second only */
	stay(&d, LEVEL_P0, 4 * S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_RAISE);
	assert_int_equal(d.watch.proposal.level, LEVEL_P0);
	stay(&d, LEVEL_P2, 5 * S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING);
	incidents_free(d.is);
}

static void test_transitions_are_written_once_each(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	stay(&d, LEVEL_NONE, 3 * S);
	assert_string_equal(d.written, "");
	stay(&d, LEVEL_P2, 3 * S);
	stay(&d, LEVEL_P0, 3 * S);
	stay(&d, LEVEL_NONE, 3 * S);
	assert_string_equal(d.written,
		"health {\"to\":\"P2\",\"reasons\":[\"m2 is down\"],\"broken\":\"m2: tcp\"}\n"
		"health {\"from\":\"P2\",\"to\":\"P0\",\"reasons\":[\"m2 is "
		"down\"],\"broken\":\"m2: tcp\"}\n"
		"health {\"from\":\"P0\"}\n");
	incidents_free(d.is);
}

static void test_recovery_is_the_beginning_of_the_green_that_held(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P1, true);
	stay(&d, LEVEL_P1, 5 * M);
	stay(&d, LEVEL_NONE, 59 * S); /* not long enough */
	stay(&d, LEVEL_P1, S);
	stay(&d, LEVEL_NONE, 60 * S);
	assert_int_equal(incident_state(only(&d)), INCIDENT_OPEN);
	stay(&d, LEVEL_NONE, S);
	assert_int_equal(incident_state(only(&d)), INCIDENT_IS_RECOVERED);
	assert_int_equal(only(&d)->time[INCIDENT_RECOVERED].at_ms, WALL + 5 * M + 61 * S);
	assert_true(checklist_find(&only(&d)->lists, "verify-recovery", NULL)->ticked);
	stay(&d, LEVEL_NONE, 5 * M);
	assert_int_equal(count(&d, "recovered "), 1);
	stay(&d, LEVEL_P1, 4 * S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_REOPEN);
	incidents_free(d.is);
}

static void test_not_knowing_is_no_green(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P1, true);
	stay(&d, LEVEL_P1, M);
	stay(&d, LEVEL_NONE, 50 * S);
	go(&d, S);
	step_unknown(&d, false, LEVEL_NONE);
	stay(&d, LEVEL_NONE, 50 * S);
	assert_int_equal(incident_state(only(&d)), INCIDENT_OPEN);
	incidents_free(d.is);
}

static void test_what_cannot_be_seen_any_more_is_not_proposed(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	stay(&d, LEVEL_P1, 10 * S);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_OPEN);
	go(&d, S);
	step_unknown(&d, false, LEVEL_NONE);
	assert_int_equal(d.watch.proposal.kind, PROPOSE_NOTHING);
	stay(&d, LEVEL_P1, S); /* seen again, it goes on from its own beginning */
	assert_int_equal(d.watch.proposal.kind, PROPOSE_OPEN);
	assert_int_equal(d.watch.proposal.since_ms, WALL + S);
	incidents_free(d.is);
}

static void test_green_checks_do_not_end_what_they_never_saw(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P1, false);
	stay(&d, LEVEL_NONE, 10 * M);
	assert_int_equal(incident_state(only(&d)), INCIDENT_OPEN);
	incidents_free(d.is);
}

static void test_warnings_and_breach_are_written_once_also_over_a_restart(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P0, true);
	stay(&d, LEVEL_P0, 8 * M);
	assert_int_equal(
		count(&d, "warning {\"clock\":\"respond\",\"level\":\"P0\",\"percent\":50}"), 1);
	incident_watch_init(&d.watch, &incident_watch_defaults, "ops1"); /* a restart */
	stay(&d, LEVEL_P0, 60 * M);
	assert_int_equal(count(&d, "warning {\"clock\":\"respond\""), 3);
	assert_int_equal(count(&d, "warning {\"clock\":\"recover\""), 3);
	assert_int_equal(count(&d, "breach {\"clock\":\"respond\""), 1);
	assert_int_equal(count(&d, "breach {\"clock\":\"recover\""), 1);
	assert_int_equal(count(&d, "health"), 0); /* it was opened as it is */
	incidents_free(d.is);
}

static void test_suspend_runs_the_clocks_on_and_is_no_step(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P0, true);
	stay(&d, LEVEL_P0, M);
	go(&d, 20 * M); /* asleep: both clocks went on */
	step(&d, LEVEL_P0);
	assert_int_equal(count(&d, "clock-set"), 0);
	assert_int_equal(count(&d, "breach {\"clock\":\"respond\""), 1);
	incidents_free(d.is);
}

static void test_a_clock_set_forward_breaches_nothing(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P0, true);
	stay(&d, LEVEL_P0, M);
	d.now.wall_ms += 3 * H;
	stay(&d, LEVEL_P0, M);
	assert_int_equal(count(&d, "clock-set"), 1);
	assert_int_equal(count(&d, "breach"), 0);
	assert_int_equal(incident_clock(only(&d), SLA_RESPOND, d.now.wall_ms).elapsed_ms, 2 * M);
	incidents_free(d.is);
}

static void test_a_clock_set_back_stops_nothing(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P0, true);
	stay(&d, LEVEL_P0, 10 * M);
	d.now.wall_ms -= 3 * H;
	stay(&d, LEVEL_P0, 6 * M);
	assert_int_equal(count(&d, "clock-set"), 1);
	assert_int_equal(count(&d, "breach {\"clock\":\"respond\""), 1);
	stay(&d, LEVEL_NONE, 2 * M);
	assert_int_equal(incident_state(only(&d)), INCIDENT_IS_RECOVERED);
	assert_int_equal(
		incident_clock(only(&d), SLA_RECOVER, d.now.wall_ms).elapsed_ms, 16 * M + S);
	incidents_free(d.is);
}

static void test_a_clock_that_drifts_a_little_was_not_set(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P0, true);
	for (int k = 0; k < 100; k++) {
		d.now.wall_ms += 20;
		stay(&d, LEVEL_P0, S);
	}
	assert_int_equal(count(&d, "clock-set"), 0);
	incidents_free(d.is);
}

static void test_another_boot_is_no_step(void **state)
{
	struct incident_desk d;

	(void)state;
	begin(&d);
	open_as(&d, LEVEL_P0, true);
	stay(&d, LEVEL_P0, M);
	d.now = (struct instant){d.now.wall_ms + 2 * M, 30 * S};
	step(&d, LEVEL_P0);
	assert_int_equal(count(&d, "clock-set"), 0);
	stay(&d, LEVEL_NONE, 62 * S);
	assert_int_equal(incident_state(only(&d)), INCIDENT_IS_RECOVERED);
	incidents_free(d.is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_level_that_holds_is_proposed_with_its_beginning),
		cmocka_unit_test(test_a_worse_level_is_proposed_as_a_raise_a_milder_one_is_not),
		cmocka_unit_test(test_transitions_are_written_once_each),
		cmocka_unit_test(test_recovery_is_the_beginning_of_the_green_that_held),
		cmocka_unit_test(test_not_knowing_is_no_green),
		cmocka_unit_test(test_what_cannot_be_seen_any_more_is_not_proposed),
		cmocka_unit_test(test_green_checks_do_not_end_what_they_never_saw),
		cmocka_unit_test(test_warnings_and_breach_are_written_once_also_over_a_restart),
		cmocka_unit_test(test_suspend_runs_the_clocks_on_and_is_no_step),
		cmocka_unit_test(test_a_clock_set_forward_breaches_nothing),
		cmocka_unit_test(test_a_clock_set_back_stops_nothing),
		cmocka_unit_test(test_a_clock_that_drifts_a_little_was_not_set),
		cmocka_unit_test(test_another_boot_is_no_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
