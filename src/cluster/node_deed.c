/* A deed done: its words checked, its script put together, and its end judged. The script is one
 * quoted word of ssh's command line; LIMIT leaves it time to end in order before timeout(1) ends
 * it. */
#include "cluster/node_deed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/node_script.h"
#include "cluster/ssh_failure.h"
#include "cluster/ssh_words.h"
#include "node_deed_parts.h"

enum {
	SCRIPT_MAX = 64 << 10,
	ERRORS_MAX = 4 << 10,
	COMMAND_MAX = 100 << 10,
	LIMIT_LEAST_S = 20, /* less would leave the steps of a deed no time at all */
	LIMIT_SPARE_S = 3
};

static const struct ending {
	enum node_exit exit;
	enum err_code code;
	const char *text;
} endings[] = {
	{NODE_MISSING, ERR_MISSING, N_("what it acts on is not there")},
	{NODE_IN_WAY, ERR_CONFLICT, N_("something is in the way, and nothing was changed")},
	{NODE_NO_SPACE, ERR_LIMIT, N_("there is no space for it")},
	{NODE_HELD, ERR_BUSY, N_("somebody else holds it")},
	{NODE_NO_TOOL, ERR_UNSUPPORTED, N_("a tool is missing there")},
	{NODE_HUNG, ERR_TIMEOUT, N_("something hangs there")},
	{NODE_NO_RIGHT, ERR_AUTH,
		N_("we may not: log in as root or name a become; or its disk is "
		   "read-only")},
	{NODE_FAILED, ERR_SERVER, N_("it failed")}, /* also for an exit code that is none of ours */
};

int node_deed_judge(const struct node_call *c, const struct node_deed *d,
	const struct node_answer *a, const char *errors, struct err *e)
{
	const struct ending *by = endings;
	char why[300], safe[300];

	while (by->exit != NODE_FAILED && by->exit != a->exit)
		by++;
	if (!node_answer_get(a, "why", why, sizeof(why)))
		ssh_last_line(errors, why, sizeof(why));
	text_safe(safe, sizeof(safe), why, strlen(why));
	if (safe[0] == '\0')
		snprintf(safe, sizeof(safe), _("exit code %d"), (int)a->exit);
	return err_set(e, by->code, "%s: %s: %s (%s)", c->host, d->name, _(by->text), safe);
}

static void put_words(struct buf *to, const struct node_deed *d, const struct node_words *w)
{
	for (size_t i = 0; i < NODE_DEED_WORDS && d->words[i].name != NULL; i++)
		node_script_set(to, d->words[i].name, node_deed_word(w, &d->words[i]));
	node_script_set(to, node_deed_run_word.name, node_deed_word(w, &node_deed_run_word));
}

static void put_limit(struct buf *to, int64_t timeout_ms)
{
	int64_t limit = ssh_remote_seconds(timeout_ms) - LIMIT_SPARE_S;

	buf_fmt(to, "LIMIT=%lld\n", (long long)(limit > LIMIT_LEAST_S ? limit : LIMIT_LEAST_S));
}

void node_deed_script(struct buf *to, const struct node_deed *d, const char *verb,
	const struct node_words *w, int64_t timeout_ms)
{
	node_script_set(to, "DO", verb);
	put_words(to, d, w);
	put_limit(to, timeout_ms);
	node_script_begin(to, "");
	node_script_add(to, "deed");
	node_script_add(to, "socket");
	node_script_add(to, d->script);
	buf_puts(to, "exit 0\n");
}

static int keep(struct buf *to, const char *bytes, size_t n)
{
	buf_add(to, bytes, n < to->max - to->len ? n : to->max - to->len);
	return 0;
}

struct said {
	struct buf *out, errors;
};

static int keep_out(void *arg, const char *bytes, size_t n)
{
	return keep(((struct said *)arg)->out, bytes, n);
}

static int keep_errors(void *arg, const char *bytes, size_t n)
{
	return keep(&((struct said *)arg)->errors, bytes, n);
}

/* One verb of a deed. */
struct doing {
	const struct node_deed *deed;
	const char *verb;
	bool asks; /* it may say no */
};

static int tell(const struct node_call *c, const struct doing *what, const struct node_words *w,
	struct node_answer *a, struct err *e)
{
	struct node_call mine = *c;
	struct said said = {.out = &a->text};
	const struct proc_calls calls = {keep_out, keep_errors, &said};
	struct node_task task = {.in = w->secret, .in_bytes = w->secret_bytes, .source = w->source};
	struct buf script;
	int rc = -1, exit_code;

	if (mine.timeout_ms <= 0)
		mine.timeout_ms = what->deed->timeout_ms;
	buf_clear(&a->text);
	a->exit = NODE_FAILED;
	if (node_deed_check(what->deed, w, e) != 0)
		return -1;
	buf_init(&script, SCRIPT_MAX);
	buf_init(&said.errors, ERRORS_MAX);
	node_deed_script(&script, what->deed, what->verb, w, mine.timeout_ms);
	task.script = buf_text(&script);
	if (node_shell_feed(&mine, &task, &calls, &exit_code, e) == 0) {
		a->exit = (enum node_exit)exit_code;
		rc = exit_code == NODE_DONE || (exit_code == NODE_NOT && what->asks)
			     ? 0
			     : node_deed_judge(c, what->deed, a, buf_text(&said.errors), e);
	}
	buf_done(&script);
	buf_done(&said.errors);
	return rc;
}

int node_deed_do(const struct node_call *c, const struct node_deed *d, const struct node_words *w,
	struct node_answer *a, struct err *e)
{
	return tell(c, &(struct doing){d, d->verb, d->probe == NULL}, w, a, e);
}

int node_deed_done(const struct node_call *c, const struct node_deed *d, const struct node_words *w,
	bool *done, struct node_answer *a, struct err *e)
{
	int rc;

	*done = false;
	if (d->probe == NULL)
		return err_set(e, ERR_USAGE, _("%s changes nothing"), d->name);
	rc = tell(c, &(struct doing){d, d->probe, true}, w, a, e);
	*done = rc == 0 && a->exit == NODE_DONE;
	return rc;
}

/* ---- any command ---- */

static bool argv_ok(const char *const argv[], size_t n)
{
	if (n == 0 || argv[0][0] == '-' ||
		argv[0][strspn(argv[0], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789._/+-")] != '\0' ||
		argv[0][0] == '\0')
		return false;
	for (size_t i = 0; i < n; i++)
		for (const char *p = argv[i]; *p != '\0'; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				return false;
	return true;
}

static int put_argv(struct buf *to, const char *const argv[], size_t n, struct err *e)
{
	if (!argv_ok(argv, n))
		return err_set(e, ERR_USAGE,
			_("a command for a node is a program's name and words without control "
			  "characters"));
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(to, ' ');
		ssh_quote_if_needed(to, argv[i]);
	}
	return to->over ? err_set(e, ERR_LIMIT, _("the command is too long")) : 0;
}

int node_deed_run(const struct node_call *c, const char *const argv[], size_t n,
	const struct proc_calls *calls, int *exit_code, struct err *e)
{
	struct buf script;
	int rc;

	*exit_code = -1;
	buf_init(&script, COMMAND_MAX);
	rc = put_argv(&script, argv, n, e);
	if (rc == 0)
		rc = node_shell_stream(c, buf_text(&script), calls, exit_code, e);
	buf_done(&script);
	return rc;
}

char *node_deed_run_show(const struct node_call *c, const char *const argv[], size_t n)
{
	struct buf script;
	char *shown;

	buf_init(&script, COMMAND_MAX);
	shown = put_argv(&script, argv, n, NULL) == 0 ? node_shell_show(c, buf_text(&script))
						      : NULL;
	buf_done(&script);
	return shown;
}
