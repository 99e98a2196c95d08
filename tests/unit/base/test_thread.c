/* Threads: their name, what they block and where their handlers run. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/thread.h"

struct seen {
	char name[16];
	sigset_t mask;
	stack_t stack;
};

static void *look(void *arg)
{
	struct seen *s = arg;

	pthread_getname_np(pthread_self(), s->name, sizeof(s->name));
	pthread_sigmask(SIG_SETMASK, NULL, &s->mask);
	sigaltstack(NULL, &s->stack);
	return arg;
}

static void start_and_look(struct seen *s)
{
	pthread_t thread;
	void *result;

	assert_int_equal(thread_start(&thread, "looker", look, s), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_string_equal(s->name, "looker");
	assert_ptr_equal(result, s);
}

static bool is_fault(int sig)
{
	for (size_t i = 0; i < thread_n_faults; i++)
		if (thread_faults[i] == sig)
			return true;
	return false;
}

static void test_a_thread_hears_of_its_own_faults_and_of_nothing_else(void **state)
{
	struct seen s = {0};

	(void)state;
	start_and_look(&s);
	for (int sig = 1; sig < SIGRTMAX; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP || (sig >= 32 && sig < SIGRTMIN))
			continue; /* nobody blocks those; libc's own */
		assert_int_equal(sigismember(&s.mask, sig), !is_fault(sig));
	}
}

static void test_faults_are_heard_even_where_the_starter_blocks_them(void **state)
{
	struct seen s = {0};
	sigset_t all, mask, after;

	(void)state;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	start_and_look(&s);
	pthread_sigmask(SIG_SETMASK, &mask, &after);
	assert_false(sigismember(&s.mask, SIGSEGV));
	assert_true(sigismember(&after, SIGSEGV)); /* the starter's own mask is untouched */
}

static void test_a_handler_has_a_stack_apart(void **state)
{
	struct seen s = {0};

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
	start_and_look(&s);
	assert_false(s.stack.ss_flags & SS_DISABLE);
	assert_true(s.stack.ss_size >= 32 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thread_hears_of_its_own_faults_and_of_nothing_else),
		cmocka_unit_test(test_faults_are_heard_even_where_the_starter_blocks_them),
		cmocka_unit_test(test_a_handler_has_a_stack_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
