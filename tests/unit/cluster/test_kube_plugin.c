/* Credential plugins: what one is told, what it may answer, and what is said of one that fails. The
 * plugin is a shell script of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_auth.h"
#include "cluster/kube_plugin.h"
#include "help/keys.h"
#include "io/file.h"
#include "io/json.h"
#include "io/temp_dir.h"

#define V1         "client.authentication.k8s.io/v1"
#define CREDENTIAL "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\","

struct plugin {
	struct temp_dir dir;
	struct kube_exec exec;
	struct kube_access access;
	char *command;
	struct kube_plugin_credential got;
	struct err err;
};

static void open_plugin(struct plugin *p, const char *script)
{
	char *text = str_fmt("#!/bin/sh\n%s\n", script);

	memset(p, 0, sizeof(*p));
	assert_int_equal(temp_dir_open(&p->dir, "/tmp", "k911-plugin-", NULL), 0);
	p->command = str_fmt("%s/plugin", p->dir.path);
	assert_int_equal(file_write(p->command, text, strlen(text), 0700, NULL), 0);
	free(text);
	p->exec.command = p->command;
	p->exec.api_version = (char *)(uintptr_t)V1;
	p->access.exec = &p->exec;
	p->access.server = (char *)(uintptr_t) "https://10.0.1.5:6443";
}

static void close_plugin(struct plugin *p)
{
	kube_plugin_credential_done(&p->got);
	temp_dir_close(&p->dir);
	free(p->command);
}

static int run(struct plugin *p)
{
	return kube_plugin_run(&p->access, -1, &p->got, &p->err);
}

static char *prints(const char *json)
{
	return str_fmt("cat <<'END'\n%s\nEND", json);
}

static void test_a_token_and_its_end_are_taken(void **state)
{
	char *script = prints(CREDENTIAL "\"status\":{\"token\":\"t0\",\"expirationTimestamp\":"
					 "\"2025-11-23T06:40:00Z\"}}");
	struct plugin p;

	(void)state;
	open_plugin(&p, script);
	assert_int_equal(run(&p), 0);
	assert_string_equal(p.got.token, "t0");
	assert_null(p.got.cert_pem);
	assert_int_equal(p.got.expires_ms, INT64_C(1763880000000));
	close_plugin(&p);
	free(script);
	open_plugin(&p, "echo '" CREDENTIAL "\"status\":{\"token\":\"t1\"}}'; echo noise >&2");
	assert_int_equal(run(&p), 0);
	assert_true(p.got.expires_ms == INT64_MAX);
	close_plugin(&p);
}

/* A JSON string's content of a PEM. */
static char *escaped(const char *pem)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	for (; *pem != '\0'; pem++)
		buf_add(&b, *pem == '\n' ? "\\n" : pem, *pem == '\n' ? 2 : 1);
	return buf_take(&b);
}

static int run_pair(struct plugin *p, const char *cert, const char *key)
{
	char *c = escaped(cert), *k = escaped(key);
	char *json = str_fmt(CREDENTIAL "\"status\":{\"clientCertificateData\":\"%s\","
					"\"clientKeyData\":\"%s\"}}",
		c, k);
	char *script = prints(json);
	int rc;

	open_plugin(p, script);
	rc = run(p);
	free(c);
	free(k);
	free(json);
	free(script);
	return rc;
}

static void test_a_certificate_is_taken_with_the_key_that_can_be_used(void **state)
{
	struct plugin p;

	(void)state;
	assert_int_equal(run_pair(&p, KEYS_CERT, KEYS_KEY), 0);
	assert_string_equal(p.got.cert_pem, KEYS_CERT);
	assert_string_equal(p.got.key_pem, KEYS_KEY);
	close_plugin(&p);
	assert_int_equal(run_pair(&p, KEYS_CERT, KEYS_KEY_ENCRYPTED), -1);
	assert_non_null(strstr(p.err.text, "encrypted"));
	assert_true(p.got.cert_pem == NULL && p.got.key_pem == NULL);
	close_plugin(&p);
}

static void test_every_answer_that_is_none_is_refused_in_words(void **state)
{
	static const struct {
		const char *script, *says;
	} rows[] = {
		{"true", "no JSON"},
		{"echo hello", "no JSON"},
		{"echo '[]'", "no ExecCredential"},
		{"echo '{\"kind\":\"Status\"}'", "no ExecCredential"},
		{"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s."
		 "io/v1beta1\",\"status\":{\"token\":\"x\"}}'",
			"another apiVersion"},
		{"echo '" CREDENTIAL "\"status\":null}'", "no status"},
		{"echo '" CREDENTIAL "\"status\":{}}'", "neither a token nor a certificate"},
		{"echo '" CREDENTIAL "\"status\":{\"token\":7}}'", "neither a token"},
		{"echo '" CREDENTIAL
		 "\"status\":{\"token\":\"x\",\"expirationTimestamp\":\"soon\"}}'",
			"is no time"},
		{"echo '" CREDENTIAL "\"status\":{\"clientKeyData\":\"x\"}}'", "without its"},
		{"printf '%s' '" CREDENTIAL "\"status\":{\"token\":\"a\\nb\"}}'", "line break"},
		{"echo first >&2; echo 'the reason' >&2; exit 3", "exit 3): the reason"},
		{"exit 1", "gave no reason"},
		{"echo 'Authorization: Bearer abcdef0123456789abcdef' >&2; exit 1", "exit 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plugin p;

		open_plugin(&p, rows[i].script);
		assert_int_equal(run(&p), -1);
		assert_int_equal(p.err.code, ERR_AUTH);
		if (strstr(p.err.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].script, p.err.text);
		assert_non_null(strstr(p.err.text, p.command));
		assert_null(strstr(p.err.text, "abcdef0123456789"));
		assert_true(p.got.token == NULL && p.got.cert_pem == NULL && p.got.key_pem == NULL);
		close_plugin(&p);
	}
}

static void test_a_program_that_is_not_there_is_said_with_its_hint(void **state)
{
	struct plugin p;

	(void)state;
	open_plugin(&p, "true");
	p.exec.command = (char *)(uintptr_t) "/nowhere/aws";
	p.exec.install_hint = (char *)(uintptr_t) "pip install aws\033[31m";
	assert_int_equal(run(&p), -1);
	assert_int_equal(p.err.code, ERR_AUTH);
	assert_non_null(strstr(p.err.text, "/nowhere/aws"));
	assert_non_null(strstr(p.err.text, "pip install aws"));
	assert_null(strchr(p.err.text, '\033'));
	close_plugin(&p);
}

static void test_one_that_must_ask_somebody_is_not_even_run(void **state)
{
	struct plugin p;
	char *mark;

	(void)state;
	open_plugin(&p, "touch \"$0.ran\"");
	p.exec.interactive_always = true;
	assert_int_equal(run(&p), -1);
	assert_non_null(strstr(p.err.text, "interactiveMode"));
	mark = str_fmt("%s.ran", p.command);
	assert_false(file_exists(mark));
	free(mark);
	close_plugin(&p);
}

static struct js *told(struct plugin *p)
{
	char *path = str_fmt("%s.info", p->command), *text = NULL;
	struct js *doc;

	assert_int_equal(run(p), 0);
	assert_int_equal(file_read(path, 1 << 20, &text, NULL, NULL), 0);
	doc = js_parse(text, strlen(text), NULL);
	assert_non_null(doc);
	free(text);
	free(path);
	return doc;
}

static void test_it_is_told_its_cluster_only_when_the_kubeconfig_says_so(void **state)
{
	const char *const args[] = {"token", "--cluster", "a b", NULL};
	const char *const env[] = {"AWS_PROFILE=ops", NULL};
	const struct js *spec;
	struct plugin p;
	struct js *doc;

	(void)state;
	open_plugin(&p,
		"printf '%s' \"$KUBERNETES_EXEC_INFO\" >\"$0.info\"\n"
		"[ \"$#\" = 3 ] && [ \"$3\" = 'a b' ] && [ \"$AWS_PROFILE\" = ops ] || exit 7\n"
		"[ -z \"$(cat)\" ] || exit 8\n"
		"echo '" CREDENTIAL "\"status\":{\"token\":\"t\"}}'");
	p.exec.args = (char **)(uintptr_t)args;
	p.exec.env = (char **)(uintptr_t)env;
	doc = told(&p);
	spec = js_get(doc, "spec");
	assert_string_equal(js_text(doc, "apiVersion"), V1);
	assert_null(js_get(spec, "cluster"));
	js_free(doc);
	kube_plugin_credential_done(&p.got);
	p.exec.provide_cluster_info = true;
	p.exec.cluster_config = (char *)(uintptr_t) "{\"audience\":\"x\"}";
	p.access.ca_pem = (char *)(uintptr_t) "ca";
	doc = told(&p);
	spec = js_get(js_get(doc, "spec"), "cluster");
	assert_string_equal(js_text(spec, "server"), "https://10.0.1.5:6443");
	assert_string_equal(js_text(spec, "certificate-authority-data"), "Y2E=");
	assert_string_equal(js_text(js_get(spec, "config"), "audience"), "x");
	js_free(doc);
	close_plugin(&p);
}

static void test_one_that_hangs_can_be_cancelled(void **state)
{
	int cancel = eventfd(1, EFD_CLOEXEC);
	struct plugin p;

	(void)state;
	open_plugin(&p, "exec sleep 60");
	assert_int_equal(kube_plugin_run(&p.access, cancel, &p.got, &p.err), -1);
	assert_int_equal(p.err.code, ERR_CANCELLED);
	close(cancel);
	close_plugin(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_and_its_end_are_taken),
		cmocka_unit_test(test_a_certificate_is_taken_with_the_key_that_can_be_used),
		cmocka_unit_test(test_every_answer_that_is_none_is_refused_in_words),
		cmocka_unit_test(test_a_program_that_is_not_there_is_said_with_its_hint),
		cmocka_unit_test(test_one_that_must_ask_somebody_is_not_even_run),
		cmocka_unit_test(test_it_is_told_its_cluster_only_when_the_kubeconfig_says_so),
		cmocka_unit_test(test_one_that_hangs_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
