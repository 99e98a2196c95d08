/* What the rows of guards and deeds call. */
#ifndef OPS_RUN_RUN_PARTS_H
#define OPS_RUN_RUN_PARTS_H

#include "ops/run/run_call.h"

/* guard_node.c */
enum run_answer guard_node_reachable(struct run_call *c, char *why, size_t size);
enum run_answer guard_node_ready(struct run_call *c, char *why, size_t size);
enum run_answer guard_right_cluster(struct run_call *c, char *why, size_t size);

/* guard_unit.c: what several probes of a node tell together */
enum run_answer guard_kubelet_active(struct run_call *c, char *why, size_t size);
enum run_answer guard_runtime_answers(struct run_call *c, char *why, size_t size);
enum run_answer guard_no_strays(struct run_call *c, char *why, size_t size);
int deed_strays_aside(struct run_call *c, struct err *e);
enum run_answer deed_no_strays(struct run_call *c, char *why, size_t size);

/* guard_cluster.c */
enum run_answer guard_etcd_can_lose(struct run_call *c, char *why, size_t size);
enum run_answer guard_apiserver_live(struct run_call *c, char *why, size_t size);
enum run_answer guard_apiserver_ready(struct run_call *c, char *why, size_t size);
enum run_answer guard_other_apiserver(struct run_call *c, char *why, size_t size);
enum run_answer guard_any_apiserver(struct run_call *c, char *why, size_t size);
enum run_answer guard_all_apiservers(struct run_call *c, char *why, size_t size);
enum run_answer guard_balancer_answers(struct run_call *c, char *why, size_t size);
enum run_answer guard_etcd_has_quorum(struct run_call *c, char *why, size_t size);
enum run_answer guard_etcd_member_healthy(struct run_call *c, char *why, size_t size);

/* guard_command.c */
enum run_answer guard_command_succeeds(struct run_call *c, char *why, size_t size);

/* deed_basic.c */
int deed_wait(struct run_call *c, struct err *e);
int deed_by_hand(struct run_call *c, struct err *e);

/* deed_node.c: what the word's row of cluster/node_deed.h does, asks, and whether it is so */
int deed_node(struct run_call *c, struct err *e);
enum run_answer deed_node_is_done(struct run_call *c, char *why, size_t size);
enum run_answer guard_node_is_so(struct run_call *c, char *why, size_t size);
enum run_answer guard_node_probe(struct run_call *c, char *why, size_t size);
/* The same; what it looks at is not there, or no tool that could: nothing speaks against it. */
enum run_answer guard_node_unless_missing(struct run_call *c, char *why, size_t size);
int deed_node_run(struct run_call *c, struct err *e);
enum run_answer deed_is_unknown(struct run_call *c, char *why, size_t size);

/* deed_kube.c */
int deed_cordon(struct run_call *c, struct err *e);
int deed_uncordon(struct run_call *c, struct err *e);
int deed_pod_delete(struct run_call *c, struct err *e);
enum run_answer deed_is_cordoned(struct run_call *c, char *why, size_t size);
enum run_answer deed_is_uncordoned(struct run_call *c, char *why, size_t size);
enum run_answer deed_pod_is_deleted(struct run_call *c, char *why, size_t size);
enum run_answer guard_pod_is_whole(struct run_call *c, char *why, size_t size);
enum run_answer guard_pod_is_remade(struct run_call *c, char *why, size_t size);

#endif
