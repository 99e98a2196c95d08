/* An alert as JSON: what waits in the outbox and what the generic webhook sends. Any thread. */
#ifndef OPS_NOTIFY_NOTIFICATION_JSON_H
#define OPS_NOTIFY_NOTIFICATION_JSON_H

#include "base/err.h"
#include "io/json.h"
#include "model/notification.h"

#define NOTIFICATION_SCHEMA "k911/alert/v1"

/* Writes the members into an object that is open in w; times in RFC 3339, UTC, by the second. */
void notification_write(struct jsw *w, const struct notification *a);
/* ERR_INPUT: no such document; *a is then undefined. */
int notification_read(const char *bytes, size_t n, struct notification *a, struct err *e);

#endif
