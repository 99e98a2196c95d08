/* What the console shows of runbooks and runs, on saved screens; and what the keys on those views
 * lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "help/golden.h"
#include "help/sample_runs.h"
#include "help/samples.h"
#include "help/shot.h"
#include "ui/view/header.h"
#include "ui/view/views.h"

static void test_the_menu_has_what_fits_on_top(void **state)
{
	static const struct shot shots[] = {
		{"runbooks", &view_runbooks, sample_menu, {.ns = ""}, NULL, 0, 0, {0}},
		{"runbooks_filtered", &view_runbooks, sample_menu, {.ns = ""}, "team", 6, 78, {0}},
		{"runbooks_evil", &view_runbooks, sample_runs_evil, {.ns = ""}, NULL, 8, 98, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_a_plan_says_all_before_anything_is_changed(void **state)
{
	static const struct shot shots[] = {
		{"plan", &view_plan, sample_planned, {.feed = SAMPLE_ASKER}, NULL, 0, 0, {0}},
		{"plan_end", &view_plan, sample_planned, {.feed = SAMPLE_ASKER}, NULL, 0, 0,
			{ACTION_BOTTOM}},
		{"plan_awaited", &view_plan, sample_menu,
			{.feed = SAMPLE_ASKER, .name = "kubelet-restart"}, NULL, 4, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_a_run_says_where_it_is(void **state)
{
	static const struct shot shots[] = {
		{"run_acting", &view_start, sample_acting, {.feed = SAMPLE_ASKER}, NULL, 0, 0, {0}},
		{"run_scrolled", &view_start, sample_acting, {.feed = SAMPLE_ASKER}, NULL, 20, 78,
			{ACTION_FOLLOW, ACTION_TOP}},
		{"run_verifying", &view_run, sample_verifying, {.name = SAMPLE_RUN}, NULL, 0, 0,
			{0}},
		{"run_failed", &view_run, sample_failed, {.name = SAMPLE_RUN}, NULL, 0, 0, {0}},
		{"run_done", &view_run, sample_done, {.name = SAMPLE_RUN}, NULL, 0, 0, {0}},
		{"run_gone", &view_run, sample_menu, {.name = SAMPLE_RUN}, NULL, 4, 78, {0}},
		{"run_evil", &view_run, sample_runs_evil, {.name = SAMPLE_RUN}, NULL, 30, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_the_pane_of_actions(void **state)
{
	static const struct shot shots[] = {
		{"actions", &view_actions, sample_debts, {.ns = ""}, NULL, 0, 0, {0}},
		{"actions_pane", &view_actions, sample_debts, {.ns = ""}, NULL, 5, 26, {0}},
		{"actions_wide_pane", &view_actions, sample_debts, {.ns = ""}, NULL, 8, 66, {0}},
		{"actions_filtered", &view_actions, sample_debts, {.ns = ""}, "debt", 5, 78, {0}},
		{"actions_none", &view_actions, sample_menu, {.ns = ""}, NULL, 5, 48, {0}},
		{"actions_evil", &view_actions, sample_runs_evil, {.ns = ""}, NULL, 6, 98, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_nothing_hostile_reaches_the_terminal(void **state)
{
	static const struct shot shots[] = {
		{"", &view_runbooks, sample_runs_evil, {.ns = ""}, NULL, 5, 40, {0}},
		{"", &view_actions, sample_runs_evil, {.ns = ""}, NULL, 5, 40, {0}},
		{"", &view_run, sample_runs_evil, {.name = SAMPLE_RUN}, NULL, 5, 40,
			{ACTION_FOLLOW, ACTION_BOTTOM}},
		{"", &view_plan, sample_planned, {.feed = SAMPLE_ASKER}, NULL, 5, 40,
			{ACTION_BOTTOM}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(shots) / sizeof(shots[0]); i++)
		shot_survives(&shots[i]);
}

static void test_the_header_counts_runs_and_debts(void **state)
{
	static const int widths[] = {40, 80, 120, 200};
	bool same = true;

	(void)state;
	for (int l = 0; l < SHOT_LANGUAGES; l++) {
		struct canvas *c = canvas_new(16, 200, false);
		struct snapshot *s;
		char name[80];

		shot_speak((enum shot_language)l, LOCALE_DIR);
		s = sample_debts();
		for (int w = 0; w < 4; w++) {
			struct canvas area = canvas_area(c, 4 * w, 0, 4, widths[w]);

			header_draw(s, &area, sample_now());
		}
		snprintf(name, sizeof(name), "header_debts_%s.txt",
			shot_suffix((enum shot_language)l));
		same &= golden_canvas(name, c, true);
		snapshot_unref(s);
		canvas_free(c);
	}
	assert_true(same);
}

/* ---- keys ---- */

struct press {
	const struct view_ops *view;
	struct view_args args;
	struct snapshot *(*sample)(void);
	bool read_only;
	enum action_id actions[4];
};

/* What the last of the actions led to. */
static struct view_reply press(const struct press *p)
{
	struct command *command = NULL;
	struct snapshot *s = p->sample();
	struct view_args args = p->args;
	struct view_look look = {sample_now(), true, true, ""};
	struct canvas *c = canvas_new(22, 80, false);
	struct view_reply reply = {0};
	void *view = p->view->open(p->view, &args, &command);

	if (command)
		command->letter.drop(&command->letter);
	s->read_only = p->read_only;
	p->view->draw(view, s, c, &look);
	for (int i = 0; i < 4 && p->actions[i] != ACTION_NONE; i++) {
		struct action a = {.id = p->actions[i]};

		memset(&reply, 0, sizeof(reply));
		p->view->act(view, s, &a, &look, &reply);
	}
	p->view->close(view);
	canvas_free(c);
	snapshot_unref(s);
	return reply;
}

static void drop(struct view_reply *reply)
{
	if (reply->command)
		reply->command->letter.drop(&reply->command->letter);
}

static void test_opening_a_plan_asks_for_it_by_its_number(void **state)
{
	struct view_args args = {.name = "kubelet-restart", .text = "node=m2\n", .feed = 12};
	struct command *c = NULL;
	void *view = view_plan.open(&view_plan, &args, &c);

	(void)state;
	assert_int_equal(c->letter.kind, COMMAND_PLAN);
	assert_int_equal(c->feed, 12);
	assert_string_equal(c->name, "kubelet-restart");
	assert_string_equal(c->text, "node=m2\n");
	c->letter.drop(&c->letter);
	view_plan.close(view);
}

static void test_what_was_planned_is_started_with_the_same_inputs(void **state)
{
	struct view_reply reply = press(&(struct press){&view_plan,
		{.name = "kubelet-restart", .text = "node=m2\n", .feed = SAMPLE_ASKER},
		sample_planned, false, {ACTION_START}});
	struct command *c = NULL;
	void *view;

	(void)state;
	assert_ptr_equal(reply.open, &view_start);
	assert_true(reply.back);
	view = view_start.open(&view_start, &reply.args, &c);
	assert_int_equal(c->letter.kind, COMMAND_RUN);
	assert_string_equal(c->name, "kubelet-restart");
	assert_string_equal(c->text, "node=m2\n");
	c->letter.drop(&c->letter);
	view_start.close(view);
}

static void test_a_read_only_console_starts_and_resumes_nothing(void **state)
{
	struct view_reply start, resume;

	(void)state;
	shot_speak(SHOT_EN, LOCALE_DIR);
	start = press(&(struct press){
		&view_plan, {.feed = SAMPLE_ASKER}, sample_planned, true, {ACTION_START}});
	resume = press(&(struct press){
		&view_run, {.name = SAMPLE_RUN}, sample_failed, true, {ACTION_RESUME}});
	assert_null(start.open);
	assert_non_null(strstr(start.say, "read-only"));
	assert_null(resume.command);
	assert_non_null(strstr(resume.say, "read-only"));
}

static void test_stopping_a_run_is_asked_first(void **state)
{
	struct view_reply reply = press(&(struct press){
		&view_run, {.name = SAMPLE_RUN}, sample_acting, false, {ACTION_ABORT}});
	struct view_reply over = press(&(struct press){
		&view_run, {.name = SAMPLE_RUN}, sample_done, false, {ACTION_ABORT}});

	(void)state;
	assert_int_equal(reply.command->letter.kind, COMMAND_RUN_ABORT);
	assert_string_equal(reply.command->name, SAMPLE_RUN);
	assert_true(reply.sure[0] != '\0');
	assert_null(over.command);
	drop(&reply);
}

static void test_a_run_that_failed_is_resumed_or_leads_to_what_helps(void **state)
{
	struct view_reply resume = press(&(struct press){
		&view_run, {.name = SAMPLE_RUN}, sample_failed, false, {ACTION_RESUME}});
	struct view_reply offered = press(&(struct press){
		&view_run, {.name = SAMPLE_RUN}, sample_failed, false, {ACTION_OFFERED}});

	(void)state;
	assert_int_equal(resume.command->letter.kind, COMMAND_RESUME);
	assert_string_equal(resume.command->name, SAMPLE_RUN);
	assert_string_equal(offered.form, "worker-replace");
	drop(&resume);
}

static void test_a_debt_is_forgiven_with_a_reason_and_nothing_else_is(void **state)
{
	struct view_reply debt = press(&(struct press){
		&view_actions, {.ns = ""}, sample_debts, false, {ACTION_DOWN, ACTION_FORGIVE}});
	struct view_reply run = press(
		&(struct press){&view_actions, {.ns = ""}, sample_debts, false, {ACTION_FORGIVE}});

	(void)state;
	assert_int_equal(debt.command->letter.kind, COMMAND_FORGIVE);
	assert_string_equal(debt.command->name, SAMPLE_DEBT);
	assert_non_null(debt.ask);
	assert_null(run.command);
	assert_true(run.say[0] != '\0');
	drop(&debt);
}

static void test_enter_leads_from_each_row_to_its_run(void **state)
{
	static const enum action_id rows[][4] = {{ACTION_ENTER}, {ACTION_DOWN, ACTION_ENTER},
		{ACTION_DOWN, ACTION_DOWN, ACTION_DOWN, ACTION_ENTER}};
	static const char *const ids[] = {SAMPLE_RUN, SAMPLE_RUN, SAMPLE_RUN};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct press p = {&view_actions, {.ns = ""}, sample_debts, false, {0}};
		struct view_reply reply;

		memcpy(p.actions, rows[i], sizeof(p.actions));
		reply = press(&p);
		assert_ptr_equal(reply.open, &view_run);
		assert_string_equal(reply.args.name, ids[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_menu_has_what_fits_on_top),
		cmocka_unit_test(test_a_plan_says_all_before_anything_is_changed),
		cmocka_unit_test(test_a_run_says_where_it_is),
		cmocka_unit_test(test_the_pane_of_actions),
		cmocka_unit_test(test_nothing_hostile_reaches_the_terminal),
		cmocka_unit_test(test_the_header_counts_runs_and_debts),
		cmocka_unit_test(test_opening_a_plan_asks_for_it_by_its_number),
		cmocka_unit_test(test_what_was_planned_is_started_with_the_same_inputs),
		cmocka_unit_test(test_a_read_only_console_starts_and_resumes_nothing),
		cmocka_unit_test(test_stopping_a_run_is_asked_first),
		cmocka_unit_test(test_a_run_that_failed_is_resumed_or_leads_to_what_helps),
		cmocka_unit_test(test_a_debt_is_forgiven_with_a_reason_and_nothing_else_is),
		cmocka_unit_test(test_enter_leads_from_each_row_to_its_run),
	};

	return cmocka_run_group_tests(tests, shots_set_up, shots_tear_down);
}
