/* Pane 5: what is to be done about the current incident, list by list, and when each is due; or,
 * while there is none, what the checks have found. Until the cursor is first moved it stays on the
 * first thing that is still to be done, so even a few rows show what comes next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"
#include "ui/kit/match.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/kit/widget_text.h"
#include "ui/view/views.h"

#define BAR_COLUMNS 10
#define BAR_FROM    50 /* columns from which a list's progress is a bar, too */
#define NOTE_FROM   56 /* columns from which an item says who ticked it */
#define STICKY_ROWS 3  /* rows from which a list's heading stays while its items scroll */
#define AIRY_ROWS   12 /* rows from which lists have an empty line between them */

struct checklist_view {
	struct widget_text *page; /* while there is no incident */
	char incident[ULID_SIZE]; /* the cursor's */
	char name[40];            /* of the item under the cursor */
	bool moved;
	int top, height;
};

enum line_kind { LINE_BLANK, LINE_LIST, LINE_ITEM };

struct line {
	enum line_kind kind;
	enum checklist_id list;
	const struct checklist_item *item; /* LINE_ITEM */
};

struct lines {
	VEC(struct line) all;
	const struct incident *incident;
	size_t cursor; /* the line it is on; all.len when there is no item */
};

static void *checklist_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	struct checklist_view *v = mem_new(struct checklist_view);

	(void)view;
	(void)args;
	(void)command;
	v->page = widget_text_new();
	v->height = 1;
	return v;
}

static struct command *checklist_close(void *state)
{
	widget_text_free(((struct checklist_view *)state)->page);
	free(state);
	return NULL;
}

/* ---- the lines ---- */

/* Whose lists are shown: the current one's, but no closed one's while another is proposed. */
static const struct incident *listed(const struct snapshot *s)
{
	return show_current(s) == NULL && show_trouble(s) != LEVEL_NONE ? NULL : s->book->current;
}

/* The strategy's words are keys of the translation, a team's are as they are. */
static const char *words_of(const struct checklist_item *item)
{
	const char *text = rstr_text(item->text);

	return text[0] != '\0' ? gettext(text) : item->name;
}

static void add_list(struct lines *l, enum checklist_id list, bool airy, const char *filter)
{
	bool begun = false;

	for (size_t k = 0; k < l->incident->lists.items.len; k++) {
		const struct checklist_item *item = &l->incident->lists.items.at[k];

		if (item->list != list || !str_has_case(words_of(item), filter))
			continue;
		if (!begun && airy && l->all.len > 0)
			*vec_add(&l->all) = (struct line){LINE_BLANK, list, NULL};
		if (!begun)
			*vec_add(&l->all) = (struct line){LINE_LIST, list, NULL};
		begun = true;
		*vec_add(&l->all) = (struct line){LINE_ITEM, list, item};
	}
}

/* Where the cursor is: on its item, or on the first that is to be done. */
static size_t find_cursor(const struct lines *l, const struct checklist_view *v)
{
	size_t first = l->all.len, open = l->all.len;

	for (size_t k = l->all.len; k-- > 0;) {
		const struct line *line = &l->all.at[k];

		if (line->kind != LINE_ITEM)
			continue;
		if (v->moved && str_eq(line->item->name, v->name))
			return k;
		first = k;
		open = line->item->ticked ? open : k;
	}
	return open < l->all.len ? open : first;
}

static struct lines lines_of(
	struct checklist_view *v, const struct snapshot *s, const struct view_look *look)
{
	struct lines l = {.incident = listed(s)};
	const char *filter = look->filter != NULL ? look->filter : "";

	if (l.incident == NULL)
		return l;
	if (!str_eq(v->incident, l.incident->id)) {
		str_copy(v->incident, sizeof(v->incident), l.incident->id);
		v->moved = false;
	}
	for (int k = 0; k < CHECKLIST_COUNT; k++)
		add_list(&l, (enum checklist_id)k, v->height >= AIRY_ROWS, filter);
	l.cursor = find_cursor(&l, v);
	return l;
}

/* Is the first row the heading of a list whose items begin further up? */
static bool is_sticky(const struct checklist_view *v, const struct lines *l)
{
	return v->height >= STICKY_ROWS && (size_t)v->top < l->all.len &&
	       l->all.at[v->top].kind == LINE_ITEM;
}

/* Scrolls as little as shows the cursor; untouched, its list's heading is the first line. */
static void scroll(struct checklist_view *v, const struct lines *l)
{
	int cursor = (int)l->cursor, n = (int)l->all.len, heading = cursor;
	int above = v->height >= STICKY_ROWS ? 1 : 0; /* rows the cursor leaves to the heading */

	while (heading > 0 && l->all.at[heading].kind != LINE_LIST)
		heading--;
	if (!v->moved)
		v->top = heading;
	if (cursor >= v->top + v->height)
		v->top = cursor - v->height + 1;
	if (cursor < v->top + above)
		v->top = cursor - above;
	if (v->top + v->height > n)
		v->top = n > v->height ? n - v->height : 0;
}

/* ---- painting ---- */

static int widest_title(void)
{
	int widest = 0;

	for (int k = 0; k < CHECKLIST_COUNT; k++) {
		int width = text_width(_(checklist_title((enum checklist_id)k)));

		widest = width > widest ? width : widest;
	}
	return widest;
}

/* "Emergency response  ██████░░░░ 3/5  due in 10m40s  (within 15 minutes)", in a narrow pane
 * "emergency 3/5  due in 10m40s". */
static void draw_list(const struct incident *i, enum checklist_id list, struct canvas *c, int y,
	struct instant now)
{
	int done, all, x = 1, end = c->width - 1;
	bool wide = c->width >= BAR_FROM;
	char text[120];
	enum role role;

	checklist_count(&i->lists, list, &done, &all);
	x += canvas_put(c, y, x, end - x, ROLE_TITLE,
		_(wide ? checklist_title(list) : show_list_name(list)));
	x = wide ? widest_title() + 3 : x + 1;
	if (wide)
		canvas_bar(c, y, x, BAR_COLUMNS, show_permille(done, all),
			done == all ? ROLE_OK : ROLE_BAR);
	x += wide ? BAR_COLUMNS + 1 : 0;
	x += canvas_fmt(c, y, x, end - x, done == all ? ROLE_OK : ROLE_TEXT, "%d/%d", done, all) +
	     2;
	if (done == all) {
		role = ROLE_OK;
		str_copy(text, sizeof(text), _("complete"));
	} else {
		show_due(i, list, now, text, sizeof(text), &role);
	}
	x += canvas_put(c, y, x, end - x, role, text) + 2;
	snprintf(text, sizeof(text), "(%s)", _(checklist_heading(list)));
	if (end - x >= text_width(text))
		canvas_put(c, y, x, end - x, ROLE_DIM, text);
}

/* Who ticked it and when, or what was seen; of an open one what the console waits for. */
static enum role note_of(
	const struct checklist_item *item, struct instant now, char *dst, size_t size)
{
	static const char *const waits[] = {
		[EVIDENCE_NONE] = NULL,
		[EVIDENCE_BUNDLE] = N_("by itself, once a bundle is written"),
		[EVIDENCE_NOTIFIED] = N_("by itself, once a message has gone out"),
		[EVIDENCE_ALERTS] = N_("by itself, once the alerts were looked at"),
		[EVIDENCE_RUNBOOK] = N_("by itself, once a runbook has run"),
		[EVIDENCE_RECOVERED] = N_("by itself, once the checks have held"),
	};
	char at[SHOW_SIZE];

	str_copy(dst, size, "");
	if (item->at_ms != 0)
		show_clock_time(item->at_ms, now, at, sizeof(at));
	if (item->ticked && item->evidence_text != NULL)
		snprintf(dst, size, "%s %s", at, rstr_text(item->evidence_text));
	else if (item->ticked)
		snprintf(dst, size, "%s %s", at, item->by);
	else if (item->by_hand && item->at_ms != 0)
		snprintf(dst, size, _("%s taken back by %s"), at, item->by);
	else if (waits[item->evidence] != NULL)
		str_copy(dst, size, _(waits[item->evidence]));
	return item->ticked ? ROLE_TEXT : ROLE_DIM;
}

static int widest_item(const struct lines *l)
{
	int widest = 0;

	for (size_t k = 0; k < l->all.len; k++) {
		char safe[512];
		int width;

		if (l->all.at[k].kind != LINE_ITEM)
			continue;
		text_safe(safe, sizeof(safe), words_of(l->all.at[k].item),
			strlen(words_of(l->all.at[k].item)));
		width = text_width(safe);
		widest = width > widest ? width : widest;
	}
	return widest;
}

static void draw_item(
	const struct checklist_item *item, struct canvas *c, int y, int words, struct instant now)
{
	char note[400];
	enum role role = note_of(item, now, note, sizeof(note));
	int x = 1, end = c->width - 1;

	x += canvas_put(c, y, x, end - x, item->ticked ? ROLE_OK : ROLE_ACCENT,
		     item->ticked ? "[x]" : "[ ]") +
	     1;
	if (c->width < NOTE_FROM) {
		canvas_put(c, y, x, end - x, item->ticked ? ROLE_DIM : ROLE_TEXT, words_of(item));
		return;
	}
	canvas_put(c, y, x, words, item->ticked ? ROLE_DIM : ROLE_TEXT, words_of(item));
	x += words + 2;
	if (x < end)
		canvas_put(c, y, x, end - x, role, note);
}

static void draw_thumb(const struct checklist_view *v, int n, struct canvas *c)
{
	int length = v->height * v->height / (n > 0 ? n : 1), at;

	if (v->height < 2 || n <= v->height)
		return;
	length = length < 1 ? 1 : length;
	at = v->top * (v->height - length) / (n - v->height);
	for (int k = 0; k < length; k++)
		canvas_char(c, at + k, c->width - 1, ROLE_DIM, 0x2590, '#');
}

static void draw_lines(struct checklist_view *v, const struct lines *l, struct canvas *c,
	const struct view_look *look)
{
	int words = widest_item(l), most = (c->width - 6) * 3 / 5;
	size_t k = (size_t)v->top;

	for (int y = 0; y < v->height && k < l->all.len; y++, k++) {
		const struct line *line = &l->all.at[k];

		if (line->kind == LINE_LIST || (y == 0 && is_sticky(v, l))) {
			draw_list(l->incident, line->list, c, y, look->now);
			continue;
		}
		if (line->kind != LINE_ITEM)
			continue;
		draw_item(line->item, c, y, words > most ? most : words, look->now);
		match_paint(c, y, 1, c->width - 2, look->filter);
		if (look->focused && k == l->cursor)
			canvas_role(c, y, 0, c->width, ROLE_SELECTED);
	}
	draw_thumb(v, (int)l->all.len, c);
}

/* Without an incident. */
struct nothing {
	const struct snapshot *snapshot;
	const struct view_look *look;
};

static void write_reasons(struct pen *p, const struct verdict *v)
{
	char text[280];

	for (size_t k = 0; k < v->n; k++) {
		snprintf(text, sizeof(text), "%s %s", level_name(v->reasons[k].level),
			v->reasons[k].text);
		pen_text(p, show_level_role(v->reasons[k].level), text);
	}
	if (v->n == 0)
		pen_text(p, ROLE_DIM, _("the checks are green now; the level is held for a while"));
}

/* "last: P2 INC-0006 shop's pods do not start: closed" */
static void write_last(struct pen *p, const struct incident *i)
{
	char text[400];

	snprintf(text, sizeof(text), _("last: %s %s %s: %s"), level_name(i->level), i->alias,
		rstr_text(i->title), _(incident_state_title(incident_state(i))));
	pen_text(p, ROLE_DIM, text);
}

static void write_nothing(struct pen *p, void *context)
{
	const struct nothing *nothing = context;
	const struct snapshot *s = nothing->snapshot;
	enum level level = show_trouble(s);
	char text[400], name[80], since[SHOW_SIZE];

	if (level != LEVEL_NONE) {
		int64_t since_ms = s->proposal.kind == PROPOSE_OPEN ? s->proposal.since_ms
								    : s->verdict.since.wall_ms;

		show_level(level, name, sizeof(name));
		show_clock_time(since_ms, nothing->look->now, since, sizeof(since));
		snprintf(text, sizeof(text),
			s->journal.off ? _("%s since %s")
				       : _("%s since %s, and no incident is open: i opens one"),
			name, since);
		pen_text(p, show_level_role(level), text);
		write_reasons(p, &s->verdict);
	} else if (!s->journal.off) {
		pen_text(p, ROLE_DIM, _("no incident is open; i opens one"));
		if (s->book->n > 0)
			write_last(p, s->book->incidents[0]);
	}
	if (!s->journal.off)
		return;
	if (s->journal.why[0] != '\0')
		snprintf(text, sizeof(text), _("incidents are not kept here: %s"),
			gettext(s->journal.why));
	else
		str_copy(text, sizeof(text), _("incidents are not kept here"));
	pen_text(p, ROLE_DIM, text);
}

static void checklist_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct checklist_view *v = state;
	struct nothing nothing = {s, look};
	struct lines l;

	v->height = c->height;
	if (listed(s) == NULL) {
		widget_text_draw(v->page, c, look, write_nothing, &nothing);
		return;
	}
	l = lines_of(v, s, look);
	if (l.all.len == 0) {
		canvas_put(c, 0, 1, c->width - 2, ROLE_DIM, _("nothing matches the filter"));
	} else {
		scroll(v, &l);
		draw_lines(v, &l, c, look);
	}
	vec_done(&l.all);
}

/* ---- the title ---- */

static void head_of_incident(
	const struct incident *i, struct instant now, char *dst, size_t size, enum role *role)
{
	size_t n;

	str_copy(dst, size, i->alias);
	for (int k = 0; k < CHECKLIST_COUNT; k++) {
		int done, all;
		enum role how;
		char due[80];

		checklist_count(&i->lists, (enum checklist_id)k, &done, &all);
		n = strlen(dst);
		snprintf(dst + n, size - n, "%s%s %d/%d", k == 0 ? " " : _(", "),
			_(show_list_name((enum checklist_id)k)), done, all);
		show_due(i, (enum checklist_id)k, now, due, sizeof(due), &how);
		if (done < all && (how == ROLE_BAD || (how == ROLE_WARN && *role != ROLE_BAD)))
			*role = how;
	}
}

static void checklist_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	enum level level = show_trouble(s);
	char name[80];

	(void)state;
	*role = ROLE_DIM;
	str_copy(dst, size, "");
	if (listed(s) != NULL) {
		head_of_incident(listed(s), look->now, dst, size, role);
	} else if (level != LEVEL_NONE) {
		*role = show_level_role(level);
		snprintf(dst, size, s->journal.off ? "%s" : _("%s proposed"),
			show_level(level, name, sizeof(name)));
	} else if (!s->journal.off) {
		str_copy(dst, size, _("none is open"));
	}
}

/* ---- what the operator does ---- */

static void cursor_to(struct checklist_view *v, const struct lines *l, size_t line)
{
	v->moved = true;
	str_copy(v->name, sizeof(v->name), l->all.at[line].item->name);
}

/* The item `by` items on, as far as there are any. */
static size_t stepped(const struct lines *l, int by)
{
	size_t at = l->cursor;

	for (size_t k = at; by != 0;) {
		k = by > 0 ? k + 1 : k - 1;
		if (k >= l->all.len)
			break;
		if (l->all.at[k].kind != LINE_ITEM)
			continue;
		at = k;
		by += by > 0 ? -1 : 1;
	}
	return at;
}

static void toggle(const struct lines *l, struct view_reply *reply)
{
	const struct checklist_item *item = l->all.at[l->cursor].item;

	reply->command = command_record(item->ticked ? "untick" : "tick", l->incident->id);
	str_copy(reply->command->name, sizeof(reply->command->name), item->name);
}

static bool click(
	struct checklist_view *v, struct lines *l, const struct action *a, struct view_reply *reply)
{
	size_t line = (size_t)v->top + (size_t)a->row; /* of a row that is none: unused */

	if (a->row < 0 || a->row >= v->height || line >= l->all.len ||
		l->all.at[line].kind != LINE_ITEM || (a->row == 0 && is_sticky(v, l)))
		return false;
	cursor_to(v, l, line);
	l->cursor = line;
	if (a->clicks > 1)
		toggle(l, reply);
	return true;
}

static bool act_on_items(
	struct checklist_view *v, struct lines *l, const struct action *a, struct view_reply *reply)
{
	int page = v->height > 1 ? v->height - 1 : 1, by;

	switch ((int)a->id) {
	case ACTION_ENTER:
		cursor_to(v, l, l->cursor);
		toggle(l, reply);
		return true;
	case ACTION_CLICK:
		return click(v, l, a, reply);
	case ACTION_UP:
		by = -1;
		break;
	case ACTION_DOWN:
		by = 1;
		break;
	case ACTION_PAGE_UP:
		by = -page;
		break;
	case ACTION_PAGE_DOWN:
		by = page;
		break;
	case ACTION_TOP:
		by = -(int)l->all.len;
		break;
	case ACTION_BOTTOM:
		by = (int)l->all.len;
		break;
	default:
		return false;
	}
	cursor_to(v, l, stepped(l, by));
	return true;
}

static void checklist_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct checklist_view *v = state;
	struct lines l;

	if (listed(s) == NULL) {
		reply->handled = widget_text_act(v->page, a);
		return;
	}
	l = lines_of(v, s, look);
	if (l.all.len > 0)
		reply->handled = act_on_items(v, &l, a, reply);
	vec_done(&l.all);
}

static const enum action_id actions[] = {ACTION_ENTER, ACTION_FILTER, ACTION_UP, ACTION_DOWN,
	ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_NONE};

const struct view_ops view_checklist = {
	.name = "checklist",
	.title = N_("checklist"),
	.open = checklist_open,
	.head = checklist_head,
	.draw = checklist_draw,
	.act = checklist_act,
	.close = checklist_close,
	.actions = actions,
	.enter = N_("tick"),
};
