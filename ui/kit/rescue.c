/* Whatever ends the program, the terminal must be usable afterwards. The orderly ways go through
 * curses; exit() from elsewhere and crashes write a string prepared at the start and put the line
 * modes back, which is all a signal handler may do. It runs on a stack apart, in whatever thread:
 * base/thread sees to both. Sanitizers keep their own handlers for crashes. */
#include "ui/kit/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/own_file.h"
#include "base/str.h"
#include "base/thread.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CRASH_HANDLERS 0
#else
#define CRASH_HANDLERS 1
#endif

/* Read by signal handlers, so plain static memory. */
static struct {
	volatile sig_atomic_t taken; /* the terminal is ours now */
	char reset[256];
	size_t reset_len;
	struct termios modes; /* as we found them */
	int real_stderr, log; /* a copy of stderr; what stands in for it; or -1 */
	int screen, nowhere;  /* a copy of stdout; /dev/null; or -1 */
} rescue = {.real_stderr = -1, .log = -1, .screen = -1, .nowhere = -1};

/* Only async-signal-safe calls. */
static void leave_by_force(void)
{
	ssize_t ignored;

	if (!rescue.taken)
		return;
	rescue.taken = 0;
	ignored = write(
		rescue.screen >= 0 ? rescue.screen : STDOUT_FILENO, rescue.reset, rescue.reset_len);
	(void)ignored;
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
	if (rescue.real_stderr >= 0)
		dup2(rescue.real_stderr, STDERR_FILENO);
}

/* What ends a program unasked, beside its faults: none of them may leave the terminal behind. Those
 * the screen reads from its signalfd are not here. */
static const int killers[] = {
	SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGXCPU};
#define N_KILLERS (sizeof(killers) / sizeof(killers[0]))

/* The first to come ends the process: after it nothing is caught any more. Another thread that
 * fails meanwhile waits for that end, or it would come before the terminal is back. */
static void on_crash(int sig)
{
	static _Atomic pid_t first;
	pid_t me = gettid(), nobody = 0;

	if (!atomic_compare_exchange_strong(&first, &nobody, me) && nobody != me)
		for (;;)
			pause();
	if (rescue.nowhere >= 0 && rescue.taken)
		dup2(rescue.nowhere, STDOUT_FILENO); /* the screen's thread may be at a frame */
	leave_by_force();
	signal(sig, SIG_DFL);
	log_last_words();
	raise(sig);
}

static void on_ends(void (*handler)(int sig))
{
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_NODEFER | SA_ONSTACK};

	for (size_t i = 0; i < N_KILLERS; i++)
		sigaction(killers[i], &sa, NULL);
	for (size_t i = 0; CRASH_HANDLERS && i < thread_n_faults; i++)
		sigaction(thread_faults[i], &sa, NULL);
}

static void watch_crashes(void)
{
	static char stack[64 * 1024];
	const stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};

	if (CRASH_HANDLERS)
		sigaltstack(&own, NULL);
	on_ends(on_crash);
}

static void forget_crashes(void)
{
	const stack_t none = {.ss_flags = SS_DISABLE};

	on_ends(SIG_DFL);
	if (CRASH_HANDLERS)
		sigaltstack(&none, NULL);
}

int rescue_begin(struct err *e)
{
	if (tcgetattr(STDIN_FILENO, &rescue.modes) != 0)
		return err_sys(e, errno, "%s", _("cannot read the terminal's modes"));
	return 0;
}

static void open_log(const char *path)
{
	rescue.log = path != NULL ? own_file_open(path, O_WRONLY | O_APPEND, NULL) : -1;
	if (rescue.log < 0)
		rescue.log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	rescue.real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	rescue.screen = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	rescue.nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
}

void rescue_prepare(const char *reset, const char *stderr_path)
{
	static bool at_exit;

	str_copy(rescue.reset, sizeof(rescue.reset), reset);
	rescue.reset_len = strlen(rescue.reset);
	open_log(stderr_path);
	watch_crashes();
	if (!at_exit)
		atexit(leave_by_force);
	at_exit = true;
}

void rescue_take(void)
{
	rescue.taken = 1;
	if (rescue.log >= 0)
		dup2(rescue.log, STDERR_FILENO);
}

bool rescue_taken(void)
{
	return rescue.taken;
}

void rescue_give(void)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &rescue.modes);
	if (rescue.real_stderr >= 0)
		dup2(rescue.real_stderr, STDERR_FILENO);
	rescue.taken = 0;
}

void rescue_end(void)
{
	int *const fds[] = {&rescue.log, &rescue.real_stderr, &rescue.screen, &rescue.nowhere};

	forget_crashes();
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

bool rescue_stop(bool whole_job)
{
	struct timespec none = {0};
	struct sigaction before;
	sigset_t tstp, cont;

	sigaction(SIGTSTP, NULL, &before);
	if (before.sa_handler == SIG_IGN)
		return false;
	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	signal(SIGTSTP, SIG_DFL);
	kill(whole_job ? 0 : getpid(), SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &tstp, NULL); /* here it stops, and goes on */
	pthread_sigmask(SIG_BLOCK, &tstp, NULL);
	while (sigtimedwait(&cont, NULL, &none) > 0)
		continue;
	sigaction(SIGTSTP, &before, NULL);
	return true;
}
