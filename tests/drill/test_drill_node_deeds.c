/* Deeds on the practice cluster's nodes, by the scripts and the client of life: what they change
 * there, the cluster shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "cluster/node_deed.h"
#include "cluster/node_lock.h"
#include "help/drilled.h"

enum { FAST = 25, SOON_MS = 20000 };

static struct drilled d;
static struct node_answer said;
static struct err e;

#define WORDS(...)                                                                                 \
	(&(struct node_words){(const struct node_word[]){__VA_ARGS__},                             \
		sizeof((const struct node_word[]){__VA_ARGS__}) / sizeof(struct node_word), NULL,  \
		0, NULL})

static int begin(void **state)
{
	(void)state;
	drilled_start(&d, "healthy", FAST);
	node_answer_init(&said);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	node_answer_done(&said);
	drilled_stop(&d);
	return 0;
}

static void set(const char *what, const char *to)
{
	if (drill_set(d.drill, what, to, &e) != 0)
		fail_msg("%s", e.text);
}

static struct node_call to(const char *host)
{
	return (struct node_call){d.shell, host, 0, -1, false};
}

static void expect(
	enum node_exit wanted, const char *host, const char *deed, const struct node_words *w)
{
	const struct node_call c = to(host);

	err_clear(&e);
	node_deed_do(&c, node_deed_find(deed), w, &said, &e);
	if (said.exit != wanted)
		fail_msg("%s on %s: %d, not %d: %s\n%s", deed, host, (int)said.exit, (int)wanted,
			e.text, buf_text(&said.text));
}

static bool done(const char *host, const char *deed, const struct node_words *w)
{
	const struct node_call c = to(host);
	bool yes;

	if (node_deed_done(&c, node_deed_find(deed), w, &yes, &said, &e) != 0)
		fail_msg("%s on %s: %s", deed, host, e.text);
	return yes;
}

static const char *value(const char *key)
{
	static char text[300];

	node_answer_get(&said, key, text, sizeof(text));
	return text;
}

static bool api_is(struct drilled *of, const void *up)
{
	struct buf answer;
	long status;

	buf_init(&answer, 1 << 16);
	status = drilled_ask(of, 1, "GET", "/livez", NULL, NULL, 800, &answer, &e);
	buf_done(&answer);
	return (status == 200) == (up != NULL);
}

static void test_a_manifest_aside_stops_its_server_and_back_starts_it(void **state)
{
	const struct node_words *api = WORDS({"NAME", "kube-apiserver"});

	(void)state;
	expect(NODE_DONE, "m2", "manifest-aside", api);
	assert_true(done("m2", "manifest-aside", api));
	assert_true(drilled_wait(&d, api_is, NULL, SOON_MS));
	expect(NODE_DONE, "m2", "manifest-back", api);
	assert_true(drilled_wait(&d, api_is, "up", SOON_MS));
}

static void test_a_cycle_ends_with_another_container(void **state)
{
	const struct node_words *api = WORDS({"NAME", "kube-apiserver"}, {"RUN", "r1"});

	(void)state;
	expect(NODE_DONE, "m2", "manifest-cycle", api);
	assert_true(done("m2", "manifest-cycle", api));
	assert_true(drilled_wait(&d, api_is, "up", SOON_MS));
}

static void test_units_are_restarted_and_a_hung_runtime_is_cut_off(void **state)
{
	const struct node_words *kubelet = WORDS({"UNIT", "kubelet"}, {"RUN", "r2"}),
				*runtime = WORDS({"UNIT", "runtime"}, {"RUN", "r3"});

	(void)state;
	set("kubelet/w2", "fail");
	assert_false(done("w2", "unit-restart", kubelet));
	expect(NODE_DONE, "w2", "unit-restart", kubelet);
	assert_true(done("w2", "unit-restart", kubelet));
	assert_true(drilled_wait(&d, drilled_node_ready, "w2", SOON_MS));
	set("containerd/w3", "hang");
	assert_true(drilled_wait(&d, drilled_node_not_ready, "w3", SOON_MS));
	expect(NODE_HUNG, "w3", "probe-images", WORDS({"NAME", "etcd"}));
	expect(NODE_DONE, "w3", "unit-restart", runtime);
	assert_true(node_answer_number(&said, "killed", 0) > 4194304);
	assert_true(done("w3", "unit-restart", runtime));
	assert_true(drilled_wait(&d, drilled_node_ready, "w3", SOON_MS));
}

static void test_a_fence_outlives_a_reload(void **state)
{
	const struct node_words *m3 =
		WORDS({"SERVER", "m3"}, {"SOCKET_AT", "/run/haproxy/admin.sock"});

	(void)state;
	expect(NODE_DONE, "lb", "haproxy-check", WORDS({"RUN", ""}));
	expect(NODE_DONE, "lb", "haproxy-maint", m3);
	assert_true(done("lb", "haproxy-maint", m3));
	expect(NODE_DONE, "lb", "haproxy-reload", WORDS({"RUN", "r4"}));
	assert_false(done("lb", "haproxy-maint", m3)); /* what the socket knew is forgotten */
	expect(NODE_DONE, "lb", "haproxy-fence", m3);
	expect(NODE_DONE, "lb", "haproxy-reload", WORDS({"RUN", "r5"}));
	assert_true(done("lb", "haproxy-fence", m3));
	expect(NODE_DONE, "lb", "haproxy-unfence", m3);
	assert_true(done("lb", "haproxy-unfence", m3));
	assert_int_equal(
		drilled_ssh(&d, "lb", "echo nonsense >>/etc/haproxy/haproxy.cfg", NULL, &e), 0);
	expect(NODE_IN_WAY, "lb", "haproxy-fence", m3);
	assert_int_equal(drill_scenario(d.drill, "healthy", &e), 0);
	expect(NODE_DONE, "lb", "haproxy-check", WORDS({"RUN", ""}));
}

static void test_a_balancer_that_hangs_is_told_from_one_that_refuses(void **state)
{
	const struct node_words *none = WORDS({"RUN", ""});

	(void)state;
	expect(NODE_DONE, "w1", "probe-balancer", none);
	assert_string_equal(value("balancer"), "answers");
	set("vip", "hang");
	expect(NODE_NOT, "w1", "probe-balancer", none);
	assert_string_equal(value("balancer"), "hangs");
	set("vip", "refuse");
	expect(NODE_DONE, "m1", "probe-balancer", none);
	assert_string_equal(value("balancer"), "refuses");
	set("vip", "cut");
	expect(NODE_NOT, "m1", "probe-balancer", none);
	assert_string_equal(value("balancer"), "silent");
	set("vip", "none");
}

static void test_a_kubelet_that_restarts_before_a_hanging_balancer_starts_nothing(void **state)
{
	(void)state;
	set("vip", "hang");
	expect(NODE_DONE, "m2", "unit-restart", WORDS({"UNIT", "kubelet"}));
	set("container/m2/kube-apiserver", "exit");
	assert_true(drilled_wait(&d, api_is, NULL, SOON_MS));
	expect(NODE_DONE, "m2", "probe-containers", WORDS({"NAME", "kube-apiserver"}));
	assert_non_null(strstr(value("container"), "state=exited"));
	assert_non_null(strstr(value("container"), "reason=Error"));
	set("vip", "none");
	assert_true(drilled_wait(&d, api_is, "up", SOON_MS));
}

static void test_what_guards_ask_is_answered(void **state)
{
	(void)state;
	expect(NODE_DONE, "m1", "probe-units", WORDS({"LINES", "2"}));
	assert_true(str_starts(value("unit"), "kubelet id=kubelet.service active=active"));
	expect(NODE_DONE, "m1", "probe-images", WORDS({"RUN", ""}));
	set("container/m1/etcd", "image-gone");
	expect(NODE_NOT, "m1", "probe-images", WORDS({"NAME", "etcd"}));
	set("container/m1/etcd", "image-back");
	expect(NODE_DONE, "m1", "probe-healthz", WORDS({"RUN", ""}));
	expect(NODE_DONE, "m1", "probe-space", WORDS({"PATHS", "/ /var/lib/etcd"}));
	expect(NODE_DONE, "m1", "probe-rights", WORDS({"RUN", ""}));
	expect(NODE_DONE, "m1", "probe-tools", WORDS({"RUN", ""}));
	assert_int_equal(drilled_ssh(&d, "m1",
				 "cp /etc/kubernetes/manifests/etcd.yaml "
				 "/etc/kubernetes/manifests/etcd.yaml.bak",
				 NULL, &e),
		0);
	expect(NODE_DONE, "m1", "manifest-strays", WORDS({"RUN", ""}));
	assert_string_equal(value("stray"), "leftover etcd etcd.yaml.bak");
	expect(NODE_DONE, "m1", "stray-aside", WORDS({"FILE", "etcd.yaml.bak"}));
	expect(NODE_DONE, "m1", "manifest-strays", WORDS({"RUN", ""}));
	assert_string_equal(value("stray"), "");
}

static void test_a_majority_of_locks_is_won_once_and_a_boot_forgets_them(void **state)
{
	const struct node_call calls[] = {to("m1"), to("m2"), to("m3")};
	const struct node_lock_asked eve = {"run-1", "eve", "desk", "x", 900},
				     bob = {"run-2", "bob", "laptop", "", 900};
	struct node_lock_seen seen[3];
	size_t other;

	(void)state;
	assert_int_equal(node_locks_win(calls, 3, &eve, seen, &other), NODE_LOCK_HELD);
	assert_int_equal(node_locks_win(calls, 3, &bob, seen, &other), NODE_LOCK_REFUSED);
	assert_string_equal(seen[other].holder.owner, "eve");
	set("sshd/m2", "stop");
	set("sshd/m3", "stop");
	assert_int_equal(node_locks_win(calls, 3, &eve, seen, &other), NODE_LOCK_NO_MAJORITY);
	set("sshd/m2", "start");
	set("sshd/m3", "start");
	set("machine/m1", "off");
	set("machine/m1", "on");
	node_locks_read(calls, 1, &eve, seen);
	assert_int_equal(seen[0].state, NODE_LOCK_FREE);
	node_locks_release(calls, 3, &eve, seen);
	assert_int_equal(node_locks_win(calls, 3, &bob, seen, &other), NODE_LOCK_HELD);
	node_locks_release(calls, 3, &bob, seen);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_guards_ask_is_answered),
		cmocka_unit_test(test_a_manifest_aside_stops_its_server_and_back_starts_it),
		cmocka_unit_test(test_a_cycle_ends_with_another_container),
		cmocka_unit_test(test_units_are_restarted_and_a_hung_runtime_is_cut_off),
		cmocka_unit_test(test_a_fence_outlives_a_reload),
		cmocka_unit_test(test_a_balancer_that_hangs_is_told_from_one_that_refuses),
		cmocka_unit_test(
			test_a_kubelet_that_restarts_before_a_hanging_balancer_starts_nothing),
		cmocka_unit_test(test_a_majority_of_locks_is_won_once_and_a_boot_forgets_them),
	};

	drilled_self(argc, argv);
	return cmocka_run_group_tests(tests, begin, finish);
}
