/* The table of deeds. What they do is in deed_*.c. */
#include "base/i18n.h"
#include "run_parts.h"
#include "run_rows.h"

const struct run_word run_deed_rows[] = {
	{.name = "wait",
		.sentence = N_("wait {for}"),
		.args = {{"for", RUN_ARG_SPAN, .required = true}},
		.act = deed_wait},
	{.name = "node.run",
		.sentence = N_("run a command on {target}"),
		.args = {{"argv", RUN_ARG_LIST, .required = true}},
		.act = deed_node_run,
		.on_target = true},
};
const size_t run_deed_count = sizeof(run_deed_rows) / sizeof(*run_deed_rows);
