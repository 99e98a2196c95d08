/* One allocation for a value, its arrays and its strings. Details are many (one per node and system
 * pod), immutable and shared; with everything in one block a reference count and one free() are all
 * their life needs. */
#include "base/pack.h"

#include <stdalign.h>
#include <string.h>

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
