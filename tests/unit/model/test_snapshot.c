/* Promises of what crosses between the threads: snapshots, feeds, commands and notices own what
 * they carry and give it back with their last reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/command.h"
#include "model/lease.h"
#include "model/snapshot.h"

static void test_a_new_snapshot_is_empty_and_readable(void **state)
{
	struct snapshot *s = snapshot_new();

	(void)state;
	assert_int_equal(table_count(s->nodes), 0);
	assert_int_equal(table_count(s->system_pods), 0);
	assert_int_equal(s->sources[SOURCE_NODES].state, SOURCE_NEVER);
	assert_null(snapshot_lease(s, "kube-node-lease", "m1"));
	assert_null(snapshot_usage(s, "m1"));
	assert_null(snapshot_feed(s, 1));
	assert_int_equal(snapshot_lease_age(s, "m1"), -1);
	snapshot_unref(s);
	snapshot_unref(NULL);
}

static void test_a_snapshot_lives_until_its_last_reference(void **state)
{
	struct snapshot *s = snapshot_new();
	struct rstr *line = rstr_new("hello", 5);
	struct feed *feed = feed_new(7, FEED_OPEN, NULL, 12, &line, 1);

	(void)state;
	rstr_unref(line);
	s->feeds[s->n_feeds++] = feed_ref(feed);
	feed_unref(feed);
	snapshot_ref(s);
	snapshot_unref(s);
	assert_string_equal(rstr_text(snapshot_feed(s, 7)->lines[0]), "hello");
	assert_int_equal(snapshot_feed(s, 7)->first, 12);
	assert_string_equal(snapshot_feed(s, 7)->error, "");
	snapshot_unref(s);
}

static void test_lease_age_is_since_k911_saw_it(void **state)
{
	struct snapshot *s = snapshot_new();
	struct lease_row l = {.ns = "kube-node-lease",
		.name = "m1",
		.renew_ms = 1,
		.seen = {1800000000000, 50000}};

	(void)state;
	table_put(s->leases, &l);
	s->at = (struct instant){1800000009000, 62500};
	assert_int_equal(snapshot_lease_age(s, "m1"), 12500); /* by the clock that never jumps */
	snapshot_unref(s);
}

static void test_a_feed_carries_its_error(void **state)
{
	struct feed *f = feed_new(3, FEED_FAILED, "container not found", 0, NULL, 0);

	(void)state;
	assert_int_equal(f->state, FEED_FAILED);
	assert_string_equal(f->error, "container not found");
	assert_int_equal(f->n, 0);
	feed_unref(f);
	feed_unref(NULL);
}

static void test_letters_know_their_kind_and_how_to_go(void **state)
{
	struct command *c = command_new(COMMAND_FEED_OPEN);
	struct notice *n = notice_new(NOTICE_WARN, "%s is %d", "etcd", 3);

	(void)state;
	assert_int_equal(c->letter.kind, COMMAND_FEED_OPEN);
	assert_string_equal(c->container, "");
	c->letter.drop(&c->letter);
	assert_string_equal(n->text, "etcd is 3");
	assert_int_equal(n->level, NOTICE_WARN);
	n->letter.drop(&n->letter);
}

static void test_a_long_notice_is_cut_between_characters(void **state)
{
	char text[1000];
	struct notice *n;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xe8\x8a\x82", 3);
	text[sizeof(text) - 1] = '\0';
	n = notice_new(NOTICE_INFO, "%s", text);
	assert_int_equal(strlen(n->text) % 3, 0);
	assert_true(strlen(n->text) > 250);
	n->letter.drop(&n->letter);
}

static void test_sources_have_stable_names(void **state)
{
	(void)state;
	assert_string_equal(source_name(SOURCE_NODES), "nodes");
	assert_string_equal(source_name(SOURCE_PROBES), "probes");
	for (int i = 0; i < SOURCE_COUNT; i++)
		assert_true(source_name((enum source_id)i)[0] != '\0');
}

static void test_events_are_known_by_uid(void **state)
{
	struct table *t = table_new(&event_ops);
	struct event_row e = {.uid = "u-1", .type = "Warning", .count = 1};
	struct event_row again = {.uid = "u-1", .type = "Normal", .count = 5};

	(void)state;
	assert_true(event_is_warning(&e));
	assert_false(event_is_warning(&again));
	e.message = rstr_new("old", 3);
	again.message = rstr_new("new", 3);
	assert_true(table_put(t, &e));
	assert_false(table_put(t, &again));
	assert_int_equal(table_count(t), 1);
	assert_string_equal(rstr_text(((const struct event_row *)table_at(t, 0))->message), "new");
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_snapshot_is_empty_and_readable),
		cmocka_unit_test(test_a_snapshot_lives_until_its_last_reference),
		cmocka_unit_test(test_lease_age_is_since_k911_saw_it),
		cmocka_unit_test(test_a_feed_carries_its_error),
		cmocka_unit_test(test_letters_know_their_kind_and_how_to_go),
		cmocka_unit_test(test_a_long_notice_is_cut_between_characters),
		cmocka_unit_test(test_sources_have_stable_names),
		cmocka_unit_test(test_events_are_known_by_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
