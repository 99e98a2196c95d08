/* The practice cluster as a server: its faults, its writes, its nodes and their tools,
 * spoken to by the real clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/landlock.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cluster/haproxy.h"
#include "cluster/kube_log.h"
#include "cluster/node_pki.h"
#include "cluster/node_round.h"
#include "help/drilled.h"
#include "io/json.h"
#include "model/feed.h"

enum { FAST = 25, SOON_MS = 15000 };

static struct drilled d;
static struct mailbox *log_box;

static int begin(void **state)
{
	(void)state;
	drilled_start(&d, "healthy", FAST);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	drilled_stop(&d);
	mailbox_free(log_box);
	log_box = NULL;
	return 0;
}

static void set(const char *what, const char *to)
{
	struct err e = {0};

	if (drill_set(d.drill, what, to, &e) != 0)
		fail_msg("%s", e.text);
}

static long ask(int master, const char *method, const char *path, const char *type,
	const char *body, int64_t ms, struct err *e)
{
	struct buf answer;
	long status;

	buf_init(&answer, 16 << 20);
	status = drilled_ask(&d, master, method, path, type, body, ms, &answer, e);
	buf_done(&answer);
	return status;
}

static long get(int master, const char *path, int64_t ms, struct err *e)
{
	return ask(master, "GET", path, NULL, NULL, ms, e);
}

struct told {
	int master;
	const char *path;
	long status;
	enum err_code code;
};

static bool answers_so(struct drilled *of, const void *arg)
{
	const struct told *t = arg;
	struct err e = {0};

	(void)of;
	return get(t->master, t->path, 800, &e) == t->status && e.code == t->code;
}

static void expect(int master, const char *path, long status, enum err_code code)
{
	struct told t = {master, path, status, code};

	assert_true(drilled_wait(&d, answers_so, &t, SOON_MS));
}

/* ---- faults ---- */

static void test_each_fault_is_met_as_its_own_error_and_heals(void **state)
{
	static const struct {
		const char *fault;
		enum err_code code;
	} faults[] = {{"refuse", ERR_REFUSED}, {"hang", ERR_TIMEOUT}, {"cut", ERR_TIMEOUT},
		{"reset", ERR_UNREACHABLE}};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		set("api/m1", faults[i].fault);
		expect(0, "/livez", 0, faults[i].code);
		expect(1, "/livez", 200, ERR_NONE);
		set("api/m1", "none");
		expect(0, "/livez", 200, ERR_NONE);
		set("vip", faults[i].fault);
		expect(-1, "/livez", 0, faults[i].code);
		expect(1, "/livez", 200, ERR_NONE);
		set("vip", "none");
		expect(-1, "/livez", 200, ERR_NONE);
	}
}

static void test_a_slow_server_answers_late(void **state)
{
	struct err e = {0};
	int64_t from;

	(void)state;
	set("api/m2", "slow");
	expect(1, "/livez", 0, ERR_TIMEOUT);
	from = instant_now().boot_ms;
	assert_int_equal(get(1, "/version", 5000, &e), 200);
	assert_true(instant_now().boot_ms - from >= 1400);
	set("api/m2", "none");
	set("vip", "slow");
	expect(-1, "/livez", 0, ERR_TIMEOUT);
	expect(1, "/livez", 200, ERR_NONE);
}

static void test_the_load_balancer_leaves_a_dead_server_and_dies_alone(void **state)
{
	(void)state;
	set("api/m1", "refuse");
	set("api/m2", "refuse");
	for (int i = 0; i < 6; i++)
		expect(-1, "/livez", 200, ERR_NONE);
	set("haproxy/lb", "stop");
	expect(-1, "/livez", 0, ERR_REFUSED);
	expect(2, "/livez", 200, ERR_NONE);
	set("haproxy/lb", "start");
	expect(-1, "/livez", 200, ERR_NONE);
}

static bool relisted(struct drilled *of, const void *arg)
{
	return of->lists > *(const int *)arg && table_count(of->table[DRILLED_NODES]) == 8;
}

static bool all_listed(struct drilled *of, const void *arg)
{
	(void)arg;
	for (int i = 0; i < DRILLED_KINDS; i++)
		if (!of->listed[i])
			return false;
	return true;
}

static void test_a_watch_from_too_long_ago_is_told_so_and_relists(void **state)
{
	int lists;
	struct err e = {0};

	(void)state;
	assert_true(drilled_wait(&d, all_listed, NULL, SOON_MS));
	lists = d.lists;
	set("watches", "expire");
	assert_true(drilled_wait(&d, relisted, &lists, SOON_MS));
	assert_int_equal(get(-1, "/api/v1/nodes?watch=1&resourceVersion=5", 3000, &e), 200);
}

static void test_an_expired_certificate_is_a_tls_error(void **state)
{
	(void)state;
	set("certificate", "expire");
	expect(0, "/livez", 0, ERR_TLS);
	set("certificate", "renew");
	expect(0, "/livez", 200, ERR_NONE);
}

/* ---- reads ---- */

static void test_pages_add_up_to_the_whole_list(void **state)
{
	struct buf answer;
	struct err e = {0};
	char path[600] = "/api/v1/pods?limit=7";
	size_t all = 0, pages = 0;

	(void)state;
	for (;;) {
		struct js *list;
		const char *more;

		buf_init(&answer, 16 << 20);
		assert_int_equal(
			drilled_ask(&d, -1, "GET", path, NULL, NULL, 3000, &answer, &e), 200);
		list = js_parse(answer.at, answer.len, &e);
		assert_non_null(list);
		all += js_len(js_get(list, "items"));
		pages++;
		more = js_text(js_at(list, "metadata"), "continue");
		snprintf(path, sizeof(path), "/api/v1/pods?limit=7&continue=%s",
			more != NULL ? more : "");
		buf_done(&answer);
		if (more == NULL) {
			js_free(list);
			break;
		}
		js_free(list);
	}
	assert_int_equal(pages, 9);
	assert_int_equal(all, 60);
}

static void test_a_future_version_is_a_504(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(get(-1, "/api/v1/nodes?resourceVersion=99999999", 3000, &e), 504);
	assert_int_equal(get(-1, "/api/v1/nodes?watch=1&sendInitialEvents=true", 3000, &e), 422);
	assert_int_equal(get(-1, "/api/v1/nothing", 3000, &e), 404);
}

struct heard {
	int lines;
	bool end;
	struct err err;
};

static bool log_heard(struct mailbox *box, struct heard *h, int lines, int64_t ms)
{
	int64_t until = instant_now().boot_ms + ms;
	struct letter *l;

	while (h->lines < lines && !h->end && instant_now().boot_ms < until) {
		struct pollfd p = {.fd = mailbox_fd(box), .events = POLLIN};

		poll(&p, 1, 50);
		while ((l = mailbox_take(box)) != NULL) {
			struct kube_log_letter *k = (struct kube_log_letter *)l;

			h->lines += l->kind == KUBE_LOG_LINES ? (int)k->n : 0;
			if (l->kind == KUBE_LOG_END) {
				h->end = true;
				h->err = k->err;
			}
			l->drop(l);
		}
	}
	return h->lines >= lines;
}

static void test_a_followed_log_goes_on(void **state)
{
	struct kube_log_options o = {.ns = "kube-system",
		.pod = "etcd-m2",
		.container = "etcd",
		.follow = true,
		.tail = 20};
	struct mailbox *box = mailbox_new(1000);
	struct heard h = {0};
	struct kube_endpoint vip;
	struct kube_log *log;

	(void)state;
	kube_client_server(d.client, &vip);
	log = kube_log_start(d.http, d.client, &vip, &o, &(struct hearer){.box = box});
	assert_true(log_heard(box, &h, 22, SOON_MS));
	kube_log_stop(log);
	o.previous = true;
	o.follow = false;
	memset(&h, 0, sizeof(h));
	log = kube_log_start(d.http, d.client, &vip, &o, &(struct hearer){.box = box});
	assert_false(log_heard(box, &h, 1, SOON_MS));
	assert_true(h.end);
	assert_non_null(strstr(h.err.text, "previous terminated container"));
	kube_log_stop(log);
	log_box = box; /* the net thread may still post to it */
}

/* ---- writes ---- */

static bool cordoned(struct drilled *of, const void *name)
{
	const struct node_row *n = drilled_node(of, name);

	return n != NULL && (n->flags & NODE_CORDONED) != 0;
}

static bool uncordoned(struct drilled *of, const void *name)
{
	return drilled_node(of, name) != NULL && !cordoned(of, name);
}

static void test_a_cordon_shows_and_is_undone(void **state)
{
	static const char merge[] = "application/merge-patch+json";
	struct err e = {0};

	(void)state;
	assert_int_equal(
		ask(-1, "PATCH", "/api/v1/nodes/w1", "application/json", "{}", 3000, &e), 415);
	assert_int_equal(ask(-1, "PATCH", "/api/v1/nodes/w1", merge,
				 "{\"spec\":{\"unschedulable\":true}}", 3000, &e),
		200);
	assert_true(drilled_wait(&d, cordoned, "w1", SOON_MS));
	assert_int_equal(
		ask(-1, "PATCH", "/api/v1/nodes/w1", "application/strategic-merge-patch+json",
			"{ \"spec\": {\"unschedulable\": null} }", 3000, &e),
		200);
	assert_true(drilled_wait(&d, uncordoned, "w1", SOON_MS));
	assert_int_equal(ask(-1, "PATCH", "/api/v1/nodes/w1", merge, "not json", 3000, &e), 400);
	assert_int_equal(ask(-1, "PATCH", "/api/v1/nodes/w9", merge, "{}", 3000, &e), 404);
}

static bool node_gone(struct drilled *of, const void *name)
{
	return of->listed[DRILLED_NODES] && drilled_node(of, name) == NULL;
}

static void test_a_deleted_node_comes_back_when_its_kubelet_begins_anew(void **state)
{
	struct err e = {0};
	struct buf out;

	(void)state;
	assert_true(drilled_wait(&d, all_listed, NULL, SOON_MS));
	assert_int_equal(ask(-1, "DELETE", "/api/v1/nodes/w5", "application/json",
				 "{\"preconditions\":{\"uid\":\"no\"}}", 3000, &e),
		409);
	assert_int_equal(ask(-1, "DELETE", "/api/v1/nodes/w5", NULL, NULL, 3000, &e), 200);
	assert_true(drilled_wait(&d, node_gone, "w5", SOON_MS));
	buf_init(&out, 1 << 16);
	assert_int_equal(drilled_ssh(&d, "w5", "systemctl restart kubelet", &out, &e), 0);
	buf_done(&out);
	assert_true(drilled_wait(&d, drilled_node_ready, "w5", SOON_MS));
}

static bool postgres_ready(struct drilled *of, const void *arg)
{
	(void)arg;
	return drilled_pods(of, "shop", "postgres-", "Running") == 2;
}

static long evict(const char *pod, const char *named)
{
	char path[120], body[200];
	struct err e = {0};

	snprintf(path, sizeof(path), "/api/v1/namespaces/shop/pods/%s/eviction", pod);
	snprintf(body, sizeof(body),
		"{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"%s\","
		"\"namespace\":\"shop\"}}",
		named);
	return ask(-1, "POST", path, "application/json", body, 3000, &e);
}

static void test_an_eviction_waits_for_the_disruption_budget(void **state)
{
	(void)state;
	assert_true(drilled_wait(&d, postgres_ready, NULL, SOON_MS));
	assert_int_equal(evict("postgres-0", "postgres-0"), 201);
	assert_int_equal(evict("postgres-1", "postgres-1"), 429);
	assert_int_equal(evict("postgres-1", "postgres-0"), 400);
	assert_int_equal(evict("none", "none"), 404);
	assert_true(drilled_wait(&d, postgres_ready, NULL, SOON_MS));
}

static void test_secrets_are_made_once(void **state)
{
	static const char body[] = "{\"metadata\":{\"name\":\"bootstrap-token-abcdef\"},\"type\":"
				   "\"bootstrap.kubernetes.io/token\",\"data\":{}}";
	static const char path[] = "/api/v1/namespaces/kube-system/secrets";
	struct err e = {0};

	(void)state;
	assert_int_equal(ask(-1, "POST", "/api/v1/namespaces/kube-system/secrets?dryRun=All",
				 "application/json", body, 3000, &e),
		201);
	assert_int_equal(ask(-1, "POST", path, "application/json", body, 3000, &e), 201);
	assert_int_equal(ask(-1, "POST", path, "application/json", body, 3000, &e), 409);
	assert_int_equal(
		get(-1, "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef", 3000, &e),
		200);
	assert_int_equal(
		ask(-1, "DELETE", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef",
			NULL, NULL, 3000, &e),
		200);
	assert_int_equal(
		get(-1, "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef", 3000, &e),
		404);
}

/* ---- nodes ---- */

static struct node_call call(const char *host)
{
	return (struct node_call){
		.shell = d.shell, .host = host, .timeout_ms = 10000, .cancel_fd = -1};
}

static void test_a_round_finds_what_a_kubeadm_master_has(void **state)
{
	struct host_report r;
	struct err e = {0};
	static const unsigned char none[32];
	struct node_call c = call(d.config->masters[0].address);

	(void)state;
	if (node_round(&c, "127.0.0.99", true, &r, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(r.runtime, "active");
	assert_string_equal(r.runtime_error, "");
	assert_string_equal(r.kubelet, "active");
	assert_int_equal(r.kubelet_healthz, 200);
	assert_true(r.n_containers >= 4);
	assert_non_null(strstr(r.manifests, "kube-apiserver.yaml"));
	assert_true(r.n_certs >= 10);
	assert_string_equal(r.certs[0].path, "/etc/kubernetes/pki/apiserver-etcd-client.crt");
	assert_memory_not_equal(r.ca_sha256, none, 32);
	assert_non_null(strstr(r.etcd_metrics, "etcd_server_has_leader 1"));
	assert_true(r.clock_skew_ms > -1000 && r.clock_skew_ms < 1000);
	assert_true(r.disk_percent_root > 0 && r.disk_percent_etcd > 0);
	assert_true(r.mem_total_kb == 8 << 20 && r.mem_available_kb > 0 && r.load1 > 0 &&
		    r.boot_time_ms > 0);
	assert_false(r.holds_vip);
	for (size_t i = 0; i < HOST_LOGS; i++) {
		bool there = strcmp(host_log_names[i], "crio") != 0;

		assert_int_equal(r.logs[i].back_s > HOST_LOG_RECENT_S, there);
		assert_int_equal(r.logs[i].recent, 0);
		assert_int_equal(r.logs[i].before, 0);
	}
}

static void test_a_round_of_a_sick_node_names_what_is_sick(void **state)
{
	struct host_report r;
	struct err e = {0};
	struct node_call c = call("m1");

	(void)state;
	set("containerd/m1", "fail");
	set("kubelet/m1", "fail");
	assert_int_equal(node_round(&c, NULL, false, &r, &e), 0);
	assert_string_equal(r.runtime, "failed");
	assert_string_equal(r.kubelet, "failed");
	assert_int_equal(r.kubelet_healthz, 0);
	assert_int_not_equal(r.runtime_error[0], '\0');
	assert_non_null(strstr(r.kubelet_last, "kubelet"));
}

static void test_etcds_credentials_are_read_from_a_master(void **state)
{
	char *pem[3], from[NODE_PKI_FROM];
	struct err e = {0};
	struct node_call c = call("m2");

	(void)state;
	assert_int_equal(node_read_etcd_pki(&c, "/etc/kubernetes/pki/etcd", pem, from, &e), 0);
	assert_non_null(strstr(pem[2], "PRIVATE KEY"));
	for (int i = 0; i < 3; i++)
		free(pem[i]);
}

static bool m2_down_in_haproxy(struct drilled *of, const void *down)
{
	struct haproxy_report r;
	struct err e = {0};

	struct node_call c = call(of->config->haproxy_node);

	if (haproxy_stat(&c, of->config->haproxy_socket, &r, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(r.n, 4);
	assert_string_equal(r.servers[1].name, "m2");
	assert_true(r.servers[3].backend);
	assert_string_equal(r.servers[3].status, "UP");
	return (strcmp(r.servers[1].status, "DOWN") == 0) == *(const bool *)down;
}

static void test_haproxy_tells_which_server_is_down(void **state)
{
	(void)state;
	assert_true(drilled_wait(&d, m2_down_in_haproxy, &(bool){false}, SOON_MS));
	set("container/m2/kube-apiserver", "crash");
	assert_true(drilled_wait(&d, m2_down_in_haproxy, &(bool){true}, SOON_MS));
}

static int sh(const char *host, const char *script, struct buf *out, struct err *e)
{
	buf_init(out, 1 << 20);
	return drilled_ssh(&d, host, script, out, e);
}

static void test_ssh_meets_what_a_machine_is(void **state)
{
	struct buf out;
	struct err e = {0};

	(void)state;
	assert_int_equal(sh("w9.example", "true", &out, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	buf_done(&out);
	set("sshd/w1", "stop");
	assert_int_equal(sh("w1", "true", &out, &e), -1);
	assert_int_equal(e.code, ERR_REFUSED);
	buf_done(&out);
	set("machine/w2", "off");
	assert_int_equal(sh("w2", "true", &out, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	buf_done(&out);
	assert_int_equal(sh("w3", "hostname; exit 7", &out, &e), 7);
	assert_string_equal(buf_text(&out), "w3\n");
	buf_done(&out);
}

/* Redirections are only held by the kernel, where it can. */
static bool landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static void test_a_timeout_on_a_node_ends_what_it_runs(void **state)
{
	struct buf out;
	struct err e = {0};
	int64_t from = instant_now().boot_ms;

	(void)state;
	assert_int_equal(sh("m1", "timeout -k 1 1 sleep 8", &out, &e), 124);
	assert_true(instant_now().boot_ms - from < 6000);
	buf_done(&out);
}

static void test_a_nodes_commands_stay_inside_the_node(void **state)
{
	struct buf out;
	struct err e = {0};
	char script[300], path[100];

	(void)state;
	assert_int_equal(
		sh("m1",
			"cat /etc/hostname; ls /etc/kubernetes/manifests | wc -l; pwd; echo /etc/x",
			&out, &e),
		0);
	assert_string_equal(buf_text(&out), "m14\n/root\n/etc/x\n");
	buf_done(&out);
	assert_int_equal(sh("m1",
				 "rm -rf /var/lib/etcd/* && [ ! -e /var/lib/etcd/member ] && mkdir "
				 "-p /opt/x && touch /opt/x/y && ls /opt/x",
				 &out, &e),
		0);
	assert_string_equal(buf_text(&out), "y\n");
	buf_done(&out);
	assert_int_equal(sh("m1", "no-such-tool --now", &out, &e), 127);
	buf_done(&out);
	/* Ways out: a path put together, upwards, by a redirection, by a signal. */
	snprintf(path, sizeof(path), "/tmp/k911-escape-%d", (int)getpid());
	snprintf(script, sizeof(script),
		"s=/; touch \"${s}tmp/k911-escape-%d\"; touch ../../../../../../tmp/k911-escape-%d",
		(int)getpid(), (int)getpid());
	assert_int_not_equal(sh("m1", script, &out, &e), 0);
	buf_done(&out);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(script, sizeof(script), "s=/; echo x >\"${s}tmp/k911-escape-%d\"", (int)getpid());
	sh("m1", script, &out, &e);
	buf_done(&out);
	if (landlock())
		assert_int_equal(access(path, F_OK), -1);
	unlink(path);
	snprintf(script, sizeof(script),
		"kill -9 %d; sh -c 'kill -9 %d'; command kill -9 %d; timeout 5 sh -c 'echo still "
		"here'",
		(int)getpid(), (int)getpid(), (int)getpid());
	assert_int_equal(sh("m1", script, &out, &e), 0);
	assert_string_equal(buf_text(&out), "still here\n");
	buf_done(&out);
}

static void test_two_drills_run_beside_each_other(void **state)
{
	struct drill_options o = {0};
	struct drill *other = NULL;
	struct err e = {0};

	(void)state;
	assert_int_equal(drill_start(&o, &other, &e), 0);
	assert_string_not_equal(drill_config(other)->load_balancer, d.config->load_balancer);
	expect(-1, "/livez", 200, ERR_NONE);
	drill_stop(other);
	o.scenario = "no-such";
	assert_int_equal(drill_start(&o, &other, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(other);
}

#define on_a_drill(test) cmocka_unit_test_setup_teardown(test, begin, finish)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		on_a_drill(test_each_fault_is_met_as_its_own_error_and_heals),
		on_a_drill(test_a_slow_server_answers_late),
		on_a_drill(test_the_load_balancer_leaves_a_dead_server_and_dies_alone),
		on_a_drill(test_a_watch_from_too_long_ago_is_told_so_and_relists),
		on_a_drill(test_an_expired_certificate_is_a_tls_error),
		on_a_drill(test_pages_add_up_to_the_whole_list),
		on_a_drill(test_a_future_version_is_a_504),
		on_a_drill(test_a_followed_log_goes_on),
		on_a_drill(test_a_cordon_shows_and_is_undone),
		on_a_drill(test_a_deleted_node_comes_back_when_its_kubelet_begins_anew),
		on_a_drill(test_an_eviction_waits_for_the_disruption_budget),
		on_a_drill(test_secrets_are_made_once),
		on_a_drill(test_a_round_finds_what_a_kubeadm_master_has),
		on_a_drill(test_a_round_of_a_sick_node_names_what_is_sick),
		on_a_drill(test_etcds_credentials_are_read_from_a_master),
		on_a_drill(test_haproxy_tells_which_server_is_down),
		on_a_drill(test_ssh_meets_what_a_machine_is),
		on_a_drill(test_a_timeout_on_a_node_ends_what_it_runs),
		on_a_drill(test_a_nodes_commands_stay_inside_the_node),
		on_a_drill(test_two_drills_run_beside_each_other),
	};

	drilled_self(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
