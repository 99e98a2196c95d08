/* The configuration's receivers and Alertmanager: what is read, printed back and complained of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "base/str.h"
#include "io/file.h"

static char path[] = "/tmp/k911-config-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	setenv("HOME", "/home/alice", 1);
	return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static struct config *load(const char *text, struct err *e)
{
	struct config *c;

	assert_int_equal(file_write(path, text, strlen(text), 0600, e), 0);
	err_clear(e);
	return config_load(path, &c, e) == 0 ? c : NULL;
}

#define GOOD                                                                                       \
	"notify:\n"                                                                                \
	"- {kind: slack, url_file: ~/slack.url, levels: [P0, P1]}\n"                               \
	"- {kind: dingtalk, url_file: /d.url, secret_file: /d.key, proxy: 'http://p:3128'}\n"      \
	"alerts: {alertmanager: 'http://am:9093', secret_file: ~/am}\n"

static void test_receivers_are_read_and_print_as_they_are_read(void **state)
{
	struct notify_target *targets;
	struct config *c, *again;
	struct buf out;
	struct err e;

	(void)state;
	c = load(GOOD, &e);
	assert_non_null(c);
	buf_init(&out, 1 << 16);
	config_print(c, &out);
	config_free(c);
	again = load(buf_text(&out), &e);
	if (!again)
		fail_msg("%s", e.text);
	assert_int_equal(again->notify.n, 2);
	targets = config_notify_targets(&again->notify);
	assert_int_equal(targets[0].kind, NOTIFY_SLACK);
	assert_string_equal(targets[0].url_file, "/home/alice/slack.url");
	assert_string_equal(targets[0].secret_file, "");
	assert_int_equal(targets[0].levels, 1u << LEVEL_P0 | 1u << LEVEL_P1);
	assert_int_equal(targets[1].kind, NOTIFY_DINGTALK);
	assert_string_equal(targets[1].secret_file, "/d.key");
	assert_string_equal(targets[1].proxy, "http://p:3128");
	assert_int_equal(targets[1].levels, 15);
	assert_string_equal(again->alerts.alertmanager, "http://am:9093");
	assert_string_equal(again->alerts.secret_file, "/home/alice/am");
	free(targets);
	config_free(again);
	buf_done(&out);
}

static void test_without_them_nothing_is_sent_or_asked(void **state)
{
	struct config *c;
	struct err e;

	(void)state;
	c = load("ui: {theme: dark}\n", &e);
	assert_non_null(c);
	assert_int_equal(c->notify.n, 0);
	assert_string_equal(c->alerts.alertmanager, "");
	config_free(c);
}

static void test_every_mistake_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *where, *what;
	} bad[] = {
		{"notify: {}", ":1:9: ", "must be a list"},
		{"ui: {theme: dark}\n---\nnotify: []\n", ":2:1: ", "more than one document"},
		{"notify: [slack]", ":1:10: ", "is like {kind: slack"},
		{"notify: [{kind: slak, url_file: a}]", ":1:17: ", "did you mean \"slack\"?"},
		{"notify: [{kind: carrier-pigeon, url_file: a}]", ":1:17: ", "must be slack"},
		{"notify: [{kind: slack}]", ":1:10: ", "needs kind and url_file"},
		{"notify: [{url_file: a}]", ":1:10: ", "needs kind and url_file"},
		{"notify: [{kind: slack, url_file: 'https://x'}]", ":1:34: ", "path of a file"},
		{"notify: [{kind: slack, url_file: [a]}]", ":1:34: ", "must be a text"},
		{"notify: [{kind: slack, url_fil: a}]", ":1:24: ", "did you mean \"url_file\"?"},
		{"notify: [{kind: slack, zzzzzzzzzzz: a}]", ":1:24: ", "a receiver has kind"},
		{"notify: [{kind: slack, url_file: a, levels: P0}]", ":1:45: ", "must be a list"},
		{"notify: [{kind: slack, url_file: a, levels: []}]", ":1:45: ", "must be a list"},
		{"notify: [{kind: slack, url_file: a, levels: [P9]}]", ":1:46: ", "one of P0"},
		{"notify:\n- {kind: slack, url_file: a}\n- {kind: slack, url_file: a}",
			":3:3: ", "there already"},
		{"alerts: {alertmanager: 'am:9093'}", ":1:24: ", "http:// or https://"},
		{"alerts: {alertmanager: 'http://u:p@am'}", ":1:24: ", "must not hold a password"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e;

		assert_null(load(bad[i].text, &e));
		assert_int_equal(e.code, ERR_INPUT);
		if (!strstr(e.text, bad[i].where) || !strstr(e.text, bad[i].what))
			fail_msg("%s: %s", bad[i].text, e.text);
	}
}

static void test_thresholds_are_the_limits_defaults_but_for_those_it_names(void **state)
{
	struct limits wanted = limits_default;
	struct config *c;
	struct err e;

	(void)state;
	c = load("", &e);
	assert_memory_equal(&c->thresholds, &wanted, sizeof(wanted));
	config_free(c);
	c = load("thresholds: {cpu_percent: 60, hold_down: 2m}\n", &e);
	wanted.cpu_percent = 60;
	wanted.hold_down_ms = 120000;
	assert_memory_equal(&c->thresholds, &wanted, sizeof(wanted));
	config_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receivers_are_read_and_print_as_they_are_read),
		cmocka_unit_test(test_without_them_nothing_is_sent_or_asked),
		cmocka_unit_test(test_every_mistake_is_named_with_its_place),
		cmocka_unit_test(test_thresholds_are_the_limits_defaults_but_for_those_it_names),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
