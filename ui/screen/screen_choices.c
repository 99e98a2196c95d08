/* What the palette offers for what was typed: actions by name or title, themes, and, behind "node
 * ", "pod ", "member " or "runbook ", what there is by that name. The best match comes first; equal ones
 * keep their table's order. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/str.h"
#include "screen_parts.h"

#define NO_MATCH 1000

static bool word_starts(const char *text, const char *at)
{
	return at == text || !isalnum((unsigned char)at[-1]);
}

/* 0 the same, 1 begins so, 2 a word in it begins so, 3 contains it. */
static int find(const char *text, const char *part)
{
	const char *p = text;
	int best = NO_MATCH;

	if (part[0] == '\0')
		return 3;
	if (strcasecmp(text, part) == 0)
		return 0;
	if (strncasecmp(text, part, strlen(part)) == 0)
		return 1;
	for (; (p = strcasestr(p, part)) != NULL && best != 2; p++)
		best = word_starts(text, p) ? 2 : 3;
	return best;
}

/* As find, or 10 and more when the letters are there in order. */
static int fuzzy(const char *text, const char *part)
{
	int score = find(text, part), gaps = 10;

	if (score != NO_MATCH)
		return score;
	for (; *text != '\0' && *part != '\0'; text++) {
		if (tolower((unsigned char)*text) == tolower((unsigned char)*part))
			part++;
		else
			gaps++;
	}
	return *part == '\0' ? gaps : NO_MATCH;
}

/* Puts it where its score belongs, if it is good enough. */
static void add(struct screen *s, const struct choice *c)
{
	size_t at = s->n_choices;

	if (c->score >= NO_MATCH)
		return;
	while (at > 0 && s->choices[at - 1].score > c->score)
		at--;
	if (at == CHOICES_MAX)
		return;
	if (s->n_choices < CHOICES_MAX)
		s->n_choices++;
	memmove(&s->choices[at + 1], &s->choices[at], (s->n_choices - at - 1) * sizeof(*c));
	s->choices[at] = *c;
}

static void add_actions(struct screen *s, const char *typed)
{
	for (int a = ACTION_ENTER; a < ACTION_CLICK; a++) {
		struct choice c = {.kind = CHOICE_ACTION, .index = a};
		int title;

		if (!screen_offers(s, (enum action_id)a) || a == ACTION_PALETTE ||
			a == ACTION_BACK || a == ACTION_ENTER)
			continue;
		str_copy(c.name, sizeof(c.name), action_name((enum action_id)a));
		c.score = fuzzy(c.name, typed);
		title = find(_(action_title((enum action_id)a)), typed);
		if (title != NO_MATCH && title + 4 < c.score)
			c.score = title + 4;
		add(s, &c);
	}
}

static void add_themes(struct screen *s, const char *typed)
{
	for (size_t i = 0; i < s->n_themes; i++) {
		struct choice c = {.kind = CHOICE_THEME, .index = (int)i};

		str_copy(c.name, sizeof(c.name), "theme ");
		str_copy(c.name + 6, sizeof(c.name) - 6, s->themes[i].name);
		c.score = fuzzy(c.name, typed) + (typed[0] == '\0');
		add(s, &c);
	}
}

static void add_name(struct screen *s, enum choice_kind kind, const char *ns, const char *name,
	uint64_t id, const char *typed)
{
	struct choice c = {.kind = kind, .id = id};

	str_copy(c.ns, sizeof(c.ns), ns);
	str_copy(c.name, sizeof(c.name), name);
	c.score = fuzzy(c.name, typed);
	add(s, &c);
}

static void add_nodes(struct screen *s, const char *typed)
{
	struct table_walk w = table_walk(s->now->nodes);
	const struct node_row *n;

	while ((n = table_next(&w)) != NULL)
		add_name(s, CHOICE_NODE, "", n->name, 0, typed);
}

static void add_pods(struct screen *s, const char *typed)
{
	struct table_walk w = table_walk(s->now->system_pods);
	const struct system_pod_row *p;

	while ((p = table_next(&w)) != NULL)
		add_name(s, CHOICE_POD, p->pod.ns, pod_name(&p->pod), 0, typed);
}

static void add_members(struct screen *s, const char *typed)
{
	for (size_t i = 0; i < s->now->etcd.n; i++) {
		const struct etcd_member *m = &s->now->etcd.members[i];

		add_name(s, CHOICE_MEMBER, "", m->name[0] != '\0' ? m->name : m->address, m->id,
			typed);
	}
}

static void add_runbooks(struct screen *s, const char *typed)
{
	for (size_t i = 0; s->now->runs != NULL && i < s->now->runs->n_cards; i++)
		add_name(s, CHOICE_RUNBOOK, "", s->now->runs->cards[i].id, 0, typed);
}

static const struct jump {
	const char *word; /* with its blank */
	void (*add)(struct screen *s, const char *typed);
	size_t view; /* where in struct screen_views its detail is */
} jumps[] = {
	{"node ", add_nodes, offsetof(struct screen_views, node)},
	{"pod ", add_pods, offsetof(struct screen_views, pod)},
	{"member ", add_members, offsetof(struct screen_views, member)},
	{"runbook ", add_runbooks, offsetof(struct screen_views, runbooks)},
};

static bool can_jump(const struct screen *s, const struct jump *j)
{
	const struct view_ops *ops;

	memcpy(&ops, (const char *)s->views + j->view, sizeof(ops));
	return ops != NULL && (ops != s->views->runbooks || s->now->runs != NULL);
}

/* Where a name begins as typed, sentences that merely contain it are noise. */
static void drop_noise(struct screen *s)
{
	if (s->n_choices == 0 || s->choices[0].score > 1)
		return;
	while (s->choices[s->n_choices - 1].score > 3)
		s->n_choices--;
}

void choices_find(struct screen *s)
{
	const char *typed = s->input + strspn(s->input, " ");

	s->n_choices = s->choice = s->palette_top = 0;
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++)
		if (str_starts(typed, jumps[i].word) && can_jump(s, &jumps[i])) {
			jumps[i].add(s, typed + strlen(jumps[i].word));
			return;
		}
	add_actions(s, typed);
	add_themes(s, typed);
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++)
		if (can_jump(s, &jumps[i])) {
			struct choice c = {
				.kind = CHOICE_WORD, .score = fuzzy(jumps[i].word, typed)};

			str_copy(c.name, sizeof(c.name), jumps[i].word);
			add(s, &c);
		}
	drop_noise(s);
}
