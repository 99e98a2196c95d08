/* What the gate in front of every change lets through, and what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "model/gate.h"
#include "model/snapshot.h"

#define UID_A "5f0c0f7a-0000-4000-8000-00000000000a"
#define UID_B "5f0c0f7a-0000-4000-8000-00000000000b"

static enum gate judge(
	const struct cluster_mark *asked, const struct cluster_mark *now, const char *says)
{
	char why[GATE_WHY];
	enum gate g = gate_judge(false, asked, now, why);

	assert_int_equal(g == GATE_OPEN, why[0] == '\0');
	assert_non_null(strstr(why, says));
	return g;
}

static void test_the_cluster_that_was_meant_is_let_through(void **state)
{
	const struct cluster_mark a = {.uid = UID_A, .authority = "aa"};

	(void)state;
	assert_int_equal(judge(&a, &a, ""), GATE_OPEN);
}

static void test_read_only_refuses_whatever_the_cluster(void **state)
{
	const struct cluster_mark a = {.uid = UID_A, .authority = "aa"};
	char why[GATE_WHY];

	(void)state;
	assert_int_equal(gate_judge(true, &a, &a, why), GATE_READ_ONLY);
	assert_non_null(strstr(why, "--read-only"));
}

static void test_a_vip_that_leads_elsewhere_is_another_cluster(void **state)
{
	const struct cluster_mark a = {.uid = UID_A, .authority = "aa"},
				  b = {.uid = UID_B, .authority = "aa"};

	(void)state;
	assert_int_equal(judge(&a, &b, UID_B), GATE_OTHER_CLUSTER);
}

static void test_a_renewed_authority_is_still_the_same_cluster(void **state)
{
	const struct cluster_mark a = {.uid = UID_A, .authority = "aa"},
				  renewed = {.uid = UID_A, .authority = "bb"};

	(void)state;
	assert_int_equal(judge(&a, &renewed, ""), GATE_OPEN);
}

/* With every API server down no uid is told: then the authority must be the same. */
static void test_without_an_api_server_the_authority_decides(void **state)
{
	const struct cluster_mark a = {.uid = UID_A, .authority = "aa"}, down = {.authority = "aa"},
				  other = {.authority = "bb"};

	(void)state;
	assert_int_equal(judge(&a, &down, ""), GATE_OPEN);
	assert_int_equal(judge(&down, &a, ""), GATE_OPEN);
	assert_int_equal(judge(&a, &other, "authority"), GATE_OTHER_CLUSTER);
}

static void test_where_nothing_tells_nothing_is_proven(void **state)
{
	const struct cluster_mark none = {.uid = ""}, told = {.uid = UID_A},
				  ca = {.authority = "aa"};

	(void)state;
	assert_int_equal(judge(&none, &none, "which cluster"), GATE_UNPROVEN);
	assert_int_equal(judge(&told, &none, "which cluster"), GATE_UNPROVEN);
	assert_int_equal(judge(&told, &ca, "which cluster"), GATE_UNPROVEN);
}

static void test_a_snapshot_names_its_cluster(void **state)
{
	struct snapshot *s = snapshot_new();
	struct cluster_mark mark;

	(void)state;
	str_copy(s->uid, sizeof(s->uid), UID_A);
	str_copy(s->authority, sizeof(s->authority), "aa");
	cluster_mark_of(s, &mark);
	assert_string_equal(mark.uid, UID_A);
	assert_string_equal(mark.authority, "aa");
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_cluster_that_was_meant_is_let_through),
		cmocka_unit_test(test_read_only_refuses_whatever_the_cluster),
		cmocka_unit_test(test_a_vip_that_leads_elsewhere_is_another_cluster),
		cmocka_unit_test(test_a_renewed_authority_is_still_the_same_cluster),
		cmocka_unit_test(test_without_an_api_server_the_authority_decides),
		cmocka_unit_test(test_where_nothing_tells_nothing_is_proven),
		cmocka_unit_test(test_a_snapshot_names_its_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
