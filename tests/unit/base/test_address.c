/* Only addresses are connected to: whatever else a cluster may write into a node's status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/address.h"

static void test_one_machines_address_is_taken_and_written_one_way(void **state)
{
	static const struct {
		const char *given, *taken;
	} rows[] = {
		{"10.0.1.10", "10.0.1.10"},
		{"192.168.0.1", "192.168.0.1"},
		{"8.8.8.8", "8.8.8.8"},
		{"fd00::1", "fd00::1"},
		{"FD00:0:0:0::0001", "fd00::1"},
		{"2001:db8::a:b", "2001:db8::a:b"},
		{"::ffff:10.0.1.10", "10.0.1.10"},
	};
	char out[ADDRESS_ROOM];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(address_of(rows[i].given, out), ADDRESS_HOST);
		assert_string_equal(out, rows[i].taken);
		assert_true(address_may_log_in(rows[i].given));
	}
}

static void test_this_machine_is_never_logged_in_to_because_a_cluster_says_so(void **state)
{
	static const char *const ours[] = {
		"127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"};

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		assert_int_equal(address_of(ours[i], NULL), ADDRESS_LOOPBACK);
		assert_false(address_may_log_in(ours[i]));
	}
}

static void test_what_is_no_machines_address_is_refused(void **state)
{
	static const char *const nowhere[] = {"0.0.0.0", "0.1.2.3", "255.255.255.255", "224.0.0.1",
		"239.255.255.255", "169.254.169.254", "::", "ff02::1", "fe80::1", "::ffff:0.0.0.0",
		"::ffff:169.254.169.254", "::10.0.0.1"};

	(void)state;
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		assert_int_equal(address_of(nowhere[i], NULL), ADDRESS_NOWHERE);
		assert_false(address_may_log_in(nowhere[i]));
	}
}

static void test_what_is_no_address_is_refused(void **state)
{
	char long_one[201];
	const char *const none[] = {"", "local", "localhost", "m1", "m1;reboot", "-oProxyCommand=x",
		"10.0.0.1 ", " 10.0.0.1", "10.0.0.1\n", "10.0.0", "127.1", "0x7f000001",
		"2130706433", "010.0.0.1", "10.0.0.256", "10.0.0.1:22", "root@10.0.0.1",
		"[fd00::1]", "fd00::1%eth0", "fe80::1%eth0", "10.0.0.1/24", "\033[31m10.0.0.1",
		"<none>", "::ffff:127.1", long_one};
	char out[ADDRESS_ROOM];

	(void)state;
	memset(long_one, '1', 200);
	long_one[200] = '\0';
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(address_of(none[i], out), ADDRESS_NONE);
		assert_string_equal(out, "");
		assert_false(address_may_log_in(none[i]));
	}
	assert_int_equal(address_of(NULL, out), ADDRESS_NONE);
}

static void test_a_members_url_names_a_host_and_a_port_and_nothing_else(void **state)
{
	static const struct {
		const char *url, *host;
		int port;
	} good[] = {
		{"https://10.0.1.10:2379", "10.0.1.10", 2379},
		{"http://10.0.1.10:2379/", "10.0.1.10", 2379},
		{"https://[fd00::1]:2379", "fd00::1", 2379},
		{"https://[::ffff:10.0.1.10]:2379", "10.0.1.10", 2379},
		{"https://127.0.0.1:2379", "127.0.0.1", 2379},
		{"https://etcd-0.etcd.example.com:2380", "etcd-0.etcd.example.com", 2380},
		{"https://etcd_1:1", "etcd_1", 1},
	};
	static const char *const bad[] = {"", "https://", "https://:2379", "https://10.0.1.10",
		"https://10.0.1.10:", "https://10.0.1.10:0", "https://10.0.1.10:65536",
		"https://10.0.1.10:2379/x", "https://10.0.1.10:2379?x", "https://10.0.1.10:2379#x",
		"https://u@10.0.1.10:2379", "https://10.0.1.10:23a", "https://0.0.0.0:2379",
		"https://[::]:2379", "https://169.254.169.254:80", "https://[fe80::1%25eth0]:2379",
		"https://[fd00::1:2379", "https://fd00::1:2379", "https://[10.0.1.10]:2379",
		"https://127.1:2379", "https://0x7f000001:2379", "https://-o:2379",
		"https://a..b:2379", "https://a b:2379", "https://m1;reboot:2379",
		"https://m1\033[31m:2379", "unix:///run/x", "unixs://x:1", "file:///etc/passwd",
		"ftp://10.0.1.10:2379", "10.0.1.10:2379", "HTTPS://10.0.1.10:2379"};
	char host[ADDRESS_ROOM];
	int port;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(address_url(good[i].url, host, &port));
		assert_string_equal(host, good[i].host);
		assert_int_equal(port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(address_url(bad[i], host, &port));
		assert_string_equal(host, "");
		assert_int_equal(port, 0);
	}
	assert_false(address_url(NULL, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_machines_address_is_taken_and_written_one_way),
		cmocka_unit_test(test_this_machine_is_never_logged_in_to_because_a_cluster_says_so),
		cmocka_unit_test(test_what_is_no_machines_address_is_refused),
		cmocka_unit_test(test_what_is_no_address_is_refused),
		cmocka_unit_test(test_a_members_url_names_a_host_and_a_port_and_nothing_else),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
