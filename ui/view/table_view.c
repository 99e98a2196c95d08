/* Table views differ in their rows and columns alone; their keys, cursor and filter are here. */
#include "ui/view/table_view.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"

struct command *list_close(void *table)
{
	widget_table_free(table);
	return NULL;
}

const enum action_id list_actions[] = {ACTION_ENTER, ACTION_FILTER, ACTION_SORT,
	ACTION_SORT_REVERSE, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP,
	ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT, ACTION_NONE};

char *list_count(
	struct widget_table *t, size_t all, const struct view_look *look, char *dst, size_t size)
{
	str_copy(dst, size, "");
	if (look->filter != NULL && look->filter[0] != '\0')
		snprintf(dst, size, _("%zu of %zu match"), widget_table_shown(t), all);
	else if (all > 0)
		snprintf(dst, size, "%zu", all);
	return dst;
}
