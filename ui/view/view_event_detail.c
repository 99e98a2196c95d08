/* One event, its message whole. Enter opens the object it is about. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/page_view.h"
#include "ui/view/view_event.h"
#include "ui/view/views.h"

static const struct event_row *event_of(const struct snapshot *s, const struct detail *d)
{
	struct event_row key = {.count = 0};

	str_copy(key.uid, sizeof(key.uid), d->args.name);
	return table_find(s->events, &key);
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;
	const struct event_row *e = event_of(page->snapshot, page->state);
	char object[400], when[SHOW_SIZE], age[SHOW_SIZE];

	if (e == NULL) {
		pen_text(p, ROLE_WARN, _("The event is older than what is kept."));
		return;
	}
	pen_pair(p, _("Type"), event_is_warning(e) ? ROLE_WARN : ROLE_TEXT, "%s", e->type);
	pen_pair(p, _("Reason"), event_is_warning(e) ? ROLE_WARN : ROLE_TEXT, "%s", e->reason);
	pen_pair(p, _("Object"), ROLE_TEXT, "%s", event_object(e, object, sizeof(object)));
	pen_pair(p, _("Namespace"), ROLE_TEXT, "%s", e->ns[0] != '\0' ? e->ns : "-");
	pen_pair(p, _("Last"), ROLE_TEXT, _("%s, %s ago"),
		show_moment(e->last_ms, when, sizeof(when)),
		show_since(e->last_ms, page->look->now, age, sizeof(age)));
	pen_pair(p, _("First"), ROLE_TEXT, "%s", show_moment(e->first_ms, when, sizeof(when)));
	pen_pair(p, _("Count"), ROLE_TEXT, "%u", e->count);
	pen_pair(p, _("Source"), ROLE_TEXT, "%s", e->source);
	pen_section(p, _("Message"));
	pen_text(p, ROLE_TEXT, rstr_text(e->message));
	detail_events(p, page, e->kind, e->ns, e->name);
}

static void event_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct event_row *e = event_of(s, state);
	char object[400];

	str_copy(dst, size, "");
	*role = ROLE_DIM;
	if (e != NULL) {
		snprintf(dst, size, "%s %s", e->reason, event_object(e, object, sizeof(object)));
		*role = event_is_warning(e) ? ROLE_WARN : ROLE_DIM;
	}
	fresh_head(&s->sources[SOURCE_EVENTS], look->now, dst, size, role);
}

static void event_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	const struct event_row *e = event_of(s, state);

	if (a->id != ACTION_ENTER || e == NULL) {
		detail_act(state, s, a, look, reply);
		return;
	}
	reply->handled = true;
	if (str_eq(e->kind, "Pod"))
		reply->open = &view_pod_detail;
	else if (str_eq(e->kind, "Node"))
		reply->open = &view_node_detail;
	else
		snprintf(reply->say, sizeof(reply->say), _("%s objects have no detail here"),
			e->kind);
	str_copy(reply->args.ns, sizeof(reply->args.ns), e->ns);
	str_copy(reply->args.name, sizeof(reply->args.name), e->name);
}

static const enum action_id actions[] = {ACTION_ENTER, ACTION_BACK, ACTION_FILTER, ACTION_UP,
	ACTION_DOWN, ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_NONE};

static const struct page_view page = {.write = write_page};

const struct view_ops view_event_detail = {
	.name = "event",
	.title = N_("event"),
	.head = event_head,
	PAGE_VIEW(&page),
	.act = event_act,
	.actions = actions,
};
