/* Waits with a condition variable and a deadline, never with a sleep. */
#include "help/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int on_head(void *arg, const struct http_head *head)
{
	struct fetch *f = arg;

	(void)head;
	pthread_mutex_lock(&f->lock);
	f->heads++;
	pthread_mutex_unlock(&f->lock);
	return 0;
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct fetch *f = arg;

	pthread_mutex_lock(&f->lock);
	buf_add(&f->body, bytes, n);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return f->on_data != NULL ? f->on_data(f) : 0;
}

static void on_done(void *arg, const struct http_result *result)
{
	struct fetch *f = arg;

	pthread_mutex_lock(&f->lock);
	f->result = *result;
	f->dones++;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

const struct http_calls fetch_calls = {.head = on_head, .data = on_data, .done = on_done};

void fetch_init(struct fetch *f, struct http *h)
{
	memset(f, 0, sizeof(*f));
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	buf_init(&f->body, 64u << 20);
	f->http = h;
}

void fetch_free(struct fetch *f)
{
	buf_done(&f->body);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
}

/* The id is set under the lock, so that a callback may read it. */
void fetch_start(struct fetch *f, const struct http_request *r)
{
	pthread_mutex_lock(&f->lock);
	f->id = http_start(f->http, r, &fetch_calls, f);
	pthread_mutex_unlock(&f->lock);
}

static void wait_until(struct fetch *f, int dones, size_t bytes)
{
	struct timespec late;

	clock_gettime(CLOCK_REALTIME, &late);
	late.tv_sec += FETCH_DEADLINE_MS / 1000;
	pthread_mutex_lock(&f->lock);
	while (f->dones < dones || f->body.len < bytes) {
		if (pthread_cond_timedwait(&f->changed, &f->lock, &late) == ETIMEDOUT) {
			fprintf(stderr, "waited in vain: done %d times, %zu bytes\n", f->dones,
				f->body.len);
			abort();
		}
	}
	pthread_mutex_unlock(&f->lock);
}

void fetch_wait(struct fetch *f)
{
	wait_until(f, 1, 0);
}

void fetch_wait_body(struct fetch *f, size_t at_least)
{
	wait_until(f, 0, at_least);
}

int fetch_dones(struct fetch *f)
{
	int n;

	pthread_mutex_lock(&f->lock);
	n = f->dones;
	pthread_mutex_unlock(&f->lock);
	return n;
}
