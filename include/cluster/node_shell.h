/* A node's shell through the system's ssh (or the drill's stand-in), one command per node and
 * round. Blocking; for workers. Hosts, users and words are checked against option injection and
 * quoted for the remote shell; remote commands run under `timeout -k`. ControlMaster keeps one
 * connection per node. */
#ifndef CLUSTER_NODE_SHELL_H
#define CLUSTER_NODE_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/instant.h"
#include "io/proc.h"
#include "io/tls.h"

struct node_shell_options {
	const char *command;  /* "ssh"; or a program that takes ssh's arguments. Words are split at
			       * blanks: "k911 drill-ssh /path". It is called with  `options -T -o
			       * K=V... [-i identity] [-l user] -- host 'timeout -k 2 N sh -c ...'`,
			       * and the same with
			       * `-O stop`, `-O exit` or `-O forward -L local.sock:remote` before the
			       * `--`, and no command. */
	const char *user;     /* "root"; "" leaves it to ssh's config */
	const char *identity; /* file, or "" */
	const char *const *options; /* more ssh words, NULL-terminated, or NULL */
	const char *become;         /* "sudo" -> sudo -n, or "" */
};
extern const struct node_shell_options node_shell_defaults;

struct node_shell;
struct node_shell *node_shell_new(
	const struct node_shell_options *o, struct err *e); /* makes the 0700 control directory */
void node_shell_free(struct node_shell *s); /* ends the control masters and forwards */

/* Whose shell, kept for later. */
struct shell_host {
	char name[64]; /* name or address; "": nobody's */
	bool local;    /* as in a call */
};

/* One call: to whom, how long at most, and what ends it. Borrowed. */
struct node_call {
	struct node_shell *shell;
	const char *host; /* name or address */
	int64_t timeout_ms;
	int cancel_fd; /* readable ends it; -1: none */
	bool local; /* this machine, without ssh: said by the operator, never by what host reads */
};

/* Runs a POSIX sh script on the node. 0 when it ran: *exit_code is the script's (255 is ssh's own
 * and an error). ERR_REFUSED/UNREACHABLE/TIMEOUT/AUTH tell what ssh met; ERR_TLS for a changed or
 * unknown host key, with what to do; ERR_USAGE for a host that is none. After a time-out or failure
 * the next call makes a new connection. What was said before a failure is in out and errors; each
 * may be NULL, is added to, and takes no more than its ceiling (the rest is dropped). Any thread;
 * so are the others below. */
int node_shell_run(const struct node_call *c, const char *script, struct buf *out,
	struct buf *errors, int *exit_code, struct err *e);
/* The same, what it says going to calls (io/proc.h) chunk by chunk: for what is too much to keep. A
 * call that wants no more ends it with ERR_CANCELLED. */
int node_shell_stream(const struct node_call *c, const char *script, const struct proc_calls *calls,
	int *exit_code, struct err *e);
/* The ssh command line an operator could type for this: new string. */
char *node_shell_show(const struct node_call *c, const char *script);
/* Forwards a socket that listens on the node's localhost only ("127.0.0.1:2381" or
 * "/run/haproxy/admin.sock") to a local unix socket, and gives its path. Cheap when it already
 * stands; ask before each use, since a connection that died takes its forwards with it. */
int node_shell_forward(
	const struct node_call *c, const char *remote, char *path, size_t size, struct err *e);

/* One round: everything the probes want to know of a control-plane node, in one ssh command. */
enum { NODE_MAX_FILES = 40, NODE_MAX_CERTS = 32, NODE_MAX_CONTAINERS = 64 };

struct node_container {                     /* crictl ps -a */
	char name[64], pod[128], state[16]; /* Running, Exited, ... */
	int attempt;
	int64_t created_ms; /* Unix ms; -1 unknown */
};
/* How many lines of a component's log tell of an error, by the node's own clock. */
enum { NODE_LOGS = 7, NODE_LOG_RECENT_S = 300, NODE_LOG_BACK_S = 3600 };
extern const char *const node_log_names[NODE_LOGS]; /* "kubelet", "etcd" ... */
struct node_log {
	int back_s; /* how far back it could be read, NODE_LOG_BACK_S at most; 0: not at all */
	int recent; /* in the last NODE_LOG_RECENT_S */
	int before; /* from there back */
};
struct node_report {
	struct instant at;
	int64_t round_us;        /* of the whole ssh command */
	int64_t clock_skew_ms;   /* node's clock minus ours, by the middle of the round trip;
				    INT64_MIN unknown */
	int64_t boot_time_ms;    /* -1 unknown */
	char runtime_unit[64];   /* containerd, crio, docker ... as found */
	char runtime[16];        /* systemctl is-active's word: active, inactive, failed, unknown */
	char runtime_error[160]; /* what crictl said when it could not reach the runtime */
	bool containers_known;   /* crictl is there and answered */
	char kubelet[16];        /* is-active */
	int kubelet_healthz;    /* HTTP status of 127.0.0.1:10248/healthz; 0 no answer; -1 not asked
				   (no curl, wget or bash there) */
	char kubelet_last[200]; /* the unit's last error line, else its last line, when it is not
				   healthy */
	size_t n_containers;
	struct node_container
		containers[NODE_MAX_CONTAINERS]; /* kube-apiserver, etcd, kube-controller-manager,
						    kube-scheduler, the newest of each first */
	char manifests[256]; /* file names in /etc/kubernetes/manifests, space-separated */
	size_t n_files;
	struct {
		char path[96];
		int64_t changed_ms;
	} files[NODE_MAX_FILES]; /* manifests, certificates and kubeconfigs; read with the
				    certificates */
	size_t n_certs;
	struct {
		char path[128];
		struct tls_cert cert;
	} certs[NODE_MAX_CERTS]; /* every .crt below /etc/kubernetes/pki, and the client
				    certificates inside *.conf; no key leaves the node */
	unsigned char
		ca_sha256[32];   /* of /etc/kubernetes/pki/ca.crt's DER; all zero when not there */
	char etcd_metrics[8192]; /* the few metric lines of http://127.0.0.1:2381/metrics the
				    console wants; "" when none */
	double load1;            /* -1 unknown */
	int64_t mem_total_kb, mem_available_kb;                            /* -1 unknown */
	int disk_percent_root, disk_percent_etcd, disk_percent_containerd; /* -1 unknown */
	bool holds_vip;                  /* the load balancer's address is on one of its links */
	struct node_log logs[NODE_LOGS]; /* by node_log_names; read with the certificates */
};
/* vip may be NULL. with_slow: also the slow part (files, certificates, logs), asked for every
 * minute. */
int node_round(const struct node_call *c, const char *vip, bool with_slow, struct node_report *out,
	struct err *e);
/* etcd's client credentials for `auto`: reads ca.crt and healthcheck-client.{crt,key} (always fit
 * for a client), else server.{crt,key}, under dir over ssh into memory. pem: ca, cert, key: new
 * strings; wipe the key. ERR_MISSING when they are not there; then all are NULL. */
int node_read_etcd_pki(const struct node_call *c, const char *dir, char *pem[3], struct err *e);
/* Whose node is it? Reads the certificates of the authority it lives under, kubeadm's or k3s's, and
 * nothing else: how many, up to max, or -1; ERR_MISSING when it has none. */
int node_read_ca(const struct node_call *c, struct tls_cert *out, int max, struct err *e);

#endif
