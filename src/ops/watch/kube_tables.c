/* Rows come in lists and then one by one. The first list goes straight into the table that is
 * shown, so panes fill as data comes; a later one grows beside it and replaces it whole, so nothing
 * flickers and what vanished during an outage vanishes at once. */
#include "ops/watch/kube_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/lease.h"

#define OLD_LIST_MS 600000

static const struct kube_kind *const kinds[KUBE_TABLE_COUNT] = {
	[KUBE_TABLE_NODES] = &kube_nodes,
	[KUBE_TABLE_PODS] = &kube_pods,
	[KUBE_TABLE_EVENTS] = &kube_events,
	[KUBE_TABLE_NODE_LEASES] = &kube_node_leases,
	[KUBE_TABLE_SYSTEM_LEASES] = &kube_system_leases,
	[KUBE_TABLE_DEPLOYMENTS] = &kube_deployments,
	[KUBE_TABLE_STATEFUL_SETS] = &kube_stateful_sets,
	[KUBE_TABLE_DAEMON_SETS] = &kube_daemon_sets,
	[KUBE_TABLE_SERVICES] = &kube_services,
	[KUBE_TABLE_SLICES] = &kube_slices,
	[KUBE_TABLE_CONFIG_MAPS] = &kube_config_maps,
};

static bool is_workload(const struct kube_table *rec)
{
	return rec->kind->ops == &workload_ops;
}

void kube_tables_init(struct kube_tables *r)
{
	memset(r, 0, sizeof(*r));
	r->workloads = table_new(&workload_ops);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		r->at[i].kind = kinds[i];
		r->at[i].shown = is_workload(&r->at[i]) ? r->workloads : table_new(kinds[i]->ops);
	}
	r->small_pods = table_new(&pod_ops);
	r->usage = table_new(&usage_ops);
}

void kube_tables_done(struct kube_tables *r)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		if (!is_workload(&r->at[i]))
			table_free(r->at[i].shown);
		table_free(r->at[i].incoming);
	}
	table_free(r->workloads);
	table_free(r->small_pods);
	table_free(r->small_incoming);
	table_free(r->usage);
	intern_unref(r->names);
}

void kube_tables_forget(struct kube_tables *r)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		struct kube_table *rec = &r->at[i];

		table_clear(rec->shown);
		table_free(rec->incoming);
		rec->incoming = NULL;
		rec->listing = rec->old = false;
		rec->newest = 0;
		r->sources[rec->kind->source] = (struct source){.state = SOURCE_NEVER};
	}
	table_clear(r->small_pods);
	table_free(r->small_incoming);
	r->small_incoming = NULL;
	table_clear(r->usage);
	r->sources[SOURCE_USAGE] = (struct source){.state = SOURCE_NEVER};
}

static void rename_table(struct table *t, struct intern *names)
{
	if (t != NULL)
		table_rename(t, names);
}

void kube_tables_rename(struct kube_tables *r, struct intern *names)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		if (!is_workload(&r->at[i]))
			rename_table(r->at[i].shown, names);
		rename_table(r->at[i].incoming, names);
	}
	rename_table(r->workloads, names);
	rename_table(r->small_pods, names);
	rename_table(r->small_incoming, names);
	rename_table(r->usage, names);
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (r->at[i].watch)
			kube_watch_rename(r->at[i].watch, names);
	r->names = names;
}

void kube_tables_relist(struct kube_tables *r)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (r->at[i].watch)
			kube_watch_relist(r->at[i].watch);
}

void kube_tables_stop(struct kube_tables *r, bool poison)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		if (r->at[i].watch)
			kube_watch_stop(r->at[i].watch, poison);
		r->at[i].watch = NULL;
		r->at[i].number = 0;
	}
}

static struct source *source_of(struct kube_tables *r, const struct kube_table *rec)
{
	return &r->sources[rec->kind->source];
}

/* The rows of one kind of workload that the others' list does not hold (NULL: all of them). */
static void remove_kind(struct table *workloads, enum workload_type type, const struct table *kept)
{
	size_t i = 0;

	while (i < table_count(workloads)) {
		const struct workload_row *row = table_at(workloads, i);

		if (row->type == type && (kept == NULL || table_find(kept, row) == NULL)) {
			struct workload_row key = *row;

			table_remove(workloads, &key);
		} else {
			i++;
		}
	}
}

static enum workload_type kind_of(const struct kube_tables *r, const struct kube_table *rec)
{
	return (enum workload_type)(rec - &r->at[KUBE_TABLE_DEPLOYMENTS]);
}

static void clear_shown(struct kube_tables *r, struct kube_table *rec)
{
	if (is_workload(rec))
		remove_kind(rec->shown, kind_of(r, rec), NULL);
	else
		table_clear(rec->shown);
}

/* The new list takes the old one's place. */
static void show_incoming(struct kube_tables *r, struct kube_table *rec)
{
	struct table_walk w = table_walk(rec->incoming);
	const struct workload_row *row;

	if (!is_workload(rec)) {
		table_free(rec->shown);
		rec->shown = rec->incoming;
		rec->incoming = NULL;
		return;
	}
	remove_kind(rec->shown, kind_of(r, rec), rec->incoming);
	while ((row = table_next(&w)) != NULL) {
		struct workload_row copy = *row;

		table_put(rec->shown, &copy);
	}
	table_free(rec->incoming);
	rec->incoming = NULL;
}

static void drop_incoming(struct kube_tables *r, struct kube_table *rec)
{
	table_free(rec->incoming);
	rec->incoming = NULL;
	if (rec != &r->at[KUBE_TABLE_PODS])
		return;
	table_free(r->small_incoming);
	r->small_incoming = NULL;
}

static void list_begin(struct kube_tables *r, struct kube_table *rec)
{
	struct source *src = source_of(r, rec);
	bool pods = rec == &r->at[KUBE_TABLE_PODS];

	drop_incoming(r, rec);
	rec->listing = true;
	rec->over = rec->nameless = false;
	if (src->state == SOURCE_NEVER) {
		src->state = SOURCE_LOADING;
		return;
	}
	if (src->state == SOURCE_LOADING) { /* a first list that broke off: begin again */
		clear_shown(r, rec);
		if (pods)
			table_clear(r->small_pods);
		return;
	}
	rec->incoming = table_new(rec->kind->ops);
	if (pods)
		r->small_incoming = table_new(&pod_ops);
}

static void went_live(struct source *src, struct instant at)
{
	src->state = SOURCE_LIVE;
	src->good = at;
	src->saved = false;
	src->error[0] = '\0';
}

static void fall_behind(struct source *src, const char *why)
{
	if (src->state == SOURCE_LIVE)
		src->state = SOURCE_STALE;
	str_copy(src->error, sizeof(src->error), why);
}

/* A list is whole, or a watch has news: its table is live, as far as there is room. */
static void went_on(struct kube_tables *r, struct kube_table *rec, struct instant at)
{
	struct source *src = source_of(r, rec);
	struct err e;

	went_live(src, at);
	if (rec->over)
		err_set(&e, ERR_LIMIT, _("more than %zu %s: the others are not shown"),
			rec->kind->rows_max, source_name(rec->kind->source));
	else if (rec->nameless)
		err_set(&e, ERR_LIMIT, _("names take more than %zu MB: some %s are not told apart"),
			intern_max(r->names) >> 20, source_name(rec->kind->source));
	else
		return;
	fall_behind(src, e.text);
}

static void list_end(struct kube_tables *r, struct kube_table *rec, struct instant at)
{
	if (rec->incoming)
		show_incoming(r, rec);
	if (rec == &r->at[KUBE_TABLE_PODS] && r->small_incoming) {
		table_free(r->small_pods);
		r->small_pods = r->small_incoming;
		r->small_incoming = NULL;
	}
	rec->listing = false;
	went_on(r, rec, at);
}

/* A lease's age counts from when its renewal was first seen here, so a row that says nothing new
 * keeps its moment. */
static void stamp_lease(const struct table *shown, struct lease_row *row, struct instant at)
{
	const struct lease_row *old = table_find(shown, row);
	bool same = old && old->renew_ms == row->renew_ms && old->seen.boot_ms != 0;

	row->seen = same ? old->seen : at;
	row->renewed = same ? old->renewed : old != NULL;
}

/* A table is as large as its kind's ceiling: what else a watch brings is not taken, and that is
 * said.
 */
static bool has_room(struct kube_table *rec, const struct table *into, const void *row)
{
	bool room = rec->kind->rows_max == 0 || table_count(into) < rec->kind->rows_max ||
		    table_find(into, row) != NULL;

	rec->over = rec->over || !room;
	return room;
}

static void take_pod(struct kube_tables *r, struct kube_table *rec, struct kube_letter *l, size_t i)
{
	struct system_pod_row *row = (struct system_pod_row *)(void *)(l->rows + i * sizeof(*row));
	struct table *small = r->small_incoming ? r->small_incoming : r->small_pods;
	struct table *full = rec->incoming ? rec->incoming : rec->shown;

	if (l->deleted[i]) {
		table_remove(small, &row->pod);
		table_remove(full, row);
		return;
	}
	if (!has_room(rec, small, &row->pod))
		return;
	table_put(small, &row->pod);
	if (row->pod.flags & (POD_SYSTEM | POD_CNI)) {
		table_put(full, row);
		l->taken[i] = true;
	}
}

/* What an operator or a controller did to it. */
static void note_change(struct kube_tables *r, const struct kube_table *rec, const void *row,
	bool deleted, struct instant at)
{
	const void *old = table_find(rec->shown, row);

	if (!r->changes)
		return;
	if (is_workload(rec))
		change_log_workload(
			r->changes, old, deleted ? NULL : row, rec->listing, at.wall_ms);
	else if (rec == &r->at[KUBE_TABLE_CONFIG_MAPS] && !deleted)
		change_log_config_map(r->changes, old, row);
}

static void take_row(struct kube_tables *r, struct kube_table *rec, struct kube_letter *l, size_t i)
{
	void *row = l->rows + i * rec->kind->ops->size;
	struct table *into = rec->incoming ? rec->incoming : rec->shown;

	if (rec == &r->at[KUBE_TABLE_PODS]) {
		take_pod(r, rec, l, i);
		return;
	}
	note_change(r, rec, row, l->deleted[i], l->at);
	if (l->deleted[i]) {
		/* An event's expiry is no news: it stays until newer ones push it out. */
		if (rec != &r->at[KUBE_TABLE_EVENTS])
			table_remove(into, row);
		return;
	}
	if (!has_room(rec, into, row))
		return;
	if (rec->kind->ops == &lease_ops)
		stamp_lease(rec->shown, row, l->at);
	else if (is_workload(rec))
		workload_stamp(row, table_find(rec->shown, row), l->at);
	table_put(into, row);
	l->taken[i] = true;
}

/* Rows that were decoded before the pool was changed for a fresh one. */
static void bring_names(const struct kube_tables *r, struct kube_letter *l)
{
	if (l->names == NULL || r->names == NULL || l->names == r->names)
		return;
	for (size_t i = 0; i < l->n; i++)
		row_rename(l->of->ops, l->rows + i * l->of->ops->size, r->names);
}

static bool is_full(const struct intern *names)
{
	return names != NULL && intern_is_full(names);
}

static void take_rows(struct kube_tables *r, struct kube_table *rec, struct kube_letter *l)
{
	bring_names(r, l);
	rec->nameless = rec->nameless || is_full(l->names) || is_full(r->names);
	for (size_t i = 0; i < l->n; i++) {
		take_row(r, rec, l, i);
		if (rec == &r->at[KUBE_TABLE_EVENTS] && i % 256 == 255)
			kube_tables_prune_events(rec->incoming ? rec->incoming : rec->shown);
	}
	if (rec == &r->at[KUBE_TABLE_EVENTS])
		kube_tables_prune_events(rec->incoming ? rec->incoming : rec->shown);
	if (!rec->listing)
		went_on(r, rec, l->at);
}

/* Rows of another kind are refused whoever sends them: their bytes would be read as this kind's. */
static struct kube_table *record_of(struct kube_tables *r, const struct kube_letter *l)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		if (r->at[i].number == l->watch && l->watch != 0)
			return r->at[i].kind == l->of ? &r->at[i] : NULL;
	return NULL;
}

/* Another server may answer from a cache that lags behind. One that stays behind is no laggard:
 * etcd was restored. */
static void look_at_version(struct kube_table *rec, const struct kube_letter *l)
{
	bool behind =
		l->version < rec->newest && instant_age_ms(rec->newest_seen, l->at) < OLD_LIST_MS;

	if (l->version == 0 || (l->letter.kind != KUBE_LIST_END && l->letter.kind != KUBE_ALIVE))
		return;
	rec->old = behind;
	if (behind)
		return;
	rec->newest = l->version;
	rec->newest_seen = l->at;
}

bool kube_tables_hear(struct kube_tables *r, struct kube_letter *l)
{
	struct kube_table *rec = record_of(r, l);

	if (!rec)
		return false;
	if (l->undecoded) {
		r->undecoded += l->undecoded;
		log_put(LOG_WARN, "records", "%u %s did not decode: %s", l->undecoded,
			source_name(rec->kind->source), l->err.text);
	}
	look_at_version(rec, l);
	switch ((enum kube_letter_kind)l->letter.kind) {
	case KUBE_LIST_BEGIN:
		list_begin(r, rec);
		break;
	case KUBE_ROWS:
		take_rows(r, rec, l);
		break;
	case KUBE_LIST_END:
		list_end(r, rec, l->at);
		break;
	case KUBE_ALIVE:
		if (!rec->listing)
			went_on(r, rec, l->at);
		break;
	case KUBE_TROUBLE:
		drop_incoming(r, rec); /* a list that broke off is begun again */
		fall_behind(source_of(r, rec), l->err.text);
		break;
	}
	return true;
}

bool kube_tables_begin_well(const struct kube_tables *r)
{
	const struct source *nodes = &r->sources[SOURCE_NODES], *pods = &r->sources[SOURCE_PODS];
	bool listed = nodes->state == SOURCE_LIVE && pods->state == SOURCE_LIVE;

	return !listed && nodes->error[0] == '\0' && pods->error[0] == '\0';
}

void kube_tables_alive(struct kube_tables *r, struct instant at)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++) {
		struct source *src = source_of(r, &r->at[i]);

		if (src->state == SOURCE_LIVE && !r->at[i].listing)
			src->good = at;
	}
}

void kube_tables_trouble(struct kube_tables *r, const char *why)
{
	for (size_t i = 0; i < KUBE_TABLE_COUNT; i++)
		fall_behind(source_of(r, &r->at[i]), why);
}

static int newer_first(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

/* Copies of at most max rows that are older than the moment, or of that very moment. */
static size_t copy_old(
	const struct table *events, int64_t moment, bool older, struct event_row *old, size_t max)
{
	struct table_walk w = table_walk(events);
	const struct event_row *e;
	size_t n = 0;

	while (n < max && (e = table_next(&w)) != NULL)
		if (older ? e->last_ms < moment : e->last_ms == moment)
			old[n++] = *e;
	return n;
}

/* What is older than the EVENT_KEEPth newest; and where thousands are of its very moment, some of
 * them: else whoever gives all events one time fills the table. Removed after the walk, by key. */
static void remove_older(struct table *events, int64_t cutoff, size_t excess)
{
	struct event_row *old = mem_zero(excess, sizeof(*old));
	size_t n = copy_old(events, cutoff, true, old, excess);

	n += copy_old(events, cutoff, false, old + n, excess - n);
	for (size_t i = 0; i < n; i++)
		table_remove(events, &old[i]);
	free(old);
}

void kube_tables_prune_events(struct table *events)
{
	size_t n = table_count(events), i = 0;
	struct table_walk w = table_walk(events);
	const struct event_row *e;
	int64_t *times;

	if (n <= EVENT_KEEP + EVENT_KEEP / 8)
		return;
	times = mem_zero(n, sizeof(*times));
	while (i < n && (e = table_next(&w)) != NULL)
		times[i++] = e->last_ms;
	qsort(times, i, sizeof(*times), newer_first);
	remove_older(events, times[EVENT_KEEP - 1], n - EVENT_KEEP);
	free(times);
}

struct instant kube_tables_newest_lease(const struct kube_tables *r)
{
	struct table_walk w = table_walk(r->at[KUBE_TABLE_NODE_LEASES].shown);
	struct instant newest = {0};
	const struct lease_row *l;

	while ((l = table_next(&w)) != NULL)
		newest = instant_later(newest, l->seen);
	return newest;
}

/* ---- out of the tables, and from an earlier run into them ---- */

static void share(struct table **dst, const struct table *src)
{
	table_free(*dst);
	*dst = table_share(src);
}

void kube_tables_keep(const struct kube_tables *r, struct snapshot *s)
{
	intern_unref(s->names);
	s->names = intern_ref(r->names);
	share(&s->nodes, r->at[KUBE_TABLE_NODES].shown);
	share(&s->system_pods, r->at[KUBE_TABLE_PODS].shown);
	share(&s->events, r->at[KUBE_TABLE_EVENTS].shown);
}

void kube_tables_fill(const struct kube_tables *r, struct snapshot *s)
{
	kube_tables_keep(r, s);
	share(&s->pods, r->small_pods);
	share(&s->leases, r->at[KUBE_TABLE_NODE_LEASES].shown);
	share(&s->system_leases, r->at[KUBE_TABLE_SYSTEM_LEASES].shown);
	share(&s->usage, r->usage);
	share(&s->workloads, r->workloads);
	share(&s->services, r->at[KUBE_TABLE_SERVICES].shown);
	share(&s->slices, r->at[KUBE_TABLE_SLICES].shown);
	share(&s->config_maps, r->at[KUBE_TABLE_CONFIG_MAPS].shown);
	memcpy(s->sources, r->sources, sizeof(s->sources));
	s->names_bytes = intern_bytes(r->names);
	s->names_max = intern_max(r->names);
}

/* Moves a loaded table in; the snapshot is left with the empty one. */
static void adopt(
	struct kube_tables *r, enum kube_table_id id, struct table **from, struct instant at)
{
	struct table *empty = r->at[id].shown;

	r->at[id].shown = *from;
	*from = empty;
	*source_of(r, &r->at[id]) =
		(struct source){.state = SOURCE_STALE, .good = at, .saved = true};
}

void kube_tables_recall(struct kube_tables *r, struct snapshot *saved, struct instant at)
{
	adopt(r, KUBE_TABLE_NODES, &saved->nodes, at);
	adopt(r, KUBE_TABLE_PODS, &saved->system_pods, at);
	adopt(r, KUBE_TABLE_EVENTS, &saved->events, at);
}
