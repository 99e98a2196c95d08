/* What the details have in common: a scrolling page on one object, and the events about it. UI
 * thread. */
#ifndef UI_VIEW_PAGE_VIEW_H
#define UI_VIEW_PAGE_VIEW_H

#include "model/snapshot.h"
#include "ui/kit/view.h"
#include "ui/kit/widget_text.h"

/* Views that are such a page, each a const one. */
struct page_view {
	void (*write)(struct pen *p, void *page); /* given a struct detail_page */
	size_t size; /* of the view's state, which begins with struct detail; 0: that is all */
};

/* A detail's state. */
struct detail {
	const struct page_view *view;
	struct view_args args;
	struct widget_text *page;
};

/* What a page is written from. */
struct detail_page {
	const struct snapshot *snapshot;
	const struct view_look *look;
	void *state;
	bool ascii;
};

/* Of struct view_ops, but for name, title, head, act and actions. */
#define PAGE_VIEW(page)                                                                            \
	.of = (page), .open = detail_open, .draw = detail_draw, .close = detail_close
void *detail_open(
	const struct view_ops *view, const struct view_args *args, struct command **command);
void detail_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look);
struct command *detail_close(void *state);
void detail_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply);
extern const enum action_id detail_actions[];

/* Events about an object, newest first; ns NULL: any. Writes the section, with a sentence when
 * there are none. */
void detail_events(struct pen *p, const struct detail_page *page, const char *kind, const char *ns,
	const char *name);
/* A condition's role: "True" is good for Ready and its like, bad for pressures. */
enum role detail_condition_role(const char *type, const char *status);

#endif
