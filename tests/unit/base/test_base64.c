/* Base64, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

static void check(const char *coded, const char *plain)
{
	size_t n = 0;
	char *got = base64_decode(coded, strlen(coded), &n);

	assert_non_null(got);
	assert_string_equal(got, plain);
	assert_int_equal(n, strlen(plain));
	free(got);
}

static void test_what_is_coded_reads_back(void **state)
{
	char bytes[64];

	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		size_t back = 0;
		char *coded, *plain;

		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)(i * 37 + n);
		coded = base64_encode(bytes, n);
		plain = base64_decode(coded, strlen(coded), &back);
		assert_non_null(plain);
		assert_int_equal(back, n);
		assert_memory_equal(plain, bytes, n);
		free(coded);
		free(plain);
	}
}

static void test_the_rfc_examples_read(void **state)
{
	(void)state;
	check("", "");
	check("Zg==", "f");
	check("Zm8=", "fo");
	check("Zm9vYmFy", "foobar");
	check("Zm9v\n  YmFy\n", "foobar"); /* folded, as YAML block scalars are */
	check("Zm8", "fo");                /* without padding, as tokens are */
	check("_-8", "\xff\xef");
}

static void test_what_is_no_base64_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg=", "Zg===", "Zg==Zg==", "Zm9v!", "====", "Zm9vY"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(base64_decode(bad[i], strlen(bad[i]), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_coded_reads_back),
		cmocka_unit_test(test_the_rfc_examples_read),
		cmocka_unit_test(test_what_is_no_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
