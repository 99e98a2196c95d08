/* How much may be asked of a server at most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/rates.h"

static void test_the_ceiling_is_the_highest_limit_of_any_scenario(void **state)
{
	(void)state;
	for (int of = 0; of < RATE_KINDS; of++) {
		struct rate most = rate_ceiling((enum rate_of)of);
		size_t reached = 0;

		for (size_t i = 0; i < n_rate_limits; i++) {
			const struct rate *r = &rate_limits[i].of[of];

			assert_true(
				r->requests <= most.requests && r->connections <= most.connections);
			reached += r->requests >= most.requests;
		}
		assert_true(reached > 0 && most.requests > 0);
	}
}

static void test_another_kind_of_server_has_no_ceiling_here(void **state)
{
	(void)state;
	assert_true(rate_ceiling(RATE_KINDS).requests <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_ceiling_is_the_highest_limit_of_any_scenario),
		cmocka_unit_test(test_another_kind_of_server_has_no_ceiling_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
