/* Pod rows, which must stay small, and the full rows of the system's pods. What belongs to the
 * system and to the CNI is known by namespace and by component, in const tables. */
#include "model/pod.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/intern.h"
#include "base/pack.h"
#include "base/str.h"

static_assert(sizeof(struct pod_row) <= 128, "there may be 150,000 pods");

#define GRACE_MS 60000

/* Namespaces whose pods are the CNI's. */
static const char *const cni_namespaces[] = {
	"antrea",
	"calico-apiserver",
	"calico-system",
	"canal",
	"cilium",
	"flannel",
	"kube-flannel",
	"kube-ovn",
	"kube-router",
	"multus",
	"ovn-kubernetes",
	"terway",
	"tigera-operator",
	"weave",
	"weave-net",
};

/* Values of the labels k8s-app, component or app that the CNIs give their pods, in any namespace.
 */
static const char *const cni_components[] = {
	"antrea",
	"antrea-agent",
	"antrea-controller",
	"aws-node",
	"azure-cni",
	"calico-kube-controllers",
	"calico-node",
	"calico-typha",
	"canal",
	"cilium",
	"cilium-agent",
	"cilium-operator",
	"flannel",
	"kube-flannel",
	"kube-ovn-cni",
	"kube-ovn-controller",
	"kube-router",
	"multus",
	"ovn-central",
	"ovnkube-master",
	"ovnkube-node",
	"ovs",
	"terway-eniip",
	"weave-net",
};

const char *pod_name(const struct pod_row *p)
{
	if (p->name.here[0] != '\0')
		return p->name.here;
	return p->name.far.there != NULL ? p->name.far.there : "";
}

void pod_set_name(struct pod_row *p, const char *name, struct intern *pool)
{
	memset(&p->name, 0, sizeof(p->name));
	if (strlen(name) < POD_NAME_INLINE)
		memcpy(p->name.here, name, strlen(name));
	else
		p->name.far.there = pool != NULL ? intern_str(pool, name) : name;
}

static int pod_compare(const void *a, const void *b)
{
	const struct pod_row *x = a, *y = b;
	int order = x->ns == y->ns ? 0 : strcmp(x->ns, y->ns);

	return order != 0 ? order : strcmp(pod_name(x), pod_name(y));
}

/* A system pod's row begins with its small one. */
static void pod_rename(void *row, struct intern *to)
{
	struct pod_row *p = row;

	if (p->name.here[0] == '\0')
		p->name.far.there = intern_str(to, p->name.far.there);
}

static const uint16_t pod_names[] = {offsetof(struct pod_row, ns), offsetof(struct pod_row, node),
	offsetof(struct pod_row, status)};
const struct row_ops pod_ops = {.size = sizeof(struct pod_row),
	ROW_NAMES(pod_names),
	.compare = pod_compare,
	.rename = pod_rename};

const struct row_ops system_pod_ops = {.size = sizeof(struct system_pod_row),
	ROW_NAMES(pod_names),
	.compare = pod_compare,
	.shared = offsetof(struct system_pod_row, detail),
	.rename = pod_rename};

bool pod_failing(const struct pod_row *p, int64_t wall_ms)
{
	if (p->phase == POD_SUCCEEDED || (p->flags & POD_DELETING) != 0)
		return false;
	if (p->phase == POD_FAILED)
		return true;
	if (p->phase == POD_RUNNING && (p->flags & POD_READY) != 0)
		return false;
	return p->created_ms <= wall_ms - GRACE_MS;
}

void pod_counts_add(struct pod_counts *c, const struct pod_row *p, int64_t wall_ms, int sign)
{
	uint32_t one = (uint32_t)sign; /* wraps: adding 2^32 - 1 takes one away */
	bool failing = pod_failing(p, wall_ms);
	uint32_t *const phases[] = {
		[POD_UNKNOWN] = NULL,
		[POD_PENDING] = &c->pending,
		[POD_RUNNING] = &c->running,
		[POD_SUCCEEDED] = &c->succeeded,
		[POD_FAILED] = &c->failed,
	};

	c->all += one;
	if (p->phase < sizeof(phases) / sizeof(phases[0]) && phases[p->phase] != NULL)
		*phases[p->phase] += one;
	if (failing)
		c->failing += one;
	if (p->phase == POD_RUNNING && (p->flags & POD_READY) == 0)
		c->not_ready += one;
	if ((p->flags & POD_SYSTEM) != 0)
		c->system += one;
	if (failing && (p->flags & POD_SYSTEM) != 0)
		c->system_failing += one;
}

static bool listed(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, list[i]))
			return true;
	return false;
}

unsigned pod_system_flags(const char *ns, const char *component)
{
	if (listed(ns, cni_namespaces, sizeof(cni_namespaces) / sizeof(cni_namespaces[0])) ||
		listed(component, cni_components,
			sizeof(cni_components) / sizeof(cni_components[0])))
		return POD_SYSTEM | POD_CNI;
	return str_eq(ns, "kube-system") ? POD_SYSTEM : 0;
}

static const uint16_t container_texts[] = {offsetof(struct pod_container, name),
	offsetof(struct pod_container, image), offsetof(struct pod_container, state),
	offsetof(struct pod_container, reason), offsetof(struct pod_container, message),
	offsetof(struct pod_container, last_reason)};
static const struct pack_kind container_kind = {
	.size = sizeof(struct pod_container), PACK_TEXTS(container_texts)};
static const uint16_t condition_texts[] = {offsetof(struct pod_condition, type),
	offsetof(struct pod_condition, status), offsetof(struct pod_condition, reason),
	offsetof(struct pod_condition, message)};
static const struct pack_kind condition_kind = {
	.size = sizeof(struct pod_condition), PACK_TEXTS(condition_texts)};
static const struct pack_array detail_arrays[] = {
	{offsetof(struct pod_detail, containers), offsetof(struct pod_detail, n_containers),
		&container_kind},
	{offsetof(struct pod_detail, conditions), offsetof(struct pod_detail, n_conditions),
		&condition_kind},
};
static const uint16_t detail_texts[] = {offsetof(struct pod_detail, uid),
	offsetof(struct pod_detail, ip), offsetof(struct pod_detail, host_ip),
	offsetof(struct pod_detail, owner), offsetof(struct pod_detail, component),
	offsetof(struct pod_detail, priority_class), offsetof(struct pod_detail, qos),
	offsetof(struct pod_detail, message), offsetof(struct pod_detail, reason)};
static const struct pack_kind detail_kind = {.size = sizeof(struct pod_detail),
	PACK_TEXTS(detail_texts),
	.arrays = detail_arrays,
	.n_arrays = 2};

struct pod_detail *pod_detail_new(const struct pod_detail *from)
{
	return pack_shared(from, &detail_kind);
}
