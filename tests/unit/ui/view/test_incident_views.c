/* What the journal says, on saved screens; and what the operator's keys in those views lead to. */
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
#include "help/samples.h"
#include "help/shot.h"
#include "ui/kit/show_incident.h"
#include "ui/view/header.h"
#include "ui/view/views.h"

static void test_checklist(void **state)
{
	static const struct shot shots[] = {
		{"checklist_incident", &view_checklist, sample_incident, {.ns = ""}, NULL, 0, 0,
			{ACTION_DOWN}},
		{"checklist_pane", &view_checklist, sample_incident, {.ns = ""}, NULL, 5, 38, {0}},
		{"checklist_low_pane", &view_checklist, sample_breached, {.ns = ""}, NULL, 3, 38,
			{0}},
		{"checklist_wide_pane", &view_checklist, sample_team, {.ns = ""}, NULL, 9, 98, {0}},
		{"checklist_recovered", &view_checklist, sample_recovered, {.ns = ""}, NULL, 6, 64,
			{0}},
		{"checklist_bottom", &view_checklist, sample_incident, {.ns = ""}, NULL, 5, 38,
			{ACTION_BOTTOM}},
		{"checklist_filtered", &view_checklist, sample_incident, {.ns = ""}, "re", 9, 98,
			{0}},
		{"checklist_proposal", &view_checklist, sample_proposal, {.ns = ""}, NULL, 5, 38,
			{0}},
		{"checklist_wide_proposal", &view_checklist, sample_proposal, {.ns = ""}, NULL, 9,
			98, {0}},
		{"checklist_off", &view_checklist, sample_no_journal, {.ns = ""}, NULL, 9, 98, {0}},
		{"checklist_none", &view_checklist, sample_quiet, {.ns = ""}, NULL, 5, 38, {0}},
		{"checklist_evil", &view_checklist, sample_evil, {.ns = ""}, NULL, 18, 98, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_incident(void **state)
{
	static const struct shot shots[] = {
		{"incident_midst", &view_incident, sample_incident, {.ns = ""}, NULL, 0, 0, {0}},
		{"incident_midst_end", &view_incident, sample_disk_full, {.ns = ""}, NULL, 0, 0,
			{ACTION_BOTTOM}},
		{"incident_middle", &view_incident, sample_incident, {.ns = ""}, NULL, 20, 78,
			{ACTION_PAGE_DOWN}},
		{"incident_breached", &view_incident, sample_breached, {.ns = ""}, NULL, 0, 0, {0}},
		{"incident_recovered", &view_incident, sample_broken_again, {.ns = ""}, NULL, 20,
			78, {0}},
		{"incident_closed", &view_incident, sample_incident, {.name = SAMPLE_OLD}, NULL, 0,
			0, {0}},
		{"incident_gone", &view_incident, sample_incident, {.name = "x"}, NULL, 6, 78, {0}},
		{"incident_none", &view_incident, sample_quiet, {.ns = ""}, NULL, 6, 78, {0}},
		{"incident_evil", &view_incident, sample_evil, {.ns = ""}, NULL, 60, 78, {0}},
		{"incident_evil_end", &view_incident, sample_evil, {.ns = ""}, NULL, 60, 78,
			{ACTION_BOTTOM}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_incidents(void **state)
{
	static const struct shot shots[] = {
		{"incidents", &view_incidents, sample_incident, {.ns = ""}, NULL, 0, 0, {0}},
		{"incidents_pane", &view_incidents, sample_breached, {.ns = ""}, NULL, 5, 38, {0}},
		{"incidents_filtered", &view_incidents, sample_evil, {.ns = ""}, "INC-0007", 5, 78,
			{0}},
		{"incidents_off", &view_incidents, sample_no_journal, {.ns = ""}, NULL, 5, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_journal(void **state)
{
	static const struct shot shots[] = {
		{"journal", &view_journal, sample_incident, {.ns = ""}, NULL, 0, 0, {0}},
		{"journal_kept", &view_journal, sample_disk_full, {.ns = ""}, NULL, 0, 0, {0}},
		{"journal_pane", &view_journal, sample_disk_full, {.ns = ""}, NULL, 6, 48, {0}},
		{"journal_filtered", &view_journal, sample_evil, {.ns = ""}, "eve", 6, 98, {0}},
		{"journal_off", &view_journal, sample_no_journal, {.ns = ""}, NULL, 5, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_alerts(void **state)
{
	static const struct shot shots[] = {
		{"alerts", &view_alerts, sample_incident, {.ns = ""}, NULL, 0, 0, {0}},
		{"alerts_pane", &view_alerts, sample_incident, {.ns = ""}, NULL, 6, 48, {0}},
		{"alerts_evil", &view_alerts, sample_evil, {.ns = ""}, NULL, 8, 98, {0}},
		{"alerts_absent", &view_alerts, sample_no_journal, {.ns = ""}, NULL, 5, 98, {0}},
		{"alerts_stale", &view_alerts, sample_stale, {.ns = ""}, NULL, 5, 78, {0}},
		{"alerts_none", &view_alerts, sample_healthy, {.ns = ""}, NULL, 5, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_status(void **state)
{
	static const struct shot shots[] = {
		{"status", &view_status, sample_incident, {.ns = ""}, NULL, 8, 78, {0}},
		{"status_old", &view_status, sample_incident, {.name = SAMPLE_OLD}, NULL, 8, 118,
			{0}},
		{"status_none", &view_status, sample_quiet, {.ns = ""}, NULL, 5, 78, {0}},
		{"status_evil", &view_status, sample_evil, {.ns = ""}, NULL, 10, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_cluster(void **state)
{
	static const struct shot shots[] = {
		{"cluster", &view_cluster, sample_incident, {.ns = ""}, NULL, 0, 0, {0}},
		{"cluster_end", &view_cluster, sample_incident, {.ns = ""}, NULL, 0, 0,
			{ACTION_BOTTOM}},
		{"cluster_full", &view_cluster, sample_disk_full, {.ns = ""}, NULL, 58, 98, {0}},
		{"cluster_off", &view_cluster, sample_no_journal, {.ns = ""}, NULL, 20, 78, {0}},
		{"cluster_stale", &view_cluster, sample_stale, {.ns = ""}, NULL, 40, 78, {0}},
		{"cluster_crowded", &view_cluster, sample_crowded, {.ns = ""}, NULL, 12, 98, {0}},
		{"cluster_untold", &view_cluster, sample_untold, {.ns = ""}, NULL, 12, 98, {0}},
		{"cluster_evil", &view_cluster, sample_evil, {.ns = ""}, NULL, 40, 78, {0}},
	};

	(void)state;
	CHECK_SHOTS(shots);
}

static void test_header(void **state)
{
	static const struct {
		const char *name;
		struct snapshot *(*sample)(void);
		int lines;
	} cases[] = {{"proposal", sample_proposal, 3}, {"incident", sample_incident, 3},
		{"unanswered", sample_unanswered, 3}, {"breached", sample_breached, 3},
		{"recovered", sample_recovered, 3}, {"broken_again", sample_broken_again, 3},
		{"evil", sample_evil, 3}, {"disk_full", sample_disk_full, 4},
		{"no_journal", sample_no_journal, 3}};
	static const int widths[] = {40, 80, 120, 200};
	bool same = true;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int l = 0; l < SHOT_LANGUAGES; l++) {
			struct canvas *c = canvas_new(16, 200, false);
			struct snapshot *s;
			char name[80];

			shot_speak((enum shot_language)l, LOCALE_DIR);
			s = cases[i].sample();
			for (int w = 0; w < 4; w++) {
				struct canvas area = canvas_area(c, 4 * w, 0, 4, widths[w]);
				assert_int_equal(
					header_draw(s, &area, sample_now()), cases[i].lines);
			}
			snprintf(name, sizeof(name), "header_%s_%s.txt", cases[i].name,
				shot_suffix((enum shot_language)l));
			same &= golden_canvas(name, c, true);
			snapshot_unref(s);
			canvas_free(c);
		}
	}
	assert_true(same);
}

static char *line_of(const struct canvas *c, int row)
{
	static char text[400];
	size_t n = 0;

	for (int x = 0; x < c->width && n + 8 < sizeof(text); x++)
		text[n++] = (char)c->cells[row * c->columns + x].c[0];
	text[n] = '\0';
	return text;
}

/* Which receiver, since when, why; a hostile answer does nothing; more than fits is on the page. */
static void test_what_keeps_alerts_from_the_team_is_in_the_header(void **state)
{
	struct canvas *c = canvas_new(8, 160, false);
	struct snapshot *s = sample_incident();
	struct show_troubles t;

	(void)state;
	shot_speak(SHOT_EN, LOCALE_DIR);
	assert_int_equal(header_draw(s, c, sample_now()), 3);
	s->notify = (struct notify_health){.failing = 2,
		.since = {0, sample_now().boot_ms - 180000},
		.to = "slack:/etc/k911/slack.url",
		.why = "answered 500: \x1b[2Jno"};
	assert_int_equal(header_draw(s, c, sample_now()), 4);
	assert_non_null(strstr(line_of(c, 3),
		"alerts to slack:/etc/k911/slack.url do not get through for 3m: answered 500: "
		"^[[2Jno (and 1 more)"));
	str_copy(s->journal.damage, sizeof(s->journal.damage), "INC-0001, entry 2 of a: changed");
	s->notify.unkept = (struct instant){0, sample_now().boot_ms - 42000};
	str_copy(s->notify.unkept_why, sizeof(s->notify.unkept_why), "the disk does not answer");
	s->notify.lost = 7;
	str_copy(s->notify.damage, sizeof(s->notify.damage), "it lies elsewhere now");
	s->notify.damaged = sample_now();
	assert_int_equal(header_draw(s, c, sample_now()), 5);
	assert_non_null(strstr(line_of(c, 3), "the journal cannot be trusted: INC-0001, entry 2"));
	assert_non_null(strstr(line_of(c, 3), "3 more: H"));
	show_troubles(s, sample_now(), &t);
	assert_int_equal(t.n, 5);
	assert_string_equal(t.text[2],
		"outbox not writable for 42s: sent past it: the disk does not answer (mend the "
		"disk, or start with another --state-dir)");
	assert_string_equal(t.text[3], "7 alerts are lost: too many waited");
	assert_non_null(strstr(t.text[4], "it lies elsewhere now"));
	snapshot_unref(s);
	canvas_free(c);
}

/* However small or strange the window, and however many sizes of it in a row. */
static void test_any_size_is_survived(void **state)
{
	static const struct view_ops *const views[] = {&view_checklist, &view_incident,
		&view_incidents, &view_journal, &view_alerts, &view_status, &view_cluster};
	struct snapshot *(*const samples[])(void) = {
		sample_evil, sample_proposal, sample_no_journal, sample_nothing};

	(void)state;
	shot_speak(SHOT_ZH, LOCALE_DIR);
	for (size_t v = 0; v < sizeof(views) / sizeof(views[0]); v++)
		for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
			shot_survives(&(struct shot){
				"any", views[v], samples[i], {.ns = ""}, "e", 1, 1, {0}});
}

/* ---- what keys lead to ---- */

static const struct view_look look = {.focused = true, .filter = ""};

struct incident_desk {
	const struct view_ops *view;
	struct snapshot *snapshot;
	struct canvas *canvas;
	struct view_look look;
	struct command *opened; /* what opening it posted */
	void *state;
};

static struct incident_desk incident_desk_of(
	const struct view_ops *view, struct snapshot *s, int rows, int columns)
{
	struct incident_desk d = {.view = view, .snapshot = s, .look = look};
	struct view_args args = {.ns = ""};

	shot_speak(SHOT_EN, LOCALE_DIR);
	d.look.now = sample_now();
	d.canvas = canvas_new(rows, columns, false);
	d.state = view->open(view, &args, &d.opened);
	view->draw(d.state, s, d.canvas, &d.look);
	return d;
}

static struct view_reply act(struct incident_desk *d, struct action a)
{
	struct view_reply reply = {0};

	d->view->act(d->state, d->snapshot, &a, &d->look, &reply);
	canvas_clear(d->canvas);
	d->view->draw(d->state, d->snapshot, d->canvas, &d->look);
	return reply;
}

static struct view_reply type(struct incident_desk *d, enum action_id id)
{
	return act(d, (struct action){.id = id});
}

static void drop(struct command *c)
{
	assert_non_null(c);
	c->letter.drop(&c->letter);
}

static void clear(struct incident_desk *d)
{
	assert_null(d->view->close(d->state));
	if (d->opened != NULL)
		d->opened->letter.drop(&d->opened->letter);
	canvas_free(d->canvas);
	snapshot_unref(d->snapshot);
}

static void assert_ticks(struct view_reply reply, const char *item, bool on)
{
	assert_true(reply.handled);
	assert_non_null(reply.command);
	assert_string_equal(reply.command->entry, on ? "tick" : "untick");
	assert_string_equal(reply.command->incident, SAMPLE_INCIDENT);
	assert_string_equal(reply.command->name, item);
	drop(reply.command);
}

static void test_enter_ticks_the_first_open_item_and_unticks_a_ticked_one(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_incident(), 5, 38);

	(void)state;
	assert_ticks(type(&d, ACTION_ENTER), "check-alerts", true);
	assert_ticks(type(&d, ACTION_ENTER), "check-alerts", true); /* not told yet: the same */
	assert_null(type(&d, ACTION_UP).command);
	assert_ticks(type(&d, ACTION_ENTER), "collect-logs", false);
	type(&d, ACTION_BOTTOM);
	assert_ticks(type(&d, ACTION_ENTER), "prevent", true);
	type(&d, ACTION_TOP);
	assert_ticks(type(&d, ACTION_ENTER), "confirm-impact", false);
	clear(&d);
}

static bool shows(const struct incident_desk *d, const char *text)
{
	char *screen = canvas_dump(d->canvas, false);
	bool found = str_has_case(screen, text);

	free(screen);
	return found;
}

static void test_the_cursor_is_always_in_sight_below_its_list(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_incident(), 3, 60);

	(void)state;
	type(&d, ACTION_TOP);
	for (int i = 0; i < 15; i++) {
		const struct checklist_item *item = &d.snapshot->book->current->lists.items.at[i];
		int at = -1;

		assert_true(shows(&d, rstr_text(item->text)));
		for (int y = 0; y < 3; y++)
			if (canvas_at(d.canvas, y, 0)->role == ROLE_SELECTED)
				at = y;
		assert_true(at > 0); /* the first row is the list's heading */
		type(&d, ACTION_DOWN);
	}
	clear(&d);
}

static void test_a_click_selects_and_a_double_click_ticks(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_incident(), 22, 80);
	struct action click = {.id = ACTION_CLICK, .row = 5, .clicks = 1};
	struct view_reply reply = act(&d, click);

	(void)state;
	assert_true(reply.handled);
	assert_null(reply.command);
	assert_int_equal(canvas_at(d.canvas, 5, 0)->role, ROLE_SELECTED);
	click.clicks = 2;
	assert_ticks(act(&d, click), "assess-rollback", true);
	click.row = 0; /* a heading */
	assert_false(act(&d, click).handled);
	click.row = 21; /* below the last */
	assert_false(act(&d, click).handled);
	clear(&d);
}

static void test_the_cursor_moves_among_what_the_filter_leaves(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_incident(), 20, 80);

	(void)state;
	d.look.filter = "report";
	assert_ticks(type(&d, ACTION_ENTER), "write-report", true);
	d.look.filter = "nothing is called so";
	assert_false(type(&d, ACTION_ENTER).handled);
	clear(&d);
}

static void test_another_incident_begins_at_its_own_first_open_item(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_incident(), 5, 38);
	struct view_reply reply;

	(void)state;
	type(&d, ACTION_BOTTOM);
	str_copy(d.snapshot->book->incidents[0]->id, ULID_SIZE, "01K911ANOTHER0000000000008");
	reply = type(&d, ACTION_ENTER);
	assert_string_equal(reply.command->name, "check-alerts");
	drop(reply.command);
	clear(&d);
}

static void test_a_teams_own_item_is_named_by_its_list_and_place(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_team(), 9, 80);

	(void)state;
	type(&d, ACTION_TOP);
	assert_ticks(type(&d, ACTION_ENTER), "emergency-1", false);
	clear(&d);
}

static void test_without_an_incident_enter_does_nothing(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_proposal(), 5, 38);
	struct view_reply reply = type(&d, ACTION_ENTER);

	(void)state;
	assert_false(reply.handled);
	assert_null(reply.command);
	clear(&d);
}

static void test_a_closed_incident_gives_way_to_what_is_proposed(void **state)
{
	struct incident_desk d = incident_desk_of(&view_checklist, sample_proposal(), 9, 80);

	(void)state;
	d.snapshot->book->current = d.snapshot->book->incidents[0];
	assert_null(type(&d, ACTION_ENTER).command);
	assert_true(shows(&d, "no incident is open: i opens one"));
	d.snapshot->proposal.kind = PROPOSE_NOTHING;
	type(&d, ACTION_TOP);
	assert_true(shows(&d, "Emergency response"));
	assert_true(shows(&d, "left open"));
	clear(&d);
}

static void test_the_table_of_incidents_opens_and_chooses(void **state)
{
	struct incident_desk d = incident_desk_of(&view_incidents, sample_incident(), 20, 80);
	struct view_reply reply;

	(void)state;
	reply = type(&d, ACTION_ENTER);
	assert_ptr_equal(reply.open, &view_incident);
	assert_string_equal(reply.args.name, SAMPLE_INCIDENT);
	type(&d, ACTION_DOWN);
	reply = type(&d, ACTION_CHOOSE);
	assert_true(reply.handled);
	assert_int_equal(reply.command->letter.kind, COMMAND_CHOOSE);
	assert_string_equal(reply.command->incident, SAMPLE_OLD);
	drop(reply.command);
	clear(&d);
	d = incident_desk_of(&view_incidents, sample_no_journal(), 20, 80);
	assert_null(type(&d, ACTION_CHOOSE).command);
	clear(&d);
}

static void test_a_line_of_the_journal_opens_its_incident_if_it_has_one(void **state)
{
	struct incident_desk d = incident_desk_of(&view_journal, sample_incident(), 20, 80);
	struct view_reply reply = type(&d, ACTION_ENTER);

	(void)state;
	assert_ptr_equal(reply.open, &view_incident);
	assert_string_equal(reply.args.name, SAMPLE_INCIDENT);
	type(&d, ACTION_BOTTOM);
	assert_string_equal(type(&d, ACTION_ENTER).args.name, SAMPLE_OLD);
	type(&d, ACTION_UP);
	reply = type(&d, ACTION_ENTER);
	assert_null(reply.open);
	assert_true(reply.say[0] != '\0');
	clear(&d);
}

static void test_looking_at_the_alerts_is_told_to_the_engine(void **state)
{
	struct incident_desk d = incident_desk_of(&view_alerts, sample_incident(), 20, 80);

	(void)state;
	assert_non_null(d.opened);
	assert_int_equal(d.opened->letter.kind, COMMAND_SAW_ALERTS);
	clear(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checklist),
		cmocka_unit_test(test_incident),
		cmocka_unit_test(test_incidents),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_cluster),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_what_keeps_alerts_from_the_team_is_in_the_header),
		cmocka_unit_test(test_any_size_is_survived),
		cmocka_unit_test(test_enter_ticks_the_first_open_item_and_unticks_a_ticked_one),
		cmocka_unit_test(test_the_cursor_is_always_in_sight_below_its_list),
		cmocka_unit_test(test_a_click_selects_and_a_double_click_ticks),
		cmocka_unit_test(test_the_cursor_moves_among_what_the_filter_leaves),
		cmocka_unit_test(test_another_incident_begins_at_its_own_first_open_item),
		cmocka_unit_test(test_a_teams_own_item_is_named_by_its_list_and_place),
		cmocka_unit_test(test_without_an_incident_enter_does_nothing),
		cmocka_unit_test(test_a_closed_incident_gives_way_to_what_is_proposed),
		cmocka_unit_test(test_the_table_of_incidents_opens_and_chooses),
		cmocka_unit_test(test_a_line_of_the_journal_opens_its_incident_if_it_has_one),
		cmocka_unit_test(test_looking_at_the_alerts_is_told_to_the_engine),
	};

	return cmocka_run_group_tests(tests, shots_set_up, shots_tear_down);
}
