/* What the program leaves to others: no core, no debugger, no key in a directory of a process that
 * was killed. */
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/instant.h"
#include "help/console.h"
#include "io/file.h"

#define HINTS  "q quit$"
#define NOBODY 65534

/* Root may look into everything: as nobody it sees what the kernel grants. The program is copied to
 * where nobody may run it. */
static void begin_as_nobody(struct console *c, const char *setting)
{
	const char *env[] = {setting, NULL};
	struct console_options o = {.env = env, .shell = "\"$K911\" drill", .rows = 24, .cols = 80};

	console_home(c);
	if (geteuid() == 0) {
		assert_int_equal(chown(c->home, NOBODY, NOBODY), 0);
		o.shell = "cp \"$K911\" \"$HOME/k911\" && chmod 755 \"$HOME/k911\" && "
			  "exec setpriv --reuid 65534 --regid 65534 --clear-groups "
			  "\"$HOME/k911\" drill";
	} else {
		o.shell = "exec \"$K911\" drill";
	}
	console_start(c, &o);
	console_sees(c, HINTS);
}

/* Who may read its memory: /proc gives a process to its user only if it is dumpable. */
static bool is_dumpable(const struct console *c)
{
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)term_pid(c->t));
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_uid == 0 || st.st_uid == (geteuid() ? geteuid() : NOBODY));
	return st.st_uid != 0;
}

static bool may_leave_a_core(const struct console *c)
{
	char path[40], *text = NULL, soft[40] = "";
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)term_pid(c->t));
	assert_int_equal(file_read(path, 1 << 16, &text, NULL, NULL), 0);
	line = strstr(text, "Max core file size");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "Max core file size %39s", soft), 1);
	free(text);
	return strcmp(soft, "0") != 0;
}

static void leave(struct console *c)
{
	console_keys(c, "q");
	console_exits(c, 0, CONSOLE_SOON);
	console_end(c);
}

static void test_neither_a_core_nor_a_debugger_gets_at_its_secrets(void **state)
{
	struct console c = {0};

	(void)state;
	begin_as_nobody(&c, "K911_CORE=");
	assert_false(is_dumpable(&c));
	assert_false(may_leave_a_core(&c));
	console_sees(&c, "all layers ok"); /* with what it starts, and reads of /proc/self */
	leave(&c);
}

static void test_a_core_may_be_asked_for(void **state)
{
	struct console c = {0};

	(void)state;
	begin_as_nobody(&c, "K911_CORE=1");
	assert_true(is_dumpable(&c));
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neither_a_core_nor_a_debugger_gets_at_its_secrets),
		cmocka_unit_test(test_a_core_may_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
