/* A thread that hangs in the kernel can neither be cancelled nor joined. So the thread and its
 * owner hold the chore together, and the last of the two frees it. */
#include "base/chore.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/thread.h"

struct chore {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*run)(void *job);
	void (*drop)(void *job);
	void *next;         /* the job that waits, or NULL */
	int64_t running_ms; /* BOOTTIME since when one runs; 0: none */
	bool stopping, left, ended;
};

static void chore_free(struct chore *c)
{
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* The next job; NULL when it stops and nothing waits. */
static void *next_job(struct chore *c)
{
	void *job;

	pthread_mutex_lock(&c->lock);
	c->running_ms = 0;
	while (!c->next && !c->stopping)
		pthread_cond_wait(&c->changed, &c->lock);
	job = c->next;
	c->next = NULL;
	if (job)
		c->running_ms = instant_now().boot_ms;
	pthread_mutex_unlock(&c->lock);
	return job;
}

static void *work(void *arg)
{
	struct chore *c = arg;
	void *job;
	bool left;

	while ((job = next_job(c)) != NULL) {
		c->run(job);
		c->drop(job);
	}
	pthread_mutex_lock(&c->lock);
	c->ended = true;
	left = c->left;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	if (left)
		chore_free(c);
	return NULL;
}

static void init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

struct chore *chore_start(const char *name, void (*run)(void *job), void (*drop)(void *job))
{
	struct chore *c = mem_new(struct chore);

	pthread_mutex_init(&c->lock, NULL);
	init_cond(&c->changed);
	c->run = run;
	c->drop = drop;
	if (thread_start(&c->thread, name, work, c) == 0)
		return c;
	chore_free(c);
	return NULL;
}

void chore_put(struct chore *c, void *job)
{
	void *older;

	pthread_mutex_lock(&c->lock);
	older = c->next;
	c->next = job;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	if (older)
		c->drop(older);
}

int64_t chore_busy_ms(struct chore *c, int64_t boot_ms)
{
	int64_t ms = -1;

	pthread_mutex_lock(&c->lock);
	if (c->running_ms != 0)
		ms = boot_ms > c->running_ms ? boot_ms - c->running_ms : 0;
	pthread_mutex_unlock(&c->lock);
	return ms;
}

/* True once the thread needs nothing more; else it is left to itself from now on. */
static bool wait_for_end(struct chore *c, int64_t within_ms)
{
	struct timespec until;
	bool ended;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += within_ms / 1000;
	until.tv_nsec += within_ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_broadcast(&c->changed);
	while (!c->ended && pthread_cond_timedwait(&c->changed, &c->lock, &until) != ETIMEDOUT)
		continue;
	ended = c->ended;
	c->left = !ended;
	if (!ended)
		pthread_detach(c->thread);
	pthread_mutex_unlock(&c->lock);
	return ended;
}

bool chore_stop(struct chore *c, int64_t within_ms)
{
	if (!c)
		return true;
	if (!wait_for_end(c, within_ms))
		return false;
	pthread_join(c->thread, NULL);
	chore_free(c);
	return true;
}
