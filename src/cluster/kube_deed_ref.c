/* Which object: its path, in which no name may lead elsewhere, and its name for people. */
#include "cluster/kube_deed.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/kube_query.h"

#define ADMISSION "admissionregistration.k8s.io"

/* By what kubectl calls them: singular, plural, short. */
static const struct {
	const char *singular, *plural, *brief, *group;
} rows[] = {
	{"node", "nodes", "no", NULL},
	{"pod", "pods", "po", NULL},
	{"service", "services", "svc", NULL},
	{"endpoints", "endpoints", "ep", NULL},
	{"configmap", "configmaps", "cm", NULL},
	{"secret", "secrets", "", NULL},
	{"serviceaccount", "serviceaccounts", "sa", NULL},
	{"namespace", "namespaces", "ns", NULL},
	{"event", "events", "ev", NULL},
	{"persistentvolume", "persistentvolumes", "pv", NULL},
	{"persistentvolumeclaim", "persistentvolumeclaims", "pvc", NULL},
	{"deployment", "deployments", "deploy", "apps"},
	{"daemonset", "daemonsets", "ds", "apps"},
	{"statefulset", "statefulsets", "sts", "apps"},
	{"replicaset", "replicasets", "rs", "apps"},
	{"controllerrevision", "controllerrevisions", "", "apps"},
	{"job", "jobs", "", "batch"},
	{"cronjob", "cronjobs", "cj", "batch"},
	{"lease", "leases", "", "coordination.k8s.io"},
	{"endpointslice", "endpointslices", "", "discovery.k8s.io"},
	{"poddisruptionbudget", "poddisruptionbudgets", "pdb", "policy"},
	{"volumeattachment", "volumeattachments", "", "storage.k8s.io"},
	{"validatingwebhookconfiguration", "validatingwebhookconfigurations", "", ADMISSION},
	{"mutatingwebhookconfiguration", "mutatingwebhookconfigurations", "", ADMISSION},
	{"apiservice", "apiservices", "", "apiregistration.k8s.io"},
};

bool kube_ref_find(const char *kind, struct kube_ref *out)
{
	size_t n = strcspn(kind, ".");
	const char *group = kind[n] == '.' ? kind + n + 1 : NULL;

	for (size_t i = 0; n > 0 && i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const names[] = {rows[i].singular, rows[i].plural, rows[i].brief};

		for (size_t k = 0; k < 3; k++) {
			if (strlen(names[k]) != n || strncasecmp(names[k], kind, n) != 0 ||
				(group != NULL && !str_eq(group, rows[i].group)))
				continue;
			*out = (struct kube_ref){.group = rows[i].group, .plural = rows[i].plural};
			return true;
		}
	}
	return false;
}

char *kube_ref_words(const struct kube_ref *r, char *dst, size_t size)
{
	bool group = r->group != NULL && r->group[0] != '\0';
	char text[2 * KUBE_NAME_MAX + 200];

	snprintf(text, sizeof(text), "%s%s%s%s%s%s%s%s%s", r->plural, r->sub != NULL ? "/" : "",
		r->sub != NULL ? r->sub : "", group ? "." : "", group ? r->group : "",
		r->ns != NULL || r->name != NULL ? " " : "", r->ns != NULL ? r->ns : "",
		r->ns != NULL && r->name != NULL ? "/" : "", r->name != NULL ? r->name : "");
	text_safe(dst, size, text, strlen(text));
	return dst;
}

/* As the API server takes a segment of its paths: what curl or a proxy would read as the way up, or
 * as nothing, is no name. An empty one would make a deed on one object one on all of them. */
static bool is_segment(const char *s)
{
	size_t n = strnlen(s, KUBE_NAME_MAX + 1);

	return n > 0 && n <= KUBE_NAME_MAX && strcmp(s, ".") != 0 && strcmp(s, "..") != 0 &&
	       strpbrk(s, "/%") == NULL;
}

static int segment(struct buf *path, const char *s, struct err *e)
{
	char shown[60];

	if (s == NULL)
		return 0;
	if (!is_segment(s)) {
		text_safe(shown, sizeof(shown), s, strnlen(s, KUBE_NAME_MAX));
		return err_set(e, ERR_INPUT, _("\"%s\" cannot be the name of an object"), shown);
	}
	buf_putc(path, '/');
	kube_query_escape(path, s);
	return 0;
}

int kube_ref_path(const struct kube_ref *r, struct buf *path, struct err *e)
{
	bool group = r->group != NULL && r->group[0] != '\0';

	buf_puts(path, group ? "/apis" : "/api");
	if ((group && segment(path, r->group, e) != 0) ||
		segment(path, r->version != NULL ? r->version : "v1", e) != 0)
		return -1;
	if (r->ns != NULL) {
		buf_puts(path, "/namespaces");
		if (segment(path, r->ns, e) != 0)
			return -1;
	}
	if (segment(path, r->plural, e) != 0 || segment(path, r->name, e) != 0)
		return -1;
	return r->name != NULL ? segment(path, r->sub, e) : 0;
}
