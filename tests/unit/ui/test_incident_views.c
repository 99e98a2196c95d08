/* What the journal says, on saved screens; and what the operator's keys in those views lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "help/golden.h"
#include "help/sample_book.h"
#include "help/samples.h"
#include "help/shot.h"
#include "ui/view.h"

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	samples_done();
	return 0;
}

#define CHECK(shots) assert_true(shots_match(shots, sizeof(shots) / sizeof((shots)[0]), LOCALE_DIR))

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
	CHECK(shots);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checklist),
		cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
