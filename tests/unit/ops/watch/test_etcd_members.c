/* Who belongs to etcd, and where it is asked: by the config, by the nodes, by its own list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/watch/etcd_members.h"
#include "ops/watch/etcd_watch.h"

static int set_up_with(void **state, const char *const *endpoints)
{
	struct etcd_watch *w = mem_new(struct etcd_watch);
	const struct etcd_watch_options o = {.endpoints = endpoints, .pki_dir = ""};

	etcd_watch_init(w, NULL, NULL, NULL, NULL, &o);
	w->state.quorum = ETCD_QUORUM_OK;
	*state = w;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, NULL);
}

static int set_up_configured(void **state)
{
	static const char *const endpoints[] = {"https://etcd-a.example.com:2379", NULL};

	return set_up_with(state, endpoints);
}

static int tear_down(void **state)
{
	etcd_watch_done(*state);
	free(*state);
	return 0;
}

static void learn(struct etcd_watch *w, const char *name, const char *address)
{
	struct host n = {.api_port = 0};

	str_copy(n.name, sizeof(n.name), name);
	str_copy(n.address, sizeof(n.address), address);
	etcd_members_learn(w, &n);
}

static void list(struct etcd_members_answer *a, uint64_t id, const char *client, const char *peer)
{
	a->cluster_id = 7;
	a->members[a->n].id = id;
	str_copy(a->members[a->n].client_url, sizeof(a->members[0].client_url), client);
	str_copy(a->members[a->n].peer_url, sizeof(a->members[0].peer_url), peer);
	a->n++;
}

static const struct etcd_member *at(const struct etcd_watch *w, const char *address)
{
	for (size_t i = 0; i < w->state.n; i++)
		if (str_eq(w->state.members[i].address, address))
			return &w->state.members[i];
	return NULL;
}

static void three_learned(struct etcd_watch *w)
{
	learn(w, "m1", "10.0.1.10");
	learn(w, "m2", "10.0.1.11");
	learn(w, "m3", "10.0.1.12");
	assert_int_equal(w->state.n, 3);
}

static void test_what_a_whole_list_lacks_is_forgotten(void **state)
{
	struct etcd_watch *w = *state;
	struct etcd_members_answer a = {.n = 0};

	three_learned(w);
	w->state.members[1].health = ETCD_DOWN;
	list(&a, 1, "https://10.0.1.10:2379", "https://10.0.1.10:2380");
	list(&a, 3, "https://10.0.1.12:2379", "https://10.0.1.12:2380");
	list(&a, 4, "https://10.0.1.13:2379", "https://10.0.1.13:2380");
	etcd_members_listed(w, &a);
	assert_null(at(w, "10.0.1.11"));
	assert_non_null(at(w, "10.0.1.13"));
	assert_int_equal(w->state.n, 3);
}

static void test_without_quorum_no_member_is_forgotten(void **state)
{
	static const enum etcd_quorum doubts[] = {ETCD_QUORUM_LOST, ETCD_QUORUM_UNKNOWN};
	struct etcd_watch *w = *state;
	struct etcd_members_answer a = {.n = 0};

	three_learned(w);
	list(&a, 1, "https://10.0.1.10:2379", "https://10.0.1.10:2380");
	for (size_t i = 0; i < 2; i++) {
		w->state.quorum = doubts[i];
		etcd_members_listed(w, &a);
		assert_int_equal(w->state.n, 3);
	}
}

static void test_an_empty_list_says_nothing(void **state)
{
	struct etcd_watch *w = *state;
	const struct etcd_members_answer a = {.n = 0};

	three_learned(w);
	etcd_members_listed(w, &a);
	assert_int_equal(w->state.n, 3);
}

static void test_the_configs_member_stays_where_the_config_says(void **state)
{
	struct etcd_watch *w = *state;
	struct etcd_members_answer a = {.n = 0};

	w->state.members[0].id = 1;
	w->state.members[0].health = ETCD_DOWN;
	list(&a, 1, "https://10.0.1.66:2379", "https://10.0.1.66:2380");
	etcd_members_listed(w, &a);
	assert_string_equal(w->state.members[0].client_url, "https://etcd-a.example.com:2379");
	a.n = 0;
	list(&a, 2, "https://10.0.1.11:2379", "https://10.0.1.11:2380");
	etcd_members_listed(w, &a);
	assert_non_null(at(w, "etcd-a.example.com"));
	etcd_members_forget(w, "etcd-a.example.com");
	assert_non_null(at(w, "etcd-a.example.com"));
	etcd_watch_forget_all(w);
	assert_int_equal(w->state.n, 1);
	assert_true(w->at[0].configured);
}

static void test_a_member_that_moved_is_asked_where_it_is_now(void **state)
{
	struct etcd_watch *w = *state;
	struct etcd_members_answer a = {.n = 0};

	three_learned(w);
	for (size_t i = 0; i < 3; i++)
		w->state.members[i].id = i + 1;
	w->state.members[0].health = ETCD_HEALTHY;
	w->state.members[1].health = ETCD_DOWN;
	w->at[1].status.in_flight = true;
	list(&a, 1, "https://etcd-1.internal:2379", "https://10.0.1.10:2380");
	list(&a, 2, "https://10.0.1.99:2379", "https://10.0.1.99:2380");
	list(&a, 3, "https://10.0.1.12:2379", "https://10.0.1.12:2380");
	etcd_members_listed(w, &a);
	assert_string_equal(w->state.members[0].client_url, "https://10.0.1.10:2379");
	assert_string_equal(w->state.members[1].client_url, "https://10.0.1.99:2379");
	assert_string_equal(w->state.members[1].address, "10.0.1.99");
	assert_false(w->at[1].status.in_flight);
}

static void test_only_what_is_a_url_of_a_host_is_asked(void **state)
{
	static const char *const hostile[] = {"local", "https://local;reboot:2379",
		"https://-oProxyCommand=x:2379", "https://0.0.0.0:2379",
		"https://255.255.255.255:2379", "https://169.254.169.254:80",
		"https://u@10.0.1.9:2379", "https://10.0.1.9:2379/x?y", "file:///etc/shadow",
		"unix:///run/etcd.sock", "https://[fe80::1%lo]:2379", ""};
	struct etcd_watch *w = *state;

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct etcd_members_answer a = {.n = 0};
		struct etcd_state saved = {.n = 1};

		list(&a, 9, hostile[i], hostile[i]);
		w->state.n = 0;
		etcd_members_listed(w, &a);
		assert_int_equal(w->state.n, 1); /* it is shown, and not asked */
		assert_string_equal(w->state.members[0].client_url, "");
		assert_string_equal(w->state.members[0].peer_url, "");
		assert_string_equal(w->state.members[0].address, "");
		w->state.n = 0;
		str_copy(saved.members[0].client_url, sizeof(saved.members[0].client_url),
			hostile[i]);
		etcd_members_recall(w, &saved, (struct instant){.boot_ms = 1});
		assert_int_equal(w->state.n, 0);
	}
}

static void test_a_member_that_advertises_only_itself_is_asked_where_its_peers_find_it(void **state)
{
	static const char *const own[] = {"https://127.0.0.1:2379", "https://0.0.0.0:2379",
		"https://[::1]:2379", "https://[::]:2379"};
	struct etcd_watch *w = *state;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		struct etcd_members_answer a = {.n = 0};

		w->state.n = 0;
		list(&a, 9, own[i], "https://10.0.1.13:2380");
		etcd_members_listed(w, &a);
		assert_string_equal(w->state.members[0].client_url, "https://10.0.1.13:2379");
	}
}

/* The config says where etcd is, and which nodes there are: of these, none need carry a member. */
static void test_where_the_config_names_members_and_nodes_none_is_guessed(void **state)
{
	const struct host ours = {.name = "m1", .address = "10.0.1.10", .configured = true},
			  member = {
				  .name = "a", .address = "etcd-a.example.com", .configured = true};
	struct etcd_watch *w = *state;

	etcd_members_learn(w, &ours);
	assert_int_equal(w->state.n, 1);
	etcd_members_learn(w, &member);
	assert_int_equal(w->state.n, 1);
	assert_string_equal(w->state.members[0].name, "a");
	learn(w, "m2", "10.0.1.11"); /* a cluster's word: it may be one */
	assert_int_equal(w->state.n, 2);
}

static void test_a_member_of_a_name_is_asked_by_it(void **state)
{
	struct etcd_watch *w = *state;
	struct etcd_members_answer a = {.n = 0};

	list(&a, 9, "https://etcd-0.etcd.svc:2379", "https://etcd-0.etcd.svc:2380");
	etcd_members_listed(w, &a);
	assert_string_equal(w->state.members[0].client_url, "https://etcd-0.etcd.svc:2379");
	assert_string_equal(w->state.members[0].address, "etcd-0.etcd.svc");
}

static void test_a_remembered_list_does_not_hide_todays_masters(void **state)
{
	struct etcd_watch *w = *state;
	struct etcd_state saved = {.n = 1};

	str_copy(saved.members[0].client_url, sizeof(saved.members[0].client_url),
		"https://10.0.1.10:2379");
	saved.members[0].listed = true;
	saved.members[0].cluster_id = 5;
	etcd_members_recall(w, &saved, (struct instant){.boot_ms = 1});
	learn(w, "n1", "10.0.1.50");
	assert_non_null(at(w, "10.0.1.50"));
	assert_true(w->at[0].remembered);
	assert_false(w->at[1].remembered);
	assert_true(w->state.members[0].cluster_id == 0); /* a restore makes another: no split */
}

static void test_a_node_that_is_gone_takes_its_member_along_unless_etcd_lists_it(void **state)
{
	struct etcd_watch *w = *state;
	struct etcd_members_answer a = {.n = 0};

	three_learned(w);
	etcd_members_forget(w, "10.0.1.12");
	assert_null(at(w, "10.0.1.12"));
	list(&a, 1, "https://10.0.1.10:2379", "https://10.0.1.10:2380");
	list(&a, 2, "https://10.0.1.11:2379", "https://10.0.1.11:2380");
	etcd_members_listed(w, &a);
	etcd_members_forget(w, "10.0.1.11");
	assert_non_null(at(w, "10.0.1.11")); /* a dead member still counts against the quorum */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_what_a_whole_list_lacks_is_forgotten),
		TEST(test_without_quorum_no_member_is_forgotten),
		TEST(test_an_empty_list_says_nothing),
		cmocka_unit_test_setup_teardown(test_the_configs_member_stays_where_the_config_says,
			set_up_configured, tear_down),
		TEST(test_a_member_that_moved_is_asked_where_it_is_now),
		TEST(test_only_what_is_a_url_of_a_host_is_asked),
		TEST(test_a_member_that_advertises_only_itself_is_asked_where_its_peers_find_it),
		TEST(test_a_member_of_a_name_is_asked_by_it),
		cmocka_unit_test_setup_teardown(
			test_where_the_config_names_members_and_nodes_none_is_guessed,
			set_up_configured, tear_down),
		TEST(test_a_remembered_list_does_not_hide_todays_masters),
		TEST(test_a_node_that_is_gone_takes_its_member_along_unless_etcd_lists_it),
	};

	return cmocka_run_group_tests_name("etcd_members", tests, NULL, NULL);
}
