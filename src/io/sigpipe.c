/* A write to a closed pipe or socket raises SIGPIPE, which would end a program that
 * only wanted EPIPE. A library may not change the process's handlers, so the signal is
 * blocked in this thread and, if one came meanwhile, taken back. */
#include "sigpipe.h"

#include <pthread.h>
#include <time.h>

static void only_sigpipe(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGPIPE);
}

static bool is_pending(void)
{
	sigset_t pending;

	sigemptyset(&pending);
	sigpending(&pending);
	return sigismember(&pending, SIGPIPE) == 1;
}

void sigpipe_block(struct sigpipe *s)
{
	sigset_t pipe_only;

	only_sigpipe(&pipe_only);
	s->was_pending = is_pending();
	pthread_sigmask(SIG_BLOCK, &pipe_only, &s->mask);
}

void sigpipe_restore(const struct sigpipe *s)
{
	const struct timespec at_once = {0, 0};
	sigset_t pipe_only;

	only_sigpipe(&pipe_only);
	if (!s->was_pending && is_pending())
		sigtimedwait(&pipe_only, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
}
