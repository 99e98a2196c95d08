/* Threads that let a crash be seen: the mask is set before the thread begins, so that no signal
 * falls in between, and the stack for handlers by the thread itself, as the kernel wants it. */
#include "base/thread.h"

#include <stdlib.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_HANDLER_STACK 0 /* sanitizers handle faults themselves, on stacks of their own */
#else
#define OWN_HANDLER_STACK 1
#endif

#define HANDLER_STACK (32 * 1024) /* the widest registers fill a third of it */

const int thread_faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
const size_t thread_n_faults = sizeof(thread_faults) / sizeof(thread_faults[0]);

struct birth {
	void *(*run)(void *arg);
	void *arg;
	const char *name;
#if OWN_HANDLER_STACK
	char stack[HANDLER_STACK];
#endif
};

static void keep_quiet(sigset_t *set)
{
	sigfillset(set);
	for (size_t i = 0; i < thread_n_faults; i++)
		sigdelset(set, thread_faults[i]);
}

static void use_stack(struct birth *b)
{
#if OWN_HANDLER_STACK
	const stack_t own = {.ss_sp = b->stack, .ss_size = sizeof(b->stack)};

	sigaltstack(&own, NULL);
#else
	(void)b;
#endif
}

static void leave_stack(void)
{
#if OWN_HANDLER_STACK
	const stack_t none = {.ss_flags = SS_DISABLE};

	sigaltstack(&none, NULL);
#endif
}

static void *live(void *arg)
{
	struct birth *b = arg;
	void *result;

	use_stack(b);
	pthread_setname_np(pthread_self(), b->name); /* another's is a file, which may be root's */
	result = b->run(b->arg);
	leave_stack();
	free(b);
	return result;
}

int thread_start(pthread_t *thread, const char *name, void *(*run)(void *arg), void *arg)
{
	struct birth *b = mem_new(struct birth);
	sigset_t quiet, mask;
	int failed;

	b->run = run;
	b->arg = arg;
	b->name = name;
	keep_quiet(&quiet);
	pthread_sigmask(SIG_SETMASK, &quiet, &mask);
	failed = pthread_create(thread, NULL, live, b);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	if (failed != 0)
		free(b);
	return failed;
}
