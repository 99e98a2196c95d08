/* Alerts that fire, as an Alertmanager says: rows of the snapshot. Its strings are as they came and
 * may be hostile; who shows them makes them safe. */
#ifndef MODEL_FIRING_H
#define MODEL_FIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/names.h"
#include "model/table.h"

#define FIRING_KEEP   1000           /* rows; more are left out */
#define FIRING_OWN    "K911Incident" /* the alertname of what k911 itself sends out */
#define FIRING_OLD_MS 60000          /* so long without an answer they count for no level */

struct firing_row {
	char fingerprint[40]; /* key */
	struct rstr *name;    /* alertname */
	struct rstr *severity;
	struct rstr *labels;  /* "namespace=shop, pod=web-1": the others */
	struct rstr *summary; /* of the annotations: summary, else description, else message */
	int64_t since_ms;     /* INT64_MIN: not said */
};

extern const struct row_ops firing_ops;

/* Is it trouble? Not what only shows that alerting works (severity none), is for information, or is
 * k911's own: that would keep an incident alive by itself. */
bool firing_counts(const struct firing_row *f);
/* The names of those that count, each once, critical ones first. */
void firing_names(const struct table *rows, struct names *out);

#endif
