/* Alerts in: what an Alertmanager says is firing, asked every 15 seconds by a worker. The engine's
 * thread only; answers come as letters. */
#ifndef OPS_WATCH_ALERT_WATCH_H
#define OPS_WATCH_ALERT_WATCH_H

#include "base/mailbox.h"
#include "base/pool.h"
#include "model/alert.h"
#include "model/snapshot.h"
#include "ops/watch/question.h"

/* Borrowed for the call. */
struct alert_watch_options {
	const char *url;                   /* of an Alertmanager; "": none is asked */
	const char *secret_file, *ca_file; /* or "" */
};

struct alert_watch {
	struct pool *pool;
	struct mailbox *to;
	char *url, *secret_file, *ca_file; /* url "": never asked */
	struct question question;
	struct table *rows;
	struct source source; /* ABSENT when none is configured */
};

void alert_watch_init(struct alert_watch *in, struct pool *pool, struct mailbox *to,
	const struct alert_watch_options *o);
void alert_watch_done(struct alert_watch *in);
void alert_watch_tick(struct alert_watch *in, struct instant now); /* asks when it is due */
void alert_watch_ask(struct alert_watch *in);                      /* it is due now */
/* The table, the source, and the names that count for a level while the answer is fresh. */
void alert_watch_fill(const struct alert_watch *in, struct snapshot *s, struct instant now);

/* An answer of /api/v2/alerts into rows; at most ALERT_KEEP. Any thread. */
int alert_watch_decode(const char *bytes, size_t n, struct table *rows, struct err *e);

#endif
