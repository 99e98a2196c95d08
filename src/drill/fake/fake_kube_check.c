/* What a request must pass before it changes anything, in kube-apiserver's order and words. */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <string.h>

#include "io/json.h"

enum { WRITE_MAX = 2 << 20 };

bool kube_denied(const struct world *w, const char *verb, const char *plural, const char *sub)
{
	char right[80];

	snprintf(right, sizeof(right), "%s %s%s%s", verb, plural, sub[0] != '\0' ? "/" : "", sub);
	for (int i = 0; i < WORLD_DENIED; i++)
		if (strcmp(w->denied[i], right) == 0)
			return true;
	return false;
}

/* A body without the blanks between its tokens, checked to be an object; NULL when answered. */
char *kube_body(struct exchange *x)
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

bool kube_dry_run(const struct exchange *x)
{
	char all[8] = "";

	return exchange_query(x, "dryRun", all, sizeof(all)) && strcmp(all, "All") == 0;
}

/* True when the namespace takes nothing new, and the request was answered so. */
bool kube_ends_here(
	const struct world *w, struct exchange *x, const struct route *r, const char *name)
{
	const struct object *ns =
		kinds[r->kind].namespaced ? store_get(w->store, KIND_NAMESPACE, "", r->ns) : NULL;
	char causes[300], q[120];

	if (!kinds[r->kind].namespaced)
		return false;
	if (ns == NULL) {
		kube_refuse(x, 404, "NotFound", &(struct about){KIND_NAMESPACE, r->ns, NULL},
			"namespaces \"%s\" not found", r->ns);
		return true;
	}
	if (!object_is_ending(ns))
		return false;
	snprintf(causes, sizeof(causes),
		"[{\"reason\":\"NamespaceTerminating\",\"message\":\"namespace %s is being "
		"terminated\",\"field\":\"metadata.namespace\"}]",
		r->ns);
	kube_refuse(x, 403, "Forbidden", &(struct about){r->kind, name, causes},
		"%s \"%s\" is forbidden: unable to create new content in namespace %s because it "
		"is being terminated",
		kube_qualified(r->kind, q), name, r->ns);
	return true;
}

bool kube_not_admitted(const struct world *w, struct exchange *x, const struct route *r,
	const char *operation, struct json_span object)
{
	const struct admission a = {.operation = operation,
		.kind = r->kind,
		.ns = r->ns,
		.sub = r->sub,
		.labels = jt_at(object, "metadata.labels")};
	char why[700];
	struct buf details;
	struct jsw j;

	if (world_admits(w, &a, why, sizeof(why)))
		return false;
	buf_init(&details, 1 << 14);
	jsw_init(&j, &details);
	jsw_object(&j, NULL);
	jsw_array(&j, "causes");
	jsw_object(&j, NULL);
	jsw_str(&j, "message", why);
	jsw_end_object(&j);
	jsw_end_array(&j);
	jsw_end_object(&j);
	kube_status(
		x, 500, "InternalError", buf_text(&details), "Internal error occurred: %s", why);
	buf_done(&details);
	return true;
}

static void conflict(struct exchange *x, const struct object *o, const char *why)
{
	char q[120];

	kube_refuse(x, 409, "Conflict", &(struct about){o->kind, o->name, NULL},
		"Operation cannot be fulfilled on %s \"%s\": %s", kube_qualified(o->kind, q),
		o->name, why);
}

static bool version_differs(const struct object *o, struct json_span rv)
{
	char now[32];

	snprintf(now, sizeof(now), "%llu", (unsigned long long)o->rv);
	return rv.at != NULL && !jt_str_is(rv, now);
}

bool kube_patch_conflicts(struct exchange *x, const struct object *o, struct json_span body)
{
	struct json_span uid = jt_at(body, "metadata.uid");
	char asked[64], why[200];

	if (uid.at != NULL && !jt_str_is(uid, o->uid)) {
		jt_str(uid, asked, sizeof(asked));
		snprintf(why, sizeof(why),
			"Precondition failed: UID in precondition: %s, UID in object meta: %s",
			asked, o->uid);
		conflict(x, o, why);
		return true;
	}
	if (!version_differs(o, jt_at(body, "metadata.resourceVersion")))
		return false;
	conflict(x, o,
		"the object has been modified; please apply your changes to the latest version and "
		"try again");
	return true;
}

bool kube_precondition_fails(struct exchange *x, const struct object *o, struct json_span options)
{
	struct json_span uid = jt_at(options, "preconditions.uid"),
			 rv = jt_at(options, "preconditions.resourceVersion");
	char asked[64], why[300];

	if (uid.at != NULL && !jt_str_is(uid, o->uid)) {
		jt_str(uid, asked, sizeof(asked));
		snprintf(why, sizeof(why),
			"the UID in the precondition (%s) does not match the UID in record (%s). "
			"The object might have been deleted and then recreated",
			asked, o->uid);
		conflict(x, o, why);
		return true;
	}
	if (!version_differs(o, rv))
		return false;
	jt_str(rv, asked, sizeof(asked));
	snprintf(why, sizeof(why),
		"the ResourceVersion in the precondition (%s) does not match the ResourceVersion "
		"in record (%llu). The object might have been modified",
		asked, (unsigned long long)o->rv);
	conflict(x, o, why);
	return true;
}
