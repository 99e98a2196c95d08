/* Admission: what webhooks let through. Nobody really answers for one: a webhook whose Service has a
 * ready endpoint agrees, any other one fails, in kube-apiserver's words. */
#include <stdio.h>
#include <string.h>

#include "drill/world/world.h"

static bool lists(struct json_span list, const char *wanted, const char *any)
{
	struct json_span k, v;

	for (size_t pos = 0; jt_each(list, &pos, &k, &v);)
		if (jt_str_is(v, wanted) || jt_str_is(v, any))
			return true;
	return false;
}

/* A rule names a kind, one subresource of it, all of them, or everything. */
static bool names_resource(struct json_span list, const struct admission *a)
{
	const struct kind *k = &kinds[a->kind];
	char full[120], all_of_it[120];

	if (a->sub[0] == '\0')
		return lists(list, k->plural, "*") || lists(list, "*/*", "*/*");
	snprintf(full, sizeof(full), "%s/%s", k->plural, a->sub);
	snprintf(all_of_it, sizeof(all_of_it), "%s/*", k->plural);
	return lists(list, full, all_of_it) || lists(list, "*/*", "*/*");
}

static bool rule_matches(struct json_span rule, const struct admission *a)
{
	return lists(jt_get(rule, "operations"), a->operation, "*") &&
	       lists(jt_get(rule, "apiGroups"), kinds[a->kind].group, "*") &&
	       names_resource(jt_get(rule, "resources"), a);
}

static bool matches(const struct world *w, struct json_span webhook, const struct admission *a)
{
	const struct object *ns =
		kinds[a->kind].namespaced ? store_get(w->store, KIND_NAMESPACE, "", a->ns) : NULL;
	struct json_span k, v;
	bool rule = false;

	for (size_t pos = 0; !rule && jt_each(jt_get(webhook, "rules"), &pos, &k, &v);)
		rule = rule_matches(v, a);
	return rule &&
	       (ns == NULL || world_selects(jt_get(webhook, "namespaceSelector"),
				      jt_at(object_span(ns), "metadata.labels"))) &&
	       world_selects(jt_get(webhook, "objectSelector"), a->labels);
}

static bool has_endpoints(const struct world *w, const char *ns, const char *service)
{
	for (size_t i = 0; i < store_count(w->store, KIND_ENDPOINTSLICE); i++) {
		struct json_span s = object_span(store_nth(w->store, KIND_ENDPOINTSLICE, i)), k, v;
		struct json_span of =
			jt_get(jt_at(s, "metadata.labels"), "kubernetes.io/service-name");

		if (!jt_str_is(jt_at(s, "metadata.namespace"), ns) || !jt_str_is(of, service))
			continue;
		for (size_t pos = 0; jt_each(jt_get(s, "endpoints"), &pos, &k, &v);)
			if (jt_is(jt_at(v, "conditions.ready"), "true"))
				return true;
	}
	return false;
}

/* False: it could not be asked, for that reason. */
static bool asked(
	const struct world *w, struct json_span client, int timeout_s, char *why, size_t size)
{
	char url[300], ns[64], service[64], path[120];

	if (jt_str(jt_get(client, "url"), url, sizeof(url))) {
		snprintf(why, size, "Post \"%s?timeout=%ds\": context deadline exceeded", url,
			timeout_s);
		return false;
	}
	jt_str(jt_at(client, "service.namespace"), ns, sizeof(ns));
	jt_str(jt_at(client, "service.name"), service, sizeof(service));
	if (!jt_str(jt_at(client, "service.path"), path, sizeof(path)))
		str_copy(path, sizeof(path), "/");
	snprintf(url, sizeof(url), "https://%s.%s.svc:%d%s?timeout=%ds", service, ns,
		(int)jt_int(jt_at(client, "service.port"), 443), path, timeout_s);
	if (store_get(w->store, KIND_SERVICE, ns, service) == NULL)
		snprintf(why, size, "Post \"%s\": service \"%s\" not found", url, service);
	else if (!has_endpoints(w, ns, service))
		snprintf(why, size, "Post \"%s\": no endpoints available for service \"%s\"", url,
			service);
	else
		return true;
	return false;
}

static bool agrees(const struct world *w, struct json_span webhook, const struct admission *a,
	char *why, size_t size)
{
	char name[120], reason[500];
	int timeout_s = (int)jt_int(jt_get(webhook, "timeoutSeconds"), 10);

	if (!matches(w, webhook, a) || jt_str_is(jt_get(webhook, "failurePolicy"), "Ignore") ||
		asked(w, jt_get(webhook, "clientConfig"), timeout_s, reason, sizeof(reason)))
		return true;
	jt_str(jt_get(webhook, "name"), name, sizeof(name));
	snprintf(why, size, "failed calling webhook \"%s\": failed to call webhook: %s", name,
		reason);
	return false;
}

bool world_admits(const struct world *w, const struct admission *a, char *why, size_t size)
{
	static const enum kind_id order[] = {KIND_MUTATING, KIND_VALIDATING};

	/* Webhooks are not asked about themselves. */
	if (a->kind == KIND_MUTATING || a->kind == KIND_VALIDATING)
		return true;
	for (size_t n = 0; n < sizeof(order) / sizeof(*order); n++)
		for (size_t i = 0; i < store_count(w->store, order[n]); i++) {
			struct json_span o = object_span(store_nth(w->store, order[n], i)), k, v;

			for (size_t pos = 0; jt_each(jt_get(o, "webhooks"), &pos, &k, &v);)
				if (!agrees(w, v, a, why, size))
					return false;
		}
	return true;
}

bool pods_admitted(const struct world *w, const struct workload *of, char *why, size_t size)
{
	char labels[200], reason[700];
	const struct admission a = {.operation = "CREATE",
		.kind = KIND_POD,
		.ns = of->ns,
		.sub = "",
		.labels = {.at = labels,
			.n = (size_t)snprintf(
				labels, sizeof(labels), "{\"%s\":\"%s\"}", of->label, of->value)}};
	bool admitted = world_admits(w, &a, reason, sizeof(reason));

	if (!admitted && why != NULL)
		snprintf(why, size, "Internal error occurred: %.450s", reason);
	return admitted;
}
