#include "help/console.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define ARGS_MAX 24
#define ENV_MAX  40

const char *console_program(void)
{
	static char path[PATH_MAX];

	if (path[0] == '\0' &&
		realpath(getenv("K911") ? getenv("K911") : "build/release/k911", path) == NULL)
		fail_msg("K911 names no program: %s", getenv("K911"));
	return path;
}

void console_home(struct console *c)
{
	*c = (struct console){.home = "/tmp/k911-pty-XXXXXX"};
	setlocale(LC_ALL, "C.UTF-8"); /* patterns count characters */
	assert_non_null(mkdtemp(c->home));
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	return remove(path);
}

void console_end(struct console *c)
{
	term_free(c->t);
	c->t = NULL;
	if (c->home[0] != '\0')
		nftw(c->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	c->home[0] = '\0';
}

void console_file(const struct console *c, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", c->home, name);
	for (char *at = path + strlen(c->home) + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*at = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Words of args into argv, "%h" replaced; every word is allocated in room. */
static size_t split(
	const struct console *c, const char *args, const char **argv, char *room, size_t size)
{
	size_t n = 0, used = 0;

	while (args != NULL && *args != '\0') {
		argv[n++] = room + used;
		for (; *args != '\0' && *args != ' '; args++) {
			const char *put = strncmp(args, "%h", 2) == 0 ? c->home : NULL;

			used += (size_t)snprintf(
				room + used, size - used, put ? "%s" : "%.1s", put ? put : args);
			args += put != NULL;
		}
		room[used++] = '\0';
		args += *args == ' ';
		assert_true(used < size && n < ARGS_MAX - 1);
	}
	argv[n] = NULL;
	return n;
}

static bool names(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && ((*env)[n] == '=' || (*env)[n] == '\0'))
			return true;
	return false;
}

void console_start(struct console *c, const struct console_options *o)
{
	static const char *const unset[] = {"LC_ALL", "LANGUAGE", "NO_COLOR", "KUBECONFIG",
		"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "COLORTERM", "LC_CTYPE",
		"LC_MESSAGES"};
	const char *argv[ARGS_MAX] = {console_program()}, *env[ENV_MAX];
	char room[4096], home[80], program[PATH_MAX + 8];
	struct term_options t = {.argv = argv,
		.env = env,
		.rows = o->rows ? o->rows : 36,
		.cols = o->cols ? o->cols : 120};
	size_t n = 0;

	if (c->home[0] == '\0')
		console_home(c);
	for (size_t i = 0; o->env != NULL && o->env[i] != NULL; i++)
		env[n++] = o->env[i];
	snprintf(home, sizeof(home), "HOME=%s", c->home);
	snprintf(program, sizeof(program), "K911=%s", console_program());
	if (!names(o->env, "HOME"))
		env[n++] = home;
	if (!names(o->env, "LANG"))
		env[n++] = "LANG=C.UTF-8";
	env[n++] = program;
	/* On TERM=linux ncurses loads libgpm for the console's mouse, and unloads it without its
	 * memory. */
	env[n++] = "NCURSES_GPM_TERMS=";
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		env[n++] = unset[i];
	env[n] = NULL;
	if (o->shell != NULL) {
		argv[0] = "sh";
		argv[1] = "-c";
		argv[2] = o->shell;
		argv[3] = NULL;
	} else {
		split(c, o->args, argv + 1, room, sizeof(room));
	}
	c->t = term_start(&t);
	if (c->t == NULL)
		fail_msg("%s cannot be started: %d", argv[0], errno);
}

static void fail_with_screen(struct console *c, const char *what, const char *pattern)
{
	char *screen = term_screen(c->t);
	int status;
	bool ended = term_exited(c->t, 0, &status);

	fprintf(stderr, "%s \"%s\"%s:\n%s\n", what, pattern, ended ? " before it ended" : "",
		screen);
	free(screen);
	fail();
}

void console_sees(struct console *c, const char *pattern)
{
	if (term_wait(c->t, pattern, CONSOLE_SOON) < 0)
		fail_with_screen(c, "never showed", pattern);
}

void console_loses(struct console *c, const char *pattern)
{
	if (term_wait_gone(c->t, pattern, CONSOLE_SOON) < 0)
		fail_with_screen(c, "still shows", pattern);
}

void console_keys(struct console *c, const char *keys)
{
	assert_int_equal(term_keys(c->t, keys), 0);
}

bool console_find(const struct console *c, const char *text, int *row, int *col)
{
	int rows, cols;

	term_size(c->t, &rows, &cols);
	for (*row = 0; *row < rows; ++*row)
		for (*col = 0; *col < cols; ++*col) {
			struct term_cell cell;
			const char *at = text;

			for (int x = *col; *at != '\0' && term_cell(c->t, *row, x, &cell); x++) {
				if (strncmp(cell.text, at, strlen(cell.text)) != 0)
					break;
				at += strlen(cell.text);
			}
			if (*at == '\0')
				return true;
		}
	return false;
}

void console_exits(struct console *c, int code, int within_ms)
{
	int status;

	if (!term_exited(c->t, within_ms, &status))
		fail_with_screen(c, "did not end", "");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		fail_msg("ended with %s %d, not with exit code %d",
			WIFEXITED(status) ? "exit code" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), code);
	if (term_mess(c->t) != NULL)
		fail_msg("left behind: %s", term_mess(c->t));
}
