/* A report's life: rounds come every five seconds, snapshots twenty times a second. */
#include "model/host.h"

#include <stdlib.h>

const char *const host_log_names[HOST_LOGS] = {"kubelet", "containerd", "crio", "kube-apiserver",
	"kube-controller-manager", "kube-scheduler", "etcd"};

struct host_report *host_report_ref(struct host_report *r)
{
	if (r != NULL)
		__atomic_fetch_add(&r->shared, 1, __ATOMIC_RELAXED);
	return r;
}

void host_report_unref(struct host_report *r)
{
	if (r != NULL && __atomic_fetch_sub(&r->shared, 1, __ATOMIC_ACQ_REL) == 0)
		free(r);
}
