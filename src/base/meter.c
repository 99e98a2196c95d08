/* A ring of 60 seconds for each name, and the ring's sum, so that reading adds nothing up. Rings
 * are moved on when they are looked at: a name that nobody calls costs nothing. The last ring of
 * the table is kept for the names that find no room, so what was called is never left out. */
#include "base/meter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct ring {
	enum meter_kind kind;
	char name[METER_NAME];
	int64_t second; /* the newest */
	uint32_t at[METER_SECONDS][METER_WHATS], sum[METER_WHATS];
};

static struct ring rings[METER_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void move_on(struct ring *r, int64_t second)
{
	if (second - r->second >= METER_SECONDS) {
		memset(r->at, 0, sizeof(r->at));
		memset(r->sum, 0, sizeof(r->sum));
		r->second = second;
	}
	while (r->second < second) {
		uint32_t *oldest = r->at[++r->second % METER_SECONDS];

		for (int k = 0; k < METER_WHATS; k++) {
			r->sum[k] -= oldest[k];
			oldest[k] = 0;
		}
	}
}

static bool is_silent(const struct ring *r)
{
	return r->sum[METER_REQUESTS] == 0 && r->sum[METER_CONNECTIONS] == 0;
}

static struct ring *ring_of(enum meter_kind kind, const char *name, int64_t second)
{
	struct ring *last = &rings[METER_MAX - 1], *room = last;

	for (struct ring *r = rings; r < last; r++) {
		move_on(r, second);
		if (r->kind == kind && str_eq(r->name, name))
			return r;
		if (room == last && is_silent(r))
			room = r;
	}
	move_on(room, second);
	if (room != last)
		str_copy(room->name, sizeof(room->name), name);
	room->kind = room != last ? kind : METER_SERVER;
	return room;
}

void meter_count(enum meter_kind kind, const char *name, enum meter_what what, int64_t now_ms)
{
	char key[METER_NAME];
	struct ring *r;

	str_copy(key, sizeof(key), name);
	pthread_mutex_lock(&lock);
	r = ring_of(kind, key, now_ms / 1000);
	r->at[r->second % METER_SECONDS][what]++;
	r->sum[what]++;
	pthread_mutex_unlock(&lock);
}

static int compare(const void *a, const void *b)
{
	const struct meter_reading *x = a, *y = b;

	return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind)
				  : strcmp(x->name, y->name);
}

size_t meter_read(struct meter_reading out[METER_MAX], int64_t now_ms)
{
	size_t n = 0;

	pthread_mutex_lock(&lock);
	for (struct ring *r = rings; r < rings + METER_MAX; r++) {
		move_on(r, now_ms / 1000);
		if (is_silent(r))
			continue;
		out[n] = (struct meter_reading){.kind = r->kind};
		memcpy(out[n].name, r->name, sizeof(r->name));
		memcpy(out[n++].n, r->sum, sizeof(r->sum));
	}
	pthread_mutex_unlock(&lock);
	qsort(out, n, sizeof(*out), compare);
	return n;
}
