/* Deeds on a made-up node, by dash and by busybox: what they do, what they refuse, and that their
 * probes tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_deed.h"
#include "help/scene.h"
#include "io/proc.h"

/* ---- static pods ---- */

static void test_a_manifest_goes_aside_and_comes_back(void **state)
{
	const struct node_words *api = WORDS({"NAME", "kube-apiserver"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		scene_expect(&s, NODE_DONE, scene_does(&s, "manifest-aside", api));
		assert_true(str_ends(scene_said(&s, "aside"), SCENE_AWAY));
		scene_file(&s, SCENE_API, NULL);
		scene_file(&s, SCENE_AWAY, SCENE_POD("kube-apiserver"));
		assert_int_equal(node_root_count(&s.root, "/etc/kubernetes/manifests"), 1);
		assert_true(scene_done(&s, "manifest-aside", api));
		assert_false(scene_done(&s, "manifest-back", api));
		scene_expect(&s, NODE_DONE,
			scene_does(&s, "manifest-aside", api)); /* again: as it was */
		scene_expect(&s, NODE_DONE, scene_does(&s, "manifest-back", api));
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		scene_file(&s, SCENE_AWAY, NULL);
		assert_true(scene_done(&s, "manifest-back", api));
		scene_expect(&s, NODE_DONE, scene_does(&s, "manifest-back", api));
	}
}

static void test_another_manifest_is_never_overwritten(void **state)
{
	const struct node_words *api = WORDS({"NAME", "kube-apiserver"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(&s.root, SCENE_AWAY, "older\n");
		scene_expect(&s, NODE_IN_WAY, scene_does(&s, "manifest-back", api));
		assert_int_equal(s.e.code, ERR_CONFLICT);
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		scene_file(&s, SCENE_AWAY, "older\n");
		assert_false(scene_done(&s, "manifest-back", api));
		/* the older one goes further aside */
		scene_expect(&s, NODE_DONE, scene_does(&s, "manifest-aside", api));
		scene_file(&s, SCENE_AWAY, SCENE_POD("kube-apiserver"));
		assert_int_equal(node_root_count(&s.root, "/etc/kubernetes/k911-aside"), 2);
		scene_expect(&s, NODE_MISSING,
			scene_does(&s, "manifest-aside", WORDS({"NAME", "kube-scheduler"})));
		assert_int_equal(s.e.code, ERR_MISSING);
	}
}

static void test_a_cycled_manifest_has_a_new_container(void **state)
{
	const struct node_words *api = WORDS({"NAME", "kube-apiserver"}, {"RUN", "r1.2"});
	char was[64];

	(void)state;
	EACH_SHELL(s, shell)
	{
		assert_false(scene_done(&s, "manifest-cycle", api));
		scene_expect(&s, NODE_DONE, scene_does(&s, "manifest-cycle", api));
		str_copy(was, sizeof(was), scene_said(&s, "stopped"));
		assert_string_not_equal(was, "none");
		assert_string_not_equal(scene_said(&s, "started"), was);
		assert_string_equal(scene_said(&s, "forced"), "");
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		assert_true(scene_done(&s, "manifest-cycle", api));
		assert_false(scene_done(
			&s, "manifest-cycle", WORDS({"NAME", "kube-apiserver"}, {"RUN", "r1.3"})));
	}
}

static void test_a_container_that_the_kubelet_does_not_let_go_is_stopped(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		s.root.call.timeout_ms = 30000;
		node_root_put(&s.root, "kubelet.deaf", "");
		scene_expect(&s, NODE_DONE,
			scene_does(&s, "manifest-cycle", WORDS({"NAME", "kube-apiserver"})));
		assert_string_equal(scene_said(&s, "forced"), scene_said(&s, "stopped"));
		assert_string_not_equal(scene_said(&s, "started"), scene_said(&s, "stopped"));
	}
}

static void test_strays_are_told_and_moved_out(void **state)
{
	static const char *const files[][3] = {
		{"kube-apiserver.yaml.bak", SCENE_POD("kube-apiserver"), "leftover kube-apiserver"},
		{"etcd.yaml~", SCENE_POD("etcd"), "leftover etcd"},
		{"my-apiserver.yaml", SCENE_POD("kube-apiserver"), "control-plane kube-apiserver"},
		{"kube-apiserver-2024.yml", SCENE_POD("\"kube-apiserver\""),
			"control-plane kube-apiserver"},
		{"a.json",
			"{\"kind\":\"Pod\",\n\"metadata\": {\"labels\":{\"name\":\"x\"}, "
			"\"name\": \"proxy\"},\"spec\":{}}\n",
			"twice proxy"},
		{"README", "hello\n", "unreadable -"},
	};
	static const char *const fine[] = {
		"proxy.yaml", "kube-vip.yml", ".kube-apiserver.yaml.swp"};

	(void)state;
	EACH_SHELL(s, shell)
	{
		const char *line;
		size_t at = 0, n;
		int told = 0;

		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
			char *path = str_fmt("/etc/kubernetes/manifests/%s", files[i][0]);

			node_root_put(&s.root, path, files[i][1]);
			free(path);
		}
		for (size_t i = 0; i < 3; i++) {
			char *path = str_fmt("/etc/kubernetes/manifests/%s", fine[i]);

			node_root_put(
				&s.root, path, i == 1 ? SCENE_POD("kube-vip") : SCENE_POD("proxy"));
			free(path);
		}
		scene_expect(&s, NODE_DONE, scene_does(&s, "manifest-strays", WORDS({"RUN", ""})));
		while (node_answer_next(&s.a, "stray", &at, &line, &n))
			told++;
		for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
			char *wanted = str_fmt("stray %s %s\n", files[i][2], files[i][0]);

			if (strstr(buf_text(&s.a.text), wanted) == NULL)
				fail_msg("no %s in %s", wanted, buf_text(&s.a.text));
			free(wanted);
		}
		assert_int_equal(told, sizeof(files) / sizeof(*files));
		scene_expect(&s, NODE_IN_WAY,
			scene_does(&s, "stray-aside", WORDS({"FILE", "etcd.yaml"})));
		scene_expect(&s, NODE_DONE,
			scene_does(&s, "stray-aside", WORDS({"FILE", "etcd.yaml~"})));
		scene_file(&s, "/etc/kubernetes/manifests/etcd.yaml~", NULL);
		assert_int_equal(node_root_count(&s.root, "/etc/kubernetes/k911-aside"), 1);
		assert_true(scene_done(&s, "stray-aside", WORDS({"FILE", "etcd.yaml~"})));
		assert_false(scene_done(&s, "stray-aside", WORDS({"FILE", "README"})));
	}
}

/* ---- units ---- */

static void test_a_unit_that_gave_up_is_forgiven_and_restarted(void **state)
{
	const struct node_words *kubelet = WORDS({"UNIT", "kubelet"}, {"RUN", "r1"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(&s.root, "units/kubelet.service",
			"ActiveState=failed\nSubState=failed\nResult=start-limit-hit\nMainPID=0\n"
			"ExecMainStartTimestampMonotonic=7\n");
		assert_false(scene_done(&s, "unit-restart", kubelet));
		scene_expect(&s, NODE_DONE, scene_does(&s, "unit-restart", kubelet));
		assert_string_equal(scene_said(&s, "before"), "kubelet.service failed failed");
		assert_string_equal(scene_said(&s, "unit"), "kubelet.service active");
		assert_true(scene_done(&s, "unit-restart", kubelet));
		scene_expect(&s, NODE_MISSING,
			scene_does(&s, "unit-restart", WORDS({"UNIT", "keepalived"})));
	}
}

static void test_a_unit_that_does_not_start_says_why(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(&s.root, "units/kubelet.service.fails", "");
		scene_expect(&s, NODE_FAILED,
			scene_does(&s, "unit-restart", WORDS({"UNIT", "kubelet"})));
		assert_non_null(strstr(scene_said(&s, "why"), "the last words of the journal"));
		assert_non_null(strstr(s.e.text, "m1: unit-restart"));
	}
}

static void test_a_unit_is_stopped_and_started(void **state)
{
	const struct node_words *kubelet = WORDS({"UNIT", "kubelet"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		assert_false(scene_done(&s, "unit-stop", kubelet));
		scene_expect(&s, NODE_DONE, scene_does(&s, "unit-stop", kubelet));
		assert_true(scene_done(&s, "unit-stop", kubelet));
		assert_false(scene_done(&s, "unit-start", kubelet));
		scene_expect(&s, NODE_DONE, scene_does(&s, "unit-start", kubelet));
		assert_true(scene_done(&s, "unit-start", kubelet));
	}
}

/* A process of its own that would sleep for long. */
static long sleeper(void)
{
	const char *const argv[] = {"sh", "-c", "sleep 300 >/dev/null 2>&1 & echo $!", NULL};
	const struct proc_request q = {
		.argv = argv, .timeout_ms = 20000, .cancel_fd = -1, .max_out = 100};
	struct proc_result r;
	int64_t pid = 0;

	assert_int_equal(proc_run(&q, &r, NULL), 0);
	buf_text(&r.out);
	r.out.at[strcspn(r.out.at, "\n")] = '\0';
	assert_true(str_i64(r.out.at, &pid));
	proc_result_done(&r);
	return (long)pid;
}

static void test_a_hung_runtime_loses_its_main_process_and_nothing_else(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		long pid = sleeper();

		s.root.call.timeout_ms = 30000;
		node_root_unit(&s.root, "containerd.service", pid);
		node_root_put(&s.root, "units/containerd.service.hang", "");
		scene_expect(
			&s, NODE_DONE, scene_does(&s, "unit-restart", WORDS({"UNIT", "runtime"})));
		assert_int_equal(node_answer_number(&s.a, "killed", 0), pid);
		/* One whose containers would die with it is left alone. */
		pid = sleeper();
		node_root_put(&s.root, "units/containerd.service",
			"ActiveState=active\nKillMode=control-group\n");
		{
			char *text = str_fmt("ActiveState=active\nSubState=running\n"
					     "KillMode=control-group\nMainPID=%ld\n",
				pid);

			node_root_put(&s.root, "units/containerd.service", text);
			free(text);
		}
		scene_expect(&s, NODE_IN_WAY,
			scene_does(&s, "unit-restart", WORDS({"UNIT", "runtime"})));
		assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	}
}

static void test_a_stopped_container_is_told_from_its_successor(void **state)
{
	const struct node_words *api = WORDS({"NAME", "kube-apiserver"}, {"RUN", "r7"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		assert_false(scene_done(&s, "container-stop", api));
		scene_expect(&s, NODE_DONE, scene_does(&s, "container-stop", api));
		assert_true(scene_done(&s, "container-stop", api));
		scene_expect(&s, NODE_MISSING,
			scene_does(&s, "container-stop", WORDS({"NAME", "nginx"})));
		node_root_put(&s.root, "crictl.hang", "");
		scene_expect(&s, NODE_HUNG, scene_does(&s, "container-stop", api));
		assert_int_equal(s.e.code, ERR_TIMEOUT);
	}
}

/* ---- haproxy ---- */

#define MARK "# k911: out on purpose; the word disabled in the next line is owed back: "
#define SOCK                                                                                       \
	{                                                                                          \
		"SOCKET_AT", "/run/haproxy/admin.sock"                                             \
	}

static void test_a_fence_lies_in_the_configuration_and_comes_out_of_it(void **state)
{
	const struct node_words *m2 = WORDS({"SERVER", "m2"}, SOCK),
				*m1 = WORDS({"SERVER", "m1"}, SOCK),
				*one = WORDS({"SERVER", "m1"}, {"PROXY", "others"}, SOCK);

	(void)state;
	EACH_SHELL(s, shell)
	{
		char *text;

		assert_false(scene_done(&s, "haproxy-fence", m2));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-fence", m2));
		text = node_root_get(&s.root, SCENE_CONFIG);
		assert_non_null(strstr(text,
			"\t" MARK "m2\n\tserver m2  10.0.0.2:6443 disabled check # second\n"));
		free(text);
		assert_non_null(strstr(buf_text(&s.a.text), "server masters MAINT"));
		assert_true(scene_done(&s, "haproxy-fence", m2));
		scene_expect(
			&s, NODE_DONE, scene_does(&s, "haproxy-fence", m2)); /* again: one mark */
		assert_int_equal(node_root_count(&s.root, "/etc/haproxy"), 2);
		assert_false(scene_done(&s, "haproxy-unfence", m2));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-unfence", m2));
		assert_true(scene_done(&s, "haproxy-unfence", m2));
		scene_file(&s, SCENE_CONFIG, scene_config);
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-fence", m1));
		assert_non_null(strstr(buf_text(&s.a.text), "server masters MAINT"));
		assert_non_null(strstr(buf_text(&s.a.text), "server others MAINT"));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-unfence", m1));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-fence", one));
		text = node_root_get(&s.root, SCENE_CONFIG);
		assert_non_null(strstr(text, "server m1 10.0.0.1:80 disabled\n"));
		assert_null(strstr(text, "server m1 10.0.0.1:6443 disabled"));
		free(text);
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-unfence", one));
		scene_file(&s, SCENE_CONFIG, scene_config);
	}
}

static void test_what_an_operator_disabled_is_not_ours(void **state)
{
	const struct node_words *m3 = WORDS({"SERVER", "m3"}, SOCK);

	(void)state;
	EACH_SHELL(s, shell)
	{
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-fence", m3));
		scene_file(&s, SCENE_CONFIG, scene_config);
		assert_int_not_equal(scene_does(&s, "haproxy-unfence", m3), NODE_DONE);
		scene_file(&s, SCENE_CONFIG, scene_config);
		scene_expect(
			&s, NODE_MISSING, scene_does(&s, "haproxy-fence", WORDS({"SERVER", "m9"})));
	}
}

static void test_a_configuration_that_haproxy_refuses_is_not_put_in_place(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(
			&s.root, SCENE_CONFIG, "BROKEN\nbackend b\n  server m1 10.0.0.1:6443\n");
		scene_expect(
			&s, NODE_IN_WAY, scene_does(&s, "haproxy-fence", WORDS({"SERVER", "m1"})));
		scene_expect(
			&s, NODE_IN_WAY, scene_does(&s, "haproxy-reload", WORDS({"RUN", "r"})));
		scene_expect(&s, NODE_FAILED, scene_does(&s, "haproxy-check", WORDS({"RUN", ""})));
		scene_file(&s, SCENE_CONFIG, "BROKEN\nbackend b\n  server m1 10.0.0.1:6443\n");
		assert_int_equal(node_root_count(&s.root, "/etc/haproxy"), 1);
		node_root_put(&s.root, SCENE_CONFIG, scene_config);
		assert_false(scene_done(&s, "haproxy-reload", WORDS({"RUN", "r"})));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-reload", WORDS({"RUN", "r"})));
		assert_true(scene_done(&s, "haproxy-reload", WORDS({"RUN", "r"})));
	}
}

static void test_a_server_is_put_into_maintenance_at_once(void **state)
{
	const struct node_words *m1 = WORDS({"SERVER", "m1"}, {"PROXY", "masters"}, SOCK);

	(void)state;
	EACH_SHELL(s, shell)
	{
		assert_false(scene_done(&s, "haproxy-maint", m1));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-maint", m1));
		assert_true(scene_done(&s, "haproxy-maint", m1));
		scene_expect(&s, NODE_DONE, scene_does(&s, "haproxy-ready", m1));
		assert_true(scene_done(&s, "haproxy-ready", m1));
	}
}

/* ---- disks ---- */

static void test_a_full_or_read_only_disk_is_told_and_nothing_is_changed(void **state)
{
	static const struct {
		const char *says;
		enum node_exit exit;
		enum err_code code;
	} rows[] = {{"No space left on device", NODE_NO_SPACE, ERR_LIMIT},
		{"Read-only file system", NODE_NO_RIGHT, ERR_AUTH}};

	(void)state;
	EACH_SHELL(s, shell)
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		node_root_put(&s.root, "disk-says", rows[i].says);
		scene_expect(&s, rows[i].exit,
			scene_does(&s, "manifest-aside", WORDS({"NAME", "kube-apiserver"})));
		assert_int_equal(s.e.code, rows[i].code);
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		scene_expect(
			&s, rows[i].exit, scene_does(&s, "haproxy-fence", WORDS({"SERVER", "m2"})));
		scene_file(&s, SCENE_CONFIG, scene_config);
		assert_int_equal(node_root_count(&s.root, "/etc/haproxy"), 1);
	}
}

/* ---- probes ---- */

static void test_units_are_told_with_their_state_and_journal(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		const char *line;
		char field[64];
		size_t at = 0, n;

		scene_expect(&s, NODE_DONE, scene_does(&s, "probe-units", WORDS({"LINES", "1"})));
		assert_true(node_answer_next(&s.a, "unit", &at, &line, &n));
		assert_true(str_starts(line, "kubelet "));
		assert_true(node_answer_field(line, n, "active", field, sizeof(field)));
		assert_string_equal(field, "active");
		assert_true(node_answer_field(line, n, "id", field, sizeof(field)));
		assert_string_equal(field, "kubelet.service");
		assert_false(node_answer_field(line, n, "activ", field, sizeof(field)));
		assert_true(node_answer_next(&s.a, "unit", &at, &line, &n));
		assert_true(str_starts(line, "runtime id=containerd.service "));
		assert_string_equal(
			scene_said(&s, "journal"), "kubelet the last words of the journal");
	}
}

static void test_an_ended_container_is_told_with_its_last_words(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		char field[64];

		node_root_remove(&s.root, SCENE_API);
		node_root_put(&s.root, "dead.kube-apiserver", "dead1\n");
		node_root_put(&s.root, "inspect.dead1",
			"{\n  \"info\": {\n    \"exitCode\": 9\n  },\n  \"status\": {\n    "
			"\"attempt\": "
			"0,\n    \"exitCode\": 137,\n    \"finishedAt\": "
			"\"2026-01-02T03:04:05Z\",\n    "
			"\"id\": \"dead1\",\n    \"metadata\": {\n      \"attempt\": 4,\n      "
			"\"name\": "
			"\"kube-apiserver\"\n    },\n    \"reason\": \"Error\",\n    "
			"\"startedAt\": "
			"\"2026-01-02T03:04:00Z\",\n    \"state\": \"CONTAINER_EXITED\"\n  }\n}\n");
		node_root_put(&s.root, "logs.dead1", "one\npanic: no disk\n");
		scene_expect(&s, NODE_DONE,
			scene_does(&s, "probe-containers", WORDS({"NAME", "kube-apiserver"})));
		assert_true(node_answer_field(scene_said(&s, "container"),
			strlen(scene_said(&s, "container")), "exit", field, sizeof(field)));
		assert_string_equal(field, "137");
		assert_non_null(strstr(scene_said(&s, "container"), "state=exited"));
		assert_non_null(
			strstr(scene_said(&s, "container"), "started=2026-01-02T03:04:00Z"));
		assert_non_null(strstr(buf_text(&s.a.text), "said panic: no disk\n"));
	}
}

static void test_images_of_manifests_and_sandbox_are_asked_for(void **state)
{
	static const char *const infos[] = {
		"{\n  \"config\": {\n    \"sandboxImage\": \"registry.k8s.io/pause:3.10\"\n  "
		"}\n}\n",
		"{\n  \"config\": {\n    \"pinnedImages\": {\n      \"sandbox\": "
		"\"registry.k8s.io/pause:3.10\"\n    }\n  }\n}\n",
		"",
	};

	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(&s.root, "/etc/containerd/config.toml",
			"  [plugins.x]\n    sandbox_image = \"registry.k8s.io/pause:3.10\"\n");
		for (size_t i = 0; i < 3; i++) {
			node_root_put(&s.root, "info", infos[i]);
			node_root_put(&s.root, "images",
				"registry.k8s.io/pause:3.10\nregistry.k8s.io/etcd:v1\n"
				"registry.k8s.io/kube-apiserver:v1\n");
			scene_expect(
				&s, NODE_DONE, scene_does(&s, "probe-images", WORDS({"RUN", ""})));
			node_root_put(&s.root, "images",
				"registry.k8s.io/etcd:v1\nregistry.k8s.io/kube-apiserver:v1\n");
			scene_expect(&s, NODE_NOT,
				scene_does(&s, "probe-images", WORDS({"NAME", "etcd"})));
			assert_string_equal(
				scene_said(&s, "why"), "absent: registry.k8s.io/pause:3.10");
			node_root_put(&s.root, "images", "registry.k8s.io/pause:3.10\n");
			scene_expect(&s, NODE_NOT,
				scene_does(&s, "probe-images", WORDS({"NAME", "etcd"})));
			assert_string_equal(
				scene_said(&s, "why"), "absent: registry.k8s.io/etcd:v1");
		}
	}
}

static void test_space_rights_and_tools_are_told(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		scene_expect(&s, NODE_DONE,
			scene_does(&s, "probe-space", WORDS({"PATHS", "/etc /var"}, {"KIB", "1"})));
		assert_true(
			str_starts(strstr(scene_said(&s, "space"), " free-kib="), " free-kib="));
		scene_expect(&s, NODE_NOT,
			scene_does(&s, "probe-space",
				WORDS({"PATHS", "/etc"}, {"KIB", "999999999999"})));
		scene_expect(&s, NODE_DONE,
			scene_does(&s, "probe-tools", WORDS({"TOOLS", "sh crictl"})));
		scene_expect(&s, NODE_NOT,
			scene_does(&s, "probe-tools", WORDS({"TOOLS", "sh no-such-tool"})));
		assert_string_equal(scene_said(&s, "why"), "missing: no-such-tool");
	}
}

/* ---- words ---- */

static void test_words_that_could_be_more_than_words_are_refused(void **state)
{
	static const struct {
		const char *deed;
		struct node_word word;
	} bad[] = {
		{"manifest-aside", {"NAME", "etcd;reboot"}},
		{"manifest-aside", {"NAME", "coredns"}}, /* none of the four */
		{"stray-aside", {"FILE", "../ca.crt"}}, {"stray-aside", {"FILE", "-rf"}},
		{"stray-aside", {"FILE", ".."}}, {"unit-restart", {"UNIT", "sshd"}},
		{"container-stop", {"NAME", "$(reboot)"}}, {"container-stop", {"NAME", "a b"}},
		{"container-stop", {"NAME", ""}}, {"haproxy-fence", {"SERVER", "m1/m2"}},
		{"probe-space", {"PATHS", "/var /etc/../root"}}, {"probe-space", {"PATHS", "var"}},
		{"probe-space", {"KIB", "-1"}}, {"probe-images", {"IMAGE", "a -b"}},
		{"probe-balancer", {"URL", "file:///etc/shadow"}},
		{"lock-release", {"RUN", "a/../b"}},
		{"lock-release", {"OWNER", "eve"}}, /* takes none */
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct node_words w = {&bad[i].word, 1, NULL, 0, NULL};

		err_clear(&e);
		if (node_deed_check(node_deed_find(bad[i].deed), &w, &e) == 0)
			fail_msg("%s takes %s", bad[i].deed, bad[i].word.value);
		assert_int_equal(e.code, ERR_USAGE);
	}
	assert_int_equal(node_deed_check(node_deed_find("unit-stop"), WORDS({"RUN", ""}), &e), -1);
	assert_non_null(strstr(e.text, "UNIT"));
}

struct heard {
	struct buf out;
};

static int hear(void *arg, const char *bytes, size_t n)
{
	return buf_add(&((struct heard *)arg)->out, bytes, n);
}

static void test_any_command_keeps_its_words_whole(void **state)
{
	const char *const argv[] = {"printf", "<%s>", "a b", "$HOME", "it's", "*", "-n", ""};
	const char *const evil[] = {"ls;reboot"}, *const line[] = {"echo", "a\nb"};

	(void)state;
	EACH_SHELL(s, shell)
	{
		struct heard h;
		const struct proc_calls calls = {hear, NULL, &h};
		int code;
		char *shown;

		buf_init(&h.out, 1000);
		assert_int_equal(node_deed_run(&s.root.call, argv, 8, &calls, &code, &s.e), 0);
		assert_int_equal(code, 0);
		assert_string_equal(buf_text(&h.out), "<a b><$HOME><it's><*><-n><>");
		assert_int_equal(node_deed_run(&s.root.call, evil, 1, &calls, &code, &s.e), -1);
		assert_int_equal(s.e.code, ERR_USAGE);
		assert_int_equal(node_deed_run(&s.root.call, line, 2, &calls, &code, &s.e), -1);
		assert_int_equal(node_deed_run(&s.root.call, line, 0, &calls, &code, &s.e), -1);
		shown = node_deed_run_show(&s.root.call, argv, 3);
		assert_non_null(strstr(shown, "root@m1 "));
		free(shown);
		buf_done(&h.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_manifest_goes_aside_and_comes_back),
		cmocka_unit_test(test_another_manifest_is_never_overwritten),
		cmocka_unit_test(test_a_cycled_manifest_has_a_new_container),
		cmocka_unit_test(test_a_container_that_the_kubelet_does_not_let_go_is_stopped),
		cmocka_unit_test(test_strays_are_told_and_moved_out),
		cmocka_unit_test(test_a_unit_that_gave_up_is_forgiven_and_restarted),
		cmocka_unit_test(test_a_unit_that_does_not_start_says_why),
		cmocka_unit_test(test_a_unit_is_stopped_and_started),
		cmocka_unit_test(test_a_hung_runtime_loses_its_main_process_and_nothing_else),
		cmocka_unit_test(test_a_stopped_container_is_told_from_its_successor),
		cmocka_unit_test(test_a_fence_lies_in_the_configuration_and_comes_out_of_it),
		cmocka_unit_test(test_what_an_operator_disabled_is_not_ours),
		cmocka_unit_test(test_a_configuration_that_haproxy_refuses_is_not_put_in_place),
		cmocka_unit_test(test_a_server_is_put_into_maintenance_at_once),
		cmocka_unit_test(test_a_full_or_read_only_disk_is_told_and_nothing_is_changed),
		cmocka_unit_test(test_units_are_told_with_their_state_and_journal),
		cmocka_unit_test(test_an_ended_container_is_told_with_its_last_words),
		cmocka_unit_test(test_images_of_manifests_and_sandbox_are_asked_for),
		cmocka_unit_test(test_space_rights_and_tools_are_told),
		cmocka_unit_test(test_words_that_could_be_more_than_words_are_refused),
		cmocka_unit_test(test_any_command_keeps_its_words_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
