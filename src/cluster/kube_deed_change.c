/* Changes made from what was read. The version in the patch lets the server refuse one that would
 * undo what somebody else wrote meanwhile. */
#include "cluster/kube_deed.h"

#define TRIES 6

static enum kube_outcome change_once(const struct kube_deed *d, const struct kube_ref *r,
	enum kube_patch kind, kube_change change, const void *arg, struct err *e)
{
	struct kube_reply reply;
	struct buf body;
	struct jsw j;
	bool differs;
	enum kube_outcome outcome = KUBE_ALREADY;

	if (kube_deed_get(d, r, &reply, e) != 0) {
		kube_reply_done(&reply);
		return KUBE_REFUSED;
	}
	buf_init(&body, KUBE_BODY_MAX);
	jsw_init(&j, &body);
	jsw_object(&j, NULL);
	differs = change(reply.json, arg, &j);
	jsw_end_object(&j);
	kube_reply_done(&reply);
	if (differs) {
		outcome = kube_deed_patch(d, r, kind, buf_text(&body), &reply, e);
		kube_reply_done(&reply);
	}
	buf_done(&body);
	return outcome;
}

/* NOLINTNEXTLINE(readability-function-size): where, what, how, and of what */
enum kube_outcome kube_deed_change(const struct kube_deed *d, const struct kube_ref *r,
	enum kube_patch kind, kube_change change, const void *arg, struct err *e)
{
	enum kube_outcome outcome;
	struct err own;
	int tries = 0;

	if (e == NULL)
		e = &own;
	do {
		err_clear(e);
		outcome = change_once(d, r, kind, change, arg, e);
	} while (outcome == KUBE_REFUSED && e->code == ERR_CONFLICT && ++tries < TRIES);
	return outcome;
}

void kube_deed_versioned(const struct js *object, struct jsw *j)
{
	jsw_object(j, "metadata");
	jsw_str(j, "resourceVersion",
		js_text_or(js_get(object, "metadata"), "resourceVersion", ""));
}
