/* A runbook from the menu to green by the keyboard alone, on the practice cluster: what an operator
 * does at night. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "help/console.h"

#define HEALS 90000 /* ms: a kubelet's restart, and the node Ready after it */

static struct console c;

static void sees_within(const char *pattern, int ms)
{
	char *screen;

	if (term_wait(c.t, pattern, ms) >= 0)
		return;
	screen = term_screen(c.t);
	fprintf(stderr, "\"%s\" is not on the screen:\n%s", pattern, screen);
	free(screen);
	fail();
}

static int set_up(void **state)
{
	const struct console_options o = {.args = "drill worker-down"};

	(void)state;
	memset(&c, 0, sizeof(c));
	console_start(&c, &o);
	sees_within("w3 +NotReady", HEALS); /* its lease must run out first */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	console_end(&c);
	return 0;
}

/* A dialog takes no key at first: it is pressed again until the dialog is gone. */
static void answer(const char *key, const char *dialog)
{
	for (int i = 0; i < 15; i++) {
		console_keys(&c, key);
		if (!term_shows(c.t, dialog) || term_wait_gone(c.t, dialog, 1000) >= 0)
			return;
	}
	fail_msg("%s does not answer \"%s\"", key, dialog);
}

static void test_a_kubelet_is_restarted_to_green_by_the_keyboard(void **state)
{
	(void)state;
	console_sees(&c, "r runbooks");
	console_keys(&c, "r");
	console_sees(&c, "7 actions > runbooks");
	console_sees(&c, "kubelet-restart");
	console_keys(&c, "/kubelet-restart<Enter><Enter>");
	console_sees(&c, "Which node\\? +w3");
	console_keys(&c, "<Enter>");
	console_sees(&c, "7 actions > plan");
	console_sees(&c, "Nothing has been changed yet");
	console_sees(&c, "systemctl restart kubelet");
	console_keys(&c, "e");
	console_sees(&c, "7 actions > run");
	console_sees(&c, "yes, do it");
	answer("y", "yes, do it");
	sees_within("State +ok done", HEALS);
	console_keys(&c, "q1");
	sees_within("1 nodes +8, all ready", HEALS);
	console_sees(&c, "7 actions");
	console_keys(&c, "7z");
	console_sees(&c, "ok done +did +.*systemctl restart kubelet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_kubelet_is_restarted_to_green_by_the_keyboard, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
