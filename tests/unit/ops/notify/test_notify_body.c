/* What each kind of receiver is sent, and how its answer is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/sha.h"
#include "base/str.h"
#include "help/outgoing.h"
#include "io/http.h"
#include "io/json.h"
#include "model/alert.h"
#include "ops/notify/notification_json.h"

#define URL "https://hooks.example.com/robot/send?access_token=s3cret"

#define FEISHU_SIGN   "Hc5dM02+ptmh0EjeNEkR6VFXhMrl0OC0GhbSOWeacu0="
#define DINGTALK_SIGN "OeeGfgxKi8ZX8RtXYde6jmZDYCGshQC3M5C3l0Lu0gg%3D"

struct composed {
	struct notify_post post;
	struct js *doc;
};

static void compose(struct composed *c, enum notify_kind kind, const struct notification *a,
	const char *url, const char *secret)
{
	const struct notify_letter l = {
		.url = url, .secret = secret, .key = "k/1", .alert = a, .now_ms = 1599360473123};
	struct err e = {0};

	if (notify_compose(kind, &l, &c->post, &e) != 0)
		fail_msg("%s", e.text);
	c->doc = js_parse(c->post.body.at, c->post.body.len, &e);
	if (!c->doc)
		fail_msg("%s: %s", e.text, c->post.body.at);
}

static void composed_done(struct composed *c)
{
	js_free(c->doc);
	notify_post_done(&c->post);
}

static void assert_at(const struct composed *c, const char *path, const char *want)
{
	const char *text = js_str(js_at(c->doc, path));

	assert_non_null(text);
	assert_string_equal(text, want);
}

static void assert_begins(const struct composed *c, const char *path, const char *want)
{
	const char *text = js_str(js_at(c->doc, path));

	assert_non_null(text);
	if (!str_starts(text, want))
		fail_msg("%s", text);
}

static void test_slack_gets_the_strategys_sentence(void **state)
{
	const struct notification a = outgoing_alert(1);
	struct composed c;

	(void)state;
	compose(&c, NOTIFY_SLACK, &a, URL, "");
	assert_begins(&c, "text",
		"🚨 K8s Cluster Alert: P0 in prod (INC-0007): API Server 不可用 &lt;1&gt; &amp; "
		"\"more\"\n- no API server answers\n");
	assert_string_equal(c.post.url, URL);
	composed_done(&c);
}

static void test_nobody_mentions_everybody(void **state)
{
	struct notification a = outgoing_alert(1);
	struct composed c;

	(void)state;
	str_copy(a.title, sizeof(a.title), "<!channel> <at user_id=\"all\">all</at>");
	compose(&c, NOTIFY_SLACK, &a, URL, "");
	assert_null(strstr(c.post.body.at, "<!"));
	composed_done(&c);
	compose(&c, NOTIFY_FEISHU, &a, URL, "");
	assert_null(strstr(c.post.body.at, "<at"));
	composed_done(&c);
	compose(&c, NOTIFY_WECOM, &a, URL, "");
	assert_null(strstr(c.post.body.at, "<at"));
	composed_done(&c);
}

/* Expected values by: printf '' | openssl dgst -sha256 -hmac $'1599360473\nhush' -binary | base64
 */
static void test_feishu_is_signed_in_the_body(void **state)
{
	const struct notification a = outgoing_alert(1);
	struct composed c;

	(void)state;
	compose(&c, NOTIFY_FEISHU, &a, URL, "hush");
	assert_at(&c, "msg_type", "text");
	assert_begins(&c, "content.text", "🚨 K8s Cluster Alert: P0 in prod");
	assert_at(&c, "timestamp", "1599360473");
	assert_at(&c, "sign", FEISHU_SIGN);
	composed_done(&c);
	compose(&c, NOTIFY_FEISHU, &a, URL, "");
	assert_null(js_get(c.doc, "sign"));
	composed_done(&c);
}

/* printf '1599360473123\nSEChush' | openssl dgst -sha256 -hmac SEChush -binary | base64 */
static void test_dingtalk_is_signed_in_the_url(void **state)
{
	const struct notification a = outgoing_alert(1);
	struct composed c;

	(void)state;
	compose(&c, NOTIFY_DINGTALK, &a, URL, "SEChush");
	assert_at(&c, "msgtype", "text");
	assert_begins(&c, "text.content", "🚨 K8s Cluster Alert: P0 in prod");
	assert_string_equal(c.post.url, URL "&timestamp=1599360473123&sign=" DINGTALK_SIGN);
	composed_done(&c);
}

static void test_wecom_gets_no_more_than_it_takes(void **state)
{
	struct notification a = outgoing_alert(1);
	struct composed c;

	(void)state;
	for (a.n_reasons = 0; a.n_reasons < NOTIFICATION_REASONS; a.n_reasons++)
		memset(a.reasons[a.n_reasons], '<', sizeof(a.reasons[0]) - 1);
	compose(&c, NOTIFY_WECOM, &a, URL, "");
	assert_at(&c, "msgtype", "text");
	assert_true(strlen(js_str(js_at(c.doc, "text.content"))) < 2048);
	composed_done(&c);
}

static void test_the_webhook_gets_everything_and_a_signature(void **state)
{
	const struct notification a = outgoing_alert(1);
	unsigned char digest[SHA_BYTES];
	char hex[SHA_HEX], *want;
	struct notification back;
	struct composed c;
	struct err e;

	(void)state;
	compose(&c, NOTIFY_WEBHOOK, &a, URL, "hush");
	assert_at(&c, "schema", "k911/alert/v1");
	assert_at(&c, "key", "k/1");
	assert_at(&c, "kind", "detected");
	assert_at(&c, "level", "P0");
	assert_at(&c, "at", "2026-11-23T12:00:00Z");
	assert_int_equal(notification_read(c.post.body.at, c.post.body.len, &back, &e), 0);
	assert_memory_equal(&back, &a, sizeof(a));
	sha_hmac("hush", 4, c.post.body.at, c.post.body.len, digest);
	want = str_fmt("X-K911-Signature: sha256=%s", sha_hex(digest, hex));
	assert_string_equal(c.post.headers[1], "Idempotency-Key: k/1");
	assert_string_equal(c.post.headers[2], want);
	assert_null(c.post.headers[3]);
	free(want);
	composed_done(&c);
}

static void test_an_alertmanager_gets_labels_and_an_end(void **state)
{
	struct notification a = outgoing_alert(1);
	struct composed c;
	const struct js *first;

	(void)state;
	compose(&c, NOTIFY_ALERTMANAGER, &a, "http://am:9093/", "alice:pw");
	assert_string_equal(c.post.url, "http://am:9093/api/v2/alerts");
	assert_true(c.post.basic);
	assert_string_equal(c.post.credential, "alice:pw");
	assert_int_equal(js_len(c.doc), 1);
	first = js_nth(c.doc, 0);
	assert_string_equal(js_str(js_at(first, "labels.alertname")), ALERT_OWN);
	assert_string_equal(js_str(js_at(first, "labels.level")), "P0");
	assert_string_equal(js_str(js_at(first, "labels.severity")), "critical");
	assert_string_equal(js_str(js_at(first, "labels.cluster")), "prod");
	assert_string_equal(js_text(first, "startsAt"), "2026-11-23T12:00:00Z");
	assert_string_equal(js_text(first, "endsAt"), "2026-11-30T12:00:00Z");
	composed_done(&c);
	a.kind = NOTIFICATION_RECOVERED;
	a.at_ms += 3600000;
	compose(&c, NOTIFY_ALERTMANAGER, &a, "http://am:9093/am/api/v2/alerts", "token");
	assert_string_equal(c.post.url, "http://am:9093/am/api/v2/alerts");
	assert_false(c.post.basic);
	assert_string_equal(js_text(js_nth(c.doc, 0), "endsAt"), "2026-11-23T13:00:00Z");
	composed_done(&c);
}

static void test_a_level_change_ends_one_alert_and_begins_another(void **state)
{
	struct notification a = outgoing_alert(1);
	struct composed c;

	(void)state;
	a.kind = NOTIFICATION_LEVEL;
	a.before = LEVEL_P1;
	a.at_ms += 60000;
	compose(&c, NOTIFY_ALERTMANAGER, &a, "http://am:9093", "");
	assert_int_equal(js_len(c.doc), 2);
	assert_string_equal(js_str(js_at(js_nth(c.doc, 0), "labels.level")), "P1");
	assert_string_equal(js_text(js_nth(c.doc, 0), "endsAt"), "2026-11-23T12:01:00Z");
	assert_string_equal(js_str(js_at(js_nth(c.doc, 1), "labels.level")), "P0");
	composed_done(&c);
}

static void test_a_key_cannot_break_the_header(void **state)
{
	const struct notification a = outgoing_alert(1);
	const struct notify_letter l = {
		.url = URL, .secret = "", .key = "a\r\nX-Evil: 1", .alert = &a};
	struct notify_post p;
	struct err e;

	(void)state;
	assert_int_equal(notify_compose(NOTIFY_SLACK, &l, &p, &e), 0);
	assert_string_equal(p.headers[1], "Idempotency-Key: a__X-Evil: 1");
	notify_post_done(&p);
}

static void test_a_url_that_is_none_is_refused_without_being_shown(void **state)
{
	static const char *const bad[] = {
		"", "s3cret", "ftp://s3cret", "http://", "https://s3cret /x", "file:///s3cret"};
	const struct notification a = outgoing_alert(1);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct notify_letter l = {
			.url = bad[i], .secret = "", .key = "k", .alert = &a};
		struct notify_post p;
		struct err e;

		assert_int_equal(notify_compose(NOTIFY_SLACK, &l, &p, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		assert_null(strstr(e.text, "s3cret"));
		notify_post_done(&p);
	}
}

static int answer(enum notify_kind k, long status, const char *text, bool *refused, struct err *e)
{
	struct buf body;
	int rc;

	buf_init(&body, 1 << 16);
	buf_puts(&body, text);
	rc = notify_read_answer(k, status, &body, "host", refused, e);
	buf_done(&body);
	return rc;
}

static void test_an_answer_is_judged_as_its_kind_means_it(void **state)
{
	bool refused;
	struct err e;

	(void)state;
	assert_int_equal(answer(NOTIFY_SLACK, 200, "ok", &refused, &e), 0);
	assert_int_equal(answer(NOTIFY_WEBHOOK, 204, "", &refused, &e), 0);
	assert_int_equal(
		answer(NOTIFY_FEISHU, 200, "{\"code\":0,\"msg\":\"ok\"}", &refused, &e), 0);
	assert_int_equal(answer(NOTIFY_FEISHU, 200, "{\"StatusCode\":0}", &refused, &e), 0);
	assert_int_equal(
		answer(NOTIFY_DINGTALK, 200, "{\"errcode\":0,\"errmsg\":\"ok\"}", &refused, &e), 0);
	assert_int_equal(
		answer(NOTIFY_DINGTALK, 200, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}",
			&refused, &e),
		-1);
	assert_string_equal(e.text, "host answered 310000: sign not match");
	assert_int_equal(answer(NOTIFY_WECOM, 200, "<html>", &refused, &e), -1);
	assert_int_equal(answer(NOTIFY_WECOM, 200, "{}", &refused, &e), -1);
	assert_int_equal(answer(NOTIFY_SLACK, 302, "", &refused, &e), -1);
	assert_false(refused);
	assert_int_equal(answer(NOTIFY_SLACK, 400, "no_text\x1b", &refused, &e), -1);
	assert_string_equal(e.text, "host answered 400: no_text^[");
	assert_true(refused);
}

static void test_a_host_is_shown_without_its_secrets(void **state)
{
	char host[64];

	(void)state;
	assert_string_equal(http_url_host(URL, host, sizeof(host)), "hooks.example.com");
	assert_string_equal(http_url_host("http://u:p@h:9?t=s3cret", host, sizeof(host)), "h:9");
	assert_string_equal(http_url_host("nonsense", host, sizeof(host)), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slack_gets_the_strategys_sentence),
		cmocka_unit_test(test_nobody_mentions_everybody),
		cmocka_unit_test(test_feishu_is_signed_in_the_body),
		cmocka_unit_test(test_dingtalk_is_signed_in_the_url),
		cmocka_unit_test(test_wecom_gets_no_more_than_it_takes),
		cmocka_unit_test(test_the_webhook_gets_everything_and_a_signature),
		cmocka_unit_test(test_an_alertmanager_gets_labels_and_an_end),
		cmocka_unit_test(test_a_level_change_ends_one_alert_and_begins_another),
		cmocka_unit_test(test_a_key_cannot_break_the_header),
		cmocka_unit_test(test_a_url_that_is_none_is_refused_without_being_shown),
		cmocka_unit_test(test_an_answer_is_judged_as_its_kind_means_it),
		cmocka_unit_test(test_a_host_is_shown_without_its_secrets),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
