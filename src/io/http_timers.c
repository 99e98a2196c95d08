/* A binary min-heap in a growing array. Removal looks through it: there are dozens, not thousands.
 */
#include "http_timers.h"

#include <stdlib.h>

static bool is_before(const struct timer *a, const struct timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static void swap(struct timers *t, size_t i, size_t j)
{
	struct timer held = t->heap.at[i];

	t->heap.at[i] = t->heap.at[j];
	t->heap.at[j] = held;
}

static void rise(struct timers *t, size_t i)
{
	while (i > 0 && is_before(&t->heap.at[i], &t->heap.at[(i - 1) / 2])) {
		swap(t, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void sink(struct timers *t, size_t i)
{
	size_t child;

	while ((child = 2 * i + 1) < t->heap.len) {
		if (child + 1 < t->heap.len &&
			is_before(&t->heap.at[child + 1], &t->heap.at[child]))
			child++;
		if (!is_before(&t->heap.at[child], &t->heap.at[i]))
			return;
		swap(t, i, child);
		i = child;
	}
}

static void remove_at(struct timers *t, size_t i)
{
	swap(t, i, --t->heap.len);
	if (i < t->heap.len) {
		rise(t, i);
		sink(t, i);
	}
}

void timers_add(struct timers *t, const struct timer *timer)
{
	*vec_add(&t->heap) = *timer;
	rise(t, t->heap.len - 1);
}

bool timers_take(struct timers *t, int64_t now_ms, struct timer *due)
{
	if (t->heap.len == 0 || timers_next(t) > now_ms)
		return false;
	*due = t->heap.at[0];
	remove_at(t, 0);
	return true;
}

bool timers_remove(struct timers *t, uint64_t id)
{
	size_t i;

	for (i = 0; i < t->heap.len; i++) {
		if (t->heap.at[i].id == id) {
			remove_at(t, i);
			return true;
		}
	}
	return false;
}

int64_t timers_next(const struct timers *t)
{
	return t->heap.len > 0 ? t->heap.at[0].due_ms : INT64_MAX;
}

void timers_done(struct timers *t)
{
	vec_done(&t->heap);
}
