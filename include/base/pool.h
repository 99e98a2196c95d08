/* Workers for what blocks. A job waits only in poll {its work, cancel_fd} with a
 * deadline; pool_stop makes cancel_fd readable for all and joins. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

/* Fewer workers than asked for when the system gives no more; NULL when none. */
struct pool *pool_start(size_t workers, size_t max_waiting);
void pool_stop(struct pool *p); /* cancels, drops what has not begun, joins, frees; NULL is fine */

/* run and drop are called on a worker, drop after run (or alone if run never
 * came to be); -1: too many wait or the pool stops, and neither is
 * called. Any thread but none after pool_stop returned. */
int pool_add(
	struct pool *p, void (*run)(void *job, int cancel_fd), void (*drop)(void *job), void *job);

/* Has the job begun that was the first to be added after serial_next() gave number? Else it waits
 * for a worker. Any thread. */
bool pool_has_begun(struct pool *p, uint64_t number);
struct pool_load {
	size_t waiting;   /* jobs that no worker took yet */
	uint64_t refused; /* jobs that found the queue full, ever */
};
struct pool_load pool_load(struct pool *p);

#endif
