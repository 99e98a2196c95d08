/* Leases: the heartbeats of kubelets, of the scheduler, the controller-manager and the API servers.
 * `seen` stays unset: only the receiver knows whether the renewal is news. The numbers are those of
 * k8s.io/api/coordination/v1/generated.proto. */
#include "cluster/kube_decode.h"
#include "model/lease.h"

struct lease_scan {
	struct kube_meta meta;
	struct json_span host, holder, renew;
	int64_t duration, transitions;
};

static const struct field label_fields[] = {
	FIELD(STR, "kubernetes.io/hostname", 0, struct lease_scan, host),
	FIELDS_END,
};

static const struct field meta_fields[] = {
	KUBE_META,
	FIELD_MAP("labels", 11, label_fields),
	FIELDS_END,
};

static const struct field spec_fields[] = {
	FIELD(STR, "holderIdentity", 1, struct lease_scan, holder),
	FIELD(INT, "leaseDurationSeconds", 2, struct lease_scan, duration),
	FIELD(TIME, "renewTime", 4, struct lease_scan, renew),
	FIELD(INT, "leaseTransitions", 5, struct lease_scan, transitions),
	FIELDS_END,
};

static const struct field lease_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("spec", 2, spec_fields),
	FIELDS_END,
};

int lease_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct lease_scan scan = {.duration = 0};

	if (kube_read(object, "lease", lease_fields, &scan, e) != 0)
		return -1;
	*(struct lease_row *)row = (struct lease_row){.ns = json_span_intern(scan.meta.ns, pool),
		.name = json_span_intern(scan.meta.name, pool),
		.host = json_span_intern(scan.host, pool),
		.holder = json_span_intern(scan.holder, pool),
		.renew_ms = kube_time_or(scan.renew, 0),
		.duration_s = kube_count(scan.duration),
		.transitions = kube_count(scan.transitions)};
	return 0;
}
