/* The lock that keeps two people, or two consoles, from acting on one cluster at once: a file on each
 * of the known control-plane nodes, so that it can be taken while the API is down. Whoever holds a
 * majority of the known nodes may act; a run that ended without a word loses its locks when their
 * time is over, by each node's own time since boot. Blocking; any thread, never the engine's. */
#ifndef CLUSTER_NODE_LOCK_H
#define CLUSTER_NODE_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/node_shell.h"

enum { NODE_LOCK_MAX_NODES = 15 };

/* Who asks. Borrowed; each one line of at most 200 bytes. */
struct node_lock_asked {
	const char *run; /* the run's id: letters, digits, "._-" */
	const char *owner, *machine, *purpose;
	int64_t ttl_s; /* renewed by taking it again, well before its end */
};

/* Who holds it, as the node says: made safe to show. */
struct node_lock_holder {
	char run[64], owner[64], machine[64], purpose[128];
	int64_t since_ms;      /* the node's wall clock, which may be wrong: to show beside age */
	int64_t age_s, left_s; /* left: 0 or less when its time is over */
};

enum node_lock_state { NODE_LOCK_UNSEEN, NODE_LOCK_FREE, NODE_LOCK_OURS, NODE_LOCK_OTHERS };
struct node_lock_seen {
	enum node_lock_state state;
	struct node_lock_holder holder; /* OURS, OTHERS */
	char taken_over[128];           /* "owner run" whose time was over; "" nobody's */
	struct err why;                 /* UNSEEN: why not */
};

/* What the nodes' states amount to. */
enum node_lock_verdict {
	NODE_LOCK_HELD,        /* a majority of the known is ours */
	NODE_LOCK_REFUSED,     /* somebody else holds one, and we no majority */
	NODE_LOCK_NO_MAJORITY, /* ours on all that were reached, which is no majority of the known:
	                        * a person may say that nobody else acts */
	NODE_LOCK_UNREACHED    /* none was reached */
};
/* Pure. *other: the node whose holder is to be named (REFUSED), the one with most nodes; else n. */
enum node_lock_verdict node_lock_judge(
	const struct node_lock_seen *seen, size_t n_known, size_t *other);

/* Each on all n nodes in parallel: calls[i] gives seen[i]. n is at most NODE_LOCK_MAX_NODES. */
void node_locks_take(const struct node_call *calls, size_t n, const struct node_lock_asked *a,
	struct node_lock_seen *seen);
void node_locks_release(const struct node_call *calls, size_t n, const struct node_lock_asked *a,
	struct node_lock_seen *seen);
void node_locks_read(const struct node_call *calls, size_t n, const struct node_lock_asked *a,
	struct node_lock_seen *seen);
/* Takes, judges, and gives back what it took when the verdict is REFUSED. */
enum node_lock_verdict node_locks_win(const struct node_call *calls, size_t n,
	const struct node_lock_asked *a, struct node_lock_seen *seen, size_t *other);

#endif
