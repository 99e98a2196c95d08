/* The layers of a control plane from the ground up, each probed by itself, and the first that is
 * broken. */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/limits.h"

enum layer_id {
	LAYER_TCP,
	LAYER_SSH,
	LAYER_RUNTIME,
	LAYER_KUBELET,
	LAYER_ETCD,
	LAYER_APISERVER, /* /livez?exclude=etcd */
	LAYER_READY,     /* /readyz */
	LAYER_CERTIFICATES,
	LAYER_CLOCK,
	LAYER_NODE_COUNT, /* those above are per control-plane node */
	LAYER_LOAD_BALANCER = LAYER_NODE_COUNT,
	LAYER_OWN_LINK, /* this console's own way to all of them */
	LAYER_COUNT
};

enum probe_state {
	PROBE_NEVER, /* not asked yet */
	/* No way to see: ssh never worked from here, not configured ("not visible from here");
	 * never a fault. */
	PROBE_SKIPPED,
	PROBE_OK,
	PROBE_WARN,   /* near expiry, skewed clock, slow */
	PROBE_SILENT, /* asked, and no answer for since: not yet declared down */
	PROBE_FAILED
};

struct probe {
	enum probe_state state;
	struct instant at;    /* last finished */
	struct instant good;  /* last OK or WARN */
	struct instant since; /* when the present trouble began; unset while OK */
	int64_t latency_us;   /* -1 unknown */
	char text[160];       /* a sentence, "" while OK and nothing to say */
	bool answered; /* FAILED, but the machine did answer (a refusal): the way to it is fine */
};

struct node_layers {
	char name[64];
	char address[64];
	struct probe layer[LAYER_NODE_COUNT];
	bool local; /* this machine itself: the operator says so */
	/* It may be logged in to: its address is one, and it is this cluster's as far as is known. */
	bool login;
	bool kubelet_alive; /* its own healthz answers, whatever becomes of its lease */
	int disk_percent;   /* of the fullest disk that matters there; -1 unknown */
};

#define LAYER_MAX_NODES 16

struct layer_board {
	size_t n;
	struct node_layers nodes[LAYER_MAX_NODES]; /* by name */
	struct probe load_balancer;
	char load_balancer_name[80]; /* address, "" when there is none */
	struct probe own_link;
	bool link_works; /* a machine takes connections, though nobody answers on them: it hangs */
	struct probe own_credential; /* k911's own client certificate or token */
	/* What layer_judge computes: */
	bool broken;
	enum layer_id first;
	int first_node;        /* index into nodes, or -1 */
	char first_text[200];  /* "m2: apiserver: connection refused": layer_judge writes it */
	int api_live, api_all; /* API servers that answer /livez?exclude=etcd */
};

/* Finds the first broken layer: the lowest layer first (the load balancer stands between ready and
 * certificates), and among equals the first node; the own link when it is bad itself, or when
 * something was asked and nothing at all is reachable. The own credential belongs to the layer
 * certificates, with first_node -1. now is for "no answer for N s". SILENT counts as broken,
 * SKIPPED and NEVER never do. */
void layer_judge(struct layer_board *b, struct instant now);
const char *layer_name(enum layer_id id);     /* "apiserver": stable, for JSON */
const char *layer_title(enum layer_id id);    /* N_() key, for people */
bool probe_is_good(const struct probe *p);    /* OK or WARN */
const char *probe_why(const struct probe *p); /* its text, or that there was no answer */
bool probe_is_bad(const struct probe *p);     /* SILENT or FAILED: worth showing */
/* Down, to whoever judges: FAILED, or SILENT for too long. */
bool probe_is_down(const struct probe *p, const struct limits *l, struct instant now);
/* The probe of first_node (or of the cluster) that made the board broken; NULL when none is. */
const struct probe *layer_first_probe(const struct layer_board *b);

#endif
