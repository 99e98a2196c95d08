/* The real clients on a practice cluster: watches into tables, etcd's members, and waiting with a
 * deadline for what an operator would see. One struct drilled is one drill with its clients; one
 * thread. */
#ifndef HELP_DRILLED_H
#define HELP_DRILLED_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster/etcd.h"
#include "cluster/kube_client.h"
#include "cluster/kube_watch.h"
#include "cluster/node_shell.h"
#include "drill/drill.h"
#include "model/event.h"
#include "model/node.h"
#include "model/pod.h"
#include "model/table.h"

enum { DRILLED_NODES, DRILLED_PODS, DRILLED_EVENTS, DRILLED_LEASES, DRILLED_LOCKS, DRILLED_KINDS };

struct drilled {
	struct drill *drill;
	const struct drill_config *config;
	struct pool *pool;
	struct http *http;
	struct kube_client *client;
	struct http_tls *etcd_tls;
	struct node_shell *shell;
	struct intern *names;
	struct mailbox *box;
	struct kube_watch *watch[DRILLED_KINDS];
	struct table *table[DRILLED_KINDS];
	bool listed[DRILLED_KINDS];
	int lists, troubles, alive;
};

/* argv of main: a test program stands in for k911 when the drill's nodes call it back. */
void drilled_self(int argc, char **argv);
void drilled_start(struct drilled *d, const char *scenario, int speed);
void drilled_stop(struct drilled *d);
/* Takes what came, until seen(d, arg) or the deadline: false then. */
bool drilled_wait(struct drilled *d, bool (*seen)(struct drilled *d, const void *arg),
	const void *arg, int64_t ms);

const struct node_row *drilled_node(const struct drilled *d, const char *name);
bool drilled_node_ready(struct drilled *d, const void *name);
bool drilled_node_not_ready(struct drilled *d, const void *name);
/* How many pods of that namespace whose name begins so, have that status (NULL: any). */
int drilled_pods(const struct drilled *d, const char *ns, const char *begins, const char *status);
/* The first; NULL: none. */
const char *drilled_pod_name(const struct drilled *d, const char *ns, const char *begins);

/* One request to one endpoint (-1: the load balancer, else a master); the status, 0 when no answer
 * came in ms. */
long drilled_ask(struct drilled *d, int master, const char *method, const char *path,
	const char *type, const char *body, int64_t ms, struct buf *answer, struct err *e);
/* A script on a node by the stand-in for ssh: its exit code; -1 when ssh failed, e says how. */
int drilled_ssh(
	struct drilled *d, const char *host, const char *script, struct buf *out, struct err *e);

/* What etcd's member says; err.code ERR_NONE when it answered. */
struct drilled_etcd {
	struct err err;
	struct etcd_answer answer;
};
void drilled_etcd_ask(
	struct drilled *d, int master, enum etcd_what what, int64_t ms, struct drilled_etcd *out);

#endif
