/* What the page of the cluster says that the servers are asked is what they themselves count: all
 * that they were asked since the start, while the meter's minute still holds all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "help/stage.h"

#define LOOK_MS 40000
#define LATE_MS 60000
#define NEAR    4.0 /* what was asked after the page was made */

static const char *const masters[] = {"m1", "m2", "m3"};

enum { MASTERS = 3 };

static bool is_later(const struct snapshot *s, const void *arg)
{
	return s->at.boot_ms >= *(const int64_t *)arg;
}

/* What the page says was asked of a node in a minute; of the balancer: name instead. */
static struct rate told(
	const struct snapshot *s, enum rate_of of, const char *node, const char *name)
{
	struct rate sum = {0, 0};

	for (size_t i = 0; i < s->n_rates; i++) {
		const struct rate_row *r = &s->rates[i];

		if (r->of != of || (node != NULL && !str_eq(r->node, node)) ||
			(name != NULL && !str_eq(r->name, name)))
			continue;
		sum.requests += r->rate.requests * METER_SECONDS;
		sum.connections += r->rate.connections * METER_SECONDS;
	}
	return sum;
}

static int differ(const char *what, const char *where, double told_of, uint64_t counted)
{
	bool wrong = fabs(told_of - (double)counted) > NEAR;

	print_message("%s %-16s told %5.1f counted %4u%s\n", where, what, told_of,
		(unsigned)counted, wrong ? "  DIFFER" : "");
	return wrong;
}

/* What comes through the balancer is told of it, and counted where it ends. */
static int compare_api(
	const struct snapshot *s, const char *balancer, const struct drill_count counted[MASTERS])
{
	struct rate own = told(s, RATE_API, NULL, NULL), vip = told(s, RATE_KINDS, NULL, balancer);
	uint64_t requests = 0, connections = 0;

	for (int i = 0; i < MASTERS; i++) {
		requests += counted[i].api_requests;
		connections += counted[i].api_connections;
		assert_true(told(s, RATE_API, masters[i], NULL).requests > 0);
	}
	assert_true(vip.requests > 0);
	return differ("API requests", "all", own.requests + vip.requests, requests) +
	       differ("API connections", "all", own.connections + vip.connections, connections);
}

static int compare_node(const struct snapshot *s, const char *node, const struct drill_count *c)
{
	struct rate etcd = told(s, RATE_ETCD, node, NULL), ssh = told(s, RATE_NODE, node, NULL);

	assert_true(etcd.requests > 0 && ssh.requests > 0);
	return differ("etcd requests", node, etcd.requests, c->etcd_requests) +
	       differ("etcd connections", node, etcd.connections, c->etcd_connections) +
	       differ("ssh commands", node, ssh.requests, c->ssh);
}

static void test_the_page_says_what_the_servers_count(void **state)
{
	struct drill_count counted[MASTERS];
	struct stage s;
	struct err e;
	int64_t until;
	int wrong = 0;

	(void)state;
	if (STAGE_IS_SLOWED)
		skip();
	stage_open(&s, "healthy", 1);
	until = instant_now().boot_ms + LOOK_MS;
	assert_true(stage_comes(&s, is_later, &until, LOOK_MS + LATE_MS));
	for (int i = 0; i < MASTERS; i++)
		assert_int_equal(drill_count(s.drill, masters[i], &counted[i], &e), 0);
	for (int i = 0; i < MASTERS; i++)
		wrong += compare_node(s.last, masters[i], &counted[i]);
	wrong += compare_api(s.last, drill_config(s.drill)->load_balancer, counted);
	stage_close(&s);
	assert_int_equal(wrong, 0);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_page_says_what_the_servers_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
