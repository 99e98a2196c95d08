/* The test terminal itself: if it misreads a screen, every pty test that leans on it lies. */
#include "term/term.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct term *shell(const char *script)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	const char *env[] = {"PS1=", "SECRET", "GREETING=hello", NULL};
	struct term_options o = {.argv = argv, .env = env, .rows = 10, .cols = 80};
	struct term *t = term_start(&o);

	assert_non_null(t);
	return t;
}

static void assert_line(const struct term *t, int row, const char *want)
{
	char *line = term_line(t, row);

	assert_string_equal(line, want);
	free(line);
}

static void test_shows_what_a_program_prints(void **state)
{
	struct term *t = shell("printf 'one\\n  two 节点 x\\n'; sleep 9");
	struct term_cell c;

	(void)state;
	assert_true(term_wait(t, "^  two", 3000) >= 0);
	assert_line(t, 0, "one");
	assert_line(t, 1, "  two 节点 x");
	assert_line(t, 99, "");
	assert_true(term_cell(t, 1, 6, &c));
	assert_string_equal(c.text, "节");
	assert_int_equal(c.width, 2);
	assert_true(term_cell(t, 1, 7, &c));
	assert_string_equal(c.text, "");
	assert_false(term_cell(t, 10, 0, &c));
	term_free(t);
}

static void test_environment_is_the_callers_with_changes(void **state)
{
	struct term *t;

	(void)state;
	setenv("SECRET", "leaked", 1);
	t = shell("echo $GREETING-$SECRET-$TERM; sleep 9");
	assert_true(term_wait(t, "^hello--xterm-256color$", 3000) >= 0);
	term_free(t);
}

static void test_keys_arrive_as_the_program_asked_for_them(void **state)
{
	struct term *t = shell(
		"stty raw -echo; printf ready; dd bs=1 count=13 2>/dev/null | od -An -c -w64");

	(void)state;
	assert_true(term_wait(t, "ready", 3000) >= 0);
	assert_int_equal(term_keys(t, "<Nonsense>"), -1);
	assert_int_equal(term_keys(t, "a<lt><Up><C-c><Tab><Enter><S-Tab><Esc><Space>"), 0);
	assert_true(term_wait(t, "a   <", 3000) >= 0);
	assert_true(term_wait(t, "< +033 +\\[ +A +003 +.t +.r +033 +\\[ +Z +033", 3000) >= 0);
	term_free(t);
}

static void test_colours_and_attributes_of_a_cell(void **state)
{
	struct term *t = shell("printf "
			       "'\\033[1;38;2;1;2;3;48;5;16mA\\033[0m\\033[38:2::10:20:30mB\\033[0;"
			       "7mC\\033[0m.';sleep 9");
	struct term_cell c;

	(void)state;
	assert_true(term_wait(t, "ABC\\.", 3000) >= 0);
	term_cell(t, 0, 0, &c);
	assert_int_equal(c.fg, 0x010203);
	assert_int_equal(c.bg, 0x000000);
	assert_true(c.bold && !c.plain_bg);
	term_cell(t, 0, 1, &c);
	assert_int_equal(c.fg, 0x0a141e);
	assert_true(!c.bold && c.plain_bg);
	term_cell(t, 0, 2, &c);
	assert_true(c.reverse);
	assert_int_equal(c.fg, 0x12151a);
	term_free(t);
}

static void test_waits_give_up_when_their_time_is_up(void **state)
{
	struct term *t = shell("echo here; sleep 9");

	(void)state;
	assert_true(term_wait(t, "here", 3000) >= 0);
	assert_true(term_wait(t, "never", 50) < 0);
	assert_true(term_wait_gone(t, "here", 50) < 0);
	assert_true(term_wait_gone(t, "never", 50) >= 0);
	assert_true(term_time_to_change(t, "", 0, 10, 50) < 0);
	term_free(t);
}

static void test_time_to_change_looks_only_at_its_rows(void **state)
{
	struct term *t = shell("stty -echo; echo top; read x; echo changed; sleep 9");

	(void)state;
	assert_true(term_wait(t, "top", 3000) >= 0);
	assert_true(term_time_to_change(t, "<Enter>", 5, 10, 100) < 0);
	assert_true(term_wait(t, "changed", 3000) >= 0);
	term_free(t);
	t = shell("stty -echo; echo top; read x; printf '\\033[H\\033[31mtop'; sleep 9");
	assert_true(term_wait(t, "top", 3000) >= 0);
	assert_true(term_time_to_change(t, "<Enter>", 0, 1, 3000) >= 0); /* its colour alone */
	term_free(t);
}

static void test_resize_reaches_the_program(void **state)
{
	struct term *t = shell("trap 'stty size' WINCH; stty size; while :; do sleep 0.02; done");

	(void)state;
	assert_true(term_wait(t, "^10 80$", 3000) >= 0);
	assert_int_equal(term_resize(t, 20, 100), 0);
	assert_true(term_wait(t, "^20 100$", 3000) >= 0);
	term_free(t);
}

static void test_exit_status_and_last_words_are_kept(void **state)
{
	struct term *t = shell("echo bye; exit 3");
	int status = 0;

	(void)state;
	assert_true(term_exited(t, 3000, &status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_line(t, 0, "bye");
	assert_null(term_mess(t));
	assert_true(term_wait(t, "never", 1000) < 0);
	term_free(t);
	t = shell("sleep 9");
	assert_false(term_exited(t, 20, &status));
	assert_int_equal(term_signal(t, SIGTERM), 0);
	assert_true(term_exited(t, 3000, &status));
	assert_true(WIFSIGNALED(status));
	term_free(t);
}

static void test_a_terminal_left_in_a_mess_is_told(void **state)
{
	static const struct {
		const char *script, *mess;
	} rows[] = {
		{"printf '\\033[?1049h'", "alternate"},
		{"printf '\\033[?25l'", "cursor"},
		{"printf '\\033[?1000h'", "mouse"},
		{"printf '\\033[?2004h'", "?2004"},
		{"printf '\\033[?1006;1000h\\033[?1000l'", "?1006"},
		{"printf '\\033='", "keypad"},
		{"printf '\\033[31m'", "colours"},
		{"stty -echo", "modes"},
		{"printf '\\033[?1049h\\033[?25l\\033[?1000hx\\033[?1000l\\033[?25h\\033[?1049l'; "
		 "stty -echo; stty echo",
			NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct term *t = shell(rows[i].script);

		assert_true(term_exited(t, 3000, NULL));
		if (rows[i].mess == NULL)
			assert_null(term_mess(t));
		else
			assert_non_null(strstr(term_mess(t), rows[i].mess));
		term_free(t);
	}
}

static void test_the_mouse_is_reported_once_asked_for(void **state)
{
	struct term *t = shell("stty raw -echo; printf '\\033[?1000h\\033[?1006hready'; dd bs=1 "
			       "count=9 2>/dev/null | od -An -c -w64");

	(void)state;
	assert_true(term_wait(t, "ready", 3000) >= 0);
	term_click(t, 4, 6, 1);
	assert_true(term_wait(t, "\\[ +< +0 +; +7 +; +5 +M", 3000) >= 0);
	term_free(t);
}

static void test_a_program_that_is_not_there_is_an_error(void **state)
{
	const char *argv[] = {"/no/such/program", NULL};
	struct term_options o = {.argv = argv};

	(void)state;
	errno = 0;
	assert_null(term_start(&o));
	assert_int_equal(errno, ENOENT);
}

static void test_svg_escapes_and_keeps_colours(void **state)
{
	struct term *t =
		shell("printf '<&>\\n\\033[38;2;255;0;1mred\\033[0m ─▄ 节点 end'; sleep 9");
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_true(term_wait(t, "end", 3000) >= 0);
	assert_int_equal(term_svg(t, f, "a \"title\""), 0);
	fclose(f);
	assert_non_null(strstr(text, ">&lt;&amp;&gt;</text>"));
	assert_non_null(strstr(text, "fill=\"#ff0001\">red</text>"));
	assert_non_null(strstr(text, "a &quot;title&quot;"));
	assert_non_null(strstr(text, "textLength=\"16\" fill=\"#d0d4da\">节</text>"));
	assert_non_null(strstr(text, "<path stroke="));
	assert_non_null(strstr(text, "</svg>\n"));
	assert_null(strstr(text, "─"));
	free(text);
	term_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shows_what_a_program_prints),
		cmocka_unit_test(test_environment_is_the_callers_with_changes),
		cmocka_unit_test(test_keys_arrive_as_the_program_asked_for_them),
		cmocka_unit_test(test_colours_and_attributes_of_a_cell),
		cmocka_unit_test(test_waits_give_up_when_their_time_is_up),
		cmocka_unit_test(test_time_to_change_looks_only_at_its_rows),
		cmocka_unit_test(test_resize_reaches_the_program),
		cmocka_unit_test(test_exit_status_and_last_words_are_kept),
		cmocka_unit_test(test_a_terminal_left_in_a_mess_is_told),
		cmocka_unit_test(test_the_mouse_is_reported_once_asked_for),
		cmocka_unit_test(test_a_program_that_is_not_there_is_an_error),
		cmocka_unit_test(test_svg_escapes_and_keeps_colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
