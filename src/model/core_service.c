/* Core services, found in any namespace by the labels and names they are known by. CoreDNS,
 * kube-proxy and the CNI are judged by their workloads, and by their pods where workloads may not
 * be read; the scheduler and the controller-manager by the lease that one of them must hold. What
 * was never seen and is not configured is not judged. */
#include "model/core_service.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/lease.h"
#include "model/snapshot.h"
#include "model/workload.h"

#define YOUNG_MS 60000

static const char *const names[CORE_KNOWN] = {
	[CORE_DNS] = "CoreDNS",
	[CORE_PROXY] = "kube-proxy",
	[CORE_CNI] = "CNI",
	[CORE_SCHEDULER] = "scheduler",
	[CORE_CONTROLLERS] = "controller-manager",
};

const char *core_service_name(enum core_service c)
{
	return (unsigned)c < CORE_KNOWN ? names[c] : "";
}

/* Which of the known ones a workload or a pod belongs to; CORE_KNOWN for none. daemon: it runs on
 * every node. */
static enum core_service service_of(
	const char *ns, const char *name, const char *component, bool daemon)
{
	if (str_eq(component, "kube-dns") || str_eq(component, "coredns") ||
		str_starts(name, "coredns"))
		return CORE_DNS;
	if (str_eq(component, "kube-proxy") || str_starts(name, "kube-proxy"))
		return CORE_PROXY;
	if (daemon && (pod_system_flags(ns, component) & POD_CNI) != 0)
		return CORE_CNI;
	return CORE_KNOWN;
}

/* What is there of one core service. */
struct found {
	bool any;
	bool down;
	int available, desired;
};

/* Nodes that are lost lack every DaemonSet's pod: that is their fault, not the service's. */
static bool workload_is_down(const struct workload_row *w, unsigned lost, struct instant now)
{
	int missing = w->desired - w->available - (int)lost, rest = w->desired - (int)lost;

	if (w->desired == 0)
		return w->type != WORKLOAD_DAEMONSET;
	if (w->available == 0)
		return w->created_ms <= now.wall_ms - YOUNG_MS && (rest > 0 || lost == 0);
	return w->type == WORKLOAD_DAEMONSET && missing > 0 && missing * 2 >= rest;
}

static void find_workload(
	struct found *f, const struct workload_row *w, unsigned lost, struct instant now)
{
	bool down = workload_is_down(w, lost, now);

	/* Of two that carry the same label the broken one counts. */
	if (f->any && (f->down || !down))
		return;
	*f = (struct found){true, down, w->available, w->desired};
}

static bool is_configured(const struct workload_row *w, const char *wanted)
{
	const char *slash = strchr(wanted, '/');
	size_t n = slash != NULL ? (size_t)(slash - wanted) : 0;

	if (slash == NULL)
		return str_eq(w->name, wanted);
	return strlen(w->ns) == n && strncmp(w->ns, wanted, n) == 0 && str_eq(w->name, slash + 1);
}

static void say_down(struct core_services *to, const char *name, const struct found *f)
{
	char text[100];

	if (f->any)
		snprintf(text, sizeof(text), "%.70s %d/%d", name, f->available, f->desired);
	else
		snprintf(text, sizeof(text), "%.90s", name);
	names_add(&to->down, text);
}

static void judge_configured(
	struct core_services *to, const struct core_context *c, const char *wanted)
{
	struct table_walk w = table_walk(c->s->workloads);
	const struct workload_row *row;
	struct found f = {false, false, 0, 0};

	while ((row = table_next(&w)) != NULL)
		if (is_configured(row, wanted))
			find_workload(&f, row, c->lost, c->s->at);
	if (!f.any || f.down)
		say_down(to, wanted, &f);
}

static void by_workloads(struct found *f, const struct snapshot *s, unsigned lost)
{
	struct table_walk w = table_walk(s->workloads);
	const struct workload_row *row;

	while ((row = table_next(&w)) != NULL) {
		enum core_service c = service_of(
			row->ns, row->name, row->component, row->type == WORKLOAD_DAEMONSET);

		if (c != CORE_KNOWN)
			find_workload(&f[c], row, lost, s->at);
	}
}

/* Where workloads may not be read: nobody of the service is ready. */
static void by_pods(struct found *f, const struct snapshot *s)
{
	struct table_walk w = table_walk(s->system_pods);
	const struct system_pod_row *row;

	while ((row = table_next(&w)) != NULL) {
		bool daemon = row->detail != NULL && str_starts(row->detail->owner, "DaemonSet/");
		enum core_service c = service_of(row->pod.ns, pod_name(&row->pod),
			row->detail != NULL ? row->detail->component : "", daemon);

		if (c == CORE_KNOWN || (row->pod.flags & POD_DELETING) != 0)
			continue;
		f[c].any = true;
		f[c].desired++;
		f[c].available += (row->pod.flags & POD_READY) != 0;
	}
	for (int c = CORE_DNS; c <= CORE_CNI; c++)
		f[c].down = f[c].any && f[c].available == 0;
}

static void judge_lease(struct core_services *to, const struct core_context *c,
	enum core_service which, const char *name)
{
	const struct lease_row *l = snapshot_lease(c->s, "kube-system", name);

	to->known[which] = l != NULL && c->s->sources[SOURCE_SYSTEM_LEASES].state == SOURCE_LIVE;
	if (!to->known[which] || !lease_is_late(c->leases, l))
		return;
	to->is_down[which] = true;
	names_add(&to->down, core_service_name(which));
}

void core_services_judge(
	struct core_services *to, const struct core_context *c, const char *const *configured)
{
	bool pods = c->s->sources[SOURCE_PODS].state == SOURCE_LIVE;
	struct found f[CORE_KNOWN];

	memset(f, 0, sizeof(f));
	if (c->workloads_known)
		by_workloads(f, c->s, c->lost);
	else if (pods)
		by_pods(f, c->s);
	for (int i = CORE_DNS; i <= CORE_CNI; i++) {
		unsigned bit = 1u << i;

		to->seen |= f[i].any ? bit : 0;
		to->known[i] = (c->workloads_known || pods) && (to->seen & bit) != 0;
		to->is_down[i] = to->known[i] && (f[i].down || (!f[i].any && c->workloads_known));
		if (to->is_down[i])
			say_down(to, core_service_name((enum core_service)i), &f[i]);
	}
	for (size_t i = 0; c->workloads_known && configured && configured[i]; i++)
		judge_configured(to, c, configured[i]);
	judge_lease(to, c, CORE_SCHEDULER, "kube-scheduler");
	judge_lease(to, c, CORE_CONTROLLERS, "kube-controller-manager");
}
