/* The last good state comes back as it was saved, and a file that is not ours says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "io/file.h"
#include "ops/engine/snapshot_file.h"

struct fixture {
	char dir[64];
	char *path;
	struct intern *names;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/k911-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = snapshot_file_path(f->dir, &(struct cluster_key){.hex = "0123456789abcdef0123"});
	f->names = intern_new(1 << 20);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char *last = file_beside(f->path, ".");

	unlink(f->path);
	rmdir(last);
	rmdir(f->dir);
	free(last);
	free(f->path);
	intern_unref(f->names);
	free(f);
	return 0;
}

static void add_node(struct fixture *f, struct snapshot *s, const char *name)
{
	const struct node_detail none = {
		.hostname = "", .architecture = "", .pod_cidr = "", .provider_id = ""};
	struct node_row n = {.name = intern_str(f->names, name),
		.roles = "control-plane",
		.version = "v1.35.4",
		.internal_ip = "10.0.1.10",
		.external_ip = "<none>",
		.os_image = "Debian",
		.kernel = "6.1",
		.runtime = "containerd://1.7",
		.ready_reason = "KubeletReady",
		.ready = NODE_READY_TRUE,
		.flags = NODE_CONTROL_PLANE,
		.created_ms = 5,
		.detail = node_detail_new(&none)};

	table_put(s->nodes, &n);
}

static void add_pod(struct fixture *f, struct snapshot *s, const char *name)
{
	const struct pod_container c = {.name = "etcd",
		.image = "etcd:3.6",
		.state = "Running",
		.reason = "",
		.message = "",
		.last_reason = "",
		.exit_code = -1,
		.ready = true};
	const struct pod_detail d = {.n_containers = 1,
		.containers = &c,
		.uid = "",
		.ip = "10.0.1.10",
		.host_ip = "",
		.owner = "Node/m1",
		.component = "etcd",
		.priority_class = "",
		.qos = "",
		.message = "",
		.reason = ""};
	struct system_pod_row r = {.pod = {.ns = intern_str(f->names, "kube-system"),
					   .node = "m1",
					   .status = "Running",
					   .ready = 1,
					   .containers = 1,
					   .phase = POD_RUNNING,
					   .flags = POD_SYSTEM | POD_READY}};

	pod_set_name(&r.pod, name, f->names);
	r.detail = pod_detail_new(&d);
	table_put(s->system_pods, &r);
}

static void save(struct fixture *f, struct err *e)
{
	struct saved_state saved = {.at = {.wall_ms = 1700000000000, .boot_ms = 77},
		.key = "0123456789abcdef0123",
		.uid = "u-1",
		.n_control_plane = 1,
		.control_plane = {{.name = "m1",
			.address = "10.0.1.10",
			.api_port = 6443,
			.api_seen = true}},
		.snapshot = snapshot_new()};
	struct event_row ev = {.uid = "u1",
		.ns = "default",
		.type = "Warning",
		.reason = "BackOff",
		.kind = "Pod",
		.name = "x",
		.source = "kubelet",
		.last_ms = 9,
		.count = 3,
		.message = rstr_new("quote \" \x1b[31m 中", 17)};

	add_node(f, saved.snapshot, "m1");
	add_pod(f, saved.snapshot, "etcd-m1");
	table_put(saved.snapshot->events, &ev);
	saved.snapshot->pod_counts.all = 214;
	saved.snapshot->etcd.n = 1;
	saved.snapshot->etcd.members[0] = (struct etcd_member){.id = 18446744073709551557u,
		.name = "m1",
		.client_url = "https://10.0.1.10:2379",
		.db_bytes = 4096,
		.listed = true};
	assert_int_equal(snapshot_file_save(f->path, &saved, e), 0);
	snapshot_unref(saved.snapshot);
}

static void test_it_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	const struct instant now = {.wall_ms = 1700000060000, .boot_ms = 100000};
	const struct system_pod_row *p;
	struct saved_state got;
	struct err e;

	save(f, &e);
	assert_int_equal(snapshot_file_load(f->path, f->names, now, &got, &e), 0);
	assert_int_equal(instant_age_ms(got.at, now), 60000); /* on this boot's clock */
	assert_string_equal(got.key, "0123456789abcdef0123");
	assert_string_equal(got.uid, "u-1");
	assert_int_equal(got.n_control_plane, 1);
	assert_string_equal(got.control_plane[0].address, "10.0.1.10");
	assert_true(got.control_plane[0].api_seen);
	assert_false(got.control_plane[0].ssh_seen);
	assert_int_equal(table_count(got.snapshot->nodes), 1);
	assert_true(node_is_ready(table_at(got.snapshot->nodes, 0)));
	p = table_at(got.snapshot->system_pods, 0);
	assert_string_equal(pod_name(&p->pod), "etcd-m1");
	assert_string_equal(p->pod.ns, "kube-system");
	assert_string_equal(p->pod.node, "m1");
	assert_int_equal(p->pod.ready, 1);
	assert_int_equal(p->pod.phase, POD_RUNNING);
	assert_int_equal(p->pod.flags, POD_SYSTEM | POD_READY);
	assert_string_equal(p->detail->owner, "Node/m1");
	assert_string_equal(p->detail->containers[0].image, "etcd:3.6");
	assert_string_equal(p->detail->containers[0].message, "");
	assert_true(p->detail->containers[0].ready);
	assert_string_equal(
		rstr_text(((const struct event_row *)table_at(got.snapshot->events, 0))->message),
		"quote \" \x1b[31m 中");
	assert_int_equal(got.snapshot->pod_counts.all, 214);
	assert_string_equal(got.snapshot->etcd.members[0].client_url, "https://10.0.1.10:2379");
	assert_int_equal(got.snapshot->etcd.members[0].db_bytes, 4096);
	assert_int_equal(got.snapshot->etcd.members[0].latency_us, -1); /* of that time, and over */
	assert_true(got.snapshot->etcd.members[0].listed);
	assert_true(got.snapshot->etcd.members[0].id == 18446744073709551557u);
	snapshot_unref(got.snapshot);
}

/* Written by another version, or by hand: what it lacks is as unknown as it ever was. */
static void test_a_file_that_says_little_leaves_the_rest_unknown(void **state)
{
	static const char text[] =
		"{\"schema\":\"k911/state/v2\",\"nodes\":[{\"name\":\"m1\",\"ready\":77}],"
		"\"system_pods\":[{\"ns\":\"a\",\"name\":\"p\"}],\"events\":[{\"uid\":\"u\"}],"
		"\"etcd\":[{\"client_url\":\"https://10.0.1.10:2379\"},{\"name\":\"nowhere\"}]}";
	struct fixture *f = *state;
	char *dir = file_beside(f->path, ".");
	const struct node_row *n;
	struct saved_state got;
	struct err e;

	assert_int_equal(file_make_dirs(dir, 0700, &e), 0);
	assert_int_equal(file_write(f->path, text, strlen(text), 0600, &e), 0);
	assert_int_equal(
		snapshot_file_load(f->path, f->names, (struct instant){1, 1}, &got, &e), 0);
	n = table_at(got.snapshot->nodes, 0);
	assert_int_equal(n->ready, NODE_READY_UNKNOWN);
	assert_true(n->ready_since_ms == INT64_MIN);
	assert_string_equal(n->os_image, "");
	assert_int_equal(
		((const struct system_pod_row *)table_at(got.snapshot->system_pods, 0))->pod.flags,
		POD_SYSTEM);
	assert_int_equal(((const struct event_row *)table_at(got.snapshot->events, 0))->count, 1);
	assert_int_equal(got.snapshot->etcd.n, 1);
	assert_int_equal(got.snapshot->etcd.members[0].revision, -1);
	snapshot_unref(got.snapshot);
	free(dir);
}

/* Each field has a value of its own there, and none its default. */
static void test_every_field_of_an_older_run_comes_back(void **state)
{
	struct fixture *f = *state;
	struct saved_state got;
	const struct snapshot *s;
	const struct node_row *n;
	const struct system_pod_row *p;
	const struct event_row *ev;
	const struct etcd_member *m;
	struct err e;

	if (snapshot_file_load("tests/fuzz/corpus/fuzz_snapshot_file/state", f->names,
		    (struct instant){1767323046000, 5000}, &got, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(got.key, "0123456789abcdef");
	assert_string_equal(got.uid, "5ad0f6b5");
	assert_int_equal(got.at.wall_ms, 1767323045000);
	assert_int_equal(got.at.boot_ms, 4000);
	assert_int_equal(got.healthy_ms, 1767323040000);
	assert_int_equal(got.n_control_plane, 2);
	assert_string_equal(got.control_plane[1].name, "m2");
	assert_string_equal(got.control_plane[1].address, "10.0.1.11");
	assert_int_equal(got.control_plane[0].api_port, 6443);
	assert_true(got.control_plane[0].api_seen && got.control_plane[1].ssh_seen);
	s = got.snapshot;
	assert_string_equal(s->server, "https://10.0.1.100:6443");
	assert_string_equal(s->version, "v1.36.3");
	assert_memory_equal(&s->pod_counts,
		(&(struct pod_counts){.all = 9,
			.running = 5,
			.pending = 1,
			.succeeded = 1,
			.failed = 2,
			.failing = 3,
			.not_ready = 4,
			.system = 7,
			.system_failing = 6}),
		sizeof(s->pod_counts));
	n = table_at(s->nodes, 0);
	assert_string_equal(n->name, "m1");
	assert_string_equal(n->ready_reason, "KubeletReady");
	assert_string_equal(n->runtime, "containerd://2.0");
	assert_int_equal(n->created_ms, 1767323045001);
	assert_int_equal(n->ready_since_ms, 1767323045002);
	assert_int_equal(n->mem_bytes, 8294967296);
	assert_int_equal(n->ready, NODE_READY_TRUE);
	assert_int_equal(n->flags, 3);
	p = table_at(s->system_pods, 1);
	assert_string_equal(pod_name(&p->pod), "etcd-m1");
	assert_string_equal(p->pod.status, "CrashLoopBackOff");
	assert_true(p->pod.restarts == 4000000000);
	assert_int_equal(p->pod.ready, 1);
	assert_int_equal(p->pod.containers, 2);
	assert_int_equal(p->pod.phase, POD_RUNNING);
	assert_int_equal(p->pod.flags, 5);
	assert_string_equal(p->detail->owner, "Node/m1");
	assert_int_equal(p->detail->n_containers, 2);
	assert_int_equal(p->detail->containers[0].restarts, 42);
	assert_true(p->detail->containers[0].ready && p->detail->containers[1].init);
	assert_int_equal(p->detail->containers[0].exit_code, -1);
	ev = table_at(s->events, 0);
	assert_string_equal(ev->uid, "u1");
	assert_int_equal(ev->last_ms, 1767323045005);
	assert_int_equal(ev->count, 7);
	assert_string_equal(rstr_text(ev->message), "Back-off \"restarting\"");
	m = &s->etcd.members[0];
	assert_true(m->id == 10276657743932975437u && m->cluster_id == 14841639068965178418u);
	assert_string_equal(m->peer_url, "https://10.0.1.10:2380");
	assert_int_equal(m->db_used_bytes, 20000192);
	assert_int_equal(m->lag, -1);
	assert_true(m->listed);
	snapshot_unref(got.snapshot);
}

static void test_no_file_is_missing_not_broken(void **state)
{
	struct fixture *f = *state;
	struct saved_state got;
	struct err e;

	assert_int_equal(
		snapshot_file_load(f->path, f->names, (struct instant){1, 1}, &got, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
}

static void test_another_file_is_refused_by_name(void **state)
{
	static const char *const bad[] = {"", "{", "[]", "{\"schema\":\"k911/state/v9\"}",
		"{\"schema\":\"k911/state/v1\",\"nodes\":[]}", "\xff\xfe"};
	struct fixture *f = *state;
	char *dir = file_beside(f->path, ".");
	struct saved_state got;
	struct err e;

	assert_int_equal(file_make_dirs(dir, 0700, &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(file_write(f->path, bad[i], strlen(bad[i]), 0600, &e), 0);
		assert_int_equal(
			snapshot_file_load(f->path, f->names, (struct instant){1, 1}, &got, &e),
			-1);
		assert_non_null(strstr(e.text, f->path));
	}
	free(dir);
}

static void test_wrong_types_inside_lose_only_themselves(void **state)
{
	static const char text[] =
		"{\"schema\":\"k911/state/"
		"v2\",\"nodes\":[3,{\"name\":\"m1\",\"ready\":99}],\"system_pods\":{},"
		"\"etcd\":[null,{\"client_url\":7}],\"pod_counts\":[],\"control_plane\":[1]}";
	struct fixture *f = *state;
	char *dir = file_beside(f->path, ".");
	struct saved_state got;
	struct err e;

	assert_int_equal(file_make_dirs(dir, 0700, &e), 0);
	assert_int_equal(file_write(f->path, text, strlen(text), 0600, &e), 0);
	assert_int_equal(
		snapshot_file_load(f->path, f->names, (struct instant){1, 1}, &got, &e), 0);
	assert_int_equal(got.snapshot->etcd.n, 0);
	assert_true(table_count(got.snapshot->nodes) >= 1);
	snapshot_unref(got.snapshot);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_it_comes_back_as_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_file_that_says_little_leaves_the_rest_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_every_field_of_an_older_run_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_no_file_is_missing_not_broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_another_file_is_refused_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_wrong_types_inside_lose_only_themselves, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
