/* The text for the chat, to be read once more before it is pasted, and to be selected with the
 * mouse where the terminal has no clipboard for us. */
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/str.h"
#include "model/incident_status.h"
#include "ui/detail.h"
#include "ui/fresh.h"

#define STATUS_MAX (16u << 10)

static const struct incident *incident_of(const struct snapshot *s, const struct detail *d)
{
	return d->args.name[0] != '\0' ? book_find(s->book, d->args.name) : s->book->current;
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;
	const struct incident *i = incident_of(page->snapshot, page->state);
	struct buf text;

	if (i == NULL) {
		pen_text(p, ROLE_WARN, _("The incident is not in this journal."));
		return;
	}
	buf_init(&text, STATUS_MAX);
	incident_status(i, page->look->now.wall_ms, &text);
	pen_text(p, ROLE_TEXT, buf_text(&text));
	buf_done(&text);
	pen_blank(p);
	pen_text(p, ROLE_DIM,
		_("It was sent to the terminal's clipboard (OSC 52) when this was opened. Where "
		  "the "
		  "terminal takes none, select it with the mouse while Shift is held."));
}

static void status_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct incident *i = incident_of(s, state);

	(void)look;
	str_copy(dst, size, i != NULL ? i->alias : "");
	*role = ROLE_DIM;
}

static void status_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct detail_page page = {s, look, state};

	widget_text_draw(((struct detail *)state)->page, c, look, write_page, &page);
}

const struct view_ops view_status = {
	.name = "status",
	.title = N_("status"),
	.open = detail_open,
	.head = status_head,
	.draw = status_draw,
	.act = detail_act,
	.close = detail_close,
	.actions = detail_actions,
};
