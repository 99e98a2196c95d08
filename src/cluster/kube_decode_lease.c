/* Leases: the heartbeats of kubelets, of the scheduler, the controller-manager and the API servers.
 * `seen` stays unset: only the receiver knows whether the renewal is news. */
#include <string.h>

#include "cluster/kube_decode.h"
#include "model/lease.h"
#include "model/node.h"

struct lease_scan {
	struct json_span name, ns, host, holder, renew;
	int64_t duration, transitions;
};

static const struct json_field label_fields[] = {
	JSON_STR("kubernetes.io/hostname", struct lease_scan, host),
	JSON_FIELDS_END,
};

static const struct json_field meta_fields[] = {
	JSON_STR("name", struct lease_scan, name),
	JSON_STR("namespace", struct lease_scan, ns),
	JSON_INSIDE("labels", label_fields),
	JSON_FIELDS_END,
};

static const struct json_field spec_fields[] = {
	JSON_STR("holderIdentity", struct lease_scan, holder),
	JSON_STR("renewTime", struct lease_scan, renew),
	JSON_INT("leaseDurationSeconds", struct lease_scan, duration),
	JSON_INT("leaseTransitions", struct lease_scan, transitions),
	JSON_FIELDS_END,
};

static const struct json_field lease_fields[] = {
	JSON_INSIDE("metadata", meta_fields),
	JSON_INSIDE("spec", spec_fields),
	JSON_FIELDS_END,
};

static int int_of(int64_t v)
{
	return v < 0 ? 0 : v > INT32_MAX ? INT32_MAX : (int)v;
}

int lease_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct lease_row *out = row;
	struct lease_scan scan;
	struct json_pull p;

	memset(out, 0, sizeof(*out));
	memset(&scan, 0, sizeof(scan));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, lease_fields, &scan);
	if (kube_decoded(&p, "lease", scan.ns, scan.name, e) != 0)
		return -1;
	out->ns = json_span_intern(scan.ns, pool);
	out->name = json_span_intern(scan.name, pool);
	out->host = json_span_intern(scan.host, pool);
	out->holder = json_span_intern(scan.holder, pool);
	out->renew_ms = kube_time_or(scan.renew, 0);
	out->duration_s = int_of(scan.duration);
	out->transitions = int_of(scan.transitions);
	return 0;
}
