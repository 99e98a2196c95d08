/* The patient comes first: how much the engine asks of each server, by the count of the servers
 * themselves, healthy and in each scenario, against the table of model/rates. All scenarios run at
 * once, each on a cluster of its own, since what is counted takes half a minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "drill/scenario.h"
#include "help/stage.h"
#include "model/rates.h"

#define GREEN_MS  90000
#define WINDOW_MS 30000
#define FLAP_MS   2000
#define FLAPS     8

static const char *const masters[] = {"m1", "m2", "m3"};

enum { MASTERS = 3 };

struct counts {
	struct instant at;
	struct drill_count of[MASTERS];
	char via[80]; /* where the watches run */
};

static void take(struct stage *s, struct counts *c)
{
	struct err e;

	c->at = instant_now();
	str_copy(c->via, sizeof(c->via), s->last->sources[SOURCE_NODES].via);
	for (int i = 0; i < MASTERS; i++)
		assert_int_equal(drill_count(s->drill, masters[i], &c->of[i], &e), 0);
}

static bool is_live(const struct snapshot *s, const void *arg)
{
	(void)arg;
	for (int i = SOURCE_NODES; i <= SOURCE_CONFIG_MAPS; i++)
		if (i != SOURCE_USAGE && s->sources[i].state != SOURCE_LIVE)
			return false;
	return s->layers.api_live == MASTERS && s->etcd.healthy_voters == MASTERS;
}

static bool is_later(const struct snapshot *s, const void *arg)
{
	return s->at.boot_ms >= *(const int64_t *)arg;
}

/* Looks on for so long. */
static void look_on(struct stage *s, int64_t ms)
{
	int64_t until = instant_now().boot_ms + ms;

	assert_true(stage_comes(s, is_later, &until, ms + GREEN_MS));
}

static int over(
	const char *scenario, const char *what, const char *machine, double rate, double limit)
{
	print_message("%-20s %s %-17s %5.2f/s of %.2f/s%s\n", scenario, machine, what, rate, limit,
		rate > limit ? "  TOO MUCH" : "");
	return rate > limit;
}

static int check_rates(const char *scenario, const struct counts *from, const struct counts *to)
{
	double s = (double)(to->at.boot_ms - from->at.boot_ms) / 1000;
	const struct rate *of =
		rate_limits[str_eq(scenario, "healthy") ? RATE_HEALTHY : RATE_BROKEN];
	int wrong = 0;

	for (int i = 0; i < MASTERS; i++) {
		const struct drill_count *a = &from->of[i], *b = &to->of[i];
		const struct {
			const char *what;
			uint64_t n;
			double limit;
		} rows[] = {
			{"API requests", b->api_requests - a->api_requests, of[RATE_API].requests},
			{"API connections", b->api_connections - a->api_connections,
				of[RATE_API].connections},
			{"etcd requests", b->etcd_requests - a->etcd_requests,
				of[RATE_ETCD].requests},
			{"etcd connections", b->etcd_connections - a->etcd_connections,
				of[RATE_ETCD].connections},
			{"ssh commands", b->ssh - a->ssh, of[RATE_NODE].requests},
		};

		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			wrong += over(scenario, rows[k].what, masters[i], (double)rows[k].n / s,
				rows[k].limit);
		if (b->list_gap_ms < LIST_FLOOR_MS) {
			print_message("%-20s %s lists %s again after %.1f s\n", scenario,
				masters[i], b->list_path, (double)b->list_gap_ms / 1000);
			wrong++;
		}
	}
	return wrong;
}

/* Where this machine itself stands still for seconds, a healthy server seems silent and is left for
 * another: then it is counted once more. */
static bool was_moved(struct stage *s, struct counts *before, struct counts *after)
{
	char via[sizeof(s->last->sources[0].via)];

	str_copy(via, sizeof(via), s->last->sources[SOURCE_NODES].via);
	if (str_eq(via, before->via))
		return false;
	*before = *after;
	str_copy(before->via, sizeof(before->via), via);
	look_on(s, WINDOW_MS);
	take(s, after);
	return true;
}

/* ssh's stand-in is a program for each command: two of the clusters are enough of that. */
static bool has_ssh(const char *scenario)
{
	return str_eq(scenario, "healthy") || str_eq(scenario, "master-down");
}

static void test_no_server_is_asked_for_more_than_the_table_allows(void **state)
{
	struct stage *stages;
	struct counts *before, after;
	struct err e;
	int wrong = 0, again = 3;

	(void)state;
	if (STAGE_IS_SLOWED)
		skip();
	stages = mem_zero(drill_n_scenarios, sizeof(*stages));
	before = mem_zero(drill_n_scenarios, sizeof(*before));
	for (size_t i = 0; i < drill_n_scenarios; i++)
		(has_ssh(drill_scenarios[i].name) ? stage_open : stage_open_without_ssh)(
			&stages[i], "healthy", 1);
	for (size_t i = 0; i < drill_n_scenarios; i++)
		assert_true(stage_comes(&stages[i], is_live, "", GREEN_MS));
	for (size_t i = 0; i < drill_n_scenarios; i++) {
		take(&stages[i], &before[i]);
		assert_int_equal(drill_scenario(stages[i].drill, drill_scenarios[i].name, &e), 0);
	}
	for (size_t i = 0; i < drill_n_scenarios; i++) {
		int64_t ms = WINDOW_MS - instant_age_ms(before[i].at, instant_now());

		if (ms > 0)
			look_on(&stages[i], ms);
		take(&stages[i], &after);
		while (str_eq(drill_scenarios[i].name, "healthy") && again-- > 0 &&
			was_moved(&stages[i], &before[i], &after))
			;
		wrong += check_rates(drill_scenarios[i].name, &before[i], &after);
	}
	for (size_t i = 0; i < drill_n_scenarios; i++)
		stage_close(&stages[i]);
	free(before);
	free(stages);
	assert_int_equal(wrong, 0);
}

static void set_all(struct stage *s, const char *what, const char *to)
{
	char each[40];
	struct err e;

	for (int i = 0; i < MASTERS; i++) {
		snprintf(each, sizeof(each), "%s/%s", what, masters[i]);
		assert_int_equal(drill_set(s->drill, each, to, &e), 0);
	}
}

static void assert_no_list_came_twice(struct stage *s)
{
	struct counts c;

	take(s, &c);
	for (int i = 0; i < MASTERS; i++)
		if (c.of[i].list_gap_ms < LIST_FLOOR_MS)
			fail_msg("%s lists %s again after %.1f s", masters[i], c.of[i].list_path,
				(double)c.of[i].list_gap_ms / 1000);
}

static void test_a_livez_that_flaps_costs_no_list_and_leaves_the_panes_live(void **state)
{
	struct stage s;

	(void)state;
	stage_open_without_ssh(&s, "healthy", 1);
	assert_true(stage_comes(&s, is_live, "", GREEN_MS));
	for (int i = 0; i < FLAPS; i++) {
		set_all(&s, "livez", i % 2 == 0 ? "fail" : "ok");
		look_on(&s, FLAP_MS);
		assert_int_equal(s.last->sources[SOURCE_PODS].state, SOURCE_LIVE);
	}
	assert_true(stage_comes(&s, is_live, "", GREEN_MS));
	assert_no_list_came_twice(&s);
	stage_close(&s);
}

static void test_servers_that_hang_are_not_listed_again_for_that(void **state)
{
	struct stage s;

	(void)state;
	stage_open_without_ssh(&s, "healthy", 1);
	assert_true(stage_comes(&s, is_live, "", GREEN_MS));
	set_all(&s, "api", "hang");
	look_on(&s, 15000);
	set_all(&s, "api", "none");
	assert_true(stage_comes(&s, is_live, "", GREEN_MS));
	assert_no_list_came_twice(&s);
	stage_close(&s);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_server_is_asked_for_more_than_the_table_allows),
		cmocka_unit_test(test_a_livez_that_flaps_costs_no_list_and_leaves_the_panes_live),
		cmocka_unit_test(test_servers_that_hang_are_not_listed_again_for_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
