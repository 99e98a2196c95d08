/* The pure parts of deeds on the API: what is kept of a node, join tokens, the CA's pin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cluster/kube_join.h"
#include "cluster/kube_node.h"

static void test_a_node_is_kept_without_what_others_write(void **state)
{
	static const char node[] =
		"{\"metadata\":{\"name\":\"w1\",\"uid\":\"u1\",\"labels\":{\"kubernetes.io/"
		"hostname\":"
		"\"w1\",\"beta.kubernetes.io/os\":\"linux\",\"node-role.kubernetes.io/"
		"worker\":\"\","
		"\"topology.kubernetes.io/zone\":\"rack-a\",\"disk\":\"nvme\"},\"annotations\":{"
		"\"node.alpha.kubernetes.io/ttl\":\"0\",\"flannel.alpha.coreos.com/public-ip\":"
		"\"10.0.0.1\",\"kubectl.kubernetes.io/"
		"last-applied-configuration\":\"{}\",\"on-call\":"
		"\"\\u503c\\u73ed\"}},\"spec\":{\"taints\":[{\"key\":\"node.kubernetes.io/"
		"unreachable\","
		"\"effect\":\"NoExecute\",\"timeAdded\":\"2026-11-23T04:43:50Z\"},{\"key\":"
		"\"team\","
		"\"value\":\"db\",\"effect\":\"NoSchedule\"}]}}";
	struct js *doc = js_parse(node, strlen(node), NULL);
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(kube_node_keep(doc, &out, NULL), 0);
	assert_string_equal(buf_text(&out),
		"{\"name\":\"w1\",\"uid\":\"u1\",\"labels\":{\"node-role.kubernetes.io/"
		"worker\":\"\","
		"\"topology.kubernetes.io/zone\":\"rack-a\",\"disk\":\"nvme\"},\"annotations\":{"
		"\"on-call\":\"值班\"},\"taints\":[{\"key\":\"team\",\"value\":\"db\",\"effect\":"
		"\"NoSchedule\"}]}");
	buf_done(&out);
	js_free(doc);
}

static void test_a_bare_node_is_kept_as_nothing(void **state)
{
	struct js *doc = js_parse("{}", 2, NULL);
	struct buf out;
	struct err e;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(kube_node_keep(doc, &out, &e), 0);
	assert_string_equal(buf_text(&out),
		"{\"name\":\"\",\"uid\":\"\",\"labels\":{},\"annotations\":{},\"taints\":[]}");
	buf_done(&out);
	buf_init(&out, 10);
	assert_int_equal(kube_node_keep(doc, &out, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	buf_done(&out);
	js_free(doc);
}

/* As kubeadm and the API server take them: [a-z0-9]{6}\.[a-z0-9]{16}. */
static void test_no_two_join_tokens_are_alike(void **state)
{
	struct kube_join a, b;
	char text[24], *command;
	bool seen[256] = {false};
	int kinds = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		assert_int_equal(kube_join_make(1000, &a, NULL), 0);
		assert_int_equal(strlen(kube_join_token(&a, text)), 23);
		assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789."), 23);
		assert_int_equal(text[6], '.');
		for (const char *p = a.secret; *p != '\0'; p++) {
			kinds += !seen[(unsigned char)*p];
			seen[(unsigned char)*p] = true;
		}
	}
	assert_int_equal(kinds, 36);
	assert_int_equal(a.expires_ms, 1000 + 30 * 60 * 1000);
	assert_int_equal(kube_join_make(1000, &b, NULL), 0);
	assert_string_not_equal(a.secret, b.secret);
	command = kube_join_command(&a, "10.0.1.5:6443", "sha256:00");
	assert_non_null(strstr(command, a.secret));
	assert_ptr_equal(strstr(command, "kubeadm join 10.0.1.5:6443 --token "), command);
	free(command);
	kube_join_forget(&a);
	assert_int_equal(a.secret[0], '\0');
}

/* The value openssl x509 -pubkey | openssl pkey -pubin -outform der | sha256sum gives. */
static void test_the_pin_is_kubeadms(void **state)
{
	static const char pem[] =
		"-----BEGIN CERTIFICATE-----\n"
		"MIIBgjCCASegAwIBAgIUVuwRypelAg/afSuYzOnSGeNTKfwwCgYIKoZIzj0EAwIw\n"
		"FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjMwNzEyMzVaGA8yMTI2MTAz\n"
		"MDA3MTIzNVowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG\n"
		"SM49AwEHA0IABOhoDwpJMaGJ4WeoTCpQwRZm6ekDRkYgioOWNprX5wWqfb5WcPhk\n"
		"75+72fCCaE4aMa9HsvCMl1YkUaxSA5x77HSjUzBRMB0GA1UdDgQWBBTnCNGuhQKZ\n"
		"MAdjtDaGQ3pnZeo9njAfBgNVHSMEGDAWgBTnCNGuhQKZMAdjtDaGQ3pnZeo9njAP\n"
		"BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDZXxIjeNhf1HrcwMWN\n"
		"LFbGbkVvNqwtGjpYn9Hz2iu+iwIhALg/qmPkO4G+r2nNp1gFjq0XxRVQid0WGJ56\n"
		"BICUZnXJ\n"
		"-----END CERTIFICATE-----\n";
	char pin[72];
	struct err e;

	(void)state;
	assert_int_equal(kube_join_pin(pem, pin, &e), 0);
	assert_string_equal(
		pin, "sha256:c28545d2eba514504bd1dbb6f04339681ed22210eb049c7b05385d86d8bf9e9b");
	assert_int_equal(kube_join_pin("no certificate", pin, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_node_is_kept_without_what_others_write),
		cmocka_unit_test(test_a_bare_node_is_kept_as_nothing),
		cmocka_unit_test(test_no_two_join_tokens_are_alike),
		cmocka_unit_test(test_the_pin_is_kubeadms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
