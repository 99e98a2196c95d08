/* An incident in one paragraph, for the chat: what is wrong, how its clocks stand, who leads, how
 * far the lists are. In the operator's language; texts as people and the cluster gave them. Any
 * thread. */
#ifndef MODEL_INCIDENT_STATUS_H
#define MODEL_INCIDENT_STATUS_H

#include <stdint.h>

#include "base/buf.h"
#include "model/incident.h"

void incident_status(const struct incident *i, int64_t now_ms, struct buf *out); /* no markup */

/* "35m12s", to the second; negative as it is. 32 bytes are always enough. */
char *incident_span(int64_t ms, char *dst, size_t size);

#endif
