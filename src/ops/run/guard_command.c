/* What commands on a node answer: exit code 0 is a yes. */
#include <stdio.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/str.h"
#include "cluster/ssh_words.h"
#include "run_parts.h"

#define ASK_MS     10000
#define SCRIPT_MAX (16u << 10)

/* The exit code; -1, and why, where it could not be asked. */
static int ask(struct run_call *c, const struct buf *script, char *why, size_t size)
{
	struct node_call to;
	struct err e;
	int code = -1;

	if (script->over)
		str_copy(why, size, _("the command is too long"));
	else if (run_call_node(c, run_call_text(c, "node"), ASK_MS, &to, &e) != 0 ||
		 node_shell_run(&to, buf_text(script), NULL, NULL, &code, &e) != 0) {
		str_copy(why, size, e.text);
		return -1;
	}
	return code;
}

static enum run_answer answer(int code)
{
	return code == 0 ? RUN_YES : code > 0 ? RUN_NO : RUN_CANNOT_TELL;
}

enum run_answer guard_command_succeeds(struct run_call *c, char *why, size_t size)
{
	const struct runbook_value *argv = run_call_list(c, "argv");
	struct buf script;
	int code;

	buf_init(&script, SCRIPT_MAX);
	for (size_t i = 0; argv && i < argv->n; i++) {
		buf_puts(&script, i > 0 ? " " : "");
		ssh_quote(&script, argv->at[i]);
	}
	code = ask(c, &script, why, size);
	buf_done(&script);
	if (code > 0)
		snprintf(why, size, _("on %.60s it ended with exit code %d"),
			run_call_text(c, "node"), code);
	return answer(code);
}
