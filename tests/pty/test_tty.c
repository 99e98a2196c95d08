/* The screen on a real terminal: this program runs itself on a pty and reads what a person would
 * see there. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "term/term.h"
#include "ui/screen/screen.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define SOON 5000

/* The child: one pane that shows what it was told and, by key, does what a broken program does. */
struct said_state {
	char said[80];
};

static void *probe_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	(void)view;
	(void)args;
	(void)command;
	return mem_new(struct said_state);
}

static void probe_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	const struct said_state *p = state;

	(void)s;
	canvas_put(c, 0, 0, -1, ROLE_BAD, "bad colour");
	canvas_put(c, 1, 0, -1, ROLE_SELECTED, "selected");
	canvas_put(c, 2, 0, -1, ROLE_TEXT, "节点 e\xCC\x81t\xC3\xA9 |");
	canvas_fmt(c, 3, 0, -1, ROLE_TEXT, "said: %s.", p->said);
	canvas_fmt(c, 4, 0, -1, ROLE_TEXT, "size: %dx%d filter:%s.", c->width, c->height,
		look->filter);
}

static void probe_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct said_state *p = state;

	(void)s;
	(void)look;
	(void)reply;
	if (a->id == ACTION_CLICK)
		snprintf(p->said, sizeof(p->said), "click %d,%d x%d", a->row, a->column, a->clicks);
	else
		str_copy(p->said, sizeof(p->said), action_name(a->id));
	if (a->id == ACTION_TOP)
		abort();
	if (a->id == ACTION_BOTTOM)
		exit(3);
	if (a->id == ACTION_WRAP)
		fprintf(stderr, "stray words\n");
}

static struct command *probe_close(void *state)
{
	free(state);
	return NULL;
}

static int no_header(const struct snapshot *s, struct canvas *c, struct instant now)
{
	(void)s;
	(void)now;
	canvas_put(c, 0, 0, -1, ROLE_BRAND, "header");
	return 1;
}

static const struct view_ops probe_view = {.name = "probe",
	.title = "probe",
	.open = probe_open,
	.draw = probe_draw,
	.act = probe_act,
	.close = probe_close};
static const struct screen_pane probe_panes[] = {{1, &probe_view, SOURCE_NODES}};
static const struct screen_views probe_views = {
	.panes = probe_panes, .n_panes = 1, .header = no_header};

static void drop_snapshot(void *s)
{
	snapshot_unref(s);
}

static void block_signals(void)
{
	static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigaddset(&set, ours[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static int be_the_child(const char *mode)
{
	struct theme themes[2];
	struct keymap *keys = keymap_new();
	struct screen_options o = {
		.themes = themes, .n_themes = 2, .keymap = keys, .views = &probe_views};
	struct snapshot *s = snapshot_new();
	struct err e = {0};
	int rc;

	setlocale(LC_ALL, "");
	block_signals();
	theme_init(&themes[0], "one");
	theme_set(&themes[0], "text", "fg=#c0c0c0 bg=#101418", NULL);
	theme_set(&themes[0], "bad", "fg=#fe5d61 bold", NULL);
	theme_set(&themes[0], "selected", "bg=#00005f", NULL);
	theme_init(&themes[1], "two");
	theme_set(&themes[1], "bad", "fg=#00ff00", NULL);
	o.snapshots = slot_new(drop_snapshot);
	o.commands = mailbox_new(10);
	o.notices = mailbox_new(10);
	o.stderr_path = getenv("STDERR_PATH");
	s->sources[SOURCE_NODES].state = SOURCE_LIVE;
	if (!str_eq(mode, "empty"))
		slot_put(o.snapshots, snapshot_ref(s));
	snapshot_unref(s);
	rc = screen_run(&o, &e);
	if (rc < 0)
		fprintf(stderr, "refused: %s\n", e.text);
	else
		fprintf(stderr, "left with %d\n", rc);
	slot_free(o.snapshots);
	mailbox_free(o.commands);
	mailbox_free(o.notices);
	keymap_free(keys);
	return rc < 0 ? 9 : rc;
}

static struct term *start(const char *mode, const char *const *env)
{
	const char *argv[] = {"/proc/self/exe", mode, NULL};
	struct term_options o = {.argv = argv, .env = env};
	struct term *t = term_start(&o);

	assert_non_null(t);
	return t;
}

static const char *const utf8[] = {"LC_ALL=C.UTF-8", "NO_COLOR", NULL};

static struct term *begin(const char *const *env)
{
	struct term *t = start("run", env);

	assert_true(term_wait(t, "said: \\.", SOON) >= 0);
	return t;
}

static void expect(struct term *t, const char *pattern)
{
	char *text;

	if (term_wait(t, pattern, SOON) >= 0)
		return;
	text = term_screen(t);
	fail_msg("never saw \"%s\" but:\n%s", pattern, text);
	free(text);
}

static void expect_exit(struct term *t, int code)
{
	int status;

	assert_true(term_exited(t, SOON, &status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
	if (term_mess(t) != NULL)
		fail_msg("left behind: %s", term_mess(t));
}

static struct term_cell cell_of(struct term *t, const char *word)
{
	struct term_cell cell = {0};
	char *screen = term_screen(t), *at = strstr(screen, word), *line = at;
	int row = 0;

	assert_non_null(at);
	for (char *p = screen; p < at; p++)
		row += *p == '\n';
	while (line > screen && line[-1] != '\n')
		line--;
	/* the frame's line is three bytes but one column */
	assert_true(
		term_cell(t, row, (int)(at - line) - (strncmp(line, "│", 3) == 0 ? 2 : 0), &cell));
	free(screen);
	return cell;
}

static void test_the_first_frame_waits_for_nothing(void **state)
{
	struct term *t = start("empty", utf8);

	(void)state;
	expect(t, "said: \\.");
	expect(t, "^header");
	expect(t, "q quit");
	assert_true(term_alt_screen(t));
	term_keys(t, "q");
	expect_exit(t, 0);
	term_free(t);
}

static void test_every_way_out_restores_the_terminal(void **state)
{
	static const struct {
		const char *keys;
		int sig, code;
	} ways[] = {{"q", 0, 0}, {"<C-c>", 0, 1}, {NULL, SIGTERM, 1}, {NULL, SIGINT, 1},
		{NULL, SIGHUP, 1}, {"G", 0, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct term *t = begin(utf8);

		if (ways[i].keys != NULL)
			term_keys(t, ways[i].keys);
		else
			term_signal(t, ways[i].sig);
		expect_exit(t, ways[i].code);
		term_free(t);
	}
}

static void test_a_crash_restores_the_terminal_and_is_still_a_crash(void **state)
{
	struct term *t;
	int status;

	(void)state;
	if (SANITIZED)
		skip(); /* the sanitizers' own handlers are at work */
	for (int i = 0; i < 2; i++) {
		t = begin(utf8);
		if (i == 0)
			term_keys(t, "g");
		else
			term_signal(t, SIGSEGV);
		assert_true(term_exited(t, SOON, &status));
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), i == 0 ? SIGABRT : SIGSEGV);
		if (term_mess(t) != NULL)
			fail_msg("left behind: %s", term_mess(t));
		term_free(t);
	}
}

static void test_what_is_no_terminal_is_refused_in_words(void **state)
{
	static const struct {
		const char *env, *say;
	} cases[] = {
		{"TERM", "TERM is not set"},
		{"TERM=no-such-thing", "TERM=no-such-thing is unknown"},
		{"TERM=dumb", "TERM=dumb is unknown here, or cannot move"},
	};
	const char *argv[] = {"sh", "-c", "exec /proc/$PPID/exe run </dev/null", NULL};
	struct term_options o = {.argv = argv};
	struct term *t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *env[] = {"LC_ALL=C.UTF-8", cases[i].env, NULL};

		t = start("run", env);
		expect(t, cases[i].say);
		expect_exit(t, 9);
		assert_false(term_alt_screen(t));
		term_free(t);
	}
	t = term_start(&o);
	assert_non_null(t);
	expect(t, "needs a terminal");
	expect_exit(t, 9);
	term_free(t);
}

static void test_colours_are_exact_where_the_terminal_can(void **state)
{
	const char *direct[] = {"LC_ALL=C.UTF-8", "TERM=xterm-direct", "NO_COLOR", NULL};
	const char *none[] = {"LC_ALL=C.UTF-8", "NO_COLOR=1", NULL};
	struct term *t = begin(direct);

	(void)state;
	assert_int_equal(cell_of(t, "bad colour").fg, 0xfe5d61);
	assert_true(cell_of(t, "bad colour").bold);
	assert_int_equal(cell_of(t, "bad colour").bg, 0x101418);
	term_keys(t, "t"); /* the other theme */
	expect(t, "theme: two");
	assert_int_equal(cell_of(t, "bad colour").fg, 0x00ff00);
	term_free(t);
	t = begin(utf8);
	assert_int_equal(
		cell_of(t, "bad colour").fg, 0xff3333); /* 203 of 256, as libvterm paints it */
	assert_int_equal(cell_of(t, "selected").bg, 0x000033); /* 17 */
	term_free(t);
	t = begin(none);
	assert_true(cell_of(t, "selected").reverse);
	assert_true(cell_of(t, "bad colour").bold);
	assert_int_equal(cell_of(t, "bad colour").fg, cell_of(t, "said").fg);
	term_free(t);
}

static void test_wide_and_combining_characters_keep_their_columns(void **state)
{
	struct term *t = begin(utf8);
	char *line = term_line(t, 4);

	(void)state;
	assert_non_null(strstr(line, "节点 e\xCC\x81t\xC3\xA9 |"));
	free(line);
	term_free(t);
}

static void test_a_locale_without_utf8_gets_ascii(void **state)
{
	const char *env[] = {"LC_ALL=C", NULL};
	struct term *t = begin(env);
	char *text = term_screen(t);

	(void)state;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p > 0x7E)
			fail_msg("not ASCII:\n%s", text);
	assert_non_null(strstr(text, "+ 1 probe  ---"));
	free(text);
	term_free(t);
}

static void test_the_screen_follows_the_terminals_size(void **state)
{
	struct term *t = begin(utf8);

	(void)state;
	expect(t, "size: 78x2[01] ");
	term_resize(t, 40, 120);
	expect(t, "size: 118x36 ");
	term_resize(t, 5, 20);
	expect(t, "too small");
	term_resize(t, 24, 80);
	expect(t, "size: 78x");
	term_keys(t, "q");
	expect_exit(t, 0);
	term_free(t);
}

static void test_stopping_gives_the_terminal_back_for_the_while(void **state)
{
	const char *argv[] = {"sh", "-c",
		"set -m; /proc/$PPID/exe run; echo stopped; read word; fg >/dev/null; echo "
		"finished",
		NULL};
	struct term_options o = {.argv = argv, .env = utf8};
	struct term *t = term_start(&o);

	(void)state;
	assert_non_null(t);
	expect(t, "said: \\.");
	term_keys(t, "<C-z>");
	expect(t, "stopped");
	assert_false(term_alt_screen(t));
	term_keys(t, "go on<Enter>");
	expect(t, "said: \\.");
	assert_true(term_alt_screen(t));
	term_keys(t, "<Down>");
	expect(t, "said: down");
	term_keys(t, "q");
	expect(t, "finished");
	expect_exit(t, 0);
	term_free(t);
}

static void test_where_nothing_could_wake_it_suspend_does_nothing(void **state)
{
	struct term *t = begin(utf8); /* a session leader: its process group is orphaned */

	(void)state;
	term_keys(t, "<C-z><Down>");
	expect(t, "said: down");
	term_free(t);
}

static void test_stray_stderr_never_tears_the_screen(void **state)
{
	char path[] = "/tmp/k911-tty-XXXXXX", setting[64], text[100] = "";
	const char *env[] = {"LC_ALL=C.UTF-8", setting, NULL};
	struct term *t;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(setting, sizeof(setting), "STDERR_PATH=%s", path);
	t = begin(env);
	term_keys(t, "w");
	expect(t, "said: wrap");
	assert_false(term_shows(t, "stray"));
	term_keys(t, "q");
	expect(t, "left with 0"); /* stderr is the terminal's again */
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "stray words\n");
	close(fd);
	unlink(path);
	term_free(t);
}

static void test_sequences_and_pastes_are_no_commands(void **state)
{
	static const char unknown[] = "\x1b[97;5~\x1b[?62q\x1bOz",
			  paste[] = "\x1b[200~q\rq\x1b[201~";
	struct term *t = begin(utf8);

	(void)state;
	term_write(t, unknown, sizeof(unknown) - 1);
	term_write(t, paste, sizeof(paste) - 1);
	term_keys(t, "<PgDn>");
	expect(t, "said: page-down");
	term_keys(t, "/");
	term_write(t, "\x1b[200~web\x1b[201~", 15);
	expect(t, "filter:web\\.");
	term_keys(t, "<BS><Esc>");
	expect(t, "filter:\\.");
	term_free(t);
}

static void test_the_mouse_reaches_the_view(void **state)
{
	struct term *t = begin(utf8);

	(void)state;
	term_click(t, 4, 7, 1);
	expect(t, "said: click 2,6 x1");
	term_click(t, 4, 7, 1);
	expect(t, "said: click 2,6 x2");
	term_click(t, 4, 7, 5);
	expect(t, "said: down");
	term_click(t, 4, 7, 4);
	expect(t, "said: up");
	term_free(t);
}

static void test_only_what_changed_is_sent(void **state)
{
	struct term *t = begin(utf8);
	uint64_t before;

	(void)state;
	term_keys(t, "<Down>");
	expect(t, "said: down");
	before = term_bytes(t);
	term_keys(t, "<Up>");
	expect(t, "said: up");
	assert_true(term_bytes(t) - before < 200);
	term_keys(t, "<C-l>");
	while (term_bytes(t) - before < 1000) /* all of it again */
		assert_int_equal(term_pump(t, SOON), 1);
	term_free(t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_frame_waits_for_nothing),
		cmocka_unit_test(test_every_way_out_restores_the_terminal),
		cmocka_unit_test(test_a_crash_restores_the_terminal_and_is_still_a_crash),
		cmocka_unit_test(test_what_is_no_terminal_is_refused_in_words),
		cmocka_unit_test(test_colours_are_exact_where_the_terminal_can),
		cmocka_unit_test(test_wide_and_combining_characters_keep_their_columns),
		cmocka_unit_test(test_a_locale_without_utf8_gets_ascii),
		cmocka_unit_test(test_the_screen_follows_the_terminals_size),
		cmocka_unit_test(test_stopping_gives_the_terminal_back_for_the_while),
		cmocka_unit_test(test_where_nothing_could_wake_it_suspend_does_nothing),
		cmocka_unit_test(test_stray_stderr_never_tears_the_screen),
		cmocka_unit_test(test_sequences_and_pastes_are_no_commands),
		cmocka_unit_test(test_the_mouse_reaches_the_view),
		cmocka_unit_test(test_only_what_changed_is_sent),
	};

	if (argc > 1)
		return be_the_child(argv[1]);
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
