/* The header's line of the incident: its level, which one it is, both clocks as bars and words, and
 * how far the lists are; or, while none is open, what the checks have found and how to open one.
 * Level, name and the words of the clock that runs never give way. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "header_parts.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"

#define BAR_COLUMNS  10
#define TITLE_ENOUGH 32 /* columns a title is not cut below while bars and lists can give way */
#define TITLE_LEAST  14 /* nor below these while anything can */
#define TITLE_RANK   4  /* pieces of this rank or less are worth more than the end of a title */
#define WIDE_FROM    120
#define NARROW_BELOW 60
#define PIECE_TEXT   160
#define PIECES       12

#define TROUBLE_LINES 2

struct piece {
	char label[32]; /* dim, before the text */
	char text[PIECE_TEXT];
	enum role role;
	int rank;                 /* the highest gives way first; 0 never does */
	int bar;                  /* permille of a bar that stands for the text */
	bool is_bar, flex, close; /* flex: takes what room is left; close: one column before it */
};

struct line {
	struct piece pieces[PIECES];
	int n;
	int flex; /* columns of the flexible piece, as far as is known yet */
};

static struct piece *add(struct line *l, int rank, enum role role, const char *text)
{
	struct piece *p = &l->pieces[l->n++];
	char safe[PIECE_TEXT];

	*p = (struct piece){.role = role, .rank = rank};
	text_safe(safe, sizeof(safe), text, strlen(text));
	str_copy(p->text, sizeof(p->text), safe);
	return p;
}

static int text_room(const struct line *l, const struct piece *p)
{
	int width = text_width(p->text);

	return p->flex && width > l->flex ? l->flex : width;
}

static int piece_width(const struct line *l, const struct piece *p, int gap)
{
	int label = text_width(p->label);

	if (p->text[0] == '\0' && !p->is_bar)
		return 0;
	return (p->close ? 1 : gap) + label + (label > 0) +
	       (p->is_bar ? BAR_COLUMNS : text_room(l, p));
}

static int line_width(const struct line *l, int gap)
{
	int sum = 0;

	for (int i = 0; i < l->n; i++)
		sum += piece_width(l, &l->pieces[i], gap);
	return sum;
}

static void drop(struct line *l, int i)
{
	memmove(&l->pieces[i], &l->pieces[i + 1], (size_t)(l->n - i - 1) * sizeof(l->pieces[0]));
	l->n--;
}

static void make_fit(struct line *l, int room, int gap)
{
	while (line_width(l, gap) > room) {
		int worst = -1;

		for (int i = 0; i < l->n; i++)
			if (l->pieces[i].rank > (worst < 0 ? 0 : l->pieces[worst].rank))
				worst = i;
		if (l->flex > TITLE_LEAST && (worst < 0 || l->pieces[worst].rank <= TITLE_RANK))
			l->flex = TITLE_LEAST;
		else if (worst >= 0)
			drop(l, worst);
		else
			return;
	}
}

static void put_line(struct line *l, struct canvas *c, int row)
{
	int gap = c->width >= WIDE_FROM ? 3 : c->width >= NARROW_BELOW ? 2 : 1;
	int room = c->width - 1, x = 1 - gap, over;

	make_fit(l, room + gap - 1, gap);
	over = room + gap - 1 - line_width(l, gap);
	for (int i = 0; i < l->n; i++) {
		const struct piece *p = &l->pieces[i];
		int width = text_room(l, p) + (p->flex ? over : 0);

		if (piece_width(l, p, gap) == 0)
			continue;
		x += p->close ? 1 : gap;
		if (p->label[0] != '\0')
			x += canvas_put(c, row, x, room - x + 1, ROLE_DIM, p->label) + 1;
		if (p->is_bar)
			canvas_bar(c, row, x, BAR_COLUMNS, p->bar, p->role);
		x += p->is_bar ? BAR_COLUMNS : canvas_put(c, row, x, width, p->role, p->text);
	}
}

/* ---- an incident ---- */

/* The words of a clock and, while it runs, its bar. */
static void add_clock(struct line *l, const struct incident *i, enum sla_clock which, int rank,
	struct instant now)
{
	struct sla_state clock = incident_clock(i, which, now.wall_ms);
	enum role role;
	char words[80];
	struct piece *p;

	show_clock(&clock, words, sizeof(words), &role);
	p = add(l, rank, role, words);
	str_copy(p->label, sizeof(p->label), _(sla_title(which)));
	if (clock.stopped || clock.left_ms < 0)
		return;
	p = add(l, rank == 0 ? 7 : 8, role == ROLE_TEXT ? ROLE_BAR : role, "");
	p->is_bar = p->close = true;
	p->bar = show_clock_permille(&clock);
}

static void add_clocks(struct line *l, const struct incident *i, struct instant now)
{
	bool responds = !incident_clock(i, SLA_RESPOND, now.wall_ms).stopped;
	bool recovers = !incident_clock(i, SLA_RECOVER, now.wall_ms).stopped;

	add_clock(l, i, SLA_RESPOND, responds ? 0 : 5, now);
	add_clock(l, i, SLA_RECOVER, !recovers ? 5 : responds ? 4 : 0, now);
}

/* How far each list is; the follow-up's deadline once it is known, for nothing else runs then. */
static void add_lists(struct line *l, const struct incident *i, struct instant now)
{
	static const int ranks[2][CHECKLIST_COUNT] = {{6, 8, 9}, {9, 8, 4}};
	bool over = incident_state(i) == INCIDENT_IS_RECOVERED;

	for (int k = 0; k < CHECKLIST_COUNT; k++) {
		enum role role;
		char text[120], due[80];
		struct piece *p;
		int done, all;

		checklist_count(&i->lists, (enum checklist_id)k, &done, &all);
		if (all == 0)
			continue;
		show_due(i, (enum checklist_id)k, now, due, sizeof(due), &role);
		if (done == all)
			role = ROLE_OK;
		if (over && k == CHECKLIST_FOLLOW_UP && done < all)
			snprintf(text, sizeof(text), "%d/%d %s", done, all, due);
		else
			snprintf(text, sizeof(text), "%d/%d", done, all);
		p = add(l, ranks[over][k], role == ROLE_DIM ? ROLE_TEXT : role, text);
		str_copy(p->label, sizeof(p->label), _(show_list_name((enum checklist_id)k)));
	}
}

static void add_level(struct line *l, enum level level)
{
	enum role role = show_level_role(level);
	struct piece *p;

	add(l, 0, role, level_name(level));
	p = add(l, 2, role, _(level_title(level)));
	p->close = true;
}

static void put_incident(const struct snapshot *s, const struct incident *i, struct canvas *c,
	int row, struct instant now)
{
	struct line l = {.flex = TITLE_ENOUGH};
	enum incident_state state = incident_state(i);
	struct piece *p;
	char text[120];

	add_level(&l, i->level);
	add(&l, 0, ROLE_ACCENT, i->alias);
	p = add(&l, 3, ROLE_TEXT, rstr_text(i->title));
	p->flex = true;
	show_proposal(s, text, sizeof(text));
	if (s->proposal.kind != PROPOSE_OPEN && text[0] != '\0')
		add(&l, s->proposal.kind == PROPOSE_REOPEN ? 0 : 1,
			show_level_role(s->proposal.level), text);
	else if (state >= INCIDENT_IS_MITIGATED)
		add(&l, state == INCIDENT_IS_RECOVERED ? 0 : 3, show_state_role(state),
			_(incident_state_title(state)));
	add_clocks(&l, i, now);
	add_lists(&l, i, now);
	put_line(&l, c, row);
}

/* ---- none yet ---- */

static void put_proposal(
	const struct snapshot *s, enum level level, struct canvas *c, int row, struct instant now)
{
	struct line l = {.flex = TITLE_ENOUGH};
	struct piece *p;
	char reason[PIECE_TEXT], since[SHOW_SIZE], text[120];
	int64_t since_ms =
		s->proposal.kind == PROPOSE_OPEN ? s->proposal.since_ms : s->verdict.since.wall_ms;

	add_level(&l, level);
	str_copy(reason, sizeof(reason), s->verdict.n > 0 ? s->verdict.reasons[0].text : "");
	p = add(&l, 0, ROLE_TEXT, reason);
	p->flex = true;
	if (s->verdict.n > 1) {
		snprintf(text, sizeof(text), P_("and %zu more", "and %zu more", s->verdict.n - 1),
			s->verdict.n - 1);
		add(&l, 3, ROLE_DIM, text)->close = true;
	}
	snprintf(text, sizeof(text), _("since %s"),
		show_clock_time(since_ms, now, since, sizeof(since)));
	add(&l, 5, ROLE_DIM, text);
	if (!s->journal.off)
		add(&l, 0, ROLE_ACCENT, show_proposal(s, text, sizeof(text)));
	put_line(&l, c, row);
}

bool header_incident(const struct snapshot *s, struct canvas *c, int row, struct instant now)
{
	const struct incident *i = show_current(s);
	enum level level = show_trouble(s);

	if (i != NULL)
		put_incident(s, i, c, row, now);
	else if (level != LEVEL_NONE)
		put_proposal(s, level, c, row, now);
	return i != NULL || level != LEVEL_NONE;
}

int header_troubles(const struct snapshot *s, struct canvas *c, int row, struct instant now)
{
	struct show_troubles t;
	int lines, room = c->width - 2;
	char more[80];

	show_troubles(s, now, &t);
	lines = t.n < TROUBLE_LINES ? t.n : TROUBLE_LINES;
	if (t.n > lines) {
		snprintf(more, sizeof(more), P_("%d more: H", "%d more: H", t.n - lines),
			t.n - lines);
		canvas_right(c, row, c->width - 1, text_width(more), ROLE_BAD, more);
		room -= text_width(more) + 2;
	}
	for (int i = 0; i < lines; i++)
		canvas_put(c, row + i, 1, i == 0 ? room : c->width - 2, ROLE_BAD, t.text[i]);
	return lines;
}
