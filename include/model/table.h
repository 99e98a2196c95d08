/* An ordered collection of small rows, cheap to share: reference-counted chunks of up to
 * 256 inline rows, sorted by key. A change copies one chunk (and only when a
 * snapshot still holds it); sharing a table copies the list of chunks.
 * The engine's thread changes a table; any thread reads a shared one. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intern;
struct table;

/* What a kind of row is. All const, one per kind. */
struct row_ops {
	size_t size;
	/* Where in a row its interned strings are; the first n_keys of them are its key. */
	const uint16_t *names;
	size_t n_names, n_keys;
	int (*compare)(const void *a, const void *b); /* by another key; or NULL */
	const uint16_t *texts; /* where its struct rstr are: it has a reference of each */
	size_t n_texts;
	size_t shared; /* where what it has of pack_shared is; 0: it has none */
	void (*rename)(void *row, struct intern *to); /* what names cannot say; or NULL */
};
#define ROW_TEXTS(places) .texts = (places), .n_texts = sizeof(places) / sizeof((places)[0])
#define ROW_NAMES(places) .names = (places), .n_names = sizeof(places) / sizeof((places)[0])

void row_unref(const struct row_ops *ops, void *row);                     /* what it points at */
void row_rename(const struct row_ops *ops, void *row, struct intern *to); /* moves its strings */

struct table *table_new(const struct row_ops *ops);
/* An immutable view of this moment; any thread may drop it. */
struct table *table_share(const struct table *t);
void table_free(struct table *t); /* a table or a share; NULL is fine */

/* Moves *row in (its references become the table's; an equal key's row is replaced). True when it
 * was new. */
bool table_put(struct table *t, void *row);
bool table_remove(struct table *t, const void *key_row);
void table_clear(struct table *t);
/* Every row: afterwards nothing of it points elsewhere. */
void table_rename(struct table *t, struct intern *to);

size_t table_count(const struct table *t);
/* Changes whenever a row does; views sort again only then. */
uint64_t table_generation(const struct table *t);
/* By position in key order; O(log chunks). */
const void *table_at(const struct table *t, size_t i);
const void *table_find(const struct table *t, const void *key_row);

/* For each row in key order. Do not change the table meanwhile. */
struct table_walk {
	const struct table *table;
	size_t chunk, row;
};
struct table_walk table_walk(const struct table *t);
const void *table_next(struct table_walk *w); /* NULL at the end */

#endif
