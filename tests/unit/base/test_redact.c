/* What the console, its log and its bundle must never show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/redact.h"

struct pair {
	const char *text, *masked;
};

static void check_pairs(const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *got = redact_text(pairs[i].text, strlen(pairs[i].text));
		char *again = redact_text(got, strlen(got));

		assert_string_equal(got, pairs[i].masked);
		assert_string_equal(again, pairs[i].masked);
		free(got);
		free(again);
	}
}

#define CHECK(pairs) check_pairs(pairs, sizeof(pairs) / sizeof((pairs)[0]))

static void test_headers_and_tokens_are_masked(void **state)
{
	static const struct pair pairs[] = {
		{"Authorization: Bearer abc.def-123\r\nHost: x",
			"Authorization: [redacted]\r\nHost: x"},
		{"-H 'authorization: Basic dXNlcjpwYXNz' https://x",
			"-H 'authorization: [redacted]' https://x"},
		{"sent bearer s3cr3t/+= to m1", "sent bearer [redacted] to m1"},
		{"jwt eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJl.c2ln_-x end", "jwt [redacted] end"},
		{"kubeadm join m1:6443 --token abcdef.0123456789abcdef --x",
			"kubeadm join m1:6443 --token [redacted] --x"},
		{"id abcdef.0123456789abcdef.", "id abcdef.0123456789abcdef."},
		{"(abcdef.0123456789abcdef)", "([redacted])"},
		{"Cookie: a=b; c=d\n", "Cookie: [redacted]\n"},
	};

	(void)state;
	CHECK(pairs);
}

static void test_urls_lose_user_and_password(void **state)
{
	static const struct pair pairs[] = {
		{"get https://admin:p@ss:w@m1:2379/v3", "get https://[redacted]@m1:2379/v3"},
		{"https://m1:2379/a@b:c", "https://m1:2379/a@b:c"},
		{"ssh://root@m1", "ssh://root@m1"},
	};

	(void)state;
	CHECK(pairs);
}

static void test_values_of_secret_keys_are_masked(void **state)
{
	static const struct pair pairs[] = {
		{"password=hunter2 next", "password=[redacted] next"},
		{"PASSWORD: 'hun ter2' x", "PASSWORD: '[redacted]' x"},
		{"{\"secretKey\": \"a\\\"b\", \"n\": 1}",
			"{\"secretKey\": \"[redacted]\", \"n\": 1}"},
		{"{\"m\":\"{\\\"token\\\":\\\"a\\\\\\\"b\\\",\\\"n\\\":1}\"}",
			"{\"m\":\"{\\\"token\\\":\\\"[redacted]\\\",\\\"n\\\":1}\"}"},
		{"?access_token=abc&x=1", "?access_token=[redacted]&x=1"},
		{"--root-password hunter2 -v", "--root-password [redacted] -v"},
		{"client-key-data: QUJDRA==\nname: x", "client-key-data: [redacted]\nname: x"},
		{"a:\n  password: |\n    line one\n\n    line two\n  user: x\n",
			"a:\n  password: |\n[redacted]  user: x\n"},
	};

	(void)state;
	CHECK(pairs);
}

static void test_what_helps_the_reader_stays(void **state)
{
	static const struct pair pairs[] = {
		{"", ""},
		{"secretName: etcd-certs", "secretName: etcd-certs"},
		{"--token-auth-file=/etc/x", "--token-auth-file=/etc/x"},
		{"automountServiceAccountToken: true", "automountServiceAccountToken: true"},
		{"Secret \"foo\" not found", "Secret \"foo\" not found"},
		{"password: \"\"", "password: \"\""},
		{"the lease of m1 expired 12s ago", "the lease of m1 expired 12s ago"},
		{"certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0=",
			"certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0="},
	};

	(void)state;
	CHECK(pairs);
}

static void test_private_keys_are_masked_whole(void **state)
{
	static const struct pair pairs[] = {
		{"a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
			"a\n-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE "
			"KEY-----\nb"},
		{"-----BEGIN PRIVATE KEY-----\nMIIE\n[later]",
			"-----BEGIN PRIVATE KEY-----[redacted][later]"},
		{"-----BEGIN CERTIFICATE-----\nMIIE\n", "-----BEGIN CERTIFICATE-----\nMIIE\n"},
		{"k: LS0tLS1CRUdJTiBSU0EgUFJJVkFURQ==", "k: [redacted]"},
	};

	(void)state;
	CHECK(pairs);
}

/* Only what is within n bytes may be read: the sanitizers would tell. */
static void test_no_prefix_of_a_secret_makes_it_read_past_the_end(void **state)
{
	static const char text[] =
		"x: eyJhbGciOi.eyJpc3Mi.c \"token\\\": \\\"a\\\\b\\\" https://a:b@c "
		"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----"
		" --password 'x' password: |\n  y\nauthorization=\\";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *exact = malloc(n + 1), *got;

		assert_non_null(exact);
		memcpy(exact, text, n);
		got = redact_text(n > 0 ? exact : "", n);
		assert_non_null(got);
		free(got);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_and_tokens_are_masked),
		cmocka_unit_test(test_urls_lose_user_and_password),
		cmocka_unit_test(test_values_of_secret_keys_are_masked),
		cmocka_unit_test(test_what_helps_the_reader_stays),
		cmocka_unit_test(test_private_keys_are_masked_whole),
		cmocka_unit_test(test_no_prefix_of_a_secret_makes_it_read_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
