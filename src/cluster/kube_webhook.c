/* Admission webhooks: who stands behind them, and their failurePolicy, set aside and given back. */
#include "cluster/kube_webhook.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

#define DEFAULT_TIMEOUT_S 10
#define URL_MAX           400

static const char *const plurals[] = {[KUBE_VALIDATING] = "validatingwebhookconfigurations",
	[KUBE_MUTATING] = "mutatingwebhookconfigurations"};
static const char *const kind_words[] = {
	[KUBE_VALIDATING] = "validating", [KUBE_MUTATING] = "mutating"};

static struct kube_ref ref_of(enum kube_webhook_kind kind, const char *name)
{
	return (struct kube_ref){
		.group = "admissionregistration.k8s.io", .plural = plurals[kind], .name = name};
}

/* The API's default: closed. */
static const char *policy_of(const struct js *webhook)
{
	return js_text_or(webhook, "failurePolicy", "Fail");
}

/* ---- what there is ---- */

static char *bounded(const char *s, size_t most)
{
	return mem_dup(s, strnlen(s, most));
}

static void add_row(enum kube_webhook_kind kind, const char *config, const struct js *w,
	struct kube_webhooks *out)
{
	struct kube_webhook *row = vec_add(&out->rows);
	const struct js *client = js_get(w, "clientConfig"), *service = js_get(client, "service");

	row->kind = kind;
	row->config = bounded(config, KUBE_NAME_MAX);
	row->name = bounded(js_text_or(w, "name", ""), KUBE_NAME_MAX);
	row->ns = bounded(js_text_or(service, "namespace", ""), KUBE_NAME_MAX);
	row->service = bounded(js_text_or(service, "name", ""), KUBE_NAME_MAX);
	row->url = bounded(js_text_or(client, "url", ""), URL_MAX);
	row->fail_closed = strcmp(policy_of(w), "Fail") == 0;
	row->timeout_s = js_int(w, "timeoutSeconds", DEFAULT_TIMEOUT_S);
	row->ready = -1;
}

static int read_kind(const struct kube_deed *d, enum kube_webhook_kind kind,
	struct kube_webhooks *out, struct err *e)
{
	static const struct kube_select all = {.fields = NULL};
	const struct kube_ref r = ref_of(kind, NULL);
	struct kube_items items;

	if (kube_deed_list(d, &r, &all, &items, e) != 0)
		return -1;
	for (size_t i = 0; i < items.at.len; i++) {
		const struct js *list = js_get(items.at.at[i], "webhooks");
		const char *name = js_text_or(js_get(items.at.at[i], "metadata"), "name", "");

		for (size_t k = 0; k < js_len(list); k++)
			add_row(kind, name, js_nth(list, k), out);
	}
	kube_items_done(&items);
	return 0;
}

int kube_endpoints_ready(
	const struct kube_deed *d, const char *ns, const char *service, int *ready, struct err *e)
{
	const struct kube_ref r = {
		.group = "discovery.k8s.io", .plural = "endpointslices", .ns = ns};
	char *label = str_fmt("kubernetes.io/service-name=%.*s", KUBE_NAME_MAX, service);
	const struct kube_select its = {.labels = label};
	struct kube_items slices;
	int rc = kube_deed_list(d, &r, &its, &slices, e);

	*ready = 0;
	for (size_t i = 0; rc == 0 && i < slices.at.len; i++) {
		const struct js *list = js_get(slices.at.at[i], "endpoints");

		for (size_t k = 0; k < js_len(list); k++)
			*ready += js_bool(js_get(js_nth(list, k), "conditions"), "ready", true);
	}
	kube_items_done(&slices);
	free(label);
	return rc;
}

int kube_webhooks_read(const struct kube_deed *d, struct kube_webhooks *out, struct err *e)
{
	int rc;

	memset(out, 0, sizeof(*out));
	rc = read_kind(d, KUBE_MUTATING, out, e);
	if (rc == 0)
		rc = read_kind(d, KUBE_VALIDATING, out, e);
	for (size_t i = 0; rc == 0 && i < out->rows.len; i++) {
		struct kube_webhook *row = &out->rows.at[i];

		if (row->service[0] != '\0')
			rc = kube_endpoints_ready(d, row->ns, row->service, &row->ready, e);
	}
	if (rc != 0)
		kube_webhooks_done(out);
	return rc;
}

void kube_webhooks_done(struct kube_webhooks *w)
{
	for (size_t i = 0; i < w->rows.len; i++) {
		free(w->rows.at[i].config);
		free(w->rows.at[i].name);
		free(w->rows.at[i].ns);
		free(w->rows.at[i].service);
		free(w->rows.at[i].url);
	}
	vec_done(&w->rows);
}

bool kube_webhook_blocks(const struct kube_webhook *w)
{
	return w->fail_closed && w->ready == 0;
}

/* ---- set aside, and given back ---- */

int kube_webhook_save(const struct kube_deed *d, enum kube_webhook_kind kind, const char *config,
	struct buf *out, struct err *e)
{
	const struct kube_ref r = ref_of(kind, config);
	const struct js *list;
	struct kube_reply reply;
	struct jsw j;
	int rc = kube_deed_get(d, &r, &reply, e);

	if (rc == 0) {
		list = js_get(reply.json, "webhooks");
		jsw_init(&j, out);
		jsw_object(&j, NULL);
		jsw_str(&j, "kind", kind_words[kind]);
		jsw_str(&j, "name", config);
		jsw_str(&j, "uid", js_text_or(js_get(reply.json, "metadata"), "uid", ""));
		jsw_object(&j, "policies");
		for (size_t i = 0; i < js_len(list); i++)
			jsw_str(&j, js_text_or(js_nth(list, i), "name", ""),
				policy_of(js_nth(list, i)));
		jsw_end_object(&j);
		jsw_copy(&j, "object", reply.json);
		jsw_end_object(&j);
		if (out->over)
			rc = err_set(e, ERR_LIMIT, _("the configuration %s is too long to be kept"),
				config);
	}
	kube_reply_done(&reply);
	return rc;
}

/* Which policy a webhook is to have; NULL: leave it. */
struct wanted {
	const char *only;          /* suspended: this one, or NULL for all */
	const struct js *policies; /* else: what was saved */
};

static const char *wanted_policy(const struct wanted *to, const char *webhook)
{
	if (to->policies != NULL)
		return js_text(to->policies, webhook);
	return to->only == NULL || strcmp(to->only, webhook) == 0 ? "Ignore" : NULL;
}

static bool set_policies(const struct js *config, const void *arg, struct jsw *j)
{
	const struct js *list = js_get(config, "webhooks");
	bool some = false;

	kube_deed_versioned(config, j);
	jsw_end_object(j);
	jsw_array(j, "webhooks");
	for (size_t i = 0; i < js_len(list); i++) {
		const char *name = js_text_or(js_nth(list, i), "name", ""),
			   *to = wanted_policy(arg, name);

		if (to == NULL || strcmp(policy_of(js_nth(list, i)), to) == 0)
			continue;
		jsw_object(j, NULL);
		jsw_str(j, "name", name);
		jsw_str(j, "failurePolicy", to);
		jsw_end_object(j);
		some = true;
	}
	jsw_end_array(j);
	return some;
}

enum kube_outcome kube_webhook_suspend(const struct kube_deed *d, enum kube_webhook_kind kind,
	const char *config, const char *webhook, struct err *e)
{
	const struct kube_ref r = ref_of(kind, config);
	const struct wanted to = {.only = webhook};

	return kube_deed_change(d, &r, KUBE_PATCH_STRATEGIC, set_policies, &to, e);
}

enum kube_outcome kube_webhook_restore(const struct kube_deed *d, const char *saved, struct err *e)
{
	struct js *doc = js_parse(saved, strlen(saved), e);
	const char *kind = js_text_or(doc, "kind", ""), *name = js_text(doc, "name");
	const struct wanted to = {.policies = js_get(doc, "policies")};
	enum kube_outcome outcome = KUBE_REFUSED;
	struct kube_ref r;

	if (doc != NULL && (name == NULL || !js_is_object(to.policies))) {
		err_set(e, ERR_INPUT, _("what was saved is no webhook's configuration"));
	} else if (doc != NULL) {
		r = ref_of(strcmp(kind, kind_words[KUBE_MUTATING]) == 0 ? KUBE_MUTATING
									: KUBE_VALIDATING,
			name);
		outcome = kube_deed_change(d, &r, KUBE_PATCH_STRATEGIC, set_policies, &to, e);
	}
	js_free(doc);
	return outcome;
}
