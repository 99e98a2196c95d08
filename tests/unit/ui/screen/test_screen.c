/* The screen driven by keys, with views of the test's own: what the operator sees, as saved
 * screens, and what the engine gets. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "help/golden.h"
#include "ui/screen/screen.h"

/* A list of the snapshot's nodes: moves, filters, opens a detail. */
struct list {
	int cursor, clicks;
};

static void *list_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	(void)view;
	(void)args;
	(void)command;
	return mem_new(struct list);
}

static void list_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	(void)state;
	(void)look;
	*role = s->nodes_not_ready > 0 ? ROLE_WARN : ROLE_DIM;
	snprintf(dst, size, "%zu, %d not ready", table_count(s->nodes), s->nodes_not_ready);
}

static void list_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct table_walk w = table_walk(s->nodes);
	const struct list *l = state;
	const struct node_row *n;
	int row = 0;

	canvas_put(c, row++, 0, -1, ROLE_HEADING, "NAME");
	while ((n = table_next(&w)) != NULL) {
		if (!str_has_case(n->name, look->filter))
			continue;
		canvas_put(c, row, 0, -1, ROLE_TEXT, n->name);
		if (row - 1 == l->cursor && look->focused)
			canvas_role(c, row, 0, c->width, ROLE_SELECTED);
		row++;
	}
}

extern const struct view_ops detail_view;

static void list_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct list *l = state;

	(void)s;
	(void)look;
	reply->handled = true;
	if (a->id == ACTION_DOWN)
		l->cursor++;
	else if (a->id == ACTION_UP)
		l->cursor--;
	else if (a->id == ACTION_CLICK)
		l->cursor = a->row - 1;
	else if (a->id == ACTION_SORT)
		str_copy(reply->say, sizeof(reply->say), "sorted by AGE");
	else
		reply->handled = false;
	if (a->id == ACTION_ENTER || (a->id == ACTION_CLICK && a->clicks == 2)) {
		reply->open = &detail_view;
		snprintf(reply->args.name, sizeof(reply->args.name), "row %d", l->cursor);
	}
}

static struct command *list_close(void *state)
{
	free(state);
	return NULL;
}

static const enum action_id list_actions[] = {
	ACTION_UP, ACTION_DOWN, ACTION_ENTER, ACTION_SORT, ACTION_NONE};

static const struct view_ops list_view = {.name = "list",
	.title = "nodes",
	.open = list_open,
	.head = list_head,
	.draw = list_draw,
	.act = list_act,
	.close = list_close,
	.actions = list_actions};
static const struct view_ops other_view = {.name = "other",
	.title = "events",
	.open = list_open,
	.draw = list_draw,
	.act = list_act,
	.close = list_close,
	.actions = list_actions};

/* A detail that holds a feed while it is open. */
static void *detail_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	struct view_args *mine = mem_dup(args, sizeof(*args));

	(void)view;
	*command = command_new(COMMAND_FEED_OPEN);
	(*command)->feed = args->feed;
	return mine;
}

static void detail_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	const struct view_args *args = state;

	(void)s;
	canvas_fmt(c, 0, 0, -1, ROLE_TEXT, "detail of %s, feed %u%s", args->name, args->feed,
		look->zoomed ? ", zoomed" : "");
}

static void detail_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	(void)state;
	(void)s;
	(void)look;
	if (a->id == ACTION_FOLLOW)
		str_copy(reply->say, sizeof(reply->say), "following");
	if (a->id == ACTION_ENTER)
		reply->open = &detail_view;
}

static struct command *detail_close(void *state)
{
	struct command *c = command_new(COMMAND_FEED_CLOSE);

	c->feed = ((struct view_args *)state)->feed;
	free(state);
	return c;
}

static const enum action_id detail_actions[] = {ACTION_FOLLOW, ACTION_NONE};

const struct view_ops detail_view = {.name = "detail",
	.title = "detail",
	.open = detail_open,
	.draw = detail_draw,
	.act = detail_act,
	.close = detail_close,
	.actions = detail_actions};

static int header(const struct snapshot *s, struct canvas *c, struct instant now)
{
	canvas_fmt(c, 0, 1, -1, ROLE_BRAND, "k911  %s", s->cluster);
	(void)now;
	return 1;
}

static const struct screen_pane panes[] = {
	{1, &list_view, SOURCE_NODES},
	{2, &other_view, SOURCE_PODS},
	{3, &other_view, SOURCE_ETCD},
	{4, &other_view, SOURCE_EVENTS},
	{6, &other_view, SOURCE_PROBES},
};

static const struct screen_views views = {
	.panes = panes, .n_panes = 5, .node = &detail_view, .pod = &detail_view, .header = header};

struct fixture {
	struct screen *screen;
	struct mailbox *commands;
	struct keymap *keymap;
	struct snapshot *snapshot;
	struct theme themes[2];
	struct instant now;
};

static struct snapshot *make_snapshot(struct instant now)
{
	static const char *const names[] = {"m1", "m2", "m3", "web-1", "web-2", "web-3"};
	struct snapshot *s = snapshot_new();

	s->at = now;
	str_copy(s->cluster, sizeof(s->cluster), "prod-a");
	for (int i = 0; i < SOURCE_COUNT; i++)
		s->sources[i] = (struct source){.state = SOURCE_LIVE, .good = now};
	for (size_t i = 0; i < 6; i++) {
		struct node_row n = {.name = names[i]};

		table_put(s->nodes, &n);
	}
	s->nodes_not_ready = 1;
	return s;
}

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);
	struct screen_options o = {.views = &views, .n_themes = 2};

	f->commands = mailbox_new(16);
	f->keymap = keymap_new();
	f->now = (struct instant){1000000, 1000000};
	f->snapshot = make_snapshot(f->now);
	theme_init(&f->themes[0], "dark");
	theme_init(&f->themes[1], "light");
	o.commands = f->commands;
	o.keymap = f->keymap;
	o.themes = f->themes;
	f->screen = screen_new(&o);
	screen_show(f->screen, f->snapshot);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	screen_free(f->screen);
	snapshot_unref(f->snapshot);
	mailbox_free(f->commands);
	keymap_free(f->keymap);
	free(f);
	return 0;
}

static void type(struct fixture *f, const char *keys)
{
	for (; *keys != '\0'; keys++)
		screen_key(f->screen,
			*keys == '\r'     ? KEYS_ENTER
			: *keys == '\x1b' ? KEYS_ESCAPE
			: *keys == '\t'   ? KEYS_TAB
					  : *keys,
			f->now);
}

static char *shown(struct fixture *f, int rows, int columns)
{
	struct canvas *c = canvas_new(rows, columns, false);
	char *text;

	screen_paint(f->screen, c, f->now);
	text = canvas_dump(c, false);
	canvas_free(c);
	return text;
}

static void assert_shows(struct fixture *f, const char *part)
{
	char *text = shown(f, 24, 80);

	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not on the screen:\n%s", part, text);
	free(text);
}

static void assert_hides(struct fixture *f, const char *part)
{
	char *text = shown(f, 24, 80);

	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is on the screen:\n%s", part, text);
	free(text);
}

static void assert_golden(struct fixture *f, const char *name, int rows, int columns, bool ascii)
{
	struct canvas *c = canvas_new(rows, columns, ascii);

	screen_paint(f->screen, c, f->now);
	assert_true(golden_canvas(name, c, !ascii));
	canvas_free(c);
}

static void test_the_console_at_its_sizes(void **state)
{
	struct fixture *f = *state;

	assert_golden(f, "screen_80x24.txt", 24, 80, false);
	assert_golden(f, "screen_200x50.txt", 50, 200, false);
	assert_golden(f, "screen_ascii.txt", 24, 80, true);
	assert_golden(f, "screen_narrow.txt", 20, 50, false);
	assert_golden(f, "screen_minimum.txt", 8, 40, false);
	assert_golden(f, "screen_too_small.txt", 5, 20, false);
}

static void test_no_size_crashes(void **state)
{
	struct fixture *f = *state;

	for (int step = 0; step < 4; step++) {
		for (int rows = 1; rows < 40; rows++)
			for (int columns = 1; columns < 130; columns += 3)
				free(shown(f, rows, columns));
		type(f, step == 0 ? "?" : step == 1 ? "\x1b:" : "\x1b\x1b\rz/x");
	}
}

static int times(const char *text, const char *part)
{
	int n = 0;

	while ((text = strstr(text, part)) != NULL) {
		text += strlen(part);
		n++;
	}
	return n;
}

static void test_before_the_first_data_the_real_panes_say_so(void **state)
{
	struct fixture *f = *state;
	struct screen_options o = {
		.views = &screen_views, .keymap = f->keymap, .commands = f->commands};
	struct screen *mine = f->screen;
	char *text;

	f->screen = screen_new(&o);
	text = shown(f, 24, 80);
	assert_true(times(text, "loading...") >= (int)screen_views.n_panes);
	assert_non_null(strstr(text, "q quit"));
	free(text);
	screen_free(f->screen);
	f->screen = mine;
}

static void test_where_a_head_is_cut_the_age_of_old_data_is_not(void **state)
{
	struct fixture *f = *state;
	struct source *src = &f->snapshot->sources[SOURCE_NODES];

	f->snapshot->nodes_not_ready = 1000000000;
	src->state = SOURCE_STALE;
	str_copy(src->error, sizeof(src->error), "connection refused");
	f->now.boot_ms += 12000;
	type(f, "/a-long-filter");
	assert_shows(f, "stale 12s");
	f->now.boot_ms += 1000;
	assert_shows(f, "stale 13s");
	src->state = SOURCE_LIVE;
	assert_hides(f, "stale");
}

static void test_focus_moves_by_number_tab_and_mouse(void **state)
{
	struct fixture *f = *state;

	type(f, "3");
	assert_golden(f, "screen_focus_3.txt", 24, 80, false);
	type(f, "\tz");
	assert_shows(f, "4 events");
	assert_hides(f, "1 nodes");
	type(f, "z5");
	assert_shows(f, "there is no pane 5");
	screen_point(f->screen, POINTER_CLICK, 3, 5, f->now); /* a row of pane 1 */
	type(f, "z");
	assert_shows(f, "1 nodes");
	assert_hides(f, "4 events");
}

static void test_the_filter_works_while_it_is_typed(void **state)
{
	struct fixture *f = *state;

	type(f, "/web-");
	assert_golden(f, "screen_filter.txt", 24, 80, false);
	screen_key(f->screen, KEYS_BACKSPACE, f->now);
	screen_key(f->screen, KEYS_BACKSPACE, f->now);
	type(f, "2\r");
	assert_shows(f, "/we2");
	type(f, "\x1b");
	assert_hides(f, "/we");
	type(f, "/q?:\x1b"); /* text, not keys */
	assert_int_equal(screen_wish(f->screen), SCREEN_NOTHING);
	assert_hides(f, "/q");
	type(f, "/x\t"); /* another pane's filter is its own */
	type(f, "2z");
	assert_hides(f, "/x");
}

static uint32_t posted(struct fixture *f, enum command_kind kind)
{
	struct letter *l = mailbox_take(f->commands);
	uint32_t feed;

	assert_non_null(l);
	assert_int_equal(l->kind, kind);
	feed = ((struct command *)l)->feed;
	l->drop(l);
	return feed;
}

static void test_details_stack_and_give_back_what_they_took(void **state)
{
	struct fixture *f = *state;
	uint32_t first, second;

	screen_key(f->screen, KEYS_DOWN, f->now);
	type(f, "\r");
	first = posted(f, COMMAND_FEED_OPEN);
	assert_golden(f, "screen_detail.txt", 24, 80, false);
	type(f, "\r");
	second = posted(f, COMMAND_FEED_OPEN);
	assert_true(first != 0 && second != first);
	type(f, "q");
	assert_int_equal(posted(f, COMMAND_FEED_CLOSE), second);
	assert_shows(f, "detail of row 1");
	type(f, "\x1b");
	assert_int_equal(posted(f, COMMAND_FEED_CLOSE), first);
	assert_shows(f, "2 events"); /* no longer zoomed */
	assert_int_equal(screen_wish(f->screen), SCREEN_NOTHING);
	for (int i = 0; i < 20; i++)
		type(f, "\r");
	for (int i = 0; i < 7; i++)
		posted(f, COMMAND_FEED_OPEN);
	assert_null(mailbox_take(f->commands)); /* the stack has an end */
}

static void test_the_zoom_of_before_comes_back_after_a_detail(void **state)
{
	struct fixture *f = *state;

	type(f, "z\r\x1b");
	assert_hides(f, "2 events");
	type(f, "z\rz\x1b"); /* changed meanwhile: that counts */
	assert_shows(f, "2 events");
}

static void test_the_palette_finds_and_runs(void **state)
{
	struct fixture *f = *state;

	type(f, ":the");
	assert_golden(f, "screen_palette.txt", 24, 80, false);
	type(f, "me light\r");
	assert_string_equal(screen_theme(f->screen)->name, "light");
	type(f, ":whole screen\r"); /* by its title */
	assert_hides(f, "2 events");
	type(f, ":zo\r");
	assert_shows(f, "2 events");
	type(f, ":nod\r"); /* the word, then a name */
	assert_shows(f, ":node");
	type(f, "wb3");
	assert_shows(f, "web-3");
	type(f, "\r");
	assert_shows(f, "detail of web-3");
	type(f, ":make coffee\r");
	assert_shows(f, "no command \"make coffee\"");
	type(f, "\x1b:qui\r");
	assert_int_equal(screen_wish(f->screen), SCREEN_QUIT);
}

static void test_the_palette_survives_the_snapshot_it_was_found_in(void **state)
{
	struct fixture *f = *state;
	struct snapshot *later = make_snapshot(f->now);

	type(f, ":node web-2");
	screen_show(f->screen, later);
	snapshot_unref(f->snapshot);
	f->snapshot = later;
	type(f, "\r");
	assert_shows(f, "detail of web-2");
}

static void test_help_is_made_from_the_key_table(void **state)
{
	struct fixture *f = *state;

	keymap_bind(f->keymap, "zoom", "f9", NULL);
	type(f, "?");
	assert_golden(f, "screen_help.txt", 50, 100, false);
	assert_shows(f, "keys (any other key closes)");
	screen_key(f->screen, KEYS_END, f->now);
	assert_shows(f, "Ctrl-C");
	assert_shows(f, "mouse");
	type(f, "q");
	assert_hides(f, "any other key");
	assert_int_equal(screen_wish(f->screen), SCREEN_NOTHING);
}

static void test_notices_are_shown_and_go(void **state)
{
	struct fixture *f = *state;
	struct notice *n = notice_new(NOTICE_ERROR, "the \x1b[31mengine\n is on fire");

	screen_hear(f->screen, n, f->now);
	n->letter.drop(&n->letter);
	assert_shows(f, "error: the ^[[31mengine  is on fire");
	f->now.boot_ms += 60000;
	assert_hides(f, "on fire");
	type(f, "s");
	assert_shows(f, "sorted by AGE");
	screen_key(f->screen, KEYS_DOWN, f->now);
	assert_hides(f, "sorted by AGE");
}

static void test_refresh_reaches_the_engine_and_a_full_engine_is_said(void **state)
{
	struct fixture *f = *state;

	type(f, "R");
	posted(f, COMMAND_REFRESH);
	for (int i = 0; i < 17; i++)
		type(f, "R");
	assert_shows(f, "too busy");
}

static void test_leaving(void **state)
{
	struct fixture *f = *state;

	type(f, "q");
	assert_int_equal(screen_wish(f->screen), SCREEN_QUIT);
	assert_int_equal(screen_wish(f->screen), SCREEN_NOTHING);
	type(f, "/typing");
	screen_key(f->screen, 'C' & 31, f->now);
	assert_int_equal(screen_wish(f->screen), SCREEN_INTERRUPTED);
	screen_key(f->screen, 'Z' & 31, f->now);
	assert_int_equal(screen_wish(f->screen), SCREEN_SUSPEND);
}

static void test_pasted_text_is_never_a_command(void **state)
{
	struct fixture *f = *state;

	for (const char *p = "q:quit\r"; *p != '\0'; p++)
		screen_paste(f->screen, (uint32_t)*p, f->now);
	assert_int_equal(screen_wish(f->screen), SCREEN_NOTHING);
	assert_shows(f, "pasted text was ignored");
	type(f, "/");
	for (const char *p = "web\n-1"; *p != '\0'; p++)
		screen_paste(f->screen, (uint32_t)*p, f->now);
	assert_shows(f, "/web-1");
}

static void test_the_mouse_selects_opens_scrolls_and_presses_hints(void **state)
{
	struct fixture *f = *state;
	char *text, *zoom;
	int column;

	free(shown(f, 24, 80));
	screen_point(f->screen, POINTER_DOUBLE, 4, 5, f->now); /* title 1, heading 2, rows from 3 */
	assert_shows(f, "detail of row 1");
	type(f, "\x1b");
	free(shown(f, 24, 80));
	screen_point(f->screen, POINTER_WHEEL_DOWN, 4, 5, f->now);
	type(f, "\r");
	assert_shows(f, "detail of row 4");
	type(f, "\x1b");
	text = shown(f, 24, 80);
	zoom = strstr(text, "z zoom");
	assert_non_null(zoom);
	column = (int)(zoom - strrchr(text, '\n'));
	for (char *p = zoom; p > text && *p != '\n'; p--)
		column = (int)(zoom - p);
	free(text);
	screen_point(f->screen, POINTER_CLICK, 23, column, f->now);
	assert_hides(f, "2 events");
	type(f, ":theme l");
	text = shown(f, 24, 80);
	free(text);
	screen_point(f->screen, POINTER_CLICK, 21, 5, f->now);
	assert_string_equal(screen_theme(f->screen)->name, "light");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(test_the_console_at_its_sizes),
		WITH(test_no_size_crashes),
		WITH(test_before_the_first_data_the_real_panes_say_so),
		WITH(test_where_a_head_is_cut_the_age_of_old_data_is_not),
		WITH(test_focus_moves_by_number_tab_and_mouse),
		WITH(test_the_filter_works_while_it_is_typed),
		WITH(test_details_stack_and_give_back_what_they_took),
		WITH(test_the_zoom_of_before_comes_back_after_a_detail),
		WITH(test_the_palette_finds_and_runs),
		WITH(test_the_palette_survives_the_snapshot_it_was_found_in),
		WITH(test_help_is_made_from_the_key_table),
		WITH(test_notices_are_shown_and_go),
		WITH(test_refresh_reaches_the_engine_and_a_full_engine_is_said),
		WITH(test_leaving),
		WITH(test_pasted_text_is_never_a_command),
		WITH(test_the_mouse_selects_opens_scrolls_and_presses_hints),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
