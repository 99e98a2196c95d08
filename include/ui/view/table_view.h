/* What views that are nothing but a table have in common: the table is their whole state. UI
 * thread.
 */
#ifndef UI_VIEW_TABLE_VIEW_H
#define UI_VIEW_TABLE_VIEW_H

#include "ui/kit/view.h"
#include "ui/kit/widget_table.h"

struct command *list_close(void *table);
extern const enum action_id list_actions[]; /* Enter, filter, sort, moving about */

/* "12", or "3 of 12 match" while a filter is set; "" for none. */
char *list_count(
	struct widget_table *t, size_t all, const struct view_look *look, char *dst, size_t size);

#endif
