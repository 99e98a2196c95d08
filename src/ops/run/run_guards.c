/* The table of guards. What they look at is in guard_*.c. */
#include "base/i18n.h"
#include "run_parts.h"
#include "run_rows.h"

const struct run_word run_guard_rows[] = {
	{.name = "node-reachable",
		.sentence = N_("{node} answers by ssh"),
		.args = {{"node", RUN_ARG_NODE}},
		.holds = guard_node_reachable},
	{.name = "kubelet-active",
		.sentence = N_("the kubelet's unit on {node} is active"),
		.args = {{"node", RUN_ARG_NODE}},
		.holds = guard_kubelet_active},
	{.name = "command-succeeds",
		.sentence = N_("on {node} this succeeds: {argv}"),
		.args = {{"argv", RUN_ARG_LIST, .required = true}, {"node", RUN_ARG_NODE}},
		.holds = guard_command_succeeds},
	{.name = "kubelet-ready",
		.sentence = N_("the node {node} is Ready"),
		.args = {{"node", RUN_ARG_NODE}},
		.holds = guard_node_ready},
};
const size_t run_guard_count = sizeof(run_guard_rows) / sizeof(*run_guard_rows);
