/* Whatever ends the program, the terminal must be usable afterwards. The orderly ways go through
 * curses; exit() from elsewhere and crashes write a string prepared at the start and put the line
 * modes back, which is all a signal handler may do. Sanitizers keep their own handlers for crashes.
 */
#include "ui/rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/str.h"

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
} rescue = {.real_stderr = -1, .log = -1};

/* Only async-signal-safe calls. */
static void leave_by_force(void)
{
	ssize_t ignored;

	if (!rescue.taken)
		return;
	rescue.taken = 0;
	ignored = write(STDOUT_FILENO, rescue.reset, rescue.reset_len);
	(void)ignored;
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
	if (rescue.real_stderr >= 0)
		dup2(rescue.real_stderr, STDERR_FILENO);
}

#if CRASH_HANDLERS
static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
#define N_CRASHES (sizeof(crashes) / sizeof(crashes[0]))

/* Installed with SA_RESETHAND and SA_NODEFER: the second raise is the default's. */
static void on_crash(int sig)
{
	leave_by_force();
	raise(sig);
}

static void watch_crashes(void)
{
	static char stack[64 * 1024];
	stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction sa = {
		.sa_handler = on_crash,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK),
	};

	sigaltstack(&own, NULL);
	for (size_t i = 0; i < N_CRASHES; i++)
		sigaction(crashes[i], &sa, NULL);
}

static void forget_crashes(void)
{
	stack_t none = {.ss_flags = SS_DISABLE};

	for (size_t i = 0; i < N_CRASHES; i++)
		signal(crashes[i], SIG_DFL);
	sigaltstack(&none, NULL);
}
#else
static void watch_crashes(void)
{
}

static void forget_crashes(void)
{
}
#endif

int rescue_begin(struct err *e)
{
	if (tcgetattr(STDIN_FILENO, &rescue.modes) != 0)
		return err_sys(e, errno, "%s", _("cannot read the terminal's modes"));
	return 0;
}

static void open_log(const char *path)
{
	rescue.log = open(
		path != NULL ? path : "/dev/null", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (rescue.log < 0)
		rescue.log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	rescue.real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
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
	forget_crashes();
	if (rescue.log >= 0)
		close(rescue.log);
	if (rescue.real_stderr >= 0)
		close(rescue.real_stderr);
	rescue.log = rescue.real_stderr = -1;
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
