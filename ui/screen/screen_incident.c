/* The keys that speak about incidents: which one they mean, what they open or ask, what they post.
 * On an incident's own page they mean that one, elsewhere the current one. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "model/incident_status.h"
#include "screen_parts.h"

#define STATUS_MAX (16u << 10)

static const struct incident *target(struct screen *s)
{
	const struct sheet *top = pane_top(screen_focused(s));
	bool page = top->ops == s->views->incident || top->ops == s->views->status;

	if (page && top->args.name[0] != '\0')
		return casebook_find(s->now->book, top->args.name);
	return s->now->book->current;
}

static void show(struct screen *s, enum source_id source, const struct view_ops *ops,
	const char *name, struct instant now)
{
	struct view_args args = {0};

	str_copy(args.name, sizeof(args.name), name);
	pane_show(s, pane_of_source(s, source), ops, &args, now);
}

/* The text for the chat: to the clipboard, and onto the screen for a terminal that takes none. */
static void act_status(struct screen *s, const struct incident *i, struct instant now)
{
	struct buf text;
	size_t room;

	buf_init(&text, STATUS_MAX);
	incident_status(i, now.wall_ms, &text);
	room = text.len * 8 + 1;
	free(s->copied);
	s->copied = mem_zero(room, 1);
	text_safe(s->copied, room, buf_text(&text), text.len);
	buf_done(&text);
	s->wish = SCREEN_COPY;
	show(s, SOURCE_JOURNAL, s->views->status, i->id, now);
}

/* A level is asked for as the checks see it, where they see it worse. */
static void ask_level(struct screen *s, const struct entry_ask *a, const struct incident *i)
{
	const struct verdict *v = &s->now->verdict;
	bool raise = s->now->proposal.kind == PROPOSE_RAISE && i == s->now->book->current;
	char *text =
		str_fmt("%s %s", raise ? level_name(s->now->proposal.level) : level_name(i->level),
			raise && v->n > 0 ? v->reasons[0].text : "");

	prompt_begin(s, a, i, text);
	free(text);
}

/* Has it recorded of the incident: at once, or after a question. */
static void ask(
	struct screen *s, const struct entry_ask *a, const struct incident *i, struct instant now)
{
	const struct verdict *v = &s->now->verdict;

	if (a->ask == NULL)
		screen_post(s, command_record(a->kind, i->id), now);
	else if (a->form == FORM_LEVEL && i != NULL)
		ask_level(s, a, i);
	else if (a->form == FORM_REASON)
		prompt_begin(s, a, i, v->n > 0 ? v->reasons[0].text : "");
	else
		prompt_begin(s, a, i, a->begin != NULL ? a->begin : "");
}

/* What is proposed is opened with the one key; else the page, or a question. */
static void act_incident(struct screen *s, struct instant now)
{
	const struct proposal *p = &s->now->proposal;
	struct command *c;

	if (s->now->book->current != NULL) {
		show(s, SOURCE_JOURNAL, s->views->incident, "", now);
		return;
	}
	if (p->kind != PROPOSE_OPEN) {
		ask(s, entry_ask_of_key(action_name(ACTION_OPEN)), NULL, now);
		return;
	}
	c = command_new(COMMAND_OPEN);
	c->level = p->level;
	c->at_ms = p->since_ms;
	screen_post(s, c, now);
}

static void act_checklist(struct screen *s, struct instant now)
{
	struct pane *p = pane_of_source(s, SOURCE_JOURNAL);

	if (p == NULL)
		return;
	s->focus = (size_t)(p - s->panes);
	pane_close_details(s, p, now);
}

static const struct view_ops *view_of(
	const struct screen *s, enum action_id id, enum source_id *where)
{
	*where = SOURCE_JOURNAL;
	switch ((int)id) {
	case ACTION_JOURNAL:
		return s->views->journal;
	case ACTION_INCIDENTS:
		return s->views->incidents;
	case ACTION_ALERTS:
		*where = SOURCE_EVENTS;
		return s->views->alerts;
	case ACTION_CLUSTER:
		*where = SOURCE_PROBES;
		return s->views->cluster;
	default:
		return NULL;
	}
}

/* Keys that cannot apply are not offered; pressed anyway, the engine says why. */
bool incident_offers(struct screen *s, enum action_id id)
{
	const struct entry_ask *a = entry_ask_of_key(action_name(id));
	const struct incident *i;
	enum source_id where;

	if (view_of(s, id, &where) != NULL)
		return true;
	if (s->views->incident == NULL)
		return false;
	if (id == ACTION_INCIDENT || id == ACTION_CHECKLIST || id == ACTION_OPEN)
		return true;
	return (id == ACTION_STATUS || a != NULL) && (i = target(s)) != NULL &&
	       (a == NULL || entry_ask_may(a, i, s->now->at.wall_ms));
}

bool incident_act(struct screen *s, enum action_id id, struct instant now)
{
	const struct entry_ask *a = entry_ask_of_key(action_name(id));
	enum source_id where;
	const struct view_ops *ops = view_of(s, id, &where);
	const struct incident *i;

	if (ops != NULL) {
		show(s, where, ops, "", now);
		return true;
	}
	if (s->views->incident == NULL)
		return false;
	if (id == ACTION_INCIDENT)
		act_incident(s, now);
	else if (id == ACTION_CHECKLIST)
		act_checklist(s, now);
	else if (id == ACTION_OPEN)
		ask(s, a, NULL, now);
	else if (id != ACTION_STATUS && a == NULL)
		return false;
	else if ((i = target(s)) == NULL)
		screen_say(s, NOTICE_INFO, now, "%s", _("no incident is open: i opens one"));
	else if (id == ACTION_STATUS)
		act_status(s, i, now);
	else
		ask(s, a, i, now);
	return true;
}
