/* The kubelet writes a log to /var/log/pods whoever is down; scripts/pod_log.sh reads it. */
#include "cluster/node_log.h"

#include <string.h>

#include "base/i18n.h"
#include "cluster/node_script.h"

/* Names of Kubernetes objects are [a-z0-9.-]: anything else has no place in a path. */
static bool plain(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] ==
	       '\0';
}

int node_log_script(struct buf *to, const struct node_log_asked *a, struct err *e)
{
	if (!plain(a->ns) || !plain(a->pod) || !plain(a->container))
		return err_set(e, ERR_USAGE, "%s", _("its name is not one Kubernetes allows"));
	node_script_set(to, "NS", a->ns);
	node_script_set(to, "POD", a->pod);
	node_script_set(to, "CONTAINER", a->container[0] != '\0' ? a->container : "*");
	buf_fmt(to, "NTH=%d\nTAIL=%d\n", a->previous ? 2 : 1, a->tail);
	node_script_begin(to, "");
	node_script_add(to, "pod_log");
	return 0;
}
