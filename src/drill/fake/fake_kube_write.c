/* Writes: create, patch, delete, evict. What they change the simulated cluster's
 * controllers and kubelets then act upon, as they would. */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/json.h"

enum { WRITE_MAX = 2 << 20 };

/* A body without the blanks between its tokens, checked to be an object; NULL when answered. */
static char *body_text(struct exchange *x)
{
	size_t n;
	const char *body = exchange_body(x, &n);
	struct err e;
	struct js *doc = js_parse(body, n, &e);
	struct buf out;
	bool quoted = false;

	if (doc == NULL || !js_is_object(doc)) {
		js_free(doc);
		kube_status(
			x, 400, "BadRequest", NULL, "the body of the request is not a JSON object");
		return NULL;
	}
	js_free(doc);
	buf_init(&out, WRITE_MAX);
	for (size_t i = 0; i < n; i++) {
		char c = body[i];

		if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
			continue;
		buf_putc(&out, c);
		if (quoted && c == '\\' && i + 1 < n)
			buf_putc(&out, body[++i]);
		else if (c == '"')
			quoted = !quoted;
	}
	return buf_take(&out);
}

static void reply_object(struct exchange *x, int code, const struct object *o)
{
	const char *text = rstr_text(o->json);

	exchange_add_header(x, "cache-control", "no-cache, private");
	exchange_reply(x, code, "application/json", text, strlen(text));
}

static bool dry_run(const struct exchange *x)
{
	char all[8] = "";

	return exchange_query(x, "dryRun", all, sizeof(all)) && strcmp(all, "All") == 0;
}

/* ---- create ---- */

static bool valid_name(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if ((*p < 'a' || *p > 'z') && (*p < '0' || *p > '9') && *p != '-' && *p != '.')
			return false;
	return name[0] != '\0';
}

static void create(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	char *body = body_text(x), name[260];
	struct json_span at;

	if (body == NULL)
		return;
	at = jt_of(body);
	if (!jt_str(jt_at(at, "metadata.name"), name, sizeof(name)) || name[0] == '\0') {
		char prefix[200];

		jt_str(jt_at(at, "metadata.generateName"), prefix, sizeof(prefix));
		snprintf(name, sizeof(name), "%s%05x", prefix, world_random(k->world, 0xfffff));
	}
	if (!valid_name(name)) {
		kube_status(x, 422, "Invalid", NULL,
			"%s \"%s\" is invalid: metadata.name: Invalid value", kinds[r->kind].name,
			name);
	} else if (store_get(k->world->store, r->kind, r->ns, name) != NULL) {
		kube_status(x, 409, "AlreadyExists", NULL, "%s \"%s\" already exists",
			kinds[r->kind].plural, name);
	} else if (dry_run(x)) {
		exchange_reply(x, 201, "application/json", body, strlen(body));
	} else {
		reply_object(
			x, 201, store_create(k->world->store, r->kind, r->ns, name, body, "k911"));
	}
	free(body);
}

/* ---- evict ---- */

static bool disrupts(const struct world *w, const struct sim_pod *p)
{
	int all, ready = pods_ready(w, p->of, &all);

	for (size_t i = 0; i < store_count(w->store, KIND_PDB); i++) {
		const struct object *o = store_nth(w->store, KIND_PDB, i);
		struct json_span wanted =
			jt_get(jt_at(object_span(o), "spec.selector.matchLabels"), p->of->label);

		if (strcmp(o->ns, p->of->ns) == 0 && jt_str_is(wanted, p->of->value))
			return ready - 1 < jt_int(jt_at(object_span(o), "spec.minAvailable"), 0);
	}
	return false;
}

static void evict(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct sim_pod *p = pods_find(k->world, r->ns, r->name);

	if (p == NULL) {
		kube_not_found(x, r);
		return;
	}
	if (p->state != SIM_PENDING && disrupts(k->world, p)) {
		kube_status(x, 429, "TooManyRequests",
			"{\"causes\":[{\"reason\":\"DisruptionBudget\",\"message\":\"The "
			"disruption budget postgres needs 1 healthy pods and has 1 currently\"}]}",
			"Cannot evict pod as it would violate the pod's disruption budget.");
		return;
	}
	if (!dry_run(x))
		pods_delete(k->world, r->ns, r->name, 30);
	kube_status(x, 201, NULL, NULL, "%s", "");
}

/* ---- patch ---- */

static bool version_conflict(
	struct exchange *x, const struct object *o, struct json_span body, const char *path)
{
	struct json_span rv = jt_at(body, path);
	char now[32];

	snprintf(now, sizeof(now), "%llu", (unsigned long long)o->rv);
	if (rv.at == NULL || jt_str_is(rv, now))
		return false;
	kube_status(x, 409, "Conflict", NULL,
		"Operation cannot be fulfilled on %s \"%s\": the object has been modified; please "
		"apply your changes to the latest version and try again",
		kinds[o->kind].plural, o->name);
	return true;
}

static void patch(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	const char *type = exchange_header(x, "content-type");
	bool put = strcmp(exchange_method(x), "PUT") == 0;
	char *body;

	if (!put && !str_starts(type, "application/merge-patch+json") &&
		!str_starts(type, "application/strategic-merge-patch+json") &&
		!str_starts(type, "application/apply-patch+yaml")) {
		kube_status(x, 415, "UnsupportedMediaType", "{}", "415: Unsupported Media Type");
		return;
	}
	if (o == NULL) {
		kube_not_found(x, r);
		return;
	}
	body = body_text(x);
	if (body == NULL)
		return;
	if (!version_conflict(x, o, jt_of(body), "metadata.resourceVersion")) {
		if (!dry_run(x))
			o = store_patch(k->world->store, r->kind, r->ns, r->name, body, "k911");
		k->world->changed = true;
		reply_object(x, 200, o);
	}
	free(body);
}

/* ---- delete ---- */

static bool precondition_fails(struct exchange *x, const struct object *o, struct json_span body)
{
	struct json_span uid = jt_at(body, "preconditions.uid");
	char asked[64];

	if (uid.at != NULL && !jt_str_is(uid, o->uid)) {
		jt_str(uid, asked, sizeof(asked));
		kube_status(x, 409, "Conflict", NULL,
			"Operation cannot be fulfilled on %s \"%s\": the UID in the precondition "
			"(%s) does not match the UID in record (%s). "
			"The object might have been deleted and then recreated",
			kinds[o->kind].plural, o->name, asked, o->uid);
		return true;
	}
	return version_conflict(x, o, body, "preconditions.resourceVersion");
}

static void delete_one(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct object *o = store_get(k->world->store, r->kind, r->ns, r->name);
	char *body = NULL, grace[24] = "", details[500];
	size_t n;
	int64_t seconds;

	if (o == NULL) {
		kube_not_found(x, r);
		return;
	}
	exchange_body(x, &n);
	if (n > 0 && (body = body_text(x)) == NULL)
		return;
	exchange_query(x, "gracePeriodSeconds", grace, sizeof(grace));
	if (!str_i64(grace, &seconds))
		seconds = jt_int(jt_get(jt_of(body), "gracePeriodSeconds"), 30);
	snprintf(details, sizeof(details), "{\"name\":\"%s\",\"kind\":\"%s\",\"uid\":\"%s\"}",
		r->name, kinds[r->kind].plural, o->uid);
	if (!precondition_fails(x, o, jt_of(body))) {
		if (dry_run(x))
			;
		else if (r->kind == KIND_POD)
			pods_delete(k->world, r->ns, r->name, seconds);
		else
			store_delete(k->world->store, r->kind, r->ns, r->name);
		if (r->kind == KIND_NODE && !dry_run(x))
			nodes_delete(k->world, r->name);
		kube_status(x, 200, NULL, details, "%s", "");
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
		evict(k, x, r);
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

void kube_review(struct exchange *x)
{
	char *body = strcmp(exchange_method(x), "POST") == 0 ? body_text(x) : NULL;
	bool access = str_ends(exchange_path(x), "selfsubjectaccessreviews");
	struct buf out;
	struct json_span spec;

	if (strcmp(exchange_method(x), "POST") != 0) {
		kube_status(x, 405, "MethodNotAllowed", "{}",
			"the server does not allow this method on the requested resource");
		return;
	}
	if (body == NULL)
		return;
	spec = jt_get(jt_of(body), "spec");
	buf_init(&out, WRITE_MAX);
	if (access)
		buf_fmt(&out,
			"{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":\"authorization.k8s."
			"io/v1\",\"metadata\":{},\"spec\":%.*s,"
			"\"status\":{\"allowed\":true,\"reason\":\"RBAC: allowed by "
			"ClusterRoleBinding \\\"kubeadm:cluster-admins\\\"\"}}",
			spec.at != NULL ? (int)spec.n : 2, spec.at != NULL ? spec.at : "{}");
	else
		buf_fmt(&out,
			"{\"kind\":\"SelfSubjectReview\",\"apiVersion\":\"authentication.k8s.io/"
			"v1\",\"metadata\":{},\"status\":{\"userInfo\":"
			"{\"username\":\"%s\",\"groups\":[\"%s\",\"system:authenticated\"]}}}",
			exchange_cn(x), exchange_org(x));
	kube_json(x, 201, &out);
	buf_done(&out);
	free(body);
}
