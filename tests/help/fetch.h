/* A request on the net thread, waited for with a deadline; counts how often done came. */
#ifndef HELP_FETCH_H
#define HELP_FETCH_H

#include <pthread.h>

#include "io/http.h"

#define FETCH_DEADLINE_MS 20000

struct fetch {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct buf body;
	int heads, dones;
	struct http_result result;
	uint64_t id;
	struct http *http;
	int (*on_data)(struct fetch *f); /* or NULL; called without the lock */
};

extern const struct http_calls fetch_calls;

void fetch_init(struct fetch *f, struct http *h);
void fetch_free(struct fetch *f);
void fetch_start(struct fetch *f, const struct http_request *r);
void fetch_wait(struct fetch *f); /* until done came; a late one ends the test program */
void fetch_wait_body(struct fetch *f, size_t at_least); /* until so many bytes came */
int fetch_dones(struct fetch *f);

#endif
