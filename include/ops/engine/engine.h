/* The engine: the sole owner of what k911 knows about a cluster. One thread takes letters (watches,
 * probes, etcd, ssh rounds, commands), keeps the tables, asks the questions that are due, and at
 * most 20 times a second publishes an immutable snapshot. It needs no API server to be useful: each
 * is asked by itself, as is each etcd member and each node. */
#ifndef OPS_ENGINE_ENGINE_H
#define OPS_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "base/slot.h"
#include "cluster/kubeconfig.h"
#include "cluster/node_shell.h"
#include "model/host.h"
#include "model/layer.h"
#include "model/snapshot.h"
#include "ops/incident/incident_desk.h"
#include "ops/run/runbook_set.h"
#include "ops/watch/alert_watch.h"
#include "ops/watch/etcd_watch.h"
#include "ops/watch/node_watch.h"

/* Where a control-plane node is. What the config says of it stands; what a cluster says is an IP
 * address or was not taken (base/address.h). */
/* Borrowed for the call, but for access, which is taken (also when it fails). */
struct engine_options {
	struct kube_access *access;
	bool read_only;                         /* nothing of the cluster is changed */
	const char *state_dir;                  /* NULL: nothing is saved or loaded */
	const struct node_shell_options *shell; /* NULL: no ssh at all */
	const struct host
		*control_plane; /* configured ones; the others are learned and remembered */
	size_t n_control_plane;
	/* Where workers are reached, of which the API tells no address that leads there; copied. */
	const struct host *workers;
	size_t n_workers;
	struct etcd_watch_options etcd;
	struct balancer_options load_balancer;
	struct alert_watch_options alerts;
	struct limits limits;             /* the configuration's, or limits_default */
	const char *const *core_services; /* as impact_take wants them; copied; NULL: none */
	const char *journal;              /* file; NULL: incidents are not kept, nobody is told */
	const char *outbox;               /* file of the alerts that wait to be sent */
	const struct notify_target *receivers;
	size_t n_receivers;
	struct runbook_set *runbooks;      /* NULL: nothing can be run */
	struct incident_desk_options desk; /* but the journal and notify, which are the engine's */
};
extern const struct engine_options engine_defaults;

struct engine;

/* Any thread; the first snapshot is there on return. */
struct engine *engine_start(const struct engine_options *o, struct err *e);
/* Saves the last good state, joins, frees. Gives how many entries the journal could not be given.
 * NULL is fine: 0. */
size_t engine_stop(struct engine *en);

/* A place of the caller's own for the newest struct snapshot, which the taker unrefs; the newest is
 * in it at once. Any thread; it is gone with engine_unsubscribe, or engine_stop. */
struct slot *engine_subscribe(struct engine *en);
void engine_unsubscribe(struct engine *en, struct slot *place);
struct mailbox *engine_commands(struct engine *en); /* struct command */
struct mailbox *engine_notices(struct engine *en);  /* struct notice */

#endif
