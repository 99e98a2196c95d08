/* Who am I, and may I? */
#include "fake_kube_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REVIEW_MAX = 1 << 20 };

static bool may(const struct world *w, const struct exchange *x, struct json_span spec)
{
	struct json_span asked = jt_get(spec, "resourceAttributes");
	const char *org = exchange_org(x);
	char verb[40] = "", resource[64] = "", sub[40] = "";

	jt_str(jt_get(asked, "verb"), verb, sizeof(verb));
	jt_str(jt_get(asked, "resource"), resource, sizeof(resource));
	jt_str(jt_get(asked, "subresource"), sub, sizeof(sub));
	return (strcmp(org, "system:masters") == 0 || strcmp(org, "kubeadm:cluster-admins") == 0) &&
	       !kube_denied(w, verb, resource, sub);
}

static void access_text(
	const struct world *w, const struct exchange *x, const char *body, struct buf *out)
{
	struct json_span spec = jt_get(jt_of(body), "spec");
	bool yes = may(w, x, spec);

	buf_fmt(out,
		"{\"kind\":\"SelfSubjectAccessReview\",\"apiVersion\":\"authorization.k8s.io/v1\","
		"\"metadata\":{},\"spec\":%.*s,\"status\":{\"allowed\":%s%s}}",
		spec.at != NULL ? (int)spec.n : 2, spec.at != NULL ? spec.at : "{}",
		yes ? "true" : "false",
		yes ? ",\"reason\":\"RBAC: allowed by ClusterRoleBinding "
		      "\\\"kubeadm:cluster-admins\\\" of ClusterRole \\\"cluster-admin\\\" to "
		      "Group \\\"kubeadm:cluster-admins\\\"\""
		    : "");
}

void kube_review(const struct world *w, struct exchange *x)
{
	char *body;
	struct buf out;

	if (strcmp(exchange_method(x), "POST") != 0) {
		kube_status(x, 405, "MethodNotAllowed", "{}",
			"the server does not allow this method on the requested resource");
		return;
	}
	body = kube_body(x);
	if (body == NULL)
		return;
	buf_init(&out, REVIEW_MAX);
	if (str_ends(exchange_path(x), "selfsubjectaccessreviews"))
		access_text(w, x, body, &out);
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
