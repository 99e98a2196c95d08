/* The table of deeds. What they do is in deed_*.c, and on nodes in cluster/node_deed.h. */
#include "base/i18n.h"
#include "run_parts.h"
#include "run_rows.h"

/* A deed of the node's, with one argument or none. */
#define ON_NODE(name_, node_, sentence_, ...)                                                      \
	{                                                                                          \
		.name = (name_), .sentence = (sentence_), .args = {__VA_ARGS__}, .act = deed_node, \
		.already = deed_node_is_done, .on_target = true, .node = (node_)                   \
	}
#define COMPONENT                                                                                  \
	{                                                                                          \
		"component", RUN_ARG_COMPONENT, true, "NAME"                                       \
	}
#define UNIT                                                                                       \
	{                                                                                          \
		"unit", RUN_ARG_UNIT, true, "UNIT"                                                 \
	}
#define NOTHING                                                                                    \
	{                                                                                          \
		0                                                                                  \
	}

const struct run_word run_deed_rows[] = {
	/* what touches nothing */
	{.name = "wait",
		.sentence = N_("wait {for}"),
		.args = {{"for", RUN_ARG_SPAN, .required = true}},
		.act = deed_wait},
	{.name = "look", .sentence = N_("look whether it holds"), .act = deed_by_hand},
	/* Consent is all there is to them: what to do by hand, what to answer. */
	{.name = "manual",
		.sentence = N_("by hand: {text}"),
		.args = {{"text", RUN_ARG_SAID, .required = true}},
		.act = deed_by_hand},
	{.name = "ask",
		.sentence = N_("asked: {question}"),
		.args = {{"question", RUN_ARG_SAID, .required = true}},
		.act = deed_by_hand},

	/* the Kubernetes API */
	{.name = "kube.cordon",
		.sentence = N_("cordon {node}"),
		.args = {{"node", RUN_ARG_NODE, .required = true}},
		.act = deed_cordon,
		.already = deed_is_cordoned},
	{.name = "kube.uncordon",
		.sentence = N_("uncordon {node}"),
		.args = {{"node", RUN_ARG_NODE, .required = true}},
		.act = deed_uncordon,
		.already = deed_is_uncordoned},
	{.name = "kube.delete-pod",
		.sentence = N_("delete the pod {pod}"),
		.args = {{"pod", RUN_ARG_TEXT, .required = true}},
		.act = deed_pod_delete,
		.already = deed_pod_is_deleted},

	/* nodes */
	{.name = "node.run",
		.sentence = N_("run a command on {target}"),
		.args = {{"argv", RUN_ARG_LIST, .required = true}},
		.act = deed_node_run,
		.already = deed_is_unknown,
		.on_target = true},
	ON_NODE("node.unit-restart", "unit-restart", N_("restart {unit} on {target}"), UNIT),
	ON_NODE("node.unit-start", "unit-start", N_("start {unit} on {target}"), UNIT),
	ON_NODE("node.unit-stop", "unit-stop", N_("stop {unit} on {target}"), UNIT),
	ON_NODE("node.manifest-aside", "manifest-aside",
		N_("move {component}'s manifest aside on {target}"), COMPONENT),
	ON_NODE("node.manifest-back", "manifest-back",
		N_("move {component}'s manifest back on {target}"), COMPONENT),
	ON_NODE("node.manifest-cycle", "manifest-cycle",
		N_("make {component} anew on {target}: its manifest aside and back"), COMPONENT),
	ON_NODE("node.container-stop", "container-stop",
		N_("stop the container {name} on {target}"), {"name", RUN_ARG_TEXT, true, "NAME"}),
	{.name = "node.strays-aside",
		.sentence = N_("move stray manifests aside on {target}"),
		.act = deed_strays_aside,
		.already = deed_no_strays,
		.on_target = true},

	/* load balancers */
	ON_NODE("haproxy.reload", "haproxy-reload", N_("reload haproxy on {target}"), NOTHING),
	ON_NODE("haproxy.restart", "haproxy-restart", N_("restart haproxy on {target}"), NOTHING),
};
const size_t run_deed_count = sizeof(run_deed_rows) / sizeof(*run_deed_rows);
