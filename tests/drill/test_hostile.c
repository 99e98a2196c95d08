/* Whatever a server answers: the engine on practice clusters whose API servers, etcd members and
 * haproxy lie, each in a way of its own. Nothing crashes, each source says in words why it has
 * nothing, no server is asked more often for that, the header never says that all is well, and when
 * the truth is told again it is shown. All clusters run at once, since a list that was had is not
 * asked for again within half a minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/stage.h"
#include "ui/kit/canvas.h"
#include "ui/view/header.h"
#include "ui/view/views.h"

#define SAID_MS  120000
#define HEALS_MS 120000
#define MASTERS  3

/* What a start takes from one server, with nothing wrong: each kind's list and its watch, the pods'
 * first part, and who one is. */
#define START_REQUESTS 30

/* Whose answers are of which row, and what its source says of it; NULL: it does no harm. A list
 * that one row of a kind's spoils is said by every source of that kind. */
struct lie {
	const char *whose, *row;
	int source;
	const char *says;
};

/* One cluster each; a NULL ends it. */
static const struct lie clusters[][13] = {
	{
		{"nodes", "html", SOURCE_NODES, "an object was due, not \"<!DOCTYPE"},
		{"pods", "array", SOURCE_PODS, "an object was due, not \"[1,2,3]"},
		{"events", "string", SOURCE_EVENTS, "an object was due, not \"\"a list"},
		{"leases", "number", SOURCE_NODE_LEASES, "an object was due, not \"7e7"},
		{"deployments", "null", SOURCE_DEPLOYMENTS, "an object was due, not \"null"},
		{"statefulsets", "others", SOURCE_STATEFUL_SETS, "a list of Secret"},
		{"daemonsets", "gzip-cut", SOURCE_DAEMON_SETS, "ended in the middle"},
		{"services", "length-long", SOURCE_SERVICES, "connection"},
		{"endpointslices", "cut", SOURCE_SLICES, "connection"},
		{"configmaps", "redirect", SOURCE_CONFIG_MAPS, "the answer was HTTP 302"},
		{"etcd/m2", "frame-huge", SOURCE_ETCD, "is over the ceiling"},
	},
	{
		{"nodes", "endless", SOURCE_NODES, "more than 20000 nodes"},
		{"pods", "endless-object", SOURCE_PODS, "is larger than"},
		{"events", "deep", SOURCE_EVENTS, NULL},
		{"leases", "names", SOURCE_NODE_LEASES, NULL},
		{"deployments", "goes-on-itself", SOURCE_DEPLOYMENTS, "leads to itself"},
		{"statefulsets", "goes-on-empty", SOURCE_STATEFUL_SETS, "is empty"},
		{"daemonsets", "goes-on-crumbs", SOURCE_DAEMON_SETS, "the list has no end"},
		{"configmaps", "gzip-none", SOURCE_CONFIG_MAPS, "no proper HTTP"},
		{"etcd/m2", "html", SOURCE_ETCD, "the answer is no gRPC"},
	},
	{
		{"nodes", "503", SOURCE_NODES, "HTTP 503: it is not ready to serve"},
		{"pods", "503-sane", SOURCE_PODS, "HTTP 503: it is not ready to serve"},
		{"events", "503-negative", SOURCE_EVENTS, "HTTP 503: it is not ready to serve"},
		{"leases", "503-html", SOURCE_SYSTEM_LEASES, "the answer was HTTP 503"},
		{"deployments", "503-text", SOURCE_DEPLOYMENTS, "HTTP 503: it is not"},
		{"statefulsets", "429", SOURCE_STATEFUL_SETS, "HTTP 429: too much is asked"},
		{"daemonsets", "429-negative", SOURCE_DAEMON_SETS, "HTTP 429: too much"},
		{"services", "429-text", SOURCE_SERVICES, "HTTP 429: too much is asked"},
		{"endpointslices", "429-date", SOURCE_SLICES, "HTTP 429: too much is asked"},
		{"configmaps", "429-sane", SOURCE_CONFIG_MAPS, "HTTP 429: too much is asked"},
		{"etcd/m2", "503", SOURCE_ETCD, "HTTP 503: it is not ready"},
	},
	{
		{"nodes", "half", SOURCE_NODES, "ended in the middle"},
		{"pods", "empty", SOURCE_PODS, "ended in the middle"},
		{"events", "past-ceiling", SOURCE_EVENTS, "is larger than"},
		{"leases", "at-ceiling", SOURCE_NODE_LEASES, NULL},
		{"deployments", "headers", SOURCE_DEPLOYMENTS, NULL},
		{"statefulsets", "length-short", SOURCE_STATEFUL_SETS, "connection"},
		{"watches", "empty", SOURCE_DAEMON_SETS, NULL},
		{"etcd/m2", "frame-cut", SOURCE_ETCD, "ended in the middle"},
	},
	{
		{"etcd/m1", "frame-garbage", SOURCE_ETCD, "Status"},
		{"etcd/m2", "no-trailers", SOURCE_ETCD, "ended in the middle"},
		{"etcd/m3", "frame-compressed", SOURCE_ETCD, "is compressed"},
		{"watches", "html", SOURCE_NODES, NULL},
	},
	{
		{"etcd/m2", "frame-endless", SOURCE_ETCD, "malformed"},
		{"events", "503-huge", SOURCE_EVENTS, "HTTP 503: it is not ready to serve"},
		{"leases", "503-date", SOURCE_NODE_LEASES, "HTTP 503: it is not ready to serve"},
		{"deployments", "429-huge", SOURCE_DEPLOYMENTS, "HTTP 429: too much is asked"},
		{"services", "drip", SOURCE_SERVICES, "answers too slowly"},
		{"endpointslices", "silent", SOURCE_SLICES, "answers too slowly"},
	},
};

enum { CLUSTERS = sizeof(clusters) / sizeof(clusters[0]) };

/* The last one asks to be left alone for ever: that is a minute (tests/unit/cluster), too long to
 * wait for here. */
static bool is_held(int cluster)
{
	return cluster == CLUSTERS - 1;
}

static void tell_lies(struct drill *d, const void *lies)
{
	char what[80];
	struct err e;

	for (const struct lie *l = lies; l->whose; l++) {
		snprintf(what, sizeof(what), "answers/%s", l->whose);
		assert_int_equal(drill_set(d, what, l->row, &e), 0);
	}
}

static bool header_says_well(const struct snapshot *s)
{
	struct canvas *c = canvas_new(12, 200, false);
	char *text;
	bool well;

	header_draw(s, c, s->at);
	text = canvas_dump(c, false);
	well = strstr(text, "all layers ok") != NULL;
	free(text);
	canvas_free(c);
	return well;
}

struct heard {
	const struct lie *lies;
	bool said[13];
	bool well;
};

/* Whoever is lied to says why it has nothing. */
static const char *said_by(const struct snapshot *s, const struct lie *l)
{
	if (l->source != SOURCE_ETCD)
		return s->sources[l->source].state == SOURCE_LIVE ? ""
								  : s->sources[l->source].error;
	for (size_t i = 0; i < s->layers.n; i++)
		if (str_eq(s->layers.nodes[i].name, l->whose + strlen("etcd/")))
			return s->layers.nodes[i].layer[LAYER_ETCD].text;
	return "";
}

/* Where all are slowed, a server is left for its silence before a list is given up for its pace. */
static bool is_about_pace(const char *says)
{
	return STAGE_IS_SLOWED && strstr(says, "too slowly") != NULL;
}

/* Each lie has been said, or does no harm. */
static bool is_all_said(const struct snapshot *s, const void *arg)
{
	struct heard *h = (struct heard *)(uintptr_t)arg;
	bool all = true;

	h->well = h->well || header_says_well(s);
	for (size_t i = 0; h->lies[i].whose; i++) {
		const char *says = h->lies[i].says;

		h->said[i] = h->said[i] || says == NULL || is_about_pace(says) ||
			     strstr(said_by(s, &h->lies[i]), says) != NULL;
		all = all && h->said[i];
	}
	return all;
}

static int report_unsaid(const struct heard *h, const struct snapshot *s)
{
	int wrong = 0;

	for (size_t i = 0; h->lies[i].whose; i++)
		if (!h->said[i]) {
			print_message("%s, told %s: does not say \"%s\", but \"%s\"\n",
				h->lies[i].whose, h->lies[i].row, h->lies[i].says,
				said_by(s, &h->lies[i]));
			wrong++;
		}
	if (h->well)
		print_message("the header said that all is well\n");
	return wrong + h->well;
}

static bool is_true_again(const struct snapshot *s, const void *arg)
{
	(void)arg;
	for (int i = SOURCE_NODES; i <= SOURCE_CONFIG_MAPS; i++)
		if (i != SOURCE_USAGE && s->sources[i].state != SOURCE_LIVE)
			return false;
	return s->etcd.healthy_voters == MASTERS;
}

/* For as long as lies were told, against what is allowed in any trouble. */
static int check_rate(struct stage *s, struct instant from)
{
	static const char *const masters[MASTERS] = {"m1", "m2", "m3"};
	double seconds = (double)instant_age_ms(from, instant_now()) / 1000;
	struct drill_count c;
	struct err e;
	int wrong = 0;

	for (int i = 0; i < MASTERS; i++) {
		double requests, connections;

		assert_int_equal(drill_count(s->drill, masters[i], &c, &e), 0);
		requests = c.api_requests > START_REQUESTS
				   ? (double)(c.api_requests - START_REQUESTS) / seconds
				   : 0;
		connections = (double)c.api_connections / seconds;
		print_message("%s: %.2f requests/s, %.2f connections/s in %.0f s\n", masters[i],
			requests, connections, seconds);
		wrong += requests > 4 || connections > 2;
	}
	return wrong;
}

static void test_every_lie_is_said_and_the_truth_comes_back(void **state)
{
	struct stage stages[CLUSTERS];
	struct heard heard[CLUSTERS];
	struct instant began[CLUSTERS];
	struct err e;
	int wrong = 0;

	(void)state;
	for (int i = 0; i < CLUSTERS; i++) {
		stage_open_broken(&stages[i], tell_lies, clusters[i]);
		began[i] = instant_now();
	}
	for (int i = 0; i < CLUSTERS; i++) {
		heard[i] = (struct heard){.lies = clusters[i]};
		if (!stage_comes(&stages[i], is_all_said, &heard[i], SAID_MS))
			wrong += report_unsaid(&heard[i], stages[i].last);
		assert_int_equal(drill_scenario(stages[i].drill, "healthy", &e), 0);
	}
	for (int i = 0; i < CLUSTERS; i++) {
		assert_true(is_held(i) || stage_comes(&stages[i], is_true_again, NULL, HEALS_MS));
		if (!STAGE_IS_SLOWED)
			wrong += check_rate(&stages[i], began[i]);
	}
	for (int i = 0; i < CLUSTERS; i++)
		stage_close(&stages[i]);
	assert_int_equal(wrong, 0);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_lie_is_said_and_the_truth_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, run_all);
}
