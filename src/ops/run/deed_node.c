/* Deeds on a node, over ssh. */
#include "base/buf.h"
#include "base/i18n.h"
#include "cluster/ssh_words.h"
#include "run_parts.h"

#define COMMAND_MAX (16u << 10)

int deed_node_run(struct run_call *c, struct err *e)
{
	const struct runbook_value *argv = run_call_list(c, "argv");
	struct node_call to;
	struct buf script;
	int code = 0, rc = run_call_node(c, c->target, 0, &to, e);

	buf_init(&script, COMMAND_MAX);
	for (size_t i = 0; i < argv->n; i++) {
		buf_puts(&script, i > 0 ? " " : "");
		ssh_quote(&script, argv->at[i]);
	}
	if (rc == 0)
		rc = run_call_script(c, &to, buf_text(&script), NULL, &code, e);
	buf_done(&script);
	if (rc == 0 && code != 0)
		return err_set(e, ERR_SERVER, _("the command ended with exit code %d"), code);
	return rc;
}
