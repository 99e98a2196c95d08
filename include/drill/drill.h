/* The practice cluster: three masters, five workers and a load balancer, simulated in one thread
 * and served on loopback over TLS, to be spoken to by the very clients that speak to production.
 * One struct drill is one cluster; several may run at once. drill_start, drill_stop, drill_scenario
 * and drill_set: any one thread that is not the drill's. */
#ifndef DRILL_DRILL_H
#define DRILL_DRILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct drill;

struct drill_options {
	const char *scenario; /* NULL: healthy */
	/* Where its files go (0700; emptied of them at the end); NULL: one is made below TMPDIR and
	 * removed. */
	const char *dir;
	const char *self_path; /* the k911 program, which the nodes' stand-in tools call back */
	bool at_once;          /* break without the healthy seconds before */
	int speed;             /* durations of the simulation are divided by it; 0 is 1 */
};

/* What k911's config would say of this cluster. Strings live as long as the drill. */
struct drill_config {
	const char *kubeconfig;
	size_t n_masters;
	struct {
		const char *name, *address, *etcd_url, *peer_url, *api; /* api: host:port */
	} masters[3];
	size_t n_workers;
	struct {
		const char *name, *address;
	} workers[5];
	const char *etcd_ca, *etcd_cert, *etcd_key; /* files */
	const char *ssh_command;                    /* for nodes.ssh.command: split at blanks */
	const char *load_balancer;                  /* host:port */
	const char *haproxy_node, *haproxy_socket;
};

/* ERR_USAGE for an unknown scenario, ERR_SYSTEM when the machine gives no ports or files. */
int drill_start(const struct drill_options *o, struct drill **out, struct err *e);
void drill_stop(struct drill *d);                    /* NULL is fine */
const char *drill_kubeconfig(const struct drill *d); /* a file, 0600 */
const struct drill_config *drill_config(const struct drill *d);

/* What one master was asked so far, by its own count; `machine` is "m1" to "m3". */
struct drill_count {
	uint64_t api_requests, api_connections;
	uint64_t etcd_requests, etcd_connections; /* the peer port's too */
	uint64_t ssh;                             /* commands */
	int64_t list_gap_ms; /* the shortest time from one list of a path to the next */
	char list_path[120]; /* which; "" and INT64_MAX: none came twice */
};
int drill_count(struct drill *d, const char *machine, struct drill_count *out, struct err *e);

/* Heals whatever is broken, then breaks as the scenario says, at once. "healthy" only heals. */
int drill_scenario(struct drill *d, const char *name, struct err *e);
/* One fault by itself, for tests. Takes effect within a tick (0.1 s).
 *   api/m1 etcd/m1 vip     none refuse hang reset slow cut
 *   kubelet/w1 containerd/w1 haproxy/lb   start stop fail restart hang
 *   livez/m1               fail ok        (a check of its own)
 *   machine/m1             off on
 *   link/m1                cut join        (from the other machines; the console still reaches it)
 *   container/m1/etcd      crash mend exit (also kube-apiserver, kube-scheduler,
 *                                           kube-controller-manager)
 *   log/m1/etcd            noisy calm      (also those, kubelet and containerd)
 *   pods/kube-system/coredns  crash mend delete  (delete: one of them)
 *   webhook/policy         block none
 *   load/w1                high normal
 *   data/m1                differ same     (from what the other etcd members hold)
 *   watches                expire          (410 for every watch from before)
 *   events                 flood calm      (up to 10,000 a second)
 *   answers/pods           a row of hostile.h in the place of that kind's lists, or none (also
 *                          lists for all kinds, watches, probes, haproxy, and etcd/m1)
 *   next/write             lose busy crowded conflict  (one request: it takes effect and its answer
 *                                           is lost; a 503; a 429 with Retry-After; a 409. Also
 *                                           next/read)
 *   rights/create/pods/eviction  deny allow  (also rights/patch/nodes and so on: a 403)
 *   certificate            expire renew    (the API servers')  */
int drill_set(struct drill *d, const char *what, const char *to, struct err *e);

#endif
