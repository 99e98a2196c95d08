/* An incident told to people: the report as Markdown, with prompts where only a person knows. In
 * the operator's language, times in UTC. Any thread; everything is borrowed. */
#ifndef OPS_INCIDENT_REPORT_H
#define OPS_INCIDENT_REPORT_H

#include <stdint.h>

#include "base/buf.h"
#include "model/availability.h"
#include "model/incident.h"
#include "ops/journal/journal.h"

#define REPORT_MAX (64u << 20) /* bytes */

/* What the incident itself does not know. */
struct report_facts {
	const struct availability *availability; /* of its month, or NULL when nothing is known */
	const struct journal_head *heads;        /* of its chains */
	size_t n_heads;
};

void report_markdown(const struct incident *i, const struct report_facts *facts, int64_t now_ms,
	struct buf *out);

#endif
