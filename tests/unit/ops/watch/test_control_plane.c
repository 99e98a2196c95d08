/* What a cluster no longer has is forgotten, what cannot be told is kept, and nothing is pointed at
 * anything but an address: with the rooms as the engine puts them together, whose tables the test fills. */
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
#include "ops/watch/control_plane.h"
#include "ops/watch/etcd_members.h"
#include "ops/watch/layer_fill.h"

struct world {
	struct http *http;
	struct pool *pool;
	struct kube_client *client;
	struct node_shell *shell;
	struct mailbox *in, *notices;
	struct cluster_key key;
	struct kube_tables tables;
	struct api_watch api;
	struct api_place place;
	struct etcd_watch etcd;
	struct node_watch nodes;
	struct control_plane plane;
	char url[64];
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static int open_with(void **state, const struct host *configured)
{
	static const struct etcd_watch_options etcd = {.cacert = "",
		.cert = "",
		.key = "",
		.pki_dir = "/etc/kubernetes/pki/etcd",
		.slow_fsync_us = 100000};
	static const struct balancer_options balancer = {.address = "", .haproxy_socket = ""};
	struct world *w = mem_new(struct world);
	struct node_shell_options shell = node_shell_defaults;
	struct kube_access *a = mem_new(struct kube_access);
	struct err e = {0};

	snprintf(w->url, sizeof(w->url), "https://127.0.0.1:%d", hostile_closed_port());
	a->server = mem_str(w->url);
	shell.command = "/bin/false";
	w->http = http_open(&e);
	w->pool = pool_start(2, 64);
	w->client = kube_client_new(a, NULL);
	w->shell = node_shell_new(&shell, &e);
	w->in = mailbox_new(4096);
	w->notices = mailbox_new(16);
	w->key.n_cas = 1;
	kube_tables_init(&w->tables);
	w->tables.names = intern_new(1 << 20);
	api_watch_init(&w->api, w->http, w->pool, w->client, w->in, "");
	api_place_init(&w->place, &w->api, &w->tables);
	etcd_watch_init(&w->etcd, w->http, w->pool, w->shell, w->in, &etcd);
	node_watch_init(&w->nodes, w->pool, w->shell, w->in, &balancer);
	w->nodes.key = &w->key;
	control_plane_init(&w->plane, &w->place, &w->etcd, &w->nodes, w->notices);
	if (configured)
		control_plane_learn(&w->plane, configured);
	w->tables.sources[SOURCE_SLICES].state = SOURCE_LIVE;
	w->tables.sources[SOURCE_NODES].state = SOURCE_LIVE;
	w->place.sides.identity = IDENTITY_KNOWN;
	str_copy(w->place.sides.uid, sizeof(w->place.sides.uid), "uid-a");
	*state = w;
	return 0;
}

static int set_up(void **state)
{
	return open_with(state, NULL);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	kube_tables_stop(&w->tables, false);
	pool_stop(w->pool);
	http_close(w->http);
	mailbox_free(w->in);
	mailbox_free(w->notices);
	kube_tables_done(&w->tables);
	api_watch_done(&w->api);
	etcd_watch_done(&w->etcd);
	node_watch_done(&w->nodes);
	node_shell_free(w->shell);
	kube_client_unref(w->client);
	free(w);
	return 0;
}

/* As the engine does when a server says which cluster it is. */
static void identify(struct world *w, const char *uid, bool refused, struct instant now)
{
	api_sides_identify(&w->place.sides, uid, refused);
	if (w->place.sides.another)
		control_plane_begin_anew(&w->plane, now);
}

static void put_node(struct world *w, const char *name, const char *address, unsigned flags)
{
	static const struct node_detail none = {
		.hostname = "", .architecture = "", .pod_cidr = "", .provider_id = ""};
	struct node_row n = {.name = intern_str(w->tables.names, name),
		.internal_ip = intern_str(w->tables.names, address),
		.roles = "",
		.flags = flags,
		.detail = node_detail_new(&none)};

	table_put(w->tables.at[KUBE_TABLE_NODES].shown, &n);
}

static void put_master(struct world *w, const char *name, const char *address)
{
	put_node(w, name, address, NODE_CONTROL_PLANE);
}

static void take_node(struct world *w, const char *name)
{
	const struct node_row key = {.name = name};

	assert_true(table_remove(w->tables.at[KUBE_TABLE_NODES].shown, &key));
}

static const struct node_watch_node *node_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->nodes.n; i++)
		if (str_eq(w->nodes.at[i].node.name, name))
			return &w->nodes.at[i];
	return NULL;
}

static const struct node_watch_node *there(const struct world *w, const char *name)
{
	const struct node_watch_node *n = node_of(w, name);

	if (!n) {
		fail_msg("no node %s", name);
		abort(); /* fail_msg does not tell the compiler that it never returns */
	}
	return n;
}

static const struct api_endpoint *api_at(const struct world *w, const char *address)
{
	for (size_t i = w->api.own; i < w->api.n; i++)
		if (str_eq(w->api.at[i].address, address))
			return &w->api.at[i];
	return NULL;
}

static const struct etcd_member *member_at(const struct world *w, const char *address)
{
	for (size_t i = 0; i < w->etcd.state.n; i++)
		if (str_eq(w->etcd.state.members[i].address, address))
			return &w->etcd.state.members[i];
	return NULL;
}

static bool known(const struct world *w, const char *name, const char *address)
{
	bool node = node_of(w, name) && str_eq(node_of(w, name)->node.address, address);

	assert_int_equal(node, api_at(w, address) != NULL);
	assert_int_equal(node, member_at(w, address) != NULL);
	return node;
}

/* Three masters that were learned. */
static struct world *three(void **state)
{
	struct world *w = *state;

	put_master(w, "m1", "10.0.1.10");
	put_master(w, "m2", "10.0.1.11");
	put_master(w, "m3", "10.0.1.12");
	put_node(w, "w1", "10.0.1.20", 0);
	control_plane_tick(&w->plane, at(0));
	assert_true(known(w, "m1", "10.0.1.10") && known(w, "m2", "10.0.1.11") &&
		    known(w, "m3", "10.0.1.12"));
	assert_false(known(w, "w1", "10.0.1.20"));
	return w;
}

/* ---- forgetting ---- */

static void test_a_node_that_a_whole_list_lacks_is_forgotten_everywhere(void **state)
{
	struct world *w = three(state);

	take_node(w, "m2");
	put_master(w, "m4", "10.0.1.13");
	control_plane_tick(&w->plane, at(1));
	assert_false(known(w, "m2", "10.0.1.11"));
	assert_true(known(w, "m1", "10.0.1.10") && known(w, "m3", "10.0.1.12") &&
		    known(w, "m4", "10.0.1.13"));
	assert_int_equal(w->nodes.n, 3);
	assert_int_equal(w->api.n, 4);
}

static void test_a_node_that_loses_the_control_planes_label_is_no_master_any_longer(void **state)
{
	struct world *w = three(state);

	put_node(w, "m2", "10.0.1.11", 0);
	control_plane_tick(&w->plane, at(1));
	assert_false(known(w, "m2", "10.0.1.11"));
}

static void test_a_node_made_again_is_followed_and_nothing_of_the_old_one_stays(void **state)
{
	struct world *w = three(state);

	w->nodes.at[1].ever = true;
	w->nodes.at[1].report = mem_new(struct host_report);
	put_master(w, "m2", "10.0.1.99");
	control_plane_tick(&w->plane, at(1));
	assert_true(known(w, "m2", "10.0.1.99"));
	assert_null(api_at(w, "10.0.1.11"));
	assert_null(member_at(w, "10.0.1.11"));
	assert_false(there(w, "m2")->ever);
	assert_null(there(w, "m2")->report);
}

static void test_an_address_that_goes_to_another_node_is_another_machine(void **state)
{
	struct world *w = three(state);

	w->nodes.at[1].ever = true;
	take_node(w, "m2");
	put_master(w, "n2", "10.0.1.11");
	control_plane_tick(&w->plane, at(1));
	assert_null(node_of(w, "m2"));
	assert_true(known(w, "n2", "10.0.1.11"));
	assert_false(there(w, "n2")->ever);
	assert_int_equal(w->nodes.n, 3);
}

enum doubt { LOADING, LISTING, STALE, SAVED, LOST, NOT_READY, NO_QUORUM, EMPTY, WHO, OLD, DOUBTS };

static void cast(struct world *w, enum doubt d)
{
	struct source *nodes = &w->tables.sources[SOURCE_NODES];

	if (d == LOADING || d == STALE)
		nodes->state = d == LOADING ? SOURCE_LOADING : SOURCE_STALE;
	nodes->saved = d == SAVED;
	w->tables.at[KUBE_TABLE_NODES].listing = d == LISTING;
	w->place.lost = d == LOST;
	w->tables.at[KUBE_TABLE_NODES].old = d == OLD;
	if (d == NOT_READY)
		w->api.at[w->place.active].ready.probe.state = PROBE_FAILED;
	if (d == NO_QUORUM)
		w->etcd.state.quorum = ETCD_QUORUM_LOST;
	if (d == EMPTY)
		table_clear(w->tables.at[KUBE_TABLE_NODES].shown);
	if (d == WHO)
		w->place.sides.identity = IDENTITY_AWAITED;
	w->place.sides.identity_since = at(1);
}

static void test_a_list_that_proves_nothing_forgets_nothing(void **state)
{
	for (enum doubt d = 0; d < DOUBTS; d++) {
		struct world *w;

		if (d > 0) {
			tear_down(state);
			set_up(state);
		}
		w = three(state);
		take_node(w, "m2");
		cast(w, d);
		control_plane_tick(&w->plane, at(2));
		assert_true(known(w, "m2", "10.0.1.11"));
		assert_int_equal(w->nodes.n, 3);
	}
}

static void test_the_last_masters_of_a_cluster_without_labels_stay(void **state)
{
	struct world *w = three(state);

	put_node(w, "m1", "10.0.1.10", 0);
	put_node(w, "m2", "10.0.1.11", 0);
	put_node(w, "m3", "10.0.1.12", 0);
	control_plane_tick(&w->plane, at(1));
	assert_int_equal(w->nodes.n, 3);
}

static int set_up_configured(void **state)
{
	static const struct host m2 = {
		.name = "m2", .address = "m2.example.com", .configured = true};

	return open_with(state, &m2);
}

static void test_what_the_config_names_stays_as_it_says(void **state)
{
	struct world *w = *state;

	put_master(w, "m1", "10.0.1.10");
	put_master(w, "m2", "10.0.1.66");
	control_plane_tick(&w->plane, at(0));
	assert_true(known(w, "m2", "m2.example.com"));
	assert_string_equal(node_watch_host(there(w, "m2")).name, "m2.example.com");
	assert_false(known(w, "m2", "10.0.1.66"));
	take_node(w, "m2");
	control_plane_tick(&w->plane, at(1));
	assert_true(known(w, "m2", "m2.example.com"));
	assert_int_equal(w->nodes.n, 2);
}

static void test_the_watches_leave_a_server_that_is_forgotten(void **state)
{
	struct world *w = three(state);

	w->place.active = 2; /* m2's */
	w->api.at[3].live.probe.state = PROBE_OK;
	take_node(w, "m2");
	control_plane_tick(&w->plane, at(1));
	assert_string_equal(w->api.at[w->place.active].address, "10.0.1.12");
	w->place.active = 0;
	take_node(w, "m1");
	control_plane_tick(&w->plane, at(2));
	assert_int_equal(w->place.active, 0);
}

static void test_an_active_server_is_the_same_after_one_before_it_is_forgotten(void **state)
{
	struct world *w = three(state);

	w->place.active = 3; /* m3's */
	take_node(w, "m1");
	control_plane_tick(&w->plane, at(1));
	assert_string_equal(w->api.at[w->place.active].address, "10.0.1.12");
}

static void put_service(struct world *w, const char *addresses, uint16_t port)
{
	struct slice_row r = {.ns = intern_str(w->tables.names, "default"),
		.service = intern_str(w->tables.names, "kubernetes"),
		.name = intern_str(w->tables.names, "kubernetes"),
		.addresses = intern_str(w->tables.names, addresses),
		.port = port};

	table_put(w->tables.at[KUBE_TABLE_SLICES].shown, &r);
}

static void test_a_server_that_left_the_service_keeps_its_port(void **state)
{
	struct world *w = *state;

	put_service(w, "10.0.1.10 10.0.1.11", 7443);
	three(state);
	assert_string_equal(api_at(w, "10.0.1.12")->at.label, "10.0.1.12:7443");
	put_service(w, "10.0.1.10", 7443);
	control_plane_tick(&w->plane, at(1));
	assert_string_equal(api_at(w, "10.0.1.11")->at.label, "10.0.1.11:7443");
	assert_int_equal(w->api.n, 4);
	put_service(w, "10.0.1.10", 6443);
	control_plane_tick(&w->plane, at(2));
	assert_string_equal(api_at(w, "10.0.1.10")->at.label, "10.0.1.10:6443");
	assert_string_equal(api_at(w, "10.0.1.11")->at.label, "10.0.1.11:7443");
	put_service(w, "10.0.1.110 110.0.1.11", 8443); /* others, that look alike */
	control_plane_tick(&w->plane, at(3));
	assert_string_equal(api_at(w, "10.0.1.11")->at.label, "10.0.1.11:7443");
	put_service(w, "10.0.1.10 10.0.1.11 10.0.1.12", 0);
	control_plane_tick(&w->plane, at(4));
	assert_string_equal(api_at(w, "10.0.1.11")->at.label, "10.0.1.11:7443");
	assert_int_equal(w->api.n, 4);
}

static void test_nodes_are_not_learned_before_it_is_told_at_which_port_or_that_nobody_tells(
	void **state)
{
	struct world *w = *state;
	struct source *slices = &w->tables.sources[SOURCE_SLICES];

	put_master(w, "m1", "10.0.1.10");
	slices->state = SOURCE_NEVER;
	control_plane_tick(&w->plane, at(0));
	assert_int_equal(w->nodes.n, 0);
	slices->state = SOURCE_LOADING; /* it is listed: that one may come yet */
	control_plane_tick(&w->plane, at(1));
	assert_int_equal(w->nodes.n, 0);
	put_service(w, "10.0.1.10", 7443); /* the list is not at its end, and has no need to be */
	control_plane_tick(&w->plane, at(2));
	assert_string_equal(api_at(w, "10.0.1.10")->at.label, "10.0.1.10:7443");
}

static void test_an_account_that_may_not_list_slices_has_the_usual_port_assumed(void **state)
{
	struct world *w = *state;
	struct source *slices = &w->tables.sources[SOURCE_SLICES];

	put_master(w, "m1", "10.0.1.10");
	slices->state = SOURCE_NEVER;
	str_copy(slices->error, sizeof(slices->error), "HTTP 403: forbidden");
	control_plane_tick(&w->plane, at(0));
	assert_string_equal(api_at(w, "10.0.1.10")->at.label, "10.0.1.10:6443");
}

/* ---- addresses ---- */

static void test_only_an_address_is_connected_to(void **state)
{
	static const char *const hostile[] = {"local", "localhost", "-oProxyCommand=x", "m1;reboot",
		"255.255.255.255", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::", "fe80::1%lo",
		"[fd00::1]", "", "<none>", "10.0.0.1\033[31m", "2130706433"};
	struct world *w = *state;
	char long_one[201];

	put_master(w, "m1", "10.0.1.10");
	for (size_t i = 0; i <= sizeof(hostile) / sizeof(hostile[0]); i++) {
		memset(long_one, '1', 200);
		long_one[200] = '\0';
		put_master(w, "evil",
			i < sizeof(hostile) / sizeof(hostile[0]) ? hostile[i] : long_one);
		control_plane_tick(&w->plane, at((int64_t)i));
		assert_int_equal(w->nodes.n, 2);
		assert_string_equal(there(w, "evil")->node.address, "");
		assert_string_equal(node_watch_host(there(w, "evil")).name, "");
		assert_non_null(node_watch_barred(&w->nodes, node_of(w, "evil")));
		assert_int_equal(w->api.n, 2);
		assert_int_equal(w->etcd.state.n, 1);
	}
}

static void test_this_machine_is_not_logged_in_to_for_a_clusters_word(void **state)
{
	static const char *const ours[] = {"127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"};
	struct world *w = *state;

	put_master(w, "m1", "10.0.1.10");
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		put_master(w, "here", ours[i]);
		control_plane_tick(&w->plane, at((int64_t)i));
		assert_string_equal(node_watch_host(there(w, "here")).name, "");
		node_watch_tick(&w->nodes, at(60000 * (int64_t)(i + 1)));
		assert_false(there(w, "here")->round.in_flight);
		assert_true(there(w, "m1")->round.number != 0);
	}
}

static void test_a_saved_address_is_looked_at_like_any_other(void **state)
{
	struct world *w = *state;
	const struct host bad = {.name = "m1",
				  .address = "local",
				  .configured = true,
				  .local = true},
			  good = {.name = "m2", .address = "::ffff:10.0.1.11"};

	control_plane_remember(&w->plane, &bad);
	assert_int_equal(w->nodes.n, 0);
	control_plane_remember(&w->plane, &good);
	assert_true(known(w, "m2", "10.0.1.11"));
	assert_true(there(w, "m2")->node.remembered);
}

/* ---- which cluster ---- */

/* m1 and m2 of an earlier run, and its etcd; no server has said a word yet. */
static struct world *remembering(void **state, const char *saved_uid)
{
	struct world *w = *state;
	const struct host m1 = {.name = "m1", .address = "10.0.1.10", .ssh_seen = true},
			  m2 = {.name = "m2", .address = "10.0.1.11", .api_seen = true};
	struct etcd_state etcd = {.n = 1};

	str_copy(etcd.members[0].client_url, sizeof(etcd.members[0].client_url),
		"https://10.0.1.10:2379");
	etcd.members[0].listed = true;
	etcd_members_recall(&w->etcd, &etcd, at(0));
	control_plane_remember(&w->plane, &m1);
	control_plane_remember(&w->plane, &m2);
	str_copy(w->place.sides.saved_uid, sizeof(w->place.sides.saved_uid), saved_uid);
	w->place.sides.uid[0] = '\0';
	w->place.sides.identity = IDENTITY_AWAITED;
	w->place.sides.identity_since = w->plane.began = at(0);
	w->tables.sources[SOURCE_NODES].saved = true;
	w->etcd.credentials.state = ETCD_CREDENTIALS_FOUND;
	control_plane_tick(&w->plane, at(0));
	return w;
}

/* Is anything asked of m1: over ssh, of its etcd, of its API server? */
static bool ssh_asked(struct world *w, int64_t ms)
{
	node_watch_tick(&w->nodes, at(ms));
	return there(w, "m1")->round.number != 0;
}

static bool etcd_asked(struct world *w, int64_t ms)
{
	etcd_watch_tick(&w->etcd, at(ms), &w->nodes);
	return w->etcd.at[0].status.number != 0;
}

static void test_nothing_remembered_is_logged_in_to_while_a_server_may_tell(void **state)
{
	struct world *w = remembering(state, "uid-a");

	for (int64_t ms = 0; ms < 4000; ms += 100) {
		control_plane_tick(&w->plane, at(ms));
		assert_false(ssh_asked(w, ms));
		assert_false(etcd_asked(w, ms));
	}
	assert_non_null(node_watch_barred(&w->nodes, node_of(w, "m1")));
	assert_string_equal(node_watch_host(there(w, "m1")).name, "");
}

static void test_the_same_cluster_is_recognised_and_its_nodes_are_asked(void **state)
{
	struct world *w = remembering(state, "uid-a");

	identify(w, "uid-a", false, at(100));
	control_plane_tick(&w->plane, at(100));
	assert_int_equal(w->nodes.n, 2);
	assert_null(node_watch_barred(&w->nodes, node_of(w, "m1")));
	assert_string_equal(node_watch_host(there(w, "m1")).name, "10.0.1.10");
	assert_true(ssh_asked(w, 100));
	assert_true(etcd_asked(w, 100));
}

static void test_another_clusters_state_is_dropped_and_it_is_said(void **state)
{
	struct world *w = remembering(state, "uid-a");
	struct letter *l;

	put_master(w, "m1", "10.0.1.10");
	identify(w, "uid-b", false, at(100));
	assert_int_equal(w->nodes.n, 0);
	assert_int_equal(w->etcd.state.n, 0);
	assert_int_equal(w->api.n, 1);
	assert_int_equal(table_count(w->tables.at[KUBE_TABLE_NODES].shown), 0);
	assert_int_equal(w->tables.sources[SOURCE_NODES].state, SOURCE_NEVER);
	assert_int_equal(w->etcd.credentials.state, ETCD_CREDENTIALS_NONE);
	assert_string_equal(w->place.sides.uid, "uid-b");
	l = mailbox_take(w->notices);
	assert_non_null(l);
	assert_non_null(strstr(((struct notice *)(void *)l)->text, "another cluster"));
	l->drop(l);
}

static void test_a_tunnel_that_leads_elsewhere_while_it_runs_begins_anew(void **state)
{
	struct world *w = three(state);

	identify(w, "uid-a", false, at(100));
	assert_int_equal(w->nodes.n, 3);
	api_sides_doubt(&w->place.sides, at(200));
	put_master(w, "b1", "10.9.9.9");
	control_plane_tick(&w->plane, at(201)); /* listed, before it is told whose list it is */
	assert_null(node_of(w, "b1"));
	w->place.sides.at[SIDE_VERSION].asked = at(250);
	identify(w, "uid-b", false, at(300));
	assert_true(question_due(&w->place.sides.at[SIDE_VERSION], at(301)));
	assert_int_equal(w->nodes.n, 0);
	assert_int_equal(w->api.n, 1);
	assert_int_equal(table_count(w->tables.at[KUBE_TABLE_NODES].shown), 0);
}

static void test_without_any_server_a_remembered_node_must_prove_itself(void **state)
{
	struct world *w = remembering(state, "uid-a");

	control_plane_tick(&w->plane, at(5000));
	assert_int_equal(w->nodes.remembered, REMEMBERED_PROVE);
	assert_string_equal(node_watch_host(there(w, "m1")).name, ""); /* not for logs or keys */
	assert_true(ssh_asked(w, 5000));
	assert_true(etcd_asked(w, 5000));
}

static void test_a_server_that_will_not_tell_leaves_the_proof_to_the_node(void **state)
{
	struct world *w = remembering(state, "uid-a");

	identify(w, NULL, true, at(100));
	assert_int_equal(w->place.sides.identity, IDENTITY_UNTOLD);
	assert_int_equal(w->nodes.n, 2);
	control_plane_tick(&w->plane, at(100));
	assert_int_equal(w->nodes.remembered, REMEMBERED_WAIT); /* its list may come */
	control_plane_tick(&w->plane, at(5000));
	assert_int_equal(w->nodes.remembered, REMEMBERED_PROVE);
}

static void test_a_remembered_node_is_not_judged_while_a_list_may_forget_it(void **state)
{
	static const struct limits limits;
	struct world *w = remembering(state, "");
	struct layer_board board;
	const struct layer_input in = {.api = &w->api,
		.etcd = &w->etcd,
		.nodes = &w->nodes,
		.tables = &w->tables,
		.limits = &limits,
		.credential_expiry_ms = INT64_MAX,
		.credential = ""};

	w->api.at[0].live.probe.state = PROBE_OK;
	w->api.at[2].live.probe.state = PROBE_FAILED; /* m2's, that was reached once */
	control_plane_tick(&w->plane, at(3000));
	layer_fill(&board, &in, at(3000));
	assert_false(board.broken);
	w->tables.at[KUBE_TABLE_NODES].listing = true;
	control_plane_tick(&w->plane, at(10000));
	layer_fill(&board, &in, at(10000));
	assert_false(board.broken);
	control_plane_tick(&w->plane, at(20000));
	layer_fill(&board, &in, at(20000));
	assert_true(board.broken);
}

static void test_when_every_server_refuses_nobody_is_waited_for(void **state)
{
	struct world *w = remembering(state, "uid-a");

	for (size_t i = 0; i < w->api.n; i++)
		w->api.at[i].live.probe.state = PROBE_FAILED;
	control_plane_tick(&w->plane, at(200));
	assert_int_equal(w->nodes.remembered, REMEMBERED_PROVE);
}

static void test_where_no_authority_is_known_nothing_remembered_is_logged_in_to(void **state)
{
	struct world *w = remembering(state, "uid-a");

	w->key.n_cas = 0;
	control_plane_tick(&w->plane, at(60000));
	assert_int_equal(w->nodes.remembered, REMEMBERED_BAR);
	assert_false(ssh_asked(w, 60000));
	assert_false(etcd_asked(w, 60000));
}

static void test_a_live_list_confirms_what_was_remembered_and_forgets_the_rest(void **state)
{
	struct world *w = remembering(state, "");

	identify(w, NULL, true, at(100));
	w->tables.sources[SOURCE_NODES].saved = false;
	put_master(w, "m1", "10.0.1.10");
	put_master(w, "m3", "10.0.1.12");
	control_plane_tick(&w->plane, at(200));
	assert_string_equal(node_watch_host(there(w, "m1")).name, "10.0.1.10");
	assert_null(node_of(w, "m2"));
	assert_null(api_at(w, "10.0.1.11"));
	assert_int_equal(w->nodes.n, 2);
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
		TEST(test_nodes_are_not_learned_before_it_is_told_at_which_port_or_that_nobody_tells),
		TEST(test_an_account_that_may_not_list_slices_has_the_usual_port_assumed),
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

	return cmocka_run_group_tests_name("control_plane", tests, NULL, NULL);
}
