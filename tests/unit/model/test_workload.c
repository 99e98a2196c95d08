/* Which workloads fall short, and which Services nobody stands behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/workload.h"

#define HOUR 3600000LL

static const struct instant now = {1000 * HOUR, 500 * HOUR};

static struct workload_row of(int desired, int available, unsigned flags)
{
	return (struct workload_row){.ns = "shop",
		.name = "web",
		.created_ms = now.wall_ms - HOUR,
		.desired = desired,
		.available = available,
		.flags = (uint8_t)flags};
}

static void test_below_desired_fails_at_once(void **state)
{
	struct workload_row w = of(3, 2, 0), full = of(3, 3, 0), none = of(0, 0, 0);

	(void)state;
	assert_true(workload_failing(&w, now));
	assert_false(workload_failing(&full, now));
	assert_false(workload_failing(&none, now));
}

static void test_a_young_one_gets_a_minute(void **state)
{
	struct workload_row w = of(3, 0, 0);

	(void)state;
	w.created_ms = now.wall_ms - 59000;
	assert_false(workload_failing(&w, now));
	w.created_ms = now.wall_ms - 61000;
	assert_true(workload_failing(&w, now));
}

static void test_a_rollout_may_lack_some_for_a_while(void **state)
{
	struct workload_row w = of(4, 3, WORKLOAD_ROLLING);

	(void)state;
	w.below = (struct instant){now.wall_ms - 60000, now.boot_ms - 60000};
	assert_false(workload_failing(&w, now));
	w.below.boot_ms = now.boot_ms - WORKLOAD_ROLLOUT_MS;
	assert_true(workload_failing(&w, now));
}

static void test_a_rollout_that_lost_all_or_its_deadline_fails(void **state)
{
	struct workload_row all = of(4, 0, WORKLOAD_ROLLING);
	struct workload_row stuck = of(4, 3, WORKLOAD_ROLLING | WORKLOAD_STUCK);
	struct workload_row gone = of(4, 0, WORKLOAD_DELETING);

	(void)state;
	assert_true(workload_failing(&all, now));
	assert_true(workload_failing(&stuck, now));
	assert_false(workload_failing(&gone, now));
}

static void test_below_counts_from_its_first_sight(void **state)
{
	struct workload_row first = of(3, 2, 0), later = of(3, 1, 0), well = of(3, 3, 0);
	const struct instant then = {now.wall_ms + 5000, now.boot_ms + 5000};

	(void)state;
	workload_stamp(&first, NULL, now);
	assert_int_equal(first.below.boot_ms, now.boot_ms);
	workload_stamp(&later, &first, then);
	assert_int_equal(later.below.boot_ms, now.boot_ms);
	workload_stamp(&well, &later, then);
	assert_int_equal(well.below.boot_ms, 0);
}

struct seen {
	int n;
	unsigned ready[8];
	const char *name[8];
};

static void note(void *arg, const struct service_row *s, unsigned ready)
{
	struct seen *seen = arg;

	seen->name[seen->n] = s->name;
	seen->ready[seen->n++] = ready;
}

static void add_service(struct table *t, const char *ns, const char *name, unsigned flags)
{
	struct service_row s = {.ns = ns, .name = name, .type = "ClusterIP", .flags = flags};

	table_put(t, &s);
}

static void add_slice(
	struct table *t, const char *ns, const char *service, const char *name, int ready)
{
	struct slice_row s = {
		.ns = ns, .service = service, .name = name, .ready = (uint16_t)ready, .all = 9};

	table_put(t, &s);
}

static void test_endpoints_are_counted_over_all_slices(void **state)
{
	struct table *services = table_new(&service_ops), *slices = table_new(&slice_ops);
	struct seen seen = {0};

	(void)state;
	add_service(services, "a", "both", SERVICE_SELECTS);
	add_service(services, "a", "external", SERVICE_SELECTS | SERVICE_EXTERNAL);
	add_service(services, "a", "hand-made", 0);
	add_service(services, "a", "none", SERVICE_SELECTS);
	add_service(services, "b", "both", SERVICE_SELECTS);
	add_slice(slices, "a", "", "orphan", 7);
	add_slice(slices, "a", "both", "both-1", 2);
	add_slice(slices, "a", "both", "both-2", 1);
	add_slice(slices, "a", "deleted-service", "x", 5);
	add_slice(slices, "a", "none", "none-1", 0);
	add_slice(slices, "b", "both", "both-1", 4);
	services_each(services, slices, note, &seen);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.name[0], "both");
	assert_int_equal(seen.ready[0], 3);
	assert_string_equal(seen.name[1], "none");
	assert_int_equal(seen.ready[1], 0);
	assert_int_equal(seen.ready[2], 4);
	table_free(services);
	table_free(slices);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_below_desired_fails_at_once),
		cmocka_unit_test(test_a_young_one_gets_a_minute),
		cmocka_unit_test(test_a_rollout_may_lack_some_for_a_while),
		cmocka_unit_test(test_a_rollout_that_lost_all_or_its_deadline_fails),
		cmocka_unit_test(test_below_counts_from_its_first_sight),
		cmocka_unit_test(test_endpoints_are_counted_over_all_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
