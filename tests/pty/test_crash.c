/* Whatever thread fails, and of what, on whatever terminal: the terminal comes back, and the
 * program is still seen to have failed. Consoles on a server that takes connections and never says
 * a word, with receivers of alerts, so that every kind of thread runs. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "help/console.h"
#include "help/fault.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
/* TSan defers a signal that comes outside of a blocking call, and now and then never hands it
 * on. */
#if defined(__SANITIZE_THREAD__)
#define SIGNALS_ARE_LOST 1
#else
#define SIGNALS_ARE_LOST 0
#endif

#define HINTS       "q quit$"
#define THREADS_MAX 32
#define AT_ONCE     6 /* consoles that start together */

static int mute = -1; /* listens; nobody ever accepts */
static char kubeconfig[700];

static const char config[] = "nodes: {ssh: {command: ''}, control_plane: [{name: m1, address: "
			     "127.0.0.1, api_port: 1}]}\n"
			     "notify: [{kind: webhook, url_file: ~/url, levels: [P3]}]\n";

static const char *const threads_wanted[] = {
	"k911", "engine", "net", "pool", "journal", "alerts", "alert"};

static int set_up(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);

	(void)state;
	mute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(
		mute >= 0 && bind(mute, (struct sockaddr *)&a, n) == 0 && listen(mute, 4000) == 0);
	assert_int_equal(getsockname(mute, (struct sockaddr *)&a, &n), 0);
	snprintf(kubeconfig, sizeof(kubeconfig),
		"apiVersion: v1\nkind: Config\ncurrent-context: prod\n"
		"contexts: [{name: prod, context: {cluster: prod, user: me}}]\n"
		"clusters: [{name: prod, cluster: {server: 'https://127.0.0.1:%d', "
		"insecure-skip-tls-verify: true}}]\n"
		"users: [{name: me, user: {token: secret}}]\n",
		ntohs(a.sin_port));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(mute);
	return 0;
}

/* How one console is to end. */
struct end {
	const char *term;
	const char *thread; /* NULL: the whole process is sent the signal */
	int signal;
	int fault;        /* >= 0: made, not sent */
	const char *args; /* NULL: none */
};

static void begin(struct console *c, const struct end *how)
{
	char term[80];
	char tmp[80];
	const char *env[] = {term, tmp, "K911_CORE=1", NULL}; /* else only root may make faults */
	const struct console_options o = {.args = how->args, .env = env, .rows = 24, .cols = 80};

	console_home(c);
	snprintf(term, sizeof(term), "TERM=%s", how->term);
	snprintf(tmp, sizeof(tmp), "TMPDIR=%s", c->home); /* what a crash leaves is gone with it */
	console_file(c, ".kube/config", kubeconfig);
	console_file(c, ".config/k911/config.yaml", config);
	console_file(c, "url", "http://127.0.0.1:1/\n");
	console_start(c, &o);
}

/* 0 while there is none: a thread has its name only once it runs. */
static pid_t find_thread(struct console *c, const char *name)
{
	struct fault_thread list[THREADS_MAX];
	size_t n = fault_threads(term_pid(c->t), list, THREADS_MAX);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].id;
	return 0;
}

static pid_t thread_named(struct console *c, const char *name)
{
	pid_t id;

	for (int ms = 0; (id = find_thread(c, name)) == 0; ms += 20) {
		if (ms > CONSOLE_SOON)
			fail_msg("no thread is called %s", name);
		term_pump(c->t, 20);
	}
	return id;
}

static void expect_heard(struct console *c, pid_t thread, const char *name)
{
	for (int ms = 0; !fault_heard(term_pid(c->t), thread); ms += 20) {
		if (ms > CONSOLE_SOON)
			fail_msg("%s would not hear of its own fault", name);
		term_pump(c->t, 20);
	}
}

static void strike(struct console *c, const struct end *how)
{
	pid_t pid = term_pid(c->t), thread = how->thread ? thread_named(c, how->thread) : pid;

	if (how->thread != NULL)
		expect_heard(c, thread, how->thread);
	if (how->fault >= 0)
		assert_true(fault_make(pid, thread, how->fault));
	else if (how->thread != NULL)
		assert_int_equal(syscall(SYS_tgkill, pid, thread, how->signal), 0);
	else
		assert_int_equal(kill(pid, how->signal), 0);
}

static void expect_clean_end(struct console *c, const struct end *how)
{
	const char *what = how->fault >= 0 ? faults[how->fault].name : strsignal(how->signal);
	const char *thread = how->thread ? how->thread : "the process";
	int status, row, col, rows, cols;

	if (!term_exited(c->t, CONSOLE_SOON, &status))
		fail_msg("%s lives on after %s in %s", how->term, what, thread);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != how->signal)
		fail_msg("%s, %s in %s: ended with status %x", how->term, what, thread, status);
	if (term_mess(c->t) != NULL)
		fail_msg("%s, %s in %s: %s", how->term, what, thread, term_mess(c->t));
	term_cursor(c->t, &row, &col);
	term_size(c->t, &rows, &cols);
	if (term_shows(c->t, "1 nodes") && (row < rows - 1 || col > 0))
		fail_msg("%s, %s in %s: the cursor stays at %d,%d", how->term, what, thread, row,
			col);
}

/* A few at a time: a start takes long while the machine is busy. */
static void expect_clean_ends(const struct end *ends, size_t n)
{
	for (size_t from = 0; from < n; from += AT_ONCE) {
		struct console c[AT_ONCE] = {0};
		size_t many = n - from < AT_ONCE ? n - from : AT_ONCE;

		for (size_t i = 0; i < many; i++)
			begin(&c[i], &ends[from + i]);
		for (size_t i = 0; i < many; i++) {
			console_sees(&c[i], HINTS);
			strike(&c[i], &ends[from + i]);
		}
		for (size_t i = 0; i < many; i++) {
			expect_clean_end(&c[i], &ends[from + i]);
			console_end(&c[i]);
		}
	}
}

static const struct end usual = {.term = "xterm-256color", .fault = -1};

/* The names of every thread that such a console has; wanted must be among them. */
static size_t threads_of(const struct end *how, struct fault_thread *list,
	const char *const *wanted, size_t n_wanted)
{
	struct console c = {0};
	size_t n;

	begin(&c, how);
	console_sees(&c, HINTS);
	for (size_t i = 0; i < n_wanted; i++)
		thread_named(&c, wanted[i]);
	n = fault_threads(term_pid(c.t), list, THREADS_MAX);
	console_end(&c);
	return n;
}

static void test_every_signal_of_a_fault_in_every_thread_gives_the_terminal_back(void **state)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
	const size_t n_signals = sizeof(signals) / sizeof(signals[0]);
	struct fault_thread list[THREADS_MAX];
	struct end *ends;
	size_t n, k = 0;

	(void)state;
	if (SANITIZED) /* they keep their own handlers */
		skip();
	n = threads_of(
		&usual, list, threads_wanted, sizeof(threads_wanted) / sizeof(threads_wanted[0]));
	ends = calloc(n * n_signals, sizeof(*ends));
	assert_non_null(ends);
	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < n_signals; s++) {
			ends[k] = usual;
			ends[k].thread = list[i].name;
			ends[k++].signal = signals[s];
		}
	expect_clean_ends(ends, k);
	free(ends);
}

static void test_a_real_fault_in_any_thread_gives_the_terminal_back(void **state)
{
	struct fault_thread list[THREADS_MAX];
	struct end ends[THREADS_MAX * FAULTS];
	size_t n, k = 0;

	(void)state;
	if (SANITIZED || !fault_can())
		skip();
	n = threads_of(&usual, list, NULL, 0);
	for (size_t i = 0; i < n; i++)
		for (int f = 0; f < FAULTS; f++) {
			if (f > FAULT_STACK_GONE && strcmp(list[i].name, "net") != 0)
				continue; /* the kinds differ by thread no more than their signals
					     do */
			ends[k] = usual;
			ends[k].thread = list[i].name;
			ends[k].fault = f;
			ends[k++].signal = faults[f].signal;
		}
	expect_clean_ends(ends, k);
}

static void test_the_practice_clusters_thread_may_fail_too(void **state)
{
	static const char *const wanted[] = {"drill"};
	struct end ends[] = {usual, usual, usual};
	struct fault_thread list[THREADS_MAX];

	(void)state;
	if (SANITIZED)
		skip();
	for (size_t i = 0; i < 3; i++) {
		ends[i].args = "drill";
		ends[i].thread = "drill";
		ends[i].signal = SIGSEGV;
	}
	ends[1].signal = SIGABRT;
	ends[2].fault = fault_can() ? FAULT_STACK_GONE : -1;
	threads_of(&ends[0], list, wanted, 1);
	expect_clean_ends(ends, 3);
}

static void test_no_signal_that_ends_the_program_leaves_the_terminal_behind(void **state)
{
	static const int signals[] = {SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGIO,
		SIGPWR, SIGSTKFLT, SIGXCPU};
	struct end ends[sizeof(signals) / sizeof(signals[0])];

	(void)state;
	if (SIGNALS_ARE_LOST)
		skip();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		ends[i] = usual;
		ends[i].signal = signals[i];
	}
	expect_clean_ends(ends, sizeof(ends) / sizeof(ends[0]));
}

static bool is_known(const char *term)
{
	char command[80];

	snprintf(command, sizeof(command), "infocmp %s >/dev/null 2>&1", term);
	return system(command) == 0;
}

static void test_every_terminal_comes_back(void **state)
{
	static const char *const terms[] = {"xterm-256color", "xterm-direct", "xterm",
		"tmux-256color", "screen", "screen-256color", "linux", "vt100", "vt220", "rxvt",
		"rxvt-unicode-256color", "foot", "alacritty", "kitty", "putty", "konsole-256color",
		"st-256color", "vte-256color", "ansi"};
	struct end ends[sizeof(terms) / sizeof(terms[0])];
	size_t n = 0;

	(void)state;
	if (SANITIZED)
		skip();
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		if (!is_known(terms[i]))
			continue; /* another ncurses-term */
		ends[n] = usual;
		ends[n].term = terms[i];
		ends[n].thread = "net";
		ends[n++].signal = SIGSEGV;
	}
	assert_true(n > 5);
	expect_clean_ends(ends, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_signal_of_a_fault_in_every_thread_gives_the_terminal_back),
		cmocka_unit_test(test_a_real_fault_in_any_thread_gives_the_terminal_back),
		cmocka_unit_test(test_the_practice_clusters_thread_may_fail_too),
		cmocka_unit_test(test_no_signal_that_ends_the_program_leaves_the_terminal_behind),
		cmocka_unit_test(test_every_terminal_comes_back),
	};

	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
