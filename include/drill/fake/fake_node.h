/* The drill's nodes as ssh reaches them. Two halves: in the drill, a unix socket that says which
 * machines can be reached and answers for their tools; outside, the two hidden commands that stand
 * in for ssh and for those tools. */
#ifndef DRILL_FAKE_FAKE_NODE_H
#define DRILL_FAKE_FAKE_NODE_H

#include <stdbool.h>

#include "drill/world/world.h"

/* ---- in the drill; server's thread ---- */

struct node_host {
	struct world *world;
};
/* Listens at dir/socket and fills dir/bin, the PATH of every node. */
int node_host_open(
	struct node_host *h, struct world *w, const char *dir, const char *self, struct err *e);

struct tool_call {
	struct world *world;
	struct machine *machine;
	int argc;
	char *argv[64]; /* argv[0]: the tool */
	const char *in; /* its stdin, for the tools that read it */
	struct buf out, err;
	int rc;
};
bool tool_run(struct tool_call *t);       /* false: no such tool */
void tool_crictl(struct tool_call *t);    /* fake_crictl.c */
void tool_systemctl(struct tool_call *t); /* fake_systemd.c */
void tool_journalctl(struct tool_call *t);
void tool_socat(struct tool_call *t); /* fake_haproxy.c */
bool tool_flag(const struct tool_call *t, const char *flag);
/* "-n 5", "-n5", "--tail=5" */
const char *tool_value(const struct tool_call *t, const char *flag, const char *otherwise);
extern const char *const tool_names[]; /* NULL-terminated */

/* ---- outside: whole programs; they return an exit code ---- */

/* k911 drill-ssh SOCKET [ssh's options] [--] HOST COMMAND... */
int fake_node_ssh(int argc, char **argv);
/* k911 drill-tool SOCKET NODE TOOL [ARGUMENT...] */
int fake_node_tool(int argc, char **argv);
/* For main: true when argv[1] is one of the two; then *rc is the exit code. */
bool fake_node_main(int argc, char **argv, int *rc);
/* The command with every path of the node's file system turned into one below root. Adds to out. */
void fake_node_rewrite(const char *command, const char *root, struct buf *out);

#endif
