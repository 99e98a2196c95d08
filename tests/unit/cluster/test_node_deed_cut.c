/* A power cut at any command of a deed: its probe tells, and the next attempt finishes. By dash; which
 * commands a deed is made of does not differ between shells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "help/scene.h"

#define SOCK                                                                                       \
	{                                                                                          \
		"SOCKET_AT", "/run/haproxy/admin.sock"                                             \
	}

static const struct cut_row {
	const char *deed, *undo;
	struct node_word words[4];
} cut_rows[] = {
	{"manifest-aside", NULL, {{"NAME", "kube-apiserver"}}},
	{"manifest-cycle", NULL, {{"NAME", "kube-apiserver"}, {"RUN", "r1"}}},
	{"stray-aside", NULL, {{"FILE", "etcd.yaml.bak"}}},
	{"haproxy-fence", "haproxy-unfence", {{"SERVER", "m2"}, SOCK}},
	{"lock-take", "lock-release",
		{{"OWNER", "eve"}, {"MACHINE", "desk"}, {"PURPOSE", "x"}, {"RUN", "r1"}}},
};

static struct node_words words_of(const struct cut_row *row)
{
	struct node_words w = {row->words, 0, NULL, 0, NULL};

	while (w.n < 4 && row->words[w.n].name != NULL)
		w.n++;
	return w;
}

/* Cut at its n-th command, then probed and, where it took no effect, done again. False when it came
 * to its end before that command. */
static bool cut_and_finished(const struct cut_row *row, int n)
{
	const struct node_deed *d = node_deed_find(row->deed);
	struct node_words w = words_of(row);
	struct scene s;
	bool cut;

	scene_open(&s, 0);
	node_root_put(&s.root, "/etc/kubernetes/manifests/etcd.yaml.bak", SCENE_POD("etcd"));
	node_root_cut(&s.root, n);
	cut = node_deed_do(&s.root.call, d, &w, &s.a, &s.e) != 0;
	node_root_cut(&s.root, 0);
	if (!scene_done(&s, row->deed, &w))
		scene_expect(&s, NODE_DONE, scene_does(&s, row->deed, &w));
	assert_true(scene_done(&s, row->deed, &w));
	if (strcmp(row->deed, "manifest-cycle") == 0) {
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		scene_file(&s, SCENE_AWAY, NULL);
	}
	if (strcmp(row->deed, "manifest-aside") == 0)
		scene_file(&s, SCENE_AWAY, SCENE_POD("kube-apiserver"));
	if (row->undo != NULL) {
		struct node_words run = {row->words, w.n, NULL, 0, NULL};

		if (strcmp(row->undo, "lock-release") == 0)
			run = (struct node_words){&row->words[3], 1, NULL, 0, NULL};
		scene_expect(&s, NODE_DONE, scene_does(&s, row->undo, &run));
		scene_file(&s, SCENE_CONFIG, scene_config);
		scene_file(&s, "/run/k911/lock", NULL);
	}
	scene_close(&s);
	return cut;
}

static void test_a_power_cut_at_any_command_is_finished_by_the_next_attempt(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cut_rows) / sizeof(*cut_rows); i++) {
		int n = 1;

		while (cut_and_finished(&cut_rows[i], n) && n < 40)
			n++;
		print_message("%s: cut at each of %d commands\n", cut_rows[i].deed, n - 1);
		assert_in_range(n, 2, 39);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_power_cut_at_any_command_is_finished_by_the_next_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
