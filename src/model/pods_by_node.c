/* Pods per node: an open hash of node names, made by one walk over all pods (150,000 of them take
 * milliseconds). The names are copied, so the tally outlives the snapshot it was counted from. */
#include "model/pods_by_node.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/pod.h"

#define AGAIN_MS 1000

struct slot {
	char *node; /* NULL: free */
	uint32_t pods;
};

struct pods_by_node {
	struct slot *slots;
	size_t room, used; /* room: a power of two */
	uint64_t generation;
	struct instant at;
};

struct pods_by_node *pods_by_node_new(void)
{
	return mem_new(struct pods_by_node);
}

static void clear(struct pods_by_node *t)
{
	for (size_t i = 0; i < t->room; i++)
		free(t->slots[i].node);
	free(t->slots);
	t->slots = NULL;
	t->room = t->used = 0;
}

void pods_by_node_free(struct pods_by_node *t)
{
	if (t == NULL)
		return;
	clear(t);
	free(t);
}

/* The slot of this name, or the free one where it belongs. There is always a free one. */
static struct slot *find(const struct pods_by_node *t, const char *node)
{
	uint64_t h = 14695981039346656037ULL;

	for (const char *s = node; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211ULL;
	for (size_t i = (size_t)h & (t->room - 1);; i = (i + 1) & (t->room - 1))
		if (t->slots[i].node == NULL || strcmp(t->slots[i].node, node) == 0)
			return &t->slots[i];
}

static void grow(struct pods_by_node *t)
{
	struct pods_by_node old = *t;

	t->room = old.room != 0 ? old.room * 2 : 64;
	t->slots = mem_zero(t->room, sizeof(*t->slots));
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].node != NULL)
			*find(t, old.slots[i].node) = old.slots[i];
	free(old.slots);
}

static void add(struct pods_by_node *t, const char *node)
{
	struct slot *s;

	if (t->used * 2 >= t->room)
		grow(t);
	s = find(t, node);
	if (s->node == NULL) {
		s->node = mem_str(node);
		t->used++;
	}
	s->pods++;
}

void pods_by_node_count(struct pods_by_node *t, const struct table *pods, struct instant now)
{
	struct table_walk w = table_walk(pods);
	const struct pod_row *p;
	int64_t age_ms = instant_age_ms(t->at, now);

	if (t->generation == table_generation(pods) || (age_ms >= 0 && age_ms < AGAIN_MS))
		return;
	clear(t);
	t->generation = table_generation(pods);
	t->at = now;
	while ((p = table_next(&w)) != NULL)
		if (p->node != NULL && p->node[0] != '\0' && p->phase != POD_SUCCEEDED &&
			p->phase != POD_FAILED)
			add(t, p->node);
}

uint32_t pods_by_node_of(const struct pods_by_node *t, const char *node)
{
	return t->room > 0 ? find(t, node)->pods : 0;
}
