/* One snapshot, a reference for each who listens. The newest is kept, so that whoever comes late
 * need not wait for the next. */
#include "ops/engine/audience.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"

struct audience {
	pthread_mutex_t lock;
	struct snapshot *newest;
	VEC(struct slot *) places;
};

static void drop(void *snapshot)
{
	snapshot_unref(snapshot);
}

struct audience *audience_new(void)
{
	struct audience *a = mem_new(struct audience);

	pthread_mutex_init(&a->lock, NULL);
	return a;
}

void audience_free(struct audience *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->places.len; i++)
		slot_free(a->places.at[i]);
	vec_done(&a->places);
	snapshot_unref(a->newest);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

void audience_tell(struct audience *a, struct snapshot *s)
{
	struct snapshot *old;

	pthread_mutex_lock(&a->lock);
	for (size_t i = 0; i < a->places.len; i++)
		slot_put(a->places.at[i], snapshot_ref(s));
	old = a->newest;
	a->newest = s;
	pthread_mutex_unlock(&a->lock);
	snapshot_unref(old);
}

struct slot *audience_join(struct audience *a)
{
	struct slot *place = slot_new(drop);

	pthread_mutex_lock(&a->lock);
	if (a->newest)
		slot_put(place, snapshot_ref(a->newest));
	*vec_add(&a->places) = place;
	pthread_mutex_unlock(&a->lock);
	return place;
}

void audience_leave(struct audience *a, struct slot *place)
{
	size_t i = 0;

	pthread_mutex_lock(&a->lock);
	while (i < a->places.len && a->places.at[i] != place)
		i++;
	if (i < a->places.len)
		a->places.at[i] = a->places.at[--a->places.len];
	pthread_mutex_unlock(&a->lock);
	slot_free(place);
}
