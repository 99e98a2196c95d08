/* A sorted collection in chunks, shared by copy on write.
 *
 * A table is a list of chunks, each a sorted run of at most 256 inline rows; `starts` says at which
 * position of the whole each chunk begins, so a position is found by bisection. A chunk counts its
 * holders: the table and every share. Sharing copies the list and takes a reference to each chunk,
 * never a row. A change first makes its one chunk the table's own: held by nobody else it is
 * changed in place, otherwise it is copied (and the rows' own references with it). Only the table's
 * thread can raise a count from 1, so "held by me alone" cannot become untrue behind its back; the
 * acquiring read of the count orders our writes behind the last reads of whoever dropped it.
 *
 * Rows that come in key order (a list from the API server) fill chunks to the brim: a full last
 * chunk is not split but followed by a new one. Half-empty neighbours are merged on removal, so the
 * number of chunks stays proportional to the number of rows.
 *
 * Generations come from one counter of the process: two tables with different contents never have
 * the same one. */
#include "model/table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/str.h"

#define CHUNK_ROWS  256
#define CHUNK_MERGE (CHUNK_ROWS / 2) /* two neighbours that fit in half a chunk become one */

struct chunk {
	atomic_size_t holders;
	size_t n, room;
	unsigned char *rows;
};

struct table {
	const struct row_ops *ops;
	struct chunk **chunks;
	size_t *starts; /* starts[i]: position of chunk i's first row */
	size_t n, room; /* chunks */
	size_t count;   /* rows */
	uint64_t generation;
};

/* Where a row is, or would be. */
struct place {
	size_t chunk, row;
	bool found;
};

static atomic_uint_fast64_t last_generation;

static void touch(struct table *t)
{
	t->generation = atomic_fetch_add(&last_generation, 1) + 1;
}

static void *chunk_row(const struct table *t, const struct chunk *c, size_t i)
{
	return c->rows + i * t->ops->size;
}

static void *place_in(const void *row, size_t at)
{
	return (void *)((uintptr_t)row + at);
}

static const char **name_of(const struct row_ops *ops, const void *row, size_t i)
{
	return place_in(row, ops->names[i]);
}

/* By key alone. */
static int row_compare(const struct row_ops *ops, const void *a, const void *b)
{
	int order = 0;

	if (ops->compare != NULL)
		return ops->compare(a, b);
	for (size_t i = 0; order == 0 && i < ops->n_keys; i++)
		order = intern_compare(*name_of(ops, a, i), *name_of(ops, b, i));
	return order;
}

static void row_ref(const struct row_ops *ops, void *row)
{
	for (size_t i = 0; i < ops->n_texts; i++)
		rstr_ref(*(struct rstr **)place_in(row, ops->texts[i]));
	if (ops->shared != 0)
		pack_ref(*(void **)place_in(row, ops->shared));
}

void row_unref(const struct row_ops *ops, void *row)
{
	for (size_t i = 0; i < ops->n_texts; i++)
		rstr_unref(*(struct rstr **)place_in(row, ops->texts[i]));
	if (ops->shared != 0)
		pack_unref(*(void **)place_in(row, ops->shared));
}

void row_rename(const struct row_ops *ops, void *row, struct intern *to)
{
	for (size_t i = 0; i < ops->n_names; i++)
		*name_of(ops, row, i) = intern_str(to, *name_of(ops, row, i));
	if (ops->rename != NULL)
		ops->rename(row, to);
}

static struct chunk *chunk_new(const struct table *t, size_t room)
{
	struct chunk *c = mem_new(struct chunk);

	atomic_init(&c->holders, 1);
	c->room = room;
	c->rows = mem_zero(room, t->ops->size);
	return c;
}

static void chunk_unref(const struct table *t, struct chunk *c)
{
	if (atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < c->n; i++)
		row_unref(t->ops, chunk_row(t, c, i));
	free(c->rows);
	free(c);
}

/* Makes chunk i the table's own, so that it may be changed, with room for `more` rows. */
static struct chunk *chunk_own(struct table *t, size_t i, size_t more)
{
	struct chunk *old = t->chunks[i];
	size_t need = old->n + more;
	struct chunk *c;

	if (atomic_load_explicit(&old->holders, memory_order_acquire) == 1) {
		if (need > old->room) {
			old->room = need * 2 < CHUNK_ROWS ? need * 2 : CHUNK_ROWS;
			old->rows = mem_grow(old->rows, old->room, t->ops->size);
		}
		return old;
	}
	c = chunk_new(t, need);
	memcpy(c->rows, old->rows, old->n * t->ops->size);
	c->n = old->n;
	for (size_t r = 0; r < c->n; r++)
		row_ref(t->ops, chunk_row(t, c, r));
	t->chunks[i] = c;
	chunk_unref(t, old);
	return c;
}

/* The list of chunks. */

static void starts_shift(struct table *t, size_t after, ptrdiff_t by)
{
	for (size_t i = after + 1; i < t->n; i++)
		t->starts[i] += (size_t)by;
	t->count += (size_t)by;
}

static void list_insert(struct table *t, size_t i, struct chunk *c, size_t start)
{
	if (t->n == t->room) {
		t->room = t->room != 0 ? t->room * 2 : 4;
		t->chunks = mem_grow(t->chunks, t->room, sizeof(struct chunk *));
		t->starts = mem_grow(t->starts, t->room, sizeof(*t->starts));
	}
	memmove(&t->chunks[i + 1], &t->chunks[i], (t->n - i) * sizeof(struct chunk *));
	memmove(&t->starts[i + 1], &t->starts[i], (t->n - i) * sizeof(*t->starts));
	t->chunks[i] = c;
	t->starts[i] = start;
	t->n++;
}

static void list_remove(struct table *t, size_t i)
{
	t->n--;
	memmove(&t->chunks[i], &t->chunks[i + 1], (t->n - i) * sizeof(struct chunk *));
	memmove(&t->starts[i], &t->starts[i + 1], (t->n - i) * sizeof(*t->starts));
}

/* Moves the upper half of full chunk i into a new one behind it. The rows move, so no references
 * change. */
static void chunk_split(struct table *t, size_t i)
{
	struct chunk *c = chunk_own(t, i, 0);
	size_t keep = c->n / 2;
	struct chunk *upper = chunk_new(t, CHUNK_ROWS);

	upper->n = c->n - keep;
	memcpy(upper->rows, chunk_row(t, c, keep), upper->n * t->ops->size);
	c->n = keep;
	list_insert(t, i + 1, upper, t->starts[i] + keep);
}

/* Moves the rows of chunk i + 1 behind those of chunk i. */
static void chunk_merge(struct table *t, size_t i)
{
	struct chunk *upper = chunk_own(t, i + 1, 0);
	struct chunk *c = chunk_own(t, i, upper->n);

	memcpy(chunk_row(t, c, c->n), upper->rows, upper->n * t->ops->size);
	c->n += upper->n;
	upper->n = 0;
	list_remove(t, i + 1);
	chunk_unref(t, upper);
}

static bool fits_together(const struct table *t, size_t i)
{
	return i + 1 < t->n && t->chunks[i]->n + t->chunks[i + 1]->n <= CHUNK_MERGE;
}

/* The last chunk whose first row is not above the key; then the row within it. */
static struct place place_of(const struct table *t, const void *key)
{
	struct place p = {0, 0, false};
	size_t low = 0, high = t->n;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (row_compare(t->ops, chunk_row(t, t->chunks[mid], 0), key) <= 0)
			low = mid;
		else
			high = mid;
	}
	p.chunk = low;
	if (t->n == 0)
		return p;
	low = 0;
	high = t->chunks[p.chunk]->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = row_compare(t->ops, chunk_row(t, t->chunks[p.chunk], mid), key);
		if (order == 0) {
			p.row = mid;
			p.found = true;
			return p;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	p.row = low;
	return p;
}

/* Makes sure that the chunk at p has room for one row more; p follows the row's place. */
static void make_room(struct table *t, struct place *p)
{
	if (t->n == 0) {
		list_insert(t, 0, chunk_new(t, 4), 0);
		return;
	}
	if (t->chunks[p->chunk]->n < CHUNK_ROWS)
		return;
	if (p->chunk == t->n - 1 && p->row == CHUNK_ROWS) {
		list_insert(t, t->n, chunk_new(t, CHUNK_ROWS), t->count);
		p->chunk++;
		p->row = 0;
		return;
	}
	chunk_split(t, p->chunk);
	if (p->row > t->chunks[p->chunk]->n) {
		p->row -= t->chunks[p->chunk]->n;
		p->chunk++;
	}
}

struct table *table_new(const struct row_ops *ops)
{
	struct table *t = mem_new(struct table);

	t->ops = ops;
	return t;
}

struct table *table_share(const struct table *t)
{
	struct table *s = table_new(t->ops);

	s->n = s->room = t->n;
	s->count = t->count;
	s->generation = t->generation;
	if (t->n == 0)
		return s;
	s->chunks = mem_dup(t->chunks, t->n * sizeof(struct chunk *));
	s->starts = mem_dup(t->starts, t->n * sizeof(*t->starts));
	for (size_t i = 0; i < s->n; i++)
		atomic_fetch_add_explicit(&s->chunks[i]->holders, 1, memory_order_relaxed);
	return s;
}

static void drop_chunks(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		chunk_unref(t, t->chunks[i]);
	t->n = t->count = 0;
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	drop_chunks(t);
	free(t->chunks);
	free(t->starts);
	free(t);
}

void table_clear(struct table *t)
{
	if (t->count == 0)
		return;
	drop_chunks(t);
	touch(t);
}

void table_rename(struct table *t, struct intern *to)
{
	if (t->count == 0)
		return;
	touch(t);
	for (size_t i = 0; i < t->n; i++) {
		struct chunk *c = chunk_own(t, i, 0);

		for (size_t r = 0; r < c->n; r++)
			row_rename(t->ops, chunk_row(t, c, r), to);
	}
}

bool table_put(struct table *t, void *row)
{
	struct place p = place_of(t, row);
	struct chunk *c;

	touch(t);
	if (p.found) {
		c = chunk_own(t, p.chunk, 0);
		row_unref(t->ops, chunk_row(t, c, p.row));
		memcpy(chunk_row(t, c, p.row), row, t->ops->size);
		return false;
	}
	make_room(t, &p);
	c = chunk_own(t, p.chunk, 1);
	memmove(chunk_row(t, c, p.row + 1), chunk_row(t, c, p.row), (c->n - p.row) * t->ops->size);
	memcpy(chunk_row(t, c, p.row), row, t->ops->size);
	c->n++;
	starts_shift(t, p.chunk, 1);
	return true;
}

bool table_remove(struct table *t, const void *key_row)
{
	struct place p = place_of(t, key_row);
	struct chunk *c;

	if (!p.found)
		return false;
	touch(t);
	c = chunk_own(t, p.chunk, 0);
	row_unref(t->ops, chunk_row(t, c, p.row));
	c->n--;
	memmove(chunk_row(t, c, p.row), chunk_row(t, c, p.row + 1), (c->n - p.row) * t->ops->size);
	starts_shift(t, p.chunk, -1);
	if (c->n == 0) {
		list_remove(t, p.chunk);
		chunk_unref(t, c);
	} else if (fits_together(t, p.chunk)) {
		chunk_merge(t, p.chunk);
	} else if (p.chunk > 0 && fits_together(t, p.chunk - 1)) {
		chunk_merge(t, p.chunk - 1);
	}
	return true;
}

size_t table_count(const struct table *t)
{
	return t->count;
}

uint64_t table_generation(const struct table *t)
{
	return t->generation;
}

const void *table_at(const struct table *t, size_t i)
{
	size_t low = 0, high = t->n;

	if (i >= t->count)
		return NULL;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (t->starts[mid] <= i)
			low = mid;
		else
			high = mid;
	}
	return chunk_row(t, t->chunks[low], i - t->starts[low]);
}

const void *table_find(const struct table *t, const void *key_row)
{
	struct place p = place_of(t, key_row);

	return p.found ? chunk_row(t, t->chunks[p.chunk], p.row) : NULL;
}

struct table_walk table_walk(const struct table *t)
{
	return (struct table_walk){t, 0, 0};
}

const void *table_next(struct table_walk *w)
{
	const struct table *t = w->table;

	if (w->chunk < t->n && w->row == t->chunks[w->chunk]->n) {
		w->chunk++;
		w->row = 0;
	}
	return w->chunk < t->n ? chunk_row(t, t->chunks[w->chunk], w->row++) : NULL;
}
