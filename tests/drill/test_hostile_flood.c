/* Ten thousand events a second while one API server after the other hangs, refuses and resets: the
 * engine goes from one to the next, mixes up nothing, asks no server for more than it may, and all
 * is well again when it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "help/stage.h"

#define GREEN_MS 90000
#define TURN_MS  4000
#define START    30 /* requests */

static const char *const faults[][2] = {{"api/m1", "hang"}, {"api/m2", "reset"}, {"api/m3", "hang"},
	{"api/m1", "refuse"}, {"api/m2", "cut"}};

static bool is_live(const struct snapshot *s, const void *arg)
{
	(void)arg;
	for (int i = SOURCE_NODES; i <= SOURCE_CONFIG_MAPS; i++)
		if (i != SOURCE_USAGE && s->sources[i].state != SOURCE_LIVE)
			return false;
	return s->layers.api_live == 3;
}

static bool is_later(const struct snapshot *s, const void *arg)
{
	return s->at.boot_ms >= *(const int64_t *)arg;
}

static void set(struct stage *s, const char *what, const char *to)
{
	struct err e;

	assert_int_equal(drill_set(s->drill, what, to, &e), 0);
}

/* What is shown is of its own kind, whoever told it. */
static void assert_rows_are_whole(const struct snapshot *s)
{
	static const char *const masters[] = {"m1", "m2", "m3"};
	size_t found = 0;

	for (size_t i = 0; i < table_count(s->nodes); i++) {
		const struct node_row *n = table_at(s->nodes, i);

		for (size_t k = 0; k < 3; k++)
			found += str_eq(n->name, masters[k]);
		assert_true(strlen(n->name) == 2);
	}
	assert_int_equal(found, 3);
	for (size_t i = 0; i < table_count(s->events); i++)
		assert_true(((const struct event_row *)table_at(s->events, i))->uid[0] != '\0');
}

static void assert_asked_little(struct stage *s, struct instant from)
{
	static const char *const masters[] = {"m1", "m2", "m3"};
	double seconds = (double)instant_age_ms(from, instant_now()) / 1000;
	struct drill_count c;
	struct err e;

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(drill_count(s->drill, masters[i], &c, &e), 0);
		print_message("%s: %llu requests, %llu connections in %.0f s\n", masters[i],
			(unsigned long long)c.api_requests, (unsigned long long)c.api_connections,
			seconds);
		if (STAGE_IS_SLOWED)
			continue;
		assert_true((double)c.api_requests <= START + 4 * seconds);
		assert_true((double)c.api_connections <= 2 * seconds);
	}
}

static void test_a_flood_with_failovers_is_survived_and_costs_no_server_much(void **state)
{
	struct instant began = instant_now();
	struct stage s;

	(void)state;
	stage_open_without_ssh(&s, "healthy", 1);
	assert_true(stage_comes(&s, is_live, NULL, GREEN_MS));
	set(&s, "events", "flood");
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		int64_t until = instant_now().boot_ms + TURN_MS;

		set(&s, faults[i][0], faults[i][1]);
		assert_true(stage_comes(&s, is_later, &until, GREEN_MS));
		assert_rows_are_whole(s.last);
		set(&s, faults[i][0], "none");
	}
	set(&s, "events", "calm");
	assert_true(stage_comes(&s, is_live, NULL, GREEN_MS));
	assert_rows_are_whole(s.last);
	assert_asked_little(&s, began);
	stage_close(&s);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_with_failovers_is_survived_and_costs_no_server_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
