/* Evictions. What the server says is told apart by its status and its cause, never by its words. */
#include "cluster/kube_evict.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

#define SOON_MS 1000 /* until an eviction is tried again that was not answered, or came between */

static void eviction_body(
	const struct kube_deed *d, const struct kube_pod_id *pod, struct buf *body)
{
	struct jsw j;

	jsw_init(&j, body);
	jsw_object(&j, NULL);
	jsw_str(&j, "apiVersion", "policy/v1");
	jsw_str(&j, "kind", "Eviction");
	jsw_object(&j, "metadata");
	jsw_str(&j, "name", pod->name);
	jsw_str(&j, "namespace", pod->ns);
	jsw_end_object(&j);
	jsw_object(&j, "deleteOptions");
	if (pod->uid != NULL) {
		jsw_object(&j, "preconditions");
		jsw_str(&j, "uid", pod->uid);
		jsw_end_object(&j);
	}
	if (d->dry_run) {
		jsw_array(&j, "dryRun");
		jsw_str(&j, NULL, "All");
		jsw_end_array(&j);
	}
	jsw_end_object(&j);
	jsw_end_object(&j);
}

static bool is_cause(const struct kube_reply *r, long status, const char *cause)
{
	return r->status == status && strcmp(r->cause, cause) == 0;
}

static enum kube_evicted wait_for(struct kube_eviction *out, int64_t ms, const char *why)
{
	out->again_ms = ms;
	str_copy(out->why, sizeof(out->why), why);
	return KUBE_EVICT_WAIT;
}

bool kube_pod_gone(const struct kube_deed *d, const struct kube_pod_id *pod, bool *ending)
{
	const struct kube_ref r = {.plural = "pods", .ns = pod->ns, .name = pod->name};
	struct kube_reply reply;
	struct err e;
	int rc = kube_deed_get(d, &r, &reply, &e);
	const struct js *meta = js_get(reply.json, "metadata");
	bool other = pod->uid != NULL && !str_eq(js_text(meta, "uid"), pod->uid);

	if (ending != NULL)
		*ending = rc == 0 && !other && js_get(meta, "deletionTimestamp") != NULL;
	kube_reply_done(&reply);
	return rc == 0 ? other : e.code == ERR_MISSING;
}

/* Its namespace ends: no eviction will ever be let through, but what is marked already goes. */
static enum kube_evicted ends_with_namespace(
	const struct kube_deed *d, const struct kube_pod_id *pod, struct kube_eviction *out)
{
	bool ending;

	if (kube_pod_gone(d, pod, &ending))
		return KUBE_EVICT_GONE;
	return ending ? KUBE_EVICT_ENDING
		      : wait_for(out, KUBE_EVICT_AGAIN_MS, _("its namespace is being deleted"));
}

static enum kube_evicted refused(const struct kube_deed *d, const struct kube_pod_id *pod,
	const struct kube_reply *reply, struct kube_eviction *out, struct err *e)
{
	if (reply->status == 404 && strcmp(reply->reason, "NotFound") == 0)
		return KUBE_EVICT_GONE;
	if (reply->status == 409) /* another has taken its name, or somebody wrote meanwhile */
		return kube_pod_gone(d, pod, NULL) ? KUBE_EVICT_GONE
						   : wait_for(out, SOON_MS, e->text);
	if (is_cause(reply, 429, "DisruptionBudget"))
		return wait_for(out, reply->retry_ms > 0 ? reply->retry_ms : KUBE_EVICT_AGAIN_MS,
			reply->cause_text);
	if (reply->status == 429 || reply->status == 503)
		return wait_for(out, KUBE_EVICT_AGAIN_MS, e->text);
	if (is_cause(reply, 403, "NamespaceTerminating"))
		return ends_with_namespace(d, pod, out);
	return KUBE_EVICT_FAILED;
}

/* The server was not reached, or ended in the middle of it: to ask once more does no harm. A 500
 * without a reason is the server's final word about a pod that two budgets cover. */
static bool passes(enum kube_outcome outcome, const struct kube_reply *reply, enum err_code code)
{
	if (code == ERR_CANCELLED || (reply->status == 500 && reply->reason[0] == '\0'))
		return false;
	return outcome == KUBE_LOST || (reply->status == 0 && code != ERR_TLS && code != ERR_AUTH);
}

enum kube_evicted kube_evict(const struct kube_deed *d, const struct kube_pod_id *pod,
	struct kube_eviction *out, struct err *e)
{
	const struct kube_ref r = {
		.plural = "pods", .ns = pod->ns, .name = pod->name, .sub = "eviction"};
	struct kube_ask ask = {.method = "POST", .verb = "evict", .ref = &r};
	struct buf body, path;
	struct kube_reply reply = {.json = NULL};
	enum kube_evicted is = KUBE_EVICT_FAILED;
	enum kube_outcome outcome;

	memset(out, 0, sizeof(*out));
	buf_init(&body, KUBE_BODY_MAX);
	buf_init(&path, KUBE_PATH_MAX);
	eviction_body(d, pod, &body);
	if (kube_ref_path(&r, &path, e) == 0) {
		ask.path = buf_text(&path);
		ask.body = buf_text(&body);
		outcome = kube_deed_do(d, &ask, &reply, e);
		if (outcome == KUBE_DONE)
			is = KUBE_EVICTED;
		else if (passes(outcome, &reply, e->code))
			is = wait_for(out, SOON_MS, e->text);
		else
			is = refused(d, pod, &reply, out, e);
	}
	kube_reply_done(&reply);
	buf_done(&path);
	buf_done(&body);
	return is;
}
