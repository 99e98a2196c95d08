/* The menu of runbooks: what can be done, those that fit what is broken now first, each with why.
 * Enter opens a runbook's form. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

enum column { FITS, RUNBOOK, TITLE, WHY, FROM, ABOUT, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[FITS] = {N_("FITS"), "", 1, 4, 6, 0, 0, WIDGET_WHOLE | WIDGET_IF_ANY | WIDGET_FIXED},
	[RUNBOOK] = {N_("RUNBOOK"), NULL, 12, 20, 24, 0, 0, 0},
	[TITLE] = {N_("TITLE"), NULL, 14, 26, 50, 1, 0, 0},
	[WHY] = {N_("WHY"), NULL, 10, 20, 60, 1, 1, WIDGET_IF_ANY | WIDGET_FIXED},
	[FROM] = {N_("FROM"), NULL, 4, 4, 8, 0, 2, WIDGET_WHOLE | WIDGET_IF_ANY},
	[ABOUT] = {N_("ABOUT"), NULL, 20, 40, 120, 1, 3, WIDGET_FIXED},
};

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct runbook_card *card = row;
	size_t size = sizeof(out->text);

	switch (column) {
	case FITS:
		if (card->fits)
			str_copy(out->text, size,
				ask->room >= text_width(_("now")) ? _("now") : "*");
		out->role = ROLE_WARN;
		break;
	case RUNBOOK:
		str_copy(out->text, size, card->id);
		out->role = card->fits ? ROLE_ACCENT : ROLE_TEXT;
		break;
	case TITLE:
		str_copy(out->text, size, card->title);
		break;
	case WHY:
		str_copy(out->text, size, card->why);
		out->role = ROLE_WARN;
		break;
	case FROM:
		str_copy(out->text, size, card->builtin ? "" : _("team"));
		out->role = ROLE_ACCENT;
		break;
	default:
		str_copy(out->text, size, card->about);
		out->role = ROLE_DIM;
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct runbook_card *x = a, *y = b;

	(void)ask;
	switch (column) {
	case RUNBOOK:
		return strcmp(x->id, y->id);
	case TITLE:
		return strcmp(x->title, y->title);
	case FROM:
		return widget_by_number(x->builtin, y->builtin);
	default:
		return 0; /* as the board has them: what fits first */
	}
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct runbook_card *)row)->id, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct runbook_card *card = row;
	const char *const texts[] = {card->id, card->title, card->about, card->why,
		card->builtin ? "" : _("team"), card->fits ? _("now") : ""};

	return str_any_has_case(texts, sizeof(texts) / sizeof(texts[0]), needle);
}

static struct widget_rows rows_of(
	void *context, const struct snapshot *s, const struct view_look *look)
{
	(void)context;
	(void)look;
	if (s->runs == NULL)
		return (struct widget_rows){.size = sizeof(struct runbook_card)};
	return (struct widget_rows){
		.array = s->runs->cards, .n = s->runs->n_cards, .size = sizeof(s->runs->cards[0])};
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t fit = 0;

	(void)look;
	for (size_t i = 0; s->runs != NULL && i < s->runs->n_cards; i++)
		fit += s->runs->cards[i].fits;
	*role = fit > 0 ? ROLE_WARN : ROLE_DIM;
	if (fit > 0)
		snprintf(dst, size, P_("%zu fits now", "%zu fit now", fit), fit);
}

/* A file of the team's own that cannot be read is said where its runbook is missed. */
static const char *foot(const struct snapshot *s, const struct view_look *look)
{
	(void)look;
	return s->runs != NULL && s->runs->trouble[0] != '\0' ? s->runs->trouble : NULL;
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	(void)s;
	str_copy(reply->form, sizeof(reply->form), ((const struct runbook_card *)row)->id);
	reply->handled = true;
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.newest_first = true,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_JOURNAL,
	.kept = true,
	.rows = rows_of,
	.head = head,
	.foot = foot,
	.foot_warns = true,
	.none = N_("there is no runbook"),
	.detail = detail};

const struct view_ops view_runbooks = {.name = "runbooks",
	.title = N_("runbooks"),
	TABLE_VIEW(&table),
	.enter = N_("choose"),
	.actions = (const enum action_id[]){ACTION_ENTER, ACTION_BACK, TABLE_ACTIONS}};
