/* Workers for what blocks: a bounded queue of jobs, and threads that take from it
 * in order. To stop, the cancel descriptor becomes readable and stays so: every
 * running job sees it in its poll, every waiting one is dropped without a run. */
#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/serial.h"
#include "base/thread.h"
#include "base/wake.h"

struct job {
	struct job *next;
	uint64_t number; /* grows along the queue */
	void (*run)(void *job, int cancel_fd);
	void (*drop)(void *job);
	void *what;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last;
	size_t n_waiting, max_waiting;
	bool stopping;
	uint64_t begun; /* the number of the newest job a worker took */
	uint64_t refused;
	int cancel_fd;
	size_t n_workers;
	pthread_t workers[];
};

/* Waits for a job; NULL once the pool stops and nothing is left to drop. */
static struct job *next_job(struct pool *p, bool *stopping)
{
	struct job *j;

	pthread_mutex_lock(&p->lock);
	while (p->first == NULL && !p->stopping)
		pthread_cond_wait(&p->more, &p->lock);
	j = p->first;
	if (j != NULL) {
		p->begun = j->number;
		p->first = j->next;
		if (--p->n_waiting == 0)
			p->last = &p->first;
	}
	*stopping = p->stopping;
	pthread_mutex_unlock(&p->lock);
	return j;
}

static void *work(void *arg)
{
	struct pool *p = arg;
	bool stopping;
	struct job *j;

	while ((j = next_job(p, &stopping)) != NULL) {
		if (!stopping)
			j->run(j->what, p->cancel_fd);
		j->drop(j->what);
		free(j);
	}
	return NULL;
}

struct pool *pool_start(size_t workers, size_t max_waiting)
{
	struct pool *p = mem_zero(1, sizeof(*p) + workers * sizeof(p->workers[0]));

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	p->last = &p->first;
	p->max_waiting = max_waiting;
	p->cancel_fd = wake_open();
	while (p->n_workers < workers &&
		thread_start(&p->workers[p->n_workers], "pool", work, p) == 0)
		p->n_workers++;
	if (p->n_workers == 0) {
		pool_stop(p);
		return NULL;
	}
	return p;
}

void pool_stop(struct pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	wake_set(p->cancel_fd);
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_workers; i++)
		pthread_join(p->workers[i], NULL);
	close(p->cancel_fd);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

int pool_add(
	struct pool *p, void (*run)(void *job, int cancel_fd), void (*drop)(void *job), void *job)
{
	struct job *j = mem_new(struct job);
	int rc = -1;

	*j = (struct job){.run = run, .drop = drop, .what = job};
	pthread_mutex_lock(&p->lock);
	if (p->n_waiting >= p->max_waiting) {
		p->refused++;
	} else if (!p->stopping) {
		j->number = serial_next();
		*p->last = j;
		p->last = &j->next;
		p->n_waiting++;
		pthread_cond_signal(&p->more);
		rc = 0;
	}
	pthread_mutex_unlock(&p->lock);
	if (rc != 0)
		free(j);
	return rc;
}

bool pool_has_begun(struct pool *p, uint64_t number)
{
	bool begun;

	pthread_mutex_lock(&p->lock);
	begun = p->begun > number;
	pthread_mutex_unlock(&p->lock);
	return begun;
}

struct pool_load pool_load(struct pool *p)
{
	struct pool_load load;

	pthread_mutex_lock(&p->lock);
	load = (struct pool_load){p->n_waiting, p->refused};
	pthread_mutex_unlock(&p->lock);
	return load;
}
