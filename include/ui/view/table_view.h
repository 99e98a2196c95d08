/* Views that are nothing but a table, each a const struct table_view: what the rows are, what the
 * head says of them, where Enter leads. UI thread. */
#ifndef UI_VIEW_TABLE_VIEW_H
#define UI_VIEW_TABLE_VIEW_H

#include "ui/kit/view.h"
#include "ui/kit/widget_table.h"

struct table_view {
	struct widget_table_ops ops;
	enum source_id source;
	bool kept;                   /* its rows are never painted as old: they are a record */
	void *(*begin)(void);        /* makes its context; or NULL */
	void (*done)(void *context); /* frees it; or NULL */
	enum command_kind opened;    /* what the engine is told when it opens; or COMMAND_NONE */
	size_t table;                /* where in a snapshot its rows are */
	bool ages; /* their order changes by itself, so it follows every few seconds */
	/* Where they are no table of the snapshot's; or NULL. */
	struct widget_rows (*rows)(
		void *context, const struct snapshot *s, const struct view_look *look);
	/* The head's text (dst is "") and role. While a filter is set "3 of 12 match" stands for
	 * the text. */
	void (*head)(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
		enum role *role);
	/* Appends what the head says filter or not; or NULL. */
	void (*more)(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
		enum role *role);
	/* Why there is no row where the source is well: N_(), or asked of the snapshot. */
	const char *none;
	const char *(*why_empty)(const struct snapshot *s);
	/* A sentence for the last line, or NULL; itself NULL: never one. */
	const char *(*foot)(const struct snapshot *s, const struct view_look *look);
	bool foot_warns; /* it tells of trouble */
	/* Enter on a row; NULL: it leads nowhere. */
	void (*detail)(const void *row, const struct snapshot *s, struct view_reply *reply);
	/* Any other action the table does not take, on a row; or NULL. */
	void (*other)(const void *row, const struct action *a, struct view_reply *reply);
};

/* Of struct view_ops, but for name, title and actions. */
#define TABLE_VIEW(table)                                                                          \
	.of = (table), .open = table_view_open, .head = table_view_head, .draw = table_view_draw,  \
	.act = table_view_act, .close = table_view_close
void *table_view_open(
	const struct view_ops *view, const struct view_args *args, struct command **command);
void table_view_head(void *state, const struct snapshot *s, const struct view_look *look, char *dst,
	size_t size, enum role *role);
void table_view_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look);
void table_view_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply);
struct command *table_view_close(void *state);

/* What such a table understands, for its list of actions. */
#define TABLE_ACTIONS                                                                              \
	ACTION_FILTER, ACTION_SORT, ACTION_SORT_REVERSE, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP,   \
		ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT,            \
		ACTION_NONE
extern const enum action_id table_view_actions[]; /* Enter and these */

#endif
