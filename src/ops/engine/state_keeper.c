/* Saves run as a chore on a thread of their own; while one is held by the disk, newer states
 * replace each other in the one place that waits. */
#include "ops/engine/state_keeper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/chore.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define LATE_MS 5000 /* a save that takes longer is trouble */

/* What the owner and its thread both use, for as long as either does. */
struct result {
	atomic_int refs;
	pthread_mutex_t lock;
	struct instant failing_since;
	char why[200]; /* "": the last save went well */
};

struct state_keeper {
	char *path;
	struct chore *saving;
	struct result *result;
};

struct save {
	char *path;
	struct saved_state state;
	struct result *result;
};

static void result_unref(struct result *r)
{
	if (atomic_fetch_sub(&r->refs, 1) > 1)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void save_drop(void *job)
{
	struct save *s = job;

	snapshot_unref(s->state.snapshot);
	result_unref(s->result);
	free(s->path);
	free(s);
}

static void save_run(void *job)
{
	struct save *s = job;
	struct result *r = s->result;
	struct err e = {.text = ""};

	if (snapshot_file_save(s->path, &s->state, &e) != 0)
		log_put(LOG_WARN, "engine", "the last good state was not saved: %s", e.text);
	pthread_mutex_lock(&r->lock);
	if (e.text[0] && !r->why[0])
		r->failing_since = instant_now();
	str_copy(r->why, sizeof(r->why), e.text);
	pthread_mutex_unlock(&r->lock);
}

struct state_keeper *state_keeper_start(const char *path)
{
	struct state_keeper *k = mem_new(struct state_keeper);

	k->path = mem_str(path);
	k->result = mem_new(struct result);
	k->result->refs = 1;
	pthread_mutex_init(&k->result->lock, NULL);
	k->saving = chore_start("state", save_run, save_drop);
	return k;
}

void state_keeper_put(struct state_keeper *k, const struct saved_state *saved)
{
	struct save *s = mem_new(struct save);

	*s = (struct save){.path = mem_str(k->path), .state = *saved, .result = k->result};
	k->result->refs++;
	if (k->saving)
		chore_put(k->saving, s);
	else
		save_drop(s);
}

void state_keeper_look(struct state_keeper *k, struct instant now, struct keeping *out)
{
	int64_t busy;

	out->off = !k || !k->saving;
	if (out->off)
		return;
	busy = chore_busy_ms(k->saving, now.boot_ms);
	pthread_mutex_lock(&k->result->lock);
	out->since = k->result->failing_since;
	str_copy(out->why, sizeof(out->why), k->result->why);
	pthread_mutex_unlock(&k->result->lock);
	if (out->why[0] || busy < LATE_MS)
		return;
	out->since = (struct instant){now.wall_ms - busy, now.boot_ms - busy};
	str_copy(out->why, sizeof(out->why), N_("the disk does not answer"));
}

bool state_keeper_stop(struct state_keeper *k, int64_t within_ms)
{
	bool saved;

	if (!k)
		return true;
	saved = chore_stop(k->saving, within_ms);
	result_unref(k->result);
	free(k->path);
	free(k);
	return saved;
}
