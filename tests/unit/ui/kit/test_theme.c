/* Theme values, and the four shipped themes: complete, and readable on every kind of terminal. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "ui/kit/theme.h"

static void test_a_spec_sets_what_it_says_and_inherits_the_rest(void **state)
{
	struct theme t;

	(void)state;
	theme_init(&t, "mine");
	assert_string_equal(t.name, "mine");
	assert_int_equal(theme_style(&t, ROLE_BAD).fg, COLOUR_DEFAULT);
	assert_int_equal(theme_style(&t, ROLE_SELECTED).attr, CELL_REVERSE);
	assert_int_equal(theme_set(&t, "text", "fg=#010203 bg=#a0b0c0", NULL), 0);
	assert_int_equal(theme_set(&t, "bad", " fg=#FF5f00   bold underline ", NULL), 0);
	assert_int_equal(theme_set(&t, "ok", "bg=default reverse", NULL), 0);
	assert_int_equal(theme_style(&t, ROLE_BAD).fg, 0xff5f00);
	assert_int_equal(theme_style(&t, ROLE_BAD).bg, 0xa0b0c0);
	assert_int_equal(theme_style(&t, ROLE_BAD).attr, CELL_BOLD | CELL_UNDERLINE);
	assert_int_equal(theme_style(&t, ROLE_OK).fg, 0x010203);
	assert_int_equal(theme_style(&t, ROLE_OK).bg, COLOUR_DEFAULT);
	assert_int_equal(theme_style(&t, ROLE_OK).attr, CELL_REVERSE);
}

static void test_a_bad_spec_changes_nothing_and_says_what_is_wrong(void **state)
{
	static const char *const wrong[] = {
		"fg=#12345", "fg=#1234567", "fg=red", "bg=", "blink", "fg=#12 456", "fg"};
	struct theme t;
	struct err e;

	(void)state;
	theme_init(&t, "mine");
	theme_set(&t, "bad", "fg=#ff0000", NULL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(theme_set(&t, "bad", wrong[i], &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		assert_int_equal(theme_style(&t, ROLE_BAD).fg, 0xff0000);
	}
	theme_set(&t, "bad", "blod", &e);
	assert_non_null(strstr(e.text, "did you mean \"bold\"?"));
	assert_int_equal(theme_set(&t, "slected", "bold", &e), -1);
	assert_string_equal(e.text, "unknown role \"slected\": did you mean \"selected\"?");
}

static void test_every_role_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < ROLE_COUNT; a++) {
		assert_string_not_equal(role_name(a), "");
		for (int b = a + 1; b < ROLE_COUNT; b++)
			assert_string_not_equal(role_name(a), role_name(b));
	}
}

static void test_the_nearest_colour_is_the_one_people_expect(void **state)
{
	(void)state;
	assert_int_equal(theme_nearest(0xff5f5f, 256), 203);
	assert_int_equal(theme_nearest(0x080808, 256), 232);
	assert_int_equal(theme_nearest(0x000000, 256), 16);
	assert_int_equal(theme_nearest(0xffffff, 256), 231);
	assert_int_equal(theme_nearest(0xff0000, 16), 9);
	assert_int_equal(theme_nearest(0xc00000, 16), 1);
	assert_int_equal(theme_nearest(0xffffff, 16), 15);
	assert_int_equal(theme_nearest(0xffffff, 8), 7);
	assert_int_equal(theme_nearest(0x00cc00, 8), 2);
	assert_int_equal(theme_nearest(0xff6b6b, 16), 9); /* a soft red is red, not grey */
	assert_int_equal(theme_nearest(0xff6b6b, 8), 1);
	assert_int_equal(theme_nearest(0x848b98, 16), 8);
	assert_int_equal(theme_nearest(0x848b98, 8), 7);
}

/* The shape of our own theme files: `  role: "spec"`. */
static void load(struct theme *t, const char *name)
{
	char path[100], line[200], role[40], spec[100];
	FILE *f;
	struct err e;
	int set = 0;

	snprintf(path, sizeof(path), "themes/%s.yaml", name);
	f = fopen(path, "r");
	assert_non_null(f);
	theme_init(t, name);
	while (fgets(line, sizeof(line), f) != NULL) {
		spec[0] = '\0';
		if (sscanf(line, "  %39[a-z0-9_]: \"%99[^\"]\"", role, spec) < 1 || line[0] != ' ')
			continue;
		if (theme_set(t, role, spec, &e) != 0)
			fail_msg("%s: %s", path, e.text);
		set++;
	}
	fclose(f);
	assert_int_equal(set, ROLE_COUNT);
}

static double luminance(int32_t rgb)
{
	double sum = 0;
	static const double weight[3] = {0.2126, 0.7152, 0.0722};

	for (int i = 0; i < 3; i++) {
		double v = (rgb >> (16 - 8 * i) & 255) / 255.0;

		sum += weight[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(struct style s)
{
	double a = luminance(s.fg), b = luminance(s.bg);

	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

static const char *const coloured[] = {"dark", "light", "high-contrast"};

static void test_text_of_the_shipped_themes_is_readable(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct theme t;

		load(&t, coloured[i]);
		for (int r = 0; r < ROLE_COUNT; r++) {
			bool line = r == ROLE_BORDER || r == ROLE_BAR || r == ROLE_BAR_REST;
			double c = contrast(theme_style(&t, r));

			if (c < (line ? 1.5 : 4.5))
				fail_msg("%s: %s has a contrast of only %.1f", t.name, role_name(r),
					c);
		}
	}
}

static void test_shipped_themes_keep_levels_apart_on_poor_terminals(void **state)
{
	static const int palettes[] = {256, 16};

	(void)state;
	for (int i = 0; i < 6; i++) {
		int n = palettes[i / 3];
		struct theme t;

		load(&t, coloured[i % 3]);
		for (int r = 0; r < ROLE_COUNT; r++) {
			struct style s = theme_style(&t, r);

			if (theme_nearest(s.fg, n) == theme_nearest(s.bg, n))
				fail_msg("%s: %s is invisible with %d colours", t.name,
					role_name(r), n);
		}
		for (int a = ROLE_P0; a <= ROLE_P3; a++)
			for (int b = a + 1; b <= ROLE_P3; b++) {
				struct style sa = theme_style(&t, a), sb = theme_style(&t, b);

				if (theme_nearest(sa.fg, n) == theme_nearest(sb.fg, n) &&
					theme_nearest(sa.bg, n) == theme_nearest(sb.bg, n))
					fail_msg("%s: %s and %s look alike with %d colours", t.name,
						role_name(a), role_name(b), n);
			}
	}
}

/* As VGA consoles have them: the hardest case. */
static const int32_t vga[16] = {
	0x000000,
	0xaa0000,
	0x00aa00,
	0xaa5500,
	0x0000aa,
	0xaa00aa,
	0x00aaaa,
	0xaaaaaa,
	0x555555,
	0xff5555,
	0x55ff55,
	0xffff55,
	0x5555ff,
	0xff55ff,
	0x55ffff,
	0xffffff,
};

static void test_dark_themes_are_readable_on_a_console(void **state)
{
	static const char *const dark[] = {"dark", "high-contrast"};

	(void)state;
	for (int i = 0; i < 4; i++) {
		int n = i < 2 ? 8 : 16;
		struct theme t;

		load(&t, dark[i % 2]);
		for (int r = 0; r < ROLE_COUNT; r++) {
			struct style s = theme_style(&t, r),
				     got = {vga[theme_nearest(s.fg, n)],
					     vga[theme_nearest(s.bg, n)], 0};

			if (r != ROLE_BORDER && r != ROLE_BAR_REST && contrast(got) < 2.6)
				fail_msg("%s: %s has a contrast of only %.1f with %d colours",
					t.name, role_name(r), contrast(got), n);
		}
	}
}

static void test_good_and_bad_stay_apart_on_poor_terminals(void **state)
{
	static const enum role apart[] = {ROLE_OK, ROLE_WARN, ROLE_BAD, ROLE_DIM};
	static const int palettes[] = {256, 16, 8};

	(void)state;
	for (int i = 0; i < 9; i++)
		for (int a = 0; a < 4; a++)
			for (int b = a + 1; b < 4; b++) {
				struct theme t;

				load(&t, coloured[i % 3]);
				if (theme_nearest(theme_style(&t, apart[a]).fg, palettes[i / 3]) ==
					theme_nearest(
						theme_style(&t, apart[b]).fg, palettes[i / 3]))
					fail_msg("%s: %s and %s have one colour of %d", t.name,
						role_name(apart[a]), role_name(apart[b]),
						palettes[i / 3]);
			}
}

static void test_mono_has_no_colour_and_says_what_a_colourless_terminal_shows(void **state)
{
	struct theme t;

	(void)state;
	load(&t, "mono");
	for (int r = 0; r < ROLE_COUNT; r++) {
		struct style s = theme_style(&t, r);

		assert_int_equal(s.fg, COLOUR_DEFAULT);
		assert_int_equal(s.bg, COLOUR_DEFAULT);
		if (s.attr != theme_mono(r))
			fail_msg("mono: %s differs from the built-in attributes", role_name(r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_spec_sets_what_it_says_and_inherits_the_rest),
		cmocka_unit_test(test_a_bad_spec_changes_nothing_and_says_what_is_wrong),
		cmocka_unit_test(test_every_role_has_a_name_of_its_own),
		cmocka_unit_test(test_the_nearest_colour_is_the_one_people_expect),
		cmocka_unit_test(test_text_of_the_shipped_themes_is_readable),
		cmocka_unit_test(test_shipped_themes_keep_levels_apart_on_poor_terminals),
		cmocka_unit_test(test_dark_themes_are_readable_on_a_console),
		cmocka_unit_test(test_good_and_bad_stay_apart_on_poor_terminals),
		cmocka_unit_test(test_mono_has_no_colour_and_says_what_a_colourless_terminal_shows),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
