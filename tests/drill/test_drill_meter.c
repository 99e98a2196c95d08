/* What the page of the cluster says that the servers are asked is what they themselves count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "help/stage.h"

#define GREEN_MS  90000
#define MINUTE_MS 60000
#define NEAR      6.0 /* requests: the two minutes are a second or two apart */

static const char *const masters[] = {"m1", "m2", "m3"};

enum { MASTERS = 3 };

static bool is_live(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return s->sources[SOURCE_PODS].state == SOURCE_LIVE && s->layers.api_live == MASTERS &&
	       s->etcd.healthy_voters == MASTERS;
}

static bool is_later(const struct snapshot *s, const void *arg)
{
	return s->at.boot_ms >= *(const int64_t *)arg;
}

static void take(struct stage *s, struct drill_count counts[MASTERS])
{
	struct err e;

	for (int i = 0; i < MASTERS; i++)
		assert_int_equal(drill_count(s->drill, masters[i], &counts[i], &e), 0);
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
	bool wrong = fabs(told_of - (double)counted) > NEAR + (double)counted / 20;

	print_message("%s %-16s told %5.1f counted %4u%s\n", where, what, told_of,
		(unsigned)counted, wrong ? "  DIFFER" : "");
	return wrong;
}

/* What comes through the balancer is told of it, and counted where it ends. */
static int compare_api(const struct snapshot *s, const char *balancer,
	const struct drill_count *before, const struct drill_count *after)
{
	struct rate own = told(s, RATE_API, NULL, NULL), vip = told(s, RATE_KINDS, NULL, balancer);
	uint64_t requests = 0, connections = 0;
	int wrong = 0;

	for (int i = 0; i < MASTERS; i++) {
		requests += after[i].api_requests - before[i].api_requests;
		connections += after[i].api_connections - before[i].api_connections;
		wrong += told(s, RATE_API, masters[i], NULL).requests == 0;
	}
	return wrong + differ("API requests", "all", own.requests + vip.requests, requests) +
	       differ("API connections", "all", own.connections + vip.connections, connections);
}

static void test_the_page_says_what_the_servers_count(void **state)
{
	struct drill_count before[MASTERS], after[MASTERS];
	struct stage s;
	int64_t until;
	int wrong = 0;

	(void)state;
	stage_open(&s, "healthy", 1);
	assert_true(stage_comes(&s, is_live, "", GREEN_MS));
	take(&s, before);
	until = instant_now().boot_ms + MINUTE_MS;
	assert_true(stage_comes(&s, is_later, &until, MINUTE_MS + GREEN_MS));
	take(&s, after);
	for (int i = 0; i < MASTERS; i++) {
		struct rate etcd = told(s.last, RATE_ETCD, masters[i], NULL);
		struct rate ssh = told(s.last, RATE_NODE, masters[i], NULL);

		wrong += differ("etcd requests", masters[i], etcd.requests,
			after[i].etcd_requests - before[i].etcd_requests);
		wrong += differ("etcd connections", masters[i], etcd.connections,
			after[i].etcd_connections - before[i].etcd_connections);
		wrong += differ(
			"ssh commands", masters[i], ssh.requests, after[i].ssh - before[i].ssh);
		wrong += etcd.requests == 0 || ssh.requests == 0;
	}
	wrong += compare_api(s.last, drill_config(s.drill)->load_balancer, before, after);
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
