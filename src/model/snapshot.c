/* The snapshot's life: a count, and references to tables and feeds that it drops with itself. */
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/lease.h"

#define NODE_LEASES "kube-node-lease"

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = mem_new(struct snapshot);

	s->refs = 1;
	s->verdict.level = s->verdict.now = LEVEL_NONE;
	s->limits = limits_default;
	memset(&s->etcd_terms, 0xff, sizeof(s->etcd_terms));
	s->nodes = table_new(&node_ops);
	s->pods = table_new(&pod_ops);
	s->system_pods = table_new(&system_pod_ops);
	s->events = table_new(&event_ops);
	s->leases = table_new(&lease_ops);
	s->system_leases = table_new(&lease_ops);
	s->usage = table_new(&usage_ops);
	s->workloads = table_new(&workload_ops);
	s->services = table_new(&service_ops);
	s->slices = table_new(&slice_ops);
	s->config_maps = table_new(&config_map_ops);
	s->firing = table_new(&alert_ops);
	s->book = casebook_new(0, 0);
	s->proposal.level = LEVEL_NONE;
	return s;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	__atomic_fetch_add(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	if (s == NULL || __atomic_fetch_sub(&s->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	for (size_t i = 0; i < s->n_hosts; i++)
		host_report_unref(s->hosts[i].report);
	table_free(s->nodes);
	table_free(s->pods);
	table_free(s->system_pods);
	table_free(s->events);
	table_free(s->leases);
	table_free(s->system_leases);
	table_free(s->usage);
	table_free(s->workloads);
	table_free(s->services);
	table_free(s->slices);
	table_free(s->config_maps);
	table_free(s->firing);
	intern_unref(s->names);
	casebook_unref(s->book);
	run_board_unref(s->runs);
	for (size_t i = 0; i < s->n_feeds; i++)
		feed_unref(s->feeds[i]);
	free(s);
}

const struct lease_row *snapshot_lease(const struct snapshot *s, const char *ns, const char *name)
{
	const struct lease_row key = {.ns = ns, .name = name};

	return table_find(str_eq(ns, NODE_LEASES) ? s->leases : s->system_leases, &key);
}

const struct usage_row *snapshot_usage(const struct snapshot *s, const char *node)
{
	const struct usage_row key = {.node = node};

	return table_find(s->usage, &key);
}

const struct feed *snapshot_feed(const struct snapshot *s, uint32_t id)
{
	for (size_t i = 0; i < s->n_feeds; i++)
		if (s->feeds[i]->id == id)
			return s->feeds[i];
	return NULL;
}

int64_t snapshot_lease_age(const struct snapshot *s, const char *node)
{
	const struct lease_row *l = snapshot_lease(s, NODE_LEASES, node);

	return l != NULL ? instant_age_ms(l->seen, s->at) : -1;
}

#define REPORT_OLD_MS 20000 /* rounds come every five seconds */

const struct host_report *snapshot_host(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->n_hosts; i++)
		if (str_eq(s->hosts[i].name, name) &&
			instant_age_ms(s->hosts[i].report->at, s->at) < REPORT_OLD_MS)
			return s->hosts[i].report;
	return NULL;
}
