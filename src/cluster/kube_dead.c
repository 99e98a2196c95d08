/* Pods and volumes of a dead machine. */
#include "cluster/kube_dead.h"

#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/kube_evict.h"

#define LOOK_MS 1000

/* A DaemonSet makes its pod anew on the same node, and a static pod is only a picture of one. */
static bool matters(const struct js *pod)
{
	const struct js *owners = js_at(pod, "metadata.ownerReferences");

	if (js_get(js_at(pod, "metadata.annotations"), "kubernetes.io/config.mirror") != NULL)
		return false;
	for (size_t i = 0; i < js_len(owners); i++)
		if (js_bool(js_nth(owners, i), "controller", false) &&
			str_eq(js_text(js_nth(owners, i), "kind"), "DaemonSet"))
			return false;
	return true;
}

/* ---- what is left ---- */

static void count_pods(const struct kube_items *pods, struct kube_dead_left *out, struct buf *names)
{
	for (size_t i = 0; i < pods->at.len; i++) {
		const struct js *meta = js_get(pods->at.at[i], "metadata");

		if (!matters(pods->at.at[i]))
			continue;
		out->pods++;
		buf_fmt(names, "%s%s/%s", names->len > 0 ? ", " : "",
			js_text_or(meta, "namespace", ""), js_text_or(meta, "name", ""));
	}
}

static void count_volumes(const struct kube_items *volumes, const char *node,
	struct kube_dead_left *out, struct buf *names)
{
	for (size_t i = 0; i < volumes->at.len; i++) {
		const struct js *v = volumes->at.at[i];

		if (!str_eq(js_text(js_get(v, "spec"), "nodeName"), node))
			continue;
		out->volumes++;
		buf_fmt(names, "%s%s", names->len > 0 ? ", " : "",
			js_text_or(js_at(v, "spec.source"), "persistentVolumeName", "?"));
	}
}

int kube_dead_look(
	const struct kube_deed *d, const char *node, struct kube_dead_left *out, struct err *e)
{
	const struct kube_ref attachments = {
		.group = "storage.k8s.io", .plural = "volumeattachments"};
	const struct kube_select all = {.fields = NULL};
	struct kube_items pods, volumes;
	struct buf names;
	int rc;

	memset(out, 0, sizeof(*out));
	if (kube_deed_pods_of(d, node, false, &pods, e) != 0)
		return -1;
	rc = kube_deed_list(d, &attachments, &all, &volumes, e);
	if (rc == 0) {
		buf_init(&names, 64 << 10);
		count_pods(&pods, out, &names);
		count_volumes(&volumes, node, out, &names);
		text_safe(out->first, sizeof(out->first), buf_text(&names), names.len);
		buf_done(&names);
		kube_items_done(&volumes);
	}
	kube_items_done(&pods);
	return rc;
}

/* ---- deeds ---- */

static enum kube_outcome end_pod(
	const struct kube_deed *d, const struct js *pod, bool forced, struct err *e)
{
	const struct js *meta = js_get(pod, "metadata");
	const struct kube_ref r = {.plural = "pods",
		.ns = js_text_or(meta, "namespace", ""),
		.name = js_text_or(meta, "name", "")};
	const struct kube_delete how = {.uid = js_text(meta, "uid"), .grace_s = forced ? 0 : -1};
	const struct kube_pod_id id = {r.ns, r.name, how.uid};
	enum kube_outcome outcome = kube_deed_delete(d, &r, &how, e);

	if (outcome == KUBE_LOST && e->code != ERR_CANCELLED)
		outcome = kube_deed_delete(d, &r, &how, e);
	/* Another may have taken its name: then this one is gone. */
	return outcome == KUBE_REFUSED && e->code == ERR_CONFLICT && kube_pod_gone(d, &id, NULL)
		       ? KUBE_ALREADY
		       : outcome;
}

int kube_dead_end_pods(const struct kube_deed *d, const char *node, bool forced, struct err *e)
{
	struct kube_items pods;
	struct err why, first = {.code = ERR_NONE};
	int n = 0;

	if (kube_deed_pods_of(d, node, false, &pods, e) != 0)
		return -1;
	for (size_t i = 0; i < pods.at.len && first.code != ERR_CANCELLED; i++) {
		enum kube_outcome outcome;

		if (!matters(pods.at.at[i]))
			continue;
		err_clear(&why);
		outcome = end_pod(d, pods.at.at[i], forced, &why);
		n += outcome == KUBE_DONE;
		if (outcome != KUBE_DONE && outcome != KUBE_ALREADY &&
			(first.code == ERR_NONE || why.code == ERR_CANCELLED))
			first = why;
	}
	kube_items_done(&pods);
	if (first.code == ERR_NONE)
		return n;
	if (e != NULL)
		*e = first;
	return -1;
}

static bool is_same(const struct kube_dead_left *a, const struct kube_dead_left *b)
{
	return a->pods == b->pods && a->volumes == b->volumes && strcmp(a->first, b->first) == 0;
}

int kube_dead_wait(const struct kube_deed *d, const char *node, int64_t within_ms,
	void (*told)(void *arg, const struct kube_dead_left *left), void *arg, struct err *e)
{
	int64_t by_ms = instant_now().boot_ms + within_ms;
	struct kube_dead_left left, before = {.pods = SIZE_MAX};
	struct err why = {.code = ERR_NONE};

	for (;;) {
		bool seen = kube_dead_look(d, node, &left, &why) == 0;

		if (seen && told != NULL && !is_same(&left, &before))
			told(arg, &left);
		if (seen && left.pods == 0 && left.volumes == 0)
			return 0;
		if (seen)
			before = left;
		if (instant_now().boot_ms + LOOK_MS >= by_ms)
			break;
		if (!kube_deed_pause(d, LOOK_MS))
			return err_set(e, ERR_CANCELLED, _("cancelled"));
	}
	if (before.pods == SIZE_MAX)
		return err_set(e, why.code, "%s", why.text);
	return err_set(e, ERR_TIMEOUT, _("%zu pods and %zu volumes are left on %s: %s"),
		before.pods, before.volumes, node, before.first);
}
