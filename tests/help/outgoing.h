/* What the tests of alerts out have in common: a state directory with secret files, and an alert.
 */
#ifndef HELP_OUTGOING_H
#define HELP_OUTGOING_H

#include "model/notification.h"
#include "ops/notify/notify.h"
#include "ops/notify/notify_lane.h"

#define NOON_MS (INT64_C(1795435200) * 1000) /* 2026-11-23 12:00:00 UTC */

struct outgoing {
	char dir[64];
	char db[96];
};

void outgoing_init(struct outgoing *o);
void outgoing_done(struct outgoing *o); /* removes it */
/* Writes a file into the directory; its path lives until outgoing_done. */
const char *outgoing_file(const struct outgoing *o, const char *name, const char *text);

/* The same incident, told apart by n. */
struct notification outgoing_alert(int n);

/* A target whose url_file holds http://127.0.0.1:PORT/hook/s3cret, for all levels; secret NULL:
 * none. Its strings live until outgoing_done. */
struct notify_target outgoing_target(
	struct outgoing *o, enum notify_kind kind, const char *name, int port, const char *secret);

/* How the receivers fare as soon as they do so. */
struct notify_health outgoing_health_when(
	struct notify *n, bool (*wanted)(const struct notify_health *h));

#endif
