/* The tools of a simulated machine, each called with its words. Server's thread. */
#ifndef DRILL_FAKE_FAKE_TOOLS_H
#define DRILL_FAKE_FAKE_TOOLS_H

#include "drill/world/world.h"

struct tool_call {
	struct world *world;
	struct machine *machine;
	int argc;
	char *argv[64]; /* argv[0]: the tool */
	const char *in; /* its stdin, for the tools that read it */
	struct buf out, err;
	int rc;
	bool hangs; /* never ends by itself */
};
bool tool_run(struct tool_call *t); /* false: no such tool */
void tool_crictl(struct tool_call *t);
void tool_systemctl(struct tool_call *t);
void tool_journalctl(struct tool_call *t);
void tool_socat(struct tool_call *t);
void tool_haproxy(struct tool_call *t);
void haproxy_reread(struct world *w); /* its configuration, as a start or a reload does */
/* The main process of a unit is killed; false: it is none's. */
bool unit_kill(struct world *w, struct machine *m, int64_t pid);
bool tool_flag(const struct tool_call *t, const char *flag);
/* "-n 5", "-n5", "--tail=5" */
const char *tool_value(const struct tool_call *t, const char *flag, const char *otherwise);
extern const char *const tool_names[]; /* NULL-terminated */

#endif
