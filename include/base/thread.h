/* Threads that let a crash be seen. Every thread of k911 is started here: it takes no signal but
 * those of its own faults, and has a stack apart on which a handler can run after its own stack is
 * full. A fault whose signal is blocked would kill the process past every handler, and leave the
 * terminal as it was. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <signal.h>

/* What a fault raises in the thread that made it. Never blocked. */
extern const int thread_faults[];
extern const size_t thread_n_faults;

/* name: a literal of at most 15 characters, what ps and /proc call it. 0, or an errno and no
 * thread. */
int thread_start(pthread_t *thread, const char *name, void *(*run)(void *arg), void *arg);

#endif
