/* The keys that speak about incidents, and the line they ask for: what is posted to the engine,
 * what is refused, what the screen says. Views are stubs of the test's own. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/screen/screen.h"

#define ID    "01JDH0000000000000000000A1"
#define OTHER "01JDH0000000000000000000B2"

/* ---- views that show which they are ---- */

static void *stub_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	(void)view;
	(void)command;
	return mem_str(args->name);
}

static void stub_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	(void)s;
	(void)look;
	(void)role;
	str_copy(dst, size, state);
}

static void stub_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	(void)state;
	(void)s;
	(void)c;
	(void)look;
}

static void stub_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	(void)state;
	(void)s;
	(void)a;
	(void)look;
	(void)reply;
}

static struct command *stub_close(void *state)
{
	free(state);
	return NULL;
}

#define STUB(what)                                                                                 \
	{                                                                                          \
		.name = what, .title = what, .open = stub_open, .head = stub_head,                 \
		.draw = stub_draw, .act = stub_act, .close = stub_close                            \
	}

static const struct view_ops nodes = STUB("nodes"), events = STUB("events"), lists = STUB("lists"),
			     layers = STUB("layers"), page = STUB("page"), all = STUB("all"),
			     journal = STUB("entries"), chat = STUB("chat"),
			     alerts = STUB("firing"), cluster = STUB("about");

static int header(const struct snapshot *s, struct canvas *c, struct instant now)
{
	(void)s;
	(void)c;
	(void)now;
	return 1;
}

static const struct screen_pane panes[] = {
	{1, &nodes, SOURCE_NODES},
	{4, &events, SOURCE_EVENTS},
	{5, &lists, SOURCE_JOURNAL},
	{6, &layers, SOURCE_PROBES},
};

static const struct screen_views views = {
	.panes = panes,
	.n_panes = 4,
	.incident = &page,
	.incidents = &all,
	.journal = &journal,
	.status = &chat,
	.alerts = &alerts,
	.cluster = &cluster,
	.header = header,
};

/* ---- the stage ---- */

struct stage {
	struct screen *screen;
	struct mailbox *commands;
	struct keymap *keymap;
	struct instant now;
	struct command *last; /* the last that was posted */
};

static void begin(struct stage *t)
{
	struct screen_options o = {.views = &views};

	memset(t, 0, sizeof(*t));
	t->commands = mailbox_new(16);
	t->keymap = keymap_new();
	t->now = (struct instant){1795435200000, 1000000};
	o.commands = t->commands;
	o.keymap = t->keymap;
	t->screen = screen_new(&o);
}

static void end(struct stage *t)
{
	if (t->last)
		t->last->letter.drop(&t->last->letter);
	screen_free(t->screen);
	mailbox_free(t->commands);
	keymap_free(t->keymap);
}

static struct incident *incident(const struct stage *t, const char *id, enum level l)
{
	struct incident *i = incident_new(id);
	struct incident_level *level = vec_add(&i->levels);

	str_copy(i->alias, sizeof(i->alias), "INC-0007");
	i->number = 7;
	i->level = level->level = l;
	level->target = level_targets[l];
	i->time[INCIDENT_STARTED].at_ms = i->time[INCIDENT_DETECTED].at_ms = t->now.wall_ms;
	level->time = i->time[INCIDENT_DETECTED];
	i->title = rstr_new("m2 is down", 10);
	checklist_init(&i->lists, (const char *const *const[CHECKLIST_COUNT]){NULL, NULL, NULL});
	return i;
}

/* A snapshot with these incidents, the first of them the current one. */
static struct snapshot *snapshot_with(const struct stage *t, size_t n)
{
	struct snapshot *s = snapshot_new();
	const char *ids[] = {ID, OTHER};

	s->at = t->now;
	casebook_unref(s->book);
	s->book = casebook_new(n, 0);
	for (size_t k = 0; k < n; k++)
		s->book->incidents[k] = incident(t, ids[k], LEVEL_P1);
	s->book->current = n > 0 ? s->book->incidents[0] : NULL;
	return s;
}

static void show(struct stage *t, struct snapshot *s)
{
	screen_show(t->screen, s);
	snapshot_unref(s);
}

static void type(struct stage *t, const char *keys)
{
	for (; *keys != '\0'; keys++)
		screen_key(t->screen,
			*keys == '\r'     ? KEYS_ENTER
			: *keys == '\x1b' ? KEYS_ESCAPE
					  : *keys,
			t->now);
}

/* What was posted since the last call; NULL for nothing. */
static const struct command *posted(struct stage *t)
{
	if (t->last)
		t->last->letter.drop(&t->last->letter);
	t->last = (struct command *)mailbox_take(t->commands);
	return t->last;
}

static void assert_shows(struct stage *t, const char *part)
{
	struct canvas *c = canvas_new(24, 80, false);
	char *text;

	screen_paint(t->screen, c, t->now);
	text = canvas_dump(c, false);
	canvas_free(c);
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not on the screen:\n%s", part, text);
	free(text);
}

/* ---- one key ---- */

static void test_what_is_proposed_is_opened_with_one_key(void **state)
{
	struct stage t;
	struct snapshot *s;
	const struct command *c;

	(void)state;
	begin(&t);
	s = snapshot_with(&t, 0);
	s->proposal = (struct proposal){PROPOSE_OPEN, LEVEL_P0, t.now.wall_ms - 3000};
	show(&t, s);
	type(&t, "i");
	c = posted(&t);
	assert_non_null(c);
	assert_int_equal(c->letter.kind, COMMAND_OPEN);
	assert_int_equal(c->level, LEVEL_P0);
	assert_int_equal(c->at_ms, t.now.wall_ms - 3000);
	assert_null(posted(&t));
	end(&t);
}

static void test_acknowledge_speaks_of_the_current_incident(void **state)
{
	struct stage t;
	const struct command *c;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 2));
	type(&t, "a");
	c = posted(&t);
	assert_int_equal(c->letter.kind, COMMAND_RECORD);
	assert_string_equal(c->entry, "acknowledged");
	assert_string_equal(c->incident, ID);
	type(&t, "i");
	assert_null(posted(&t));
	assert_shows(&t, "lists > page");
	end(&t);
}

static void test_without_an_incident_the_key_says_how_to_open_one(void **state)
{
	struct stage t;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 0));
	type(&t, "a");
	assert_null(posted(&t));
	assert_shows(&t, "no incident is open: i opens one");
	end(&t);
}

static void test_each_page_opens_on_its_pane(void **state)
{
	static const struct {
		const char *key, *shows;
	} rows[] = {{"J", "5 lists > entries"}, {"I", "5 lists > all"}, {"A", "4 events > firing"},
		{"H", "6 layers > about"}, {"c", "5 lists"}};
	struct stage t;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 1));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		type(&t, rows[i].key);
		assert_shows(&t, rows[i].shows);
	}
	end(&t);
}

/* ---- what is asked for ---- */

static void test_a_note_is_typed_and_posted(void **state)
{
	struct stage t;
	const struct command *c;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 1));
	type(&t, "n");
	assert_shows(&t, "note:");
	type(&t, "q quits nothing here\r");
	c = posted(&t);
	assert_non_null(c);
	assert_string_equal(c->entry, "note");
	assert_true(str_starts(c->text, "q quits nothing here"));
	assert_string_equal(c->incident, ID);
	end(&t);
}

static void test_escape_leaves_the_question_and_posts_nothing(void **state)
{
	struct stage t;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 1));
	type(&t, "nabc\x1b");
	assert_null(posted(&t));
	type(&t, "n\r");
	assert_null(posted(&t));
	assert_shows(&t, "write something, or leave with Esc");
	end(&t);
}

static void test_a_level_needs_its_word_and_a_reason(void **state)
{
	struct stage t;
	struct snapshot *s;
	const struct command *c;

	(void)state;
	begin(&t);
	s = snapshot_with(&t, 1);
	s->proposal = (struct proposal){PROPOSE_RAISE, LEVEL_P0, t.now.wall_ms};
	s->verdict.n = 1;
	str_copy(s->verdict.reasons[0].text, sizeof(s->verdict.reasons[0].text), "no API answers");
	show(&t, s);
	type(&t, "L");
	assert_shows(&t, "P0 no API answers"); /* as the checks see it */
	type(&t, "\r");
	c = posted(&t);
	assert_string_equal(c->entry, "level");
	assert_int_equal(c->level, LEVEL_P0);
	assert_string_equal(c->text, "no API answers");
	type(&t, "L\x15P7 x\r");
	assert_null(posted(&t));
	assert_shows(&t, "begin with P0, P1, P2 or P3");
	type(&t, "\x15P2\r");
	assert_null(posted(&t));
	assert_shows(&t, "say in a few words why, too");
	type(&t, " it is only slow\r");
	c = posted(&t);
	assert_int_equal(c->level, LEVEL_P2);
	assert_string_equal(c->text, "it is only slow");
	end(&t);
}

static void test_an_incident_is_opened_by_hand(void **state)
{
	struct stage t;
	const struct command *c;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 0));
	type(&t, "icheckout is slow\r"); /* nothing is proposed: it asks, beginning with P2 */
	c = posted(&t);
	assert_int_equal(c->letter.kind, COMMAND_OPEN);
	assert_int_equal(c->level, LEVEL_P2);
	assert_string_equal(c->text, "checkout is slow");
	show(&t, snapshot_with(&t, 1));
	type(&t, "O\x15P3 another\r");
	c = posted(&t);
	assert_int_equal(c->letter.kind, COMMAND_OPEN);
	assert_int_equal(c->level, LEVEL_P3);
	end(&t);
}

static void test_roles_links_and_moments_are_posted_as_said(void **state)
{
	struct stage t;
	const struct command *c;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 1));
	type(&t, "Walice\r");
	c = posted(&t);
	assert_string_equal(c->entry, "role");
	assert_string_equal(c->name, "commander");
	assert_string_equal(c->text, "alice");
	type(&t, "+ticket\r");
	assert_null(posted(&t));
	type(&t, " OPS-7\r");
	c = posted(&t);
	assert_string_equal(c->entry, "link");
	assert_string_equal(c->name, "ticket");
	assert_string_equal(c->text, "OPS-7");
	type(&t, "Em1:etcd\r");
	assert_null(posted(&t));
	type(&t, " leader changed\r");
	c = posted(&t);
	assert_string_equal(c->entry, "evidence");
	assert_string_equal(c->name, "m1:etcd");
	assert_string_equal(c->text, "leader changed");
	type(&t, "m\r");
	c = posted(&t);
	assert_int_equal(c->letter.kind, COMMAND_RECORD);
	assert_string_equal(c->entry, "mitigated");
	type(&t, "v\r");
	assert_string_equal(posted(&t)->entry, "recovered");
	type(&t, "x\r");
	assert_string_equal(posted(&t)->entry, "closed");
	type(&t, "obroken again\r");
	c = posted(&t);
	assert_string_equal(c->entry, "reopened");
	assert_string_equal(c->text, "broken again");
	end(&t);
}

static void test_a_star_goes_to_the_note_of_that_number(void **state)
{
	struct stage t;
	struct snapshot *s;
	const struct command *c;
	struct incident_note *note;

	(void)state;
	begin(&t);
	s = snapshot_with(&t, 1);
	note = vec_add(&s->book->incidents[0]->notes);
	str_copy(note->id, sizeof(note->id), OTHER);
	note->text = rstr_new("x", 1);
	show(&t, s);
	type(&t, "*2\r");
	assert_null(posted(&t));
	assert_shows(&t, "the number of one of the notes is wanted");
	type(&t, "\x15"
		 "1\r");
	c = posted(&t);
	assert_string_equal(c->entry, "star");
	assert_string_equal(c->name, OTHER);
	assert_true(c->on);
	end(&t);
}

/* ---- the chat ---- */

static void test_the_status_text_is_copied_and_shown(void **state)
{
	struct stage t;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 1));
	type(&t, "y");
	assert_int_equal(screen_wish(t.screen), SCREEN_COPY);
	assert_non_null(strstr(screen_copied(t.screen), "INC-0007"));
	assert_non_null(strstr(screen_copied(t.screen), "m2 is down"));
	assert_shows(&t, "lists > chat");
	end(&t);
}

static void test_pasted_text_goes_into_the_question_only(void **state)
{
	struct stage t;
	const struct command *c;

	(void)state;
	begin(&t);
	show(&t, snapshot_with(&t, 1));
	screen_paste(t.screen, 'a', t.now);
	assert_null(posted(&t)); /* it would have acknowledged */
	type(&t, "n");
	screen_paste(t.screen, 'a', t.now);
	screen_paste(t.screen, '\r', t.now); /* a line end posts nothing */
	assert_null(posted(&t));
	type(&t, "\r");
	c = posted(&t);
	assert_string_equal(c->text, "a");
	end(&t);
}

static int set_up(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_proposed_is_opened_with_one_key),
		cmocka_unit_test(test_acknowledge_speaks_of_the_current_incident),
		cmocka_unit_test(test_without_an_incident_the_key_says_how_to_open_one),
		cmocka_unit_test(test_each_page_opens_on_its_pane),
		cmocka_unit_test(test_a_note_is_typed_and_posted),
		cmocka_unit_test(test_escape_leaves_the_question_and_posts_nothing),
		cmocka_unit_test(test_a_level_needs_its_word_and_a_reason),
		cmocka_unit_test(test_an_incident_is_opened_by_hand),
		cmocka_unit_test(test_roles_links_and_moments_are_posted_as_said),
		cmocka_unit_test(test_a_star_goes_to_the_note_of_that_number),
		cmocka_unit_test(test_the_status_text_is_copied_and_shown),
		cmocka_unit_test(test_pasted_text_goes_into_the_question_only),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
