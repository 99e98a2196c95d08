/* Deeds on the Kubernetes API, at whichever server answers. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "cluster/kube_node.h"
#include "run_parts.h"

static int begin(const struct run_call *c, struct kube_deed *d, struct err *e)
{
	*d = (struct kube_deed){
		.client = c->world->kube, .within_ms = c->timeout_ms, .cancel_fd = c->cancel_fd};
	return run_call_server(c, &d->at, e);
}

/* What was sent and not answered may have happened: the run asks whether it did. */
static int end(const struct run_call *c, enum kube_outcome o)
{
	if (o == KUBE_ALREADY)
		run_call_say(c, "%s", _("it is so already"));
	return o == KUBE_DONE || o == KUBE_ALREADY ? 0 : -1;
}

/* ---- nodes ---- */

static int set_cordon(struct run_call *c, bool cordon, struct err *e)
{
	struct kube_deed d;

	if (begin(c, &d, e) != 0)
		return -1;
	return end(c, kube_node_cordon(&d, run_call_text(c, "node"), cordon, e));
}

int deed_cordon(struct run_call *c, struct err *e)
{
	return set_cordon(c, true, e);
}

int deed_uncordon(struct run_call *c, struct err *e)
{
	return set_cordon(c, false, e);
}

/* By the server rather than by the snapshot, which may be a moment behind. */
static enum run_answer is_cordoned(struct run_call *c, bool wanted, char *why, size_t size)
{
	const struct kube_ref r = {.plural = "nodes", .name = run_call_text(c, "node")};
	enum run_answer is = RUN_CANNOT_TELL;
	struct kube_reply reply = {0};
	struct kube_deed d;
	struct err e;

	if (begin(c, &d, &e) == 0 && kube_deed_get(&d, &r, &reply, &e) == 0)
		is = js_bool(js_get(reply.json, "spec"), "unschedulable", false) == wanted ? RUN_YES
											   : RUN_NO;
	else
		str_copy(why, size, e.text);
	kube_reply_done(&reply);
	return is;
}

enum run_answer deed_is_cordoned(struct run_call *c, char *why, size_t size)
{
	return is_cordoned(c, true, why, size);
}

enum run_answer deed_is_uncordoned(struct run_call *c, char *why, size_t size)
{
	return is_cordoned(c, false, why, size);
}

/* ---- pods ---- */

struct pod {
	char ns[KUBE_NAME_MAX + 1], name[KUBE_NAME_MAX + 1];
	char uid[64], owner[64]; /* kind of its controller; "" none */
	char owner_uid[64];
	bool mirror, leaving;
	int64_t created_ms;
};

static int split(const char *word, struct pod *p, struct err *e)
{
	const char *slash = strchr(word, '/');

	memset(p, 0, sizeof(*p));
	if (!slash || !str_copy_n(p->ns, sizeof(p->ns), word, (size_t)(slash - word)) ||
		!str_copy(p->name, sizeof(p->name), slash + 1) || !p->ns[0] || !p->name[0])
		return err_set(e, ERR_INPUT, _("\"%.100s\" is no NAMESPACE/POD"), word);
	return 0;
}

static void take_owner(struct pod *p, const struct js *refs)
{
	for (size_t k = 0; k < js_len(refs); k++) {
		const struct js *one = js_nth(refs, k);

		if (!js_bool(one, "controller", false))
			continue;
		str_copy(p->owner, sizeof(p->owner), js_text_or(one, "kind", ""));
		str_copy(p->owner_uid, sizeof(p->owner_uid), js_text_or(one, "uid", ""));
	}
}

static void take_meta(struct pod *p, const struct js *meta)
{
	str_copy(p->uid, sizeof(p->uid), js_text_or(meta, "uid", ""));
	p->mirror = js_get(js_get(meta, "annotations"), "kubernetes.io/config.mirror") != NULL;
	p->leaving = js_get(meta, "deletionTimestamp") != NULL;
	p->created_ms = instant_parse(js_text_or(meta, "creationTimestamp", ""));
	take_owner(p, js_get(meta, "ownerReferences"));
}

/* ERR_MISSING: it is not there. */
static int get(const struct kube_deed *d, struct pod *p, struct err *e)
{
	const struct kube_ref r = {.plural = "pods", .ns = p->ns, .name = p->name};
	struct kube_reply reply = {0};
	int rc = kube_deed_get(d, &r, &reply, e);

	if (rc == 0)
		take_meta(p, js_get(reply.json, "metadata"));
	kube_reply_done(&reply);
	return rc;
}

static const char *const remakers[] = {"ReplicaSet", "DaemonSet", "StatefulSet"};

static bool is_remade(const struct pod *p)
{
	for (size_t k = 0; k < sizeof(remakers) / sizeof(remakers[0]); k++)
		if (str_eq(p->owner, remakers[k]))
			return !p->mirror;
	return false;
}

enum run_answer guard_pod_is_remade(struct run_call *c, char *why, size_t size)
{
	struct kube_deed d;
	struct pod p;
	struct err e;

	if (split(run_call_text(c, "pod"), &p, &e) != 0 || begin(c, &d, &e) != 0 ||
		get(&d, &p, &e) != 0) {
		str_copy(why, size, e.text);
		return RUN_CANNOT_TELL;
	}
	if (is_remade(&p))
		return RUN_YES;
	snprintf(why, size, "%s",
		p.mirror ? _("it is a static pod: its manifest on the node makes it, not the API")
			 : _("no ReplicaSet, DaemonSet or StatefulSet would make it again"));
	return RUN_NO;
}

int deed_pod_delete(struct run_call *c, struct err *e)
{
	struct kube_delete with = {.grace_s = -1};
	struct kube_ref r = {.plural = "pods"};
	struct kube_deed d;
	struct pod p;

	if (split(run_call_text(c, "pod"), &p, e) != 0 || begin(c, &d, e) != 0 ||
		get(&d, &p, e) != 0)
		return -1;
	with.uid = p.uid;
	r.ns = p.ns;
	r.name = p.name;
	return end(c, kube_deed_delete(&d, &r, &with, e));
}

/* Begun by us, and gone or made anew since. */
enum run_answer deed_pod_is_deleted(struct run_call *c, char *why, size_t size)
{
	struct kube_deed d;
	struct pod p;
	struct err e;

	if (c->since_ms == RUN_NO_INTENT)
		return RUN_NO;
	if (split(run_call_text(c, "pod"), &p, &e) != 0 || begin(c, &d, &e) != 0) {
		str_copy(why, size, e.text);
		return RUN_CANNOT_TELL;
	}
	if (get(&d, &p, &e) != 0) {
		str_copy(why, size, e.text);
		return e.code == ERR_MISSING ? RUN_YES : RUN_CANNOT_TELL;
	}
	return p.leaving || instant_now().wall_ms - p.created_ms <= c->since_ms ? RUN_YES : RUN_NO;
}
