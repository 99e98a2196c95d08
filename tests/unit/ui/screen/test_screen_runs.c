/* Runbooks at the console: the menu, the form, the plan and its start, consent, stopping and
 * leaving, with the real views on boards made by hand. What is posted to the engine is what counts,
 * and that nothing is posted by accident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "help/golden.h"
#include "help/sample_book.h"
#include "help/sample_runs.h"
#include "help/samples.h"
#include "help/shot.h"
#include "ui/screen/screen.h"

struct stage {
	struct screen *screen;
	struct mailbox *commands;
	struct keymap *keymap;
	struct command *last;
	struct instant now;
};

static void show(struct stage *t, struct snapshot *s)
{
	screen_show(t->screen, s);
	snapshot_unref(s);
}

static void begin(struct stage *t, struct snapshot *s)
{
	struct screen_options o = {.views = &screen_views};

	memset(t, 0, sizeof(*t));
	o.commands = t->commands = mailbox_new(32);
	o.keymap = t->keymap = keymap_new();
	t->now = sample_now();
	t->screen = screen_new(&o);
	show(t, s);
}

static void end(struct stage *t)
{
	if (t->last)
		t->last->letter.drop(&t->last->letter);
	screen_free(t->screen);
	mailbox_free(t->commands);
	keymap_free(t->keymap);
}

static struct canvas *painted(struct stage *t, int rows, int columns, bool ascii)
{
	struct canvas *c = canvas_new(rows, columns, ascii);

	screen_paint(t->screen, c, t->now);
	return c;
}

static bool shows(struct stage *t, const char *part)
{
	struct canvas *c = painted(t, 24, 80, false);
	char *text = canvas_dump(c, false);
	bool found = strstr(text, part) != NULL;

	canvas_free(c);
	free(text);
	return found;
}

static void assert_shows(struct stage *t, const char *part)
{
	struct canvas *c;
	char *text;

	if (shows(t, part))
		return;
	c = painted(t, 24, 80, false);
	text = canvas_dump(c, false);
	fail_msg("\"%s\" is not on the screen:\n%s", part, text);
}

static void key(struct stage *t, int k)
{
	screen_key(t->screen, k, t->now);
}

static void type(struct stage *t, const char *keys)
{
	for (; *keys != '\0'; keys++)
		key(t, *keys == '\r'      ? KEYS_ENTER
			: *keys == '\t'   ? KEYS_TAB
			: *keys == '\x1b' ? KEYS_ESCAPE
					  : *keys);
}

static void paste(struct stage *t, const char *text)
{
	for (; *text != '\0'; text++)
		screen_paste(t->screen, (uint32_t)*text, t->now);
}

/* The dialog has been before the eyes for long enough. */
static void look_at_it(struct stage *t)
{
	canvas_free(painted(t, 24, 80, false));
	t->now.boot_ms += 400;
	t->now.wall_ms += 400;
}

/* What was posted since the last call; NULL for nothing. */
static const struct command *posted(struct stage *t)
{
	if (t->last)
		t->last->letter.drop(&t->last->letter);
	t->last = (struct command *)mailbox_take(t->commands);
	return t->last;
}

static void assert_posted(struct stage *t, enum command_kind kind, const char *name)
{
	const struct command *c = posted(t);

	assert_non_null(c);
	assert_int_equal(c->letter.kind, kind);
	assert_string_equal(c->name, name);
}

/* ---- saved screens ---- */

struct scene {
	const char *name;
	struct snapshot *(*sample)(void);
	const char *keys;
	bool ascii;
};

static bool scene_matches(const struct scene *scene, int rows, int columns, enum shot_language l)
{
	struct stage t;
	struct canvas *c;
	char name[120];
	bool same;

	shot_speak(l, LOCALE_DIR);
	begin(&t, scene->sample());
	type(&t, scene->keys);
	c = painted(&t, rows, columns, scene->ascii);
	snprintf(name, sizeof(name), "%s_%dx%d_%s.txt", scene->name, columns, rows, shot_suffix(l));
	same = golden_canvas(name, c, true);
	canvas_free(c);
	end(&t);
	return same;
}

static void test_every_dialog_at_both_sizes_in_both_languages(void **state)
{
	static const struct scene scenes[] = {
		{"console_runs", sample_debts, "", false},
		{"console_runs_ascii", sample_debts, "7", true},
		{"console_menu", sample_menu, "r", false},
		{"form", sample_menu, "r\r", false},
		{"form_error", sample_menu, "rj\r\x15\r", false},
		{"form_evil", sample_runs_evil, "rj\r", false},
		{"consent", sample_consents, "!", false},
		{"consent_typed", sample_consents_typed, "!", false},
		{"consent_ascii", sample_consents_typed, "!", true},
		{"consent_evil", sample_runs_evil, "!", false},
		{"quit_asked", sample_acting, "q", false},
	};
	bool same = true;

	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		for (int l = 0; l < SHOT_LANGUAGES; l++) {
			same &= scene_matches(&scenes[i], 24, 80, (enum shot_language)l);
			same &= scene_matches(&scenes[i], 50, 200, (enum shot_language)l);
		}
	shot_speak(SHOT_EN, LOCALE_DIR);
	assert_true(same);
}

/* ---- where nothing can be run ---- */

static void test_without_runs_no_key_line_or_pane_speaks_of_them(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_incident());
	assert_false(shows(&t, "runbooks"));
	assert_false(shows(&t, "7 actions"));
	assert_true(shows(&t, "1-6 pane"));
	type(&t, "?");
	key(&t, KEYS_END);
	assert_false(shows(&t, "runbook"));
	type(&t, "\x1b:runb");
	assert_false(shows(&t, "the runbooks"));
	assert_false(shows(&t, "go to the one of this name"));
	type(&t, "\x1br");
	assert_false(shows(&t, "RUNBOOK"));
	assert_null(posted(&t));
	end(&t);
}

static void test_the_pane_comes_and_goes_with_the_runs(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_debts());
	assert_shows(&t, "7 actions");
	assert_shows(&t, "1-7 pane");
	type(&t, "7\r");
	assert_shows(&t, "7 actions > run");
	show(&t, sample_incident());
	assert_false(shows(&t, "actions"));
	assert_shows(&t, "1 nodes");
	end(&t);
}

/* ---- menu and form ---- */

static void test_from_the_menu_to_a_plan(void **state)
{
	struct stage t;
	const struct command *c;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r");
	assert_shows(&t, "7 actions > runbooks");
	type(&t, "\r");
	assert_shows(&t, "Which node?");
	assert_null(posted(&t));
	type(&t, "\r"); /* the default as it stands */
	c = posted(&t);
	assert_int_equal(c->letter.kind, COMMAND_PLAN);
	assert_string_equal(c->name, "kubelet-restart");
	assert_string_equal(c->text, "node=m2\n");
	assert_true(c->feed != 0);
	assert_shows(&t, "7 actions > plan");
	end(&t);
}

static void test_tab_goes_through_what_the_cluster_holds(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r\r\t\r"); /* m2 was there */
	assert_string_equal(posted(&t)->text, "node=m3\n");
	type(&t, "r\r\x15w\t\t\r"); /* of those that begin so, the second */
	assert_string_equal(posted(&t)->text, "node=w2\n");
	type(&t, "r\r");
	key(&t, KEYS_BACK_TAB);
	type(&t, "\r");
	assert_string_equal(posted(&t)->text, "node=m1\n");
	end(&t);
}

static void test_choices_are_gone_through_and_never_typed(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "rj\r\rxyz\t\r\rit burnt\r");
	assert_string_equal(posted(&t)->text, "node=w3\ndead=yes\nlabels=\nreason=it burnt\n");
	end(&t);
}

static void test_what_cannot_be_a_value_is_said_beside_it(void **state)
{
	static const struct {
		const char *keys, *says;
	} rows[] = {
		{"\x15\r", "a value is wanted here"},
		{"\x15-rf\r", "it may not begin with -"},
		{"\x15m2;reboot\r", "small letters, digits"},
		{"\x15m9", "not known here: the plan will tell"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage t;

		begin(&t, sample_menu());
		type(&t, "r\r");
		type(&t, rows[i].keys);
		assert_null(posted(&t));
		assert_shows(&t, rows[i].says);
		end(&t);
	}
}

static void test_escape_leaves_the_form_and_asks_for_nothing(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r\rq\x1b");
	assert_null(posted(&t));
	assert_shows(&t, "7 actions > runbooks");
	end(&t);
}

static void test_a_form_whose_runbook_went_away_is_left(void **state)
{
	struct stage t;
	struct snapshot *s = sample_menu();

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r\r");
	str_copy(
		s->runs->cards[0].inputs[0].name, sizeof(s->runs->cards[0].inputs[0].name), "host");
	show(&t, s);
	type(&t, "\r");
	assert_null(posted(&t));
	assert_shows(&t, "that runbook has changed");
	end(&t);
}

static struct snapshot *with_default(const char *node)
{
	struct snapshot *s = sample_menu();

	str_copy(s->runs->cards[0].inputs[0].value, RUN_VALUE, node);
	return s;
}

static void test_a_default_comes_late_and_never_instead_of_another(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, with_default(""));
	type(&t, "r\r");
	show(&t, with_default("w3"));
	show(&t, with_default("m1"));
	type(&t, "\r");
	assert_string_equal(posted(&t)->text, "node=w3\n");
	show(&t, with_default(""));
	type(&t, "r\rx\x15");
	show(&t, with_default("w3")); /* the operator has emptied it */
	type(&t, "\r");
	assert_null(posted(&t));
	end(&t);
}

static void test_the_palette_leads_to_a_form(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_menu());
	type(&t, ":runbook worker");
	assert_shows(&t, "Replace a worker");
	type(&t, "\r");
	assert_shows(&t, "Which worker?");
	end(&t);
}

/* ---- the plan, and its start ---- */

static void test_a_plan_that_never_comes_is_said(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r\r\r");
	assert_shows(&t, "Looking at what would be done");
	t.now.boot_ms += 6000;
	assert_shows(&t, "Nothing has come of it");
	end(&t);
}

static struct snapshot *asked_by(struct snapshot *s, uint32_t asker)
{
	s->runs->runs[0]->asker = asker;
	return s;
}

static void test_a_plan_is_started_by_its_key_alone(void **state)
{
	struct stage t;
	uint32_t asker;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r\r\r");
	asker = posted(&t)->feed;
	type(&t, "e"); /* there is no plan yet */
	assert_null(posted(&t));
	show(&t, asked_by(sample_planned(), asker));
	assert_shows(&t, "Nothing has been changed yet");
	type(&t, "\r");
	paste(&t, "e");
	assert_null(posted(&t));
	type(&t, "e");
	assert_posted(&t, COMMAND_RUN, "kubelet-restart");
	assert_string_equal(t.last->text, "node=m2\n");
	assert_shows(&t, "7 actions > run");
	type(&t, "e"); /* it is started once */
	assert_null(posted(&t));
	end(&t);
}

static void test_a_read_only_console_plans_and_does_not_start(void **state)
{
	struct stage t;
	struct snapshot *s;
	uint32_t asker;

	(void)state;
	begin(&t, sample_menu());
	type(&t, "r\r\r");
	asker = posted(&t)->feed;
	s = asked_by(sample_planned(), asker);
	s->read_only = true;
	show(&t, s);
	type(&t, "e");
	assert_null(posted(&t));
	assert_shows(&t, "read-only");
	end(&t);
}

/* ---- consent ---- */

/* On the page of the run that asks. */
static void begin_on_page(struct stage *t, struct snapshot *(*sample)(void))
{
	begin(t, sample_verifying());
	type(t, "7\r");
	assert_shows(t, "7 actions > run");
	show(t, sample());
	assert_shows(t, "etcd 2 of 3, may lose 0");
}

static void test_a_yes_is_given_by_y(void **state)
{
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents);
	look_at_it(&t);
	type(&t, "\rxe ");
	assert_null(posted(&t));
	type(&t, "y");
	assert_posted(&t, COMMAND_ANSWER, "");
	assert_int_equal(t.last->ask, SAMPLE_ASK);
	assert_string_equal(t.last->text, "yes");
	show(&t, sample_consents()); /* the engine has not heard it yet */
	assert_false(shows(&t, "may lose 0: stopping"));
	end(&t);
}

static void test_a_no_stops_the_run(void **state)
{
	static const char *const noes[] = {"n", "\x1b"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct stage t;

		begin_on_page(&t, sample_consents);
		look_at_it(&t);
		type(&t, noes[i]);
		assert_posted(&t, COMMAND_RUN_ABORT, SAMPLE_RUN);
		assert_null(posted(&t));
		end(&t);
	}
}

static void test_a_typed_consent_takes_the_name_and_nothing_else(void **state)
{
	static const char *const wrong[] = {
		"y\r", "yes\r", "\r", "m\r", "m2 \r", " m2\r", "M2\r", "m22\r", "1\r"};
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents_typed);
	look_at_it(&t);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		type(&t, wrong[i]);
		assert_null(posted(&t));
		assert_shows(&t, wrong[i][0] == '\r' ? "letter by letter" : "that is not it");
	}
	type(&t, "m2\r");
	assert_posted(&t, COMMAND_ANSWER, "");
	assert_string_equal(t.last->text, "m2");
	end(&t);
}

static void test_what_is_pasted_counts_only_if_it_is_the_name(void **state)
{
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents_typed);
	look_at_it(&t);
	paste(&t, "kubectl drain m2\r");
	assert_null(posted(&t));
	type(&t, "\r");
	assert_null(posted(&t));
	assert_shows(&t, "that is not it");
	end(&t);
	begin_on_page(&t, sample_consents);
	look_at_it(&t);
	paste(&t, "y");
	assert_null(posted(&t));
	end(&t);
}

static void test_keys_under_way_do_not_answer_a_dialog_that_appears(void **state)
{
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents); /* it was painted now */
	for (int i = 0; i < 10; i++) {
		type(&t, "yn\x1b");
		t.now.boot_ms += 200; /* somebody types on */
		assert_null(posted(&t));
	}
	t.now.boot_ms += 400;
	type(&t, "y");
	assert_posted(&t, COMMAND_ANSWER, "");
	end(&t);
}

static void test_a_dialog_that_was_never_painted_takes_no_key(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_consents());
	type(&t, "!");
	t.now.boot_ms += 5000;
	type(&t, "y");
	assert_null(posted(&t));
	look_at_it(&t);
	type(&t, "y");
	assert_posted(&t, COMMAND_ANSWER, "");
	end(&t);
}

static void test_away_from_its_page_a_consent_waits_to_be_opened(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_verifying());
	show(&t, sample_consents());
	assert_false(shows(&t, "yes, do it"));
	assert_shows(&t, "asked:");
	type(&t, "!");
	assert_shows(&t, "yes, do it");
	end(&t);
}

static void test_one_may_look_around_before_answering(void **state)
{
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents);
	look_at_it(&t);
	type(&t, "\t");
	assert_null(posted(&t));
	show(&t, sample_consents());
	assert_false(shows(&t, "yes, do it")); /* it does not come back by itself */
	type(&t, "3!");
	assert_shows(&t, "yes, do it");
	end(&t);
}

static void test_a_consent_that_is_no_longer_asked_goes(void **state)
{
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents_typed);
	show(&t, sample_failed());
	assert_shows(&t, "that question is no longer asked");
	t.now.boot_ms += 60000;
	type(&t, "m2");
	assert_null(posted(&t)); /* nor are they taken for commands */
	assert_shows(&t, "no longer asked");
	type(&t, "\r");
	assert_null(posted(&t));
	assert_shows(&t, "7 actions > run");
	end(&t);
}

static void test_every_line_of_a_consent_can_be_read_at_80x24(void **state)
{
	static const char *const parts[] = {"m2, a control-plane node", "kubelet is stopped",
		"Static pods are started", "etcd 2 of 3", "a restart is not taken back",
		"systemctl restart kubelet", "type m2 to do it"};
	struct snapshot *s = sample_consents_typed();
	struct run_consent *consent = &s->runs->runs[0]->consent;
	struct stage t;

	(void)state;
	begin_on_page(&t, sample_consents_typed);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_shows(&t, parts[i]);
	end(&t);
	memset(consent->what, 'x', sizeof(consent->what) - 1);
	memset(consent->risk, 'y', sizeof(consent->risk) - 1);
	memset(consent->oracle, 'z', sizeof(consent->oracle) - 1);
	begin(&t, s);
	type(&t, "!");
	look_at_it(&t);
	assert_false(shows(&t, "systemctl restart kubelet"));
	for (int i = 0; i < 3; i++)
		key(&t, KEYS_PAGE_DOWN);
	assert_shows(&t, "systemctl restart kubelet");
	assert_shows(&t, "type m2 to do it");
	assert_null(posted(&t));
	end(&t);
}

/* ---- stopping, leaving, forgiving ---- */

static void test_a_run_is_stopped_after_a_yes_only(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_acting());
	type(&t, "7\rX");
	assert_shows(&t, "safe point");
	type(&t, "n");
	assert_null(posted(&t));
	type(&t, "X");
	paste(&t, "y");
	assert_null(posted(&t));
	type(&t, "y");
	assert_posted(&t, COMMAND_RUN_ABORT, SAMPLE_RUN);
	end(&t);
}

static void test_leaving_with_a_run_alive_is_asked(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_acting());
	type(&t, "q");
	assert_int_equal(screen_wish(t.screen), SCREEN_NOTHING);
	assert_shows(&t, "1 run goes on");
	type(&t, "n");
	assert_int_equal(screen_wish(t.screen), SCREEN_NOTHING);
	type(&t, "qy");
	assert_int_equal(screen_wish(t.screen), SCREEN_QUIT);
	show(&t, sample_done());
	type(&t, "q");
	assert_int_equal(screen_wish(t.screen), SCREEN_QUIT);
	assert_null(posted(&t));
	end(&t);
}

static void test_a_debt_is_forgiven_by_a_reason(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_debts());
	type(&t, "7jF");
	assert_shows(&t, "why it need not be put right:");
	type(&t, "\r");
	assert_null(posted(&t));
	type(&t, "w3 is scrap\r");
	assert_posted(&t, COMMAND_FORGIVE, SAMPLE_DEBT);
	assert_string_equal(t.last->text, "w3 is scrap");
	type(&t, "F\x1b");
	assert_null(posted(&t));
	end(&t);
}

static void test_the_offered_runbook_opens_its_form(void **state)
{
	struct stage t;

	(void)state;
	begin(&t, sample_failed());
	type(&t, "7\rb");
	assert_shows(&t, "Which worker?");
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_dialog_at_both_sizes_in_both_languages),
		cmocka_unit_test(test_without_runs_no_key_line_or_pane_speaks_of_them),
		cmocka_unit_test(test_the_pane_comes_and_goes_with_the_runs),
		cmocka_unit_test(test_from_the_menu_to_a_plan),
		cmocka_unit_test(test_tab_goes_through_what_the_cluster_holds),
		cmocka_unit_test(test_choices_are_gone_through_and_never_typed),
		cmocka_unit_test(test_what_cannot_be_a_value_is_said_beside_it),
		cmocka_unit_test(test_escape_leaves_the_form_and_asks_for_nothing),
		cmocka_unit_test(test_a_form_whose_runbook_went_away_is_left),
		cmocka_unit_test(test_a_default_comes_late_and_never_instead_of_another),
		cmocka_unit_test(test_the_palette_leads_to_a_form),
		cmocka_unit_test(test_a_plan_that_never_comes_is_said),
		cmocka_unit_test(test_a_plan_is_started_by_its_key_alone),
		cmocka_unit_test(test_a_read_only_console_plans_and_does_not_start),
		cmocka_unit_test(test_a_yes_is_given_by_y),
		cmocka_unit_test(test_a_no_stops_the_run),
		cmocka_unit_test(test_a_typed_consent_takes_the_name_and_nothing_else),
		cmocka_unit_test(test_what_is_pasted_counts_only_if_it_is_the_name),
		cmocka_unit_test(test_keys_under_way_do_not_answer_a_dialog_that_appears),
		cmocka_unit_test(test_a_dialog_that_was_never_painted_takes_no_key),
		cmocka_unit_test(test_away_from_its_page_a_consent_waits_to_be_opened),
		cmocka_unit_test(test_one_may_look_around_before_answering),
		cmocka_unit_test(test_a_consent_that_is_no_longer_asked_goes),
		cmocka_unit_test(test_every_line_of_a_consent_can_be_read_at_80x24),
		cmocka_unit_test(test_a_run_is_stopped_after_a_yes_only),
		cmocka_unit_test(test_leaving_with_a_run_alive_is_asked),
		cmocka_unit_test(test_a_debt_is_forgiven_by_a_reason),
		cmocka_unit_test(test_the_offered_runbook_opens_its_form),
	};

	return cmocka_run_group_tests(tests, shots_set_up, shots_tear_down);
}
