/* Every scenario of the drill, seen through the real clients: what is broken shows, what
 * is not goes on, and what an operator does about it mends it. The simulation runs
 * 25 times as fast as life. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cluster/kube_usage.h"
#include "help/drilled.h"
#include "model/lease.h"

enum { FAST = 25, SOON_MS = 15000 };

static bool all_listed(struct drilled *d, const void *arg)
{
	(void)arg;
	for (int i = 0; i < DRILLED_KINDS; i++)
		if (!d->listed[i])
			return false;
	return true;
}

static void begin(struct drilled *d, const char *scenario)
{
	drilled_start(d, scenario, FAST);
}

static bool etcd_leads(struct drilled *d, int asked, struct drilled_etcd *out)
{
	drilled_etcd_ask(d, asked, ETCD_STATUS, 1000, out);
	return out->err.code == ERR_NONE && out->answer.status.leader_id != 0 &&
	       out->answer.status.errors[0] == '\0';
}

static bool etcd_healthy(struct drilled *d, const void *arg)
{
	struct drilled_etcd a;

	return etcd_leads(d, *(const int *)arg, &a);
}

static bool etcd_unhealthy(struct drilled *d, const void *arg)
{
	return !etcd_healthy(d, arg);
}

static bool api_answers(struct drilled *d, const void *master)
{
	struct buf answer;
	struct err e = {0};
	long status;

	buf_init(&answer, 1 << 20);
	status = drilled_ask(d, *(const int *)master, "GET", "/livez?exclude=etcd", NULL, NULL,
		1000, &answer, &e);
	buf_done(&answer);
	return status == 200;
}

static bool api_refuses(struct drilled *d, const void *master)
{
	struct buf answer;
	struct err e = {0};
	long status;

	buf_init(&answer, 1 << 20);
	status = drilled_ask(d, *(const int *)master, "GET", "/livez?exclude=etcd", NULL, NULL,
		1000, &answer, &e);
	buf_done(&answer);
	return status == 0 && e.code == ERR_REFUSED;
}

static long get(struct drilled *d, int master, const char *path, int64_t ms, struct err *e)
{
	struct buf answer;
	long status;

	buf_init(&answer, 16 << 20);
	status = drilled_ask(d, master, "GET", path, NULL, NULL, ms, &answer, e);
	buf_done(&answer);
	return status;
}

static int sh(struct drilled *d, const char *host, const char *script)
{
	struct err e = {0};
	struct buf out;
	int rc;

	buf_init(&out, 1 << 20);
	rc = drilled_ssh(d, host, script, &out, &e);
	buf_done(&out);
	return rc;
}

/* ---- healthy ---- */

static bool events_flow(struct drilled *d, const void *arg)
{
	return table_count(d->table[DRILLED_EVENTS]) > *(const size_t *)arg;
}

static bool lease_renewed(struct drilled *d, const void *arg)
{
	const struct lease_row key = {
		.ns = intern_str(d->names, "kube-node-lease"), .name = intern_str(d->names, "w1")};
	const struct lease_row *l = table_find(d->table[DRILLED_LEASES], &key);

	return l != NULL && l->renew_ms > *(const int64_t *)arg;
}

static void test_healthy_shows_a_whole_cluster_that_lives(void **state)
{
	struct drilled d;
	size_t events;
	int64_t now = instant_now().wall_ms;

	(void)state;
	begin(&d, "healthy");
	assert_true(drilled_wait(&d, all_listed, NULL, SOON_MS));
	assert_int_equal(table_count(d.table[DRILLED_NODES]), 8);
	for (const char *const *n =
			(const char *const[]){"m1", "m2", "m3", "w1", "w2", "w3", "w4", "w5", NULL};
		*n != NULL; n++)
		assert_true(drilled_node_ready(&d, *n));
	assert_int_equal(drilled_pods(&d, "kube-system", "kube-apiserver-", "Running"), 3);
	assert_int_equal(drilled_pods(&d, "kube-system", "etcd-", "Running"), 3);
	assert_int_equal(drilled_pods(&d, "kube-system", "coredns-", "Running"), 2);
	assert_int_equal(drilled_pods(&d, "kube-flannel", "kube-flannel-ds-", "Running"), 8);
	assert_int_equal(drilled_pods(&d, "shop", "nightly-report-", "Completed"), 1);
	events = table_count(d.table[DRILLED_EVENTS]);
	assert_true(events > 5);
	assert_true(drilled_wait(&d, events_flow, &events, SOON_MS));
	assert_true(drilled_wait(&d, lease_renewed, &now, SOON_MS));
	assert_int_equal(d.troubles, 0);
	drilled_stop(&d);
}

static void test_healthy_etcd_agrees_with_itself(void **state)
{
	struct drilled d;
	struct drilled_etcd a, b;

	(void)state;
	begin(&d, "healthy");
	drilled_etcd_ask(&d, 0, ETCD_MEMBERS, 3000, &a);
	assert_int_equal(a.err.code, ERR_NONE);
	assert_int_equal(a.answer.members.n, 3);
	drilled_etcd_ask(&d, 1, ETCD_PEER, 3000, &b);
	assert_int_equal(b.err.code, ERR_NONE);
	assert_int_equal(b.answer.members.n, 3);
	assert_true(a.answer.members.members[2].id == b.answer.members.members[2].id);
	for (int i = 0; i < 3; i++)
		assert_true(etcd_leads(&d, i, &b));
	drilled_etcd_ask(&d, 0, ETCD_HASH, 3000, &a);
	assert_int_equal(a.err.code, ERR_NONE);
	drilled_etcd_ask(&d, 0, ETCD_ALARMS, 3000, &a);
	assert_int_equal(a.err.code, ERR_NONE);
	assert_int_equal(a.answer.alarms.n, 0);
	drilled_etcd_ask(&d, 2, ETCD_READ, 3000, &a);
	assert_int_equal(a.err.code, ERR_NONE);
	assert_true(a.answer.revision > 0);
	drilled_stop(&d);
}

/* ---- nodes ---- */

static void test_worker_down_is_mended_by_a_kubelet_restart(void **state)
{
	struct drilled d;

	(void)state;
	begin(&d, "worker-down");
	assert_true(drilled_wait(&d, drilled_node_not_ready, "w3", SOON_MS));
	assert_true(drilled_node_ready(&d, "w2"));
	assert_int_equal(sh(&d, "w3", "systemctl is-active kubelet"), 3);
	assert_int_equal(sh(&d, "w3", "systemctl is-active --quiet kubelet containerd"), 0);
	assert_int_equal(sh(&d, "w3", "systemctl is-active --quiet kubelet nosuch"), 3);
	assert_int_equal(sh(&d, "w3", "systemctl restart kubelet"), 0);
	assert_true(drilled_wait(&d, drilled_node_ready, "w3", SOON_MS));
	drilled_stop(&d);
}

static void test_master_down_leaves_two_that_serve(void **state)
{
	struct drilled d;
	struct drilled_etcd a;
	struct err e = {0};
	int leader = 0;

	(void)state;
	begin(&d, "master-down");
	assert_true(drilled_wait(&d, drilled_node_not_ready, "m2", SOON_MS));
	assert_int_equal(get(&d, 1, "/livez", 500, &e), 0);
	assert_int_equal(e.code, ERR_TIMEOUT);
	drilled_etcd_ask(&d, 1, ETCD_STATUS, 500, &a);
	assert_int_equal(a.err.code, ERR_TIMEOUT);
	assert_true(drilled_wait(&d, etcd_healthy, &leader, SOON_MS));
	assert_int_equal(get(&d, -1, "/api/v1/nodes/m1", 3000, &e), 200);
	assert_int_equal(drill_scenario(d.drill, "healthy", &e), 0);
	assert_true(drilled_wait(&d, drilled_node_ready, "m2", SOON_MS));
	drilled_stop(&d);
}

static bool usage_high(struct drilled *d, const void *arg)
{
	struct table *usage = table_new(&usage_ops);
	struct usage_row key = {.node = intern_str(d->names, arg)};
	const struct usage_row *u;
	struct buf answer;
	struct err e = {0};
	bool high;

	buf_init(&answer, 1 << 20);
	assert_int_equal(drilled_ask(d, -1, "GET", "/apis/metrics.k8s.io/v1beta1/nodes", NULL, NULL,
				 3000, &answer, &e),
		200);
	assert_int_equal(
		kube_usage_decode(answer.at, answer.len, d->names, usage, instant_now(), &e), 0);
	u = table_find(usage, &key);
	high = u != NULL && u->cpu_milli > 8000 * 80 / 100 &&
	       u->mem_bytes > (16LL << 30) * 90 / 100;
	table_free(usage);
	buf_done(&answer);
	return high;
}

static void test_resources_high_shows_in_metrics(void **state)
{
	struct drilled d;

	(void)state;
	begin(&d, "resources-high");
	assert_true(drilled_wait(&d, usage_high, "w2", SOON_MS));
	assert_false(usage_high(&d, "w1"));
	drilled_stop(&d);
}

/* ---- etcd ---- */

static void test_etcd_member_down_is_mended_by_a_kubelet_restart(void **state)
{
	struct drilled d;
	struct drilled_etcd a;
	int m3 = 2, m1 = 0;

	(void)state;
	begin(&d, "etcd-member-down");
	assert_true(drilled_wait(&d, etcd_unhealthy, &m3, SOON_MS));
	drilled_etcd_ask(&d, 2, ETCD_STATUS, 1000, &a);
	assert_int_equal(a.err.code, ERR_REFUSED);
	assert_true(drilled_wait(&d, etcd_healthy, &m1, SOON_MS));
	assert_int_equal(sh(&d, "m3", "systemctl restart kubelet"), 0);
	assert_true(drilled_wait(&d, etcd_healthy, &m3, SOON_MS));
	drilled_stop(&d);
}

static void test_lost_quorum_still_gives_status_and_cached_reads(void **state)
{
	struct drilled d;
	struct drilled_etcd a;
	struct err e = {0};
	int m1 = 0;

	(void)state;
	begin(&d, "etcd-quorum-lost");
	assert_true(drilled_wait(&d, etcd_unhealthy, &m1, SOON_MS));
	drilled_etcd_ask(&d, 0, ETCD_STATUS, 1000, &a);
	assert_int_equal(a.err.code, ERR_NONE);
	assert_true(a.answer.status.leader_id == 0);
	assert_non_null(strstr(a.answer.status.errors, "no leader"));
	drilled_etcd_ask(&d, 0, ETCD_READ, 300, &a);
	assert_int_not_equal(a.err.code, ERR_NONE);
	drilled_etcd_ask(&d, 0, ETCD_PEER, 1000, &a);
	assert_int_equal(a.answer.members.n, 3);
	assert_int_equal(get(&d, 0, "/api/v1/nodes?resourceVersion=0", 2000, &e), 200);
	assert_int_equal(get(&d, 0, "/api/v1/nodes", 400, &e), 0);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(get(&d, 0, "/readyz", 2000, &e), 500);
	assert_int_equal(get(&d, 0, "/livez?exclude=etcd", 2000, &e), 200);
	assert_int_equal(sh(&d, "m2", "systemctl restart kubelet"), 0);
	assert_int_equal(sh(&d, "m3", "systemctl restart kubelet"), 0);
	assert_true(drilled_wait(&d, etcd_healthy, &m1, SOON_MS));
	assert_true(drilled_wait(&d, api_answers, &(int){1}, SOON_MS));
	drilled_stop(&d);
}

static void test_partition_leaves_the_minority_without_a_leader(void **state)
{
	struct drilled d;
	struct drilled_etcd a;
	int m1 = 0, m2 = 1;

	(void)state;
	begin(&d, "partition");
	assert_true(drilled_wait(&d, etcd_unhealthy, &m1, SOON_MS));
	drilled_etcd_ask(&d, 0, ETCD_STATUS, 1000, &a);
	assert_int_equal(a.err.code, ERR_NONE);
	assert_true(drilled_wait(&d, etcd_healthy, &m2, SOON_MS));
	assert_true(drilled_wait(&d, drilled_node_not_ready, "w1", SOON_MS));
	assert_true(drilled_node_ready(&d, "w2"));
	assert_int_equal(drill_scenario(d.drill, "healthy", NULL), 0);
	assert_true(drilled_wait(&d, etcd_healthy, &m1, SOON_MS));
	assert_true(drilled_wait(&d, drilled_node_ready, "w1", SOON_MS));
	drilled_stop(&d);
}

/* ---- API servers ---- */

static void test_apiserver_down_is_mended_by_moving_its_manifest(void **state)
{
	struct drilled d;
	int m1 = 0, m2 = 1;
	struct err e = {0};

	(void)state;
	begin(&d, "apiserver-down");
	assert_true(drilled_wait(&d, api_refuses, &m1, SOON_MS));
	assert_true(api_answers(&d, &m2));
	assert_int_equal(get(&d, -1, "/api/v1/nodes/w1", 3000, &e), 200);
	assert_int_equal(sh(&d, "m1",
				 "mkdir -p /root/aside && mv "
				 "/etc/kubernetes/manifests/kube-apiserver.yaml /root/aside/"),
		0);
	assert_int_equal(
		sh(&d, "m1",
			"for i in 1 2 3 4 5 6 7 8 9; do [ -z \"$(crictl ps -q --name "
			"kube-apiserver)\" ] && break; sleep 0.2; done\n"
			"sleep 0.5; mv /root/aside/kube-apiserver.yaml /etc/kubernetes/manifests/"),
		0);
	assert_true(drilled_wait(&d, api_answers, &m1, SOON_MS));
	drilled_stop(&d);
}

static void test_all_apiservers_down_leaves_etcd_and_nodes(void **state)
{
	struct drilled d;
	struct drilled_etcd a;
	int masters[] = {0, 1, 2};
	static const char *const hosts[] = {"m1", "m2", "m3"};

	(void)state;
	begin(&d, "all-apiservers-down");
	for (int i = 0; i < 3; i++)
		assert_true(drilled_wait(&d, api_refuses, &masters[i], SOON_MS));
	assert_true(etcd_leads(&d, 0, &a));
	for (int i = 0; i < 3; i++)
		assert_int_equal(sh(&d, hosts[i], "systemctl restart kubelet"), 0);
	for (int i = 0; i < 3; i++)
		assert_true(drilled_wait(&d, api_answers, &masters[i], SOON_MS));
	drilled_stop(&d);
}

/* ---- pods ---- */

static bool dns_crashes(struct drilled *d, const void *arg)
{
	(void)arg;
	return drilled_pods(d, "kube-system", "coredns-", "CrashLoopBackOff") == 2;
}

static bool dns_runs(struct drilled *d, const void *arg)
{
	(void)arg;
	return drilled_pods(d, "kube-system", "coredns-", "Running") == 2 &&
	       drilled_pods(d, "kube-system", "coredns-", NULL) == 2;
}

static int dns_pods(const struct drilled *d, bool ready)
{
	struct table_walk w = table_walk(d->table[DRILLED_PODS]);
	const struct system_pod_row *p;
	int n = 0;

	while ((p = table_next(&w)) != NULL)
		n += str_starts(pod_name(&p->pod), "coredns-") &&
		     str_eq(p->pod.status, "Running") && (p->pod.ready > 0) == ready;
	return n;
}

static bool dns_runs_unready(struct drilled *d, const void *arg)
{
	(void)arg;
	return dns_pods(d, false) > 0;
}

static bool dns_is_ready(struct drilled *d, const void *arg)
{
	(void)arg;
	return dns_pods(d, true) == 2;
}

/* Between its start and its next crash, a container that is mended must become ready. */
static void test_a_pod_mended_while_it_runs_becomes_ready(void **state)
{
	struct drilled d;
	struct err e;

	(void)state;
	drilled_start(&d, "healthy", 1);
	assert_true(drilled_wait(&d, dns_is_ready, NULL, SOON_MS));
	assert_int_equal(drill_set(d.drill, "pods/kube-system/coredns", "crash", &e), 0);
	assert_true(drilled_wait(&d, dns_runs_unready, NULL, 30000));
	assert_int_equal(drill_set(d.drill, "pods/kube-system/coredns", "mend", &e), 0);
	assert_true(drilled_wait(&d, dns_is_ready, NULL, SOON_MS));
	drilled_stop(&d);
}

static void delete_pods(struct drilled *d, const char *path)
{
	struct buf answer;
	struct err e = {0};

	buf_init(&answer, 1 << 20);
	assert_int_equal(drilled_ask(d, -1, "DELETE", path, NULL, NULL, 3000, &answer, &e), 200);
	buf_done(&answer);
}

static void test_dns_down_is_mended_by_deleting_its_pods(void **state)
{
	struct drilled d;

	(void)state;
	begin(&d, "dns-down");
	assert_true(drilled_wait(&d, dns_crashes, NULL, SOON_MS));
	delete_pods(&d, "/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns");
	assert_true(drilled_wait(&d, dns_runs, NULL, SOON_MS));
	drilled_stop(&d);
}

static bool cni_crashes(struct drilled *d, const void *arg)
{
	(void)arg;
	return drilled_pods(d, "kube-flannel", "kube-flannel-ds-", "CrashLoopBackOff") == 8;
}

static bool new_pod_waits(struct drilled *d, const void *arg)
{
	(void)arg;
	return drilled_pods(d, "shop", "cart-", "ContainerCreating") > 0;
}

static bool cni_and_cart_run(struct drilled *d, const void *arg)
{
	(void)arg;
	return drilled_pods(d, "kube-flannel", "kube-flannel-ds-", "Running") == 8 &&
	       drilled_pods(d, "shop", "cart-", "Running") == 3;
}

static void test_cni_broken_gives_new_pods_no_network_until_its_pods_are_deleted(void **state)
{
	struct drilled d;

	(void)state;
	begin(&d, "cni-broken");
	assert_true(drilled_wait(&d, cni_crashes, NULL, SOON_MS));
	delete_pods(&d, "/api/v1/namespaces/shop/pods?labelSelector=app%3Dcart");
	assert_true(drilled_wait(&d, new_pod_waits, NULL, SOON_MS));
	delete_pods(&d, "/api/v1/namespaces/kube-flannel/pods?labelSelector=app%3Dflannel");
	assert_true(drilled_wait(&d, cni_and_cart_run, NULL, SOON_MS));
	drilled_stop(&d);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy_shows_a_whole_cluster_that_lives),
		cmocka_unit_test(test_healthy_etcd_agrees_with_itself),
		cmocka_unit_test(test_worker_down_is_mended_by_a_kubelet_restart),
		cmocka_unit_test(test_master_down_leaves_two_that_serve),
		cmocka_unit_test(test_resources_high_shows_in_metrics),
		cmocka_unit_test(test_etcd_member_down_is_mended_by_a_kubelet_restart),
		cmocka_unit_test(test_lost_quorum_still_gives_status_and_cached_reads),
		cmocka_unit_test(test_partition_leaves_the_minority_without_a_leader),
		cmocka_unit_test(test_apiserver_down_is_mended_by_moving_its_manifest),
		cmocka_unit_test(test_all_apiservers_down_leaves_etcd_and_nodes),
		cmocka_unit_test(test_dns_down_is_mended_by_deleting_its_pods),
		cmocka_unit_test(
			test_cni_broken_gives_new_pods_no_network_until_its_pods_are_deleted),
		cmocka_unit_test(test_a_pod_mended_while_it_runs_becomes_ready),
	};

	drilled_self(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
