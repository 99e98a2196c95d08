/* Pod rows, which must stay small, and the full rows of the system's pods. What belongs to the
 * system and to the CNI is known by namespace and by component, in const tables. */
#include "model/pod.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
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

	p->ns = intern_str(to, p->ns);
	p->node = intern_str(to, p->node);
	p->status = intern_str(to, p->status);
	if (p->name.here[0] == '\0')
		p->name.far.there = intern_str(to, p->name.far.there);
}

const struct row_ops pod_ops = {sizeof(struct pod_row), pod_compare, NULL, NULL, pod_rename};

static void system_pod_ref(void *row)
{
	pod_detail_ref(((struct system_pod_row *)row)->detail);
}

static void system_pod_unref(void *row)
{
	pod_detail_unref(((struct system_pod_row *)row)->detail);
}

const struct row_ops system_pod_ops = {
	sizeof(struct system_pod_row), pod_compare, system_pod_ref, system_pod_unref, pod_rename};

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

struct shared_detail {
	atomic_size_t holders;
	struct pod_detail detail;
};

static struct shared_detail *shared_of(struct pod_detail *d)
{
	return (struct shared_detail *)(void *)((char *)d - offsetof(struct shared_detail, detail));
}

static const struct pod_container *pack_containers(struct pack *p, const struct pod_detail *from)
{
	struct pod_container *to = pack_room(p, from->n_containers, sizeof(*to));

	for (size_t i = 0; i < from->n_containers; i++) {
		struct pod_container c = from->containers[i];
		c.name = pack_str(p, c.name);
		c.image = pack_str(p, c.image);
		c.state = pack_str(p, c.state);
		c.reason = pack_str(p, c.reason);
		c.message = pack_str(p, c.message);
		c.last_reason = pack_str(p, c.last_reason);
		if (to != NULL)
			to[i] = c;
	}
	return to;
}

static const struct pod_condition *pack_conditions(struct pack *p, const struct pod_detail *from)
{
	struct pod_condition *to = pack_room(p, from->n_conditions, sizeof(*to));

	for (size_t i = 0; i < from->n_conditions; i++) {
		struct pod_condition c = from->conditions[i];
		c.type = pack_str(p, c.type);
		c.status = pack_str(p, c.status);
		c.reason = pack_str(p, c.reason);
		c.message = pack_str(p, c.message);
		if (to != NULL)
			to[i] = c;
	}
	return to;
}

/* The walk that measures and copies; gives the block's head (NULL while measuring). */
static struct shared_detail *pack_detail(struct pack *p, const struct pod_detail *from)
{
	struct shared_detail *s = pack_room(p, 1, sizeof(*s));
	struct pod_detail d = *from;

	d.containers = pack_containers(p, from);
	d.conditions = pack_conditions(p, from);
	d.uid = pack_str(p, from->uid);
	d.ip = pack_str(p, from->ip);
	d.host_ip = pack_str(p, from->host_ip);
	d.owner = pack_str(p, from->owner);
	d.component = pack_str(p, from->component);
	d.priority_class = pack_str(p, from->priority_class);
	d.qos = pack_str(p, from->qos);
	d.message = pack_str(p, from->message);
	d.reason = pack_str(p, from->reason);
	if (s != NULL)
		s->detail = d;
	return s;
}

struct pod_detail *pod_detail_new(const struct pod_detail *from)
{
	struct pack p = {NULL, 0};
	struct shared_detail *s;

	pack_detail(&p, from);
	p.at = mem_zero(1, p.used);
	p.used = 0;
	s = pack_detail(&p, from);
	atomic_init(&s->holders, 1);
	return &s->detail;
}

struct pod_detail *pod_detail_ref(struct pod_detail *d)
{
	if (d != NULL)
		atomic_fetch_add_explicit(&shared_of(d)->holders, 1, memory_order_relaxed);
	return d;
}

void pod_detail_unref(struct pod_detail *d)
{
	if (d != NULL &&
		atomic_fetch_sub_explicit(&shared_of(d)->holders, 1, memory_order_acq_rel) == 1)
		free(shared_of(d));
}
