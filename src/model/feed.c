/* One page of a feed: the lines' references and the error, in one allocation beside the count. */
#include "model/feed.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

struct shared_feed {
	atomic_size_t holders;
	struct feed feed;
	struct rstr *lines[];
};

static struct shared_feed *shared_of(struct feed *f)
{
	return (struct shared_feed *)(void *)((char *)f - offsetof(struct shared_feed, feed));
}

struct feed *feed_new(uint32_t id, enum feed_state state, const char *error, uint64_t first,
	struct rstr *const *lines, size_t n)
{
	struct shared_feed *s = mem_zero(1, sizeof(*s) + n * sizeof(s->lines[0]));

	atomic_init(&s->holders, 1);
	s->feed.id = id;
	s->feed.state = state;
	str_copy(s->feed.error, sizeof(s->feed.error), error);
	s->feed.first = first;
	s->feed.n = n;
	s->feed.lines = s->lines;
	for (size_t i = 0; i < n; i++)
		s->lines[i] = rstr_ref(lines[i]);
	return &s->feed;
}

struct feed *feed_ref(struct feed *f)
{
	if (f != NULL)
		atomic_fetch_add_explicit(&shared_of(f)->holders, 1, memory_order_relaxed);
	return f;
}

void feed_unref(struct feed *f)
{
	if (f == NULL ||
		atomic_fetch_sub_explicit(&shared_of(f)->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < f->n; i++)
		rstr_unref(f->lines[i]);
	free(shared_of(f));
}
