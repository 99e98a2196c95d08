/* What an operator needs when nothing answers: which nodes there are, which of them carry the
 * control plane and where, what the system pods and etcd members were, what happened last. Other
 * pods are only counted. */
#include "ops/engine/snapshot_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/json.h"
#include "io/own_dir.h"

#define SCHEMA   "k911/state/v2" /* v1 was named by the URL, and did not say whose it was */
#define FILE_MAX (64u << 20)

char *snapshot_file_path(const char *state_dir, const struct cluster_key *key)
{
	return str_fmt("%s/last/%.16s.json", state_dir, key->hex);
}

/* ---- what is kept of each, for writing and reading alike ---- */

enum kept_kind {
	KEPT_NAME, /* const char * */
	KEPT_TEXT, /* char[] */
	KEPT_LONG, /* struct rstr * */
	KEPT_INT,  /* int64_t, or unsigned and smaller */
	KEPT_BOOL,
	KEPT_ID /* uint64_t, as a text */
};

struct kept {
	const char *key; /* NULL ends a table */
	enum kept_kind kind;
	size_t offset, size;
	int64_t absent; /* an INT that an older file lacks */
};

#define KEEP_OR(kind, type, member, absent)                                                        \
	{                                                                                          \
#member, KEPT_##kind, offsetof(struct type, member),                               \
			sizeof(((struct type *)0)->member), absent                                 \
	}
#define KEEP(kind, type, member) KEEP_OR(kind, type, member, 0)
#define KEPT_END                                                                                   \
	{                                                                                          \
		NULL, KEPT_NAME, 0, 0, 0                                                           \
	}

static const struct kept host_kept[] = {KEEP(TEXT, host, name), KEEP(TEXT, host, address),
	KEEP(INT, host, api_port), KEEP(BOOL, host, api_seen), KEEP(BOOL, host, ssh_seen),
	KEPT_END};

static const struct kept counts_kept[] = {KEEP(INT, pod_counts, all),
	KEEP(INT, pod_counts, running), KEEP(INT, pod_counts, pending),
	KEEP(INT, pod_counts, succeeded), KEEP(INT, pod_counts, failed),
	KEEP(INT, pod_counts, failing), KEEP(INT, pod_counts, not_ready),
	KEEP(INT, pod_counts, system), KEEP(INT, pod_counts, system_failing), KEPT_END};

static const struct kept node_kept[] = {KEEP(NAME, node_row, name), KEEP(NAME, node_row, roles),
	KEEP(NAME, node_row, version), KEEP(NAME, node_row, internal_ip),
	KEEP(NAME, node_row, external_ip), KEEP(NAME, node_row, os_image),
	KEEP(NAME, node_row, kernel), KEEP(NAME, node_row, runtime),
	KEEP(NAME, node_row, ready_reason), KEEP(INT, node_row, created_ms),
	KEEP_OR(INT, node_row, ready_since_ms, INT64_MIN), KEEP(INT, node_row, cpu_milli),
	KEEP(INT, node_row, mem_bytes), KEEP(INT, node_row, pods_max),
	KEEP_OR(INT, node_row, ready, NODE_READY_UNKNOWN), KEEP(INT, node_row, flags), KEPT_END};

/* Its name is packed, and kept before these. */
static const struct kept pod_kept[] = {KEEP(NAME, pod_row, node), KEEP(NAME, pod_row, status),
	KEEP(INT, pod_row, created_ms), KEEP(INT, pod_row, restarts), KEEP(INT, pod_row, ready),
	KEEP(INT, pod_row, containers), KEEP(INT, pod_row, phase),
	KEEP_OR(INT, pod_row, flags, POD_SYSTEM), KEPT_END};

static const struct kept detail_kept[] = {KEEP(NAME, pod_detail, ip), KEEP(NAME, pod_detail, owner),
	KEEP(NAME, pod_detail, component), KEPT_END};

static const struct kept container_kept[] = {KEEP(NAME, pod_container, name),
	KEEP(NAME, pod_container, image), KEEP(NAME, pod_container, state),
	KEEP(NAME, pod_container, reason), KEEP(INT, pod_container, restarts),
	KEEP(BOOL, pod_container, ready), KEEP(BOOL, pod_container, init), KEPT_END};

static const struct kept event_kept[] = {KEEP(TEXT, event_row, uid), KEEP(NAME, event_row, ns),
	KEEP(NAME, event_row, type), KEEP(NAME, event_row, reason), KEEP(NAME, event_row, kind),
	KEEP(NAME, event_row, name), KEEP(NAME, event_row, source), KEEP(INT, event_row, first_ms),
	KEEP(INT, event_row, last_ms), KEEP_OR(INT, event_row, count, 1),
	KEEP(LONG, event_row, message), KEPT_END};

static const struct kept member_kept[] = {KEEP(TEXT, etcd_member, name),
	KEEP(TEXT, etcd_member, client_url), KEEP(TEXT, etcd_member, peer_url),
	KEEP(TEXT, etcd_member, address), KEEP(TEXT, etcd_member, version),
	KEEP(ID, etcd_member, id), KEEP(ID, etcd_member, cluster_id),
	KEEP_OR(INT, etcd_member, db_bytes, -1), KEEP_OR(INT, etcd_member, db_used_bytes, -1),
	KEEP_OR(INT, etcd_member, quota_bytes, -1), KEEP_OR(INT, etcd_member, revision, -1),
	KEEP(BOOL, etcd_member, learner), KEEP(BOOL, etcd_member, listed), KEPT_END};

/* ---- writing ---- */

static int64_t int_at(const void *at, size_t size)
{
	switch (size) {
	case sizeof(uint8_t):
		return *(const uint8_t *)at;
	case sizeof(uint16_t):
		return *(const uint16_t *)at;
	case sizeof(uint32_t):
		return *(const uint32_t *)at;
	default:
		return *(const int64_t *)at;
	}
}

static void write_fields(struct jsw *w, const struct kept *fields, const void *row)
{
	for (const struct kept *f = fields; f->key; f++) {
		const void *at = (const char *)row + f->offset;

		switch (f->kind) {
		case KEPT_NAME:
			jsw_str(w, f->key, *(const char *const *)at);
			break;
		case KEPT_TEXT:
			jsw_str(w, f->key, at);
			break;
		case KEPT_LONG:
			jsw_str(w, f->key, rstr_text(*(struct rstr *const *)at));
			break;
		case KEPT_INT:
			jsw_int(w, f->key, int_at(at, f->size));
			break;
		case KEPT_BOOL:
			jsw_bool(w, f->key, *(const bool *)at);
			break;
		case KEPT_ID:
			jsw_u64(w, f->key, *(const uint64_t *)at);
			break;
		}
	}
}

static void write_row(struct jsw *w, const struct kept *fields, const void *row)
{
	jsw_object(w, NULL);
	write_fields(w, fields, row);
	jsw_end_object(w);
}

static void write_pod(struct jsw *w, const struct system_pod_row *r)
{
	jsw_object(w, NULL);
	jsw_str(w, "ns", r->pod.ns);
	jsw_str(w, "name", pod_name(&r->pod));
	write_fields(w, pod_kept, &r->pod);
	if (r->detail) {
		write_fields(w, detail_kept, r->detail);
		jsw_array(w, "container_list");
		for (size_t i = 0; i < r->detail->n_containers; i++)
			write_row(w, container_kept, &r->detail->containers[i]);
		jsw_end_array(w);
	}
	jsw_end_object(w);
}

static void write_table(
	struct jsw *w, const char *key, const struct kept *fields, const struct table *t)
{
	struct table_walk walk = table_walk(t);
	const void *row;

	jsw_array(w, key);
	while ((row = table_next(&walk)) != NULL) {
		if (fields == pod_kept)
			write_pod(w, row);
		else
			write_row(w, fields, row);
	}
	jsw_end_array(w);
}

static void write_saved(struct jsw *w, const struct saved_state *saved)
{
	const struct snapshot *s = saved->snapshot;

	jsw_object(w, NULL);
	jsw_str(w, "schema", SCHEMA);
	jsw_str(w, "key", saved->key);
	jsw_str(w, "uid", saved->uid);
	jsw_int(w, "at_ms", saved->at.wall_ms);
	jsw_int(w, "healthy_ms", saved->healthy_ms);
	jsw_str(w, "server", s->server);
	jsw_str(w, "version", s->version);
	jsw_array(w, "control_plane");
	for (size_t i = 0; i < saved->n_control_plane; i++)
		write_row(w, host_kept, &saved->control_plane[i]);
	jsw_end_array(w);
	jsw_object(w, "pod_counts");
	write_fields(w, counts_kept, &s->pod_counts);
	jsw_end_object(w);
	write_table(w, "nodes", node_kept, s->nodes);
	write_table(w, "system_pods", pod_kept, s->system_pods);
	write_table(w, "events", event_kept, s->events);
	jsw_array(w, "etcd");
	for (size_t i = 0; i < s->etcd.n; i++)
		write_row(w, member_kept, &s->etcd.members[i]);
	jsw_end_array(w);
	jsw_end_object(w);
}

int snapshot_file_save(const char *path, const struct saved_state *saved, struct err *e)
{
	char *dir = mem_str(path), *real = NULL;
	struct buf text;
	struct jsw w;
	int rc = -1;

	buf_init(&text, FILE_MAX);
	jsw_init(&w, &text);
	write_saved(&w, saved);
	*strrchr(dir, '/') = '\0';
	if (text.over)
		err_set(e, ERR_LIMIT, _("the state would be over %u MB"), FILE_MAX >> 20);
	else if (own_dir_make(dir, &real, e) == 0)
		rc = file_write(path, text.at, text.len, 0600, e);
	buf_done(&text);
	free(real);
	free(dir);
	return rc;
}

/* ---- reading ---- */

static void read_int(void *at, size_t size, int64_t n)
{
	switch (size) {
	case sizeof(uint8_t):
		*(uint8_t *)at = (uint8_t)n;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)at = (uint16_t)n;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)at = (uint32_t)n;
		break;
	default:
		*(int64_t *)at = n;
	}
}

static uint64_t read_id(const char *text)
{
	uint64_t id;

	return str_u64(text, &id) ? id : 0;
}

/* names NULL: the row borrows its names from o. */
static void read_row(const struct kept *fields, void *row, const struct js *o, struct intern *names)
{
	for (const struct kept *f = fields; f->key; f++) {
		const char *text = js_text_or(o, f->key, "");
		void *at = (char *)row + f->offset;

		switch (f->kind) {
		case KEPT_NAME:
			*(const char **)at = names ? intern_str(names, text) : text;
			break;
		case KEPT_TEXT:
			str_copy(at, f->size, text);
			break;
		case KEPT_LONG:
			*(struct rstr **)at = rstr_new(text, strlen(text));
			break;
		case KEPT_INT:
			read_int(at, f->size, js_int(o, f->key, f->absent));
			break;
		case KEPT_BOOL:
			*(bool *)at = js_bool(o, f->key, false);
			break;
		case KEPT_ID:
			*(uint64_t *)at = read_id(text);
			break;
		}
	}
}

static void read_node(struct table *t, const struct js *o, struct intern *names)
{
	const struct node_detail none = {
		.hostname = "", .architecture = "", .pod_cidr = "", .provider_id = ""};
	struct node_row n = {.detail = node_detail_new(&none)};

	read_row(node_kept, &n, o, names);
	if ((unsigned)n.ready > NODE_READY_TRUE)
		n.ready = NODE_READY_UNKNOWN;
	table_put(t, &n);
}

static struct pod_detail *read_detail(const struct js *o)
{
	const struct js *list = js_get(o, "container_list");
	size_t n = js_len(list);
	struct pod_container *containers = mem_zero(n ? n : 1, sizeof(*containers));
	struct pod_detail d = {.n_containers = n,
		.containers = containers,
		.uid = "",
		.host_ip = "",
		.priority_class = "",
		.qos = "",
		.message = "",
		.reason = ""};
	struct pod_detail *made;

	read_row(detail_kept, &d, o, NULL);
	for (size_t i = 0; i < n; i++) {
		containers[i] = (struct pod_container){.message = "",
			.last_reason = "",
			.exit_code = -1,
			.last_finished_ms = INT64_MIN,
			.started_ms = INT64_MIN};
		read_row(container_kept, &containers[i], js_nth(list, i), NULL);
	}
	made = pod_detail_new(&d);
	free(containers);
	return made;
}

static void read_pod(struct table *t, const struct js *o, struct intern *names)
{
	struct system_pod_row r = {
		.pod.ns = intern_str(names, js_text_or(o, "ns", "")), .detail = read_detail(o)};

	read_row(pod_kept, &r.pod, o, names);
	pod_set_name(&r.pod, js_text_or(o, "name", ""), names);
	table_put(t, &r);
}

static void read_event(struct table *t, const struct js *o, struct intern *names)
{
	struct event_row ev;

	memset(&ev, 0, sizeof(ev));
	read_row(event_kept, &ev, o, names);
	table_put(t, &ev);
}

static void read_table(struct table *t, const struct js *list, struct intern *names,
	void (*read)(struct table *t, const struct js *o, struct intern *names))
{
	for (size_t i = 0; i < js_len(list); i++)
		read(t, js_nth(list, i), names);
}

static void read_members(struct etcd_state *s, const struct js *list)
{
	for (size_t i = 0; i < js_len(list) && s->n < ETCD_MAX_MEMBERS; i++) {
		const struct js *o = js_nth(list, i);

		if (!js_text(o, "client_url"))
			continue;
		s->members[s->n] = (struct etcd_member){
			.lag = -1, .latency_us = -1, .fsync_p99_us = -1, .leader_changes = -1};
		read_row(member_kept, &s->members[s->n++], o, NULL);
	}
}

static void read_saved(struct saved_state *out, const struct js *doc, struct intern *names)
{
	struct snapshot *s = out->snapshot = snapshot_new();
	const struct js *hosts = js_get(doc, "control_plane");

	str_copy(out->key, sizeof(out->key), js_text_or(doc, "key", ""));
	str_copy(out->uid, sizeof(out->uid), js_text_or(doc, "uid", ""));
	out->at.wall_ms = js_int(doc, "at_ms", 0);
	out->healthy_ms = js_int(doc, "healthy_ms", 0);
	for (size_t i = 0; i < js_len(hosts) && i < LAYER_MAX_NODES; i++)
		read_row(host_kept, &out->control_plane[out->n_control_plane++], js_nth(hosts, i),
			NULL);
	str_copy(s->version, sizeof(s->version), js_text(doc, "version"));
	str_copy(s->server, sizeof(s->server), js_text(doc, "server"));
	read_row(counts_kept, &s->pod_counts, js_get(doc, "pod_counts"), NULL);
	read_table(s->nodes, js_get(doc, "nodes"), names, read_node);
	read_table(s->system_pods, js_get(doc, "system_pods"), names, read_pod);
	read_table(s->events, js_get(doc, "events"), names, read_event);
	read_members(&s->etcd, js_get(doc, "etcd"));
}

int snapshot_file_load(const char *path, struct intern *names, struct instant now,
	struct saved_state *out, struct err *e)
{
	char *text = NULL;
	size_t n = 0;
	struct js *doc = NULL;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (file_read(path, FILE_MAX, &text, &n, e) != 0)
		return -1;
	doc = js_parse(text, n, e);
	if (doc && !str_eq(js_text(doc, "schema"), SCHEMA)) {
		err_set(e, ERR_INPUT, _("not a %s file"), SCHEMA);
	} else if (doc) {
		read_saved(out, doc, names);
		out->at.boot_ms = now.boot_ms - (now.wall_ms - out->at.wall_ms);
		rc = 0;
	}
	js_free(doc);
	free(text);
	return rc == 0 ? 0 : err_in(e, path);
}
