/* A webhook that lets nothing through, set aside and given back by the real client; and APIs that
 * others serve. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cluster/kube_apiservice.h"
#include "cluster/kube_webhook.h"
#include "help/handed.h"

enum { FAST = 25 };
#define CONFIG "policy.example.com"

static struct handed h;
static const struct kube_ref config = {.group = "admissionregistration.k8s.io",
	.plural = "validatingwebhookconfigurations",
	.name = CONFIG};
static const struct kube_ref pods = {.plural = "pods", .ns = "media"};
static const struct kube_ref policy = {
	.group = "apps", .plural = "deployments", .ns = "policy-system", .name = "policy-webhook"};

static int begin(void **state)
{
	struct err e;

	(void)state;
	handed_open(&h, FAST);
	return drill_scenario(h.drill, "webhook-blocks", &e);
}

static int finish(void **state)
{
	(void)state;
	handed_close(&h);
	return 0;
}

static enum kube_outcome make_pod(const char *body, struct err *e)
{
	struct kube_reply reply;
	enum kube_outcome outcome = kube_deed_create(&h.deed, &pods, body, &reply, e);

	kube_reply_done(&reply);
	return outcome;
}

/* The one of the configuration; false: none. */
static bool find(struct kube_webhooks *all, const struct kube_webhook **out)
{
	struct err e;

	if (kube_webhooks_read(&h.deed, all, &e) != 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < all->rows.len; i++)
		if (strcmp(all->rows.at[i].config, CONFIG) == 0) {
			*out = &all->rows.at[i];
			return true;
		}
	return false;
}

static void test_a_closed_webhook_without_endpoints_blocks_and_is_named(void **state)
{
	const struct kube_webhook *w;
	struct kube_webhooks all;
	struct err e;

	(void)state;
	assert_int_equal(make_pod("{\"metadata\":{\"name\":\"probe\"}}", &e), KUBE_REFUSED);
	assert_non_null(strstr(e.text,
		"Internal error occurred: failed calling webhook \"pods.policy.example.com\": "
		"failed "
		"to call webhook: Post \"https://policy-webhook.policy-system.svc:8443/"
		"validate?timeout=10s\": no endpoints available for service \"policy-webhook\""));
	assert_true(find(&all, &w));
	assert_string_equal(w->name, "pods.policy.example.com");
	assert_string_equal(w->service, "policy-webhook");
	assert_int_equal(w->ready, 0);
	assert_true(kube_webhook_blocks(w));
	kube_webhooks_done(&all);
	assert_true(handed_is(&h, &policy, "status.readyReplicas", "0"));
}

static void test_set_aside_it_lets_its_own_pod_come_and_is_given_back(void **state)
{
	const struct kube_ref shop = {
		.group = "apps", .plural = "deployments", .ns = "shop", .name = "web"};
	const struct kube_webhook *w;
	struct kube_webhooks all;
	struct buf saved;
	struct err e;

	(void)state;
	buf_init(&saved, 1 << 20);
	assert_int_equal(kube_webhook_save(&h.deed, KUBE_VALIDATING, CONFIG, &saved, &e), 0);
	assert_int_equal(kube_webhook_suspend(&h.deed, KUBE_VALIDATING, CONFIG, "another", &e),
		KUBE_ALREADY);
	handed_set(&h, "next/write", "lose");
	assert_int_equal(kube_webhook_suspend(
				 &h.deed, KUBE_VALIDATING, CONFIG, "pods.policy.example.com", &e),
		KUBE_LOST);
	assert_int_equal(
		kube_webhook_suspend(&h.deed, KUBE_VALIDATING, CONFIG, NULL, &e), KUBE_ALREADY);
	assert_true(find(&all, &w));
	assert_false(w->fail_closed);
	assert_string_equal(w->ns, "policy-system"); /* the rest of it is as it was */
	kube_webhooks_done(&all);
	assert_int_equal(make_pod("{\"metadata\":{\"name\":\"probe\"}}", &e), KUBE_DONE);
	assert_true(handed_is(&h, &policy, "status.readyReplicas", "1"));
	assert_true(handed_is(&h, &shop, "status.readyReplicas", "4"));
	assert_int_equal(kube_webhook_restore(&h.deed, buf_text(&saved), &e), KUBE_DONE);
	assert_int_equal(kube_webhook_restore(&h.deed, buf_text(&saved), &e), KUBE_ALREADY);
	assert_true(find(&all, &w));
	assert_true(w->fail_closed);
	assert_int_equal(w->ready, 1);
	assert_false(kube_webhook_blocks(w));
	kube_webhooks_done(&all);
	assert_int_equal(make_pod("{\"metadata\":{\"name\":\"probe-2\"}}", &e), KUBE_DONE);
	buf_done(&saved);
}

static void test_only_what_is_still_there_is_given_back(void **state)
{
	struct buf saved;
	struct kube_reply reply;
	struct err e;
	static const struct kube_delete how = {.grace_s = -1};

	(void)state;
	buf_init(&saved, 1 << 20);
	assert_int_equal(kube_webhook_save(&h.deed, KUBE_VALIDATING, CONFIG, &saved, &e), 0);
	assert_int_equal(
		kube_webhook_suspend(&h.deed, KUBE_VALIDATING, CONFIG, NULL, &e), KUBE_DONE);
	assert_int_equal(
		kube_deed_patch(&h.deed, &config, KUBE_PATCH_MERGE,
			"{\"webhooks\":[{\"name\":\"new.example.com\",\"failurePolicy\":"
			"\"Ignore\",\"clientConfig\":{\"url\":\"https://gone.example.com/\"}}]}",
			&reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_int_equal(kube_webhook_restore(&h.deed, buf_text(&saved), &e), KUBE_ALREADY);
	assert_int_equal(kube_deed_delete(&h.deed, &config, &how, &e), KUBE_DONE);
	assert_int_equal(kube_webhook_restore(&h.deed, buf_text(&saved), &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_MISSING);
	assert_int_equal(kube_webhook_restore(&h.deed, "{\"kind\":7}", &e), KUBE_REFUSED);
	assert_int_equal(e.code, ERR_INPUT);
	buf_done(&saved);
}

static void test_a_mutating_webhook_at_a_url_blocks_what_its_rules_match(void **state)
{
	const struct kube_ref all = {
		.group = "admissionregistration.k8s.io", .plural = "mutatingwebhookconfigurations"};
	const struct kube_ref maps = {.plural = "configmaps", .ns = "shop"},
			      elsewhere = {.plural = "configmaps", .ns = "media"};
	struct kube_reply reply;
	struct kube_webhooks rows;
	struct err e;

	(void)state;
	handed_create(&h, &all,
		"{\"metadata\":{\"name\":\"defaults\"},\"webhooks\":[{\"name\":\"d.example.com\","
		"\"clientConfig\":{\"url\":\"https://gone.example.com/m\"},\"rules\":[{"
		"\"operations\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"configmaps\"]}],"
		"\"namespaceSelector\":{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
		"metadata.name\",\"operator\":\"NotIn\",\"values\":[\"media\"]}]}}]}");
	assert_int_equal(
		kube_deed_create(&h.deed, &maps, "{\"metadata\":{\"name\":\"a\"}}", &reply, &e),
		KUBE_REFUSED);
	assert_non_null(strstr(e.text, "context deadline exceeded"));
	kube_reply_done(&reply);
	assert_int_equal(kube_deed_create(&h.deed, &elsewhere, "{\"metadata\":{\"name\":\"a\"}}",
				 &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
	assert_int_equal(kube_webhooks_read(&h.deed, &rows, &e), 0);
	assert_int_equal(rows.rows.at[0].kind, KUBE_MUTATING);
	assert_true(rows.rows.at[0].fail_closed); /* the API's default */
	assert_int_equal(rows.rows.at[0].ready, -1);
	assert_string_equal(rows.rows.at[0].url, "https://gone.example.com/m");
	kube_webhooks_done(&rows);
	assert_int_equal(
		kube_webhook_suspend(&h.deed, KUBE_MUTATING, "defaults", NULL, &e), KUBE_DONE);
	assert_int_equal(
		kube_deed_create(&h.deed, &maps, "{\"metadata\":{\"name\":\"a\"}}", &reply, &e),
		KUBE_DONE);
	kube_reply_done(&reply);
}

static const struct kube_apiservice *metrics(struct kube_apiservices *all)
{
	struct err e;

	if (kube_apiservices_read(&h.deed, all, &e) != 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < all->rows.len; i++)
		if (strcmp(all->rows.at[i].name, "v1beta1.metrics.k8s.io") == 0)
			return &all->rows.at[i];
	fail_msg("no metrics API");
	return NULL;
}

static void test_an_api_that_nobody_serves_says_so(void **state)
{
	const struct kube_ref r = {.group = "apiregistration.k8s.io",
		.plural = "apiservices",
		.name = "v1beta1.metrics.k8s.io"};
	struct kube_apiservices all;

	(void)state;
	assert_string_equal(metrics(&all)->service, "metrics-server");
	kube_apiservices_done(&all);
	assert_true(handed_is(&h, &r, "spec.group", "metrics.k8s.io"));
	handed_set(&h, "pods/kube-system/metrics-server", "crash");
	for (int i = 0; i < 400; i++) {
		bool available = metrics(&all)->available;

		kube_apiservices_done(&all);
		if (!available)
			break;
		assert_true(i < 399);
		kube_deed_pause(&h.deed, 50);
	}
	assert_string_equal(metrics(&all)->reason, "MissingEndpoints");
	kube_apiservices_done(&all);
	handed_set(&h, "pods/kube-system/metrics-server", "mend");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_closed_webhook_without_endpoints_blocks_and_is_named),
		cmocka_unit_test(test_set_aside_it_lets_its_own_pod_come_and_is_given_back),
		cmocka_unit_test(test_only_what_is_still_there_is_given_back),
		cmocka_unit_test(test_a_mutating_webhook_at_a_url_blocks_what_its_rules_match),
		cmocka_unit_test(test_an_api_that_nobody_serves_says_so),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
