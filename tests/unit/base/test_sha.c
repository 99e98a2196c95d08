/* SHA-256: the vectors of FIPS 180, in pieces or at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sha.h"

#define ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void test_known_digests(void **state)
{
	unsigned char digest[SHA_BYTES];
	char hex[SHA_HEX];

	(void)state;
	sha_of("abc", 3, digest);
	assert_string_equal(sha_hex(digest, hex), ABC);
	sha_of("", 0, digest);
	assert_string_equal(sha_hex(digest, hex), EMPTY);
}

static void test_pieces_make_the_same_and_the_end_begins_anew(void **state)
{
	unsigned char digest[SHA_BYTES];
	struct sha *s = sha_new();
	char hex[SHA_HEX];

	(void)state;
	for (int round = 0; round < 2; round++) {
		sha_add(s, "a", 1);
		sha_add(s, "", 0);
		sha_add(s, "bc", 2);
		sha_end(s, digest);
		assert_string_equal(sha_hex(digest, hex), ABC);
	}
	sha_free(s);
	sha_free(NULL);
}

static void test_hmac_is_rfc_4231s(void **state)
{
	static const char text[] = "what do ya want for nothing?";
	unsigned char digest[SHA_BYTES];
	char hex[SHA_HEX];

	(void)state;
	sha_hmac("Jefe", 4, text, strlen(text), digest);
	assert_string_equal(sha_hex(digest, hex),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	sha_hmac("", 0, "", 0, digest);
	assert_string_equal(sha_hex(digest, hex),
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_a_digest_is_read_back_and_nothing_else_is(void **state)
{
	unsigned char digest[SHA_BYTES], again[SHA_BYTES];
	char hex[SHA_HEX];

	(void)state;
	sha_of("abc", 3, digest);
	assert_true(sha_parse(sha_hex(digest, hex), again));
	assert_memory_equal(digest, again, SHA_BYTES);
	hex[0] = 'B'; /* as somebody may have typed it */
	assert_true(sha_parse(hex, again));
	assert_memory_equal(digest, again, SHA_BYTES);
	hex[1] = 'g';
	assert_false(sha_parse(hex, again));
	hex[1] = '\0';
	assert_false(sha_parse(hex, again));
	assert_false(sha_parse(ABC "0", again));
	assert_false(sha_parse(NULL, again));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_digests),
		cmocka_unit_test(test_a_digest_is_read_back_and_nothing_else_is),
		cmocka_unit_test(test_hmac_is_rfc_4231s),
		cmocka_unit_test(test_pieces_make_the_same_and_the_end_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
