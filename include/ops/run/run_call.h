/* What a guard or a deed is given: its arguments, the target, the newest snapshot, and ways to the
 * nodes and the API. One call belongs to one thread; several of a run may go on at once, on several
 * targets. All is borrowed for the call. */
#ifndef OPS_RUN_RUN_CALL_H
#define OPS_RUN_RUN_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/kube_client.h"
#include "cluster/node_shell.h"
#include "model/snapshot.h"
#include "ops/journal/journal_writer.h"
#include "ops/run/run_word.h"

/* What all runs of one console share; outlives them. */
struct run_world {
	struct http *http;
	struct kube_client *kube;
	struct node_shell *shell;       /* NULL: no ssh at all */
	struct journal_writer *journal; /* NULL: nothing can be recorded, so nothing is done */
	struct hearer asks;             /* the engine's questions (model/ask.h) */
	const char *state_dir;          /* where copies are kept; NULL: nowhere */
	const struct host *workers;     /* reached elsewhere than at the address the API tells */
	size_t n_workers;
	const struct shell_host *balancers; /* machines of haproxy and keepalived */
	size_t n_balancers;
	const char *haproxy_socket;
};

#define RUN_NO_INTENT (-1)

struct run_call {
	const struct run_world *world;
	const struct snapshot *now;
	const struct run_word *word;
	const struct runbook_value *args; /* by the word's own order; no {words} are left in them */
	const char *target;               /* a node's or balancer's name; "" where there is none */
	const char *run;                  /* the run's ULID */
	int64_t timeout_ms;               /* of a deed */
	int cancel_fd;                    /* readable: leave off; -1: none */
	/* Of what asks whether a deed was done already: how long ago it was begun;
	 * RUN_NO_INTENT: it was not, by this run. */
	int64_t since_ms;
	const char *attempt; /* names this step of this run on this target */
	/* What it says, line by line, for the run's page; NULL: nobody listens. */
	void (*say)(void *to, const char *line);
	void *to;
};

/* An argument's one value; "" where it was not given. A node's name that was not given is the
 * target. */
const char *run_call_text(const struct run_call *c, const char *name);
const struct runbook_value *run_call_list(const struct run_call *c, const char *name);
int64_t run_call_span(const struct run_call *c, const char *name, int64_t otherwise_ms);
int64_t run_call_number(const struct run_call *c, const char *name, int64_t otherwise);

void run_call_say(const struct run_call *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The balancer of that name; NULL: it is none. */
const struct shell_host *run_call_balancer(const struct run_call *c, const char *name);
/* The way to a node or a balancer by its name, as the snapshot knows its address. ERR_MISSING: it
 * is not known; ERR_UNSUPPORTED: there is no ssh. timeout_ms 0: the call's own. */
int run_call_node(const struct run_call *c, const char *node, int64_t timeout_ms,
	struct node_call *out, struct err *e);
/* Runs a script there; what it says goes to the page, line by line, and to out (or NULL). */
int run_call_script(const struct run_call *c, const struct node_call *to, const char *script,
	struct buf *out, int *exit_code, struct err *e);
/* The API server to ask: the load balancer's while it answers, else the best of the others.
 * ERR_UNREACHABLE: none answers. */
int run_call_server(const struct run_call *c, struct kube_endpoint *out, struct err *e);

#endif
