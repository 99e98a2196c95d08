/* Lists, watches and relists of several kinds that share a table; leases that are seen to be
 * renewed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/mem.h"
#include "model/lease.h"
#include "ops/watch/kube_tables.h"

static struct instant at(int64_t ms)
{
	return (struct instant){ms, ms};
}

static void say(struct kube_tables *r, enum kube_table_id id, enum kube_letter_kind kind, void *row,
	bool deleted, int64_t ms)
{
	bool taken = false;
	struct kube_letter l = {.letter = {.kind = kind},
		.of = r->at[id].kind,
		.watch = 1 + (uint64_t)id,
		.at = at(ms),
		.n = row ? 1 : 0,
		.deleted = &deleted,
		.rows = row,
		.taken = &taken};

	r->at[id].number = l.watch;
	assert_true(kube_tables_hear(r, &l));
}

static void put(struct kube_tables *r, enum kube_table_id id, const char *name, int64_t ms)
{
	struct workload_row w = {.ns = "a",
		.name = name,
		.type = (uint8_t)(id - KUBE_TABLE_DEPLOYMENTS),
		.desired = 2,
		.available = 1};

	say(r, id, KUBE_ROWS, &w, false, ms);
}

static const struct workload_row *find(
	const struct kube_tables *r, enum workload_type k, const char *n)
{
	const struct workload_row key = {.ns = "a", .name = n, .type = (uint8_t)k};

	return table_find(r->workloads, &key);
}

static void test_a_relist_replaces_its_own_kind_alone(void **state)
{
	struct kube_tables r;

	(void)state;
	kube_tables_init(&r);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_BEGIN, NULL, false, 1);
	put(&r, KUBE_TABLE_DEPLOYMENTS, "stays", 2);
	put(&r, KUBE_TABLE_DEPLOYMENTS, "vanishes", 2);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_END, NULL, false, 3);
	say(&r, KUBE_TABLE_DAEMON_SETS, KUBE_LIST_BEGIN, NULL, false, 4);
	put(&r, KUBE_TABLE_DAEMON_SETS, "proxy", 5);
	say(&r, KUBE_TABLE_DAEMON_SETS, KUBE_LIST_END, NULL, false, 6);
	assert_int_equal(table_count(r.workloads), 3);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_BEGIN, NULL, false, 7000);
	put(&r, KUBE_TABLE_DEPLOYMENTS, "stays", 7001);
	assert_non_null(
		find(&r, WORKLOAD_DEPLOYMENT, "vanishes")); /* shown until the list is whole */
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_END, NULL, false, 7002);
	assert_null(find(&r, WORKLOAD_DEPLOYMENT, "vanishes"));
	assert_non_null(find(&r, WORKLOAD_DAEMONSET, "proxy"));
	/* below its desired count since the first list, not since this one */
	assert_int_equal(find(&r, WORKLOAD_DEPLOYMENT, "stays")->below.boot_ms, 2);
	kube_tables_done(&r);
}

/* A watch that was moved leaves letters behind, and its successor may be of another kind, though it
 * lies at the same address. */
static void test_letters_of_a_watch_that_is_gone_are_nobodys(void **state)
{
	struct workload_row web = {.ns = "a", .name = "web", .type = WORKLOAD_DEPLOYMENT};
	bool deleted = false, taken = false;
	struct kube_tables r;
	struct kube_letter l = {.of = &kube_deployments,
		.watch = 1,
		.at = at(5),
		.n = 1,
		.deleted = &deleted,
		.rows = (unsigned char *)&web,
		.taken = &taken};

	(void)state;
	kube_tables_init(&r);
	r.at[KUBE_TABLE_DEPLOYMENTS].number = 2; /* the watch was moved */
	r.at[KUBE_TABLE_SYSTEM_LEASES].number = 3;
	for (int kind = KUBE_LIST_BEGIN; kind <= KUBE_TROUBLE; kind++) {
		l.letter.kind = kind;
		for (l.watch = 0; l.watch < 2; l.watch++)
			assert_false(kube_tables_hear(&r, &l));
		l.watch = 3; /* forged: the rows are not of its kind */
		assert_false(kube_tables_hear(&r, &l));
	}
	assert_false(taken);
	assert_int_equal(table_count(r.workloads), 0);
	assert_int_equal(table_count(r.at[KUBE_TABLE_SYSTEM_LEASES].shown), 0);
	assert_int_equal(r.sources[SOURCE_DEPLOYMENTS].state, SOURCE_NEVER);
	assert_int_equal(r.sources[SOURCE_SYSTEM_LEASES].state, SOURCE_NEVER);
	kube_tables_done(&r);
}

static void test_a_first_list_that_breaks_off_begins_again(void **state)
{
	struct kube_tables r;

	(void)state;
	kube_tables_init(&r);
	say(&r, KUBE_TABLE_DAEMON_SETS, KUBE_LIST_BEGIN, NULL, false, 1);
	put(&r, KUBE_TABLE_DAEMON_SETS, "proxy", 1);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_BEGIN, NULL, false, 1);
	put(&r, KUBE_TABLE_DEPLOYMENTS, "half", 2);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_BEGIN, NULL, false, 3);
	assert_null(find(&r, WORKLOAD_DEPLOYMENT, "half"));
	assert_non_null(find(&r, WORKLOAD_DAEMONSET, "proxy"));
	kube_tables_done(&r);
}

/* Ten kinds of them at once would hold more memory than all that is shown. */
static void test_a_later_list_that_breaks_off_keeps_no_rows_and_leaves_what_is_shown(void **state)
{
	struct kube_tables r;

	(void)state;
	kube_tables_init(&r);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_BEGIN, NULL, false, 1);
	put(&r, KUBE_TABLE_DEPLOYMENTS, "web", 1);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_END, NULL, false, 1);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_LIST_BEGIN, NULL, false, 2);
	put(&r, KUBE_TABLE_DEPLOYMENTS, "half", 2);
	say(&r, KUBE_TABLE_DEPLOYMENTS, KUBE_TROUBLE, NULL, false, 3);
	assert_null(r.at[KUBE_TABLE_DEPLOYMENTS].incoming);
	assert_non_null(find(&r, WORKLOAD_DEPLOYMENT, "web"));
	assert_null(find(&r, WORKLOAD_DEPLOYMENT, "half"));
	kube_tables_done(&r);
}

static void test_lists_go_well_until_they_are_there_or_one_is_in_trouble(void **state)
{
	struct kube_tables r;

	(void)state;
	kube_tables_init(&r);
	assert_true(kube_tables_begin_well(&r));
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_BEGIN, NULL, false, 1);
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_END, NULL, false, 2);
	assert_true(kube_tables_begin_well(&r)); /* the pods are still to come */
	kube_tables_trouble(&r, "no answer");
	assert_false(kube_tables_begin_well(&r));
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_END, NULL, false, 3);
	say(&r, KUBE_TABLE_PODS, KUBE_LIST_BEGIN, NULL, false, 3);
	say(&r, KUBE_TABLE_PODS, KUBE_LIST_END, NULL, false, 4);
	assert_false(kube_tables_begin_well(&r));
	kube_tables_done(&r);
}

static void lease(struct kube_tables *r, int64_t renew_ms, int64_t ms)
{
	struct lease_row l = {.ns = "kube-node-lease", .name = "w1", .renew_ms = renew_ms};

	say(r, KUBE_TABLE_NODE_LEASES, KUBE_ROWS, &l, false, ms);
}

static void test_a_lease_is_renewed_only_when_it_was_seen_to_change(void **state)
{
	const struct lease_row key = {.ns = "kube-node-lease", .name = "w1"}, *l;
	struct kube_tables r;

	(void)state;
	kube_tables_init(&r);
	say(&r, KUBE_TABLE_NODE_LEASES, KUBE_LIST_BEGIN, NULL, false, 1);
	lease(&r, 100, 10);
	say(&r, KUBE_TABLE_NODE_LEASES, KUBE_LIST_END, NULL, false, 11);
	l = table_find(r.at[KUBE_TABLE_NODE_LEASES].shown, &key);
	assert_false(l->renewed);
	lease(&r, 100, 20);
	l = table_find(r.at[KUBE_TABLE_NODE_LEASES].shown, &key);
	assert_false(l->renewed);
	assert_int_equal(l->seen.boot_ms, 10);
	lease(&r, 200, 30);
	l = table_find(r.at[KUBE_TABLE_NODE_LEASES].shown, &key);
	assert_true(l->renewed);
	assert_int_equal(l->seen.boot_ms, 30);
	lease(&r, 200, 40);
	l = table_find(r.at[KUBE_TABLE_NODE_LEASES].shown, &key);
	assert_true(l->renewed);
	kube_tables_done(&r);
}

static void versioned(
	struct kube_tables *r, enum kube_letter_kind kind, uint64_t version, int64_t ms)
{
	struct kube_letter l = {.letter = {.kind = kind},
		.of = r->at[KUBE_TABLE_NODES].kind,
		.watch = 9,
		.at = at(ms),
		.version = version};

	r->at[KUBE_TABLE_NODES].number = 9;
	assert_true(kube_tables_hear(r, &l));
}

static void test_a_server_that_lags_behind_gives_an_old_list_until_it_has_caught_up(void **state)
{
	struct kube_tables r;
	struct kube_table *nodes = &r.at[KUBE_TABLE_NODES];

	(void)state;
	kube_tables_init(&r);
	versioned(&r, KUBE_LIST_END, 100, 1000);
	versioned(&r, KUBE_ALIVE, 120, 2000);
	assert_false(nodes->old);
	versioned(&r, KUBE_LIST_END, 90, 3000);
	assert_true(nodes->old);
	versioned(&r, KUBE_ALIVE, 119, 4000);
	assert_true(nodes->old);
	versioned(&r, KUBE_LIST_END, 0, 4500); /* it does not say */
	assert_true(nodes->old);
	versioned(&r, KUBE_ALIVE, 120, 5000);
	assert_false(nodes->old);
	versioned(&r, KUBE_LIST_END, 50, 6000);
	assert_true(nodes->old);
	versioned(&r, KUBE_ALIVE, 51, 5000 + 600000); /* no laggard: etcd was restored */
	assert_false(nodes->old);
	kube_tables_done(&r);
}

static void put_node(struct kube_tables *r, const char *name)
{
	struct node_row n = {.name = name};

	say(r, KUBE_TABLE_NODES, KUBE_ROWS, &n, false, 3);
}

/* A watch of a hostile server brings new names for ever. */
static void put_events(struct table *events, int from, int n, int64_t last_ms)
{
	for (int i = from; i < from + n; i++) {
		struct event_row e = {.ns = "x",
			.type = "Normal",
			.reason = "r",
			.kind = "Pod",
			.name = "p",
			.source = "s",
			.last_ms = last_ms};

		snprintf(e.uid, sizeof(e.uid), "u%d", i);
		table_put(events, &e);
	}
}

static void test_the_newest_events_are_kept_even_when_all_are_of_one_moment(void **state)
{
	struct table *events = table_new(&event_ops);

	(void)state;
	put_events(events, 0, 2 * EVENT_KEEP, 7);
	kube_tables_prune_events(events);
	assert_int_equal(table_count(events), EVENT_KEEP);
	put_events(events, 100000, EVENT_KEEP, 8);
	kube_tables_prune_events(events);
	assert_int_equal(table_count(events), EVENT_KEEP);
	for (size_t i = 0; i < EVENT_KEEP; i++)
		assert_int_equal(((const struct event_row *)table_at(events, i))->last_ms, 8);
	table_free(events);
}

static void test_a_table_has_a_ceiling_and_says_so(void **state)
{
	struct kube_kind few = kube_nodes;
	struct kube_tables r;
	const struct source *src = &r.sources[SOURCE_NODES];

	(void)state;
	kube_tables_init(&r);
	few.rows_max = 2;
	r.at[KUBE_TABLE_NODES].kind = &few;
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_BEGIN, NULL, false, 1);
	put_node(&r, "a");
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_END, NULL, false, 2);
	put_node(&r, "b");
	assert_int_equal(src->state, SOURCE_LIVE);
	put_node(&r, "c");
	put_node(&r, "a");
	assert_int_equal(table_count(r.at[KUBE_TABLE_NODES].shown), 2);
	assert_int_equal(src->state, SOURCE_STALE);
	assert_non_null(strstr(src->error, "more than 2 "));
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_BEGIN, NULL, false, 4);
	say(&r, KUBE_TABLE_NODES, KUBE_LIST_END, NULL, false, 5);
	assert_int_equal(src->state, SOURCE_LIVE);
	kube_tables_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_relist_replaces_its_own_kind_alone),
		cmocka_unit_test(test_letters_of_a_watch_that_is_gone_are_nobodys),
		cmocka_unit_test(test_a_first_list_that_breaks_off_begins_again),
		cmocka_unit_test(
			test_a_later_list_that_breaks_off_keeps_no_rows_and_leaves_what_is_shown),
		cmocka_unit_test(test_lists_go_well_until_they_are_there_or_one_is_in_trouble),
		cmocka_unit_test(test_a_lease_is_renewed_only_when_it_was_seen_to_change),
		cmocka_unit_test(
			test_a_server_that_lags_behind_gives_an_old_list_until_it_has_caught_up),
		cmocka_unit_test(test_the_newest_events_are_kept_even_when_all_are_of_one_moment),
		cmocka_unit_test(test_a_table_has_a_ceiling_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
