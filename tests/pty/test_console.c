/* The console on the practice cluster, as an operator uses it: every pane, every key of the help,
 * the mouse. One program for all tests, each of which begins at the first pane with nothing open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "help/console.h"

#define HINTS "q quit$" /* the bottom line when nothing else is there */

static struct console c;

static int set_up(void **state)
{
	const struct console_options o = {.args = "drill"};

	(void)state;
	console_start(&c, &o);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	console_end(&c);
	return 0;
}

/* Pane 1, nothing open, nothing filtered: whatever the test before left behind. */
static int begin(void **state)
{
	(void)state;
	console_keys(&c, "<Esc>");
	console_sees(&c, ": command  \\? help");
	console_keys(&c, "<BS><BS><BS><BS>2<BS><BS><BS>g1<BS><BS><BS>g");
	console_sees(&c, "1 nodes +8, all ready.*3 etcd");
	console_sees(&c, HINTS);
	return 0;
}

static struct term_cell cell_of(const char *text)
{
	struct term_cell cell = {0};
	int row, col;

	if (!console_find(&c, text, &row, &col))
		fail_msg("\"%s\" is not on the screen", text);
	assert_true(term_cell(c.t, row, col, &cell));
	return cell;
}

/* The pane with the focus has its name in reverse. */
static void expect_focus(const char *name)
{
	char *screen;

	for (int ms = 0; ms < CONSOLE_SOON; ms += 50) {
		int row, col;

		if (console_find(&c, name, &row, &col) && cell_of(name).reverse)
			return;
		term_pump(c.t, 50);
	}
	screen = term_screen(c.t);
	fail_msg("\"%s\" has no focus:\n%s", name, screen);
}

/* On one of a detail's pages. */
static void expect_on_a_page(const char *pattern)
{
	for (int round = 0; round < 10; round++) {
		console_keys(&c, "g");
		for (int page = 0; page < 4; page++) {
			if (term_wait(c.t, pattern, 200) >= 0)
				return;
			console_keys(&c, "<PgDn>");
		}
	}
	console_sees(&c, pattern);
}

static void click(const char *text, int button, int times)
{
	int row, col;

	for (int ms = 0; !console_find(&c, text, &row, &col); ms += 50) {
		if (ms > CONSOLE_SOON)
			fail_msg("nowhere to click on \"%s\"", text);
		term_pump(c.t, 50);
	}
	for (int i = 0; i < times; i++)
		term_click(c.t, row, col, button);
}

/* On a busy machine the second click may come too late to be one: then it is tried again. */
static void double_click(const char *text, const char *pattern)
{
	for (int i = 0; i < 10; i++) {
		click(text, 1, 2);
		if (term_wait(c.t, pattern, 1500) >= 0)
			return;
	}
	console_sees(&c, pattern);
}

/* Turns the wheel over a place until text comes or goes. */
static void wheel(const char *over, int button, const char *text, bool comes)
{
	int row, col;

	assert_true(console_find(&c, over, &row, &col));
	for (int i = 0; i < 40 && term_shows(c.t, text) != comes; i++) {
		term_click(c.t, row, col, button);
		term_pump(c.t, 200);
	}
	assert_int_equal(term_shows(c.t, text), comes);
}

/* ---- the panes ---- */

static void test_every_pane_fills(void **state)
{
	(void)state;
	console_sees(&c, "^ k911  drill  kubernetes-admin  api 3/3  vip ok [0-9.]+m?s  etcd 3/3 "
			 "may lose 1  watch");
	console_sees(&c, "^ all layers ok");
	console_sees(&c, "1 nodes +8, all ready");
	console_sees(&c, "m1 +Ready +control-plane +[0-9]+% +[0-9]+% +[0-9]+s +9d");
	console_sees(&c, "w5 +Ready +<none>");
	console_sees(&c, "2 system pods +31, none failing");
	console_sees(&c, "kube-flannel-ds-[a-z0-9]+ +1/1 +Running +0 +[mw][1-5]");
	console_sees(&c, "3 etcd +3 members, quorum 2, may lose 1");
	console_sees(&c, "m[123] +healthy +leader +26 MiB +[0-9]+ +0 +[0-9.]+ms");
	console_sees(&c, "4 events +[0-9]+");
	console_sees(&c, "[0-9]+s +[A-Z][A-Za-z…]+ +pod/[^ ]+");
	console_sees(&c, "5 checklist");
	console_sees(&c, "6 layers +all ok");
	/* Beside the checklist not every latency has room; with the whole screen it has. */
	console_sees(&c, "m3( +ok( [0-9.]+m?s)?){9}");
	console_keys(&c, "6z");
	console_sees(&c, "m3 +ok +ok [0-9.]+m?s +ok +ok +ok [0-9.]+m?s +ok [0-9.]+m?s +ok "
			 "[0-9.]+m?s +ok +ok");
	console_sees(&c, "load balancer +ok [0-9.]+m?s ");
	console_sees(&c, "own link +ok ");
	console_sees(&c, "credential +ok ");
	console_keys(&c, "z1");
	console_sees(&c, "7 actions");
}

static void test_hostile_text_from_the_cluster_is_spelt_out(void **state)
{
	(void)state;
	console_keys(&c, "4/probeerror<Enter>");
	console_sees(&c, "4 events +/probeerror +1 of");
	console_keys(&c, "<Enter>");
	/* An escape sequence that had been obeyed would not stand here as letters. */
	console_sees(&c, "Startup probe failed: \\^\\[\\[31;1mFATAL\\^\\[\\[0m "
			 "\\^\\[\\]0;owned\\^G\\^\\[\\[2J\\^\\[\\[H");
	console_sees(&c, "<U\\+202E>lmay.nimda<U\\+202C> refused");
	console_sees(&c, "4 events > event +ProbeError pod/gateway");
}

/* ---- moving about ---- */

static void test_keys_move_the_focus(void **state)
{
	static const struct {
		const char *key, *pane;
	} steps[] = {{"2", "2 system pods"}, {"3", "3 etcd"}, {"4", "4 events"},
		{"5", "5 checklist"}, {"6", "6 layers"}, {"7", "7 actions"}, {"1", "1 nodes"},
		{"<Tab>", "2 system pods"}, {"<Tab>", "3 etcd"}, {"<Tab>", "4 events"},
		{"<Tab>", "5 checklist"}, {"<Tab>", "6 layers"}, {"<Tab>", "7 actions"},
		{"<Tab>", "1 nodes"}, {"<S-Tab>", "7 actions"}, {"<S-Tab>", "6 layers"},
		{"<S-Tab>", "5 checklist"}, {"<S-Tab>", "4 events"}};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		console_keys(&c, steps[i].key);
		expect_focus(steps[i].pane);
	}
}

static void test_the_cursor_moves_and_stays_inside(void **state)
{
	static const struct {
		const char *keys, *node; /* on which the cursor then stands */
	} steps[] = {{"j", "m2"}, {"<Down>", "m3"}, {"k", "m2"}, {"<Up><Up><Up>", "m1"},
		{"G", "w5"}, {"jj", "w5"}, {"g", "m1"}, {"<End>", "w5"}, {"<Home>", "m1"},
		{"<PgDn>", "w5"}, {"<PgUp>", "m1"}, {"<C-f>", "w5"}, {"<C-b>", "m1"},
		{"<Space>", "w5"}};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char title[60];

		console_keys(&c, steps[i].keys);
		console_keys(&c, "<Enter>");
		snprintf(title, sizeof(title), "1 nodes > node +%s Ready", steps[i].node);
		console_sees(&c, title);
		console_keys(&c, "q");
		console_sees(&c, "2 system pods");
	}
}

static void test_zoom_shows_all_columns_of_get_nodes_wide(void **state)
{
	(void)state;
	console_keys(&c, "z");
	console_loses(&c, "2 system pods");
	console_sees(&c, "VERSION");
	console_keys(&c, "<Right><Right><Right><Right><Right><Right>");
	console_sees(&c, "INTERNAL-IP +EXTERNAL-IP +OS-IMAGE");
	console_keys(&c, "<Right><Right><Right><Right><Right><Right>");
	console_sees(&c, "^│ *‹? *NAME.*KERNEL-VERSION.*CONTAINER-RUNTIME|CONTAINER-RUNTIME");
	console_sees(&c, "w1 .*containerd://1.7.24");
	console_keys(
		&c, "<Left><Left><Left><Left><Left><Left><Left><Left><Left><Left><Left><Left>");
	console_sees(&c, "NAME +STATUS");
	console_keys(&c, "z");
	console_sees(&c, "2 system pods");
}

static void test_a_filter_works_while_it_is_typed_and_until_it_is_dropped(void **state)
{
	(void)state;
	console_keys(&c, "2/");
	console_sees(&c, "type to filter  Enter keep  Esc clear");
	console_keys(&c, "COREd");
	console_sees(&c, "2 system pods +/COREd +2 of 31 match");
	console_loses(&c, "kube-flannel");
	console_keys(&c, "<BS><C-u>zzz");
	console_sees(&c, "nothing matches the filter");
	console_keys(&c, "<C-w>etcd-m2<Enter>");
	console_sees(&c, "2 system pods +/etcd-m2 +1 of 31 match");
	console_keys(&c, "<Esc>");
	console_sees(&c, "2 system pods +31, none failing");
}

/* Past the last column stands the order of its own. One press at a time: the next goes by what the
 * screen shows. */
static void sort_on_to_the_end(void)
{
	for (int i = 0; i < 20 && term_shows(c.t, "[A-Z](↑|↓)"); i++) {
		char *screen = term_screen(c.t), *arrow = strstr(screen, "↑"), pattern[20];

		arrow = arrow != NULL ? arrow : strstr(screen, "↓");
		assert_true(arrow != NULL && arrow - screen > 3);
		snprintf(pattern, sizeof(pattern), "%.3s(↑|↓)", arrow - 3);
		free(screen);
		console_keys(&c, "s");
		console_loses(&c, pattern);
	}
}

static void test_sorting_shows_its_column_and_turns_round(void **state)
{
	(void)state;
	console_keys(&c, "z");
	console_loses(&c, "2 system pods");
	console_keys(&c, "s");
	console_sees(&c, "NAME↑");
	console_sees(&c, "│ m1 .*\n│ m2 ");
	console_keys(&c, "S");
	console_sees(&c, "NAME↓");
	console_sees(&c, "│ w5 .*\n│ w4 ");
	console_keys(&c, "s");
	console_sees(&c, "STATUS↑");
	console_keys(&c, "sss");
	console_sees(&c, "MEM↓");
	sort_on_to_the_end();
	console_sees(&c, "│ m1 .*\n│ m2 ");
	console_keys(&c, "<BS>");
}

static void test_each_kind_of_row_has_its_detail(void **state)
{
	(void)state;
	console_keys(&c, "/m1<Enter><Enter>"); /* a late lease may have put another first */
	console_sees(&c, "1 nodes > node +m1 Ready");
	console_sees(&c, "Kubelet +v1\\.35\\.4");
	expect_on_a_page("CPU .*[0-9]+%  .* of 4 cores");
	expect_on_a_page("Holder +m1");
	expect_on_a_page("KubeletReady");
	expect_on_a_page("node-role.kubernetes.io/control-plane:NoSchedule");
	expect_on_a_page("kube-apiserver-m1 +1/1 +Running");
	console_keys(&c, "q2/coredns<Enter><Enter>");
	console_sees(&c, "2 system pods > pod +kube-system/coredns-[a-z0-9]+-[a-z0-9]+ Running");
	console_sees(&c, "Containers");
	console_sees(&c, "> coredns +Running");
	console_keys(&c, "<Esc><Esc>3<Enter>");
	console_sees(&c, "3 etcd > etcd member +m[123] healthy");
	console_sees(&c, "1%  26 MiB of 2.0 GiB quota");
	console_sees(&c, "Leader changes");
	console_sees(&c, "Alarms +none");
	console_keys(&c, "q4<Enter>");
	console_sees(&c, "4 events > event");
	console_sees(&c, "Reason");
	console_keys(&c, "q6j<Enter>");
	console_sees(&c, "6 layers > node +m2 Ready");
	console_keys(&c, "<Esc>");
	console_sees(&c, "6 layers +all ok");
}

static void test_a_log_is_followed_held_wrapped_and_looked_at_from_before(void **state)
{
	(void)state;
	console_keys(&c, "2/etcd-m1<Enter>l");
	console_sees(&c, "2 system pods > log +etcd-m1, following, [0-9]+ lines");
	console_sees(&c, "f follow");
	console_keys(&c, "f");
	console_sees(&c, "> log +etcd-m1, [0-9]+ lines");
	console_keys(&c, "w");
	console_keys(&c, "g");
	console_keys(&c, "f");
	console_sees(&c, "> log +etcd-m1, following, [0-9]+ lines");
	console_keys(&c, "p");
	console_sees(&c, "> log +etcd-m1, previous");
	console_sees(&c, "previous terminated container \"etcd\" in pod \"etcd-m1\" not found");
	console_keys(&c, "p");
	console_sees(&c, "> log +etcd-m1, following, [1-9][0-9]* lines");
	console_keys(&c, "/zzz<Enter>");
	console_sees(&c, "/zzz");
	console_keys(&c, "<Esc>q");
	console_sees(&c, "2 system pods +/etcd-m1");
}

static void test_the_palette_runs_actions_and_jumps_to_names(void **state)
{
	(void)state;
	console_keys(&c, ":");
	console_sees(&c, "^:");
	console_keys(&c, "zoo");
	console_sees(&c, "zoom +z +zoom the pane to the whole screen");
	console_keys(&c, "<Enter>");
	console_loses(&c, "2 system pods");
	console_keys(&c, ":node w3<Enter>");
	console_sees(&c, "1 nodes > node +w3 Ready");
	console_keys(&c, ":pod etcd-m2<Enter>");
	console_sees(&c, "2 system pods > pod +kube-system/etcd-m2 Running");
	console_keys(&c, ":member m3<Enter>");
	console_sees(&c, "3 etcd > etcd member +m3 healthy");
	console_keys(&c, ":nonsense<Enter>");
	console_sees(&c, "no command \"nonsense\"");
	console_keys(&c, ":zoom<Esc>");
	console_loses(&c, "^:zoom");
}

static void test_the_help_names_every_key_and_the_keys_agree_with_it(void **state)
{
	static const char *const rows[] = {"Up k +up +one line up", "PgDn Ctrl-F Space +page-down",
		"/ +filter", "s +sort", "S +sort-reverse", "z +zoom", "Tab +next-pane",
		"Shift-Tab +previous-pane", "6 +pane-6", "R Ctrl-R F5 +refresh", ": +palette",
		"\\? F1 +help", "t +theme", "Ctrl-Z +suspend", "Ctrl-L +redraw", "q +quit",
		"Ctrl-C +leave k911 at once", "mouse +click selects, double opens"};

	(void)state;
	console_keys(&c, "?");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (term_wait(c.t, rows[i], 2000) < 0)
			console_keys(&c, "<End>");
		console_sees(&c, rows[i]);
	}
	console_keys(&c, "x");
	console_sees(&c, "2 system pods");
	console_keys(&c, "<F1>");
	console_sees(&c, "any other key closes");
	console_keys(&c, "<Esc>2l");
	console_sees(&c, "> log");
	console_keys(&c, "?");
	console_sees(
		&c, "f +follow +follow the end of the log, or stop"); /* the view's own first */
	console_keys(&c, "<Esc>");
}

static void test_themes_change_colours_not_words(void **state)
{
	uint32_t dark = cell_of("all ready").bg;

	(void)state;
	console_keys(&c, "t");
	console_sees(&c, "theme: high-contrast");
	console_keys(&c, "t");
	console_sees(&c, "theme: light");
	console_sees(&c, "1 nodes +8, all ready");
	assert_true(cell_of("all ready").bg != dark);
	console_keys(&c, ":theme dark<Enter>");
	console_sees(&c, HINTS);
	assert_int_equal(cell_of("all ready").bg, dark);
}

static void test_refresh_asks_again_and_redraw_mends_the_screen(void **state)
{
	uint64_t before;
	char *screen;

	(void)state;
	console_keys(&c, "R");
	console_sees(&c, "asking everything again|asked again"); /* the second answers the first */
	console_sees(&c, "1 nodes +8, all ready");
	before = term_bytes(c.t);
	console_keys(&c, "<C-l>");
	while (term_bytes(c.t) - before < 3000) /* a whole screen, not a difference */
		if (term_pump(c.t, CONSOLE_SOON) <= 0)
			fail_msg("the screen was not drawn anew");
	screen = term_screen(c.t);
	assert_non_null(strstr(screen, "1 nodes"));
	free(screen);
}

/* ---- the mouse ---- */

static void test_the_mouse_focuses_opens_scrolls_and_presses(void **state)
{
	(void)state;
	click("3 etcd", 1, 1);
	expect_focus("3 etcd");
	click("w2 ", 1, 1);
	expect_focus("1 nodes");
	double_click("w4 ", "1 nodes > node +w4 Ready");
	click("q back", 1, 1);
	console_sees(&c, "2 system pods");
	/* the wheel scrolls what it is over, not what has the focus */
	wheel("2 system pods", 5, "kube-flannel-ds", false);
	expect_focus("1 nodes");
	wheel("2 system pods", 4, "kube-flannel-ds", true);
	click("? help", 1, 1);
	console_sees(&c, "any other key closes");
	click("everywhere", 1, 1);
	console_sees(&c, "2 system pods");
	click("STATUS", 1, 1);
	console_sees(&c, "STATUS↑");
	double_click("4 events", "^ all layers ok\n┌ 4 events"); /* a title zooms */
	double_click("4 events", "2 system pods");
}

/* curses saves the cursor now and then while it scrolls, hidden as it is; a terminal that puts back
 * what was saved when the alternate screen is left must show it all the same. */
static void test_q_leaves_and_tidies_up(void **state)
{
	(void)state;
	term_writes(c.t, "\0337");
	console_keys(&c, "q");
	console_exits(&c, 0, CONSOLE_SOON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pane_fills),
		cmocka_unit_test_setup(test_hostile_text_from_the_cluster_is_spelt_out, begin),
		cmocka_unit_test_setup(test_keys_move_the_focus, begin),
		cmocka_unit_test_setup(test_the_cursor_moves_and_stays_inside, begin),
		cmocka_unit_test_setup(test_zoom_shows_all_columns_of_get_nodes_wide, begin),
		cmocka_unit_test_setup(
			test_a_filter_works_while_it_is_typed_and_until_it_is_dropped, begin),
		cmocka_unit_test_setup(test_sorting_shows_its_column_and_turns_round, begin),
		cmocka_unit_test_setup(test_each_kind_of_row_has_its_detail, begin),
		cmocka_unit_test_setup(
			test_a_log_is_followed_held_wrapped_and_looked_at_from_before, begin),
		cmocka_unit_test_setup(test_the_palette_runs_actions_and_jumps_to_names, begin),
		cmocka_unit_test_setup(
			test_the_help_names_every_key_and_the_keys_agree_with_it, begin),
		cmocka_unit_test_setup(test_themes_change_colours_not_words, begin),
		cmocka_unit_test_setup(test_refresh_asks_again_and_redraw_mends_the_screen, begin),
		cmocka_unit_test_setup(test_the_mouse_focuses_opens_scrolls_and_presses, begin),
		cmocka_unit_test_setup(test_q_leaves_and_tidies_up, begin),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
