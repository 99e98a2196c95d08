/* What the rows of guards and deeds call. */
#ifndef OPS_RUN_RUN_PARTS_H
#define OPS_RUN_RUN_PARTS_H

#include "ops/run/run_call.h"

/* guard_node.c */
enum run_answer guard_node_reachable(struct run_call *c, char *why, size_t size);
enum run_answer guard_node_ready(struct run_call *c, char *why, size_t size);

/* guard_command.c */
enum run_answer guard_kubelet_active(struct run_call *c, char *why, size_t size);
enum run_answer guard_command_succeeds(struct run_call *c, char *why, size_t size);

/* deed_basic.c */
int deed_wait(struct run_call *c, struct err *e);

/* deed_node.c */
int deed_node_run(struct run_call *c, struct err *e);

#endif
