/* The scripts as nodes run them, by dash and by busybox sh with its tools, each against a made-up
 * root for each layout: both print the same sections, and they say how the node is laid out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_layout.h"
#include "cluster/node_log.h"
#include "cluster/node_round.h"
#include "cluster/node_script.h"
#include "help/keys.h"
#include "io/file.h"
#include "io/proc.h"
#include "io/temp_dir.h"

#define NONCE "00112233445566778899aabbccddeeff"
#define K3S   "/var/lib/rancher/k3s"
#define RKE2  "/var/lib/rancher/rke2"
#define SNAP  "/var/snap/microk8s"

static const struct machine {
	const char *about;
	const char *units;     /* that run, as systemctl calls them; "": no systemctl either */
	const char *files[12]; /* with a certificate in each; NULL ends them */
	const char *layout, *store, *kubelet_unit, *runtime_unit, *manifests, *crictl, *etcd_pki;
	int certs;
} machines[] = {
	{"kubeadm", "kubelet.service containerd.service",
		{"/etc/kubernetes/manifests/etcd.yaml", "/etc/kubernetes/pki/ca.crt",
			"/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/server.crt",
			"/etc/kubernetes/pki/etcd/server.key", "/var/lib/etcd/member/x"},
		"kubeadm", "etcd", "kubelet", "containerd", "etcd.yaml", "/bin/crictl",
		"/etc/kubernetes/pki/etcd", 3},
	{"kubeadm beside what k3s left behind", "kubelet.service crio.service",
		{"/etc/kubernetes/pki/ca.crt", K3S "/agent/old", K3S "/server/db/state.db"},
		"kubeadm", "", "kubelet", "crio", "", "/bin/crictl", NULL, 1},
	{"k3s on its embedded etcd", "k3s.service containerd.service",
		{K3S "/server/tls/server-ca.crt", K3S "/server/tls/etcd/server-ca.crt",
			K3S "/server/tls/etcd/client.crt", K3S "/server/tls/etcd/client.key",
			K3S "/server/db/etcd/member/x", K3S "/agent/serving-kubelet.crt"},
		"k3s", "etcd", "k3s", "k3s", "", "/bin/k3s", K3S "/server/tls/etcd", 4},
	{"k3s on sqlite", "k3s.service",
		{K3S "/server/tls/server-ca.crt", K3S "/server/db/state.db"}, "k3s", "sqlite",
		"k3s", "k3s", "", "/bin/k3s", NULL, 1},
	{"an agent of k3s", "k3s-agent.service", {K3S "/agent/server-ca.crt"}, "k3s", "",
		"k3s-agent", "k3s-agent", "", "/bin/k3s", NULL, 0},
	{"RKE2", "rke2-server.service",
		{RKE2 "/agent/pod-manifests/etcd.yaml", RKE2 "/server/tls/server-ca.crt",
			RKE2 "/server/tls/etcd/server-ca.crt",
			RKE2 "/server/tls/etcd/server-client.crt",
			RKE2 "/server/tls/etcd/server-client.key", RKE2 "/server/db/etcd/member/x"},
		"rke2", "etcd", "rke2-server", "rke2-server", "etcd.yaml", RKE2 "/bin/crictl",
		RKE2 "/server/tls/etcd", 3},
	{"RKE2 without a word from systemctl", "",
		{RKE2 "/agent/server-ca.crt", RKE2 "/agent/pod-manifests/kube-proxy.yaml"}, "rke2",
		"", "", "", "kube-proxy.yaml", RKE2 "/bin/crictl", NULL, 0},
	{"MicroK8s",
		"snap.microk8s.daemon-kubelite.service snap.microk8s.daemon-containerd.service",
		{SNAP "/current/args/kubelet", SNAP "/current/certs/ca.crt",
			SNAP "/current/certs/server.crt",
			SNAP "/current/var/kubernetes/backend/info.yaml"},
		"microk8s", "dqlite", "snap.microk8s.daemon-kubelite",
		"snap.microk8s.daemon-containerd", "", "/bin/crictl", NULL, 2},
};
enum { MACHINES = sizeof(machines) / sizeof(machines[0]) };

struct root {
	struct temp_dir dir;
	const char *shell; /* a word, or two */
};

static const char *const shells[] = {"dash", "busybox sh"};

static void put(const struct root *r, const char *path, const char *text)
{
	const struct timespec then[2] = {{1763800000, 0}, {1763800000, 0}};
	char *at = str_fmt("%s%s", r->dir.path, path), *slash = strrchr(at, '/');

	*slash = '\0';
	assert_int_equal(file_make_dirs(at, 0755, NULL), 0);
	*slash = '/';
	assert_int_equal(file_write(at, text, strlen(text), 0755, NULL), 0);
	assert_int_equal(utimensat(AT_FDCWD, at, then, 0), 0);
	free(at);
}

/* Tools that a node has; those of its shell's own family come from there. */
static void put_tools(const struct root *r, const struct machine *m)
{
	static const char *const applets[] = {
		"awk", "sed", "grep", "head", "tail", "cut", "ls", "stat", "base64", "cat"};
	char *text = str_fmt("#!/bin/sh\nexec %s \"$@\"\n", r->shell);

	put(r, "/bin/sh", text);
	free(text);
	for (size_t i = 0; r->shell == shells[1] && i < sizeof(applets) / sizeof(*applets); i++) {
		char *path = str_fmt("/bin/%s", applets[i]);

		text = str_fmt("#!/bin/sh\nexec busybox %s \"$@\"\n", applets[i]);
		put(r, path, text);
		free(text);
		free(path);
	}
	text = str_fmt("#!/bin/sh\n[ -n '%s' ] || exit 127\nfor u; do case $u in *.service) case ' "
		       "%s ' in *\" $u \"*) l=loaded a=active ;; *) l=not-found a=inactive ;; "
		       "esac\nprintf 'Id=%%s\\nLoadState=%%s\\nActiveState=%%s\\n\\n' \"$u\" $l $a "
		       ";; esac; done\n",
		m->units, m->units);
	put(r, "/bin/systemctl", text);
	free(text);
	put(r, "/bin/timeout", "#!/bin/sh\nshift 3\nexec \"$@\"\n");
	put(r, "/bin/date",
		"#!/bin/sh\ncase $1 in *N) echo 1763880000000000000 ;; *) echo "
		"1763880000 ;; esac\n");
	put(r, "/bin/curl",
		"#!/bin/sh\ncase \"$*\" in *healthz) printf 'HTTP/1.1 200 OK\\r\\n' ;; "
		"*) echo 'etcd_server_has_leader 1' ;; esac\n");
	put(r, "/bin/df", "#!/bin/sh\necho head\necho \"/dev/vda1 9 9 9 54% $2\"\n");
	put(r, "/bin/ip", "#!/bin/sh\necho '2: eth0 inet 10.0.1.100/24 scope global'\n");
	put(r, "/bin/journalctl",
		"#!/bin/sh\necho '1763879900.5 m1 k[1]: E1125 05:00:00.000000 1 x'\n");
	put(r, m->crictl,
		"#!/bin/sh\ncase \"$*\" in *logs*) echo from the runtime ;; *' "
		"-q'*) echo 4711 ;; *) echo "
		"'{\"containers\":[{\"metadata\":{\"name\":\"etcd\"},\"state\":\"CONTAINER_"
		"RUNNING\"}]}' ;; esac\n");
}

static struct root open_root(const struct machine *m, const char *shell)
{
	struct root r = {.shell = shell};

	assert_int_equal(temp_dir_open(&r.dir, "/tmp", "k911-layout-", NULL), 0);
	put(&r, "/proc/stat", "btime 1763800000\n");
	put(&r, "/proc/loadavg", "0.42 0.33 0.30 2/512 4242\n");
	put(&r, "/proc/meminfo", "MemTotal: 8140000 kB\nMemAvailable: 4070000 kB\n");
	for (size_t i = 0; m->files[i] != NULL; i++)
		put(&r, m->files[i],
			strstr(m->files[i], ".log")
				? "2025-11-23T06:49:59Z stderr F the last words\n"
			: strstr(m->files[i], ".key") ? KEYS_KEY
						      : KEYS_CERT);
	put_tools(&r, m);
	return r;
}

/* The node's absolute paths, below its root. */
static char *below(const struct root *r, const char *script)
{
	static const char *const tops[] = {"/etc/", "/var/", "/run/", "/proc/"};
	struct buf out;

	buf_init(&out, 1 << 18);
	for (const char *p = script; *p != '\0'; p++) {
		for (size_t i = 0; i < sizeof(tops) / sizeof(*tops); i++)
			if (strncmp(p, tops[i], strlen(tops[i])) == 0 && p > script &&
				strchr(" ='\"<", p[-1]) != NULL)
				buf_puts(&out, r->dir.path);
		buf_putc(&out, *p);
	}
	return buf_take(&out);
}

static char *without(const char *text, const char *what)
{
	struct buf out;
	const char *at;

	buf_init(&out, 1 << 20);
	for (; (at = strstr(text, what)) != NULL; text = at + strlen(what))
		buf_add(&out, text, (size_t)(at - text));
	buf_puts(&out, text);
	return buf_take(&out);
}

/* What the shell prints, with the root's name left out; what it says to stderr fails the test. */
static char *run(const struct root *r, const char *script)
{
	char *mine = below(r, script),
	     *path = str_fmt("PATH=%s/bin:%s", r->dir.path, getenv("PATH"));
	const char *argv[] = {"dash", "-c", mine, NULL}, *env[] = {path, NULL};
	const char *busy[] = {"busybox", "sh", "-c", mine, NULL};
	const struct proc_request q = {.argv = r->shell == shells[0] ? argv : busy,
		.env = env,
		.timeout_ms = 60000,
		.cancel_fd = -1,
		.max_out = 1 << 20};
	struct proc_result result = {0};
	char *text;

	assert_int_equal(proc_run(&q, &result, NULL), 0);
	assert_string_equal(buf_text(&result.err), "");
	text = without(buf_text(&result.out), r->dir.path);
	proc_result_done(&result);
	free(mine);
	free(path);
	return text;
}

/* The script's answer, the same from every shell. */
static char *ask(const struct machine *m, const char *script)
{
	char *answer = NULL;

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		struct root r = open_root(m, shells[i]);
		char *text = run(&r, script);

		temp_dir_close(&r.dir);
		if (answer != NULL)
			assert_string_equal(answer, text);
		free(answer);
		answer = text;
	}
	return answer;
}

static void expect(const struct machine *m, const struct host_report *r)
{
	static const unsigned char none[32];

	assert_string_equal(r->layout, m->layout);
	assert_string_equal(r->store, m->store);
	assert_string_equal(r->kubelet_unit, m->kubelet_unit);
	assert_string_equal(r->kubelet, m->kubelet_unit[0] ? "active" : "unknown");
	assert_string_equal(r->runtime_unit, m->runtime_unit);
	assert_string_equal(r->manifests, m->manifests);
	assert_int_equal(r->kubelet_healthz, 200);
	assert_int_equal(r->n_containers, 1);
	assert_int_equal(r->n_certs, m->certs);
	assert_int_equal(r->disk_percent_root, 54);
	assert_int_equal(r->disk_percent_etcd, strcmp(m->store, "etcd") == 0 ? 54 : -1);
	assert_memory_not_equal(r->ca_sha256, none, sizeof(none));
	assert_true(r->holds_vip);
	assert_int_equal(r->boot_time_ms, 1763800000000);
	assert_int_equal(r->logs[0].recent, 1);
	assert_string_equal(r->etcd_metrics,
		strcmp(m->layout, "microk8s") == 0 ? "" : "etcd_server_has_leader 1");
}

static void test_a_round_tells_how_its_node_is_laid_out_from_either_shell(void **state)
{
	struct node_round_asked a = {.nonce = NONCE, .vip = "10.0.1.100", .with_slow = true};

	(void)state;
	for (size_t i = 0; i < MACHINES; i++) {
		struct host_report *r = calloc(1, sizeof(*r));
		struct buf script;
		char *text;

		print_message("%s\n", machines[i].about);
		buf_init(&script, 1 << 17);
		node_round_script(&script, &a);
		assert_false(script.over);
		text = ask(&machines[i], buf_text(&script));
		assert_int_equal(node_round_parse(text, strlen(text), &a, r, NULL), 0);
		expect(&machines[i], r);
		buf_done(&script);
		free(text);
		free(r);
	}
}

static char *ask_file(const struct machine *m, const char *set, const char *file)
{
	struct buf script;
	char *text;

	buf_init(&script, 1 << 17);
	buf_puts(&script, set);
	node_script_begin(&script, NONCE);
	node_script_add(&script, file);
	text = ask(m, buf_text(&script));
	buf_done(&script);
	return text;
}

static void test_etcds_credentials_are_found_where_each_layout_has_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < MACHINES; i++) {
		char *text, *from;

		if (machines[i].etcd_pki == NULL)
			continue;
		text = ask_file(&machines[i], "D=/etc/kubernetes/pki/etcd\n", "etcd_pki");
		from = str_fmt("from\n%s\n", machines[i].etcd_pki);
		assert_non_null(strstr(text, from));
		assert_non_null(strstr(text, "PRIVATE KEY"));
		free(from);
		free(text);
	}
}

static void test_the_authority_is_found_on_servers_and_on_agents(void **state)
{
	(void)state;
	for (size_t i = 0; i < MACHINES; i++) {
		char *text = ask_file(&machines[i], "", "ca");

		assert_string_equal(text, KEYS_CERT);
		free(text);
	}
}

static void test_a_containers_log_is_asked_of_each_layouts_runtime(void **state)
{
	const struct node_log_asked a = {"kube-system", "etcd-m1", "etcd", false, 10};
	struct err e;

	(void)state;
	for (size_t i = 0; i < MACHINES; i++) {
		struct buf script;
		char *text;

		buf_init(&script, 1 << 17);
		assert_int_equal(node_log_script(&script, &a, &e), 0);
		text = ask(&machines[i], buf_text(&script));
		assert_string_equal(text, "from the runtime\n");
		buf_done(&script);
		free(text);
	}
}

static void test_the_kubelets_file_of_a_log_goes_before_the_runtime(void **state)
{
	const struct machine m = {.units = "kubelet.service",
		.files = {"/var/log/pods/kube-system_etcd-m1_u/etcd/0.log"},
		.crictl = "/bin/crictl"};
	struct node_log_asked a = {"kube-system", "etcd-m1", "", false, 1};
	struct buf script;
	struct err e;
	char *text;

	(void)state;
	buf_init(&script, 1 << 17);
	assert_int_equal(node_log_script(&script, &a, &e), 0);
	text = ask(&m, buf_text(&script));
	assert_string_equal(text, "the last words\n");
	free(text);
	buf_done(&script);
}

static void test_names_that_kubernetes_does_not_allow_make_no_script(void **state)
{
	static const char *const bad[] = {"a/../b", "$(x)", "a b", "a'b", "a\nb", "*"};
	struct buf script;
	struct err e;

	(void)state;
	buf_init(&script, 1 << 17);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(node_log_script(&script,
					 &(struct node_log_asked){bad[i], "p", "c", 0, 1}, &e),
			-1);
		assert_int_equal(node_log_script(&script,
					 &(struct node_log_asked){"n", bad[i], "c", 0, 1}, &e),
			-1);
		assert_int_equal(node_log_script(&script,
					 &(struct node_log_asked){"n", "p", bad[i], 0, 1}, &e),
			-1);
		assert_int_equal(e.code, ERR_USAGE);
	}
	assert_int_equal(script.len, 0);
	buf_done(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_round_tells_how_its_node_is_laid_out_from_either_shell),
		cmocka_unit_test(test_etcds_credentials_are_found_where_each_layout_has_them),
		cmocka_unit_test(test_the_authority_is_found_on_servers_and_on_agents),
		cmocka_unit_test(test_a_containers_log_is_asked_of_each_layouts_runtime),
		cmocka_unit_test(test_the_kubelets_file_of_a_log_goes_before_the_runtime),
		cmocka_unit_test(test_names_that_kubernetes_does_not_allow_make_no_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
