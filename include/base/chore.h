/* One kind of work that may block for as long as a disk likes, on a thread of its own, so that
 * neither its giver nor a pool's other jobs wait for it. Jobs run one at a time; while one runs,
 * the newest waits and the older one is dropped. */
#ifndef BASE_CHORE_H
#define BASE_CHORE_H

#include <stdbool.h>
#include <stdint.h>

struct chore;

/* run and drop are called on the chore's thread, drop after run; a job that is replaced is dropped
 * on the giver's. name: the thread's, 15 bytes. NULL when the system gives no thread. */
struct chore *chore_start(const char *name, void (*run)(void *job), void (*drop)(void *job));
void chore_put(struct chore *c, void *job); /* takes it; never blocks; any thread */
/* How long the job that runs now has run; -1: none runs. */
int64_t chore_busy_ms(struct chore *c, int64_t boot_ms);
/* Lets what was given run, for at most so long. False: the thread is left to itself, and may still
 * use what its job owns. NULL is fine: true. */
bool chore_stop(struct chore *c, int64_t within_ms);

#endif
