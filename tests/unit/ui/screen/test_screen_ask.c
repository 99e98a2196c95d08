/* What something under way asks the operator: it stands in the header, a key opens it, the answer
 * goes to the engine, and nothing answers it by accident. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/screen/screen.h"

struct stage {
	struct screen *screen;
	struct mailbox *commands;
	struct keymap *keymap;
	struct snapshot *snapshot;
	struct instant now;
};

static int set_up(void **state)
{
	struct stage *t = mem_new(struct stage);
	struct screen_options o = {.views = &screen_views};

	setlocale(LC_ALL, "C.UTF-8");
	t->commands = mailbox_new(16);
	t->keymap = keymap_new();
	t->now = (struct instant){1795435200000, 1000000};
	o.commands = t->commands;
	o.keymap = t->keymap;
	t->screen = screen_new(&o);
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *t = *state;

	screen_free(t->screen);
	snapshot_unref(t->snapshot);
	mailbox_free(t->commands);
	keymap_free(t->keymap);
	free(t);
	return 0;
}

/* A new snapshot with this question, number 0: none. */
static void show(struct stage *t, uint64_t number, size_t choices)
{
	snapshot_unref(t->snapshot);
	t->snapshot = snapshot_new();
	t->snapshot->at = t->now;
	if (number != 0) {
		struct ask *a = &t->snapshot->asks[t->snapshot->n_asks++];

		*a = (struct ask){.number = number, .n = choices, .choices = {"retry", "stop"}};
		str_copy(a->text, sizeof(a->text), "m2 did \x1b[2Jnot come back");
		a->deadline = (struct instant){.boot_ms = t->now.boot_ms + 45000};
	}
	screen_show(t->screen, t->snapshot);
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

static bool shows(struct stage *t, const char *part)
{
	struct canvas *c = canvas_new(24, 100, false);
	char *text;
	bool found;

	screen_paint(t->screen, c, t->now);
	text = canvas_dump(c, false);
	found = strstr(text, part) != NULL;
	canvas_free(c);
	free(text);
	return found;
}

/* The answer that was posted, into text; false: none. */
static bool posted(struct stage *t, uint64_t number, const char *text)
{
	struct command *c;
	bool found = false;

	while ((c = (struct command *)mailbox_take(t->commands)) != NULL) {
		if (c->letter.kind == COMMAND_ANSWER) {
			assert_int_equal(c->ask, number);
			assert_string_equal(c->text, text);
			found = true;
		}
		c->letter.drop(&c->letter);
	}
	return found;
}

static void test_a_question_stands_in_the_header_with_its_time(void **state)
{
	struct stage *t = *state;

	show(t, 7, 2);
	assert_true(shows(t, "asked: m2 did ^[[2Jnot come back"));
	assert_true(shows(t, "within 45s"));
	assert_true(shows(t, "! answer"));
	show(t, 0, 0);
	assert_false(shows(t, "asked:"));
	assert_false(shows(t, "! answer"));
}

static void test_the_answer_goes_to_the_engine(void **state)
{
	struct stage *t = *state;

	show(t, 7, 2);
	type(t, "!");
	assert_true(shows(t, "1 retry  2 stop:"));
	type(t, "5\r");
	assert_true(shows(t, "its number, or the word"));
	assert_false(posted(t, 7, ""));
	screen_key(t->screen, KEYS_BACKSPACE, t->now);
	type(t, "2\r");
	assert_true(posted(t, 7, "stop"));
}

static void test_keys_meant_for_something_else_answer_nothing(void **state)
{
	struct stage *t = *state;

	show(t, 7, 2);
	type(t, "1\r2\ry\r");
	assert_false(posted(t, 7, ""));
	type(t, "!1\x1b");
	assert_false(posted(t, 7, ""));
	show(t, 0, 0);
	type(t, "!1\r");
	assert_false(posted(t, 7, ""));
}

static void test_what_must_be_typed_is_named_and_nothing_less_will_do(void **state)
{
	struct stage *t = *state;

	show(t, 7, 1);
	type(t, "!");
	assert_true(shows(t, "type retry:"));
	type(t, "y\r");
	assert_false(posted(t, 7, ""));
	screen_key(t->screen, 'U' & 31, t->now);
	type(t, "retry\r");
	assert_true(posted(t, 7, "retry"));
}

/* While one types, the question may run out and another may be asked. */
static void test_an_answer_never_falls_on_another_question(void **state)
{
	struct stage *t = *state;

	show(t, 7, 2);
	type(t, "!1");
	show(t, 8, 2);
	assert_true(shows(t, "no longer asked"));
	type(t, "\r");
	assert_false(posted(t, 8, ""));
}

static void test_a_console_that_changes_nothing_says_so(void **state)
{
	struct stage *t = *state;

	show(t, 0, 0);
	assert_false(shows(t, "read-only"));
	t->snapshot->read_only = true;
	assert_true(shows(t, "read-only"));
}

int main(void)
{
#define SCREEN_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SCREEN_TEST(test_a_question_stands_in_the_header_with_its_time),
		SCREEN_TEST(test_the_answer_goes_to_the_engine),
		SCREEN_TEST(test_keys_meant_for_something_else_answer_nothing),
		SCREEN_TEST(test_what_must_be_typed_is_named_and_nothing_less_will_do),
		SCREEN_TEST(test_an_answer_never_falls_on_another_question),
		SCREEN_TEST(test_a_console_that_changes_nothing_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
