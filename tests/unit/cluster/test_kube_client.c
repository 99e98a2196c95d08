/* Where a request goes and with what: URLs, names, tokens that change, plugins that behave and
 * plugins that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/kube_client.h"
#include "cluster/kube_get.h"
#include "help/hostile.h"
#include "help/keys.h"
#include "help/script.h"
#include "io/file.h"
#include "io/json.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

#define DEADLINE_MS 20000
#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define V1          "client.authentication.k8s.io/v1"

static char dir[64];

static int open_dir(void **state)
{
	(void)state;
	str_copy(dir, sizeof(dir), "/tmp/k911-client-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int close_dir(void **state)
{
	static const char *const names[] = {"plugin", "runs", "token", "cert", "key"};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *path = str_fmt("%s/%s", dir, names[i]);

		unlink(path);
		free(path);
	}
	return rmdir(dir);
}

static char *put(const char *name, const char *text, mode_t mode)
{
	char *path = str_fmt("%s/%s", dir, name);
	struct err e;

	if (file_write(path, text, strlen(text), mode, &e) != 0)
		fail_msg("%s", e.text);
	return path;
}

static struct kube_access *access_to(const char *server)
{
	struct kube_access *a = mem_new(struct kube_access);

	a->server = mem_str(server);
	a->user = mem_str("me");
	return a;
}

/* A plugin: a shell script that notes each run, and must find its stdin empty. */
static struct kube_access *access_by(const char *script)
{
	struct kube_access *a = access_to("https://10.0.1.5:6443");
	char *text = str_fmt(
		"#!/bin/sh\necho run >>%s/runs\ntest -z \"$(cat)\" || exit 9\n%s\n", dir, script);
	char *runs = put("runs", "", 0600);

	a->exec = mem_new(struct kube_exec);
	a->exec->command = put("plugin", text, 0700);
	a->exec->api_version = mem_str(V1);
	free(text);
	free(runs);
	return a;
}

static size_t runs(void)
{
	char *path = str_fmt("%s/runs", dir), *text = NULL;
	size_t n = 0;

	assert_int_equal(file_read(path, 10000, &text, &n, NULL), 0);
	free(text);
	free(path);
	return n / strlen("run\n");
}

struct filled {
	struct http_request request;
	struct kube_hold *hold;
	struct err err;
};

/* Asks until it is no longer busy. */
static int fill(struct kube_client *c, struct filled *f)
{
	const struct kube_endpoint at = {.label = "x"};
	int64_t until = instant_now().boot_ms + DEADLINE_MS;
	int rc;

	memset(f, 0, sizeof(*f));
	while ((rc = kube_client_fill(c, &at, "/api", &f->request, &f->hold, &f->err)) != 0 &&
		f->err.code == ERR_BUSY) {
		if (instant_now().boot_ms > until)
			fail_msg("busy for ever");
		poll(NULL, 0, 5);
	}
	return rc;
}

static void test_urls_keep_the_name_that_tls_verifies(void **state)
{
	static const struct {
		const char *server, *tls_name, *to, *url, *connect_to, *label;
	} rows[] = {
		{"https://10.0.1.5:6443", NULL, "", "https://10.0.1.5:6443/api", "",
			"10.0.1.5:6443"},
		{"https://api.example", NULL, "", "https://api.example/api", "", "api.example:443"},
		{"https://10.0.1.5:6443", NULL, "10.0.1.10:6443", "https://10.0.1.5:6443/api",
			"10.0.1.10:6443", "10.0.1.5:6443"},
		{"https://10.0.1.5:6443/k8s/c1", "kubernetes", "",
			"https://kubernetes:6443/k8s/c1/api", "10.0.1.5:6443", "10.0.1.5:6443"},
		{"https://10.0.1.5", "kubernetes", "10.0.1.10:6443", "https://kubernetes:443/api",
			"10.0.1.10:6443", "10.0.1.5:443"},
		{"https://[fd00::5]:6443", NULL, "[fd00::10]:6443", "https://[fd00::5]:6443/api",
			"[fd00::10]:6443", "[fd00::5]:6443"},
		{"https://[fd00::5]", NULL, "", "https://[fd00::5]/api", "", "[fd00::5]:443"},
		{"http://127.0.0.1", NULL, "", "http://127.0.0.1/api", "", "127.0.0.1:80"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kube_access *a = access_to(rows[i].server);
		struct kube_endpoint at, server;
		struct kube_client *c;
		struct http_request r = {.method = NULL};
		struct kube_hold *hold;
		char url[200], connect_to[80];

		a->tls_server_name = mem_str(rows[i].tls_name);
		c = kube_client_new(a, NULL);
		memset(&at, 0, sizeof(at));
		str_copy(at.connect_to, sizeof(at.connect_to), rows[i].to);
		kube_client_url(c, &at, "/api", url, sizeof(url), connect_to);
		assert_string_equal(url, rows[i].url);
		assert_string_equal(connect_to, rows[i].connect_to);
		assert_int_equal(kube_client_fill(c, &at, "/api", &r, &hold, NULL), 0);
		assert_string_equal(r.url, rows[i].url);
		assert_string_equal(r.connect_to != NULL ? r.connect_to : "", rows[i].connect_to);
		kube_hold_release(hold);
		kube_client_server(c, &server);
		assert_string_equal(server.label, rows[i].label);
		kube_client_unref(c);
	}
}

static void test_what_the_kubeconfig_says_goes_into_the_request(void **state)
{
	static const char *const own[] = {"Accept: x", NULL};
	struct kube_access *a = access_to("https://10.0.1.5:6443");
	struct kube_client *c;
	struct kube_endpoint at = {.label = ""};
	struct http_request r = {.headers = own, .gzip = true};
	struct kube_hold *hold;

	(void)state;
	a->token = mem_str("secret");
	a->proxy_url = mem_str("socks5h://p:1080");
	a->impersonate = mem_zero(2, sizeof(char *));
	a->impersonate[0] = mem_str("Impersonate-User: boss");
	a->no_gzip = true;
	c = kube_client_new(a, NULL);
	assert_int_equal(kube_client_fill(c, &at, "/", &r, &hold, NULL), 0);
	assert_string_equal(r.bearer, "secret");
	assert_string_equal(r.proxy, "socks5h://p:1080");
	assert_string_equal(r.headers[0], "Accept: x");
	assert_string_equal(r.headers[1], "Impersonate-User: boss");
	assert_null(r.headers[2]);
	assert_null(r.basic);
	assert_false(r.gzip);
	assert_non_null(r.tls);
	kube_hold_release(hold);
	kube_client_unref(c);
}

#define CREDENTIAL(status)                                                                         \
	"{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":{" status "}}"

static void test_a_plugin_runs_once_until_the_server_refuses_its_token(void **state)
{
	struct kube_access *a = access_by(
		"printf '" CREDENTIAL("\"token\":\"t-%s\",\"expirationTimestamp\":\"2100-01-01T00:"
				      "00:00Z\"") "' "
						  "$(wc -l <$(dirname $0)/runs)");
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c = kube_client_new(a, pool);
	struct filled f;
	char what[200];

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(fill(c, &f), 0);
		assert_string_equal(f.request.bearer, "t-1");
		kube_hold_release(f.hold);
	}
	assert_int_equal(runs(), 1);
	assert_true(kube_client_expiry(c, what, sizeof(what)) == 4102444800000);
	assert_non_null(strstr(what, "plugin"));
	kube_client_rejected(c);
	assert_int_equal(fill(c, &f), 0);
	assert_string_equal(f.request.bearer, "t-2");
	kube_hold_release(f.hold);
	kube_client_rejected(c); /* at once again: not obeyed */
	assert_int_equal(fill(c, &f), 0);
	assert_string_equal(f.request.bearer, "t-2");
	kube_hold_release(f.hold);
	assert_int_equal(runs(), 2);
	pool_stop(pool);
	kube_client_unref(c);
}

static void test_a_plugin_is_told_about_its_cluster(void **state)
{
	struct kube_access *a =
		access_by("t=$(printf %s \"$KUBERNETES_EXEC_INFO$A\" | od -An -tx1 | tr -d ' "
			  "\\n')\nprintf '" CREDENTIAL("\"token\":\"%s\"") "' \"$t\"");
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c;
	struct filled f;
	char said[2000];
	size_t n;

	(void)state;
	a->exec->provide_cluster_info = true;
	a->exec->cluster_config = mem_str("{\"x\":1}");
	a->exec->env = mem_zero(2, sizeof(char *));
	a->exec->env[0] = mem_str("A=b");
	a->ca_pem = mem_str("pem");
	c = kube_client_new(a, pool);
	assert_int_equal(fill(c, &f), 0);
	n = strlen(f.request.bearer) / 2;
	for (size_t i = 0; i < n; i++) {
		char digits[3] = {f.request.bearer[2 * i], f.request.bearer[2 * i + 1], '\0'};

		said[i] = (char)strtol(digits, NULL, 16);
	}
	said[n] = '\0';
	assert_string_equal(said, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
				  "\",\"spec\":{\"cluster\":{\"server\":\"https://10.0.1.5:6443\","
				  "\"certificate-authority-data\":\"cGVt\",\"config\":{\"x\":1}},"
				  "\"interactive\":false}}b");
	kube_hold_release(f.hold);
	pool_stop(pool);
	kube_client_unref(c);
}

static void test_a_plugin_that_gives_nothing_usable_says_why(void **state)
{
	static const struct {
		const char *script, *words;
	} rows[] = {
		{"echo 'no login: token=abcdefghijkl' >&2; exit 3", "exit 3"},
		{"exit 1", "no reason"},
		{"echo nonsense", "no JSON"},
		{"echo '{\"kind\":\"Pod\"}'", "no ExecCredential"},
		{"echo "
		 "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
		 "v1beta1\",\"status\":{\"token\":\"t\"}}'",
			"apiVersion"},
		{"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\"}'", "no status"},
		{"echo '" CREDENTIAL("") "'", "neither a token"},
		{"echo '" CREDENTIAL("\"clientCertificateData\":\"x\"") "'", "without its key"},
		{"echo '" CREDENTIAL("\"token\":\"t\",\"expirationTimestamp\":\"soon\"") "'",
			"no time"},
		{"echo '" CREDENTIAL(
			 "\"token\":\"t\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"") "'",
			"expired"},
		{"kill -9 $$", "plugin"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kube_access *a = access_by(rows[i].script);
		struct pool *pool = pool_start(1, 4);
		struct kube_client *c;
		struct filled f;

		a->exec->install_hint = mem_str("read the wiki");
		c = kube_client_new(a, pool);
		assert_int_equal(fill(c, &f), -1);
		assert_int_equal(f.err.code, ERR_AUTH);
		if (strstr(f.err.text, rows[i].words) == NULL ||
			strstr(f.err.text, "abcdefghijkl") != NULL)
			fail_msg("\"%s\" does not say \"%s\", or says too much", f.err.text,
				rows[i].words);
		pool_stop(pool);
		kube_client_unref(c);
	}
}

static void test_a_missing_plugin_and_one_that_must_prompt(void **state)
{
	struct pool *pool = pool_start(1, 4);
	struct kube_access *a = access_by("exit 1");
	struct kube_client *c;
	struct filled f;

	(void)state;
	free(a->exec->command);
	a->exec->command = mem_str("/nonexistent/aws-iam");
	a->exec->install_hint = mem_str("install the \x1b[2J tool");
	c = kube_client_new(a, pool);
	assert_int_equal(fill(c, &f), -1);
	assert_non_null(strstr(f.err.text, "/nonexistent/aws-iam"));
	assert_non_null(strstr(f.err.text, "install the"));
	assert_null(strchr(f.err.text, '\x1b'));
	kube_client_unref(c);
	a = access_by("exit 1");
	a->exec->interactive_always = true;
	c = kube_client_new(a, pool);
	assert_int_equal(fill(c, &f), -1);
	assert_non_null(strstr(f.err.text, "interactiveMode"));
	assert_int_equal(runs(), 0);
	pool_stop(pool);
	kube_client_unref(c);
}

static void test_stopping_the_pool_ends_a_plugin_that_hangs(void **state)
{
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c = kube_client_new(access_by("sleep 1000"), pool);
	const struct kube_endpoint at = {.label = "x"};
	struct http_request r = {.method = NULL};
	struct kube_hold *hold;
	struct err e;

	(void)state;
	assert_int_equal(kube_client_fill(c, &at, "/", &r, &hold, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	assert_null(hold);
	pool_stop(pool);
	kube_client_unref(c);
}

static void test_a_token_file_is_read_again_after_a_refusal(void **state)
{
	struct pool *pool = pool_start(1, 4);
	struct kube_access *a = access_to("https://10.0.1.5:6443");
	struct kube_client *c;
	struct filled f;

	(void)state;
	a->token = mem_str("fallback");
	a->token_file = put("token", " first\n", 0600);
	c = kube_client_new(a, pool);
	assert_int_equal(fill(c, &f), 0); /* at once: the first read needs no worker */
	assert_string_equal(f.request.bearer, "first");
	kube_hold_release(f.hold);
	free(put("token", "second\n", 0600));
	kube_client_rejected(c);
	assert_int_equal(fill(c, &f), 0);
	assert_string_equal(f.request.bearer, "second");
	kube_hold_release(f.hold);
	pool_stop(pool);
	kube_client_unref(c);
}

static void test_the_certificates_end_is_known(void **state)
{
	struct err e;
	struct tls_authority *ca = tls_authority_new("test", &e);
	const struct tls_issue who = {.cn = "kubernetes-admin",
		.not_before_ms = 1700000000000,
		.not_after_ms = 4000000000000};
	struct kube_access *a = access_to("https://10.0.1.5:6443");
	struct kube_client *c;
	char what[200];

	(void)state;
	assert_int_equal(tls_authority_issue(ca, &who, &a->cert_pem, &a->key_pem, &e), 0);
	a->cert_file = put("cert", a->cert_pem, 0600);
	a->key_file = put("key", a->key_pem, 0600);
	c = kube_client_new(a, NULL);
	assert_true(kube_client_expiry(c, what, sizeof(what)) == 4000000000000);
	assert_string_equal(what, "client certificate kubernetes-admin");
	kube_client_unref(c);
	tls_authority_free(ca);
}

/* kube_get's answer. */
struct got {
	pthread_mutex_t lock;
	pthread_cond_t came;
	int dones;
	struct err err;
	long status;
	char body[100];
};

static void on_got(void *arg, const struct err *err, const struct http_result *result,
	const char *body, size_t n)
{
	struct got *g = arg;

	pthread_mutex_lock(&g->lock);
	g->dones++;
	g->err = *err;
	g->status = result->status;
	str_copy_n(g->body, sizeof(g->body), body, n);
	pthread_cond_signal(&g->came);
	pthread_mutex_unlock(&g->lock);
}

static void got_init(struct got *g)
{
	memset(g, 0, sizeof(*g));
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->came, NULL);
}

static void get(struct http *h, struct kube_client *c, struct got *g, const char *path)
{
	struct kube_endpoint at;
	struct timespec until;
	int late = 0;

	got_init(g);
	kube_client_server(c, &at);
	kube_get(h, c, &at, path, 10000, on_got, g);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEADLINE_MS / 1000;
	pthread_mutex_lock(&g->lock);
	while (g->dones == 0 && late == 0)
		late = pthread_cond_timedwait(&g->came, &g->lock, &until);
	pthread_mutex_unlock(&g->lock);
	if (late != 0)
		fail_msg("no answer");
}

static void test_a_get_gives_the_body_or_a_sentence(void **state)
{
	static const struct script_step steps[] = {
		{.expect = "GET /version", .status = 200, .body = "{\"gitVersion\":\"v1\"}"},
		{.status = 404, .body = "404 page not found"},
		{.status = 401,
			.body = "{\"kind\":\"Status\",\"message\":\"Unauthorized\",\"code\":401}"},
		{.status = 0},
	};
	struct script *s = script_start(NULL, steps, COUNT(steps));
	char *server = str_fmt("http://127.0.0.1:%d", script_port(s));
	struct kube_client *c = kube_client_new(access_to(server), NULL);
	struct err e;
	struct http *h = http_open(&e);
	struct got g;

	(void)state;
	get(h, c, &g, "/version");
	assert_int_equal(g.err.code, ERR_NONE);
	assert_string_equal(g.body, "{\"gitVersion\":\"v1\"}");
	get(h, c, &g, "/x");
	assert_int_equal(g.err.code, ERR_MISSING);
	assert_int_equal(g.status, 404);
	get(h, c, &g, "/x");
	assert_int_equal(g.err.code, ERR_AUTH);
	get(h, c, &g, "/x");
	assert_int_not_equal(g.err.code, ERR_NONE);
	assert_int_equal(g.status, 0);
	assert_int_equal(g.dones, 1);
	http_close(h);
	kube_client_unref(c);
	script_stop(s);
	free(server);
}

static void test_a_get_waits_for_a_credential(void **state)
{
	struct kube_access *a = access_by("sleep 0.3; echo '" CREDENTIAL("\"token\":\"late\"") "'");
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c;
	struct err e;
	struct http *h = http_open(&e);
	struct got g;

	(void)state;
	free(a->server);
	a->server = str_fmt("https://127.0.0.1:%d", hostile_closed_port());
	c = kube_client_new(a, pool);
	get(h, c, &g, "/");
	assert_int_equal(g.err.code, ERR_REFUSED); /* asked, once the plugin had ended */
	assert_int_equal(runs(), 1);
	http_close(h);
	pool_stop(pool);
	kube_client_unref(c);
}

/* As kubectl: what is there to prove who we are is not even read. */
static void test_an_http_server_is_told_no_credential(void **state)
{
	static const struct script_step steps[] = {{.expect = "GET /version Impersonate-User: boss",
		.reject = "Authorization",
		.status = 200,
		.body = "ok"}};
	struct script *s = script_start(NULL, steps, 1);
	struct kube_access *a = access_by("echo '" CREDENTIAL("\"token\":\"secret\"") "'");
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c;
	struct err e;
	struct http *h = http_open(&e);
	char what[200];
	struct got g;

	(void)state;
	free(a->server);
	a->server = str_fmt("http://127.0.0.1:%d", script_port(s));
	a->token = mem_str("secret");
	a->basic = mem_str("me:secret");
	a->token_file = mem_str("/nowhere");
	a->impersonate = mem_zero(2, sizeof(char *));
	a->impersonate[0] = mem_str("Impersonate-User: boss");
	c = kube_client_new(a, pool);
	get(h, c, &g, "/version");
	assert_string_equal(g.body, "ok");
	assert_int_equal(runs(), 0);
	kube_client_expiry(c, what, sizeof(what));
	assert_non_null(strstr(what, "none is sent to an http:// server"));
	assert_true(kube_client_access(c)->withheld);
	http_close(h);
	pool_stop(pool);
	kube_client_unref(c);
	script_stop(s);
}

/* A plugin's answer whose key is not the one wanted; file holds it. */
static void expect_refused_key(const char *cert, const char *key, const char *words)
{
	char *script = str_fmt("cat %s/token", dir), *path;
	struct buf b;
	struct jsw w;
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c;
	struct filled f;

	buf_init(&b, 1u << 16);
	jsw_init(&w, &b);
	jsw_object(&w, NULL);
	jsw_str(&w, "kind", "ExecCredential");
	jsw_str(&w, "apiVersion", V1);
	jsw_object(&w, "status");
	jsw_str(&w, "clientCertificateData", cert);
	jsw_str(&w, "clientKeyData", key);
	jsw_end_object(&w);
	jsw_end_object(&w);
	path = put("token", buf_text(&b), 0600);
	c = kube_client_new(access_by(script), pool);
	assert_int_equal(fill(c, &f), -1);
	assert_int_equal(f.err.code, ERR_AUTH);
	if (strstr(f.err.text, words) == NULL)
		fail_msg("\"%s\", not \"%s\"", f.err.text, words);
	pool_stop(pool);
	kube_client_unref(c);
	buf_done(&b);
	free(path);
	free(script);
}

static void test_a_plugins_key_that_cannot_be_used_is_said(void **state)
{
	(void)state;
	expect_refused_key(KEYS_CERT, KEYS_KEY_ENCRYPTED, "the client key is encrypted");
	expect_refused_key(KEYS_CERT, KEYS_RSA, "belongs to another certificate");
	expect_refused_key(KEYS_CERT, "", "no private key");
	expect_refused_key("x", KEYS_KEY, "the client certificate is none");
}

static void test_closing_answers_a_get_that_still_waits(void **state)
{
	struct pool *pool = pool_start(1, 4);
	struct kube_client *c = kube_client_new(access_by("sleep 1000"), pool);
	struct kube_endpoint at = {.label = "x"};
	struct got g;
	struct err e;
	struct http *h = http_open(&e);

	(void)state;
	got_init(&g);
	kube_get(h, c, &at, "/", 0, on_got, &g);
	http_close(h);
	assert_int_equal(g.dones, 1);
	assert_int_equal(g.err.code, ERR_CANCELLED);
	pool_stop(pool);
	kube_client_unref(c);
}

/* The server is reached by address, its certificate is only for the name: tls-server-name makes
 * that verify, and nothing else does. */
static void ask_over_tls(struct tls_server *tls, const char *ca_pem, bool named)
{
	static const struct script_step steps[] = {
		{.expect = "GET /version Host: kubernetes", .status = 200, .body = "ok"}};
	struct script *s = script_start(tls, steps, COUNT(steps));
	char *server = str_fmt("https://127.0.0.1:%d", script_port(s));
	struct kube_access *a = access_to(server);
	struct kube_endpoint at = {.label = ""};
	struct http_request r = {.version = HTTP_V1}; /* what a script speaks */
	struct http_result result;
	struct kube_client *c;
	struct kube_hold *hold;
	struct buf body;

	a->ca_pem = mem_str(ca_pem);
	a->tls_server_name = named ? mem_str("kubernetes") : NULL;
	c = kube_client_new(a, NULL);
	assert_int_equal(kube_client_fill(c, &at, "/version", &r, &hold, NULL), 0);
	buf_init(&body, 100);
	http_perform(&r, -1, &body, &result);
	assert_int_equal(result.err.code, named ? ERR_NONE : ERR_TLS);
	assert_string_equal(buf_text(&body), named ? "ok" : "");
	buf_done(&body);
	kube_hold_release(hold);
	kube_client_unref(c);
	script_stop(s);
	free(server);
}

static void test_tls_verifies_the_tls_server_name(void **state)
{
	static const char *const names[] = {"kubernetes", NULL};
	const struct tls_issue what = {.cn = "kube-apiserver",
		.names = names,
		.not_before_ms = 1700000000000,
		.not_after_ms = 4000000000000};
	struct err e;
	struct tls_authority *ca = tls_authority_new("test", &e);
	char *cert, *key;
	struct tls_server *tls;

	(void)state;
	assert_int_equal(tls_authority_issue(ca, &what, &cert, &key, &e), 0);
	tls = tls_server_new(cert, key, NULL, false, &e);
	ask_over_tls(tls, tls_authority_pem(ca), true);
	ask_over_tls(tls, tls_authority_pem(ca), false);
	tls_server_free(tls);
	tls_authority_free(ca);
	free(cert);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls_keep_the_name_that_tls_verifies),
		cmocka_unit_test(test_what_the_kubeconfig_says_goes_into_the_request),
		cmocka_unit_test(test_a_plugin_runs_once_until_the_server_refuses_its_token),
		cmocka_unit_test(test_a_plugin_is_told_about_its_cluster),
		cmocka_unit_test(test_a_plugin_that_gives_nothing_usable_says_why),
		cmocka_unit_test(test_a_missing_plugin_and_one_that_must_prompt),
		cmocka_unit_test(test_stopping_the_pool_ends_a_plugin_that_hangs),
		cmocka_unit_test(test_a_token_file_is_read_again_after_a_refusal),
		cmocka_unit_test(test_the_certificates_end_is_known),
		cmocka_unit_test(test_a_get_gives_the_body_or_a_sentence),
		cmocka_unit_test(test_a_get_waits_for_a_credential),
		cmocka_unit_test(test_an_http_server_is_told_no_credential),
		cmocka_unit_test(test_a_plugins_key_that_cannot_be_used_is_said),
		cmocka_unit_test(test_closing_answers_a_get_that_still_waits),
		cmocka_unit_test(test_tls_verifies_the_tls_server_name),
	};

	return cmocka_run_group_tests(tests, open_dir, close_dir);
}
