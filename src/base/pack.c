/* One allocation for a value, its arrays and its strings. Details are many (one per node and system
 * pod), immutable and shared; with everything in one block a reference count and one free() are all
 * their life needs. */
#include "base/pack.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What is shared begins behind its count. */
#define HEAD alignof(max_align_t)

void *pack_room(struct pack *p, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t from = (p->used + align - 1) / align * align;

	if (n == 0)
		return NULL;
	p->used = from + n * size;
	return p->at != NULL ? p->at + from : NULL;
}

const char *pack_str(struct pack *p, const char *s)
{
	const char *text = s != NULL ? s : "";
	size_t n = strlen(text) + 1;
	size_t from = p->used;

	p->used += n;
	return p->at != NULL ? memcpy(p->at + from, text, n) : text;
}

static void *pack_rows(struct pack *p, const void *from, size_t n, const struct pack_kind *kind)
{
	char *to = pack_room(p, n, kind->size);

	if (to != NULL)
		memcpy(to, from, n * kind->size);
	for (size_t i = 0; i < n; i++) {
		const char *row = (const char *)from + i * kind->size;
		char *copy = to != NULL ? to + i * kind->size : NULL;

		for (size_t k = 0; k < kind->n_texts; k++) {
			const char *text;

			memcpy(&text, row + kind->texts[k], sizeof(text));
			text = pack_str(p, text);
			if (copy != NULL)
				memcpy(copy + kind->texts[k], &text, sizeof(text));
		}
		for (size_t k = 0; k < kind->n_arrays; k++) {
			const struct pack_array *a = &kind->arrays[k];
			const void *array;
			size_t many;

			memcpy(&array, row + a->at, sizeof(array));
			memcpy(&many, row + a->n, sizeof(many));
			array = pack_rows(p, array, many, a->of);
			if (copy != NULL)
				memcpy(copy + a->at, &array, sizeof(array));
		}
	}
	return to;
}

void *pack_shared(const void *from, const struct pack_kind *kind)
{
	struct pack p = {NULL, HEAD};
	void *value;

	pack_rows(&p, from, 1, kind);
	p.at = mem_zero(1, p.used);
	p.used = HEAD;
	value = pack_rows(&p, from, 1, kind);
	atomic_init((atomic_size_t *)(void *)p.at, 1);
	return value;
}

static atomic_size_t *holders(void *shared)
{
	return (atomic_size_t *)(void *)((char *)shared - HEAD);
}

void *pack_ref(void *shared)
{
	if (shared != NULL)
		atomic_fetch_add_explicit(holders(shared), 1, memory_order_relaxed);
	return shared;
}

void pack_unref(void *shared)
{
	if (shared != NULL &&
		atomic_fetch_sub_explicit(holders(shared), 1, memory_order_acq_rel) == 1)
		free(holders(shared));
}
