/* An incident's status in one paragraph, as it was copied for the chat. */

#include "base/buf.h"
#include "base/i18n.h"
#include "base/str.h"
#include "model/incident_status.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show_incident.h"
#include "ui/view/page_view.h"
#include "ui/view/views.h"

#define STATUS_MAX 4096

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;
	const struct incident *i =
		show_named(page->snapshot, ((struct detail *)page->state)->args.name);
	struct buf text;

	if (i == NULL) {
		pen_text(p, ROLE_DIM, _("no incident is open: there is no status to tell"));
		return;
	}
	buf_init(&text, STATUS_MAX);
	incident_status(i, page->look->now.wall_ms, &text);
	pen_text(p, ROLE_TEXT, buf_text(&text));
	buf_done(&text);
	pen_blank(p);
	pen_text(p, ROLE_DIM,
		_("It was copied, where the terminal lets programs do that (OSC 52). Where not: "
		  "hold Shift and select it with the mouse."));
}

static void status_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct incident *i = show_named(s, ((struct detail *)state)->args.name);

	*role = ROLE_DIM;
	str_copy(dst, size, i != NULL ? i->alias : "");
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

static const struct page_view page = {.write = write_page};

const struct view_ops view_status = {
	.name = "status",
	.title = N_("status"),
	.head = status_head,
	PAGE_VIEW(&page),
	.act = detail_act,
	.actions = detail_actions,
};
