/* Bounded copies, strict numbers, shared strings. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void test_a_copy_that_fits_is_whole(void **state)
{
	char dst[8];

	(void)state;
	assert_true(str_copy(dst, sizeof(dst), "1234567"));
	assert_string_equal(dst, "1234567");
	assert_false(str_copy(dst, sizeof(dst), "12345678"));
	assert_string_equal(dst, "1234567");
	assert_true(str_copy(dst, sizeof(dst), NULL));
	assert_string_equal(dst, "");
	assert_true(str_copy_n(dst, sizeof(dst), "abcdef", 3));
	assert_string_equal(dst, "abc");
	assert_false(str_copy(dst, 0, "a"));
}

static void test_a_cut_copy_never_ends_inside_a_character(void **state)
{
	const char *src = "a\xC3\xA9一\xF0\x9F\x98\x80z";
	char dst[16];

	(void)state;
	for (size_t size = 1; size <= strlen(src); size++) {
		size_t n;

		assert_false(str_copy(dst, size, src));
		n = strlen(dst);
		assert_memory_equal(dst, src, n);
		assert_true(((unsigned char)src[n] & 0xC0) != 0x80);
		assert_true(size - 1 - n < 4);
	}
}

static void test_mending_keeps_whole_characters(void **state)
{
	char whole[] = "x一", half[] = "x\xE4\xB8", lone[] = "\xF0",
	     stray[] = "x\x80\x80\x80\x80\x80";

	(void)state;
	str_mend(whole);
	str_mend(half);
	str_mend(lone);
	str_mend(stray);
	assert_string_equal(whole, "x一");
	assert_string_equal(half, "x");
	assert_string_equal(lone, "");
	assert_int_equal(strlen(stray), 6);
}

static void test_comparing(void **state)
{
	(void)state;
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_false(str_eq("a", NULL));
	assert_true(str_eq("a", "a"));
	assert_true(str_starts("kube-system", "kube-"));
	assert_false(str_starts("kube", "kube-"));
	assert_false(str_starts(NULL, ""));
	assert_true(str_ends("a.yaml", ".yaml"));
	assert_false(str_ends("yaml", ".yaml"));
	assert_true(str_has_case("CrashLoopBackOff", "loopback"));
	assert_true(str_has_case("x", ""));
	assert_true(str_has_case("", ""));
	assert_false(str_has_case("CrashLoop", "loops"));
	assert_false(str_has_case(NULL, ""));
	assert_true(str_any_has_case((const char *const[]){"m1", NULL, "Ready"}, 3, "READY"));
	assert_false(str_any_has_case((const char *const[]){"m1", NULL, "Ready"}, 2, "READY"));
}

static void test_numbers_are_numbers_to_the_last_byte(void **state)
{
	static const char *const wrong[] = {"", " 1", "1 ", "+1", "0x10", "1.0", "-", "--1", "1e3",
		"9223372036854775808", "-9223372036854775809", "１"};
	int64_t i = 42;

	(void)state;
	for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++)
		assert_false(str_i64(wrong[k], &i));
	assert_false(str_i64(NULL, &i));
	assert_int_equal(i, 42);
	assert_true(str_i64("-9223372036854775808", &i));
	assert_true(i == INT64_MIN);
	assert_true(str_i64("007", &i));
	assert_int_equal(i, 7);
}

static void test_unsigned_numbers_have_no_sign(void **state)
{
	uint64_t u = 42;

	(void)state;
	assert_false(str_u64("-1", &u));
	assert_false(str_u64("18446744073709551616", &u));
	assert_false(str_u64("", &u));
	assert_int_equal(u, 42);
	assert_true(str_u64("18446744073709551615", &u));
	assert_true(u == UINT64_MAX);
}

static void test_a_hex_byte_is_two_digits_of_either_case(void **state)
{
	(void)state;
	assert_int_equal(str_hex_byte("7f"), 0x7f);
	assert_int_equal(str_hex_byte("Ea9"), 0xea);
	assert_int_equal(str_hex_byte("00"), 0);
	assert_int_equal(str_hex_byte("g0"), -1);
	assert_int_equal(str_hex_byte("0:"), -1);
	assert_int_equal(str_hex_byte("4"), -1);
	assert_int_equal(str_hex_byte(""), -1);
}

static void test_a_formatted_string_has_its_own_memory(void **state)
{
	char *s = str_fmt("%s/%03d", "m1", 7), *empty = str_fmt("%s", "");

	(void)state;
	assert_string_equal(s, "m1/007");
	assert_string_equal(empty, "");
	free(s);
	free(empty);
}

static void *share(void *arg)
{
	for (int i = 0; i < 10000; i++) {
		struct rstr *mine = rstr_ref(arg);

		if (strcmp(rstr_text(mine), "shared") != 0)
			abort();
		rstr_unref(mine);
	}
	rstr_unref(arg);
	return NULL;
}

static void test_a_shared_string_lives_until_the_last_thread_lets_go(void **state)
{
	struct rstr *s = rstr_new("shared!", 6);
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, share, rstr_ref(s)), 0);
	rstr_unref(s);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	rstr_unref(NULL);
	assert_null(rstr_ref(NULL));
	assert_string_equal(rstr_text(NULL), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_copy_that_fits_is_whole),
		cmocka_unit_test(test_a_cut_copy_never_ends_inside_a_character),
		cmocka_unit_test(test_mending_keeps_whole_characters),
		cmocka_unit_test(test_comparing),
		cmocka_unit_test(test_numbers_are_numbers_to_the_last_byte),
		cmocka_unit_test(test_unsigned_numbers_have_no_sign),
		cmocka_unit_test(test_a_hex_byte_is_two_digits_of_either_case),
		cmocka_unit_test(test_a_formatted_string_has_its_own_memory),
		cmocka_unit_test(test_a_shared_string_lives_until_the_last_thread_lets_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
