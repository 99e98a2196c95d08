/* An incident told to people: the report as Markdown, with prompts where only a person knows. In the
 * operator's language, times in UTC. Any thread; everything is borrowed. */
#ifndef OPS_REPORT_H
#define OPS_REPORT_H

#include <stdint.h>

#include "base/buf.h"
#include "model/availability.h"
#include "model/incident.h"

#define REPORT_MAX (64u << 20) /* bytes */

/* availability: of the incident's month, or NULL when nothing is known. */
void report_markdown(const struct incident *i, const struct availability *availability,
	int64_t now_ms, struct buf *out);

#endif
