#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drill/fake/fake_kube.h"

static void test_selectors_pick_as_the_api_servers_do(void **state)
{
	static const struct {
		const char *labels, *fields;
		bool matches;
	} rows[] = {
		{"", "", true},
		{"app=web", "", true},
		{"app==web", "", true},
		{"app=db", "", false},
		{"app!=db", "", true},
		{"app!=web", "", false},
		{"app", "", true},
		{"!app", "", false},
		{"!tier", "", true},
		{"tier", "", false},
		{"app in (db, web)", "", true},
		{"app notin (db,web)", "", false},
		{"tier notin (x)", "", true},
		{"app=web,k8s.io/role=front", "", true},
		{"app=web,k8s.io/role=back", "", false},
		{"", "spec.nodeName=w1", true},
		{"", "spec.nodeName!=w1", false},
		{"", "spec.nodeName=w2", false},
		{"", "metadata.name=web-1,spec.nodeName=w1", true},
		{"app=web", "spec.nodeName=w2", false},
	};
	struct json_span o = jt_of("{\"metadata\":{\"name\":\"web-1\",\"labels\":{\"app\":\"web\","
				   "\"k8s.io/role\":\"front\"}},\"spec\":{\"nodeName\":\"w1\"}}");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (kube_matches(o, rows[i].labels, rows[i].fields) != rows[i].matches)
			fail_msg("\"%s\" \"%s\"", rows[i].labels, rows[i].fields);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selectors_pick_as_the_api_servers_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
