/* Alerts that fire, as an Alertmanager says: rows of the snapshot. Its strings are as they came and
 * may be hostile; who shows them makes them safe. */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/names.h"
#include "model/table.h"

#define ALERT_KEEP   1000           /* rows; more are left out */
#define ALERT_OWN    "K911Incident" /* the alertname of what k911 itself sends out */
#define ALERT_OLD_MS 60000          /* so long without an answer they count for no level */

struct alert_row {
	char fingerprint[40]; /* key */
	struct rstr *name;    /* alertname */
	struct rstr *severity;
	struct rstr *labels;  /* "namespace=shop, pod=web-1": the others */
	struct rstr *summary; /* of the annotations: summary, else description, else message */
	int64_t since_ms;     /* INT64_MIN: not said */
};

extern const struct row_ops alert_ops;

/* Is it trouble? Not what only shows that alerting works (severity none), is for information, or is
 * k911's own: that would keep an incident alive by itself. */
bool alert_counts(const struct alert_row *f);
/* The names of those that count, each once, critical ones first. */
void alert_names(const struct table *rows, struct names *out);

#endif
