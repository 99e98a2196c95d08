/* What an operator needs when nothing answers: which nodes there are, which of them carry the
 * control plane and where, what the system pods and etcd members were, what happened last. Other
 * pods are only counted. */
#include "ops/engine/snapshot_file.h"

#include <stdio.h>
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

/* ---- writing ---- */

static void write_node(struct jsw *w, const struct node_row *n)
{
	jsw_object(w, NULL);
	jsw_str(w, "name", n->name);
	jsw_str(w, "roles", n->roles);
	jsw_str(w, "version", n->version);
	jsw_str(w, "internal_ip", n->internal_ip);
	jsw_str(w, "external_ip", n->external_ip);
	jsw_str(w, "os_image", n->os_image);
	jsw_str(w, "kernel", n->kernel);
	jsw_str(w, "runtime", n->runtime);
	jsw_str(w, "ready_reason", n->ready_reason);
	jsw_int(w, "created_ms", n->created_ms);
	jsw_int(w, "ready_since_ms", n->ready_since_ms);
	jsw_int(w, "cpu_milli", n->cpu_milli);
	jsw_int(w, "mem_bytes", n->mem_bytes);
	jsw_int(w, "pods_max", n->pods_max);
	jsw_int(w, "ready", n->ready);
	jsw_int(w, "flags", n->flags);
	jsw_end_object(w);
}

static void write_container(struct jsw *w, const struct pod_container *c)
{
	jsw_object(w, NULL);
	jsw_str(w, "name", c->name);
	jsw_str(w, "image", c->image);
	jsw_str(w, "state", c->state);
	jsw_str(w, "reason", c->reason);
	jsw_int(w, "restarts", c->restarts);
	jsw_bool(w, "ready", c->ready);
	jsw_bool(w, "init", c->init);
	jsw_end_object(w);
}

static void write_pod(struct jsw *w, const struct system_pod_row *r)
{
	const struct pod_row *p = &r->pod;

	jsw_object(w, NULL);
	jsw_str(w, "ns", p->ns);
	jsw_str(w, "name", pod_name(p));
	jsw_str(w, "node", p->node);
	jsw_str(w, "status", p->status);
	jsw_int(w, "created_ms", p->created_ms);
	jsw_int(w, "restarts", p->restarts);
	jsw_int(w, "ready", p->ready);
	jsw_int(w, "containers", p->containers);
	jsw_int(w, "phase", p->phase);
	jsw_int(w, "flags", p->flags);
	if (r->detail) {
		jsw_str(w, "ip", r->detail->ip);
		jsw_str(w, "owner", r->detail->owner);
		jsw_str(w, "component", r->detail->component);
		jsw_array(w, "container_list");
		for (size_t i = 0; i < r->detail->n_containers; i++)
			write_container(w, &r->detail->containers[i]);
		jsw_end_array(w);
	}
	jsw_end_object(w);
}

static void write_event(struct jsw *w, const struct event_row *e)
{
	jsw_object(w, NULL);
	jsw_str(w, "uid", e->uid);
	jsw_str(w, "ns", e->ns);
	jsw_str(w, "type", e->type);
	jsw_str(w, "reason", e->reason);
	jsw_str(w, "kind", e->kind);
	jsw_str(w, "name", e->name);
	jsw_str(w, "source", e->source);
	jsw_int(w, "first_ms", e->first_ms);
	jsw_int(w, "last_ms", e->last_ms);
	jsw_int(w, "count", e->count);
	jsw_str(w, "message", rstr_text(e->message));
	jsw_end_object(w);
}

static void write_member(struct jsw *w, const struct etcd_member *m)
{
	jsw_object(w, NULL);
	jsw_str(w, "name", m->name);
	jsw_str(w, "client_url", m->client_url);
	jsw_str(w, "peer_url", m->peer_url);
	jsw_str(w, "address", m->address);
	jsw_str(w, "version", m->version);
	jsw_u64(w, "id", m->id);
	jsw_u64(w, "cluster_id", m->cluster_id);
	jsw_int(w, "db_bytes", m->db_bytes);
	jsw_int(w, "db_used_bytes", m->db_used_bytes);
	jsw_int(w, "quota_bytes", m->quota_bytes);
	jsw_int(w, "revision", m->revision);
	jsw_bool(w, "learner", m->learner);
	jsw_bool(w, "listed", m->listed);
	jsw_end_object(w);
}

static void write_tables(struct jsw *w, const struct snapshot *s)
{
	struct table_walk walk = table_walk(s->nodes);
	const void *row;

	jsw_array(w, "nodes");
	while ((row = table_next(&walk)) != NULL)
		write_node(w, row);
	jsw_end_array(w);
	jsw_array(w, "system_pods");
	for (walk = table_walk(s->system_pods); (row = table_next(&walk)) != NULL;)
		write_pod(w, row);
	jsw_end_array(w);
	jsw_array(w, "events");
	for (walk = table_walk(s->events); (row = table_next(&walk)) != NULL;)
		write_event(w, row);
	jsw_end_array(w);
	jsw_array(w, "etcd");
	for (size_t i = 0; i < s->etcd.n; i++)
		write_member(w, &s->etcd.members[i]);
	jsw_end_array(w);
}

/* The counts, by name, for writing and reading alike. */
static const struct {
	const char *name;
	size_t offset;
} counts[] = {
	{"all", offsetof(struct pod_counts, all)},
	{"running", offsetof(struct pod_counts, running)},
	{"pending", offsetof(struct pod_counts, pending)},
	{"succeeded", offsetof(struct pod_counts, succeeded)},
	{"failed", offsetof(struct pod_counts, failed)},
	{"failing", offsetof(struct pod_counts, failing)},
	{"not_ready", offsetof(struct pod_counts, not_ready)},
	{"system", offsetof(struct pod_counts, system)},
	{"system_failing", offsetof(struct pod_counts, system_failing)},
};

static uint32_t *count_at(struct pod_counts *c, size_t i)
{
	return (uint32_t *)(void *)((char *)c + counts[i].offset);
}

int snapshot_file_save(const char *path, const struct saved_state *saved, struct err *e)
{
	struct pod_counts c = saved->snapshot->pod_counts;
	struct buf text;
	struct jsw w;
	char *dir = mem_str(path), *real = NULL;
	int rc = -1;

	buf_init(&text, FILE_MAX);
	jsw_init(&w, &text);
	jsw_object(&w, NULL);
	jsw_str(&w, "schema", SCHEMA);
	jsw_str(&w, "key", saved->key);
	jsw_str(&w, "uid", saved->uid);
	jsw_int(&w, "at_ms", saved->at.wall_ms);
	jsw_int(&w, "healthy_ms", saved->healthy_ms);
	jsw_str(&w, "server", saved->snapshot->server);
	jsw_str(&w, "version", saved->snapshot->version);
	jsw_array(&w, "control_plane");
	for (size_t i = 0; i < saved->n_control_plane; i++) {
		jsw_object(&w, NULL);
		jsw_str(&w, "name", saved->control_plane[i].name);
		jsw_str(&w, "address", saved->control_plane[i].address);
		jsw_int(&w, "api_port", saved->control_plane[i].api_port);
		jsw_bool(&w, "api_seen", saved->control_plane[i].api_seen);
		jsw_bool(&w, "ssh_seen", saved->control_plane[i].ssh_seen);
		jsw_end_object(&w);
	}
	jsw_end_array(&w);
	jsw_object(&w, "pod_counts");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		jsw_int(&w, counts[i].name, *count_at(&c, i));
	jsw_end_object(&w);
	write_tables(&w, saved->snapshot);
	jsw_end_object(&w);
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

static const char *name_in(struct intern *names, const struct js *o, const char *key)
{
	return intern_str(names, js_text_or(o, key, ""));
}

static void read_node(struct table *t, const struct js *o, struct intern *names)
{
	struct node_row n = {
		.name = name_in(names, o, "name"),
		.roles = name_in(names, o, "roles"),
		.version = name_in(names, o, "version"),
		.internal_ip = name_in(names, o, "internal_ip"),
		.external_ip = name_in(names, o, "external_ip"),
		.os_image = name_in(names, o, "os_image"),
		.kernel = name_in(names, o, "kernel"),
		.runtime = name_in(names, o, "runtime"),
		.ready_reason = name_in(names, o, "ready_reason"),
		.created_ms = js_int(o, "created_ms", 0),
		.ready_since_ms = js_int(o, "ready_since_ms", INT64_MIN),
		.cpu_milli = js_int(o, "cpu_milli", 0),
		.mem_bytes = js_int(o, "mem_bytes", 0),
		.pods_max = js_int(o, "pods_max", 0),
		.flags = (unsigned)js_int(o, "flags", 0),
	};
	int64_t ready = js_int(o, "ready", NODE_READY_UNKNOWN);
	const struct node_detail none = {
		.hostname = "", .architecture = "", .pod_cidr = "", .provider_id = ""};

	n.ready = ready >= 0 && ready <= NODE_READY_TRUE ? (enum node_ready)ready
							 : NODE_READY_UNKNOWN;
	n.detail = node_detail_new(&none);
	table_put(t, &n);
}

static void read_container(struct pod_container *c, const struct js *o)
{
	*c = (struct pod_container){
		.name = js_text_or(o, "name", ""),
		.image = js_text_or(o, "image", ""),
		.state = js_text_or(o, "state", ""),
		.reason = js_text_or(o, "reason", ""),
		.message = "",
		.last_reason = "",
		.exit_code = -1,
		.last_finished_ms = INT64_MIN,
		.started_ms = INT64_MIN,
		.restarts = (uint32_t)js_int(o, "restarts", 0),
		.ready = js_bool(o, "ready", false),
		.init = js_bool(o, "init", false),
	};
}

static struct pod_detail *read_detail(const struct js *o)
{
	const struct js *list = js_get(o, "container_list");
	size_t n = js_len(list);
	struct pod_container *containers = mem_zero(n ? n : 1, sizeof(*containers));
	struct pod_detail d = {.n_containers = n,
		.containers = containers,
		.uid = "",
		.ip = js_text_or(o, "ip", ""),
		.host_ip = "",
		.owner = js_text_or(o, "owner", ""),
		.component = js_text_or(o, "component", ""),
		.priority_class = "",
		.qos = "",
		.message = "",
		.reason = ""};
	struct pod_detail *made;

	for (size_t i = 0; i < n; i++)
		read_container(&containers[i], js_nth(list, i));
	made = pod_detail_new(&d);
	free(containers);
	return made;
}

static void read_pod(struct table *t, const struct js *o, struct intern *names)
{
	struct system_pod_row r = {.pod = {
					   .ns = name_in(names, o, "ns"),
					   .node = name_in(names, o, "node"),
					   .status = name_in(names, o, "status"),
					   .created_ms = js_int(o, "created_ms", 0),
					   .restarts = (uint32_t)js_int(o, "restarts", 0),
					   .ready = (uint16_t)js_int(o, "ready", 0),
					   .containers = (uint16_t)js_int(o, "containers", 0),
					   .phase = (uint8_t)js_int(o, "phase", 0),
					   .flags = (uint8_t)js_int(o, "flags", POD_SYSTEM),
				   }};

	pod_set_name(&r.pod, js_text_or(o, "name", ""), names);
	r.detail = read_detail(o);
	table_put(t, &r);
}

static void read_event(struct table *t, const struct js *o, struct intern *names)
{
	const char *message = js_text_or(o, "message", "");
	struct event_row ev = {
		.ns = name_in(names, o, "ns"),
		.type = name_in(names, o, "type"),
		.reason = name_in(names, o, "reason"),
		.kind = name_in(names, o, "kind"),
		.name = name_in(names, o, "name"),
		.source = name_in(names, o, "source"),
		.first_ms = js_int(o, "first_ms", 0),
		.last_ms = js_int(o, "last_ms", 0),
		.count = (uint32_t)js_int(o, "count", 1),
	};

	str_copy(ev.uid, sizeof(ev.uid), js_text_or(o, "uid", ""));
	ev.message = rstr_new(message, strlen(message));
	table_put(t, &ev);
}

static uint64_t read_id(const struct js *o, const char *key)
{
	uint64_t id;

	return str_u64(js_text(o, key), &id) ? id : 0;
}

static void read_member(struct etcd_state *s, const struct js *o)
{
	struct etcd_member *m;

	if (s->n == ETCD_MAX_MEMBERS || !js_text(o, "client_url"))
		return;
	m = &s->members[s->n++];
	*m = (struct etcd_member){
		.id = read_id(o, "id"),
		.cluster_id = read_id(o, "cluster_id"),
		.db_bytes = js_int(o, "db_bytes", -1),
		.db_used_bytes = js_int(o, "db_used_bytes", -1),
		.quota_bytes = js_int(o, "quota_bytes", -1),
		.revision = js_int(o, "revision", -1),
		.learner = js_bool(o, "learner", false),
		.listed = js_bool(o, "listed", false),
		.lag = -1,
		.latency_us = -1,
		.fsync_p99_us = -1,
		.leader_changes = -1,
	};
	str_copy(m->name, sizeof(m->name), js_text(o, "name"));
	str_copy(m->client_url, sizeof(m->client_url), js_text(o, "client_url"));
	str_copy(m->peer_url, sizeof(m->peer_url), js_text(o, "peer_url"));
	str_copy(m->address, sizeof(m->address), js_text(o, "address"));
	str_copy(m->version, sizeof(m->version), js_text(o, "version"));
}

static void read_tables(struct snapshot *s, const struct js *doc, struct intern *names)
{
	const struct js *list = js_get(doc, "nodes");

	for (size_t i = 0; i < js_len(list); i++)
		read_node(s->nodes, js_nth(list, i), names);
	list = js_get(doc, "system_pods");
	for (size_t i = 0; i < js_len(list); i++)
		read_pod(s->system_pods, js_nth(list, i), names);
	list = js_get(doc, "events");
	for (size_t i = 0; i < js_len(list); i++)
		read_event(s->events, js_nth(list, i), names);
	list = js_get(doc, "etcd");
	for (size_t i = 0; i < js_len(list); i++)
		read_member(&s->etcd, js_nth(list, i));
}

static void read_control_plane(struct saved_state *out, const struct js *list)
{
	for (size_t i = 0; i < js_len(list) && i < LAYER_MAX_NODES; i++) {
		struct host *n = &out->control_plane[out->n_control_plane++];

		str_copy(n->name, sizeof(n->name), js_text(js_nth(list, i), "name"));
		str_copy(n->address, sizeof(n->address), js_text(js_nth(list, i), "address"));
		n->api_port = (int)js_int(js_nth(list, i), "api_port", 0);
		n->api_seen = js_bool(js_nth(list, i), "api_seen", false);
		n->ssh_seen = js_bool(js_nth(list, i), "ssh_seen", false);
	}
}

int snapshot_file_load(const char *path, struct intern *names, struct instant now,
	struct saved_state *out, struct err *e)
{
	char *text = NULL;
	size_t n = 0;
	struct js *doc = NULL;
	const struct js *c;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (file_read(path, FILE_MAX, &text, &n, e) != 0)
		return -1;
	doc = js_parse(text, n, e);
	if (!doc)
		goto out;
	if (!str_eq(js_text(doc, "schema"), SCHEMA)) {
		err_set(e, ERR_INPUT, _("not a %s file"), SCHEMA);
		goto out;
	}
	str_copy(out->key, sizeof(out->key), js_text_or(doc, "key", ""));
	str_copy(out->uid, sizeof(out->uid), js_text_or(doc, "uid", ""));
	out->at.wall_ms = js_int(doc, "at_ms", 0);
	out->healthy_ms = js_int(doc, "healthy_ms", 0);
	out->at.boot_ms = now.boot_ms - (now.wall_ms - out->at.wall_ms);
	out->snapshot = snapshot_new();
	c = js_get(doc, "pod_counts");
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		*count_at(&out->snapshot->pod_counts, i) = (uint32_t)js_int(c, counts[i].name, 0);
	str_copy(out->snapshot->version, sizeof(out->snapshot->version), js_text(doc, "version"));
	str_copy(out->snapshot->server, sizeof(out->snapshot->server), js_text(doc, "server"));
	read_control_plane(out, js_get(doc, "control_plane"));
	read_tables(out->snapshot, doc, names);
	rc = 0;
out:
	js_free(doc);
	free(text);
	return rc == 0 ? 0 : err_in(e, path);
}
