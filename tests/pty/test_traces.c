/* What the program leaves to others: no core, no debugger, no key in a directory of a process that
 * was killed. */
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

/* ---- what a killed one leaves ---- */

static const char *const traces[] = {"tmp/k911-drill-??????", "run/k911/ssh-??????"};
#define N_TRACES (sizeof(traces) / sizeof(traces[0]))

/* The paths below the home that match; globfree is the caller's. */
static size_t find(const struct console *c, size_t trace, glob_t *found)
{
	char pattern[PATH_MAX];

	snprintf(pattern, sizeof(pattern), "%s/%s", c->home, traces[trace]);
	assert_true(glob(pattern, 0, NULL, found) != GLOB_ABORTED);
	return found->gl_pathc;
}

static void begin_drill(struct console *c)
{
	char tmp[100], run[100];
	const char *env[] = {tmp, run, NULL};

	snprintf(tmp, sizeof(tmp), "TMPDIR=%s/tmp", c->home);
	snprintf(run, sizeof(run), "XDG_RUNTIME_DIR=%s/run", c->home);
	console_start(
		c, &(struct console_options){.args = "drill", .env = env, .rows = 24, .cols = 80});
	console_sees(c, "all layers ok");
}

static void test_a_killed_one_leaves_nothing_past_the_next_start(void **state)
{
	struct console killed = {0}, next = {0};
	glob_t before[N_TRACES], after;
	int status;

	(void)state;
	console_home(&killed);
	console_file(
		&killed, "tmp/k911-drill-abcdef/.lock", ""); /* open to all: not ours to judge */
	console_file(&killed, "run/there", "");
	begin_drill(&killed);
	term_signal(killed.t, SIGKILL);
	assert_true(term_exited(killed.t, CONSOLE_SOON, &status));
	assert_int_equal(find(&killed, 0, &before[0]), 2);
	assert_int_equal(find(&killed, 1, &before[1]), 1);
	next = killed;
	next.t = NULL;
	begin_drill(&next);
	for (size_t i = 0; i < N_TRACES; i++)
		for (size_t k = 0; k < before[i].gl_pathc; k++)
			assert_int_equal(file_exists(before[i].gl_pathv[k]),
				strstr(before[i].gl_pathv[k], "abcdef") != NULL);
	assert_int_equal(find(&next, 0, &after), 2); /* its own */
	globfree(&after);
	console_keys(&next, "q");
	console_exits(&next, 0, CONSOLE_SOON);
	assert_int_equal(find(&next, 0, &after), 1);
	globfree(&after);
	assert_int_equal(find(&next, 1, &after), 0);
	globfree(&after);
	globfree(&before[0]);
	globfree(&before[1]);
	term_free(killed.t);
	console_end(&next);
}

/* ---- a state directory that others may write to ---- */

static void test_nothing_is_kept_where_others_may_write(void **state)
{
	struct console c = {0};
	char dir[100], log[120];

	(void)state;
	console_home(&c);
	console_file(&c, ".local/state/k911/there", "");
	snprintf(dir, sizeof(dir), "%s/.local/state/k911", c.home);
	snprintf(log, sizeof(log), "%s/k911.log", dir);
	assert_int_equal(chmod(dir, 0777), 0);
	console_start(&c, &(struct console_options){.args = "drill"});
	console_sees(&c, "nothing is kept: .*k911 may be written by its group or by others");
	assert_false(file_exists(log));
	leave(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neither_a_core_nor_a_debugger_gets_at_its_secrets),
		cmocka_unit_test(test_a_core_may_be_asked_for),
		cmocka_unit_test(test_nothing_is_kept_where_others_may_write),
		cmocka_unit_test(test_a_killed_one_leaves_nothing_past_the_next_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
