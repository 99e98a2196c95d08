/* Event rows. Only the message is worth sharing by count: everything else repeats and is interned.
 */
#include "model/event.h"

#include <string.h>

static int event_compare(const void *a, const void *b)
{
	return strcmp(((const struct event_row *)a)->uid, ((const struct event_row *)b)->uid);
}

static const uint16_t event_names[] = {offsetof(struct event_row, ns),
	offsetof(struct event_row, type), offsetof(struct event_row, reason),
	offsetof(struct event_row, kind), offsetof(struct event_row, name),
	offsetof(struct event_row, source)};
static const uint16_t event_texts[] = {offsetof(struct event_row, message)};
const struct row_ops event_ops = {.size = sizeof(struct event_row),
	ROW_NAMES(event_names),
	.compare = event_compare,
	ROW_TEXTS(event_texts)};

bool event_is_warning(const struct event_row *e)
{
	return str_eq(e->type, "Warning");
}
