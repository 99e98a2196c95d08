/* Firing alerts from an Alertmanager: what is shown of them, what counts, and what is said when it
 * does not answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/hostile.h"
#include "help/outgoing.h"
#include "help/receiver.h"
#include "ops/watch/alert_watch.h"

#define WAIT_MS 20000

#define ALERT(print, name, severity, more)                                                         \
	"{\"fingerprint\":\"" print "\",\"status\":{\"state\":\"active\"},"                        \
	"\"startsAt\":\"2026-11-23T12:00:00.000Z\",\"labels\":{\"alertname\":\"" name              \
	"\",\"severity\":\"" severity "\"" more "},\"annotations\":{\"summary\":\"s\"}}"

static struct table *decode(const char *json)
{
	struct table *rows = table_new(&alert_ops);
	struct err e = {0};

	if (alert_watch_decode(json, strlen(json), rows, &e) != 0)
		fail_msg("%s", e.text);
	return rows;
}

static void test_an_alert_becomes_a_row(void **state)
{
	struct table *rows = decode("[" ALERT(
		"f1", "KubeNodeNotReady", "warning", ",\"node\":\"w1\",\"zone\":\"b\"") "]");
	const struct alert_row *f;

	(void)state;
	assert_int_equal(table_count(rows), 1);
	f = table_at(rows, 0);
	assert_string_equal(f->fingerprint, "f1");
	assert_string_equal(rstr_text(f->name), "KubeNodeNotReady");
	assert_string_equal(rstr_text(f->severity), "warning");
	assert_string_equal(rstr_text(f->labels), "node=w1, zone=b");
	assert_string_equal(rstr_text(f->summary), "s");
	assert_true(f->since_ms == NOON_MS);
	table_free(rows);
}

static void test_hostile_and_broken_alerts_stay_rows_of_strings(void **state)
{
	struct table *rows = decode(
		"[{\"labels\":{\"alertname\":\"\\u001b]0;x\\u0007\",\"n\":7}},7,null,{},"
		"{\"labels\":[]},{\"labels\":{\"alertname\":\"a\"},\"startsAt\":\"never\"},"
		"{\"labels\":{\"alertname\":\"silent\"},\"status\":{\"state\":\"suppressed\"}}]");
	struct table_walk w = table_walk(rows);
	const struct alert_row *f;
	bool hostile = false;

	(void)state;
	assert_int_equal(table_count(rows), 2);
	while ((f = table_next(&w)) != NULL) {
		assert_int_equal(strlen(f->fingerprint), 32); /* none was given */
		assert_true(f->since_ms == INT64_MIN);
		hostile = hostile || str_eq(rstr_text(f->name), "\033]0;x\007");
	}
	assert_true(hostile);
	table_free(rows);
}

static void test_what_is_no_list_is_an_error(void **state)
{
	static const char *const bad[] = {"", "{\"status\":\"success\"}", "[{", "<html>"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct table *rows = table_new(&alert_ops);
		struct err e;

		assert_int_equal(alert_watch_decode(bad[i], strlen(bad[i]), rows, &e), -1);
		table_free(rows);
	}
}

static void test_a_storm_is_kept_within_bounds(void **state)
{
	struct table *rows = table_new(&alert_ops);
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, 8u << 20);
	buf_putc(&b, '[');
	for (int i = 0; i < 3 * ALERT_KEEP; i++)
		buf_fmt(&b, "%s{\"fingerprint\":\"%d\",\"labels\":{\"alertname\":\"A\"}}",
			i ? "," : "", i);
	buf_putc(&b, ']');
	assert_int_equal(alert_watch_decode(b.at, b.len, rows, &e), 0);
	assert_int_equal(table_count(rows), ALERT_KEEP);
	buf_done(&b);
	table_free(rows);
}

static void test_only_trouble_counts_and_the_worst_is_named_first(void **state)
{
	struct table *rows = decode("[" ALERT("1", "Watchdog", "none", "") "," ALERT(
		"2", "InfoInhibitor", "info", "") "," ALERT("3", ALERT_OWN, "critical",
		"") "," ALERT("4", "Slow", "warning", "") "," ALERT("5", "Slow", "warning",
		",\"a\":\"b\"") "," ALERT("6", "Down", "critical", "") "]");
	struct names n;

	(void)state;
	alert_names(rows, &n);
	assert_int_equal(n.n, 2);
	assert_string_equal(n.text, "Down, Slow");
	table_free(rows);
}

/* ---- asking ---- */

struct asker {
	struct pool *pool;
	struct mailbox *box;
	struct alert_watch in;
	struct snapshot *shown;
};

static void asker_open(struct asker *d, const char *url)
{
	const struct alert_watch_options o = {.url = url};

	d->pool = pool_start(2, 8);
	d->box = mailbox_new(8);
	d->shown = snapshot_new();
	alert_watch_init(&d->in, d->pool, d->box, &o);
}

static void asker_close(struct asker *d)
{
	pool_stop(d->pool);
	mailbox_free(d->box);
	alert_watch_done(&d->in);
	snapshot_unref(d->shown);
}

static struct instant moment(int64_t ms)
{
	return (struct instant){NOON_MS + ms, 1000 + ms};
}

static void show(struct asker *d, int64_t at_ms)
{
	snapshot_unref(d->shown);
	d->shown = snapshot_new();
	alert_watch_fill(&d->in, d->shown, moment(at_ms));
}

/* Asks at that moment, and waits for the answer. */
static void ask(struct asker *d, int64_t at_ms)
{
	struct pollfd p = {.fd = mailbox_fd(d->box), .events = POLLIN};
	struct letter *l;

	alert_watch_tick(&d->in, moment(at_ms));
	while ((l = mailbox_take(d->box)) == NULL)
		assert_int_equal(poll(&p, 1, WAIT_MS), 1);
	letter_hear(l, moment(at_ms));
	l->drop(l);
	show(d, at_ms);
}

static void test_it_is_asked_for_what_fires_every_15_seconds(void **state)
{
	static const struct receiver_answer answers[] = {
		{200, NULL, "[" ALERT("1", "Down", "critical", "") "]"}, {200, NULL, "[]"}};
	struct receiver *r = receiver_start(answers, 2);
	char *url = str_fmt("http://127.0.0.1:%d/", receiver_port(r));
	struct asker d;

	(void)state;
	asker_open(&d, url);
	show(&d, 0);
	assert_int_equal(d.shown->sources[SOURCE_ALERTS].state, SOURCE_LOADING);
	ask(&d, 0);
	assert_true(str_starts(receiver_head(r, 0),
		"GET /api/v2/alerts?active=true&silenced=false&inhibited=false HTTP/1.1\r\n"));
	assert_int_equal(d.shown->sources[SOURCE_ALERTS].state, SOURCE_LIVE);
	assert_int_equal(table_count(d.shown->firing), 1);
	assert_string_equal(d.shown->alerts.text, "Down");
	alert_watch_tick(&d.in, moment(14999));
	assert_int_equal(receiver_count(r), 1);
	ask(&d, 15000);
	assert_int_equal(table_count(d.shown->firing), 0);
	assert_int_equal(d.shown->alerts.n, 0);
	asker_close(&d);
	free(url);
	receiver_stop(r);
}

static void test_while_it_is_silent_what_was_known_stays_but_counts_no_longer(void **state)
{
	static const struct receiver_answer answers[] = {
		{200, NULL, "[" ALERT("1", "Down", "critical", "") "]"}, {503, NULL, "starting"}};
	struct receiver *r = receiver_start(answers, 2);
	char *url = str_fmt("http://127.0.0.1:%d", receiver_port(r));
	struct asker d;

	(void)state;
	asker_open(&d, url);
	ask(&d, 0);
	ask(&d, 15000);
	assert_int_equal(d.shown->sources[SOURCE_ALERTS].state, SOURCE_STALE);
	assert_non_null(strstr(d.shown->sources[SOURCE_ALERTS].error, "answered 503: starting"));
	assert_int_equal(table_count(d.shown->firing), 1);
	assert_int_equal(d.shown->alerts.n, 1);
	show(&d, ALERT_OLD_MS);
	assert_int_equal(table_count(d.shown->firing), 1);
	assert_int_equal(d.shown->alerts.n, 0);
	asker_close(&d);
	free(url);
	receiver_stop(r);
}

static void test_retry_after_is_obeyed_even_when_a_person_asks_again(void **state)
{
	static const struct receiver_answer answers[] = {
		{503, "Retry-After: 45\r\n", "starting"}, {200, NULL, "[]"}};
	struct receiver *r = receiver_start(answers, 2);
	char *url = str_fmt("http://127.0.0.1:%d", receiver_port(r));
	struct asker d;

	(void)state;
	asker_open(&d, url);
	ask(&d, 0);
	alert_watch_ask(&d.in);
	alert_watch_tick(&d.in, moment(44999));
	assert_false(d.in.question.in_flight);
	ask(&d, 45000);
	assert_int_equal(d.shown->sources[SOURCE_ALERTS].state, SOURCE_LIVE);
	assert_int_equal(receiver_count(r), 2);
	asker_close(&d);
	free(url);
	receiver_stop(r);
}

static void test_one_that_is_not_there_is_named(void **state)
{
	char *url = str_fmt("http://127.0.0.1:%d", hostile_closed_port());
	struct asker d;

	(void)state;
	asker_open(&d, url);
	ask(&d, 0);
	assert_int_equal(d.shown->sources[SOURCE_ALERTS].state, SOURCE_NEVER);
	assert_non_null(strstr(d.shown->sources[SOURCE_ALERTS].error, "refused"));
	assert_string_equal(d.shown->sources[SOURCE_ALERTS].via, url + strlen("http://"));
	asker_close(&d);
	free(url);
}

static void test_without_one_nothing_is_asked(void **state)
{
	struct asker d;

	(void)state;
	asker_open(&d, "");
	alert_watch_tick(&d.in, moment(0));
	assert_false(d.in.question.in_flight);
	show(&d, 0);
	assert_int_equal(d.shown->sources[SOURCE_ALERTS].state, SOURCE_ABSENT);
	asker_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_alert_becomes_a_row),
		cmocka_unit_test(test_hostile_and_broken_alerts_stay_rows_of_strings),
		cmocka_unit_test(test_what_is_no_list_is_an_error),
		cmocka_unit_test(test_a_storm_is_kept_within_bounds),
		cmocka_unit_test(test_only_trouble_counts_and_the_worst_is_named_first),
		cmocka_unit_test(test_it_is_asked_for_what_fires_every_15_seconds),
		cmocka_unit_test(test_while_it_is_silent_what_was_known_stays_but_counts_no_longer),
		cmocka_unit_test(test_retry_after_is_obeyed_even_when_a_person_asks_again),
		cmocka_unit_test(test_one_that_is_not_there_is_named),
		cmocka_unit_test(test_without_one_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
