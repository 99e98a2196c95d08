/* Event rows. Only the message is worth sharing by count: everything else repeats and is interned.
 */
#include "model/event.h"

#include <string.h>

#include "base/intern.h"

static int event_compare(const void *a, const void *b)
{
	return strcmp(((const struct event_row *)a)->uid, ((const struct event_row *)b)->uid);
}

static void event_ref(void *row)
{
	struct event_row *e = row;

	if (e->message != NULL)
		rstr_ref(e->message);
}

static void event_unref(void *row)
{
	rstr_unref(((struct event_row *)row)->message);
}

static void event_rename(void *row, struct intern *to)
{
	struct event_row *r = row;

	r->ns = intern_str(to, r->ns);
	r->type = intern_str(to, r->type);
	r->reason = intern_str(to, r->reason);
	r->kind = intern_str(to, r->kind);
	r->name = intern_str(to, r->name);
	r->source = intern_str(to, r->source);
}

const struct row_ops event_ops = {
	sizeof(struct event_row), event_compare, event_ref, event_unref, event_rename};

bool event_is_warning(const struct event_row *e)
{
	return str_eq(e->type, "Warning");
}
