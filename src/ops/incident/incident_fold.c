/* One entry onto an incident: a row per kind. What does not fit (two people acknowledged on two
 * machines) changes nothing, is counted, and stays in the timeline. */
#include "incident_fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/json.h"
#include "ops/journal/entry_kind.h"

struct fold {
	struct incident *i;
	const struct journal_entry *en;
	const struct js *p;
};

static const char *text(const struct fold *f, const char *key)
{
	return js_text_or(f->p, key, "");
}

static struct rstr *shared(const char *s)
{
	return rstr_new(s, strlen(s));
}

static void replace(struct rstr **to, const char *s)
{
	rstr_unref(*to);
	*to = shared(s);
}

/* When it happened: what the payload says, else when it was recorded. */
static struct incident_time time_of(const struct fold *f, const char *key)
{
	struct incident_time t = {
		.at_ms = js_int(f->p, key, f->en->at_ms), .given = js_bool(f->p, "given", false)};

	str_copy(t.host, sizeof(t.host), f->en->host);
	return t;
}

static struct level_target target_of(const struct fold *f, enum level l)
{
	struct level_target t = level_targets[l];

	t.respond_ms = js_int(f->p, "respond_ms", t.respond_ms);
	t.recover_ms = js_int(f->p, "recover_ms", t.recover_ms);
	return t;
}

static void add_level(struct fold *f, enum level l, struct incident_time t)
{
	struct incident_level *to = vec_add(&f->i->levels);

	to->time = t;
	to->level = l;
	to->target = target_of(f, l);
	to->reason = shared(text(f, "reason"));
	str_copy(to->author, sizeof(to->author), f->en->author);
	f->i->level = l;
}

/* A team's list of the payload, NULL-terminated; texts are the payload's. NULL: none. */
static const char **team_list(const struct fold *f, const char *key)
{
	const struct js *list = js_get(f->p, key);
	const char **out;
	size_t n = 0;

	if (js_len(list) == 0)
		return NULL;
	out = mem_zero(js_len(list) + 1, sizeof(*out));
	for (size_t k = 0; k < js_len(list); k++)
		if (js_str(js_nth(list, k)) && js_str(js_nth(list, k))[0])
			out[n++] = js_str(js_nth(list, k));
	return out;
}

static void set_lists(struct fold *f)
{
	static const char *const keys[CHECKLIST_COUNT] = {"emergency", "technical", "follow_up"};
	const char **own[CHECKLIST_COUNT];

	for (int l = 0; l < CHECKLIST_COUNT; l++)
		own[l] = team_list(f, keys[l]);
	checklist_done(&f->i->lists);
	checklist_init(&f->i->lists, (const char *const *const[]){own[0], own[1], own[2]});
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		free(own[l]);
}

static bool fold_opened(struct fold *f)
{
	const struct js *reasons = js_get(f->p, "reasons");
	enum level l = LEVEL_P3;

	if (f->i->levels.len > 0)
		return false;
	level_parse(text(f, "level"), &l);
	replace(&f->i->title, text(f, "title"));
	str_copy(f->i->cluster, sizeof(f->i->cluster), text(f, "cluster"));
	str_copy(f->i->authority, sizeof(f->i->authority), text(f, "authority"));
	f->i->time[INCIDENT_DETECTED] = time_of(f, "detected_ms");
	f->i->time[INCIDENT_STARTED] =
		js_get(f->p, "started_ms") ? time_of(f, "started_ms") : time_of(f, "detected_ms");
	add_level(f, l, f->i->time[INCIDENT_DETECTED]);
	for (size_t k = 0; k < js_len(reasons); k++) {
		const char *one = js_str(js_nth(reasons, k));

		*vec_add(&f->i->reasons) = shared(one ? one : "");
	}
	if (js_len(reasons) > 0) {
		f->i->seen_bad = true;
		f->i->health = l;
	}
	if (text(f, "broken")[0])
		replace(&f->i->broken, text(f, "broken"));
	set_lists(f);
	return true;
}

static bool fold_moment(struct fold *f, enum incident_moment m)
{
	struct incident_time t = time_of(f, "at_ms");

	if (incident_may(f->i, m, t.at_ms, f->en->at_ms, NULL) != 0)
		return false;
	f->i->time[m] = t;
	return true;
}

static bool fold_acknowledged(struct fold *f)
{
	return fold_moment(f, INCIDENT_ACKNOWLEDGED);
}

static bool fold_mitigated(struct fold *f)
{
	return fold_moment(f, INCIDENT_MITIGATED);
}

static bool fold_recovered(struct fold *f)
{
	return fold_moment(f, INCIDENT_RECOVERED);
}

static bool fold_closed(struct fold *f)
{
	return fold_moment(f, INCIDENT_CLOSED);
}

static bool fold_reopened(struct fold *f)
{
	static const enum incident_moment undone[] = {
		INCIDENT_MITIGATED, INCIDENT_RECOVERED, INCIDENT_CLOSED};

	if (incident_may_reopen(f->i, NULL) != 0)
		return false;
	for (size_t k = 0; k < sizeof(undone) / sizeof(undone[0]); k++)
		f->i->time[undone[k]] = (struct incident_time){.at_ms = INCIDENT_NEVER};
	f->i->reopened++;
	return true;
}

static bool fold_level(struct fold *f)
{
	enum level l;

	if (!level_parse(text(f, "to"), &l) || incident_may_level(f->i, l, NULL) != 0)
		return false;
	add_level(f, l, time_of(f, "at_ms"));
	return true;
}

static struct incident_role *role_of(struct incident *i, const char *role)
{
	for (size_t k = 0; k < i->roles.len; k++)
		if (str_eq(i->roles.at[k].role, role))
			return &i->roles.at[k];
	return vec_add(&i->roles);
}

static bool fold_role(struct fold *f)
{
	struct incident_role *to;

	if (!text(f, "role")[0])
		return false;
	to = role_of(f->i, text(f, "role"));
	str_copy(to->role, sizeof(to->role), text(f, "role"));
	str_copy(to->who, sizeof(to->who), text(f, "who"));
	return true;
}

static bool fold_note(struct fold *f)
{
	struct incident_note *to = vec_add(&f->i->notes);

	str_copy(to->id, sizeof(to->id), f->en->id);
	str_copy(to->author, sizeof(to->author), f->en->author);
	to->at_ms = f->en->at_ms;
	to->text = shared(text(f, "text"));
	to->starred = js_bool(f->p, "starred", false);
	return true;
}

static bool fold_star(struct fold *f)
{
	for (size_t k = 0; k < f->i->notes.len; k++) {
		if (str_eq(f->i->notes.at[k].id, text(f, "note"))) {
			f->i->notes.at[k].starred = js_bool(f->p, "starred", true);
			return true;
		}
	}
	return false;
}

static bool set_tick(struct fold *f, bool on)
{
	for (size_t k = 0; k < f->i->lists.items.len; k++) {
		struct checklist_item *item = &f->i->lists.items.at[k];

		if (!str_eq(item->name, text(f, "item")))
			continue;
		rstr_unref(item->evidence_text);
		item->evidence_text = text(f, "evidence")[0] ? shared(text(f, "evidence")) : NULL;
		item->by_hand = item->evidence_text == NULL;
		item->ticked = on;
		item->at_ms = f->en->at_ms;
		str_copy(item->by, sizeof(item->by), f->en->author);
		return true;
	}
	return false;
}

static bool fold_tick(struct fold *f)
{
	return set_tick(f, true);
}

static bool fold_untick(struct fold *f)
{
	return set_tick(f, false);
}

static bool fold_link(struct fold *f)
{
	struct incident_link *to = vec_add(&f->i->links);

	str_copy(to->what, sizeof(to->what), text(f, "what"));
	to->at_ms = f->en->at_ms;
	to->name = shared(text(f, "name"));
	return true;
}

static struct incident_action *action_of(struct fold *f)
{
	struct incident_action *a;

	for (size_t k = 0; k < f->i->actions.len; k++)
		if (str_eq(f->i->actions.at[k].id, text(f, "action")))
			return &f->i->actions.at[k];
	a = vec_add(&f->i->actions);
	str_copy(a->id, sizeof(a->id), text(f, "action"));
	str_copy(a->author, sizeof(a->author), f->en->author);
	a->at_ms = f->en->at_ms;
	a->end_ms = INCIDENT_NEVER;
	return a;
}

static bool fold_action(struct fold *f)
{
	struct incident_action *a = action_of(f);

	str_copy(a->state, sizeof(a->state), text(f, "state"));
	if (text(f, "title")[0])
		replace(&a->title, text(f, "title"));
	if (text(f, "command")[0])
		replace(&a->command, text(f, "command"));
	if (text(f, "result")[0])
		replace(&a->result, text(f, "result"));
	if (!str_eq(a->state, "intent") && !str_eq(a->state, "running"))
		a->end_ms = f->en->at_ms;
	return true;
}

static bool fold_health(struct fold *f)
{
	enum level l = LEVEL_NONE;

	level_parse(text(f, "to"), &l);
	f->i->health = l;
	f->i->seen_bad |= l != LEVEL_NONE;
	if (text(f, "broken")[0])
		replace(&f->i->broken, text(f, "broken"));
	return true;
}

static int clock_of(const char *name)
{
	for (int c = 0; c < SLA_CLOCKS; c++)
		if (str_eq(name, sla_name((enum sla_clock)c)))
			return c;
	return -1;
}

static bool fold_warning(struct fold *f)
{
	int c = clock_of(text(f, "clock")), percent = (int)js_int(f->p, "percent", 0);
	enum level l;

	if (c < 0 || !level_parse(text(f, "level"), &l))
		return false;
	if (percent > f->i->told[c][l])
		f->i->told[c][l] = percent;
	return true;
}

static bool fold_breach(struct fold *f)
{
	int c = clock_of(text(f, "clock"));

	if (c < 0)
		return false;
	f->i->breach_told[c] = true;
	return true;
}

static bool fold_clock_set(struct fold *f)
{
	return incident_clock_set(
		f->i, f->en->host, js_int(f->p, "by_ms", 0), js_int(f->p, "boot_ms", 0));
}

static bool (*const folds[ENTRY_KINDS])(struct fold *f) = {
	[ENTRY_OPENED] = fold_opened,
	[ENTRY_ACKNOWLEDGED] = fold_acknowledged,
	[ENTRY_MITIGATED] = fold_mitigated,
	[ENTRY_RECOVERED] = fold_recovered,
	[ENTRY_CLOSED] = fold_closed,
	[ENTRY_REOPENED] = fold_reopened,
	[ENTRY_LEVEL] = fold_level,
	[ENTRY_ROLE] = fold_role,
	[ENTRY_NOTE] = fold_note,
	[ENTRY_STAR] = fold_star,
	[ENTRY_TICK] = fold_tick,
	[ENTRY_UNTICK] = fold_untick,
	[ENTRY_LINK] = fold_link,
	[ENTRY_ACTION] = fold_action,
	[ENTRY_VERDICT] = fold_health,
	[ENTRY_WARNING] = fold_warning,
	[ENTRY_BREACH] = fold_breach,
	[ENTRY_CLOCK_SET] = fold_clock_set,
};

static void add_event(const struct fold *f)
{
	struct incident_event *to = vec_add(&f->i->events);
	char *words = entry_words(f->en, f->p);

	str_copy(to->id, sizeof(to->id), f->en->id);
	str_copy(to->kind, sizeof(to->kind), f->en->kind);
	str_copy(to->author, sizeof(to->author), f->en->author);
	to->at_ms = js_int(f->p, "at_ms", js_int(f->p, "detected_ms", f->en->at_ms));
	to->kept = f->en->row == 0;
	to->text = shared(words);
	free(words);
}

void incident_fold(struct incident *i, const struct journal_entry *en)
{
	struct js *p = js_parse(en->payload, strlen(en->payload), NULL);
	struct fold f = {i, en, p};
	enum entry_kind k = entry_kind_of(en->kind);

	i->number = en->number ? en->number : i->number;
	journal_alias(i->number, i->alias, sizeof(i->alias));
	if (p == NULL || (k != ENTRY_OTHER && !folds[k](&f)))
		i->misfits++;
	add_event(&f);
	js_free(p);
}
