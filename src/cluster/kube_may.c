/* One SelfSubjectAccessReview. */
#include "cluster/kube_may.h"

#include <string.h>

#include "base/i18n.h"
#include "base/text.h"

static void review_body(const struct kube_right *right, struct buf *body)
{
	const struct {
		const char *key, *value;
	} rows[] = {{"verb", right->verb}, {"group", right->group}, {"resource", right->resource},
		{"subresource", right->sub}, {"namespace", right->ns}, {"name", right->name}};
	struct jsw j;

	jsw_init(&j, body);
	jsw_object(&j, NULL);
	jsw_str(&j, "kind", "SelfSubjectAccessReview");
	jsw_str(&j, "apiVersion", "authorization.k8s.io/v1");
	jsw_object(&j, "spec");
	jsw_object(&j, "resourceAttributes");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].value != NULL)
			jsw_str(&j, rows[i].key, rows[i].value);
	jsw_end_object(&j);
	jsw_end_object(&j);
	jsw_end_object(&j);
}

static int read_status(const struct kube_reply *reply, bool *allowed, char why[200], struct err *e)
{
	const struct js *status = js_get(reply->json, "status");
	const char *reason = js_text_or(status, "reason", ""),
		   *error = js_text_or(status, "evaluationError", "");
	const char *said = reason[0] != '\0' ? reason : error;

	if (!js_is_object(status))
		return err_set(e, ERR_INPUT, _("the server did not say whether it is allowed"));
	*allowed = js_bool(status, "allowed", false) && !js_bool(status, "denied", false);
	text_safe(why, 200, said, strlen(said));
	return 0;
}

int kube_may(const struct kube_deed *d, const struct kube_right *right, bool *allowed,
	char why[200], struct err *e)
{
	const struct kube_ref r = {
		.group = "authorization.k8s.io", .plural = "selfsubjectaccessreviews"};
	struct kube_deed asks = *d;
	struct kube_reply reply;
	struct buf body;
	int rc = -1;

	*allowed = false;
	why[0] = '\0';
	asks.dry_run = false; /* it changes nothing */
	buf_init(&body, KUBE_BODY_MAX);
	review_body(right, &body);
	if (kube_deed_create(&asks, &r, buf_text(&body), &reply, e) == KUBE_DONE)
		rc = read_status(&reply, allowed, why, e);
	kube_reply_done(&reply);
	buf_done(&body);
	return rc;
}
