/* What is wrong with a client's key or certificate is said in words, and nobody is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "help/keys.h"
#include "io/tls.h"

#define GARBAGE "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

static void test_a_key_and_its_certificate_fit(void **state)
{
	static const char *const keys[] = {
		KEYS_KEY, KEYS_KEY_EC, KEYS_CERT KEYS_KEY, "Bag Attributes\n" KEYS_KEY};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (tls_check_pair(KEYS_CERT, keys[i], &e) != 0)
			fail_msg("%zu: %s", i, e.text);
}

static void test_what_cannot_be_used_is_said(void **state)
{
	static const struct {
		const char *cert, *key, *words;
	} rows[] = {
		{KEYS_CERT, KEYS_KEY_ENCRYPTED, "key is encrypted"},
		{KEYS_CERT, KEYS_KEY_EC_ENCRYPTED, "key is encrypted"},
		{KEYS_CERT, KEYS_RSA_ENCRYPTED, "key is encrypted"},
		{KEYS_CERT, KEYS_RSA, "belongs to another certificate"},
		{KEYS_CERT, GARBAGE, "no private key"},
		{KEYS_CERT, "", "no private key"},
		{KEYS_CERT, "0\x82\x01", "no private key"},
		{KEYS_CERT, KEYS_CERT, "no private key"},
		{KEYS_KEY, KEYS_KEY, "certificate is none"},
		{"", KEYS_KEY, "certificate is none"},
		{"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", KEYS_KEY,
			"certificate is none"},
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err_clear(&e);
		assert_int_equal(tls_check_pair(rows[i].cert, rows[i].key, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		if (strstr(e.text, rows[i].words) == NULL)
			fail_msg("\"%s\", not \"%s\"", e.text, rows[i].words);
	}
	assert_int_equal(tls_check_pair(KEYS_CERT, "", NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_and_its_certificate_fit),
		cmocka_unit_test(test_what_cannot_be_used_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
