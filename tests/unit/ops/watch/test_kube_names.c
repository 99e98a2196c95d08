/* Names are given back: pods come and go for months in a pool of a fixed size, and whoever still
 * holds an old one reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cluster/kube_batch.h"
#include "model/lease.h"
#include "ops/watch/kube_names.h"

#define CEILING ((size_t)16 << 20)
#define LIVE    1000
#define PODS    1500000

struct world {
	struct kube_tables tables;
	struct kube_names names;
	struct mailbox *in;
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static int set_up(void **state)
{
	struct world *w = mem_new(struct world);

	kube_tables_init(&w->tables);
	kube_names_begin(&w->names, &w->tables, CEILING);
	w->in = mailbox_new(16);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	kube_tables_done(&w->tables);
	mailbox_free(w->in);
	free(w);
	return 0;
}

static void name_of(int i, char name[96])
{
	snprintf(name, 96,
		"deployment-with-a-name-too-long-for-the-row-itself-%09d-abcdefghijklmnop", i);
}

static struct pod_row pod(struct world *w, int i)
{
	struct pod_row p = {.ns = intern_str(w->tables.names, "default"),
		.node = intern_str(w->tables.names, "w1"),
		.status = intern_str(w->tables.names, "Running")};
	char name[96];

	name_of(i, name);
	pod_set_name(&p, name, w->tables.names);
	return p;
}

static void assert_live(const struct table *pods, int first, int n)
{
	assert_int_equal(table_count(pods), n);
	for (int i = 0; i < n; i++) {
		const struct pod_row *p = table_at(pods, (size_t)i);
		char name[96];

		name_of(first + i, name);
		assert_string_equal(pod_name(p), name);
		assert_string_equal(p->ns, "default");
		assert_string_equal(p->status, "Running");
	}
}

static void test_a_million_pods_come_and_go_and_the_pool_stays_small(void **state)
{
	struct world *w = *state;
	size_t most = 0;

	for (int i = 0; i < PODS; i++) {
		struct pod_row p = pod(w, i), old = {.ns = "default"};
		char name[96];

		table_put(w->tables.small_pods, &p);
		if (i >= LIVE) {
			name_of(i - LIVE, name);
			pod_set_name(&old, name, NULL);
			assert_true(table_remove(w->tables.small_pods, &old));
		}
		if (i % 100 == 0)
			kube_names_turn(&w->names, &w->tables, at(i));
		if (intern_bytes(w->tables.names) > most)
			most = intern_bytes(w->tables.names);
	}
	assert_false(intern_is_full(w->tables.names));
	assert_true(most < CEILING);
	assert_live(w->tables.small_pods, PODS - LIVE, LIVE);
}

static void fill(struct world *w, int from, int n)
{
	for (int i = from; i < from + n; i++) {
		struct pod_row p = pod(w, i);

		table_put(w->tables.small_pods, &p);
	}
}

/* Names without rows, until the pool is changed for a fresh one. */
static void turn(struct world *w)
{
	const struct intern *was = w->tables.names;
	char name[96];

	for (int i = 0; w->tables.names == was; i++) {
		name_of(500000000 + i, name);
		intern_str(w->tables.names, name);
		if (i % 1000 == 0)
			kube_names_turn(&w->names, &w->tables, at(i));
	}
}

static void test_a_snapshot_reads_the_names_it_was_made_with(void **state)
{
	struct world *w = *state;
	struct snapshot *old = snapshot_new();

	fill(w, 0, LIVE);
	kube_tables_fill(&w->tables, old);
	table_clear(w->tables.small_pods);
	fill(w, 10000, LIVE);
	for (int i = 0; i < 3; i++)
		turn(w);
	assert_live(old->pods, 0, LIVE);
	assert_live(w->tables.small_pods, 10000, LIVE);
	snapshot_unref(old);
	assert_live(w->tables.small_pods, 10000, LIVE);
}

static void test_rows_on_their_way_over_a_turn_arrive_with_their_names(void **state)
{
	static const char json[] =
		"{\"metadata\":{\"namespace\":\"kube-system\",\"name\":\"a-pod-with-a-name-that-is-"
		"longer-than-a-row-has-room-for-in-itself\"},\"spec\":{\"nodeName\":\"w1\"},"
		"\"status\":{\"phase\":\"Running\"}}";
	struct world *w = *state;
	struct kube_table *rec = &w->tables.at[KUBE_TABLE_PODS];
	struct kube_batch b;
	const struct system_pod_row *row;
	struct letter *l;

	rec->number = 7;
	kube_batch_init(&b, &kube_pods, 7, w->tables.names, &(struct hearer){.box = w->in});
	assert_int_equal(
		kube_batch_add(&b, (struct json_span){.at = json, .n = sizeof(json) - 1}, false),
		0);
	turn(w);
	kube_batch_rename(&b, w->tables.names); /* the begun letter stays with the old one */
	assert_int_equal(kube_batch_flush(&b), 0);
	turn(w);
	l = mailbox_take(w->in);
	assert_true(kube_tables_hear(&w->tables, (struct kube_letter *)(void *)l));
	l->drop(l);
	kube_batch_done(&b);
	row = table_at(rec->shown, 0);
	assert_string_equal(row->pod.ns, "kube-system");
	assert_ptr_equal(row->pod.ns, intern_str(w->tables.names, "kube-system"));
	assert_non_null(strstr(pod_name(&row->pod), "longer-than-a-row"));
	assert_ptr_equal(((const struct pod_row *)table_at(w->tables.small_pods, 0))->node,
		intern_str(w->tables.names, "w1"));
}

static void put_lease(struct table *t, struct world *w)
{
	struct lease_row r = {.ns = intern_str(w->tables.names, "kube-node-lease"),
		.name = intern_str(w->tables.names, "w1"),
		.holder = intern_str(w->tables.names, "w1"),
		.host = ""};

	table_put(t, &r);
}

static void test_every_kind_of_row_moves_to_the_fresh_pool(void **state)
{
	struct world *w = *state;
	struct kube_tables *r = &w->tables;
	struct workload_row wl = {.ns = "a",
		.name = "b",
		.component = "c",
		.images = "d",
		.revision = "e",
		.editor = "f"};
	struct service_row s = {.ns = "a", .name = "b", .type = "ClusterIP"};
	struct slice_row sl = {.ns = "a", .service = "b", .name = "c"};
	struct config_map_row m = {.ns = "a", .name = "b", .editor = "c"};
	struct event_row e = {.uid = "u",
		.ns = "a",
		.type = "b",
		.reason = "c",
		.kind = "d",
		.name = "e",
		.source = "f"};
	struct node_row n = {.name = "a",
		.roles = "b",
		.version = "c",
		.internal_ip = "d",
		.external_ip = "e",
		.os_image = "f",
		.kernel = "g",
		.runtime = "h",
		.ready_reason = "i"};
	struct usage_row u = {.node = "w1"};

	put_lease(r->at[KUBE_TABLE_NODE_LEASES].shown, w);
	table_put(r->workloads, &wl);
	table_put(r->at[KUBE_TABLE_SERVICES].shown, &s);
	table_put(r->at[KUBE_TABLE_SLICES].shown, &sl);
	table_put(r->at[KUBE_TABLE_CONFIG_MAPS].shown, &m);
	table_put(r->at[KUBE_TABLE_EVENTS].shown, &e);
	table_put(r->at[KUBE_TABLE_NODES].shown, &n);
	table_put(r->usage, &u);
	turn(w);
#define MOVED(table, type, field, text)                                                            \
	assert_ptr_equal(((const struct type *)table_at(table, 0))->field,                         \
		intern_str(w->tables.names, text))
	MOVED(r->at[KUBE_TABLE_NODE_LEASES].shown, lease_row, ns, "kube-node-lease");
	MOVED(r->at[KUBE_TABLE_NODE_LEASES].shown, lease_row, holder, "w1");
	MOVED(r->workloads, workload_row, images, "d");
	MOVED(r->workloads, workload_row, editor, "f");
	MOVED(r->at[KUBE_TABLE_SERVICES].shown, service_row, type, "ClusterIP");
	MOVED(r->at[KUBE_TABLE_SLICES].shown, slice_row, service, "b");
	MOVED(r->at[KUBE_TABLE_CONFIG_MAPS].shown, config_map_row, editor, "c");
	MOVED(r->at[KUBE_TABLE_EVENTS].shown, event_row, source, "f");
	MOVED(r->at[KUBE_TABLE_NODES].shown, node_row, ready_reason, "i");
	MOVED(r->usage, usage_row, node, "w1");
}

static void test_a_pool_that_is_full_of_the_living_is_not_turned_over_and_over(void **state)
{
	struct world *w = *state;
	const struct intern *was;
	char name[96];
	int i = 0;

	fill(w, 0, 150000); /* 11 MB live */
	kube_names_turn(&w->names, &w->tables, at(0));
	while (!intern_is_full(w->tables.names)) {
		name_of(500000000 + i++, name);
		intern_str(w->tables.names, name);
	}
	was = w->tables.names;
	kube_names_turn(&w->names, &w->tables, at(59000));
	assert_ptr_equal(w->tables.names, was);
	kube_names_turn(&w->names, &w->tables, at(60000));
	assert_ptr_not_equal(w->tables.names, was);
	assert_false(intern_is_full(w->tables.names));
	assert_live(w->tables.small_pods, 0, 150000);
}

static void hear(struct world *w, struct kube_batch *b, enum kube_letter_kind kind)
{
	struct letter *l;

	assert_int_equal(kube_batch_say(b, kind, NULL), 0);
	while ((l = mailbox_take(w->in)) != NULL) {
		assert_true(kube_tables_hear(&w->tables, (struct kube_letter *)(void *)l));
		l->drop(l);
	}
}

static void list_one_pod(struct world *w, struct kube_batch *b)
{
	static const char json[] = "{\"metadata\":{\"namespace\":\"a-new-one\",\"name\":\"p\"}}";

	hear(w, b, KUBE_LIST_BEGIN);
	assert_int_equal(
		kube_batch_add(b, (struct json_span){.at = json, .n = sizeof(json) - 1}, false), 0);
	hear(w, b, KUBE_LIST_END);
}

static void test_a_source_whose_names_were_refused_says_so_until_it_is_listed_anew(void **state)
{
	struct world *w = *state;
	struct source *pods = &w->tables.sources[SOURCE_PODS];
	struct kube_batch b;
	char name[96];

	w->tables.at[KUBE_TABLE_PODS].number = 7;
	kube_batch_init(&b, &kube_pods, 7, w->tables.names, &(struct hearer){.box = w->in});
	for (int i = 0; !intern_is_full(w->tables.names); i++) {
		name_of(i, name);
		intern_str(w->tables.names, name);
	}
	list_one_pod(w, &b);
	assert_int_equal(pods->state, SOURCE_STALE);
	assert_string_equal(
		pods->error, "names take more than 16 MB: some pods are not told apart");
	hear(w, &b, KUBE_ALIVE);
	assert_int_equal(pods->state, SOURCE_STALE);
	kube_names_turn(&w->names, &w->tables, at(0));
	kube_batch_rename(&b, w->tables.names);
	list_one_pod(w, &b);
	assert_int_equal(pods->state, SOURCE_LIVE);
	kube_batch_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_a_million_pods_come_and_go_and_the_pool_stays_small),
		TEST(test_a_snapshot_reads_the_names_it_was_made_with),
		TEST(test_rows_on_their_way_over_a_turn_arrive_with_their_names),
		TEST(test_every_kind_of_row_moves_to_the_fresh_pool),
		TEST(test_a_source_whose_names_were_refused_says_so_until_it_is_listed_anew),
		TEST(test_a_pool_that_is_full_of_the_living_is_not_turned_over_and_over),
	};

	return cmocka_run_group_tests_name("kube_names", tests, NULL, NULL);
}
