/* The simulated cluster: machines with their units and containers, the pods, who reaches whom, and
 * the ticker that lets kubelets and controllers do their work on the store. Server's thread. */
#ifndef DRILL_WORLD_WORLD_H
#define DRILL_WORLD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/vec.h"
#include "drill/server/hostile.h"
#include "drill/server/server.h"
#include "drill/world/store.h"

enum {
	WORLD_MASTERS = 3,
	WORLD_WORKERS = 5,
	WORLD_NODES = WORLD_MASTERS + WORLD_WORKERS,
	WORLD_LB = WORLD_NODES, /* the load balancer's machine comes last */
	WORLD_MACHINES = WORLD_NODES + 1,
	WORLD_TICK_MS = 100,
	WORLD_NOISE_MS = 300000,
	WORLD_LB_FALL = 2, /* failed checks after which the load balancer chooses another */
	WORLD_DENIED = 8
};
#define WORLD_VERSION      "v1.35.4"
#define WORLD_ETCD_VERSION "3.6.6"

enum unit_id { UNIT_KUBELET, UNIT_CONTAINERD, UNIT_HAPROXY, UNIT_SSH, UNIT_COUNT };
enum unit_state { UNIT_ABSENT, UNIT_ACTIVE, UNIT_INACTIVE, UNIT_FAILED };
struct unit {
	enum unit_state state;
	int64_t since_ms; /* wall */
	int restarts;
	bool noisy; /* its journal has been full of errors for WORLD_NOISE_MS */
	bool hung;  /* active, says systemd; it answers nobody */
};

enum container_id {
	CONTAINER_APISERVER,
	CONTAINER_ETCD,
	CONTAINER_KCM,
	CONTAINER_SCHEDULER,
	CONTAINER_COUNT
};
enum container_state { CONTAINER_NONE, CONTAINER_RUNNING, CONTAINER_EXITED };
struct container {
	enum container_state state;
	bool wanted;     /* its manifest lies in /etc/kubernetes/manifests */
	bool crash;      /* ends soon after every start, until something mends it */
	bool up;         /* running and past its start: it serves */
	int attempt;     /* of the container, as crictl counts */
	int failures;    /* exits since it was last mended: the back-off */
	int64_t due_ms;  /* boot: when it may be up (RUNNING), or is tried again (EXITED) */
	int64_t sick_ms; /* boot: since when its liveness probe fails; 0 it does not */
	int64_t started_wall_ms, finished_wall_ms;
	const char *why; /* its last words when it exited */
	bool noisy;      /* its log has been full of errors for WORLD_NOISE_MS */
	bool no_image;   /* its image is not on the machine */
};

struct machine {
	char name[16], address[24];
	char root[200]; /* its file system: a directory in the drill's */
	bool master;
	bool off;  /* no power */
	int group; /* machines of different groups do not reach each other */
	struct unit units[UNIT_COUNT];
	struct container containers[CONTAINER_COUNT];
	struct listener *api, *etcd, *peer; /* masters only */
	enum fault api_fault, etcd_fault;   /* asked for by a test, over what would be */
	int64_t slow_ms;
	const struct hostile_row *etcd_answers; /* instead of the member's; NULL: the truth */
	bool unheard;    /* the kubelet has started and heard of no Node yet */
	bool registered; /* the kubelet has looked after its Node since it started */
	int64_t lease_due_ms, heartbeat_due_ms, renewed_ms;    /* boot */
	enum { READY_UNKNOWN, READY_FALSE, READY_TRUE } ready; /* as the Node object says */
	int64_t ready_wall_ms;                                 /* since when */
	int cpu_percent, mem_percent;                          /* where usage hovers */
	int64_t cpu_milli, mem_bytes;                          /* capacity */
	int64_t lost_ms;   /* boot: since the node controller gave it up; 0 not */
	bool lb_maint;     /* taken out of the load balancer by hand */
	int lb_bad;        /* failed checks of the load balancer in a row */
	uint64_t ssh;      /* commands that ssh's stand-in was asked for */
	bool livez_bad;    /* /livez says that a check failed */
	bool differs;      /* its etcd's data are not the others' */
	int64_t logged_ms; /* boot: when var/log/pods was written; 0 not as it is now */
};

enum workload_kind {
	WORK_STATIC,
	WORK_DEPLOYMENT,
	WORK_STATEFULSET,
	WORK_DAEMONSET,
	WORK_JOB,
	WORK_BARE /* made by hand */
};
enum voice {
	VOICE_KLOG,
	VOICE_ETCD,
	VOICE_COREDNS,
	VOICE_FLANNEL,
	VOICE_WEB,
	VOICE_ORDER,
	VOICE_POSTGRES,
	VOICE_METRICS
};
struct workload {
	enum workload_kind kind;
	const char *ns, *name;
	const char *label, *value; /* the selector */
	const char *image;
	int replicas; /* as it is made */
	bool host_network, empty_dir;
	int port; /* of its service; 0 none */
	const char *priority;
	enum voice voice;
	enum container_id container; /* WORK_STATIC */
	bool later;                  /* not there when the cluster begins */
};
extern const struct workload workloads[];
extern const size_t n_workloads;

enum sim_state { SIM_PENDING, SIM_CREATING, SIM_RUNNING, SIM_WAITING, SIM_TERMINATING, SIM_DONE };
struct sim_pod {
	const struct workload *of;
	struct workload *own; /* the same, where it is this pod's alone: WORK_BARE */
	char name[256], ip[24];
	int ordinal;
	int node; /* machine index; -1 unscheduled */
	enum sim_state state;
	bool crash;       /* ends soon after every start; its replacement will not */
	bool ready, lost; /* lost: its node does not report */
	bool dirty;       /* the kubelet has not yet written its status */
	bool gone;        /* to be forgotten */
	bool held;        /* ended, but for its object's finalizers */
	int restarts, exit_code;
	const char *last_reason;
	int64_t due_ms;    /* boot: the next change of state */
	int64_t warned_ms; /* boot: the last repeated warning */
	int64_t created_wall_ms, started_wall_ms, finished_wall_ms, transition_wall_ms;
	uint64_t number; /* never used again */
};

/* A lock in kube-system's leases: scheduler and controller-manager. */
struct leader {
	int holder;                 /* machine index; -1 none */
	int64_t renewed_ms, due_ms; /* boot */
	int64_t acquired_wall_ms;
	bool gave_up; /* the holder could not renew and ended */
	int transitions;
};

/* One request to an API server meets trouble: its answer is lost on the way back, or the server has
 * no time for it, or another write came between. */
enum world_next { NEXT_WELL, NEXT_LOST, NEXT_BUSY, NEXT_CROWDED, NEXT_CONFLICT };

struct raft;       /* raft.c */
struct event_book; /* world_events.c */

struct world {
	struct server *server;
	struct store *store;
	struct machine machines[WORLD_MACHINES];
	VEC(struct sim_pod *) pods;
	struct leader kcm, scheduler;
	struct raft *raft;
	struct event_book *events;
	struct listener *vip;
	enum fault vip_fault;
	char vip_address[24];
	int api_port, client_port, peer_port;
	struct instant now;          /* of this tick */
	int speed;                   /* durations are divided by it; 1 in life */
	int64_t second_ms;           /* boot: the next once-a-second work */
	bool second;                 /* this tick is one of those */
	int64_t identity_due_ms;     /* boot: the API servers' own leases */
	int64_t chat_ms, restart_ms; /* boot: the next background event, restart */
	int64_t refused_ms;          /* boot: the last word of a controller that may make no pod */
	bool flooded;                /* events come by the thousand */
	const struct hostile_row *lists[KIND_COUNT]; /* what is answered instead; NULL: the truth */
	const struct hostile_row *answers[HOSTILE_PLACES];
	enum world_next next_write, next_read; /* what the next one meets, once */
	char denied[WORLD_DENIED][80];         /* "create pods/eviction": nobody may; "": free */
	bool changed;                          /* pods changed readiness: controllers count anew */
	uint32_t seed;
	uint64_t numbers;
	int next_backend;
	int64_t began_ms;
};

/* world_life.c */
struct world *world_new(struct server *s, const char *dir, const char *net);
void world_free(struct world *w);
void world_tick(struct world *w);
void world_unit_set(struct world *w, struct machine *m, enum unit_id u, enum unit_state state);

/* world.c */
int64_t world_ms(const struct world *w, int64_t life_ms);
uint32_t world_random(struct world *w, uint32_t below);
struct machine *world_machine(struct world *w, const char *name_or_address); /* or NULL */
int world_index(const struct world *w, const struct machine *m);
bool world_unit_up(const struct machine *m, enum unit_id u); /* powered and active */
bool world_reach(const struct world *w, const struct machine *a, const struct machine *b);

/* world_serves.c */
bool world_etcd_ok(const struct world *w, int master); /* its own member serves reads and writes */
bool world_api_up(const struct world *w, int master);  /* listens and answers */
bool world_api_ok(const struct world *w, int master);  /* and its etcd too */
/* m can write through the load balancer */
bool world_api_from(const struct world *w, const struct machine *m);
struct listener *world_choose(void *world); /* the load balancer */

/* world_static.c: the control plane's containers */
void static_begin(struct world *w);
void static_tick(struct world *w, struct machine *m);

/* world_container.c */
void static_exit(struct world *w, struct machine *m, enum container_id id, const char *why);
void static_mend(struct machine *m); /* what a kubelet's restart heals */
const char *container_name(enum container_id c);

/* world_nodes.c */
void nodes_begin(struct world *w);
void nodes_tick(struct world *w);
void nodes_delete(struct world *w, const char *name); /* the Node object went; its pods follow */
bool node_is_off(const struct world *w, const struct machine *m); /* so says a taint */
void machine_usage(
	const struct world *w, const struct machine *m, int64_t *cpu_milli, int64_t *mem_bytes);

/* world_pods.c */
void pods_begin(struct world *w);
void pods_tick(struct world *w);
struct sim_pod *pods_find(const struct world *w, const char *ns, const char *name);
struct sim_pod *pods_static(const struct world *w, int master, enum container_id c);
/* False: not there. */
bool pods_delete(struct world *w, const char *ns, const char *name, int64_t grace_s);
void pods_release(struct world *w, const char *ns, const char *name); /* finalizers are gone */
void pods_crash(struct world *w, const char *ns, const char *workload, bool crash);
void pods_delete_one(struct world *w, const char *ns, const char *workload);
bool pods_cni_up(const struct world *w, int node);
int pods_ready(const struct world *w, const struct workload *of, int *all);
int pods_wanted(const struct world *w, const struct workload *of); /* replicas, or eligible nodes */

/* world_bare.c */
void pods_adopt(struct world *w, const struct object *o); /* it was just made by hand */
void pod_free(struct sim_pod *p);

/* world_budgets.c: PodDisruptionBudgets */
struct budget {
	int expected, healthy, desired, allowed;
};
bool budget_covers(const struct object *pdb, const struct object *pod);
void budget_count(const struct world *w, const struct object *pdb, struct budget *out);
void budgets_tick(struct world *w);

void volumes_tick(struct world *w);      /* world_volumes.c */
void apiservices_begin(struct world *w); /* world_apiservices.c */
void apiservices_tick(struct world *w);

/* world_selector.c: a selector with nothing in it picks all */
bool world_selects(struct json_span selector, struct json_span labels);

/* world_webhooks.c: what is to be written; labels: the object's */
struct admission {
	const char *operation; /* CREATE, UPDATE, DELETE */
	enum kind_id kind;
	const char *ns, *sub;
	struct json_span labels;
};
/* False: a webhook that fails closed could not be asked, as why says. */
bool world_admits(const struct world *w, const struct admission *a, char *why, size_t size);
/* A pod of that workload; why may be NULL */
bool pods_admitted(const struct world *w, const struct workload *of, char *why, size_t size);

/* world_policy.c: a webhook that lets no pod through, and its own pods neither */
void policy_begin(struct world *w);
void policy_end(struct world *w);

void controllers_tick(struct world *w); /* world_controllers.c */

/* world_workloads.c: Deployments and their like, services, slices */
void workloads_begin(struct world *w);
void workloads_tick(struct world *w);
void workloads_add(struct world *w, const struct workload *of);
void namespace_empty(struct world *w, const char *ns); /* all that is left there, and itself */

/* world_events.c */
void events_begin(struct world *w);
void events_end(struct world *w);
void events_tick(struct world *w);
__attribute__((format(printf, 8, 9))) void world_event(struct world *w, const char *type,
	const char *reason, enum kind_id kind, const char *ns, const char *name, const char *source,
	const char *fmt, ...);

/* world_logs.c: line number i of a pod's container; negative i lie in the past. Ends without
 * newline. */
void log_line(const struct world *w, const struct sim_pod *p, bool previous, int64_t at_wall_ms,
	struct buf *out);
int64_t log_interval_ms(const struct sim_pod *p);
void log_stamp(char stamp[32], int64_t ms); /* klog's: "1125 05:54:53.000000" */

#endif
