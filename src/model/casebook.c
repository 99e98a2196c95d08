/* The book's life. */
#include "model/casebook.h"

#include <stdlib.h>

#include "base/mem.h"

struct casebook *casebook_new(size_t n, size_t n_lines)
{
	struct casebook *b = mem_new(struct casebook);

	b->refs = 1;
	b->n = n;
	b->n_lines = n_lines;
	b->incidents = mem_zero(n + 1, sizeof(struct incident *));
	b->lines = mem_zero(n_lines + 1, sizeof(struct casebook_line));
	return b;
}

struct casebook *casebook_ref(struct casebook *b)
{
	__atomic_fetch_add(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

void casebook_unref(struct casebook *b)
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

const struct incident *casebook_find(const struct casebook *b, const char *id)
{
	for (size_t k = 0; k < b->n; k++)
		if (str_eq(b->incidents[k]->id, id))
			return b->incidents[k];
	return NULL;
}
