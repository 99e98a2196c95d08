/* A machine of the control plane as the console knows it: named by the config, or learned; and what
 * it tells of itself. */
#ifndef MODEL_HOST_H
#define MODEL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

struct host {
	char name[64];
	char address[64]; /* host or IP, without a port */
	int api_port;     /* 0: 6443 */
	bool configured;  /* named in the config */
	bool local;       /* this machine, by the config's word: no ssh */
	bool remembered;  /* only an earlier run knows it: no list of this one had it yet */
	/* Reached directly once, in this run or an earlier one: silence is then a fault. */
	bool api_seen, ssh_seen;
};

enum { HOST_MAX_FILES = 40, HOST_MAX_CERTS = 32, HOST_MAX_CONTAINERS = 64 };

struct host_container {                     /* crictl ps -a */
	char name[64], pod[128], state[16]; /* Running, Exited, ... */
	int attempt;
	int64_t created_ms; /* Unix ms; -1 unknown */
};
/* How many lines of a component's log tell of an error, by the node's own clock. */
enum { HOST_LOGS = 7, HOST_LOG_RECENT_S = 300, HOST_LOG_BACK_S = 3600 };
extern const char *const host_log_names[HOST_LOGS]; /* "kubelet", "etcd" ... */
struct host_log {
	int back_s; /* how far back it could be read, HOST_LOG_BACK_S at most; 0: not at all */
	int recent; /* in the last HOST_LOG_RECENT_S */
	int before; /* from there back */
};
/* What the last round through its own shell found. Immutable once shared; counted. */
struct host_report {
	int shared; /* atomic: holders beside the first; host_report_ref and _unref */
	struct instant at;
	int64_t round_us; /* of the whole ssh command */
	/* Node's clock minus ours, by the middle of the round trip; INT64_MIN unknown. */
	int64_t clock_skew_ms;
	int64_t boot_time_ms; /* -1 unknown */
	char layout[16];      /* a name of cluster/node_layout: kubeadm, rke2, k3s, microk8s */
	/* Where it keeps the cluster's state: etcd, sqlite, dqlite; "": not here, or not
	 * readable. */
	char store[16];
	char runtime_unit[64];   /* containerd, crio, docker ... as found */
	char runtime[16];        /* systemctl is-active's word: active, inactive, failed, unknown */
	char runtime_error[160]; /* what crictl said when it could not reach the runtime */
	bool containers_known;   /* crictl is there and answered */
	char kubelet_unit[64];   /* kubelet, k3s, rke2-server ...; "" when there is no such unit */
	char kubelet[16];        /* is-active; unknown when there is no such unit */
	/* HTTP status of 127.0.0.1:10248/healthz; 0 no answer; -1 not asked (no curl, wget or bash
	 * there) */
	int kubelet_healthz;
	/* The unit's last error line, else its last line, when it is not healthy. */
	char kubelet_last[200];
	size_t n_containers;
	/* Kube-apiserver, etcd, kube-controller-manager, kube-scheduler, the newest of each
	 * first. */
	struct host_container containers[HOST_MAX_CONTAINERS];
	char manifests[256]; /* file names in /etc/kubernetes/manifests, space-separated */
	size_t n_files;
	struct {
		char path[96];
		int64_t changed_ms;
		/* Manifests, certificates and kubeconfigs; read with the certificates. */
	} files[HOST_MAX_FILES];
	size_t n_certs;
	/* Every .crt below /etc/kubernetes/pki, and the client certificates inside *.conf; no key
	 * leaves the node. */
	struct {
		char path[128];
		char subject[200]; /* CN, or the whole subject without one */
		int64_t not_after_ms;
	} certs[HOST_MAX_CERTS];
	/* Of /etc/kubernetes/pki/ca.crt's DER; all zero when not there. */
	unsigned char ca_sha256[32];
	/* The few metric lines of http://127.0.0.1:2381/metrics the console wants; "" when none. */
	char etcd_metrics[8192];
	double load1;                                                      /* -1 unknown */
	int64_t mem_total_kb, mem_available_kb;                            /* -1 unknown */
	int disk_percent_root, disk_percent_etcd, disk_percent_containerd; /* -1 unknown */
	bool holds_vip;                  /* the load balancer's address is on one of its links */
	struct instant vip_since;        /* as far as this console saw; unset: its first round */
	bool ca_foreign;                 /* its own authority is none of the kubeconfig's */
	struct host_log logs[HOST_LOGS]; /* by host_log_names; read with the certificates */
};
struct host_report *host_report_ref(struct host_report *r);
void host_report_unref(struct host_report *r); /* NULL is fine */

#endif
