/* An incident told to people: the report as Markdown, with prompts where only a person knows, and a
 * paragraph for the chat. In the operator's language, times in UTC. Any thread; everything is
 * borrowed. */
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
/* One paragraph, no markup. */
void report_status(const struct incident *i, int64_t now_ms, struct buf *out);

/* "35m12s", to the second; negative as it is. 32 bytes are always enough. */
char *report_span(int64_t ms, char *dst, size_t size);

#endif
