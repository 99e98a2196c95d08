/* Are a node's services active? Asked of systemd by the names that any layout gives them: one that is
 * not installed is inactive, so the first that is active answers. */
#include <stdio.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/str.h"
#include "cluster/node_layout.h"
#include "run_parts.h"

#define ASK_MS     10000
#define SCRIPT_MAX (8u << 10)

static void put_script(struct buf *script)
{
	buf_puts(script, "systemctl is-active --quiet");
	for (size_t i = 0; i < node_layouts_count; i++)
		buf_fmt(script, " %s", node_layouts[i].kubelet);
}

enum run_answer guard_kubelet_active(struct run_call *c, char *why, size_t size)
{
	const char *node = run_call_text(c, "node");
	struct node_call to;
	struct buf script;
	struct err e;
	int code = 0, rc = run_call_node(c, node, ASK_MS, &to, &e);

	buf_init(&script, SCRIPT_MAX);
	put_script(&script);
	if (rc == 0)
		rc = node_shell_run(&to, buf_text(&script), NULL, NULL, &code, &e);
	buf_done(&script);
	if (rc == 0 && code == 0)
		return RUN_YES;
	if (rc == 0)
		snprintf(
			why, size, _("systemd says that the kubelet of %.60s is not active"), node);
	else
		str_copy(why, size, e.text);
	return rc == 0 ? RUN_NO : RUN_CANNOT_TELL;
}
