/* The round, read from what kubeadm hosts really print (recorded, with the certificates made new),
 * from hosts that lack tools, and from hosts that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "cluster/etcd.h"
#include "cluster/node_round.h"
#include "cluster/node_sections.h"
#include "io/tls_authority.h"

#define NONCE   "00112233445566778899aabbccddeeff"
#define S(name) "\n@@" NONCE " " name "\n"
#define CRI(name, attempt, state, created, space)                                                  \
	"{\"id\":\"x\",\"metadata\":{\"attempt\":" attempt ",\"name\":\"" name                     \
	"\"},\"state\":\"" state "\",\"createdAt\":\"" created                                     \
	"\",\"labels\":{\"io.kubernetes.pod.name\":\"" name                                        \
	"-m1\",\"io.kubernetes.pod.namespace\":\"" space "\"}}"

/* clang-format off */
static const char healthy[] = "Welcome to Debian GNU/Linux 12\n"
	S("start") "1763880000000000000\n"
	S("btime") "btime 1763800000\n"
	S("load") "0.42 0.33 0.30 2/512 4242\n"
	S("mem") "MemTotal:        8140000 kB\n" "MemAvailable:    4070000 kB\n"
	S("disk") "/ /dev/vda1 103081248 52034560 45761832  54% /\n"
	"/var/lib/etcd /dev/vdb 20511312 18460180 986464  95% /var/lib/etcd\n"
	"/var/lib/containerd /dev/vda1 103081248 52034560 45761832  54% /\n"
	"/var/lib/docker /dev/vdc 9 9 9  99% /var/lib/docker\n"
	S("units") "Id=containerd.service\n" "LoadState=loaded\n" "ActiveState=active\n\n"
	"Id=crio.service\n" "LoadState=not-found\n" "ActiveState=inactive\n\n"
	"Id=docker.service\n" "LoadState=loaded\n" "ActiveState=failed\n\n"
	"Id=kubelet.service\n" "LoadState=loaded\n" "ActiveState=active\n"
	S("manifests") "etcd.yaml\n" "kube-apiserver.yaml\n"
	S("healthz") "HTTP/1.1 200 OK\r\n" "Content-Length: 2\r\n" "\r\n" "ok\n"
	S("journal")
	S("containers") "{\"containers\":[" CRI("etcd", "3", "CONTAINER_EXITED",
	"1763870000000000000", "kube-system")"," CRI("kube-scheduler", "0", "CONTAINER_RUNNING",
	"1763870000000000000", "kube-system")"," CRI("etcd", "4", "CONTAINER_RUNNING",
	"1763879000000000000", "kube-system")"," CRI("etcd", "0", "CONTAINER_RUNNING",
	"1763879900000000000", "shop")"," CRI("kube-apiserver", "1", "CONTAINER_RUNNING",
	"1763879000000000000", "kube-system")"]}\n"
	S("crictl") "0\n" "time=\"2026-11-23\" level=warning msg=\"runtime connect using default"
	" endpoints\"\n"
	S("etcd") "etcd_server_has_leader 1\n" "etcd_server_leader_changes_seen_total 2\n"
	S("addr") "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n"
	"2: eth0    inet 10.0.1.10/24 brd 10.0.1.255 scope global eth0\n"
	"2: eth0    inet6 fd00::a/64 scope global\n"
	S("end") "1763880000200000000\n";
/* clang-format on */

static int read_round(const char *text, const char *vip, struct host_report *r)
{
	struct node_round_asked a = {
		.nonce = NONCE, .vip = vip, .sent_ms = 1763880000000, .got_ms = 1763880000200};

	return node_round_parse(text, strlen(text), &a, r, NULL);
}

static void test_a_healthy_node_is_read_whole(void **state)
{
	struct host_report r;

	(void)state;
	assert_int_equal(read_round(healthy, "10.0.1.10", &r), 0);
	assert_int_equal(r.clock_skew_ms, 0);
	assert_int_equal(r.boot_time_ms, 1763800000000);
	assert_true(r.load1 > 0.41 && r.load1 < 0.43);
	assert_int_equal(r.mem_total_kb, 8140000);
	assert_int_equal(r.mem_available_kb, 4070000);
	assert_int_equal(r.disk_percent_root, 54);
	assert_int_equal(r.disk_percent_etcd, 95);
	assert_int_equal(r.disk_percent_containerd, 54);
	assert_string_equal(r.runtime_unit, "containerd");
	assert_string_equal(r.runtime, "active");
	assert_string_equal(r.runtime_error, "");
	assert_string_equal(r.kubelet, "active");
	assert_int_equal(r.kubelet_healthz, 200);
	assert_string_equal(r.manifests, "etcd.yaml kube-apiserver.yaml");
	assert_true(r.holds_vip);
	assert_string_equal(r.etcd_metrics,
		"etcd_server_has_leader 1\netcd_server_leader_changes_seen_total 2");
}

static void test_containers_are_the_clusters_own_newest_first(void **state)
{
	struct host_report r;

	(void)state;
	read_round(healthy, NULL, &r);
	assert_true(r.containers_known);
	assert_int_equal(r.n_containers, 4);
	assert_string_equal(r.containers[0].name, "kube-apiserver");
	assert_string_equal(r.containers[1].name, "etcd");
	assert_string_equal(r.containers[1].state, "Running");
	assert_int_equal(r.containers[1].attempt, 4);
	assert_int_equal(r.containers[1].created_ms, 1763879000000);
	assert_string_equal(r.containers[1].pod, "etcd-m1");
	assert_string_equal(r.containers[2].state, "Exited");
	assert_string_equal(r.containers[3].name, "kube-scheduler");
}

static void test_the_vip_is_compared_as_an_address(void **state)
{
	struct host_report r;

	(void)state;
	read_round(healthy, "10.0.1.1", &r);
	assert_false(r.holds_vip);
	read_round(healthy, "fd00:0:0::000a", &r);
	assert_true(r.holds_vip);
	read_round(healthy, "api.example.org", &r);
	assert_false(r.holds_vip);
}

static void test_a_dead_kubelet_says_its_last_error(void **state)
{
	struct host_report r;

	(void)state;
	assert_int_equal(
		read_round(S("units") "Id=kubelet.service\nLoadState=loaded\nActiveState="
				      "activating\n" S("healthz") "\n" S(
					      "journal") "I1123 06:49:59.326110       1 "
							 "server.go:1] \"starting\"\n"
							 "E1123 06:50:01.000000       1 run.go:72] "
							 "\"command failed\" err=\"failed to load "
							 "Kubelet config file\"\n"
							 "kubelet.service: Main process exited, "
							 "code=exited, status=1/FAILURE\n" S(
								 "end") "1\n",
			NULL, &r),
		0);
	assert_string_equal(r.kubelet, "activating");
	assert_int_equal(r.kubelet_healthz, 0);
	assert_non_null(strstr(r.kubelet_last, "failed to load Kubelet config file"));
	assert_int_equal(r.clock_skew_ms, INT64_MIN);
}

static void test_a_dead_runtime_says_what_crictl_said(void **state)
{
	struct host_report r;

	(void)state;
	read_round(S("units") "Id=containerd.service\nLoadState=loaded\nActiveState=inactive\n" S(
			   "containers") S("crictl") "1\nFATA[0000] validate service connection: "
						     "dial unix /run/containerd/containerd.sock: "
						     "connect: connection refused\n" S("end"),
		NULL, &r);
	assert_string_equal(r.runtime_unit, "containerd");
	assert_string_equal(r.runtime, "inactive");
	assert_false(r.containers_known);
	assert_non_null(strstr(r.runtime_error, "connection refused"));
	read_round(S("containers") S("crictl") "124\n" S("end"), NULL, &r);
	assert_non_null(strstr(r.runtime_error, "in time"));
}

static void test_docker_beside_a_stopped_runtime_is_not_the_runtime(void **state)
{
	struct host_report r;

	(void)state;
	read_round(S("units") "Id=containerd.service\nLoadState=loaded\nActiveState=failed\n\nId="
			      "docker.service\nLoadState=loaded\nActiveState=active\n" S("end"),
		NULL, &r);
	assert_string_equal(r.runtime_unit, "containerd");
	assert_string_equal(r.runtime, "failed");
	read_round(S("units") "Id=containerd.service\nLoadState=loaded\nActiveState=inactive\n\nId="
			      "crio.service\nLoadState=loaded\nActiveState=active\n" S("end"),
		NULL, &r);
	assert_string_equal(r.runtime_unit, "crio");
}

static void test_missing_tools_leave_things_unknown(void **state)
{
	struct host_report r;

	(void)state;
	assert_int_equal(
		read_round(S("start") "1763880000\n" S("load") S("units")
				   S("healthz") "not asked\n" S("disk") S("end") "1763880000N\n",
			"10.0.1.1", &r),
		0);
	assert_int_equal(r.kubelet_healthz, -1);
	assert_string_equal(r.kubelet, "unknown");
	assert_string_equal(r.runtime, "unknown");
	assert_false(r.containers_known);
	assert_int_equal(r.mem_total_kb, -1);
	assert_int_equal(r.disk_percent_root, -1);
	assert_true(r.load1 < 0);
	assert_in_range(r.clock_skew_ms + 1000, 0, 2000);
}

/* The clock is three minutes ahead, and the login took two seconds: it is still three minutes. */
static void test_a_slow_login_is_no_clock_skew(void **state)
{
	struct node_round_asked a = {
		.nonce = NONCE, .sent_ms = 1000000000000, .got_ms = 1000000002150};
	const char *text = S("start") "1000000182050000000\n" S("end") "1000000182100000000\n";
	struct host_report r;

	(void)state;
	assert_int_equal(node_round_parse(text, strlen(text), &a, &r, NULL), 0);
	assert_in_range(r.clock_skew_ms, 179900, 180100);
}

static void test_a_cut_answer_is_an_error_but_what_came_is_kept(void **state)
{
	char text[sizeof(healthy)];
	struct host_report r;
	struct node_round_asked a = {.nonce = NONCE};

	(void)state;
	memcpy(text, healthy, sizeof(text));
	*strstr(text, S("containers")) = '\0';
	assert_int_equal(read_round(text, NULL, &r), -1);
	assert_string_equal(r.kubelet, "active");
	for (size_t n = 0; n < sizeof(healthy) - 1; n += 7)
		node_round_parse(healthy, n, &a, &r, NULL);
}

static void test_only_our_own_marks_begin_a_section(void **state)
{
	struct host_report r;

	(void)state;
	read_round(S("healthz") "HTTP/1.1 500 x\n" S(
			   "journal") "\n@@ffffffffffffffffffffffffffffffff healthz\nHTTP/1.1 200 "
				      "OK\nx @@" NONCE " load\n9\n" S("end"),
		NULL, &r);
	assert_int_equal(r.kubelet_healthz, 500);
	assert_true(r.load1 < 0);
}

static void test_lies_and_escapes_are_bounded(void **state)
{
	struct host_report r;

	(void)state;
	/* clang-format off */
	assert_int_equal(read_round(
		S("start") "99999999999999999999999\n"
		S("btime") "btime -5\n"
		S("load") "inf\n"
		S("mem") "MemTotal: -1 kB\n" "MemTotal: 99999999999999999999 kB\n"
		S("disk") "/ a b 400% /\n" "/ x% %\n"
		S("units") "Id=\x1b[2J.service\n" "LoadState=loaded\n"
		"ActiveState=\x1b]0;x\x07\n"
		S("manifests") "a\x1b[31m\n"
		S("healthz") "HTTP/1.1 20000 OK\n"
		S("journal") "\x1b[2J\n"
		S("containers") "{\"containers\":[{}, 4, null, {\"metadata\":7}]}\n"
		S("crictl") "0\n"
		S("ca") "-----BEGIN CERTIFICATE-----\n" "AAAA\n" "-----END CERTIFICATE-----\n"
		S("cert /x") "garbage\n"
		S("end") "x\n", NULL, & r), 0);
	/* clang-format on */
	assert_int_equal(r.clock_skew_ms, INT64_MIN);
	assert_int_equal(r.boot_time_ms, -1);
	assert_int_equal(r.mem_total_kb, -1);
	assert_int_equal(r.disk_percent_root, -1);
	assert_true(r.load1 < 0);
	assert_int_equal(r.kubelet_healthz, 0);
	assert_null(strchr(r.runtime_unit, '\x1b'));
	assert_null(strchr(r.runtime, '\x1b'));
	assert_string_equal(r.manifests, "a^[[31m");
	assert_string_equal(r.kubelet_last, "^[[2J");
	assert_int_equal(r.n_containers, 0);
	assert_int_equal(r.n_certs, 0);
	assert_int_equal(r.ca_sha256[0], 0);
}

static void test_certificates_are_read_with_their_paths(void **state)
{
	struct tls_authority *ca = tls_authority_new("kubernetes", NULL);
	struct tls_issue issue = {.cn = "kube-apiserver",
		.not_before_ms = 1700000000000,
		.not_after_ms = 1800000000000};
	struct host_report *r = calloc(1, sizeof(*r));
	unsigned char zero[32] = {0};
	char *cert, *key;
	struct buf b;

	(void)state;
	assert_non_null(r);
	assert_int_equal(tls_authority_issue(ca, &issue, &cert, &key, NULL), 0);
	buf_init(&b, 1 << 20);
	buf_fmt(&b, S("ca") "%s", tls_authority_pem(ca));
	for (int i = 0; i < HOST_MAX_CERTS + 3; i++)
		buf_fmt(&b, S("cert /etc/kubernetes/pki/%d.crt") "%s", i, cert);
	buf_puts(&b, S("end") "1\n");
	assert_int_equal(read_round(buf_text(&b), NULL, r), 0);
	assert_int_equal(r->n_certs, HOST_MAX_CERTS);
	assert_string_equal(r->certs[7].path, "/etc/kubernetes/pki/7.crt");
	assert_string_equal(r->certs[7].subject, "kube-apiserver");
	assert_int_equal(r->certs[7].not_after_ms, 1800000000000);
	assert_memory_not_equal(r->ca_sha256, zero, sizeof(zero));
	buf_done(&b);
	free(cert);
	free(key);
	free(r);
	tls_authority_free(ca);
}

static void test_metrics_longer_than_their_room_are_cut_at_a_line(void **state)
{
	struct host_report *r = calloc(1, sizeof(*r));
	struct buf b;

	(void)state;
	assert_non_null(r);
	buf_init(&b, 1 << 20);
	buf_puts(&b, S("etcd"));
	for (int i = 0; i < 1000; i++)
		buf_fmt(&b, "etcd_server_has_leader %d\n", i);
	buf_puts(&b, S("end") "1\n");
	assert_int_equal(read_round(buf_text(&b), NULL, r), 0);
	assert_true(strlen(r->etcd_metrics) > 8000);
	assert_int_equal(r->etcd_metrics[strlen(r->etcd_metrics) - 1], '\n');
	buf_done(&b);
	free(r);
}

static void test_files_are_read_with_their_times(void **state)
{
	static const char text[] =
		"\n@@" NONCE " files\n1795408430 /etc/kubernetes/manifests/etcd.yaml\n"
		"x /etc/kubernetes/admin.conf\n-5 /a\n99999999999999999999 /b\n7\n"
		"1795400000 /etc/kubernetes/pki/ca.crt\n\n@@" NONCE " end\n";
	struct node_round_asked a = {.nonce = NONCE};
	static struct host_report r;
	struct err e;

	(void)state;
	assert_int_equal(node_round_parse(text, sizeof(text) - 1, &a, &r, &e), 0);
	assert_int_equal(r.n_files, 2);
	assert_string_equal(r.files[0].path, "/etc/kubernetes/manifests/etcd.yaml");
	assert_true(r.files[0].changed_ms == 1795408430000);
	assert_string_equal(r.files[1].path, "/etc/kubernetes/pki/ca.crt");
}

static const struct host_log *log_of(const struct host_report *r, const char *name)
{
	for (size_t i = 0; i < HOST_LOGS; i++)
		if (strcmp(host_log_names[i], name) == 0)
			return &r->logs[i];
	fail_msg("no log is called %s", name);
	return &r->logs[0];
}

static void test_errors_are_counted_per_component(void **state)
{
	static struct host_report r;

	(void)state;
	assert_int_equal(
		read_round(S("logs") "kubelet 3600 41 12\netcd 620 0 3\n" S("end") "1\n", NULL, &r),
		0);
	assert_int_equal(log_of(&r, "kubelet")->back_s, 3600);
	assert_int_equal(log_of(&r, "kubelet")->recent, 41);
	assert_int_equal(log_of(&r, "kubelet")->before, 12);
	assert_int_equal(log_of(&r, "etcd")->back_s, 620);
	assert_int_equal(log_of(&r, "etcd")->before, 3);
	assert_int_equal(log_of(&r, "containerd")->back_s, 0);
}

static void test_counts_that_lie_are_left_out_or_bounded(void **state)
{
	static struct host_report r;

	(void)state;
	assert_int_equal(
		read_round(S("logs") "kubelet -1 41 12\n\x1b[2J 3600 9 9\netcd 3600 7\ncontainerd "
				     "3600 x 1\nkube-scheduler 99999999 99999999999999999 "
				     "0\ncrio 99999999999999999999999 1 1\n\ncrio\n" S("end") "1\n",
			NULL, &r),
		0);
	assert_int_equal(log_of(&r, "kubelet")->back_s, 0);
	assert_int_equal(log_of(&r, "etcd")->back_s, 0);
	assert_int_equal(log_of(&r, "containerd")->back_s, 0);
	assert_int_equal(log_of(&r, "crio")->back_s, 0);
	assert_int_equal(log_of(&r, "kube-scheduler")->back_s, HOST_LOG_BACK_S);
	assert_int_equal(log_of(&r, "kube-scheduler")->recent, INT32_MAX);
}

static void test_nonces_differ(void **state)
{
	char a[NODE_NONCE_HEX], b[NODE_NONCE_HEX];

	(void)state;
	assert_int_equal(node_nonce(a, NULL), 0);
	assert_int_equal(node_nonce(b, NULL), 0);
	assert_int_equal(strlen(a), NODE_NONCE_HEX - 1);
	assert_string_not_equal(a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_healthy_node_is_read_whole),
		cmocka_unit_test(test_containers_are_the_clusters_own_newest_first),
		cmocka_unit_test(test_the_vip_is_compared_as_an_address),
		cmocka_unit_test(test_a_dead_kubelet_says_its_last_error),
		cmocka_unit_test(test_a_dead_runtime_says_what_crictl_said),
		cmocka_unit_test(test_docker_beside_a_stopped_runtime_is_not_the_runtime),
		cmocka_unit_test(test_missing_tools_leave_things_unknown),
		cmocka_unit_test(test_a_slow_login_is_no_clock_skew),
		cmocka_unit_test(test_a_cut_answer_is_an_error_but_what_came_is_kept),
		cmocka_unit_test(test_only_our_own_marks_begin_a_section),
		cmocka_unit_test(test_lies_and_escapes_are_bounded),
		cmocka_unit_test(test_certificates_are_read_with_their_paths),
		cmocka_unit_test(test_metrics_longer_than_their_room_are_cut_at_a_line),
		cmocka_unit_test(test_files_are_read_with_their_times),
		cmocka_unit_test(test_errors_are_counted_per_component),
		cmocka_unit_test(test_counts_that_lie_are_left_out_or_bounded),
		cmocka_unit_test(test_nonces_differ),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
