/* What each kind of receiver wants to be sent, and how its answer is read. Secrets go in and stay
 * in the post, which wipes them; no error text ever holds one. No clock, no I/O; any thread. */
#ifndef OPS_NOTIFY_NOTIFY_BODY_H
#define OPS_NOTIFY_NOTIFY_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/notification.h"

enum notify_kind {
	NOTIFY_SLACK, /* and whatever takes {"text": ...} */
	NOTIFY_FEISHU,
	NOTIFY_DINGTALK,
	NOTIFY_WECOM,
	NOTIFY_WEBHOOK, /* k911/alert/v1 */
	NOTIFY_ALERTMANAGER,
	NOTIFY_KINDS
};

const char *notify_kind_name(enum notify_kind k); /* "slack": as in the configuration */
bool notify_kind_parse(const char *word, enum notify_kind *out);
int notify_kind_per_minute(enum notify_kind k); /* what its servers bear */

#define NOTIFY_PREFIX     "🚨 K8s Cluster Alert: " /* the strategy's own */
#define NOTIFY_SECRET_MAX 2048

/* Borrowed for the call. secret "": none. */
struct notify_letter {
	const char *url, *secret, *key;
	const struct notification *alert;
	int64_t now_ms; /* some signatures hold it */
};

struct notify_post {
	char url[NOTIFY_SECRET_MAX + 256];
	struct buf body;
	char credential[NOTIFY_SECRET_MAX]; /* "user:password", or a bearer token */
	bool basic;
	char lines[2][NOTIFICATION_KEY + 32];
	const char *headers[4]; /* NULL-terminated */
};

/* ERR_INPUT: the URL cannot be used. */
int notify_compose(
	enum notify_kind k, const struct notify_letter *l, struct notify_post *p, struct err *e);
void notify_post_done(struct notify_post *p);

/* 0: the receiver took it. -1 and why not; where names it. *refused: it will never take this one.
 */
int notify_read_answer(enum notify_kind k, long status, const struct buf *body, const char *where,
	bool *refused, struct err *e);

#endif
