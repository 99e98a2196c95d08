/* Coming, staying and going: the console on servers that take every connection and never say a
 * word, on all sorts of terminals, through resizes, signals and the ways out. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "help/console.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define HINTS     "q quit$"
#define LAST_LINE "previous-pane .*\n└─+┘\n 1-7 pane"

static int mute = -1; /* listens; nobody ever accepts */
static char kubeconfig[700], config[200];

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
	snprintf(config, sizeof(config),
		"nodes: {ssh: {command: ''}, control_plane: [{name: m1, address: 127.0.0.1, "
		"api_port: %d}]}\n",
		ntohs(a.sin_port));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(mute);
	return 0;
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* On the silent server; ssh is off. */
static void begin(struct console *c, const struct console_options *o)
{
	console_home(c);
	console_file(c, ".kube/config", kubeconfig);
	console_file(c, ".config/k911/config.yaml", config);
	console_start(c, o);
}

static const struct console_options plain = {.rows = 24, .cols = 80};

/* ---- while nothing answers ---- */

static void test_the_first_frame_waits_for_nobody(void **state)
{
	struct console c = {0};
	double start = now_ms();

	(void)state;
	begin(&c, &plain);
	console_sees(&c, "^ k911  prod");
	console_sees(&c, "6 layers");
	assert_true(now_ms() - start < 2000);
	console_keys(&c, "6z");
	console_sees(&c, "no answer for [0-9]+ s");
	console_end(&c);
}

static void test_keys_work_while_servers_hang(void **state)
{
	struct console c = {0};
	int rows, cols;

	(void)state;
	begin(&c, &plain);
	console_sees(&c, HINTS);
	term_size(c.t, &rows, &cols);
	for (int i = 0; i < 20; i++)
		assert_true(term_time_to_change(c.t, i % 2 ? "<Tab>" : "z", 2, rows, 1000) >= 0);
	console_keys(&c, "q");
	console_exits(&c, 0, 3000);
	console_end(&c);
}

static void test_q_in_the_first_moment_leaves(void **state)
{
	struct console c = {0};

	(void)state;
	begin(&c, &plain);
	console_keys(&c, "q"); /* typed before there is a screen */
	console_exits(&c, 0, CONSOLE_SOON);
	console_end(&c);
}

/* ---- sizes ---- */

static void test_it_fits_every_size_and_comes_back(void **state)
{
	static const struct {
		int rows, cols;
		const char *shows;
	} sizes[] = {{5, 20, "too small: need 40x8"}, {60, 250, "The last 15 minutes"},
		{8, 40, "1 nodes"}, {24, 80, "4 events"}, {1, 1, NULL},
		{5, 100, "k911 needs a terminal of 40x8; this one is 100x5"},
		{100, 300, "6 layers"}, {24, 39, "too small: need 40x8"}, {30, 60, "2 system pods"},
		{24, 80, HINTS}};
	struct console c = {0};

	(void)state;
	begin(&c, &plain);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(term_resize(c.t, sizes[i].rows, sizes[i].cols), 0);
		if (sizes[i].shows != NULL)
			console_sees(&c, sizes[i].shows);
	}
	console_end(&c);
}

static void test_a_storm_of_resizes_leaves_a_whole_screen(void **state)
{
	struct console c = {0};
	char *before, *after;

	(void)state;
	begin(&c, &plain);
	console_sees(&c, HINTS);
	console_keys(&c, "?"); /* a page without a clock on it, but for the first line */
	console_sees(&c, "any other key closes");
	console_sees(&c, LAST_LINE);
	before = term_screen(c.t);
	for (int i = 0; i < 300; i++) {
		term_resize(c.t, 1 + i * 7 % 90, 1 + i * 13 % 270);
		if (i % 10 == 0)
			term_pump(c.t, 1);
	}
	term_resize(c.t, 5, 20);
	console_sees(&c, "too small");
	term_resize(c.t, 24, 80);
	console_sees(&c, "any other key closes");
	console_sees(&c, LAST_LINE);
	after = term_screen(c.t);
	assert_string_equal(strstr(after, "┌"), strstr(before, "┌"));
	free(before);
	free(after);
	console_keys(&c, "xq");
	console_exits(&c, 0, CONSOLE_SOON);
	console_end(&c);
}

/* ---- stopping, and the ways out ---- */

static void test_stopped_and_continued_it_gives_and_takes_the_terminal(void **state)
{
	const struct console_options o = {.shell = "set -m; \"$K911\"; echo in the shell; read "
						   "word; fg >/dev/null; echo finished with $?",
		.rows = 24,
		.cols = 80};
	struct console c = {0};

	(void)state;
	begin(&c, &o);
	console_sees(&c, HINTS);
	console_keys(&c, "<C-z>");
	console_sees(&c, "in the shell");
	if (term_mess(c.t) != NULL)
		fail_msg("while it is stopped %s", term_mess(c.t));
	term_resize(c.t, 30, 100); /* meanwhile */
	console_keys(&c, "go on<Enter>");
	console_sees(&c, HINTS);
	assert_true(term_alt_screen(c.t));
	console_keys(&c, "?");
	console_sees(&c, "any other key closes");
	console_keys(&c, "xq");
	console_sees(&c, "finished with 0");
	console_exits(&c, 0, CONSOLE_SOON);
	console_end(&c);
}

static void leave_by(int sig, const char *keys)
{
	struct console c = {0};
	double start;

	begin(&c, &plain);
	console_sees(&c, HINTS);
	start = now_ms();
	if (sig != 0)
		term_signal(c.t, sig);
	else
		console_keys(&c, keys);
	console_exits(&c, sig == 0 && keys[0] == 'q' ? 0 : 130, CONSOLE_SOON);
	if (now_ms() - start > 5000)
		fail_msg("leaving took %.0f ms", now_ms() - start);
	console_end(&c);
}

static void test_every_way_out_leaves_a_clean_terminal_while_servers_hang(void **state)
{
	(void)state;
	leave_by(SIGTERM, NULL);
	leave_by(SIGHUP, NULL);
	leave_by(SIGINT, NULL);
	leave_by(0, "<C-c>");
	leave_by(0, "q");
}

static void test_a_second_ctrl_c_does_not_wait(void **state)
{
	struct console c = {0};
	int status;

	(void)state;
	begin(&c, &plain);
	console_sees(&c, HINTS);
	console_keys(&c, "<C-c><C-c>");
	assert_true(term_exited(c.t, 3000, &status));
	assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == 130 : WTERMSIG(status) == SIGINT);
	assert_null(term_mess(c.t));
	console_end(&c);
}

static void test_a_crash_is_a_crash_but_leaves_a_clean_terminal(void **state)
{
	static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS};

	(void)state;
	if (SANITIZED) /* they keep their own handlers */
		skip();
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		struct console c = {0};
		int status;

		begin(&c, &plain);
		console_sees(&c, HINTS);
		term_signal(c.t, crashes[i]);
		assert_true(term_exited(c.t, CONSOLE_SOON, &status));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), crashes[i]);
		if (term_mess(c.t) != NULL)
			fail_msg("left behind: %s", term_mess(c.t));
		console_end(&c);
	}
}

/* ---- languages and terminals ---- */

static void test_chinese_where_it_is_asked_for_and_where_the_locale_says(void **state)
{
	const char *by_locale[] = {"LANG=zh_CN.UTF-8", NULL};
	const char *c_locale[] = {"LANG=C", NULL};
	const struct console_options ways[] = {
		{.args = "--lang zh_CN", .rows = 24, .cols = 80},
		{.env = by_locale, .rows = 24, .cols = 80},
		{.args = "--lang zh_CN", .env = c_locale, .rows = 24, .cols = 80},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct console c = {0};

		begin(&c, &ways[i]);
		console_sees(&c, "1 节点");
		console_sees(&c, "6 分层检查");
		console_sees(&c, "\\? 帮助  q 退出$");
		console_keys(&c, "q");
		console_exits(&c, 0, CONSOLE_SOON);
		console_end(&c);
	}
}

static void test_a_locale_without_utf8_sees_only_ascii(void **state)
{
	const char *env[] = {"LC_ALL=C", NULL};
	const struct console_options o = {.env = env, .rows = 24, .cols = 80};
	struct console c = {0};
	char *screen;

	(void)state;
	begin(&c, &o);
	console_sees(&c, "^\\+ 1 nodes .*-+\\+ 3 etcd");
	console_sees(&c, HINTS);
	screen = term_screen(c.t);
	for (const char *p = screen; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			fail_msg("not ASCII:\n%s", screen);
	free(screen);
	console_end(&c);
}

static bool coloured(struct console *c)
{
	int rows, cols;
	struct term_cell first, cell;

	term_size(c->t, &rows, &cols);
	assert_true(term_cell(c->t, rows - 1, cols - 1, &first));
	for (int row = 0; row < rows; row++)
		for (int col = 0; col < cols; col++)
			if (term_cell(c->t, row, col, &cell) && !cell.reverse &&
				(!cell.plain_bg || cell.fg != first.fg))
				return true;
	return false;
}

static void test_no_color_and_the_terminals_own_limits_are_obeyed(void **state)
{
	static const struct {
		const char *env[4];
		bool colours;
	} cases[] = {{{"TERM=xterm-256color", NULL}, true}, {{"TERM=xterm-direct", NULL}, true},
		{{"TERM=linux", NULL}, true}, {{"TERM=screen-256color", NULL}, true},
		{{"TERM=vt100", NULL}, false}, {{"NO_COLOR=1", NULL}, false},
		{{"NO_COLOR=1", "TERM=xterm-direct", NULL}, false}, {{"NO_COLOR=", NULL}, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct console_options o = {.env = cases[i].env, .rows = 24, .cols = 80};
		struct console c = {0};

		begin(&c, &o);
		console_sees(&c, "1 nodes");
		console_sees(&c, HINTS);
		if (coloured(&c) != cases[i].colours)
			fail_msg("%s: %s", cases[i].env[0],
				cases[i].colours ? "no colour" : "colour");
		console_keys(&c, "?");
		console_sees(&c, "any other key closes");
		console_keys(&c, "xq");
		console_exits(&c, 0, CONSOLE_SOON);
		console_end(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_frame_waits_for_nobody),
		cmocka_unit_test(test_keys_work_while_servers_hang),
		cmocka_unit_test(test_q_in_the_first_moment_leaves),
		cmocka_unit_test(test_it_fits_every_size_and_comes_back),
		cmocka_unit_test(test_a_storm_of_resizes_leaves_a_whole_screen),
		cmocka_unit_test(test_stopped_and_continued_it_gives_and_takes_the_terminal),
		cmocka_unit_test(test_every_way_out_leaves_a_clean_terminal_while_servers_hang),
		cmocka_unit_test(test_a_second_ctrl_c_does_not_wait),
		cmocka_unit_test(test_a_crash_is_a_crash_but_leaves_a_clean_terminal),
		cmocka_unit_test(test_chinese_where_it_is_asked_for_and_where_the_locale_says),
		cmocka_unit_test(test_a_locale_without_utf8_sees_only_ascii),
		cmocka_unit_test(test_no_color_and_the_terminals_own_limits_are_obeyed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
