/* Deeds that clear up: the disk, a worker that leaves and joins, certificates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/scene.h"

#define NONE WORDS({"RUN", ""})
#define CONF "/etc/kubernetes/kubelet.conf"

/* crictl's own shape: a field a line. */
#define IMAGE(id, tag, size, pinned)                                                               \
	"    {\n      \"id\": \"sha256:" id "\",\n      \"repoTags\": [\n        \"" tag           \
	"\"\n      ],\n      \"size\": \"" size "\",\n      \"pinned\": " pinned "\n    }"

static void test_only_images_that_nothing_needs_are_removed(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(&s.root, "image-table",
			"{\n  \"images\": [\n" IMAGE(
				"aa", "registry.k8s.io/etcd:v1", "100", "false") ",\n" IMAGE("bb",
				"docker.io/shop/old:1", "200", "false") ",\n" IMAGE("cc",
				"docker.io/shop/web:2", "300", "false") ",\n" IMAGE("dd",
				"docker.io/shop/kept:1", "400", "true") ",\n" IMAGE("ee",
				"registry.k8s.io/pause:3.10", "500", "false") "\n  ]\n}\n");
		node_root_put(&s.root, "ps-json",
			"{\n  \"containers\": [\n    {\n      \"image\": {\n        \"image\": "
			"\"sha256:cc\"\n      },\n      \"imageRef\": \"sha256:cc\"\n    }\n  "
			"]\n}\n");
		scene_expect(&s, NODE_DONE, scene_does(&s, "disk-usage", NONE));
		assert_string_equal(scene_said(&s, "image"), "200 sha256:bb docker.io/shop/old:1");
		assert_false(scene_done(&s, "images-prune", NONE));
		scene_expect(&s, NODE_DONE, scene_does(&s, "images-prune", NONE));
		scene_file(&s, "removed", "sha256:bb\n");
		assert_int_equal(node_answer_number(&s.a, "removed", 0), 1);
	}
}

static void test_only_what_a_deed_moved_aside_can_be_dropped(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		const char *old = "/etc/kubernetes/k911-aside/etcd.yaml.1";

		node_root_put(&s.root, old, "x\n");
		node_root_put(&s.root, "/var/lib/etcd/member/snap/db", "precious\n");
		scene_expect(&s, NODE_IN_WAY,
			scene_does(&s, "aside-drop", WORDS({"FILE", "/var/lib/etcd"})));
		scene_expect(
			&s, NODE_IN_WAY, scene_does(&s, "aside-drop", WORDS({"FILE", SCENE_API})));
		scene_file(&s, "/var/lib/etcd/member/snap/db", "precious\n");
		scene_expect(&s, NODE_DONE, scene_does(&s, "disk-usage", NONE));
		assert_true(str_ends(scene_said(&s, "aside"), old));
		assert_non_null(strstr(buf_text(&s.a.text), "/var/lib/etcd/member etcd\n"));
		scene_expect(&s, NODE_DONE, scene_does(&s, "aside-drop", WORDS({"FILE", old})));
		assert_true(scene_done(&s, "aside-drop", WORDS({"FILE", old})));
		scene_file(&s, old, NULL);
	}
}

static const char rules[] = "*filter\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n:MINE - [0:0]\n"
			    "-A INPUT -j KUBE-SERVICES\n-A INPUT -p tcp --dport 22 -j MINE\n"
			    "-A KUBE-SERVICES -d 10.96.0.1/32 -j REJECT\nCOMMIT\n";

static void leave_worker(struct scene *s)
{
	node_root_remove(&s->root, SCENE_API);
	node_root_remove(&s->root, "/etc/kubernetes/manifests/etcd.yaml");
	node_root_put(&s->root, CONF, "server: https://10.0.0.5:6443\n");
	node_root_put(&s->root, "/etc/kubernetes/pki/ca.crt", "ca\n");
	node_root_put(&s->root, "/var/lib/cni/networks/cbr0/10.244.1.2", "x\n");
	node_root_put(&s->root, "links/cni0", "");
	node_root_put(&s->root, "links/flannel.1", "");
	node_root_put(&s->root, "links/eth0", "");
	node_root_put(&s->root, "rules", rules);
}

static void test_a_worker_leaves_with_all_that_kubeadm_forgets(void **state)
{
	const struct node_words *run = WORDS({"RUN", "r1"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		scene_expect(&s, NODE_IN_WAY, scene_does(&s, "kubeadm-reset", run)); /* a master */
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		leave_worker(&s);
		assert_false(scene_done(&s, "kubeadm-reset", run));
		scene_expect(&s, NODE_DONE, scene_does(&s, "kubeadm-reset", run));
		assert_true(scene_done(&s, "kubeadm-reset", run));
		scene_file(&s, "links/cni0", NULL);
		assert_true(node_root_has(&s.root, "links/eth0"));
		assert_false(node_root_has(&s.root, "/var/lib/cni"));
		scene_file(&s, "rules",
			"*filter\n:INPUT ACCEPT [0:0]\n:MINE - [0:0]\n"
			"-A INPUT -p tcp --dport 22 -j MINE\nCOMMIT\n");
		scene_file(&s, "/var/lib/k911/aside/iptables.r1", rules);
		scene_file(&s, "/var/lib/k911/aside/kubernetes.r1/pki/ca.crt", "ca\n");
		scene_expect(&s, NODE_DONE, scene_does(&s, "kubeadm-reset", run));
	}
}

static void test_a_joins_token_stands_in_no_command_and_in_no_file_afterwards(void **state)
{
	static const char config[] = "kind: JoinConfiguration\ndiscovery:\n  bootstrapToken:\n    "
				     "token: abcdef.0123456789abcdef\n";

	(void)state;
	EACH_SHELL(s, shell)
	{
		const struct node_words w = {NULL, 0, config, sizeof(config) - 1, NULL};
		char *commands, *joined;

		assert_false(scene_done(&s, "kubeadm-join", NONE));
		scene_expect(&s, NODE_DONE, scene_does(&s, "kubeadm-join", &w));
		commands = node_root_get(&s.root, "commands");
		assert_null(strstr(commands, "0123456789abcdef"));
		free(commands);
		joined = node_root_get(&s.root, "joined");
		assert_true(str_starts(joined, "apiVersion: kubeadm.k8s.io/v1beta4\nkind: Join"));
		assert_true(str_ends(joined, "token: abcdef.0123456789abcdef\n"));
		free(joined);
		scene_file(&s, "joined-mode", "600\n");
		scene_file(&s, "/run/k911/join.yaml", NULL);
		assert_true(scene_done(&s, "kubeadm-join", NONE));
		scene_expect(&s, NODE_IN_WAY, scene_does(&s, "kubeadm-join", &w));
	}
}

static void test_renewed_certificates_leave_the_former_ones_aside(void **state)
{
	const struct node_words *run = WORDS({"RUN", "r9"});

	(void)state;
	EACH_SHELL(s, shell)
	{
		node_root_put(&s.root, "/etc/kubernetes/pki/apiserver.crt", "old\n");
		node_root_put(&s.root, "/etc/kubernetes/admin.conf", "old admin\n");
		assert_false(scene_done(&s, "certs-renew", run));
		scene_expect(&s, NODE_DONE, scene_does(&s, "certs-renew", run));
		assert_true(scene_done(&s, "certs-renew", run));
		scene_file(&s, "/etc/kubernetes/pki/apiserver.crt", "renewed\n");
		scene_file(&s, "/var/lib/k911/aside/pki.r9/apiserver.crt", "old\n");
		scene_file(&s, "/var/lib/k911/aside/admin.conf.r9", "old admin\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_images_that_nothing_needs_are_removed),
		cmocka_unit_test(test_only_what_a_deed_moved_aside_can_be_dropped),
		cmocka_unit_test(test_a_worker_leaves_with_all_that_kubeadm_forgets),
		cmocka_unit_test(test_a_joins_token_stands_in_no_command_and_in_no_file_afterwards),
		cmocka_unit_test(test_renewed_certificates_leave_the_former_ones_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
