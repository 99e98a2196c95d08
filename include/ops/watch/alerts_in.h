/* Alerts in: what an Alertmanager says is firing, asked every 15 seconds by a worker. The engine's
 * thread only; answers come as letters. */
#ifndef OPS_WATCH_ALERTS_IN_H
#define OPS_WATCH_ALERTS_IN_H

#include "base/mailbox.h"
#include "base/pool.h"
#include "model/firing.h"
#include "model/snapshot.h"
#include "ops/watch/question.h"

/* Borrowed for the call. */
struct alerts_in_options {
	const char *url;                   /* of an Alertmanager; "": none is asked */
	const char *secret_file, *ca_file; /* or "" */
};

struct alerts_in {
	struct pool *pool;
	struct mailbox *to;
	char *url, *secret_file, *ca_file; /* url "": never asked */
	struct question question;
	struct table *rows;
	struct source source; /* ABSENT when none is configured */
};

enum { LETTER_ALERTS = 400 };

void alerts_in_init(struct alerts_in *in, struct pool *pool, struct mailbox *to,
	const struct alerts_in_options *o);
void alerts_in_done(struct alerts_in *in);
void alerts_in_tick(struct alerts_in *in, struct instant now); /* asks when it is due */
void alerts_in_ask(struct alerts_in *in);                      /* it is due now */
bool alerts_in_hear(
	struct alerts_in *in, struct letter *l, struct instant now); /* false: not for it */
/* The table, the source, and the names that count for a level while the answer is fresh. */
void alerts_in_fill(const struct alerts_in *in, struct snapshot *s, struct instant now);

/* An answer of /api/v2/alerts into rows; at most FIRING_KEEP. Any thread. */
int alerts_in_decode(const char *bytes, size_t n, struct table *rows, struct err *e);

#endif
