/* How many pods run on each node, counted over all pods: anew when they changed, but at most once a second. UI thread. */
#ifndef UI_VIEW_TALLY_H
#define UI_VIEW_TALLY_H

#include <stdint.h>

#include "base/instant.h"
#include "model/table.h"

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *t);
void tally_count(struct tally *t, const struct table *pods, struct instant now); /* struct pod_row */
uint32_t tally_of(const struct tally *t, const char *node);

#endif
