/* What is so on a node. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "run_parts.h"

#define ASK_MS 10000

enum run_answer guard_node_reachable(struct run_call *c, char *why, size_t size)
{
	struct node_call to;
	struct err e;
	int code;

	if (run_call_node(c, run_call_text(c, "node"), ASK_MS, &to, &e) == 0 &&
		node_shell_run(&to, "exit 0", NULL, NULL, &code, &e) == 0)
		return RUN_YES;
	str_copy(why, size, e.text);
	return e.code == ERR_MISSING || e.code == ERR_UNSUPPORTED ? RUN_CANNOT_TELL : RUN_NO;
}

enum run_answer guard_node_ready(struct run_call *c, char *why, size_t size)
{
	const struct node_row key = {.name = run_call_text(c, "node")};
	const struct node_row *n = table_find(c->now->nodes, &key);
	char status[64];

	if (c->now->sources[SOURCE_NODES].state != SOURCE_LIVE) {
		str_copy(why, size, _("no API server tells of the nodes"));
		return RUN_CANNOT_TELL;
	}
	if (!n) {
		snprintf(why, size, _("there is no node %.60s"), key.name);
		return RUN_NO;
	}
	if (node_is_ready(n))
		return RUN_YES;
	snprintf(why, size, _("%.60s is %s"), key.name, node_status(n, status, sizeof(status)));
	return RUN_NO;
}
