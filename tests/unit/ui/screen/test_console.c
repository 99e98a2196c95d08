/* The whole console as an operator sees it: the real panes on a cluster in trouble, at both sizes,
 * in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mailbox.h"
#include "help/golden.h"
#include "help/sample_book.h"
#include "help/samples.h"
#include "ui/screen/screen.h"

static void speak(const char *language)
{
	setenv("LANGUAGE", language, 1);
	setlocale(LC_ALL, "C.UTF-8");
	bindtextdomain("k911", LOCALE_DIR);
	bind_textdomain_codeset("k911", "UTF-8");
	textdomain("k911");
}

static bool matches(const char *name, struct snapshot *s, int rows, int columns)
{
	struct keymap *keymap = keymap_new();
	struct mailbox *commands = mailbox_new(8);
	struct screen_options o = {.views = &screen_views, .keymap = keymap, .commands = commands};
	struct screen *screen = screen_new(&o);
	struct canvas *c = canvas_new(rows, columns, false);
	bool same;

	screen_show(screen, s);
	screen_paint(screen, c, sample_now());
	same = golden_canvas(name, c, true);
	canvas_free(c);
	screen_free(screen);
	mailbox_free(commands);
	keymap_free(keymap);
	return same;
}

static void test_the_console_in_every_state_size_and_language(void **state)
{
	static const struct {
		const char *name;
		struct snapshot *(*sample)(void);
	} cases[] = {{"healthy", sample_healthy}, {"broken", sample_broken},
		{"stale", sample_stale}, {"saved", sample_saved}, {"hostile", sample_hostile},
		{"incident", sample_incident}, {"proposal", sample_proposal},
		{"disk_full", sample_disk_full}};
	static const char *const languages[][2] = {{"en", "C"}, {"zh", "zh_CN"}};
	bool same = true;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int l = 0; l < 2; l++) {
			struct snapshot *s;
			char name[80];

			speak(languages[l][1]);
			s = cases[i].sample();
			snprintf(name, sizeof(name), "console_%s_80x24_%s.txt", cases[i].name,
				languages[l][0]);
			same &= matches(name, s, 24, 80);
			snprintf(name, sizeof(name), "console_%s_200x50_%s.txt", cases[i].name,
				languages[l][0]);
			same &= matches(name, s, 50, 200);
			snapshot_unref(s);
		}
	}
	samples_done();
	assert_true(same);
}

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_console_in_every_state_size_and_language),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
