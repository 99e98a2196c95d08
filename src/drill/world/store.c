/* The object store behind the fake API servers. Every write makes a new text of
 * the object, moves the revision and appends a change; watches read the changes from
 * where they stand, so a slow or cut-off API server simply reads later. */
#include "drill/world/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/sha.h"
#include "io/json.h"

enum { STORE_CHANGES = 4000, OBJECT_MAX = 1 << 20, FIRST_REVISION = 48211 };

const struct kind kinds[KIND_COUNT] = {
	[KIND_NODE] = {"", "v1", "nodes", "Node", "node", false},
	[KIND_NAMESPACE] = {"", "v1", "namespaces", "Namespace", "namespace", false},
	[KIND_POD] = {"", "v1", "pods", "Pod", "pod", true},
	[KIND_EVENT] = {"", "v1", "events", "Event", "event", true},
	[KIND_SERVICE] = {"", "v1", "services", "Service", "service", true},
	[KIND_ENDPOINTS] = {"", "v1", "endpoints", "Endpoints", "endpoints", true},
	[KIND_CONFIGMAP] = {"", "v1", "configmaps", "ConfigMap", "configmap", true},
	[KIND_SECRET] = {"", "v1", "secrets", "Secret", "secret", true},
	[KIND_SERVICEACCOUNT] = {"", "v1", "serviceaccounts", "ServiceAccount", "serviceaccount",
		true},
	[KIND_LEASE] = {"coordination.k8s.io", "v1", "leases", "Lease", "lease", true},
	[KIND_DEPLOYMENT] = {"apps", "v1", "deployments", "Deployment", "deployment", true},
	[KIND_DAEMONSET] = {"apps", "v1", "daemonsets", "DaemonSet", "daemonset", true},
	[KIND_STATEFULSET] = {"apps", "v1", "statefulsets", "StatefulSet", "statefulset", true},
	[KIND_REPLICASET] = {"apps", "v1", "replicasets", "ReplicaSet", "replicaset", true},
	[KIND_ENDPOINTSLICE] = {"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice",
		"endpointslice", true},
	[KIND_JOB] = {"batch", "v1", "jobs", "Job", "job", true},
	[KIND_PDB] = {"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget",
		"poddisruptionbudget", true},
	[KIND_VOLUMEATTACHMENT] = {"storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment",
		"volumeattachment", false},
	[KIND_VALIDATING] = {"admissionregistration.k8s.io", "v1",
		"validatingwebhookconfigurations", "ValidatingWebhookConfiguration",
		"validatingwebhookconfiguration", false},
	[KIND_MUTATING] = {"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations",
		"MutatingWebhookConfiguration", "mutatingwebhookconfiguration", false},
	[KIND_APISERVICE] = {"apiregistration.k8s.io", "v1", "apiservices", "APIService",
		"apiservice", false},
};

struct store {
	VEC(struct object *) objects[KIND_COUNT]; /* sorted */
	VEC(struct change) changes;
	uint64_t revision, oldest;
	int64_t age_ms;
	uint64_t uids;
	size_t bytes;
	void (*on_change)(void *arg);
	void *on_change_arg;
};

const char *kind_api(enum kind_id k, char dst[64])
{
	if (kinds[k].group[0] == '\0')
		str_copy(dst, 64, kinds[k].version);
	else
		snprintf(dst, 64, "%s/%s", kinds[k].group, kinds[k].version);
	return dst;
}

struct store *store_new(void)
{
	struct store *s = mem_new(struct store);

	s->revision = s->oldest = FIRST_REVISION;
	return s;
}

static void object_free(struct object *o)
{
	rstr_unref(o->json);
	free(o->ns);
	free(o->name);
	free(o);
}

static void changes_forget(struct store *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rstr_unref(s->changes.at[i].json);
		rstr_unref(s->changes.at[i].before);
		free((char *)(uintptr_t)s->changes.at[i].ns);
		s->oldest = s->changes.at[i].rv;
	}
	if (n == 0)
		return;
	memmove(s->changes.at, s->changes.at + n, (s->changes.len - n) * sizeof(*s->changes.at));
	s->changes.len -= n;
}

void store_free(struct store *s)
{
	if (s == NULL)
		return;
	for (int k = 0; k < KIND_COUNT; k++) {
		for (size_t i = 0; i < s->objects[k].len; i++)
			object_free(s->objects[k].at[i]);
		vec_done(&s->objects[k]);
	}
	changes_forget(s, s->changes.len);
	vec_done(&s->changes);
	free(s);
}

uint64_t store_revision(const struct store *s)
{
	return s->revision;
}

size_t store_bytes(const struct store *s)
{
	return s->bytes;
}

void store_touch(struct store *s)
{
	s->revision++;
}

void store_age(struct store *s, int64_t ms)
{
	s->age_ms = ms;
}

void store_on_change(struct store *s, void (*fn)(void *arg), void *arg)
{
	s->on_change = fn;
	s->on_change_arg = arg;
}

static int compare(const struct object *o, const char *ns, const char *name)
{
	int c = strcmp(o->ns, ns);

	return c != 0 ? c : strcmp(o->name, name);
}

/* Where the object is (found) or belongs. */
static size_t place(
	const struct store *s, enum kind_id kind, const char *ns, const char *name, bool *found)
{
	size_t low = 0, high = s->objects[kind].len;

	*found = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = compare(s->objects[kind].at[mid], ns, name);

		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct object *find(
	const struct store *s, enum kind_id kind, const char *ns, const char *name)
{
	bool found;
	size_t i = place(s, kind, ns, name, &found);

	return found ? s->objects[kind].at[i] : NULL;
}

const struct object *store_get(
	const struct store *s, enum kind_id kind, const char *ns, const char *name)
{
	return find(s, kind, ns, name);
}

struct json_span object_span(const struct object *o)
{
	return jt_of(rstr_text(o->json));
}

bool object_is_held(const struct object *o)
{
	struct json_span list = jt_at(object_span(o), "metadata.finalizers"), k, v;
	size_t pos = 0;

	return jt_each(list, &pos, &k, &v);
}

bool object_is_ending(const struct object *o)
{
	return jt_at(object_span(o), "metadata.deletionTimestamp").at != NULL;
}

size_t store_count(const struct store *s, enum kind_id kind)
{
	return s->objects[kind].len;
}

const struct object *store_nth(const struct store *s, enum kind_id kind, size_t i)
{
	return i < s->objects[kind].len ? s->objects[kind].at[i] : NULL;
}

/* ---- texts ---- */

static void make_uid(struct store *s, char uid[40])
{
	unsigned char d[SHA_BYTES];
	char hex[SHA_HEX], seed[40];

	snprintf(seed, sizeof(seed), "uid %llu", (unsigned long long)++s->uids);
	sha_of(seed, strlen(seed), d);
	sha_hex(d, hex);
	snprintf(
		uid, 40, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

/* fieldsV1 as the API server tracks it: "f:name" for members, k:{...} for named list elements. */
static void fields_of(struct json_span v, struct buf *out)
{
	struct json_span key, value, name;
	bool comma = false, array = v.n > 0 && v.at[0] == '[';
	const char *by = "name";

	buf_putc(out, '{');
	for (size_t pos = 0; jt_each(v, &pos, &key, &value);) {
		if (array) {
			by = "name";
			name = jt_get(value, by);
			if (name.at == NULL)
				name = jt_get(value, by = "type");
			if (name.n < 2)
				continue;
			buf_fmt(out, "%s\"k:{\\\"%s\\\":\\\"%.*s\\\"}\":", comma ? "," : "", by,
				(int)(name.n - 2), name.at + 1);
		} else {
			buf_fmt(out, "%s\"f:%.*s\":", comma ? "," : "", (int)key.n, key.at);
		}
		comma = true;
		fields_of(value, out);
	}
	buf_putc(out, '}');
}

static void managed_fields(
	const struct object *o, struct json_span body, const char *manager, struct buf *out)
{
	static const char *const parts[] = {"metadata", "spec", "status"};
	char api[64], now[32];
	bool comma = false;

	buf_fmt(out,
		",\"managedFields\":[{\"manager\":\"%s\",\"operation\":\"Update\",\"apiVersion\":"
		"\"%s\","
		"\"time\":\"%s\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{",
		manager, kind_api(o->kind, api),
		instant_rfc3339(instant_now().wall_ms, now, sizeof(now)));
	for (size_t i = 0; i < 3; i++) {
		struct json_span part = jt_get(body, parts[i]);

		if (i == 0)
			part = jt_get(part, "labels");
		if (!jt_is_object(part))
			continue;
		buf_fmt(out, i == 0 ? "%s\"f:metadata\":{\"f:labels\":" : "%s\"f:%s\":",
			comma ? "," : "", parts[i]);
		fields_of(part, out);
		if (i == 0)
			buf_putc(out, '}');
		comma = true;
	}
	buf_puts(out, "}}]");
}

static bool one_of(struct json_span key, const char *const *names)
{
	for (; *names != NULL; names++)
		if (key.n == strlen(*names) && memcmp(key.at, *names, key.n) == 0)
			return true;
	return false;
}

static void add_members(struct json_span of, const char *const *without, struct buf *out)
{
	struct json_span key, value;

	for (size_t pos = 0; jt_each(of, &pos, &key, &value);)
		if (!one_of(key, without))
			buf_fmt(out, ",\"%.*s\":%.*s", (int)key.n, key.at, (int)value.n, value.at);
}

/* The whole object from body; created: its creationTimestamp, raw. */
static struct rstr *assemble(
	const struct object *o, struct json_span body, const char *created, const char *manager)
{
	static const char *const ours[] = {"name", "namespace", "uid", "resourceVersion",
		"creationTimestamp", "managedFields", NULL};
	static const char *const top[] = {"kind", "apiVersion", "metadata", NULL};
	struct buf out;
	struct rstr *text;
	char api[64];

	buf_init(&out, OBJECT_MAX);
	buf_fmt(&out, "{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{\"name\":\"%s\"",
		kinds[o->kind].name, kind_api(o->kind, api), o->name);
	if (kinds[o->kind].namespaced)
		buf_fmt(&out, ",\"namespace\":\"%s\"", o->ns);
	buf_fmt(&out, ",\"uid\":\"%s\",\"resourceVersion\":\"%llu\",\"creationTimestamp\":%s",
		o->uid, (unsigned long long)o->rv, created);
	add_members(jt_get(body, "metadata"), ours, &out);
	managed_fields(o, body, manager, &out);
	buf_putc(&out, '}');
	add_members(body, top, &out);
	buf_putc(&out, '}');
	text = rstr_new(out.at, out.len);
	buf_done(&out);
	return text;
}

/* ---- writes ---- */

static void record(
	struct store *s, const struct object *o, enum change_type type, struct rstr *before)
{
	struct change *c = vec_add(&s->changes);

	c->rv = o->rv;
	c->type = type;
	c->kind = o->kind;
	c->ns = mem_str(o->ns);
	c->json = rstr_ref(o->json);
	c->before = before;
	if (s->changes.len > STORE_CHANGES)
		changes_forget(s, STORE_CHANGES / 4);
	if (s->on_change != NULL)
		s->on_change(s->on_change_arg);
}

const struct object *store_create(struct store *s, enum kind_id kind, const char *ns,
	const char *name, const char *body, const char *manager)
{
	struct object *o;
	bool found;
	char at[32], created[36];
	size_t i = place(s, kind, ns, name, &found);
	struct json_span given;

	if (found)
		return NULL;
	o = mem_new(struct object);
	o->kind = kind;
	o->ns = mem_str(ns);
	o->name = mem_str(name);
	o->rv = ++s->revision;
	make_uid(s, o->uid);
	given = jt_at(jt_of(body), "metadata.creationTimestamp");
	if (given.n > 2 && given.n < sizeof(created))
		str_copy_n(created, sizeof(created), given.at, given.n);
	else
		snprintf(created, sizeof(created), "\"%s\"",
			instant_rfc3339(instant_now().wall_ms - s->age_ms, at, sizeof(at)));
	o->json = assemble(o, jt_of(body), created, manager);
	vec_add(&s->objects[kind]);
	memmove(s->objects[kind].at + i + 1, s->objects[kind].at + i,
		(s->objects[kind].len - 1 - i) * sizeof(*s->objects[kind].at));
	s->objects[kind].at[i] = o;
	s->bytes += strlen(rstr_text(o->json));
	record(s, o, CHANGE_ADDED, NULL);
	return o;
}

const struct object *store_patch(struct store *s, enum kind_id kind, const char *ns,
	const char *name, const char *patch, const char *manager)
{
	struct object *o = find(s, kind, ns, name);
	struct buf merged;
	struct json_span created;
	char stamp[40];
	struct rstr *before;

	if (o == NULL)
		return NULL;
	buf_init(&merged, OBJECT_MAX);
	jt_merge(object_span(o), jt_of(patch), &merged);
	if (merged.len == 0 || strcmp(merged.at, rstr_text(o->json)) == 0) {
		buf_done(&merged);
		return o;
	}
	created = jt_at(object_span(o), "metadata.creationTimestamp");
	str_copy_n(stamp, sizeof(stamp), created.at, created.n);
	before = o->json;
	o->rv = ++s->revision;
	o->json = assemble(o, jt_of(merged.at), stamp, manager);
	buf_done(&merged);
	s->bytes += strlen(rstr_text(o->json));
	s->bytes -= strlen(rstr_text(before));
	record(s, o, CHANGE_MODIFIED, before);
	return o;
}

bool store_delete(struct store *s, enum kind_id kind, const char *ns, const char *name)
{
	bool found;
	size_t i = place(s, kind, ns, name, &found);
	struct object *o;
	struct json_span created;
	char stamp[40];
	struct rstr *before;

	if (!found)
		return false;
	o = s->objects[kind].at[i];
	memmove(s->objects[kind].at + i, s->objects[kind].at + i + 1,
		(s->objects[kind].len - 1 - i) * sizeof(*s->objects[kind].at));
	s->objects[kind].len--;
	created = jt_at(object_span(o), "metadata.creationTimestamp");
	str_copy_n(stamp, sizeof(stamp), created.at, created.n);
	before = o->json;
	o->rv = ++s->revision;
	o->json = assemble(o, object_span(o), stamp, "kube-controller-manager");
	s->bytes -= strlen(rstr_text(before));
	record(s, o, CHANGE_DELETED, before);
	object_free(o);
	return true;
}

bool store_changes(const struct store *s, uint64_t rv, const struct change **first, size_t *n)
{
	size_t i = s->changes.len;

	if (rv < s->oldest)
		return false;
	while (i > 0 && s->changes.at[i - 1].rv > rv)
		i--;
	*first = s->changes.at + i;
	*n = s->changes.len - i;
	return true;
}

uint64_t store_oldest(const struct store *s)
{
	return s->oldest;
}

void store_compact(struct store *s)
{
	changes_forget(s, s->changes.len);
	s->oldest = ++s->revision;
}
