/* What a cluster no longer has is forgotten, what cannot be told is kept, and nothing is pointed at
 * anything but an address: on an engine without its thread, whose tables the test fills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/hostile.h"
#include "model/command.h"
#include "ops/engine/engine_parts.h"
#include "ops/watch/etcd_members.h"

struct place {
	struct engine en;
	char url[64];
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static int open_with(void **state, const struct host *configured)
{
	struct place *p = mem_new(struct place);
	struct engine *en = &p->en;
	struct node_shell_options shell = node_shell_defaults;
	struct kube_access *a = mem_new(struct kube_access);
	struct err e = {0};

	snprintf(p->url, sizeof(p->url), "https://127.0.0.1:%d", hostile_closed_port());
	a->server = mem_str(p->url);
	shell.command = "/bin/false";
	en->http = http_open(&e);
	en->pool = pool_start(2, 64);
	en->client = kube_client_new(a, NULL);
	en->shell = node_shell_new(&shell, &e);
	en->in = mailbox_new(4096);
	en->notices = mailbox_new(16);
	en->names = intern_new(1 << 20);
	en->key.n_cas = 1;
	kube_tables_init(&en->tables);
	api_watch_init(&en->api, en->http, en->pool, en->client, en->in, "");
	etcd_watch_init(&en->etcd, en->http, en->pool, en->shell, en->in, &engine_defaults.etcd);
	node_watch_init(&en->nodes, en->pool, en->shell, en->in, &engine_defaults.load_balancer);
	en->nodes.key = &en->key;
	if (configured) {
		api_watch_learn(&en->api, configured);
		node_watch_learn(&en->nodes, configured);
		etcd_members_learn(&en->etcd, configured);
	}
	en->endpoints.known = true;
	en->tables.sources[SOURCE_NODES].state = SOURCE_LIVE;
	en->identity = IDENTITY_KNOWN;
	str_copy(en->uid, sizeof(en->uid), "uid-a");
	*state = p;
	return 0;
}

static int set_up(void **state)
{
	return open_with(state, NULL);
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct engine *en = &p->en;

	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (en->tables.at[i].watch)
			kube_watch_stop(en->tables.at[i].watch, false);
	pool_stop(en->pool);
	http_close(en->http);
	mailbox_free(en->in);
	mailbox_free(en->notices);
	kube_tables_done(&en->tables);
	api_watch_done(&en->api);
	etcd_watch_done(&en->etcd);
	node_watch_done(&en->nodes);
	node_shell_free(en->shell);
	kube_client_unref(en->client);
	intern_unref(en->names);
	free(p);
	return 0;
}

static void put_node(struct engine *en, const char *name, const char *address, unsigned flags)
{
	static const struct node_detail none = {
		.hostname = "", .architecture = "", .pod_cidr = "", .provider_id = ""};
	struct node_row n = {.name = intern_str(en->names, name),
		.internal_ip = intern_str(en->names, address),
		.roles = "",
		.flags = flags,
		.detail = node_detail_new(&none)};

	table_put(en->tables.at[KUBE_TABLE_NODES].shown, &n);
}

static void put_master(struct engine *en, const char *name, const char *address)
{
	put_node(en, name, address, NODE_CONTROL_PLANE);
}

static void take_node(struct engine *en, const char *name)
{
	const struct node_row key = {.name = name};

	assert_true(table_remove(en->tables.at[KUBE_TABLE_NODES].shown, &key));
}

static const struct node_watch_node *node_of(const struct engine *en, const char *name)
{
	for (size_t i = 0; i < en->nodes.n; i++)
		if (str_eq(en->nodes.at[i].node.name, name))
			return &en->nodes.at[i];
	return NULL;
}

static const struct node_watch_node *there(const struct engine *en, const char *name)
{
	const struct node_watch_node *n = node_of(en, name);

	if (!n) {
		fail_msg("no node %s", name);
		abort(); /* fail_msg does not tell the compiler that it never returns */
	}
	return n;
}

static const struct api_endpoint *api_at(const struct engine *en, const char *address)
{
	for (size_t i = en->api.own; i < en->api.n; i++)
		if (str_eq(en->api.at[i].address, address))
			return &en->api.at[i];
	return NULL;
}

static const struct etcd_member *member_at(const struct engine *en, const char *address)
{
	for (size_t i = 0; i < en->etcd.state.n; i++)
		if (str_eq(en->etcd.state.members[i].address, address))
			return &en->etcd.state.members[i];
	return NULL;
}

static bool known(const struct engine *en, const char *name, const char *address)
{
	bool node = node_of(en, name) && str_eq(node_of(en, name)->node.address, address);

	assert_int_equal(node, api_at(en, address) != NULL);
	assert_int_equal(node, member_at(en, address) != NULL);
	return node;
}

/* Three masters that were learned. */
static struct engine *three(void **state)
{
	struct engine *en = &((struct place *)*state)->en;

	put_master(en, "m1", "10.0.1.10");
	put_master(en, "m2", "10.0.1.11");
	put_master(en, "m3", "10.0.1.12");
	put_node(en, "w1", "10.0.1.20", 0);
	engine_learn(en, at(0));
	assert_true(known(en, "m1", "10.0.1.10") && known(en, "m2", "10.0.1.11") &&
		    known(en, "m3", "10.0.1.12"));
	assert_false(known(en, "w1", "10.0.1.20"));
	return en;
}

/* ---- forgetting ---- */

static void test_a_node_that_a_whole_list_lacks_is_forgotten_everywhere(void **state)
{
	struct engine *en = three(state);

	take_node(en, "m2");
	put_master(en, "m4", "10.0.1.13");
	engine_learn(en, at(1));
	assert_false(known(en, "m2", "10.0.1.11"));
	assert_true(known(en, "m1", "10.0.1.10") && known(en, "m3", "10.0.1.12") &&
		    known(en, "m4", "10.0.1.13"));
	assert_int_equal(en->nodes.n, 3);
	assert_int_equal(en->api.n, 4);
}

static void test_a_node_that_loses_the_control_planes_label_is_no_master_any_longer(void **state)
{
	struct engine *en = three(state);

	put_node(en, "m2", "10.0.1.11", 0);
	engine_learn(en, at(1));
	assert_false(known(en, "m2", "10.0.1.11"));
}

static void test_a_node_made_again_is_followed_and_nothing_of_the_old_one_stays(void **state)
{
	struct engine *en = three(state);

	en->nodes.at[1].ever = true;
	en->nodes.at[1].report = mem_new(struct host_report);
	put_master(en, "m2", "10.0.1.99");
	engine_learn(en, at(1));
	assert_true(known(en, "m2", "10.0.1.99"));
	assert_null(api_at(en, "10.0.1.11"));
	assert_null(member_at(en, "10.0.1.11"));
	assert_false(there(en, "m2")->ever);
	assert_null(there(en, "m2")->report);
}

static void test_an_address_that_goes_to_another_node_is_another_machine(void **state)
{
	struct engine *en = three(state);

	en->nodes.at[1].ever = true;
	take_node(en, "m2");
	put_master(en, "n2", "10.0.1.11");
	engine_learn(en, at(1));
	assert_null(node_of(en, "m2"));
	assert_true(known(en, "n2", "10.0.1.11"));
	assert_false(there(en, "n2")->ever);
	assert_int_equal(en->nodes.n, 3);
}

enum doubt { LOADING, LISTING, STALE, SAVED, LOST, NOT_READY, NO_QUORUM, EMPTY, WHO, OLD, DOUBTS };

static void cast(struct engine *en, enum doubt d)
{
	struct source *nodes = &en->tables.sources[SOURCE_NODES];

	if (d == LOADING || d == STALE)
		nodes->state = d == LOADING ? SOURCE_LOADING : SOURCE_STALE;
	nodes->saved = d == SAVED;
	en->tables.at[KUBE_TABLE_NODES].listing = d == LISTING;
	en->lost = d == LOST;
	en->tables.at[KUBE_TABLE_NODES].old = d == OLD;
	if (d == NOT_READY)
		en->api.at[en->active].ready.probe.state = PROBE_FAILED;
	if (d == NO_QUORUM)
		en->etcd.state.quorum = ETCD_QUORUM_LOST;
	if (d == EMPTY)
		table_clear(en->tables.at[KUBE_TABLE_NODES].shown);
	if (d == WHO)
		en->identity = IDENTITY_AWAITED;
	en->identity_since = at(1);
}

static void test_a_list_that_proves_nothing_forgets_nothing(void **state)
{
	for (enum doubt d = 0; d < DOUBTS; d++) {
		struct engine *en;

		if (d > 0) {
			tear_down(state);
			set_up(state);
		}
		en = three(state);
		take_node(en, "m2");
		cast(en, d);
		engine_learn(en, at(2));
		assert_true(known(en, "m2", "10.0.1.11"));
		assert_int_equal(en->nodes.n, 3);
	}
}

static void test_the_last_masters_of_a_cluster_without_labels_stay(void **state)
{
	struct engine *en = three(state);

	put_node(en, "m1", "10.0.1.10", 0);
	put_node(en, "m2", "10.0.1.11", 0);
	put_node(en, "m3", "10.0.1.12", 0);
	engine_learn(en, at(1));
	assert_int_equal(en->nodes.n, 3);
}

static int set_up_configured(void **state)
{
	static const struct host m2 = {
		.name = "m2", .address = "m2.example.com", .configured = true};

	return open_with(state, &m2);
}

static void test_what_the_config_names_stays_as_it_says(void **state)
{
	struct engine *en = &((struct place *)*state)->en;

	put_master(en, "m1", "10.0.1.10");
	put_master(en, "m2", "10.0.1.66");
	engine_learn(en, at(0));
	assert_true(known(en, "m2", "m2.example.com"));
	assert_string_equal(node_watch_host(there(en, "m2")).name, "m2.example.com");
	assert_false(known(en, "m2", "10.0.1.66"));
	take_node(en, "m2");
	engine_learn(en, at(1));
	assert_true(known(en, "m2", "m2.example.com"));
	assert_int_equal(en->nodes.n, 2);
}

static void test_the_watches_leave_a_server_that_is_forgotten(void **state)
{
	struct engine *en = three(state);

	en->active = 2; /* m2's */
	en->api.at[3].live.probe.state = PROBE_OK;
	take_node(en, "m2");
	engine_learn(en, at(1));
	assert_string_equal(en->api.at[en->active].address, "10.0.1.12");
	en->active = 0;
	take_node(en, "m1");
	engine_learn(en, at(2));
	assert_int_equal(en->active, 0);
}

static void test_an_active_server_is_the_same_after_one_before_it_is_forgotten(void **state)
{
	struct engine *en = three(state);

	en->active = 3; /* m3's */
	take_node(en, "m1");
	engine_learn(en, at(1));
	assert_string_equal(en->api.at[en->active].address, "10.0.1.12");
}

static void test_a_server_that_left_the_service_keeps_its_port(void **state)
{
	struct engine *en = &((struct place *)*state)->en;

	en->endpoints.n = 2;
	en->endpoints.at[0] = (struct host){.address = "10.0.1.10", .api_port = 7443};
	en->endpoints.at[1] = (struct host){.address = "10.0.1.11", .api_port = 7443};
	three(state);
	assert_string_equal(api_at(en, "10.0.1.12")->at.label, "10.0.1.12:7443");
	en->endpoints.n = 1;
	en->learned_nodes = 0;
	engine_learn(en, at(1));
	assert_string_equal(api_at(en, "10.0.1.11")->at.label, "10.0.1.11:7443");
	assert_int_equal(en->api.n, 4);
	en->endpoints.at[0].api_port = 6443;
	en->learned_nodes = 0;
	engine_learn(en, at(2));
	assert_string_equal(api_at(en, "10.0.1.10")->at.label, "10.0.1.10:6443");
	assert_int_equal(en->api.n, 4);
}

/* ---- addresses ---- */

static void test_only_an_address_is_connected_to(void **state)
{
	static const char *const hostile[] = {"local", "localhost", "-oProxyCommand=x", "m1;reboot",
		"255.255.255.255", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::", "fe80::1%lo",
		"[fd00::1]", "", "<none>", "10.0.0.1\033[31m", "2130706433"};
	struct engine *en = &((struct place *)*state)->en;
	char long_one[201];

	put_master(en, "m1", "10.0.1.10");
	for (size_t i = 0; i <= sizeof(hostile) / sizeof(hostile[0]); i++) {
		memset(long_one, '1', 200);
		long_one[200] = '\0';
		put_master(en, "evil",
			i < sizeof(hostile) / sizeof(hostile[0]) ? hostile[i] : long_one);
		engine_learn(en, at((int64_t)i));
		assert_int_equal(en->nodes.n, 2);
		assert_string_equal(there(en, "evil")->node.address, "");
		assert_string_equal(node_watch_host(there(en, "evil")).name, "");
		assert_non_null(node_watch_barred(&en->nodes, node_of(en, "evil")));
		assert_int_equal(en->api.n, 2);
		assert_int_equal(en->etcd.state.n, 1);
	}
}

static void test_this_machine_is_not_logged_in_to_for_a_clusters_word(void **state)
{
	static const char *const ours[] = {"127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"};
	struct engine *en = &((struct place *)*state)->en;

	put_master(en, "m1", "10.0.1.10");
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		put_master(en, "here", ours[i]);
		engine_learn(en, at((int64_t)i));
		assert_string_equal(node_watch_host(there(en, "here")).name, "");
		node_watch_tick(&en->nodes, at(60000 * (int64_t)(i + 1)));
		assert_false(there(en, "here")->round.in_flight);
		assert_true(there(en, "m1")->round.number != 0);
	}
}

static void test_a_saved_address_is_looked_at_like_any_other(void **state)
{
	struct engine *en = &((struct place *)*state)->en;
	const struct host bad = {.name = "m1",
				  .address = "local",
				  .configured = true,
				  .local = true},
			  good = {.name = "m2", .address = "::ffff:10.0.1.11"};

	engine_remember(en, &bad);
	assert_int_equal(en->nodes.n, 0);
	engine_remember(en, &good);
	assert_true(known(en, "m2", "10.0.1.11"));
	assert_true(there(en, "m2")->node.remembered);
}

/* ---- which cluster ---- */

/* m1 and m2 of an earlier run, and its etcd; no server has said a word yet. */
static struct engine *remembering(void **state, const char *saved_uid)
{
	struct engine *en = &((struct place *)*state)->en;
	const struct host m1 = {.name = "m1", .address = "10.0.1.10", .ssh_seen = true},
			  m2 = {.name = "m2", .address = "10.0.1.11", .api_seen = true};
	struct etcd_state etcd = {.n = 1};

	str_copy(etcd.members[0].client_url, sizeof(etcd.members[0].client_url),
		"https://10.0.1.10:2379");
	etcd.members[0].listed = true;
	etcd_members_recall(&en->etcd, &etcd);
	engine_remember(en, &m1);
	engine_remember(en, &m2);
	str_copy(en->saved_uid, sizeof(en->saved_uid), saved_uid);
	en->uid[0] = '\0';
	en->identity = IDENTITY_AWAITED;
	en->identity_since = en->began = at(0);
	en->tables.sources[SOURCE_NODES].saved = true;
	en->etcd.credentials.state = ETCD_CREDENTIALS_FOUND;
	engine_learn(en, at(0));
	return en;
}

/* Is anything asked of m1: over ssh, of its etcd, of its API server? */
static bool ssh_asked(struct engine *en, int64_t ms)
{
	node_watch_tick(&en->nodes, at(ms));
	return there(en, "m1")->round.number != 0;
}

static bool etcd_asked(struct engine *en, int64_t ms)
{
	etcd_watch_tick(&en->etcd, at(ms), &en->nodes);
	return en->etcd.at[0].status.number != 0;
}

static void test_nothing_remembered_is_logged_in_to_while_a_server_may_tell(void **state)
{
	struct engine *en = remembering(state, "uid-a");

	for (int64_t ms = 0; ms < 4000; ms += 100) {
		engine_learn(en, at(ms));
		assert_false(ssh_asked(en, ms));
		assert_false(etcd_asked(en, ms));
	}
	assert_non_null(node_watch_barred(&en->nodes, node_of(en, "m1")));
	assert_string_equal(node_watch_host(there(en, "m1")).name, "");
}

static void test_the_same_cluster_is_recognised_and_its_nodes_are_asked(void **state)
{
	struct engine *en = remembering(state, "uid-a");

	engine_identify(en, "uid-a", false, at(100));
	engine_learn(en, at(100));
	assert_int_equal(en->nodes.n, 2);
	assert_null(node_watch_barred(&en->nodes, node_of(en, "m1")));
	assert_string_equal(node_watch_host(there(en, "m1")).name, "10.0.1.10");
	assert_true(ssh_asked(en, 100));
	assert_true(etcd_asked(en, 100));
}

static void test_another_clusters_state_is_dropped_and_it_is_said(void **state)
{
	struct engine *en = remembering(state, "uid-a");
	struct letter *l;

	put_master(en, "m1", "10.0.1.10");
	engine_identify(en, "uid-b", false, at(100));
	assert_int_equal(en->nodes.n, 0);
	assert_int_equal(en->etcd.state.n, 0);
	assert_int_equal(en->api.n, 1);
	assert_int_equal(table_count(en->tables.at[KUBE_TABLE_NODES].shown), 0);
	assert_int_equal(en->tables.sources[SOURCE_NODES].state, SOURCE_NEVER);
	assert_int_equal(en->etcd.credentials.state, ETCD_CREDENTIALS_NONE);
	assert_string_equal(en->uid, "uid-b");
	l = mailbox_take(en->notices);
	assert_non_null(l);
	assert_non_null(strstr(((struct notice *)(void *)l)->text, "another cluster"));
	l->drop(l);
}

static void test_a_tunnel_that_leads_elsewhere_while_it_runs_begins_anew(void **state)
{
	struct engine *en = three(state);

	engine_identify(en, "uid-a", false, at(100));
	assert_int_equal(en->nodes.n, 3);
	engine_doubt(en, at(200));
	put_master(en, "b1", "10.9.9.9");
	engine_learn(en, at(201)); /* listed, before it is told whose list it is */
	assert_null(node_of(en, "b1"));
	en->side[SIDE_ENDPOINTS].asked = at(250);
	en->board.broken = true;
	engine_identify(en, "uid-b", false, at(300));
	assert_false(en->board.broken);
	assert_true(question_due(&en->side[SIDE_ENDPOINTS], at(301)));
	assert_int_equal(en->nodes.n, 0);
	assert_int_equal(en->api.n, 1);
	assert_int_equal(table_count(en->tables.at[KUBE_TABLE_NODES].shown), 0);
}

static void test_without_any_server_a_remembered_node_must_prove_itself(void **state)
{
	struct engine *en = remembering(state, "uid-a");

	engine_learn(en, at(5000));
	assert_int_equal(en->nodes.remembered, REMEMBERED_PROVE);
	assert_string_equal(node_watch_host(there(en, "m1")).name, ""); /* not for logs or keys */
	assert_true(ssh_asked(en, 5000));
	assert_true(etcd_asked(en, 5000));
}

static void test_a_server_that_will_not_tell_leaves_the_proof_to_the_node(void **state)
{
	struct engine *en = remembering(state, "uid-a");

	engine_identify(en, NULL, true, at(100));
	assert_int_equal(en->identity, IDENTITY_UNTOLD);
	assert_int_equal(en->nodes.n, 2);
	engine_learn(en, at(100));
	assert_int_equal(en->nodes.remembered, REMEMBERED_WAIT); /* its list may come */
	engine_learn(en, at(5000));
	assert_int_equal(en->nodes.remembered, REMEMBERED_PROVE);
}

static void test_a_remembered_node_is_not_judged_while_a_list_may_forget_it(void **state)
{
	static const struct limits limits;
	struct engine *en = remembering(state, "");
	struct layer_board board;
	const struct layer_input in = {.api = &en->api,
		.etcd = &en->etcd,
		.nodes = &en->nodes,
		.tables = &en->tables,
		.limits = &limits,
		.credential_expiry_ms = INT64_MAX,
		.credential = ""};

	en->api.at[0].live.probe.state = PROBE_OK;
	en->api.at[2].live.probe.state = PROBE_FAILED; /* m2's, that was reached once */
	engine_learn(en, at(3000));
	layer_fill(&board, &in, at(3000));
	assert_false(board.broken);
	en->tables.at[KUBE_TABLE_NODES].listing = true;
	engine_learn(en, at(10000));
	layer_fill(&board, &in, at(10000));
	assert_false(board.broken);
	engine_learn(en, at(20000));
	layer_fill(&board, &in, at(20000));
	assert_true(board.broken);
}

static void test_when_every_server_refuses_nobody_is_waited_for(void **state)
{
	struct engine *en = remembering(state, "uid-a");

	for (size_t i = 0; i < en->api.n; i++)
		en->api.at[i].live.probe.state = PROBE_FAILED;
	engine_learn(en, at(200));
	assert_int_equal(en->nodes.remembered, REMEMBERED_PROVE);
}

static void test_where_no_authority_is_known_nothing_remembered_is_logged_in_to(void **state)
{
	struct engine *en = remembering(state, "uid-a");

	en->key.n_cas = 0;
	engine_learn(en, at(60000));
	assert_int_equal(en->nodes.remembered, REMEMBERED_BAR);
	assert_false(ssh_asked(en, 60000));
	assert_false(etcd_asked(en, 60000));
}

static void test_a_live_list_confirms_what_was_remembered_and_forgets_the_rest(void **state)
{
	struct engine *en = remembering(state, "");

	engine_identify(en, NULL, true, at(100));
	en->tables.sources[SOURCE_NODES].saved = false;
	put_master(en, "m1", "10.0.1.10");
	put_master(en, "m3", "10.0.1.12");
	engine_learn(en, at(200));
	assert_string_equal(node_watch_host(there(en, "m1")).name, "10.0.1.10");
	assert_null(node_of(en, "m2"));
	assert_null(api_at(en, "10.0.1.11"));
	assert_int_equal(en->nodes.n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_a_node_that_a_whole_list_lacks_is_forgotten_everywhere),
		TEST(test_a_node_that_loses_the_control_planes_label_is_no_master_any_longer),
		TEST(test_a_node_made_again_is_followed_and_nothing_of_the_old_one_stays),
		TEST(test_an_address_that_goes_to_another_node_is_another_machine),
		TEST(test_a_list_that_proves_nothing_forgets_nothing),
		TEST(test_the_last_masters_of_a_cluster_without_labels_stay),
		cmocka_unit_test_setup_teardown(
			test_what_the_config_names_stays_as_it_says, set_up_configured, tear_down),
		TEST(test_the_watches_leave_a_server_that_is_forgotten),
		TEST(test_an_active_server_is_the_same_after_one_before_it_is_forgotten),
		TEST(test_a_server_that_left_the_service_keeps_its_port),
		TEST(test_only_an_address_is_connected_to),
		TEST(test_this_machine_is_not_logged_in_to_for_a_clusters_word),
		TEST(test_a_saved_address_is_looked_at_like_any_other),
		TEST(test_nothing_remembered_is_logged_in_to_while_a_server_may_tell),
		TEST(test_the_same_cluster_is_recognised_and_its_nodes_are_asked),
		TEST(test_another_clusters_state_is_dropped_and_it_is_said),
		TEST(test_a_tunnel_that_leads_elsewhere_while_it_runs_begins_anew),
		TEST(test_without_any_server_a_remembered_node_must_prove_itself),
		TEST(test_a_server_that_will_not_tell_leaves_the_proof_to_the_node),
		TEST(test_a_remembered_node_is_not_judged_while_a_list_may_forget_it),
		TEST(test_when_every_server_refuses_nobody_is_waited_for),
		TEST(test_where_no_authority_is_known_nothing_remembered_is_logged_in_to),
		TEST(test_a_live_list_confirms_what_was_remembered_and_forgets_the_rest),
	};

	return cmocka_run_group_tests_name("forget", tests, NULL, NULL);
}
