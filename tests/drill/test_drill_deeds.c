/* Deeds on the practice cluster's API by the real client: what is done, what is refused and in
 * which words, and what is neither because its answer was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/wake.h"
#include "cluster/kube_join.h"
#include "cluster/kube_may.h"
#include "cluster/kube_node.h"
#include "help/handed.h"

enum { FAST = 25 };

static struct handed h;

static int begin(void **state)
{
	(void)state;
	handed_open(&h, FAST);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	handed_close(&h);
	return 0;
}

static const struct kube_ref w1 = {.plural = "nodes", .name = "w1"};
static const struct kube_ref maps = {.plural = "configmaps", .ns = "shop"};

static enum kube_outcome create(const char *body, struct err *e, char reason[64])
{
	struct kube_reply reply;
	enum kube_outcome outcome = kube_deed_create(&h.deed, &maps, body, &reply, e);

	if (reason != NULL)
		str_copy(reason, 64, reply.reason);
	kube_reply_done(&reply);
	return outcome;
}

static struct kube_ref map_of(const char *name)
{
	return (struct kube_ref){.plural = "configmaps", .ns = "shop", .name = name};
}

/* A fault takes effect within a tick: asked until it is met as that error. */
static void meet(const struct kube_deed *d, enum err_code code)
{
	struct err e = {0};
	struct kube_reply reply;

	for (int i = 0; i < 200; i++) {
		kube_deed_get(d, &w1, &reply, &e);
		kube_reply_done(&reply);
		if (e.code == code)
			return;
		kube_deed_pause(&h.deed, 50);
	}
	fail_msg("%s", e.text);
}

/* ---- objects ---- */

static void test_an_object_is_made_read_changed_and_deleted(void **state)
{
	static const struct kube_delete how = {.grace_s = -1};
	const struct kube_ref one = map_of("note");
	struct kube_reply reply;
	char reason[64];
	struct err e;

	(void)state;
	assert_int_equal(
		create("{\"metadata\":{\"name\":\"note\"},\"data\":{\"a\":\"1\",\"b\":\"2\"}}", &e,
			NULL),
		KUBE_DONE);
	assert_int_equal(create("{\"metadata\":{\"name\":\"note\"}}", &e, reason), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_string_equal(reason, "AlreadyExists");
	assert_int_equal(kube_deed_patch(&h.deed, &one, KUBE_PATCH_MERGE,
				 "{\"data\":{\"a\":null,\"b\":\"3\"}}", &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_true(handed_is(&h, &one, "data", "{\"b\":\"3\"}"));
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_DONE);
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_ALREADY);
	assert_int_equal(kube_deed_get(&h.deed, &one, &reply, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	assert_string_equal(
		e.text, "get configmaps shop/note: HTTP 404: configmaps \"note\" not found");
	kube_reply_done(&reply);
}

static void test_a_delete_takes_only_the_one_it_means(void **state)
{
	const struct kube_ref one = map_of("twin");
	struct kube_reply reply;
	struct kube_delete how = {.uid = "11111111-2222-4333-a444-555555555555", .grace_s = -1};
	char uid[64], version[32];
	struct err e;

	(void)state;
	assert_int_equal(create("{\"metadata\":{\"name\":\"twin\"}}", &e, NULL), KUBE_DONE);
	assert_int_equal(kube_deed_get(&h.deed, &one, &reply, &e), 0);
	str_copy(uid, sizeof(uid), js_text(js_get(reply.json, "metadata"), "uid"));
	str_copy(version, sizeof(version),
		js_text(js_get(reply.json, "metadata"), "resourceVersion"));
	kube_reply_done(&reply);
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_non_null(strstr(e.text, "the UID in the precondition"));
	how = (struct kube_delete){.uid = uid, .version = "1", .grace_s = -1};
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_CONFLICT);
	how.version = version;
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_DONE);
}

static void test_finalizers_hold_what_is_deleted(void **state)
{
	static const struct kube_delete how = {.grace_s = -1};
	const struct kube_ref one = map_of("held");
	struct kube_reply reply;
	struct err e;

	(void)state;
	assert_int_equal(
		create("{\"metadata\":{\"name\":\"held\",\"finalizers\":[\"x.io/y\"]}}", &e, NULL),
		KUBE_DONE);
	assert_int_equal(kube_deed_delete(&h.deed, &one, &how, &e), KUBE_DONE);
	assert_false(handed_is(&h, &one, "metadata.deletionTimestamp", ""));
	assert_int_equal(kube_deed_patch(&h.deed, &one, KUBE_PATCH_MERGE,
				 "{\"metadata\":{\"finalizers\":null}}", &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_true(handed_gone(&h, &one));
}

static void test_a_dry_run_keeps_nothing(void **state)
{
	struct kube_deed dry = h.deed;
	struct kube_reply reply;
	const struct kube_ref one = map_of("draft");
	struct err e;

	(void)state;
	dry.dry_run = true;
	assert_int_equal(
		kube_deed_create(&dry, &maps, "{\"metadata\":{\"name\":\"draft\"}}", &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_true(handed_gone(&h, &one));
	assert_int_equal(kube_node_cordon(&dry, "w1", true, &e), KUBE_DONE);
	assert_true(handed_is(&h, &w1, "spec.unschedulable", ""));
}

static void test_a_list_is_read_page_by_page(void **state)
{
	const struct kube_ref r = {.plural = "configmaps", .ns = "media"};
	const struct kube_select all = {.labels = "made=here"}, cached = {.cached = true};
	struct kube_items items;
	struct err e;

	(void)state;
	for (int i = 0; i < 260; i++) {
		char *body = str_fmt("{\"metadata\":{\"name\":\"m-%d\",\"labels\":{\"made\":"
				     "\"here\"}}}",
			i);

		handed_create(&h, &r, body);
		free(body);
	}
	assert_int_equal(kube_deed_list(&h.deed, &r, &all, &items, &e), 0);
	assert_int_equal(items.at.len, 260);
	assert_int_equal(items.pages.len, 2);
	kube_items_done(&items);
	assert_int_equal(kube_deed_list(&h.deed, &r, &cached, &items, &e), 0);
	assert_int_equal(items.pages.len, 1);
	kube_items_done(&items);
}

/* ---- names ---- */

static void test_a_hostile_name_leads_nowhere_else(void **state)
{
	static const char *const bad[] = {"", ".", "..", "../../nodes/w1", "a/b", "a%2fb"};
	static const struct kube_delete how = {.grace_s = -1};
	char *longest = str_fmt("%0300d", 1);
	struct err e;

	(void)state;
	for (size_t i = 0; i <= sizeof(bad) / sizeof(*bad); i++) {
		const char *name = i < sizeof(bad) / sizeof(*bad) ? bad[i] : longest;
		const struct kube_ref r = {.plural = "pods", .ns = "shop", .name = name};
		const struct kube_ref in = {.plural = "pods", .ns = name, .name = "x"};

		assert_int_equal(kube_deed_delete(&h.deed, &r, &how, &e), KUBE_REFUSED);
		assert_int_equal(e.code, ERR_INPUT);
		assert_int_equal(kube_deed_delete(&h.deed, &in, &how, &e), KUBE_REFUSED);
		assert_int_equal(e.code, ERR_INPUT);
	}
	free(longest);
	for (size_t i = 0; i < 4; i++) {
		static const char *const odd[] = {"w1?dryRun=All", "w1 x#y", "w1\033[2J", "节点&x"};
		const struct kube_ref r = {.plural = "nodes", .name = odd[i]};
		struct kube_reply reply;

		assert_int_equal(kube_deed_get(&h.deed, &r, &reply, &e), -1);
		assert_int_equal(e.code, ERR_MISSING);
		assert_null(strchr(e.text, '\033'));
		kube_reply_done(&reply);
	}
}

static void test_kinds_are_found_as_kubectl_calls_them(void **state)
{
	struct kube_ref r;

	(void)state;
	assert_true(kube_ref_find("deploy", &r));
	assert_string_equal(r.plural, "deployments");
	assert_string_equal(r.group, "apps");
	assert_true(kube_ref_find("Node", &r));
	assert_null(r.group);
	assert_true(kube_ref_find("poddisruptionbudgets.policy", &r));
	assert_false(kube_ref_find("pods.metrics.k8s.io", &r));
	assert_false(kube_ref_find("", &r));
	assert_false(kube_ref_find("secret.", &r));
	assert_false(kube_ref_find("frobs", &r));
}

/* ---- refusals, and answers that do not come ---- */

static void test_each_refusal_has_its_code_and_says_what(void **state)
{
	const struct kube_ref pods = {.plural = "pods", .ns = "shop"},
			      nowhere = {.plural = "configmaps", .ns = "nowhere"};
	struct kube_reply reply;
	struct err e;

	(void)state;
	assert_int_equal(create("{\"metadata\":{\"name\":\"Not Valid\"}}", &e, NULL), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_INPUT);
	assert_int_equal(create("no object", &e, NULL), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_INPUT);
	assert_int_equal(
		kube_deed_create(&h.deed, &nowhere, "{\"metadata\":{\"name\":\"a\"}}", &reply, &e),
		KUBE_REFUSED);
	assert_int_equal(e.code, ERR_MISSING);
	kube_reply_done(&reply);
	handed_set(&h, "rights/create/pods", "deny");
	assert_int_equal(kube_deed_create(&h.deed, &pods, "{}", &reply, &e), KUBE_REFUSED);
	kube_reply_done(&reply);
	assert_int_equal(e.code, ERR_AUTH);
	assert_string_equal(e.text,
		"not allowed to create pods shop: pods is forbidden: User \"kubernetes-admin\" "
		"cannot create resource \"pods\" in API group \"\" in the namespace \"shop\"");
	handed_set(&h, "rights/create/pods", "allow");
}

#define GIVES_UP_MS 500

static void test_a_server_busy_for_one_request_is_asked_again(void **state)
{
	struct kube_deed brief = h.deed;
	struct instant begin;
	struct err e;

	(void)state;
	handed_set(&h, "next/write", "busy");
	assert_int_equal(create("{\"metadata\":{\"name\":\"busy\"}}", &e, NULL), KUBE_DONE);
	handed_set(&h, "next/write", "crowded");
	assert_int_equal(create("{\"metadata\":{\"name\":\"crowded\"}}", &e, NULL), KUBE_DONE);
	handed_set(&h, "next/read", "busy");
	assert_true(handed_is(&h, &w1, "metadata.name", "w1"));
	begin = instant_now();
	assert_true(handed_is(&h, &w1, "metadata.name", "w1"));
	if (instant_age_ms(begin, instant_now()) > GIVES_UP_MS / 3) {
		print_message("too slow here: the first answer itself would not come in time\n");
		return;
	}
	brief.within_ms = GIVES_UP_MS; /* before the second that the server asks for */
	handed_set(&h, "next/write", "busy");
	assert_int_equal(kube_node_cordon(&brief, "w1", true, &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_BUSY);
	assert_true(handed_is(&h, &w1, "spec.unschedulable", ""));
}

static void test_a_lost_answer_is_no_refusal(void **state)
{
	const struct kube_ref one = map_of("lost");
	struct err e;

	(void)state;
	handed_set(&h, "next/write", "lose");
	assert_int_equal(create("{\"metadata\":{\"name\":\"lost\"}}", &e, NULL), KUBE_LOST);
	assert_int_not_equal(e.code, ERR_NONE);
	assert_true(handed_is(&h, &one, "metadata.name", "lost"));
	handed_set(&h, "next/write", "lose");
	assert_int_equal(kube_node_cordon(&h.deed, "w2", true, &e), KUBE_LOST);
	assert_int_equal(kube_node_cordon(&h.deed, "w2", true, &e), KUBE_ALREADY);
	assert_int_equal(kube_node_cordon(&h.deed, "w2", false, &e), KUBE_DONE);
}

static void test_a_server_that_is_not_reached_was_asked_nothing(void **state)
{
	static const struct {
		const char *what, *to, *back;
		enum err_code code;
	} faults[] = {{"vip", "refuse", "none", ERR_REFUSED}, {"vip", "cut", "none", ERR_TIMEOUT},
		{"certificate", "expire", "renew", ERR_TLS}};
	const struct kube_ref far = map_of("far");
	struct kube_deed brief = h.deed;
	struct kube_reply reply;
	struct err e;

	(void)state;
	brief.within_ms = 1500;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		handed_set(&h, faults[i].what, faults[i].to);
		meet(&brief, faults[i].code);
		assert_int_equal(kube_deed_create(&brief, &maps,
					 "{\"metadata\":{\"name\":\"far\"}}", &reply, &e),
			KUBE_REFUSED);
		kube_reply_done(&reply);
		assert_int_equal(e.code, faults[i].code);
		handed_set(&h, faults[i].what, faults[i].back);
		meet(&h.deed, ERR_NONE);
	}
	assert_true(handed_gone(&h, &far));
}

static void test_without_etcd_nobody_knows_what_a_write_did(void **state)
{
	const char *m1 = drill_config(h.drill)->masters[0].api;
	struct kube_deed direct = h.deed;
	enum kube_outcome outcome = KUBE_REFUSED;
	struct kube_reply reply;
	struct err e;

	(void)state;
	str_copy(direct.at.label, sizeof(direct.at.label), m1);
	str_copy(direct.at.connect_to, sizeof(direct.at.connect_to), m1);
	handed_set(&h, "container/m2/etcd", "crash");
	handed_set(&h, "container/m3/etcd", "crash");
	for (int i = 0; i < 100 && outcome != KUBE_LOST; i++) {
		outcome = kube_deed_create(&direct, &maps,
			"{\"metadata\":{\"generateName\":\"unsure-\"}}", &reply, &e);
		kube_reply_done(&reply);
		kube_deed_pause(&direct, 50);
	}
	assert_int_equal(outcome, KUBE_LOST);
	assert_int_equal(reply.status, 500);
	handed_set(&h, "container/m2/etcd", "mend");
	handed_set(&h, "container/m3/etcd", "mend");
	assert_true(handed_is(&h, &w1, "metadata.name", "w1"));
}

static void test_a_cancel_ends_a_wait_at_once(void **state)
{
	struct kube_deed c = h.deed;
	struct kube_reply reply;
	struct err e;

	(void)state;
	c.cancel_fd = wake_open();
	wake_set(c.cancel_fd);
	assert_int_equal(kube_deed_get(&c, &w1, &reply, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	kube_reply_done(&reply);
	assert_false(kube_deed_pause(&c, 60000));
	close(c.cancel_fd);
}

/* ---- nodes ---- */

static void test_a_cordon_says_when_it_was_so_already(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(kube_node_cordon(&h.deed, "w1", false, &e), KUBE_ALREADY);
	assert_int_equal(kube_node_cordon(&h.deed, "w1", true, &e), KUBE_DONE);
	assert_int_equal(kube_node_cordon(&h.deed, "w1", true, &e), KUBE_ALREADY);
	assert_true(handed_is(&h, &w1, "spec.unschedulable", "true"));
	assert_int_equal(kube_node_cordon(&h.deed, "w1", false, &e), KUBE_DONE);
	assert_true(handed_is(&h, &w1, "spec.unschedulable", ""));
	assert_int_equal(kube_node_cordon(&h.deed, "w9", true, &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_MISSING);
}

static void test_a_taint_comes_and_goes_beside_the_others(void **state)
{
	static const struct kube_taint ours = {
		.key = KUBE_OUT_OF_SERVICE, .value = "nodeshutdown", .effect = "NoExecute"};
	static const struct kube_taint team = {
		.key = "team", .value = "db", .effect = "PreferNoSchedule"};
	const struct kube_ref w5 = {.plural = "nodes", .name = "w5"};
	struct err e;

	(void)state;
	assert_int_equal(kube_node_taint(&h.deed, "w5", &team, &e), KUBE_DONE);
	assert_int_equal(kube_node_taint(&h.deed, "w5", &ours, &e), KUBE_DONE);
	assert_int_equal(kube_node_taint(&h.deed, "w5", &ours, &e), KUBE_ALREADY);
	assert_true(handed_is(&h, &w5, "spec.taints",
		"[{\"key\":\"team\",\"value\":\"db\",\"effect\":\"PreferNoSchedule\"},"
		"{\"key\":\"node.kubernetes.io/out-of-service\",\"value\":\"nodeshutdown\","
		"\"effect\":\"NoExecute\"}]"));
	handed_set(&h, "next/write", "conflict"); /* somebody wrote between: made anew */
	assert_int_equal(
		kube_node_untaint(&h.deed, "w5", KUBE_OUT_OF_SERVICE, NULL, &e), KUBE_DONE);
	assert_int_equal(
		kube_node_untaint(&h.deed, "w5", KUBE_OUT_OF_SERVICE, NULL, &e), KUBE_ALREADY);
	assert_int_equal(kube_node_untaint(&h.deed, "w5", "team", "NoSchedule", &e), KUBE_ALREADY);
	assert_int_equal(
		kube_node_untaint(&h.deed, "w5", "team", "PreferNoSchedule", &e), KUBE_DONE);
	assert_true(handed_is(&h, &w5, "spec.taints", ""));
}

static void test_what_people_wrote_on_a_node_goes_to_its_successor(void **state)
{
	static const char written[] = "{\"metadata\":{\"labels\":{\"disk\":\"nvme\"},"
				      "\"annotations\":{\"on-call\":\"值班\"}}}";
	static const struct kube_delete how = {.grace_s = -1};
	static const struct kube_taint team = {.key = "team", .effect = "PreferNoSchedule"};
	const struct kube_ref w4 = {.plural = "nodes", .name = "w4"};
	struct kube_reply reply;
	struct buf saved;
	struct err e;

	(void)state;
	buf_init(&saved, 1 << 20);
	assert_int_equal(
		kube_deed_patch(&h.deed, &w4, KUBE_PATCH_MERGE, written, &reply, &e), KUBE_DONE);
	kube_reply_done(&reply);
	assert_int_equal(kube_node_taint(&h.deed, "w4", &team, &e), KUBE_DONE);
	assert_int_equal(kube_node_save(&h.deed, "w4", &saved, &e), 0);
	assert_int_equal(kube_node_put_back(&h.deed, "w4", buf_text(&saved), &e), KUBE_ALREADY);
	assert_int_equal(kube_deed_delete(&h.deed, &w4, &how, &e), KUBE_DONE);
	handed_set(&h, "kubelet/w4", "restart");
	assert_true(handed_is(&h, &w4, "metadata.labels.disk", ""));
	assert_int_equal(kube_node_put_back(&h.deed, "w4", buf_text(&saved), &e), KUBE_DONE);
	assert_true(handed_is(&h, &w4, "metadata.labels.disk", "nvme"));
	assert_true(handed_is(&h, &w4, "metadata.annotations.on-call", "值班"));
	assert_int_equal(
		kube_node_untaint(&h.deed, "w4", "team", "PreferNoSchedule", &e), KUBE_DONE);
	assert_int_equal(kube_node_put_back(&h.deed, "w4", "not json", &e), KUBE_REFUSED);
	buf_done(&saved);
}

/* ---- rights, tokens ---- */

static void test_rights_are_told_before_a_deed(void **state)
{
	const struct kube_right evict = {
		.verb = "create", .resource = "pods", .sub = "eviction", .ns = "shop"};
	char why[200];
	bool allowed;
	struct err e;

	(void)state;
	assert_int_equal(kube_may(&h.deed, &evict, &allowed, why, &e), 0);
	assert_true(allowed);
	assert_non_null(strstr(why, "RBAC: allowed by"));
	handed_set(&h, "rights/create/pods/eviction", "deny");
	assert_int_equal(kube_may(&h.deed, &evict, &allowed, why, &e), 0);
	assert_false(allowed);
	handed_set(&h, "rights/create/pods/eviction", "allow");
	handed_set(&h, "vip", "refuse");
	meet(&h.deed, ERR_REFUSED);
	assert_int_equal(kube_may(&h.deed, &evict, &allowed, why, &e), -1);
	assert_false(allowed);
	handed_set(&h, "vip", "none");
	meet(&h.deed, ERR_NONE);
}

static void test_a_join_token_lives_in_its_secret_until_it_is_ended(void **state)
{
	struct kube_join j;
	struct kube_ref r = {.plural = "secrets", .ns = "kube-system"};
	char name[40];
	struct err e;

	(void)state;
	assert_int_equal(kube_join_make(1795409030000, &j, &e), 0);
	snprintf(name, sizeof(name), "bootstrap-token-%s", j.id);
	r.name = name;
	handed_set(&h, "next/write", "lose");
	assert_int_equal(kube_join_begin(&h.deed, &j, &e), KUBE_LOST);
	assert_int_equal(kube_join_begin(&h.deed, &j, &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_null(strstr(e.text, j.secret));
	assert_true(handed_is(&h, &r, "type", "bootstrap.kubernetes.io/token"));
	assert_true(handed_is(&h, &r, "data.usage-bootstrap-authentication", "dHJ1ZQ=="));
	/* 2026-11-23T05:13:50Z */
	assert_true(handed_is(&h, &r, "data.expiration", "MjAyNi0xMS0yM1QwNToxMzo1MFo="));
	assert_int_equal(kube_join_end(&h.deed, j.id, &e), KUBE_DONE);
	assert_int_equal(kube_join_end(&h.deed, j.id, &e), KUBE_ALREADY);
	kube_join_forget(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_object_is_made_read_changed_and_deleted),
		cmocka_unit_test(test_a_delete_takes_only_the_one_it_means),
		cmocka_unit_test(test_finalizers_hold_what_is_deleted),
		cmocka_unit_test(test_a_dry_run_keeps_nothing),
		cmocka_unit_test(test_a_list_is_read_page_by_page),
		cmocka_unit_test(test_a_hostile_name_leads_nowhere_else),
		cmocka_unit_test(test_kinds_are_found_as_kubectl_calls_them),
		cmocka_unit_test(test_each_refusal_has_its_code_and_says_what),
		cmocka_unit_test(test_a_server_busy_for_one_request_is_asked_again),
		cmocka_unit_test(test_a_lost_answer_is_no_refusal),
		cmocka_unit_test(test_a_server_that_is_not_reached_was_asked_nothing),
		cmocka_unit_test(test_a_cancel_ends_a_wait_at_once),
		cmocka_unit_test(test_a_cordon_says_when_it_was_so_already),
		cmocka_unit_test(test_a_taint_comes_and_goes_beside_the_others),
		cmocka_unit_test(test_what_people_wrote_on_a_node_goes_to_its_successor),
		cmocka_unit_test(test_rights_are_told_before_a_deed),
		cmocka_unit_test(test_a_join_token_lives_in_its_secret_until_it_is_ended),
		cmocka_unit_test(test_without_etcd_nobody_knows_what_a_write_did),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
