/* Node rows and their usage. A row's strings are interned, so copying a row copies
 * pointers; only the detail is counted. */
#include "model/node.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/pack.h"

struct shared_detail {
	atomic_size_t holders;
	struct node_detail detail;
};

static struct shared_detail *shared_of(struct node_detail *d)
{
	return (struct shared_detail *)(void *)((char *)d - offsetof(struct shared_detail, detail));
}

static int node_compare(const void *a, const void *b)
{
	return intern_compare(
		((const struct node_row *)a)->name, ((const struct node_row *)b)->name);
}

static void node_ref(void *row)
{
	node_detail_ref(((struct node_row *)row)->detail);
}

static void node_unref(void *row)
{
	node_detail_unref(((struct node_row *)row)->detail);
}

static void node_rename(void *row, struct intern *to)
{
	struct node_row *r = row;

	r->name = intern_str(to, r->name);
	r->roles = intern_str(to, r->roles);
	r->version = intern_str(to, r->version);
	r->internal_ip = intern_str(to, r->internal_ip);
	r->external_ip = intern_str(to, r->external_ip);
	r->os_image = intern_str(to, r->os_image);
	r->kernel = intern_str(to, r->kernel);
	r->runtime = intern_str(to, r->runtime);
	r->ready_reason = intern_str(to, r->ready_reason);
}

const struct row_ops node_ops = {
	sizeof(struct node_row), node_compare, node_ref, node_unref, node_rename};

static int usage_compare(const void *a, const void *b)
{
	return intern_compare(
		((const struct usage_row *)a)->node, ((const struct usage_row *)b)->node);
}

static void usage_rename(void *row, struct intern *to)
{
	struct usage_row *r = row;

	r->node = intern_str(to, r->node);
}

const struct row_ops usage_ops = {
	sizeof(struct usage_row), usage_compare, NULL, NULL, usage_rename};

bool node_is_ready(const struct node_row *n)
{
	return n->ready == NODE_READY_TRUE;
}

char *node_status(const struct node_row *n, char *dst, size_t size)
{
	static const char *const words[] = {
		[NODE_READY_UNKNOWN] = "Unknown",
		[NODE_READY_FALSE] = "NotReady",
		[NODE_READY_TRUE] = "Ready",
	};
	/* kubectl prints NotReady for the condition Unknown too; Unknown is for a node without the
	 * condition. */
	const char *word = n->ready == NODE_READY_UNKNOWN && n->ready_since_ms > 0
				   ? "NotReady"
				   : words[n->ready];

	snprintf(dst, size, "%s%s", word, n->flags & NODE_CORDONED ? ",SchedulingDisabled" : "");
	return dst;
}

static const struct node_condition *pack_conditions(struct pack *p, const struct node_detail *from)
{
	struct node_condition *to = pack_room(p, from->n_conditions, sizeof(*to));

	for (size_t i = 0; i < from->n_conditions; i++) {
		struct node_condition c = from->conditions[i];
		c.type = pack_str(p, c.type);
		c.status = pack_str(p, c.status);
		c.reason = pack_str(p, c.reason);
		c.message = pack_str(p, c.message);
		if (to != NULL)
			to[i] = c;
	}
	return to;
}

static const struct node_taint *pack_taints(struct pack *p, const struct node_detail *from)
{
	struct node_taint *to = pack_room(p, from->n_taints, sizeof(*to));

	for (size_t i = 0; i < from->n_taints; i++) {
		struct node_taint t = from->taints[i];
		t.key = pack_str(p, t.key);
		t.value = pack_str(p, t.value);
		t.effect = pack_str(p, t.effect);
		if (to != NULL)
			to[i] = t;
	}
	return to;
}

static const struct node_label *pack_labels(struct pack *p, const struct node_detail *from)
{
	struct node_label *to = pack_room(p, from->n_labels, sizeof(*to));

	for (size_t i = 0; i < from->n_labels; i++) {
		struct node_label l = from->labels[i];
		l.key = pack_str(p, l.key);
		l.value = pack_str(p, l.value);
		if (to != NULL)
			to[i] = l;
	}
	return to;
}

/* The walk that measures and copies; gives the block's head (NULL while measuring). */
static struct shared_detail *pack_detail(struct pack *p, const struct node_detail *from)
{
	struct shared_detail *s = pack_room(p, 1, sizeof(*s));
	struct node_detail d = *from;

	d.conditions = pack_conditions(p, from);
	d.taints = pack_taints(p, from);
	d.labels = pack_labels(p, from);
	d.hostname = pack_str(p, from->hostname);
	d.architecture = pack_str(p, from->architecture);
	d.pod_cidr = pack_str(p, from->pod_cidr);
	d.provider_id = pack_str(p, from->provider_id);
	if (s != NULL)
		s->detail = d;
	return s;
}

struct node_detail *node_detail_new(const struct node_detail *from)
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

struct node_detail *node_detail_ref(struct node_detail *d)
{
	if (d != NULL)
		atomic_fetch_add_explicit(&shared_of(d)->holders, 1, memory_order_relaxed);
	return d;
}

void node_detail_unref(struct node_detail *d)
{
	if (d != NULL &&
		atomic_fetch_sub_explicit(&shared_of(d)->holders, 1, memory_order_acq_rel) == 1)
		free(shared_of(d));
}
