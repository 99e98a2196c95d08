/* Files to a made-up node and back, whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_copy.h"
#include "help/scene.h"
#include "io/file.h"

#define BIG (3 << 20)

/* Every byte there is, zeros and newlines among them. */
static char *big(void)
{
	char *bytes = mem_zero(1, BIG);

	for (size_t i = 0; i < BIG; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	return bytes;
}

static void test_a_large_file_goes_there_and_comes_back_byte_for_byte(void **state)
{
	char *bytes = big();

	(void)state;
	EACH_SHELL(s, shell)
	{
		const struct node_file f = {
			"/etc/kubernetes/admin.conf", "640", "", bytes, BIG, NULL};
		char *here = str_fmt("%s/back", s.root.dir.path), *text;
		struct node_got got;
		struct stat st;
		bool done;
		size_t n;

		assert_int_equal(node_copy_is_put(&s.root.call, &f, &done, &s.a, &s.e), 0);
		assert_false(done);
		if (node_copy_put(&s.root.call, &f, &s.a, &s.e) != 0)
			fail_msg("%s", s.e.text);
		assert_int_equal(node_copy_is_put(&s.root.call, &f, &done, &s.a, &s.e), 0);
		assert_true(done);
		if (node_copy_get_file(&s.root.call, f.path, BIG, here, &got, &s.e) != 0)
			fail_msg("%s", s.e.text);
		assert_int_equal(got.bytes, BIG);
		assert_string_equal(got.mode, "640");
		assert_int_equal(file_read(here, BIG + 1, &text, &n, &s.e), 0);
		assert_int_equal(n, BIG);
		assert_memory_equal(text, bytes, BIG);
		assert_int_equal(stat(here, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		free(text);
		free(here);
	}
	free(bytes);
}

static void test_what_stood_there_is_kept_beside_its_directory(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		const struct node_file f = {SCENE_API, "600", "", "new\n", 4, NULL};

		assert_int_equal(node_copy_put(&s.root.call, &f, &s.a, &s.e), 0);
		scene_file(&s, SCENE_API, "new\n");
		assert_int_equal(node_root_count(&s.root, "/etc/kubernetes/k911-aside"), 1);
		assert_int_equal(node_root_count(&s.root, "/etc/kubernetes/manifests"), 2);
		assert_int_equal(node_copy_put(&s.root.call, &f, &s.a, &s.e), 0); /* as it is */
		assert_int_equal(node_root_count(&s.root, "/etc/kubernetes/k911-aside"), 1);
	}
}

static void test_half_a_file_never_has_its_name(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		const struct node_word words[] = {{"TO", SCENE_API}, {"BYTES", "10"},
			{"SHA256", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
				   "f"}};
		const struct node_words w = {words, 3, "short", 5, NULL};

		scene_expect(&s, NODE_FAILED, scene_does(&s, "file-put", &w));
		scene_file(&s, SCENE_API, SCENE_POD("kube-apiserver"));
		scene_file(&s, "/etc/kubernetes/manifests/.kube-apiserver.yaml.k911-part", NULL);
	}
}

static void test_what_cannot_be_copied_is_refused_before(void **state)
{
	(void)state;
	EACH_SHELL(s, shell)
	{
		struct node_file f = {"/etc/none/x", "600", "", "x", 1, NULL};
		const struct node_word huge[] = {
			{"TO", SCENE_API}, {"BYTES", "9000000000000000"}, {"SHA256", "00"}};
		const struct node_words w = {huge, 3, "x", 1, NULL};
		struct node_got got;
		const struct proc_calls calls = {NULL, NULL, NULL};

		assert_int_equal(node_copy_put(&s.root.call, &f, &s.a, &s.e), -1);
		assert_int_equal(s.e.code, ERR_MISSING);
		f.path = "/etc/kubernetes/manifests";
		assert_int_equal(node_copy_put(&s.root.call, &f, &s.a, &s.e), -1);
		assert_int_equal(s.e.code, ERR_CONFLICT);
		f.path = "/etc/../x";
		assert_int_equal(node_copy_put(&s.root.call, &f, &s.a, &s.e), -1);
		assert_int_equal(s.e.code, ERR_USAGE);
		f = (struct node_file){SCENE_API, "600", "", NULL, 0, "/nowhere/at/all"};
		assert_int_equal(node_copy_put(&s.root.call, &f, &s.a, &s.e), -1);
		assert_int_equal(s.e.code, ERR_MISSING);
		scene_expect(&s, NODE_NO_SPACE, scene_does(&s, "file-put", &w));
		assert_int_equal(
			node_copy_get(&s.root.call, "/etc/none", 100, &calls, &got, &s.e), -1);
		assert_int_equal(s.e.code, ERR_MISSING);
		assert_int_equal(
			node_copy_get(&s.root.call, SCENE_API, 10, &calls, &got, &s.e), -1);
		assert_int_equal(s.e.code, ERR_LIMIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_large_file_goes_there_and_comes_back_byte_for_byte),
		cmocka_unit_test(test_what_stood_there_is_kept_beside_its_directory),
		cmocka_unit_test(test_half_a_file_never_has_its_name),
		cmocka_unit_test(test_what_cannot_be_copied_is_refused_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
