/* The engine's inside, shared by the files that make it up and by nobody else. Everything here
 * belongs to the engine's thread once it runs. */
#ifndef OPS_ENGINE_ENGINE_PARTS_H
#define OPS_ENGINE_ENGINE_PARTS_H

#include <pthread.h>

#include "base/intern.h"
#include "base/pool.h"
#include "model/level_holder.h"
#include "model/rates.h"
#include "ops/engine/asks.h"
#include "ops/engine/audience.h"
#include "ops/engine/engine.h"
#include "ops/engine/state_keeper.h"
#include "ops/watch/alert_watch.h"
#include "ops/watch/api_watch.h"
#include "ops/watch/etcd_watch.h"
#include "ops/watch/feeds.h"
#include "ops/watch/kube_tables.h"
#include "ops/watch/layer_fill.h"
#include "ops/watch/node_watch.h"

/* Small things asked of the active endpoint: each with its path and period. */
enum side_id { SIDE_PULSE, SIDE_IDENTITY, SIDE_VERSION, SIDE_USAGE, SIDE_ENDPOINTS, SIDE_COUNT };

/* Which cluster it is, as a server tells. */
enum identity {
	IDENTITY_AWAITED, /* asked, or about to be */
	IDENTITY_KNOWN,
	IDENTITY_UNTOLD /* a server answers, and will not or cannot say */
};

/* What this console itself could not do. */
struct engine_strain {
	struct instant turned;    /* the engine's last turn */
	struct instant woke;      /* when it last had stood still; unset: never */
	int64_t stood_ms;         /* for how long, then */
	uint64_t refused_jobs;    /* as last looked at */
	struct instant pool_idle; /* when none last waited for a worker */
	struct instant pool_full; /* when one was last refused, or waited too long; unset: never */
	uint64_t missed;          /* notices that found no room, of which the operator was told */
};

struct engine {
	struct limits limits;
	char **core_services;
	struct http *http;
	struct pool *pool;
	struct intern *names;
	size_t names_lived; /* bytes of names there were after the last turn */
	struct instant names_turned;
	struct kube_client *client;
	struct node_shell *shell;
	struct mailbox *in, *commands, *notices;
	struct audience *audience;
	pthread_t thread;
	int stop_fd;
	char *state_path;
	struct state_keeper *keeper; /* NULL: nothing is saved */
	struct keeping keeping[KEEPING_COUNT];

	struct cluster_key key;
	enum identity identity;
	struct instant identity_since; /* awaited since */
	char uid[64];                  /* of the namespace kube-system; "" when no server told it */
	char saved_uid[64];            /* of the cluster whose state was loaded; "" */

	struct kube_tables tables;
	struct api_watch api;
	struct etcd_watch etcd;
	struct node_watch nodes;
	struct feeds feeds;
	struct alert_watch alerts;
	struct incident_desk *desk;
	struct asks asks;
	bool read_only;
	struct layer_board board;

	int active;               /* the endpoint the watches run at: index into api */
	struct instant moved;     /* when they were put there */
	int64_t stay_ms;          /* how long they stay at the least */
	struct instant refreshed; /* when a person last had everything asked again */
	bool lost;                /* its server was away a moment ago */
	struct question side[SIDE_COUNT];
	char version[32];
	struct {
		bool known;
		size_t n;
		/* Address and api_port, from the service kubernetes. */
		struct host at[LAYER_MAX_NODES];
	} endpoints;
	uint64_t learned_nodes; /* generation of the nodes' table that was last learned from */
	struct {
		size_t n;
		bool cut; /* there were more */
		struct host at[LAYER_MAX_NODES];
	} learned; /* from that table: the control plane */

	struct history api_latency, etcd_latency, warnings, etcd_terms;
	struct instant history_at;
	struct pod_counts counts;
	struct instant counted;
	uint64_t counted_generation;
	double warnings_per_minute;
	struct impact impact;
	unsigned impact_live; /* bits by source_id: which were live when it was counted */
	struct level_holder holder;
	struct change_log changes;

	struct engine_strain strain;
	bool dirty;
	struct instant began, published, saved;
	uint64_t number;
};

/* engine_names.c */
void engine_names_init(struct engine *en, size_t max);         /* 0: the usual ceiling */
void engine_names_turn(struct engine *en, struct instant now); /* a fresh pool, when it is time */

/* engine_kube.c: which endpoint the watches use, what is learned from them */
void engine_watch_stop(struct engine *en, bool poison);
void engine_watch_at(struct engine *en, int endpoint, bool poison, struct instant now);
/* What engine_watch_at left for later. */
void engine_watch_rest(struct engine *en, struct instant now);
/* Moves the watches away from a server that is gone. */
void engine_follow(struct engine *en, struct instant now);
void engine_hear_watch(void *room, struct letter *l, struct instant now);
void engine_ask_sides(struct engine *en, struct instant now);

/* engine_learn.c: which cluster it is, who carries its control plane */
void engine_learn(struct engine *en, struct instant now); /* and forgets */
void engine_remember(struct engine *en, const struct host *saved);
void engine_doubt(struct engine *en, struct instant now); /* it may be another one: asked at once */
bool engine_knows_cluster(const struct engine *en, struct instant now); /* or nobody tells */
/* A server said the uid of kube-system; NULL: it did not, refused: and never will. */
void engine_identify(struct engine *en, const char *uid, bool refused, struct instant now);

/* engine_strain.c: what is this console's own fault, and no server's */
void engine_turned(struct engine *en, struct instant now); /* at each turn: did it stand still? */
/* Since it last stood still, everything was heard of once or had its full time. */
bool engine_is_settled(const struct engine *en, struct instant now);
void engine_strain_look(struct engine *en, struct instant now); /* were queues full? */
void engine_strain_fill(const struct engine *en, struct source *probes, struct instant now);

/* engine_judge.c: what is affected, how bad it is */
void engine_judge_init(struct engine *en, const struct engine_options *o);
void engine_judge_done(struct engine *en);
/* Fills impact and verdict of an otherwise full snapshot. */
void engine_judge(struct engine *en, struct snapshot *s);

/* engine_publish.c: from state to snapshot */
void engine_publish(struct engine *en, struct instant now);
void engine_mark(const struct engine *en, struct cluster_mark *out); /* which cluster this is */
void engine_clear_history(struct engine *en);
void engine_share(struct table **dst, const struct table *src); /* dst's own is freed */

/* engine_keep.c: to the state directory and from there */
void engine_save(struct engine *en, struct instant now);
void engine_load(struct engine *en, struct instant now);
void engine_fill_keeping(struct engine *en, struct snapshot *s);

#endif
