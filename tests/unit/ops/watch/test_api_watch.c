/* Which API servers are known: learned, renamed, forgotten. Nothing is asked here (test_letters.c
 * plays the answers), and which of them is used is test_api_place.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/watch/api_watch.h"

struct place {
	struct kube_client *client;
	struct api_watch w;
};

static int set_up(void **state)
{
	struct place *p = mem_new(struct place);
	struct kube_access *a = mem_new(struct kube_access);

	a->server = mem_str("https://10.0.0.1:6443");
	a->user = mem_str("me");
	p->client = kube_client_new(a, NULL);
	api_watch_init(&p->w, NULL, NULL, p->client, NULL, "");
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	api_watch_done(&p->w);
	kube_client_unref(p->client);
	free(p);
	return 0;
}

static void learn(struct place *p, const char *name, const char *address, int port)
{
	struct host node = {.api_port = port};

	str_copy(node.name, sizeof(node.name), name);
	str_copy(node.address, sizeof(node.address), address);
	api_watch_learn(&p->w, &node);
}

static void learn_three(struct place *p)
{
	learn(p, "m1", "10.0.0.11", 0);
	learn(p, "m2", "10.0.0.12", 7443);
	learn(p, "m3", "fd00::13", 6443);
}

static void test_each_control_plane_node_has_an_api_server_of_its_own(void **state)
{
	struct place *p = *state;

	learn_three(p);
	learn(p, "m4", "", 6443); /* no address: nothing to ask */
	assert_int_equal(p->w.n, 4);
	assert_string_equal(p->w.at[1].at.label, "10.0.0.11:6443");
	assert_string_equal(p->w.at[2].at.label, "10.0.0.12:7443");
	assert_string_equal(p->w.at[3].at.label, "[fd00::13]:6443");
	assert_int_equal(api_watch_port(&p->w, "10.0.0.12"), 7443);
	assert_int_equal(api_watch_port(&p->w, "fd00::13"), 6443);
	assert_int_equal(api_watch_port(&p->w, "10.0.0.99"), 0);
	assert_ptr_equal(api_watch_vip(&p->w), &p->w.at[0]);
}

static void test_a_server_whose_port_changed_is_asked_there_in_its_place(void **state)
{
	struct place *p = *state;

	learn_three(p);
	learn(p, "m1", "10.0.0.11", 16443);
	assert_int_equal(p->w.n, 4);
	assert_string_equal(p->w.at[1].at.label, "10.0.0.11:16443");
}

static void test_a_kubeconfig_that_names_a_node_has_no_load_balancer(void **state)
{
	struct place *p = *state;

	learn(p, "m1", "10.0.0.1", 6443);
	assert_int_equal(p->w.n, 1);
	assert_string_equal(p->w.at[0].node, "m1");
	assert_null(api_watch_vip(&p->w));
	api_watch_keep(&p->w, NULL, 0, &(int){0}); /* the node is gone: but an address again */
	assert_string_equal(p->w.at[0].node, "");
	assert_ptr_equal(api_watch_vip(&p->w), &p->w.at[0]);
}

static void test_no_more_servers_are_known_than_there_is_room_for(void **state)
{
	struct place *p = *state;
	char name[16], address[32];

	for (int i = 0; i < API_MAX + 5; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		snprintf(address, sizeof(address), "10.0.1.%d", i);
		learn(p, name, address, 6443);
	}
	assert_int_equal(p->w.n, API_MAX);
}

static void test_where_the_watches_run_stays_the_same_server_when_others_go(void **state)
{
	const struct host left = {.name = "m3", .address = "fd00::13"};
	struct place *p = *state;
	int active = 3, forgotten = 1;

	learn_three(p);
	assert_false(api_watch_is_of(&p->w, 1, &left, 1));
	assert_true(api_watch_is_of(&p->w, 0, &left, 1));
	api_watch_keep(&p->w, &left, 1, &active);
	assert_int_equal(p->w.n, 2);
	assert_int_equal(active, 1);
	assert_string_equal(p->w.at[active].node, "m3");
	api_watch_keep(&p->w, NULL, 0, &forgotten);
	assert_int_equal(forgotten, 0);
	assert_int_equal(p->w.n, 1);
}

static void test_a_server_the_config_names_is_never_forgotten(void **state)
{
	const struct host m1 = {.name = "m1", .address = "10.0.0.11", .configured = true};
	struct place *p = *state;
	int active = 1;

	api_watch_learn(&p->w, &m1);
	learn(p, "m1", "10.0.0.11", 6444); /* what the cluster says of it does not change that */
	api_watch_keep(&p->w, NULL, 0, &active);
	assert_int_equal(p->w.n, 2);
	assert_int_equal(active, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_control_plane_node_has_an_api_server_of_its_own),
		TEST(test_a_server_whose_port_changed_is_asked_there_in_its_place),
		TEST(test_a_kubeconfig_that_names_a_node_has_no_load_balancer),
		TEST(test_no_more_servers_are_known_than_there_is_room_for),
		TEST(test_where_the_watches_run_stays_the_same_server_when_others_go),
		TEST(test_a_server_the_config_names_is_never_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
