/* How an incident goes, as entries: opened, acknowledged, mitigated, recovered, closed, reopened,
 * and its level on the way. */
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "entry_row.h"

/* ---- opened ---- */

static void opened_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("%s opened: %s"), payload_text(p, "level"), payload_text(p, "title"));
	put_reasons(to, p, payload_text(p, "title"));
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
	to->reason = rstr_of(payload_text(f->p, "reason"));
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

/* A team's own lists, by their keys. */
static const char *const lists[CHECKLIST_COUNT] = {"emergency", "technical", "follow_up"};

static void set_lists(struct fold *f)
{
	const char **own[CHECKLIST_COUNT];

	for (int l = 0; l < CHECKLIST_COUNT; l++)
		own[l] = team_list(f, lists[l]);
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
	level_parse(payload_text(f->p, "level"), &l);
	rstr_replace(&f->i->title, payload_text(f->p, "title"));
	str_copy(f->i->cluster, sizeof(f->i->cluster), payload_text(f->p, "cluster"));
	str_copy(f->i->authority, sizeof(f->i->authority), payload_text(f->p, "authority"));
	f->i->time[INCIDENT_DETECTED] = fold_time(f, "detected_ms");
	f->i->time[INCIDENT_STARTED] = js_get(f->p, "started_ms") ? fold_time(f, "started_ms")
								  : fold_time(f, "detected_ms");
	add_level(f, l, f->i->time[INCIDENT_DETECTED]);
	for (size_t k = 0; k < js_len(reasons); k++) {
		const char *one = js_str(js_nth(reasons, k));

		*vec_add(&f->i->reasons) = rstr_of(one ? one : "");
	}
	if (js_len(reasons) > 0) {
		f->i->seen_bad = true;
		f->i->health = l;
	}
	if (payload_text(f->p, "broken")[0])
		rstr_replace(&f->i->broken, payload_text(f->p, "broken"));
	set_lists(f);
	return true;
}

static void opened_told(struct telling *t)
{
	tell_due(t, SLA_RESPOND);
}

static int check_open(const struct entry_opening *r, const struct entry_by *by, struct err *e)
{
	struct incident *i = incident_new("");
	int64_t detected = r->detected_ms == INCIDENT_NEVER ? by->now_ms : r->detected_ms;
	int rc = entry_need(r->title, _("a title"), e);

	str_copy(i->alias, sizeof(i->alias), _("the incident"));
	if (rc == 0)
		rc = incident_may(i, INCIDENT_DETECTED, detected, by->now_ms, e);
	i->time[INCIDENT_DETECTED].at_ms = detected;
	if (rc == 0 && r->started_ms != INCIDENT_NEVER)
		rc = incident_may(i, INCIDENT_STARTED, r->started_ms, by->now_ms, e);
	incident_unref(i);
	return rc;
}

struct journal_draft *entry_open(
	const struct entry_opening *r, const struct entry_by *by, struct err *e)
{
	struct journal_draft *d;

	if (check_open(r, by, e) != 0)
		return NULL;
	d = draft_of("", "opened", by);
	str_copy(d->incident, sizeof(d->incident), d->id); /* its first entry names it */
	journal_draft_text(d, "title", r->title);
	journal_draft_text(d, "level", level_name(r->level));
	journal_draft_int(d, "respond_ms", r->target.respond_ms);
	journal_draft_int(d, "recover_ms", r->target.recover_ms);
	if (r->detected_ms != INCIDENT_NEVER)
		journal_draft_int(d, "detected_ms", r->detected_ms);
	if (r->started_ms != INCIDENT_NEVER)
		journal_draft_int(d, "started_ms", r->started_ms);
	if (r->given)
		journal_draft_bool(d, "given", true);
	journal_draft_text(d, "cluster", r->cluster);
	journal_draft_text(d, "authority", r->authority);
	journal_draft_text(d, "broken", r->broken);
	journal_draft_texts(d, "reasons", r->reasons, r->n_reasons);
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		size_t n = 0;

		while (r->lists[l] && r->lists[l][n])
			n++;
		journal_draft_texts(d, lists[l], r->lists[l], n);
	}
	return d;
}

/* ---- its moments ---- */

static bool fold_moment(struct fold *f)
{
	enum incident_moment m = (enum incident_moment)f->row->arg;
	struct incident_time t = fold_time(f, "at_ms");

	if (incident_may(f->i, m, t.at_ms, f->en->at_ms, NULL) != 0)
		return false;
	f->i->time[m] = t;
	return true;
}

static void acknowledged_told(struct telling *t)
{
	tell_due(t, SLA_RECOVER);
}

static struct journal_draft *make_moment(const struct making *m, struct err *e)
{
	const struct entry_words *w = &m->q->words;
	struct journal_draft *d;

	if (incident_may(m->q->i, (enum incident_moment)m->row->arg,
		    w->at_ms == INCIDENT_NEVER ? m->by->now_ms : w->at_ms, m->by->now_ms, e) != 0)
		return NULL;
	d = draft_of(m->q->i->id, m->row->name, m->by);
	if (w->at_ms != INCIDENT_NEVER)
		journal_draft_int(d, "at_ms", w->at_ms);
	if (w->given)
		journal_draft_bool(d, "given", true);
	return d;
}

static void reopened_words(struct buf *to, const struct js *p)
{
	buf_puts(to, _("reopened"));
	if (payload_text(p, "reason")[0])
		buf_fmt(to, ": %s", payload_text(p, "reason"));
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

static void reopened_told(struct telling *t)
{
	tell_due(t, SLA_RECOVER);
	str_copy(t->a->why, sizeof(t->a->why), payload_text(t->p, "reason"));
}

static struct journal_draft *make_reopened(const struct making *m, struct err *e)
{
	struct journal_draft *d;

	if (incident_may_reopen(m->q->i, e) != 0)
		return NULL;
	d = draft_of(m->q->i->id, m->row->name, m->by);
	journal_draft_text(d, "reason", m->q->words.text);
	return d;
}

/* ---- its level ---- */

static void level_words(struct buf *to, const struct js *p)
{
	buf_fmt(to, _("level %s → %s: %s"), payload_text(p, "from"), payload_text(p, "to"),
		payload_text(p, "reason"));
}

static bool fold_level(struct fold *f)
{
	enum level l;

	if (!level_parse(payload_text(f->p, "to"), &l) || incident_may_level(f->i, l, NULL) != 0)
		return false;
	add_level(f, l, fold_time(f, "at_ms"));
	return true;
}

/* How many changes there were before this one. */
static unsigned changes_before(const struct telling *t, enum level to)
{
	size_t k = t->i->levels.len;

	while (k > 1 && (t->i->levels.at[k - 1].time.at_ms > t->a->at_ms ||
				t->i->levels.at[k - 1].level != to))
		k--;
	return k > 2 ? (unsigned)(k - 2) : 0;
}

static void level_told(struct telling *t)
{
	t->a->before = tell_level(t, "from");
	t->a->level = tell_level(t, "to");
	t->a->serial = changes_before(t, t->a->level);
	str_copy(t->a->why, sizeof(t->a->why), payload_text(t->p, "reason"));
	tell_due(t, SLA_RECOVER);
}

static struct journal_draft *make_level(const struct making *m, struct err *e)
{
	const struct incident *i = m->q->i;
	const struct entry_words *w = &m->q->words;
	struct journal_draft *d;

	if (w->level >= LEVEL_COUNT) {
		err_set(e, ERR_USAGE, "%s", _("begin with P0, P1, P2 or P3"));
		return NULL;
	}
	if (incident_may_level(i, w->level, e) != 0 || entry_need(w->text, _("the reason"), e) != 0)
		return NULL;
	d = draft_of(i->id, m->row->name, m->by);
	journal_draft_text(d, "from", level_name(i->level));
	journal_draft_text(d, "to", level_name(w->level));
	journal_draft_int(d, "respond_ms", m->q->targets[w->level].respond_ms);
	journal_draft_int(d, "recover_ms", m->q->targets[w->level].recover_ms);
	journal_draft_text(d, "reason", w->text);
	return d;
}

static const struct entry_row rows[] = {
	/* title level respond_ms recover_ms [detected_ms started_ms given] [cluster authority
	 * broken] [reasons[]] [emergency[] technical[] follow_up[]: a team's own lists] */
	{.name = "opened",
		.words = opened_words,
		.fold = fold_opened,
		.told = &(const struct entry_told){NOTIFICATION_DETECTED, opened_told}},
	/* these four: [at_ms: when it happened] [given: a person said when] */
	{.name = "acknowledged",
		.said = N_("acknowledged"),
		.fold = fold_moment,
		.told = &(const struct entry_told){NOTIFICATION_ACKNOWLEDGED, acknowledged_told},
		.make = make_moment,
		.arg = INCIDENT_ACKNOWLEDGED},
	{.name = "mitigated",
		.said = N_("mitigated"),
		.fold = fold_moment,
		.make = make_moment,
		.arg = INCIDENT_MITIGATED},
	{.name = "recovered",
		.said = N_("recovered"),
		.fold = fold_moment,
		.told = &(const struct entry_told){NOTIFICATION_RECOVERED, NULL},
		.make = make_moment,
		.arg = INCIDENT_RECOVERED},
	{.name = "closed",
		.said = N_("closed"),
		.fold = fold_moment,
		.make = make_moment,
		.arg = INCIDENT_CLOSED},
	/* [reason] */
	{.name = "reopened",
		.words = reopened_words,
		.fold = fold_reopened,
		.told = &(const struct entry_told){NOTIFICATION_DETECTED, reopened_told},
		.make = make_reopened},
	/* from to respond_ms recover_ms reason */
	{.name = "level",
		.words = level_words,
		.fold = fold_level,
		.told = &(const struct entry_told){NOTIFICATION_LEVEL, level_told},
		.make = make_level},
};

const struct entry_rows entry_life = ENTRY_ROWS(rows);
