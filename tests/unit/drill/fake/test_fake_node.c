#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "drill/fake/fake_node.h"

static void test_a_nodes_paths_are_turned_into_its_root(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"cat /etc/hosts", "cat R/etc/hosts"},
		{"echo x >/tmp/y 2>/dev/null", "echo x >R/tmp/y 2>/dev/null"},
		{"--data-dir=/var/lib/etcd", "--data-dir=R/var/lib/etcd"},
		{"PATH=$PATH:/usr/bin:/bin", "PATH=$PATH:R/usr/bin:R/bin"},
		{"curl http://127.0.0.1:2381/metrics", "curl http://127.0.0.1:2381/metrics"},
		{"sed '/^x/,/^y/p'", "sed '/^x/,/^y/p'"},
		{"ls /etcetera \"/run/x\"", "ls /etcetera \"R/run/x\""},
		{"df -P /", "df -P /"},
		{"s,/etc", "s,R/etc"},
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_init(&out, 1000);
		fake_node_rewrite(rows[i].from, "R", &out);
		assert_string_equal(buf_text(&out), rows[i].to);
		buf_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_nodes_paths_are_turned_into_its_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
