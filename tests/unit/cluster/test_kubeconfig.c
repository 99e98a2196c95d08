/* A kubeconfig means here what it means to kubectl, and a wrong one says where and what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/str.h"
#include "cluster/kube_token.h"
#include "cluster/kubeconfig.h"
#include "cluster/kubeconfig_entry.h"
#include "help/keys.h"
#include "io/file.h"

#define PEM   KEYS_CERT
#define KEY   KEYS_KEY
#define PEM64 KEYS_CERT_64
#define KEY64 KEYS_KEY_64

static char dir[64];

static int open_dir(void **state)
{
	(void)state;
	str_copy(dir, sizeof(dir), "/tmp/k911-kubeconfig-XXXXXX");
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBECONFIG");
	if (mkdtemp(dir) == NULL)
		return -1;
	setenv("HOME", dir, 1);
	return 0;
}

static int close_dir(void **state)
{
	static const char *const names[] = {"a", "b", "c", "ca.pem", "cert.pem", "key.pem",
		"empty.pem", "der.pem", "token", "ca.crt", "namespace", ".kube/config", ".kube"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = str_fmt("%s/%s", dir, names[i]);

		if (unlink(path) != 0)
			rmdir(path);
		free(path);
	}
	return rmdir(dir);
}

/* Writes DIR/name; gives its path, which lives until the next but three. */
static const char *put(const char *name, const char *text)
{
	static char paths[4][128];
	static int turn;
	char *path = paths[turn++ % 4];
	struct err e;

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	if (file_write(path, text, strlen(text), 0600, &e) != 0)
		fail_msg("%s", e.text);
	return path;
}

static struct kube_access *load(const char *path, const char *context)
{
	struct kube_access *a;
	struct err e;

	err_clear(&e);
	if (kubeconfig_load(path, context, &a, &e) != 0)
		fail_msg("%s", e.text);
	return a;
}

/* The error of a kubeconfig; the text lives until the next call. */
static const struct err *broken(const char *path, const char *context)
{
	static struct err e;
	struct kube_access *a;

	err_clear(&e);
	assert_int_equal(kubeconfig_load(path, context, &a, &e), -1);
	assert_null(a);
	return &e;
}

static void says(const struct err *e, const char *what)
{
	if (strstr(e->text, what) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e->text, what);
}

#define HEAD                                                                                       \
	"apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts:\n- name: x\n  context: "      \
	"{cluster: c, user: u}\n"
#define CLUSTER                                                                                    \
	"clusters:\n- name: c\n  cluster: {server: 'https://10.0.1.5:6443/', "                     \
	"certificate-authority-data: " PEM64 "}\n"

static void test_kubeadms_own_file_reads(void **state)
{
	struct kube_access *a = load(
		put("a", "apiVersion: v1\nclusters:\n- cluster:\n    "
			 "certificate-authority-data: " PEM64
			 "\n    server: https://10.0.1.5:6443\n  name: kubernetes\ncontexts:\n- "
			 "context:\n    cluster: kubernetes\n"
			 "    user: kubernetes-admin\n    namespace: kube-system\n  name: "
			 "kubernetes-admin@kubernetes\n"
			 "current-context: kubernetes-admin@kubernetes\nkind: Config\npreferences: "
			 "{}\nusers:\n"
			 "- name: kubernetes-admin\n  user:\n    client-certificate-data: " PEM64
			 "\n    client-key-data: " KEY64 "\n"),
		NULL);

	(void)state;
	assert_string_equal(a->server, "https://10.0.1.5:6443");
	assert_string_equal(a->context, "kubernetes-admin@kubernetes");
	assert_string_equal(a->cluster, "kubernetes");
	assert_string_equal(a->user, "kubernetes-admin");
	assert_string_equal(a->namespace_, "kube-system");
	assert_string_equal(a->ca_pem, PEM);
	assert_string_equal(a->cert_pem, PEM);
	assert_string_equal(a->key_pem, KEY);
	assert_null(a->token);
	assert_null(a->cert_file);
	assert_false(a->insecure);
	kube_access_free(a);
}

static void test_json_is_a_kubeconfig_too(void **state)
{
	struct kube_access *a = load(put("a", "{\"current-context\":\"x\",\"contexts\":[{\"name\":"
					      "\"x\",\"context\":{\"cluster\":\"c\"}}],"
					      "\"clusters\":[{\"name\":\"c\",\"cluster\":{"
					      "\"server\":\"http://127.0.0.1:8001\"}}]}"),
		NULL);

	(void)state;
	assert_string_equal(a->server, "http://127.0.0.1:8001");
	assert_null(a->user);
	kube_access_free(a);
}

static void test_the_first_file_wins_by_whole_entry(void **state)
{
	const char *first = put("a", "contexts:\n- name: x\n  context: {cluster: c, user: "
				     "u}\nusers:\n- name: u\n  user: {token: first}\n");
	const char *second = put("b", "current-context: x\ncontexts:\n- name: x\n  context: "
				      "{cluster: other, user: other, namespace: n}\n" CLUSTER
				      "users:\n- name: u\n  user: {token: second, username: me}\n");
	char *list = str_fmt("%s::/nonexistent/config:%s:%s", first, second, first);
	struct kube_access *a;

	(void)state;
	setenv("KUBECONFIG", list, 1);
	a = load(NULL, NULL);
	unsetenv("KUBECONFIG");
	assert_string_equal(a->token, "first");
	assert_null(a->basic);
	assert_null(a->namespace_);
	assert_string_equal(a->file, first);
	assert_string_equal(a->server, "https://10.0.1.5:6443");
	free(list);
	kube_access_free(a);
}

static void test_home_is_looked_into_last(void **state)
{
	char *kube = str_fmt("%s/.kube", dir);
	struct kube_access *a;

	(void)state;
	assert_int_equal(broken(NULL, NULL)->code, ERR_MISSING);
	says(broken(NULL, NULL), "--kubeconfig");
	assert_int_equal(file_make_dirs(kube, 0700, NULL), 0);
	put(".kube/config", HEAD CLUSTER "users: [{name: u, user: {token: t}}]\n");
	a = load(NULL, NULL);
	assert_string_equal(a->token, "t");
	kube_access_free(a);
	free(kube);
}

static void test_a_named_file_must_be_there(void **state)
{
	(void)state;
	assert_int_equal(broken("/nonexistent/config", NULL)->code, ERR_INPUT);
	says(broken("/nonexistent/config", NULL), "/nonexistent/config");
}

static void test_files_are_relative_to_their_kubeconfig_and_data_beats_them(void **state)
{
	const char *path;
	struct kube_access *a;
	char *cert;

	(void)state;
	put("ca.pem", PEM);
	put("cert.pem", PEM);
	put("key.pem", KEY);
	path = put("a", HEAD "clusters: [{name: c, cluster: {server: 10.0.1.5:6443, "
			     "certificate-authority: ca.pem}}]\n"
			     "users: [{name: u, user: {client-certificate: cert.pem, client-key: "
			     "nothing.pem, client-key-data: " KEY64 ", tokenFile: token}}]\n");
	a = load(path, NULL);
	cert = str_fmt("%s/cert.pem", dir);
	assert_string_equal(a->server, "https://10.0.1.5:6443");
	assert_string_equal(a->ca_pem, PEM);
	assert_string_equal(a->cert_file, cert);
	assert_string_equal(a->key_pem, KEY);
	assert_null(a->key_file);
	assert_true(str_ends(a->token_file, "/token") && a->token_file[0] == '/');
	free(cert);
	kube_access_free(a);
}

static void test_what_is_contradictory_or_missing_is_said_with_its_place(void **state)
{
	static const struct {
		const char *text, *place, *words;
	} rows[] = {
		{HEAD "clusters: [{name: c, cluster: {server: 'https://h', "
		      "insecure-skip-tls-verify: true, certificate-authority-data: " PEM64 "}}]\n",
			"a:7:", "insecure-skip-tls-verify"},
		{HEAD "clusters: [{name: c, cluster: {server: 'https://h', "
		      "insecure-skip-tls-verify: 'true'}}]\n",
			"a:7:", "without quotes"},
		{HEAD "clusters: [{name: c, cluster: {}}]\n", "a:7:", "no server"},
		{HEAD "clusters: [{name: c, cluster: {server: 'ftp://h'}}]\n",
			"a:7:", "https://HOST:PORT"},
		{HEAD "clusters: [{name: c, cluster: {server: 'https://user:pw@h'}}]\n",
			"a:7:", "https://HOST:PORT"},
		{HEAD "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: "
		      "/nonexistent/ca.pem}}]\n",
			"a:7:", "/nonexistent/ca.pem"},
		{HEAD "clusters: [{name: c, cluster: {server: 'https://h', "
		      "certificate-authority-data: '%%%'}}]\n",
			"a:7:", "PEM in base64"},
		{HEAD "clusters: [{name: c, cluster: {server: 'https://h', proxy-url: "
		      "'ftp://p'}}]\n",
			"a:7:", "proxy-url"},
		{HEAD "clusters: [{name: d, cluster: {server: 'https://h'}}, {name: e, cluster: "
		      "{server: 'https://h'}}]\n",
			"a:6:", "there are: d, e"},
		{HEAD "clusters: [{name: c, cluster: {server: 'https://h'}}, {name: c, cluster: "
		      "{server: 'https://i'}}]\n",
			"a:7:", "two entries"},
		{HEAD CLUSTER, "a:6:", "no user \"u\""},
		{HEAD CLUSTER "users: [{name: u, user: {client-certificate-data: " PEM64 "}}]\n",
			"a:10:", "without its key"},
		{HEAD CLUSTER "users: [{name: u, user: {client-key-data: " KEY64 "}}]\n",
			"a:10:", "without its certificate"},
		{HEAD CLUSTER "users: [{name: u, user: {token: t, username: a, password: b}}]\n",
			"a:10:", "both a token and a password"},
		{HEAD CLUSTER "users: [{name: u, user: {token: [t]}}]\n",
			"a:10:", "token must be a string"},
		{HEAD CLUSTER "users: [{name: u, user: {auth-provider: {name: gcp}}}]\n",
			"a:10:", "gke-gcloud-auth-plugin"},
		{HEAD CLUSTER "users: [{name: u, user: {auth-provider: {name: azure}}}]\n",
			"a:10:", "kubelogin"},
		{HEAD CLUSTER "users: [{name: u, user: {auth-provider: {name: oidc, config: "
			      "{refresh-token: r}}}}]\n",
			"a:10:", "does not refresh"},
		{HEAD CLUSTER "users: [{name: u, user: {as-groups: [g]}}]\n",
			"a:10:", "without as"},
		{HEAD CLUSTER "users: [{name: u, user: {exec: {apiVersion: "
			      "client.authentication.k8s.io/v1}}}]\n",
			"a:10:", "no command"},
		{HEAD CLUSTER "users: [{name: u, user: {exec: {command: c, apiVersion: "
			      "client.authentication.k8s.io/v1alpha1}}}]\n",
			"a:10:", "update the plugin"},
		{HEAD CLUSTER "users: [{name: u, user: {exec: {command: c, apiVersion: "
			      "client.authentication.k8s.io/v1, args: x}}}]\n",
			"a:10:", "args"},
		{HEAD CLUSTER "users: [{name: u, user: {exec: {command: c, apiVersion: "
			      "client.authentication.k8s.io/v1, env: [x]}}}]\n",
			"a:10:", "env"},
		{"current-context: y\ncontexts: [{name: a1, context: {cluster: c}}, {name: a2, "
		 "context: {cluster: c}}]\n",
			"a:1:", "there are: a1, a2"},
		{"contexts: [{name: a1, context: {cluster: c}}]\n", "a:", "--context: a1"},
		{"contexts: {name: a1}\ncurrent-context: a1\n", "a:1:", "must be a list"},
		{"contexts: [a1]\ncurrent-context: a1\n", "a:1:", "must be a map"},
		{"contexts: [{name: a1, context: {user: u}}]\ncurrent-context: a1\n",
			"a:1:", "names no cluster"},
		{"- not\n- a\n- map\n", "a:1:", "no kubeconfig"},
		{"a: {b\n", "a:", ""},
		{"kind: Config\n", "a:", "no context"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = put("a", rows[i].text);
		const struct err *e = broken(path, NULL);

		assert_int_equal(e->code, ERR_INPUT);
		says(e, rows[i].place);
		says(e, rows[i].words);
	}
}

/* Whatever OpenSSL would say, or ask for on the terminal, in the middle of a handshake. */
static void test_a_key_that_cannot_be_used_is_said_when_it_is_read(void **state)
{
	static const struct {
		const char *user, *words;
	} rows[] = {
		{"client-certificate-data: " PEM64 ", client-key-data: " KEYS_KEY_ENCRYPTED_64,
			"client-key-data: the client key is encrypted"},
		{"client-certificate-data: " PEM64 ", client-key-data: " KEYS_RSA_64,
			"client-key-data: the client key belongs to another certificate"},
		{"client-certificate-data: " PEM64 ", client-key-data: " PEM64,
			"client-key-data: the client key is no private key"},
		{"client-certificate-data: " KEY64 ", client-key-data: " KEY64,
			"the client certificate is none"},
		{"client-certificate-data: " PEM64 ", client-key: key.pem",
			"/key.pem: the client key is encrypted"},
		{"client-certificate-data: " PEM64 ", client-key: empty.pem",
			"empty.pem is no PEM"},
		{"client-certificate-data: " PEM64 ", client-key: der.pem", "der.pem is no PEM"},
	};

	(void)state;
	put("key.pem", KEYS_KEY_EC_ENCRYPTED);
	put("empty.pem", "");
	put("der.pem", "0\x82\x01\x01\x30");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = str_fmt(HEAD CLUSTER "users: [{name: u, user: {%s}}]\n", rows[i].user);
		const struct err *e = broken(put("a", text), NULL);

		assert_int_equal(e->code, ERR_INPUT);
		says(e, "a:10:");
		says(e, rows[i].words);
		free(text);
	}
}

static void test_a_proxys_password_is_not_sent_in_clear(void **state)
{
	static const char *const refused[] = {"http://me:pw@p:3128", "socks5://me:pw@p:1080"};
	static const char text[] = HEAD "clusters: [{name: c, cluster: {server: 'https://h', "
					"proxy-url: '%s'}}]\nusers: [{name: u, user: {}}]\n";
	struct kube_access *a;
	char *file;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		file = str_fmt(text, refused[i]);
		says(broken(put("a", file), NULL), "password in clear");
		free(file);
	}
	file = str_fmt(text, "https://me:pw@p:3128");
	a = load(put("a", file), NULL);
	assert_string_equal(a->proxy_url, "https://me:pw@p:3128");
	kube_access_free(a);
	free(file);
}

static void test_an_unknown_context_lists_the_known(void **state)
{
	const char *path = put("a", HEAD CLUSTER);

	(void)state;
	says(broken(path, "prod"), "there is no context \"prod\"; there are: x");
}

static void test_proxies_and_names(void **state)
{
	struct kube_access *a =
		load(put("a", HEAD "clusters: [{name: c, cluster: {server: "
				   "'https://[fd00::5]:6443/k8s/', proxy-url: 'socks5://p:1080', "
				   "tls-server-name: kubernetes, insecure-skip-tls-verify: yes, "
				   "disable-compression: true}}]\n"
				   "users: [{name: u, user: {username: me, password: 'p:w', as: "
				   "boss, as-groups: [g1, g2], as-uid: '7'}}]\n"),
			NULL);

	(void)state;
	assert_string_equal(a->server, "https://[fd00::5]:6443/k8s");
	assert_string_equal(a->proxy_url, "socks5h://p:1080");
	assert_string_equal(a->tls_server_name, "kubernetes");
	assert_true(a->insecure);
	assert_true(a->no_gzip);
	assert_string_equal(a->basic, "me:p:w");
	assert_string_equal(a->impersonate[0], "Impersonate-User: boss");
	assert_string_equal(a->impersonate[1], "Impersonate-Uid: 7");
	assert_string_equal(a->impersonate[3], "Impersonate-Group: g2");
	assert_null(a->impersonate[4]);
	kube_access_free(a);
}

static void test_an_exec_plugin_is_read_whole(void **state)
{
	struct kube_access *a = load(
		put("a", HEAD
			"clusters:\n- name: c\n  cluster:\n    server: https://h\n    extensions:\n"
			"    - name: client.authentication.k8s.io/exec\n      extension: "
			"{audience: x, n: 7, on: true, s: 'true', l: [~]}\n"
			"users:\n- name: u\n  user:\n    exec:\n      apiVersion: "
			"client.authentication.k8s.io/v1\n      command: bin/login\n"
			"      args: [get-token, --cluster, 'a b', '']\n      env: [{name: A, "
			"value: b}, {name: E}]\n"
			"      installHint: install it\n      interactiveMode: Always\n      "
			"provideClusterInfo: true\n"),
		NULL);
	const struct kube_exec *x = a->exec;
	char *command = str_fmt("%s/bin/login", dir);

	(void)state;
	assert_string_equal(x->command, command);
	assert_string_equal(x->args[2], "a b");
	assert_string_equal(x->args[3], "");
	assert_null(x->args[4]);
	assert_string_equal(x->env[0], "A=b");
	assert_string_equal(x->env[1], "E=");
	assert_string_equal(x->install_hint, "install it");
	assert_true(x->interactive_always);
	assert_true(x->provide_cluster_info);
	assert_string_equal(x->cluster_config,
		"{\"audience\":\"x\",\"n\":7,\"on\":true,\"s\":\"true\",\"l\":[null]}");
	free(command);
	kube_access_free(a);
}

/* A JSON Web Token that ends at exp. */
static char *token_until(const char *exp)
{
	char *claims = str_fmt("{\"sub\":\"me\",\"exp\":%s}", exp);
	char *middle = base64_encode(claims, strlen(claims));
	char *token = str_fmt("e30.%s.sig", middle);

	free(claims);
	free(middle);
	return token;
}

static void test_tokens_say_when_they_end(void **state)
{
	char *token = token_until("1767225600");

	(void)state;
	assert_true(kube_token_expiry(token) == 1767225600000);
	assert_true(kube_token_expiry("opaque") == INT64_MAX);
	assert_true(kube_token_expiry("a.b.c") == INT64_MAX);
	assert_true(kube_token_expiry("..") == INT64_MAX);
	free(token);
}

static void test_oidcs_stored_token_serves_while_it_lasts(void **state)
{
	char *token = token_until("4102444800");
	char *text = str_fmt(HEAD CLUSTER
		"users: [{name: u, user: {auth-provider: {name: oidc, config: {id-token: %s}}}}]\n",
		token);
	struct kube_access *a = load(put("a", text), NULL);

	(void)state;
	assert_string_equal(a->token, token);
	kube_access_free(a);
	free(text);
	free(token);
	token = token_until("1000000000");
	text = str_fmt(HEAD CLUSTER
		"users: [{name: u, user: {auth-provider: {name: oidc, config: {id-token: %s}}}}]\n",
		token);
	says(broken(put("a", text), NULL), "expired");
	free(text);
	free(token);
}

static void test_a_pod_finds_its_own_cluster(void **state)
{
	struct kube_access *a = calloc(1, sizeof(*a));
	struct err e;

	(void)state;
	put("token", "secret\n");
	put("ca.crt", PEM);
	put("namespace", "ops");
	assert_int_equal(kubeconfig_in_cluster(dir, a, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	kube_access_free(a);
	a = calloc(1, sizeof(*a));
	setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	assert_int_equal(kubeconfig_in_cluster(dir, a, &e), 0);
	unsetenv("KUBERNETES_SERVICE_HOST");
	assert_string_equal(a->server, "https://[fd00::1]:443");
	assert_string_equal(a->token, "secret");
	assert_string_equal(a->namespace_, "ops");
	assert_string_equal(a->ca_pem, PEM);
	assert_true(str_ends(a->token_file, "/token"));
	kube_access_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kubeadms_own_file_reads),
		cmocka_unit_test(test_json_is_a_kubeconfig_too),
		cmocka_unit_test(test_the_first_file_wins_by_whole_entry),
		cmocka_unit_test(test_home_is_looked_into_last),
		cmocka_unit_test(test_a_named_file_must_be_there),
		cmocka_unit_test(test_files_are_relative_to_their_kubeconfig_and_data_beats_them),
		cmocka_unit_test(test_what_is_contradictory_or_missing_is_said_with_its_place),
		cmocka_unit_test(test_a_key_that_cannot_be_used_is_said_when_it_is_read),
		cmocka_unit_test(test_a_proxys_password_is_not_sent_in_clear),
		cmocka_unit_test(test_an_unknown_context_lists_the_known),
		cmocka_unit_test(test_proxies_and_names),
		cmocka_unit_test(test_an_exec_plugin_is_read_whole),
		cmocka_unit_test(test_tokens_say_when_they_end),
		cmocka_unit_test(test_oidcs_stored_token_serves_while_it_lasts),
		cmocka_unit_test(test_a_pod_finds_its_own_cluster),
	};

	return cmocka_run_group_tests(tests, open_dir, close_dir);
}
