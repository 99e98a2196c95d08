/* termctl: the test terminal for scripts. Reads one JSON object per line and answers each with one.
 * Between commands it keeps reading the program's output, so the program never blocks on it.
 *
 *   {"do":"start","argv":["k911"],"env":{"LANG":"C.UTF-8","NO_COLOR":null},"rows":40,"cols":120}
 *   {"do":"keys","keys":"z<Tab>"}     {"do":"click","row":3,"col":5}
 * {"do":"resize","rows":24,"cols":80}
 *   {"do":"wait","for":"regex","ms":3000}       "gone":true waits until it is not there
 *   {"do":"change","keys":"z","ms":1000,"rows":[2,40]}     key to first changed cell
 *   {"do":"screen"}   {"do":"cell","row":0,"col":0}   {"do":"signal","signal":15}
 *   {"do":"exit","ms":2000}   {"do":"svg","path":"x.svg","title":"k911"}   {"do":"stop"}
 *
 * Each answer has "ok", and "at", CLOCK_MONOTONIC in seconds; "ok":false has "error". Times are ms.
 */
#include "term.h"

#include <errno.h>
#include <jansson.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGS_MAX = 64, WAIT_MS = 5000 };

static struct term *term;

static json_t *failed(const char *why)
{
	return json_pack("{s:b,s:s}", "ok", 0, "error", why);
}

static json_t *fine(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static int number(const json_t *in, const char *key, int otherwise)
{
	const json_t *v = json_object_get(in, key);

	return json_is_number(v) ? (int)json_number_value(v) : otherwise;
}

static const char *string(const json_t *in, const char *key)
{
	return json_string_value(json_object_get(in, key));
}

/* Fills to with "NAME=VALUE" or "NAME"; each is the caller's to free. */
static void env_list(json_t *env, char *to[ARGS_MAX + 1])
{
	const char *name;
	json_t *v;
	int n = 0;

	json_object_foreach(env, name, v)
	{
		if (n == ARGS_MAX)
			break;
		if (json_is_null(v))
			to[n] = strdup(name);
		else if (asprintf(&to[n], "%s=%s", name, json_string_value(v)) < 0)
			to[n] = NULL;
		n++;
	}
}

static json_t *do_start(json_t *in)
{
	json_t *list = json_object_get(in, "argv"), *v;
	const char *argv[ARGS_MAX + 1] = {NULL};
	char *env[ARGS_MAX + 1] = {NULL};
	struct term_options o = {.argv = argv,
		.env = (const char *const *)env,
		.dir = string(in, "dir"),
		.rows = number(in, "rows", 0),
		.cols = number(in, "cols", 0)};
	size_t i;

	json_array_foreach(list, i, v) if (i < ARGS_MAX) argv[i] = json_string_value(v);
	if (argv[0] == NULL)
		return failed("start: no argv");
	env_list(json_object_get(in, "env"), env);
	term_free(term);
	term = term_start(&o);
	for (i = 0; i < ARGS_MAX; i++)
		free(env[i]);
	if (term == NULL)
		return json_pack(
			"{s:b,s:s,s:i}", "ok", 0, "error", "start: cannot run it", "errno", errno);
	return json_pack("{s:b,s:i}", "ok", 1, "pid", (int)term_pid(term));
}

static json_t *do_keys(json_t *in)
{
	const char *keys = string(in, "keys");

	return keys != NULL && term_keys(term, keys) == 0 ? fine() : failed("keys: no such key");
}

static json_t *do_click(json_t *in)
{
	term_click(term, number(in, "row", 0), number(in, "col", 0), number(in, "button", 1));
	return fine();
}

static json_t *took(double ms, const char *otherwise)
{
	return ms < 0 ? failed(otherwise) : json_pack("{s:b,s:f}", "ok", 1, "ms", ms);
}

static json_t *do_wait(json_t *in)
{
	const char *pattern = string(in, "for");
	int ms = number(in, "ms", WAIT_MS);

	if (pattern == NULL)
		return failed("wait: no \"for\"");
	if (json_is_true(json_object_get(in, "gone")))
		return took(term_wait_gone(term, pattern, ms), "still there");
	return took(term_wait(term, pattern, ms), "not there");
}

static json_t *do_change(json_t *in)
{
	json_t *rows = json_object_get(in, "rows");
	const char *keys = string(in, "keys");
	int first = 0, past = 10000;

	if (rows != NULL) {
		first = (int)json_integer_value(json_array_get(rows, 0));
		past = (int)json_integer_value(json_array_get(rows, 1));
	}
	return took(term_time_to_change(
			    term, keys != NULL ? keys : "", first, past, number(in, "ms", WAIT_MS)),
		"no change");
}

static json_t *do_screen(json_t *in)
{
	json_t *lines = json_array();
	int rows, cols, row, col;
	bool visible;

	(void)in;
	term_size(term, &rows, &cols);
	for (row = 0; row < rows; row++) {
		char *line = term_line(term, row);

		json_array_append_new(lines, json_string(line));
		free(line);
	}
	visible = term_cursor(term, &row, &col);
	return json_pack("{s:b,s:o,s:[i,i],s:[i,i],s:b,s:b,s:I}", "ok", 1, "lines", lines, "size",
		rows, cols, "cursor", row, col, "cursor_visible", (int)visible, "alt",
		(int)term_alt_screen(term), "bytes", (json_int_t)term_bytes(term));
}

static json_t *do_cell(json_t *in)
{
	struct term_cell c;

	if (!term_cell(term, number(in, "row", -1), number(in, "col", -1), &c))
		return failed("cell: outside the screen");
	return json_pack("{s:b,s:s,s:i,s:i,s:b,s:b,s:b,s:b}", "ok", 1, "text", c.text, "fg",
		(int)c.fg, "bg", (int)c.bg, "plain_bg", (int)c.plain_bg, "bold", (int)c.bold,
		"underline", (int)c.underline, "reverse", (int)c.reverse);
}

static json_t *do_resize(json_t *in)
{
	int rows = number(in, "rows", 0), cols = number(in, "cols", 0);

	if (rows <= 0 || cols <= 0)
		return failed("resize: rows and cols");
	return term_resize(term, rows, cols) == 0 ? fine() : failed("resize: refused");
}

static json_t *do_signal(json_t *in)
{
	return term_signal(term, number(in, "signal", SIGTERM)) == 0
		       ? fine()
		       : failed("signal: it has ended");
}

static json_t *do_exit(json_t *in)
{
	const char *mess;
	int status;

	if (!term_exited(term, number(in, "ms", WAIT_MS), &status))
		return failed("it still runs");
	mess = term_mess(term);
	return json_pack("{s:b,s:i,s:i,s:s?}", "ok", 1, "code",
		WIFEXITED(status) ? WEXITSTATUS(status) : -1, "signal",
		WIFSIGNALED(status) ? WTERMSIG(status) : 0, "mess", mess);
}

static json_t *do_svg(json_t *in)
{
	const char *path = string(in, "path");
	FILE *f = path != NULL ? fopen(path, "we") : NULL;
	int rc;

	if (f == NULL)
		return failed("svg: cannot write there");
	rc = term_svg(term, f, string(in, "title"));
	if (fclose(f) != 0 || rc != 0)
		return failed("svg: write failed");
	return fine();
}

static json_t *do_stop(json_t *in)
{
	(void)in;
	term_free(term);
	term = NULL;
	return fine();
}

static const struct {
	const char *name;
	json_t *(*run)(json_t *in);
	bool needs_term;
} COMMANDS[] = {
	{"start", do_start, false},
	{"keys", do_keys, true},
	{"click", do_click, true},
	{"wait", do_wait, true},
	{"change", do_change, true},
	{"screen", do_screen, true},
	{"cell", do_cell, true},
	{"resize", do_resize, true},
	{"signal", do_signal, true},
	{"exit", do_exit, true},
	{"svg", do_svg, true},
	{"stop", do_stop, false},
};

static json_t *run(json_t *in)
{
	const char *name = in != NULL ? string(in, "do") : NULL;
	size_t i;

	for (i = 0; name != NULL && i < sizeof(COMMANDS) / sizeof(COMMANDS[0]); i++) {
		if (strcmp(COMMANDS[i].name, name) != 0)
			continue;
		return COMMANDS[i].needs_term && term == NULL ? failed("nothing was started")
							      : COMMANDS[i].run(in);
	}
	return failed("not a command");
}

static void answer(const char *line, size_t n)
{
	json_t *in = json_loadb(line, n, 0, NULL), *out = run(in);
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	json_object_set_new(out, "at", json_real((double)ts.tv_sec + (double)ts.tv_nsec / 1e9));
	json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(out);
	json_decref(in);
}

/* Takes whole lines off the front of buf; gives how many bytes are left. */
static size_t take_lines(char *buf, size_t n)
{
	char *end;

	while ((end = memchr(buf, '\n', n)) != NULL) {
		size_t len = (size_t)(end - buf) + 1;

		answer(buf, len - 1);
		memmove(buf, buf + len, n - len);
		n -= len;
	}
	return n;
}

int main(void)
{
	static char buf[1 << 16];
	size_t n = 0;

	setlocale(LC_ALL, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		struct pollfd p[2] = {
			{0, POLLIN, 0}, {term != NULL ? term_fd(term) : -1, POLLIN, 0}};
		ssize_t k;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents != 0)
			term_pump(term, 0);
		if (p[0].revents == 0)
			continue;
		k = read(0, buf + n, sizeof(buf) - n);
		if (k <= 0)
			break;
		n = take_lines(buf, n + (size_t)k);
		if (n == sizeof(buf))
			break; /* no command is that long */
	}
	term_free(term);
	return 0;
}
