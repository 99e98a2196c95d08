/* Writes: create, patch, delete. What they change the simulated cluster's
 * controllers and kubelets then act upon, as they would. */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/json.h"

enum { WRITE_MAX = 2 << 20, NAME_MAX_BYTES = 253 };

static void reply_object(struct exchange *x, int code, const struct object *o)
{
	const char *text = rstr_text(o->json);

	exchange_add_header(x, "cache-control", "no-cache, private");
	exchange_reply(x, code, "application/json", text, strlen(text));
}

/* ---- create ---- */

static bool valid_name(const char *name)
{
	size_t n = strlen(name);

	for (const char *p = name; *p != '\0'; p++)
		if ((*p < 'a' || *p > 'z') && (*p < '0' || *p > '9') && *p != '-' && *p != '.')
			return false;
	return n > 0 && n <= NAME_MAX_BYTES && strchr("-.", name[0]) == NULL;
}

static void name_of(struct world *w, struct json_span at, char name[260])
{
	char prefix[200];

	if (jt_str(jt_at(at, "metadata.name"), name, 260) && name[0] != '\0')
		return;
	jt_str(jt_at(at, "metadata.generateName"), prefix, sizeof(prefix));
	snprintf(name, 260, "%s%05x", prefix, world_random(w, 0xfffff));
}

static const struct object *keep_new(
	struct fake_kube *k, const struct route *r, const char *name, const char *body)
{
	struct store *s = k->world->store;
	const struct object *o = store_create(s, r->kind, r->ns, name, body, "k911");

	k->world->changed = true;
	if (r->kind != KIND_POD)
		return o;
	o = store_patch(s, KIND_POD, r->ns, name,
		"{\"status\":{\"phase\":\"Pending\",\"qosClass\":\"BestEffort\"}}", "k911");
	pods_adopt(k->world, o);
	return o;
}

/* True when it may not be made, and was answered so. */
static bool create_refused(struct fake_kube *k, struct exchange *x, const struct route *r,
	const char *name, const char *body)
{
	const struct about about = {r->kind, name, NULL};
	char q[120];

	if (kube_ends_here(k->world, x, r, name))
		return true;
	if (!valid_name(name))
		kube_refuse(x, 422, "Invalid", &about,
			"%s \"%s\" is invalid: metadata.name: Invalid value: \"%s\": a lowercase "
			"RFC 1123 subdomain must consist of lower case alphanumeric characters, "
			"'-' or '.', and must start and end with an alphanumeric character",
			kinds[r->kind].name, name, name);
	else if (store_get(k->world->store, r->kind, r->ns, name) != NULL)
		kube_refuse(x, 409, "AlreadyExists", &about, "%s \"%s\" already exists",
			kube_qualified(r->kind, q), name);
	else
		return kube_not_admitted(k->world, x, r, "CREATE", jt_of(body));
	return true;
}

static void create(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	char *body = kube_body(x), name[260];

	if (body == NULL)
		return;
	name_of(k->world, jt_of(body), name);
	if (!create_refused(k, x, r, name, body)) {
		if (kube_dry_run(x))
			exchange_reply(x, 201, "application/json", body, strlen(body));
		else
			reply_object(x, 201, keep_new(k, r, name, body));
	}
	free(body);
}

/* ---- patch ---- */

static void remove_object(struct fake_kube *k, const struct route *r)
{
	store_delete(k->world->store, r->kind, r->ns, r->name);
	if (r->kind == KIND_NODE)
		nodes_delete(k->world, r->name);
}

/* What waited for its finalizers goes when the last is taken. */
static void released(struct fake_kube *k, const struct route *r)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);

	if (o == NULL || !object_is_ending(o) || object_is_held(o))
		return;
	if (r->kind == KIND_POD)
		pods_release(k->world, r->ns, r->name);
	else if (r->kind != KIND_NAMESPACE)
		remove_object(k, r);
}

static bool is_strategic(const char *type)
{
	return str_starts(type, "application/strategic-merge-patch+json");
}

static bool understands(const struct exchange *x)
{
	const char *type = exchange_header(x, "content-type");

	return strcmp(exchange_method(x), "PUT") == 0 ||
	       str_starts(type, "application/merge-patch+json") || is_strategic(type) ||
	       str_starts(type, "application/apply-patch+yaml");
}

static void keep_patch(struct fake_kube *k, struct exchange *x, const struct route *r,
	const struct object *o, const char *body)
{
	struct buf merge;
	char *before = mem_str(rstr_text(o->json));

	buf_init(&merge, WRITE_MAX);
	if (is_strategic(exchange_header(x, "content-type")))
		jt_strategic(object_span(o), jt_of(body), &merge);
	else
		buf_puts(&merge, body);
	if (kube_dry_run(x)) {
		struct buf would;

		buf_init(&would, WRITE_MAX);
		jt_merge(jt_of(before), jt_of(buf_text(&merge)), &would);
		kube_json(x, 200, &would);
		buf_done(&would);
	} else {
		o = store_patch(k->world->store, r->kind, r->ns, r->name, buf_text(&merge), "k911");
		k->world->changed = true;
		reply_object(x, 200, o);
		released(k, r);
	}
	buf_done(&merge);
	free(before);
}

static void patch(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	char *body;

	if (!understands(x)) {
		kube_status(x, 415, "UnsupportedMediaType", "{}", "415: Unsupported Media Type");
		return;
	}
	if (o == NULL) {
		kube_not_found(x, r);
		return;
	}
	body = kube_body(x);
	if (body != NULL && !kube_patch_conflicts(x, o, jt_of(body)) &&
		!kube_not_admitted(k->world, x, r, "UPDATE", object_span(o)))
		keep_patch(k, x, r, o, body);
	free(body);
}

/* ---- delete ---- */

/* At once, or as soon as finalizers and the kubelet let it. */
static void end_object(struct fake_kube *k, const struct route *r, int64_t grace_s)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	char patch[160], at[32];

	if (r->kind == KIND_POD) {
		pods_delete(k->world, r->ns, r->name, grace_s);
		return;
	}
	if (!object_is_held(o) && r->kind != KIND_NAMESPACE) {
		remove_object(k, r);
		return;
	}
	snprintf(patch, sizeof(patch),
		"{\"metadata\":{\"deletionTimestamp\":\"%s\",\"deletionGracePeriodSeconds\":0}%s}",
		instant_rfc3339(k->world->now.wall_ms, at, sizeof(at)),
		r->kind == KIND_NAMESPACE ? ",\"status\":{\"phase\":\"Terminating\"}" : "");
	store_patch(k->world->store, r->kind, r->ns, r->name, patch, "kube-apiserver");
	k->world->changed = true;
}

static void reply_ended(
	struct fake_kube *k, struct exchange *x, const struct route *r, const char *uid)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	char details[500];

	if (o != NULL) {
		reply_object(x, 200, o);
		return;
	}
	snprintf(details, sizeof(details), "{\"name\":\"%s\",\"kind\":\"%s\",\"uid\":\"%s\"}",
		r->name, kinds[r->kind].plural, uid);
	kube_status(x, 200, NULL, details, "%s", "");
}

static void delete_one(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	char *body = NULL, grace[24] = "", uid[40];
	size_t n;
	int64_t seconds;

	if (o == NULL) {
		kube_not_found(x, r);
		return;
	}
	exchange_body(x, &n);
	if (n > 0 && (body = kube_body(x)) == NULL)
		return;
	exchange_query(x, "gracePeriodSeconds", grace, sizeof(grace));
	if (!str_i64(grace, &seconds))
		seconds = jt_int(jt_get(jt_of(body), "gracePeriodSeconds"), 30);
	str_copy(uid, sizeof(uid), o->uid);
	if (!kube_precondition_fails(x, o, jt_of(body)) &&
		!kube_not_admitted(k->world, x, r, "DELETE", object_span(o))) {
		if (!kube_dry_run(x))
			end_object(k, r, seconds);
		reply_ended(k, x, r, uid);
	}
	free(body);
}

/* Every object the selectors name, as `kubectl delete -l` through deletecollection. */
static void delete_all(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	char labels[300] = "", fields[300] = "";
	const struct store *s = k->world->store;

	exchange_query(x, "labelSelector", labels, sizeof(labels));
	exchange_query(x, "fieldSelector", fields, sizeof(fields));
	for (size_t i = store_count(s, r->kind); i-- > 0;) {
		const struct object *o = store_nth(s, r->kind, i);

		if (o == NULL || (r->ns[0] != '\0' && strcmp(o->ns, r->ns) != 0) ||
			!kube_matches(object_span(o), labels, fields))
			continue;
		if (r->kind == KIND_POD)
			pods_delete(k->world, o->ns, o->name, 30);
		else
			store_delete(k->world->store, r->kind, o->ns, o->name);
	}
	kube_status(x, 200, NULL, NULL, "%s", "");
}

void kube_write(struct fake_kube *k, int master, struct exchange *x, const struct route *r)
{
	const char *method = exchange_method(x);

	if (!world_etcd_ok(k->world, master))
		kube_write_hangs(k, x);
	else if (strcmp(method, "POST") == 0 && r->kind == KIND_POD &&
		 strcmp(r->sub, "eviction") == 0)
		kube_write_eviction(k, x, r);
	else if (strcmp(method, "POST") == 0 && r->name[0] == '\0')
		create(k, x, r);
	else if (strcmp(method, "PATCH") == 0 || strcmp(method, "PUT") == 0)
		patch(k, x, r);
	else if (strcmp(method, "DELETE") == 0 && r->name[0] != '\0')
		delete_one(k, x, r);
	else if (strcmp(method, "DELETE") == 0)
		delete_all(k, x, r);
	else
		kube_status(x, 405, "MethodNotAllowed", "{}",
			"the server does not allow this method on the requested resource");
}
