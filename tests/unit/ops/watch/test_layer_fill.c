/* What the layers say for what the probes found: each fault in its own layer, and nothing that
 * cannot be seen called a fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/lease.h"
#include "ops/watch/layer_fill.h"

#define NOW_MS 1000000

struct world {
	struct api_watch api;
	struct etcd_watch etcd;
	struct node_watch nodes;
	struct kube_tables tables;
	struct layer_board board;
	struct host_report reports[3];
	int64_t credential_ms;
};

static struct instant at(int64_t ms_ago)
{
	return (struct instant){.wall_ms = 1700000000000 - ms_ago, .boot_ms = NOW_MS - ms_ago};
}

static void answers(struct question *q, int64_t ms_ago)
{
	struct err ok = {.code = ERR_NONE};

	question_asked(q, at(ms_ago + 5));
	question_answered(q, at(ms_ago), &ok, 2000);
}

static void refuses(struct question *q, enum err_code code, const char *text)
{
	struct err e;

	err_set(&e, code, "%s", text);
	question_asked(q, at(500));
	question_answered(q, at(490), &e, -1);
}

/* It answered, and was asked again so long ago, and has not answered since: each asking but the
 * last ended in a time-out. */
static void hangs(struct question *q, int64_t ms_ago)
{
	struct err e;

	if (q->heard.boot_ms != 0)
		answers(q, ms_ago + 500);
	err_set(&e, ERR_TIMEOUT, "no answer");
	for (; ms_ago > q->total_ms; ms_ago -= q->total_ms) {
		question_asked(q, at(ms_ago));
		question_answered(q, at(ms_ago - q->total_ms), &e, -1);
	}
	question_asked(q, at(ms_ago));
	question_wait(q, at(0));
}

static void add_lease(struct world *w, const char *name, int64_t ms_ago)
{
	struct lease_row l = {
		.ns = "kube-node-lease", .name = name, .holder = name, .seen = at(ms_ago)};

	table_put(w->tables.at[KUBE_TABLE_NODE_LEASES].shown, &l);
}

static void healthy_node(struct world *w, int i)
{
	static const char *const names[] = {"m1", "m2", "m3"};
	struct node_watch_node *n = &w->nodes.at[i];
	struct api_endpoint *a = &w->api.at[i + 1];
	struct etcd_member *m = &w->etcd.state.members[i];

	str_copy(n->node.name, sizeof(n->node.name), names[i]);
	snprintf(n->node.address, sizeof(n->node.address), "10.0.1.1%d", i);
	question_init(&n->round, 5000);
	answers(&n->round, 1000);
	n->ever = true;
	n->report = &w->reports[i];
	*n->report =
		(struct host_report){.at = at(1000), .kubelet_healthz = 200, .clock_skew_ms = 3};
	str_copy(n->report->runtime, sizeof(n->report->runtime), "active");
	str_copy(n->report->kubelet_unit, sizeof(n->report->kubelet_unit), "kubelet");
	str_copy(n->report->kubelet, sizeof(n->report->kubelet), "active");
	snprintf(a->at.label, sizeof(a->at.label), "%s:6443", n->node.address);
	str_copy(a->address, sizeof(a->address), n->node.address);
	str_copy(a->node, sizeof(a->node), names[i]);
	question_init(&a->live, 1000);
	question_init(&a->ready, 5000);
	answers(&a->live, 200);
	answers(&a->ready, 1200);
	a->ever = true;
	a->skew_ms = 0;
	a->peer.verified = true;
	a->peer.cert.not_after_ms = at(0).wall_ms + INT64_C(86400000) * 300;
	*m = (struct etcd_member){.id = (uint64_t)i + 1,
		.cluster_id = 7,
		.leader_id = 1,
		.raft_term = 2,
		.listed = true,
		.health = ETCD_HEALTHY,
		.fsync_p99_us = 900};
	str_copy(m->name, sizeof(m->name), names[i]);
	str_copy(m->address, sizeof(m->address), n->node.address);
	question_init(&w->etcd.at[i].status, 1000);
	answers(&w->etcd.at[i].status, 300);
	add_lease(w, names[i], 3000);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	kube_tables_init(&w->tables);
	w->tables.sources[SOURCE_NODE_LEASES].state = SOURCE_LIVE;
	w->nodes.shell = (struct node_shell *)w; /* only asked whether there is one */
	w->etcd.credentials.state = ETCD_CREDENTIALS_FOUND;
	w->etcd.state.cluster_id = 7;
	w->etcd.state.quorum = ETCD_QUORUM_OK;
	w->credential_ms = INT64_MAX;
	str_copy(w->api.at[0].at.label, sizeof(w->api.at[0].at.label), "10.0.1.5:6443");
	question_init(&w->api.at[0].live, 1000);
	answers(&w->api.at[0].live, 100);
	w->api.at[0].ever = true;
	for (int i = 0; i < 3; i++)
		healthy_node(w, i);
	w->api.n = 4;
	w->nodes.n = w->etcd.state.n = 3;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	kube_tables_done(&w->tables);
	free(w);
	return 0;
}

static const struct layer_board *judge(struct world *w)
{
	const struct layer_input in = {.api = &w->api,
		.etcd = &w->etcd,
		.nodes = &w->nodes,
		.tables = &w->tables,
		.limits = &limits_default,
		.credential_expiry_ms = w->credential_ms,
		.credential = "client certificate x"};

	layer_fill(&w->board, &in, at(0));
	return &w->board;
}

static void expect_first(struct world *w, enum layer_id layer, int node, const char *words)
{
	const struct layer_board *b = judge(w);

	assert_true(b->broken);
	assert_int_equal(b->first, layer);
	assert_int_equal(b->first_node, node);
	if (!strstr(b->first_text, words))
		fail_msg("\"%s\" does not say \"%s\"", b->first_text, words);
}

static void test_all_green_is_not_broken(void **state)
{
	const struct layer_board *b = judge(*state);

	assert_false(b->broken);
	assert_int_equal(b->api_live, 3);
	assert_int_equal(b->own_link.state, PROBE_OK);
	for (size_t i = 0; i < b->n; i++)
		for (int l = 0; l < LAYER_NODE_COUNT; l++)
			assert_int_equal(b->nodes[i].layer[l].state, PROBE_OK);
}

static void test_a_refused_api_server_is_no_dead_machine(void **state)
{
	struct world *w = *state;

	refuses(&w->api.at[2].live, ERR_REFUSED, "connection refused by 10.0.1.11:6443");
	refuses(&w->api.at[2].ready, ERR_REFUSED, "connection refused by 10.0.1.11:6443");
	expect_first(w, LAYER_APISERVER, 1, "connection refused");
	assert_int_equal(w->board.api_live, 2);
}

static void test_a_hung_api_server_is_silent_in_its_own_layer(void **state)
{
	struct world *w = *state;

	answers(&w->nodes.at[1].round, 100);
	hangs(&w->api.at[2].live, 4000);
	expect_first(w, LAYER_APISERVER, 1, "no answer for 4 s");
}

static void test_a_cut_machine_is_silent_at_the_bottom(void **state)
{
	struct world *w = *state;

	answers(&w->nodes.at[1].round, 4500); /* the last round, before the cut */
	hangs(&w->api.at[2].live, 3000);
	hangs(&w->etcd.at[1].status, 2500);
	expect_first(w, LAYER_TCP, 1, "no answer for 3 s");
	assert_int_equal(w->board.nodes[1].layer[LAYER_CERTIFICATES].state, PROBE_SKIPPED);
}

static void test_an_answer_on_its_way_does_not_hide_a_cut(void **state)
{
	struct world *w = *state;

	hangs(&w->api.at[2].live, 3000);
	hangs(&w->etcd.at[1].status, 3000);
	answers(&w->nodes.at[1].round, 2800); /* it was sent before the cut */
	expect_first(w, LAYER_TCP, 1, "no answer for");
}

static void test_ssh_that_never_worked_is_no_fault(void **state)
{
	struct world *w = *state;

	w->nodes.at[0].ever = false;
	refuses(&w->nodes.at[0].round, ERR_AUTH, "permission denied (publickey)");
	assert_false(judge(w)->broken);
	assert_int_equal(w->board.nodes[0].layer[LAYER_SSH].state, PROBE_SKIPPED);
	assert_int_equal(w->board.nodes[0].layer[LAYER_KUBELET].state, PROBE_OK); /* by its lease */
}

static void test_ssh_that_worked_and_now_fails_is_one(void **state)
{
	struct world *w = *state;

	refuses(&w->nodes.at[0].round, ERR_REFUSED, "connection refused by 10.0.1.10:22");
	expect_first(w, LAYER_SSH, 0, "connection refused");
}

static void test_an_api_server_only_the_load_balancer_reaches_is_not_judged(void **state)
{
	struct world *w = *state;

	for (int i = 1; i < 4; i++) {
		w->api.at[i].ever = false;
		question_init(&w->api.at[i].live, 1000);
		question_init(&w->api.at[i].ready, 5000);
		hangs(&w->api.at[i].live, 20000);
		hangs(&w->api.at[i].ready, 20000);
	}
	assert_false(judge(w)->broken);
	assert_int_equal(w->board.nodes[0].layer[LAYER_APISERVER].state, PROBE_SKIPPED);
	assert_int_equal(w->board.api_all, 0);
}

static void test_the_one_api_server_never_reached_is_judged_where_the_others_are(void **state)
{
	struct world *w = *state;

	w->api.at[1].ever = false;
	question_init(&w->api.at[1].live, 1000);
	question_init(&w->api.at[1].ready, 5000);
	hangs(&w->api.at[1].live, 20000);
	hangs(&w->api.at[1].ready, 20000);
	expect_first(w, LAYER_APISERVER, 0, "");
	assert_int_equal(w->board.api_all, 3);
}

static void test_a_server_never_reached_that_refuses_is_down_unless_it_runs(void **state)
{
	struct world *w = *state;
	struct host_container *c = &w->reports[1].containers[0];

	w->api.at[2].ever = false;
	refuses(&w->api.at[2].live, ERR_REFUSED, "connection refused by 10.0.1.11:6443");
	refuses(&w->api.at[2].ready, ERR_REFUSED, "connection refused by 10.0.1.11:6443");
	expect_first(w, LAYER_APISERVER, 1, "connection refused");
	w->reports[1].n_containers = 1;
	str_copy(c->name, sizeof(c->name), "kube-apiserver");
	str_copy(c->state, sizeof(c->state), "Running");
	assert_false(judge(w)->broken);
}

static void test_a_dead_load_balancer_is_named_when_the_servers_live(void **state)
{
	struct world *w = *state;

	refuses(&w->api.at[0].live, ERR_REFUSED, "connection refused by 10.0.1.5:6443");
	expect_first(w, LAYER_LOAD_BALANCER, -1, "10.0.1.5:6443");
}

static void test_a_stopped_kubelet_shows_through_ssh_at_once(void **state)
{
	struct world *w = *state;

	str_copy(w->reports[2].kubelet, sizeof(w->reports[2].kubelet), "inactive");
	expect_first(w, LAYER_KUBELET, 2, "inactive");
}

static void without_ssh(struct world *w)
{
	w->nodes.shell = NULL;
}

static void test_without_ssh_a_stale_lease_convicts_one_kubelet(void **state)
{
	struct world *w = *state;

	without_ssh(w);
	add_lease(w, "m3", 23000);
	expect_first(w, LAYER_KUBELET, 2, "23 s");
}

static void test_when_no_lease_is_renewed_no_kubelet_is_blamed(void **state)
{
	struct world *w = *state;

	without_ssh(w);
	add_lease(w, "m1", 30000);
	add_lease(w, "m2", 30000);
	add_lease(w, "m3", 30000);
	assert_false(judge(w)->broken);
}

/* A watch that opens again and again and brings nothing shows of no lease how old it is. */
static void test_while_no_renewal_is_seen_no_kubelet_grows_late(void **state)
{
	struct world *w = *state;

	without_ssh(w);
	add_lease(w, "m1", 23000);
	add_lease(w, "m2", 15000);
	add_lease(w, "m3", 18000);
	assert_false(judge(w)->broken);
	add_lease(w, "m2", 3000);
	expect_first(w, LAYER_KUBELET, 0, "23 s");
}

static void test_a_lease_that_its_own_etcd_keeps_from_being_renewed_convicts_etcd(void **state)
{
	struct world *w = *state;

	add_lease(w, "m2", 34000);
	expect_first(w, LAYER_KUBELET, 1, "34 s"); /* nothing else explains it */
	refuses(&w->etcd.at[1].status, ERR_REFUSED, "connection refused by 10.0.1.11:2379");
	w->etcd.state.members[1].health = ETCD_DOWN;
	refuses(&w->api.at[2].ready, ERR_SERVER, "failed checks: etcd");
	assert_true(judge(w)->broken);
	assert_int_not_equal(w->board.first, LAYER_KUBELET);
	assert_int_equal(w->board.nodes[1].layer[LAYER_KUBELET].state, PROBE_WARN);
}

static void test_a_dead_runtime_is_below_the_kubelet(void **state)
{
	struct world *w = *state;

	str_copy(w->reports[0].runtime, sizeof(w->reports[0].runtime), "inactive");
	str_copy(w->reports[0].runtime_unit, sizeof(w->reports[0].runtime_unit), "containerd");
	str_copy(w->reports[0].kubelet, sizeof(w->reports[0].kubelet), "failed");
	expect_first(w, LAYER_RUNTIME, 0, "containerd is inactive");
}

/* Started by something we do not know: its lease and healthz tell, not a unit that is not there. */
static void test_a_kubelet_without_a_known_unit_is_judged_by_what_answers(void **state)
{
	struct world *w = *state;
	struct host_report *r = &w->reports[2];

	r->kubelet_unit[0] = '\0';
	str_copy(r->kubelet, sizeof(r->kubelet), "unknown");
	assert_false(judge(w)->broken);
	assert_int_equal(w->board.nodes[2].layer[LAYER_KUBELET].state, PROBE_OK);
	r->kubelet_healthz = 0;
	assert_false(judge(w)->broken);
	r->kubelet_healthz = 500;
	expect_first(w, LAYER_KUBELET, 2, "500");
}

static void test_a_node_that_keeps_its_state_elsewhere_lacks_no_etcd(void **state)
{
	struct world *w = *state;

	w->etcd.credentials.state = ETCD_CREDENTIALS_NONE;
	w->etcd.state.n = 0;
	for (int i = 0; i < 3; i++) {
		str_copy(w->reports[i].layout, sizeof(w->reports[i].layout), "k3s");
		str_copy(w->reports[i].store, sizeof(w->reports[i].store), "sqlite");
	}
	assert_false(judge(w)->broken);
	assert_int_equal(w->board.nodes[0].layer[LAYER_ETCD].state, PROBE_SKIPPED);
	assert_string_equal(w->board.nodes[0].layer[LAYER_ETCD].text,
		"k3s keeps its state in sqlite: there is no etcd");
}

/* On a machine of its own, which no node watch knows. */
static void test_an_external_member_stands_beside_the_nodes_with_what_it_says(void **state)
{
	struct world *w = *state;
	const struct node_layers *n;

	str_copy(w->etcd.state.members[2].name, sizeof(w->etcd.state.members[2].name), "e1");
	str_copy(w->etcd.state.members[2].address, sizeof(w->etcd.state.members[2].address),
		"10.0.9.1");
	w->etcd.state.members[2].alarms = ETCD_ALARM_NOSPACE;
	judge(w);
	assert_int_equal(w->board.n, 4);
	n = &w->board.nodes[0]; /* by name */
	assert_string_equal(n->name, "e1");
	assert_int_equal(n->layer[LAYER_ETCD].state, PROBE_FAILED);
	assert_non_null(strstr(n->layer[LAYER_ETCD].text, "NOSPACE"));
	assert_int_equal(n->layer[LAYER_KUBELET].state, PROBE_SKIPPED);
	assert_string_equal(w->board.nodes[3].layer[LAYER_ETCD].text, "no etcd member here");
}

static void test_a_member_of_another_cluster_is_a_split_brain(void **state)
{
	struct world *w = *state;

	w->etcd.state.members[0].foreign = true;
	w->etcd.state.members[0].cluster_id = 9;
	expect_first(w, LAYER_ETCD, 0, "split brain");
}

static void test_a_full_quota_is_etcds_fault(void **state)
{
	struct world *w = *state;

	w->etcd.state.members[1].alarms = ETCD_ALARM_NOSPACE;
	expect_first(w, LAYER_ETCD, 1, "NOSPACE");
}

static void test_a_refused_certificate_belongs_to_certificates(void **state)
{
	struct world *w = *state;

	refuses(&w->api.at[1].live, ERR_TLS, "certificate of 10.0.1.10:6443 has expired");
	refuses(&w->api.at[1].ready, ERR_TLS, "certificate of 10.0.1.10:6443 has expired");
	w->api.at[1].peer.verified = false;
	str_copy(w->api.at[1].peer.why, sizeof(w->api.at[1].peer.why), "certificate has expired");
	expect_first(w, LAYER_CERTIFICATES, 0, "expired");
}

static void test_a_certificate_near_its_end_warns_and_does_not_break(void **state)
{
	struct world *w = *state;

	w->reports[1].n_certs = 1;
	str_copy(w->reports[1].certs[0].path, sizeof(w->reports[1].certs[0].path),
		"/etc/kubernetes/pki/apiserver.crt");
	w->reports[1].certs[0].not_after_ms = at(0).wall_ms + INT64_C(86400000) * 5;
	assert_false(judge(w)->broken);
	assert_int_equal(w->board.nodes[1].layer[LAYER_CERTIFICATES].state, PROBE_WARN);
	assert_non_null(strstr(w->board.nodes[1].layer[LAYER_CERTIFICATES].text, "apiserver.crt"));
	w->reports[1].certs[0].not_after_ms = at(0).wall_ms - 1000;
	expect_first(w, LAYER_CERTIFICATES, 1, "apiserver.crt");
}

static void test_a_clock_an_hour_off_is_named_last(void **state)
{
	struct world *w = *state;

	w->reports[2].clock_skew_ms = 3600000;
	expect_first(w, LAYER_CLOCK, 2, "3600.0 s ahead");
}

static void test_when_nothing_answers_the_own_link_is_suspected(void **state)
{
	struct world *w = *state;

	w->tables.sources[SOURCE_NODE_LEASES].state = SOURCE_STALE;
	for (int i = 0; i < 4; i++)
		hangs(&w->api.at[i].live, 20000);
	for (int i = 0; i < 3; i++) {
		hangs(&w->etcd.at[i].status, 20000);
		hangs(&w->nodes.at[i].round, 20000);
		hangs(&w->api.at[i + 1].ready, 20000);
	}
	expect_first(w, LAYER_OWN_LINK, -1, "");
	w->api.at[1].taken = true; /* a connection, by its kernel: it hangs, and can be reached */
	expect_first(w, LAYER_TCP, 0, "");
	w->api.proxied = true; /* by the proxy, which takes every one */
	expect_first(w, LAYER_OWN_LINK, -1, "");
	w->api.proxied = false;
	str_copy(w->api.at[1].address, sizeof(w->api.at[1].address), "127.0.0.1"); /* a tunnel */
	expect_first(w, LAYER_OWN_LINK, -1, "");
}

static void test_an_expired_own_credential_is_said(void **state)
{
	struct world *w = *state;

	w->credential_ms = at(0).wall_ms - 5;
	expect_first(w, LAYER_CERTIFICATES, -1, "client certificate x");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_green_is_not_broken),
		TEST(test_a_refused_api_server_is_no_dead_machine),
		TEST(test_a_hung_api_server_is_silent_in_its_own_layer),
		TEST(test_a_cut_machine_is_silent_at_the_bottom),
		TEST(test_an_answer_on_its_way_does_not_hide_a_cut),
		TEST(test_ssh_that_never_worked_is_no_fault),
		TEST(test_ssh_that_worked_and_now_fails_is_one),
		TEST(test_an_api_server_only_the_load_balancer_reaches_is_not_judged),
		TEST(test_the_one_api_server_never_reached_is_judged_where_the_others_are),
		TEST(test_a_server_never_reached_that_refuses_is_down_unless_it_runs),
		TEST(test_a_dead_load_balancer_is_named_when_the_servers_live),
		TEST(test_a_stopped_kubelet_shows_through_ssh_at_once),
		TEST(test_without_ssh_a_stale_lease_convicts_one_kubelet),
		TEST(test_when_no_lease_is_renewed_no_kubelet_is_blamed),
		TEST(test_while_no_renewal_is_seen_no_kubelet_grows_late),
		TEST(test_a_lease_that_its_own_etcd_keeps_from_being_renewed_convicts_etcd),
		TEST(test_a_dead_runtime_is_below_the_kubelet),
		TEST(test_a_kubelet_without_a_known_unit_is_judged_by_what_answers),
		TEST(test_a_node_that_keeps_its_state_elsewhere_lacks_no_etcd),
		TEST(test_an_external_member_stands_beside_the_nodes_with_what_it_says),
		TEST(test_a_member_of_another_cluster_is_a_split_brain),
		TEST(test_a_full_quota_is_etcds_fault),
		TEST(test_a_refused_certificate_belongs_to_certificates),
		TEST(test_a_certificate_near_its_end_warns_and_does_not_break),
		TEST(test_a_clock_an_hour_off_is_named_last),
		TEST(test_when_nothing_answers_the_own_link_is_suspected),
		TEST(test_an_expired_own_credential_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
