/* The keys that speak about incidents: which one they mean, what they open or ask, what they post.
 * On an incident's own page they mean that one, elsewhere the current one. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "model/incident_status.h"
#include "ui/screen/screen_parts.h"

#define STATUS_MAX (16u << 10)

static const struct incident *target(struct screen *s)
{
	const struct sheet *top = pane_top(screen_focused(s));
	bool page = top->ops == s->views->incident || top->ops == s->views->status;

	if (page && top->args.name[0] != '\0')
		return casebook_find(s->now->book, top->args.name);
	return s->now->book->current;
}

static void post_about(
	struct screen *s, enum command_kind kind, const struct incident *i, struct instant now)
{
	struct command *c = command_new(kind);

	str_copy(c->incident, sizeof(c->incident), i->id);
	c->moment = INCIDENT_ACKNOWLEDGED;
	screen_post(s, c, now);
}

static void show(struct screen *s, enum source_id source, const struct view_ops *ops,
	const char *name, struct instant now)
{
	struct view_args args = {0};

	str_copy(args.name, sizeof(args.name), name);
	panes_show(s, source, ops, &args, now);
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
		prompt_begin(s, ACTION_OPEN, NULL, "P2 ");
		return;
	}
	c = command_new(COMMAND_OPEN);
	c->level = p->level;
	c->at_ms = p->since_ms;
	screen_post(s, c, now);
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
static void ask_level(struct screen *s, const struct incident *i)
{
	const struct verdict *v = &s->now->verdict;
	bool raise = s->now->proposal.kind == PROPOSE_RAISE && i == s->now->book->current;
	char *text =
		str_fmt("%s %s", raise ? level_name(s->now->proposal.level) : level_name(i->level),
			raise && v->n > 0 ? v->reasons[0].text : "");

	prompt_begin(s, ACTION_LEVEL, i, text);
	free(text);
}

static void act_checklist(struct screen *s, struct instant now)
{
	for (size_t i = 0; i < s->n_panes; i++) {
		struct pane *p = &s->panes[i];

		if (p->def->source != SOURCE_JOURNAL)
			continue;
		s->focus = i;
		while (p->depth > 1)
			pane_close_top(s, p, now);
	}
}

/* What needs an incident. */
static bool is_about(enum action_id id)
{
	switch ((int)id) {
	case ACTION_ACKNOWLEDGE:
	case ACTION_NOTE:
	case ACTION_LEVEL:
	case ACTION_ROLE:
	case ACTION_STAR:
	case ACTION_LINK:
	case ACTION_MITIGATED:
	case ACTION_RECOVERED:
	case ACTION_CLOSE:
	case ACTION_REOPEN:
	case ACTION_STATUS:
		return true;
	default:
		return false;
	}
}

static void act_about(
	struct screen *s, enum action_id id, const struct incident *i, struct instant now)
{
	const struct verdict *v = &s->now->verdict;

	if (id == ACTION_ACKNOWLEDGE)
		post_about(s, COMMAND_MOMENT, i, now);
	else if (id == ACTION_STATUS)
		act_status(s, i, now);
	else if (id == ACTION_LEVEL)
		ask_level(s, i);
	else if (id == ACTION_ROLE)
		prompt_begin(s, id, i, "commander ");
	else if (id == ACTION_REOPEN)
		prompt_begin(s, id, i, v->n > 0 ? v->reasons[0].text : "");
	else
		prompt_begin(s, id, i, "");
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

/* Whether it may be recorded now: what cannot be is not offered, and said when it is typed all the
 * same. */
static bool is_possible(const struct screen *s, enum action_id id, const struct incident *i)
{
	int64_t now_ms = s->now->at.wall_ms;
	enum incident_moment m = id == ACTION_ACKNOWLEDGE ? INCIDENT_ACKNOWLEDGED
				 : id == ACTION_MITIGATED ? INCIDENT_MITIGATED
				 : id == ACTION_RECOVERED ? INCIDENT_RECOVERED
							  : INCIDENT_CLOSED;

	if (id == ACTION_REOPEN)
		return incident_may_reopen(i, NULL) == 0;
	if (id == ACTION_STAR)
		return i->notes.len > 0;
	if (id == ACTION_ACKNOWLEDGE || id == ACTION_MITIGATED || id == ACTION_RECOVERED ||
		id == ACTION_CLOSE)
		return incident_may(i, m, now_ms, now_ms, NULL) == 0;
	return true;
}

bool incident_offers(struct screen *s, enum action_id id)
{
	const struct incident *i;
	enum source_id where;

	if (view_of(s, id, &where) != NULL)
		return true;
	if (s->views->incident == NULL)
		return false;
	if (id == ACTION_INCIDENT || id == ACTION_CHECKLIST || id == ACTION_OPEN)
		return true;
	return is_about(id) && (i = target(s)) != NULL && is_possible(s, id, i);
}

bool incident_act(struct screen *s, enum action_id id, struct instant now)
{
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
		prompt_begin(s, ACTION_OPEN, NULL, "P2 ");
	else if (!is_about(id))
		return false;
	else if ((i = target(s)) == NULL)
		screen_say(s, NOTICE_INFO, now, "%s", _("no incident is open: i opens one"));
	else
		act_about(s, id, i, now);
	return true;
}
