/* Memory that is there or ends the program, and arrays that grow. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/vec.h"

static void test_new_memory_is_zeroed(void **state)
{
	char *p = mem_zero(3, 5);

	(void)state;
	for (int i = 0; i < 15; i++)
		assert_int_equal(p[i], 0);
	free(p);
	p = mem_zero(0, 8);
	assert_non_null(p);
	free(p);
}

static void test_copies_end_in_nul(void **state)
{
	char *copy = mem_dup("ab\0c", 4), *empty = mem_dup(NULL, 0), *s = mem_str("text");

	(void)state;
	assert_memory_equal(copy, "ab\0c\0", 5);
	assert_string_equal(empty, "");
	assert_string_equal(s, "text");
	assert_null(mem_str(NULL));
	free(copy);
	free(empty);
	free(s);
}

static void test_grown_memory_keeps_what_was_there(void **state)
{
	int *p = mem_grow(NULL, 2, sizeof(*p));

	(void)state;
	p[0] = 7;
	p[1] = 8;
	p = mem_grow(p, 1000, sizeof(*p));
	assert_int_equal(p[0], 7);
	assert_int_equal(p[1], 8);
	free(p);
}

static void test_wiped_memory_is_zero(void **state)
{
	char secret[] = "hunter2";

	(void)state;
	mem_wipe(secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		assert_int_equal(secret[i], 0);
	mem_wipe(NULL, 0);
}

/* How a child that asks for this much ends: the signal, or 0. */
static int signal_of_child_that_asks(size_t n, size_t size)
{
	struct rlimit no_core = {0, 0};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		close(STDERR_FILENO);
		free(mem_grow(NULL, n, size));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_a_product_that_overflows_ends_the_program(void **state)
{
	(void)state;
	assert_int_not_equal(signal_of_child_that_asks(SIZE_MAX / 2, 4), 0);
	assert_int_equal(signal_of_child_that_asks(10, 4), 0);
}

struct pair {
	int a, b;
};

static void test_an_array_grows_and_its_new_elements_are_zero(void **state)
{
	VEC(struct pair) pairs = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct pair *p = vec_add(&pairs);

		assert_int_equal(p->b, 0);
		*p = (struct pair){i, -i};
	}
	assert_int_equal(pairs.len, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(pairs.at[i].a, i);
	vec_done(&pairs);
	assert_null(pairs.at);
	assert_int_equal(pairs.len, 0);
}

static void test_room_covers_the_need_and_doubles(void **state)
{
	(void)state;
	assert_int_equal(vec_room(0, 1), 8);
	assert_int_equal(vec_room(8, 9), 16);
	assert_int_equal(vec_room(8, 100), 128);
	assert_true(vec_room(SIZE_MAX / 2 + 2, SIZE_MAX) >= SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_memory_is_zeroed),
		cmocka_unit_test(test_copies_end_in_nul),
		cmocka_unit_test(test_grown_memory_keeps_what_was_there),
		cmocka_unit_test(test_wiped_memory_is_zero),
		cmocka_unit_test(test_a_product_that_overflows_ends_the_program),
		cmocka_unit_test(test_an_array_grows_and_its_new_elements_are_zero),
		cmocka_unit_test(test_room_covers_the_need_and_doubles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
