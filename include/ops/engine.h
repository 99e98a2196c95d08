/* The engine: the sole owner of what k911 knows about a cluster. One thread takes letters (watches,
 * probes, etcd, ssh rounds, commands), keeps the tables, asks the questions that are due, and at
 * most 20 times a second publishes an immutable snapshot. It needs no API server to be useful: each
 * is asked by itself, as is each etcd member and each node. */
#ifndef OPS_ENGINE_H
#define OPS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "base/slot.h"
#include "cluster/kubeconfig.h"
#include "cluster/node_shell.h"
#include "model/layer.h"
#include "model/snapshot.h"
#include "ops/desk.h"

/* Where a control-plane node is. What the config says of it stands; what a cluster says is an IP
 * address or was not taken (base/address.h). */
struct engine_node {
	char name[64];
	char address[64];        /* host or IP, without a port */
	int api_port;            /* 0: 6443 */
	bool configured;         /* named in the config */
	bool local;              /* this machine, by the config's word: no ssh */
	bool remembered;         /* only an earlier run knows it: no list of this one had it yet */
	bool api_seen, ssh_seen; /* reached directly once, in this run or an earlier one: silence is
				    then a fault */
};

/* Borrowed for the call, but for access, which is taken (also when it fails). */
struct engine_options {
	struct kube_access *access;
	const char *state_dir;                  /* NULL: nothing is saved or loaded */
	const struct node_shell_options *shell; /* NULL: no ssh at all */
	const struct engine_node
		*control_plane; /* configured ones; the others are learned and remembered */
	size_t n_control_plane;
	struct {
		const char *const *endpoints;    /* NULL-terminated URLs, or NULL: learned */
		const char *cacert, *cert, *key; /* files, or "" */
		const char *pki_dir; /* looked into on this host, then over ssh; "" for neither */
	} etcd;
	struct {
		const char *address;              /* host:port; "": the kubeconfig's server */
		const char *const *haproxy_nodes; /* NULL-terminated, or NULL */
		const char *haproxy_socket;
	} load_balancer;
	struct {
		const char *url;                   /* of an Alertmanager; "": none is asked */
		const char *secret_file, *ca_file; /* or "" */
	} alerts;
	struct severity_limits thresholds; /* its core_services are copied */
	struct desk_options desk;          /* without a journal: incidents are not kept */
};
extern const struct engine_options engine_defaults;

struct engine;

struct engine *engine_start(const struct engine_options *o,
	struct err *e); /* any thread; the first snapshot is in the slot on return */
/* Saves the last good state, joins, frees. Gives how many entries the journal could not be given.
 * NULL is fine: 0. */
size_t engine_stop(struct engine *en);

struct slot *engine_snapshots(struct engine *en);   /* struct snapshot; the taker unrefs */
struct mailbox *engine_commands(struct engine *en); /* struct command */
struct mailbox *engine_notices(struct engine *en);  /* struct notice */

#endif
