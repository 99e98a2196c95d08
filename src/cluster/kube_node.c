/* Deeds on a Node. Its taints are one list that is replaced whole, by anybody: so each write is a
 * change of what was read. */
#include "cluster/kube_node.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

static const struct kube_ref *ref_of(const char *node, struct kube_ref *r)
{
	*r = (struct kube_ref){.plural = "nodes", .name = node};
	return r;
}

enum kube_outcome kube_node_cordon(
	const struct kube_deed *d, const char *node, bool cordon, struct err *e)
{
	struct kube_ref r;
	struct kube_reply reply;
	enum kube_outcome outcome = KUBE_ALREADY;
	bool is;

	if (kube_deed_get(d, ref_of(node, &r), &reply, e) != 0) {
		kube_reply_done(&reply);
		return KUBE_REFUSED;
	}
	is = js_bool(js_get(reply.json, "spec"), "unschedulable", false);
	kube_reply_done(&reply);
	if (is == cordon)
		return outcome;
	outcome = kube_deed_patch(d, &r, KUBE_PATCH_MERGE,
		cordon ? "{\"spec\":{\"unschedulable\":true}}"
		       : "{\"spec\":{\"unschedulable\":null}}",
		&reply, e);
	kube_reply_done(&reply);
	return outcome;
}

static enum kube_outcome change_node(const struct kube_deed *d, const char *node,
	kube_change change, const void *arg, struct err *e)
{
	struct kube_ref r;

	return kube_deed_change(d, ref_of(node, &r), KUBE_PATCH_MERGE, change, arg, e);
}

/* ---- taints ---- */

static const struct js *taints_of(const struct js *node)
{
	return js_at(node, "spec.taints");
}

static bool is_taint(const struct js *t, const char *key, const char *effect)
{
	return str_eq(js_text(t, "key"), key) &&
	       (effect == NULL || str_eq(js_text(t, "effect"), effect));
}

/* The list without those of that key and effect; left open. */
static void begin_taints(const struct js *node, const char *key, const char *effect, struct jsw *j)
{
	const struct js *list = taints_of(node);

	kube_deed_versioned(node, j);
	jsw_end_object(j);
	jsw_object(j, "spec");
	jsw_array(j, "taints");
	for (size_t i = 0; i < js_len(list); i++)
		if (!is_taint(js_nth(list, i), key, effect))
			jsw_copy(j, NULL, js_nth(list, i));
}

static void end_taints(struct jsw *j)
{
	jsw_end_array(j);
	jsw_end_object(j);
}

static void write_taint(const struct kube_taint *t, struct jsw *j)
{
	jsw_object(j, NULL);
	jsw_str(j, "key", t->key);
	if (t->value != NULL && t->value[0] != '\0')
		jsw_str(j, "value", t->value);
	jsw_str(j, "effect", t->effect);
	jsw_end_object(j);
}

static bool add_taint(const struct js *node, const void *arg, struct jsw *j)
{
	const struct kube_taint *t = arg;
	const struct js *list = taints_of(node);

	for (size_t i = 0; i < js_len(list); i++)
		if (is_taint(js_nth(list, i), t->key, t->effect) &&
			strcmp(js_text_or(js_nth(list, i), "value", ""),
				t->value != NULL ? t->value : "") == 0)
			return false;
	begin_taints(node, t->key, t->effect, j);
	write_taint(t, j);
	end_taints(j);
	return true;
}

enum kube_outcome kube_node_taint(
	const struct kube_deed *d, const char *node, const struct kube_taint *taint, struct err *e)
{
	return change_node(d, node, add_taint, taint, e);
}

static bool remove_taint(const struct js *node, const void *arg, struct jsw *j)
{
	const struct kube_taint *t = arg;
	const struct js *list = taints_of(node);
	size_t n = 0;

	for (size_t i = 0; i < js_len(list); i++)
		n += is_taint(js_nth(list, i), t->key, t->effect);
	if (n == 0)
		return false;
	begin_taints(node, t->key, t->effect, j);
	end_taints(j);
	return true;
}

enum kube_outcome kube_node_untaint(const struct kube_deed *d, const char *node, const char *key,
	const char *effect, struct err *e)
{
	const struct kube_taint t = {.key = key, .effect = effect};

	return change_node(d, node, remove_taint, &t, e);
}

/* ---- what is kept for a successor ---- */

/* Written by kubelets, kubeadm, the cloud's controllers and the networks for themselves: a successor
 * gets its own. Where the name ends in a slash or a dot, all that begins so. */
static const char *const owned_labels[] = {"kubernetes.io/hostname", "kubernetes.io/arch",
	"kubernetes.io/os", "beta.kubernetes.io/", "node.kubernetes.io/instance-type",
	"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master",
	"failure-domain.beta.kubernetes.io/", "feature.node.kubernetes.io/", "node.cloudprovider.",
	"cluster.x-k8s.io/", NULL};
static const char *const owned_annotations[] = {"kubeadm.alpha.kubernetes.io/cri-socket",
	"node.alpha.kubernetes.io/ttl", "volumes.kubernetes.io/controller-managed-attach-detach",
	"csi.volume.kubernetes.io/", "flannel.alpha.coreos.com/", "projectcalico.org/",
	"network.cilium.io/", "io.cilium.", "k8s.ovn.org/", "kubectl.kubernetes.io/",
	"nfd.node.kubernetes.io/", "alpha.kubernetes.io/provided-node-ip", "k3s.io/", "rke2.io/",
	"etcd.k3s.cattle.io/", "cluster.x-k8s.io/", NULL};
static const char *const owned_taints[] = {"node.kubernetes.io/", "node.cloudprovider.",
	"node.cilium.io/", "node-role.kubernetes.io/control-plane",
	"node-role.kubernetes.io/master", "ToBeDeletedByClusterAutoscaler",
	"DeletionCandidateOfClusterAutoscaler", NULL};

static bool is_owned(const char *const *owned, const char *key)
{
	for (; *owned != NULL; owned++) {
		char last = (*owned)[strlen(*owned) - 1];

		if (last == '/' || last == '.' ? str_starts(key, *owned) : strcmp(key, *owned) == 0)
			return true;
	}
	return false;
}

static void keep_map(
	const struct js *node, const char *key, const char *const *owned, struct jsw *j)
{
	const struct js *map = js_get(js_get(node, "metadata"), key);

	jsw_object(j, key);
	for (const void *it = js_first(map); it != NULL; it = js_next(map, it))
		if (!is_owned(owned, js_key(it)))
			jsw_copy(j, js_key(it), js_value(it));
	jsw_end_object(j);
}

int kube_node_keep(const struct js *node, struct buf *out, struct err *e)
{
	const struct js *meta = js_get(node, "metadata"), *taints = taints_of(node);
	struct jsw j;

	jsw_init(&j, out);
	jsw_object(&j, NULL);
	jsw_str(&j, "name", js_text_or(meta, "name", ""));
	jsw_str(&j, "uid", js_text_or(meta, "uid", ""));
	keep_map(node, "labels", owned_labels, &j);
	keep_map(node, "annotations", owned_annotations, &j);
	jsw_array(&j, "taints");
	for (size_t i = 0; i < js_len(taints); i++)
		if (!is_owned(owned_taints, js_text_or(js_nth(taints, i), "key", "")))
			jsw_copy(&j, NULL, js_nth(taints, i));
	jsw_end_array(&j);
	jsw_end_object(&j);
	return out->over ? err_set(e, ERR_LIMIT, _("what is written on the node is too long")) : 0;
}

int kube_node_save(const struct kube_deed *d, const char *node, struct buf *out, struct err *e)
{
	struct kube_ref r;
	struct kube_reply reply;
	int rc = kube_deed_get(d, ref_of(node, &r), &reply, e);

	if (rc == 0)
		rc = kube_node_keep(reply.json, out, e);
	kube_reply_done(&reply);
	return rc;
}

static bool add_missing(
	const struct js *node, const struct js *saved, const char *key, struct jsw *j)
{
	const struct js *has = js_get(js_get(node, "metadata"), key), *map = js_get(saved, key);
	bool some = false;

	jsw_object(j, key);
	for (const void *it = js_first(map); it != NULL; it = js_next(map, it)) {
		if (js_get(has, js_key(it)) != NULL)
			continue;
		jsw_copy(j, js_key(it), js_value(it));
		some = true;
	}
	jsw_end_object(j);
	return some;
}

static bool has_taint(const struct js *list, const struct js *taint)
{
	for (size_t i = 0; i < js_len(list); i++)
		if (is_taint(js_nth(list, i), js_text_or(taint, "key", ""),
			    js_text_or(taint, "effect", "")))
			return true;
	return false;
}

static bool add_taints(const struct js *node, const struct js *saved, struct jsw *j)
{
	const struct js *has = taints_of(node), *list = js_get(saved, "taints");
	bool some = false;

	for (size_t i = 0; i < js_len(list); i++)
		some = some || !has_taint(has, js_nth(list, i));
	if (!some)
		return false;
	jsw_object(j, "spec");
	jsw_array(j, "taints");
	for (size_t i = 0; i < js_len(has); i++)
		jsw_copy(j, NULL, js_nth(has, i));
	for (size_t i = 0; i < js_len(list); i++)
		if (!has_taint(has, js_nth(list, i)))
			jsw_copy(j, NULL, js_nth(list, i));
	end_taints(j);
	return true;
}

static bool put_back(const struct js *node, const void *arg, struct jsw *j)
{
	const struct js *saved = arg;
	bool labels, annotations, taints;

	kube_deed_versioned(node, j);
	labels = add_missing(node, saved, "labels", j);
	annotations = add_missing(node, saved, "annotations", j);
	jsw_end_object(j);
	taints = add_taints(node, saved, j);
	return labels || annotations || taints;
}

enum kube_outcome kube_node_put_back(
	const struct kube_deed *d, const char *node, const char *saved, struct err *e)
{
	struct js *doc = js_parse(saved, strlen(saved), e);
	enum kube_outcome outcome = KUBE_REFUSED;

	if (doc != NULL && !js_is_object(doc))
		err_set(e, ERR_INPUT, _("what was saved of the node is no object"));
	else if (doc != NULL)
		outcome = change_node(d, node, put_back, doc, e);
	js_free(doc);
	return outcome;
}
