/* One copy of each string. A hash table of entries that live in blocks which are
 * never moved, so an address stays good until the pool goes. Cluster names are
 * hostile: the hash begins from a seed of the pool's own, the table never fills
 * past three quarters, and the whole has a ceiling. */
#include "base/intern.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_BYTES ((size_t)64 * 1024)
#define FIRST_SLOTS 256 /* not counted */

struct entry {
	uint32_t hash;
	uint32_t len;
	const char *text;
};

struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

struct intern {
	atomic_size_t holders;
	atomic_bool full;
	pthread_mutex_t lock;
	struct entry *slots; /* a power of two of them; text NULL: empty */
	size_t n_slots, n_used;
	struct block *blocks; /* the first one is being filled */
	atomic_size_t bytes;  /* names and slots; written under the lock, read without */
	size_t max;
	uint32_t seed;
};

struct intern *intern_new(size_t max_bytes)
{
	struct intern *pool = mem_new(struct intern);
	uintptr_t address = (uintptr_t)pool;

	atomic_init(&pool->holders, 1);
	pthread_mutex_init(&pool->lock, NULL);
	pool->n_slots = FIRST_SLOTS;
	pool->slots = mem_zero(pool->n_slots, sizeof(*pool->slots));
	pool->max = max_bytes;
	pool->seed = (uint32_t)(address >> 4) ^ (uint32_t)(address >> 20);
	return pool;
}

struct intern *intern_ref(struct intern *pool)
{
	if (pool != NULL)
		atomic_fetch_add_explicit(&pool->holders, 1, memory_order_relaxed);
	return pool;
}

void intern_unref(struct intern *pool)
{
	struct block *b, *next;

	if (pool == NULL || atomic_fetch_sub_explicit(&pool->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (b = pool->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	pthread_mutex_destroy(&pool->lock);
	free(pool->slots);
	free(pool);
}

static uint32_t hash_of(uint32_t seed, const char *s, size_t n)
{
	uint32_t h = 2166136261U ^ seed;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619U;
	h ^= h >> 15;
	return h * 2246822519U ^ h >> 13;
}

/* The entry of this string, or the empty one where it belongs. */
static struct entry *find(struct intern *pool, uint32_t hash, const char *s, size_t n)
{
	size_t i = hash & (pool->n_slots - 1);

	for (;; i = (i + 1) & (pool->n_slots - 1)) {
		struct entry *e = &pool->slots[i];

		if (e->text == NULL ||
			(e->hash == hash && e->len == n && memcmp(e->text, s, n) == 0))
			return e;
	}
}

/* How much more the table takes with one more name: short ones cost more there than as text. */
static size_t slots_due(const struct intern *pool)
{
	bool wider = pool->n_used + 1 > pool->n_slots / 4 * 3;

	return wider ? pool->n_slots * sizeof(*pool->slots) : 0;
}

static void widen(struct intern *pool)
{
	struct entry *old = pool->slots;
	size_t n = pool->n_slots;

	pool->n_slots = n * 2;
	pool->bytes += n * sizeof(*pool->slots);
	pool->slots = mem_zero(pool->n_slots, sizeof(*pool->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].text != NULL)
			*find(pool, old[i].hash, old[i].text, old[i].len) = old[i];
	free(old);
}

static const char *keep(struct intern *pool, const char *s, size_t n)
{
	struct block *b = pool->blocks;
	char *text;

	if (b == NULL || b->size - b->used < n + 1) {
		size_t size = n + 1 > BLOCK_BYTES ? n + 1 : BLOCK_BYTES;

		b = mem_grow(NULL, 1, sizeof(*b) + size);
		*b = (struct block){.next = pool->blocks, .size = size};
		pool->blocks = b;
	}
	text = b->bytes + b->used;
	memcpy(text, s, n);
	text[n] = '\0';
	b->used += n + 1;
	return text;
}

const char *intern_n(struct intern *pool, const char *bytes, size_t n)
{
	const char *text = "(too many names)";
	struct entry *e;
	uint32_t hash;

	n = bytes == NULL ? 0 : strnlen(bytes, n);
	if (n == 0)
		return "";
	hash = hash_of(pool->seed, bytes, n);
	pthread_mutex_lock(&pool->lock);
	e = find(pool, hash, bytes, n);
	if (e->text != NULL) {
		text = e->text;
	} else if (n < UINT32_MAX && n + 1 + slots_due(pool) <= pool->max - pool->bytes) {
		text = keep(pool, bytes, n);
		*e = (struct entry){.hash = hash, .len = (uint32_t)n, .text = text};
		pool->bytes += n + 1;
		if (++pool->n_used > pool->n_slots / 4 * 3)
			widen(pool);
	} else {
		atomic_store(&pool->full, true);
	}
	pthread_mutex_unlock(&pool->lock);
	return text;
}

const char *intern_str(struct intern *pool, const char *s)
{
	return intern_n(pool, s, s == NULL ? 0 : strlen(s));
}

size_t intern_bytes(const struct intern *pool)
{
	return atomic_load(&pool->bytes);
}

size_t intern_max(const struct intern *pool)
{
	return pool->max;
}

bool intern_is_full(const struct intern *pool)
{
	return atomic_load(&pool->full);
}

int intern_compare(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a, b);
}
