/* The book's life. */
#include "model/book.h"

#include <stdlib.h>

#include "base/mem.h"

struct book *book_new(size_t n, size_t n_lines)
{
	struct book *b = mem_new(struct book);

	b->refs = 1;
	b->n = n;
	b->n_lines = n_lines;
	b->incidents = mem_zero(n + 1, sizeof(struct incident *));
	b->lines = mem_zero(n_lines + 1, sizeof(struct book_line));
	return b;
}

struct book *book_ref(struct book *b)
{
	__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

void book_unref(struct book *b)
{
	if (b == NULL || __atomic_fetch_sub(&b->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return;
	for (size_t k = 0; k < b->n; k++)
		incident_unref(b->incidents[k]);
	for (size_t k = 0; k < b->n_lines; k++)
		rstr_unref(b->lines[k].text);
	free(b->incidents);
	free(b->lines);
	free(b);
}

const struct incident *book_find(const struct book *b, const char *id)
{
	for (size_t k = 0; k < b->n; k++)
		if (str_eq(b->incidents[k]->id, id))
			return b->incidents[k];
	return NULL;
}
