/* Acts: asked first, then written down. The payloads are those of ops/entry_kind.h. */
#include "ops/incident/incident_acts.h"

#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"

static struct journal_draft *journal_draft_of(const char *incident, enum entry_kind k, const struct act *a)
{
	return journal_draft_new(incident, entry_kind_name(k), &a->by, a->now_ms);
}

static int need(const char *text, const char *what, struct err *e)
{
	if (text != NULL && text[strspn(text, " \t\r\n")] != '\0')
		return 0;
	return err_set(e, ERR_USAGE, _("%s must not be empty"), what);
}

/* ---- the incident itself ---- */

static int check_open(const struct incident_request *r, const struct act *a, struct err *e)
{
	struct incident *i = incident_new("");
	int64_t detected = r->detected_ms == INCIDENT_NEVER ? a->now_ms : r->detected_ms;
	int rc = need(r->title, _("a title"), e);

	str_copy(i->alias, sizeof(i->alias), _("the incident"));
	if (rc == 0)
		rc = incident_may(i, INCIDENT_DETECTED, detected, a->now_ms, e);
	i->time[INCIDENT_DETECTED].at_ms = detected;
	if (rc == 0 && r->started_ms != INCIDENT_NEVER)
		rc = incident_may(i, INCIDENT_STARTED, r->started_ms, a->now_ms, e);
	incident_unref(i);
	return rc;
}

struct journal_draft *act_open(const struct incident_request *r, const struct act *a, struct err *e)
{
	static const char *const keys[CHECKLIST_COUNT] = {"emergency", "technical", "follow_up"};
	struct journal_draft *d;

	if (check_open(r, a, e) != 0)
		return NULL;
	d = journal_draft_of("", ENTRY_OPENED, a);
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
		journal_draft_texts(d, keys[l], r->lists[l], n);
	}
	return d;
}

struct journal_draft *act_moment(const struct incident *i, enum incident_moment m, int64_t at_ms,
	bool given, const struct act *a, struct err *e)
{
	static const enum entry_kind kinds[INCIDENT_MOMENTS] = {
		[INCIDENT_ACKNOWLEDGED] = ENTRY_ACKNOWLEDGED,
		[INCIDENT_MITIGATED] = ENTRY_MITIGATED,
		[INCIDENT_RECOVERED] = ENTRY_RECOVERED,
		[INCIDENT_CLOSED] = ENTRY_CLOSED,
	};
	struct journal_draft *d;

	if (incident_may(i, m, at_ms == INCIDENT_NEVER ? a->now_ms : at_ms, a->now_ms, e) != 0)
		return NULL;
	d = journal_draft_of(i->id, kinds[m], a);
	if (at_ms != INCIDENT_NEVER)
		journal_draft_int(d, "at_ms", at_ms);
	if (given)
		journal_draft_bool(d, "given", true);
	return d;
}

struct journal_draft *act_reopen(
	const struct incident *i, const char *reason, const struct act *a, struct err *e)
{
	struct journal_draft *d;

	if (incident_may_reopen(i, e) != 0)
		return NULL;
	d = journal_draft_of(i->id, ENTRY_REOPENED, a);
	journal_draft_text(d, "reason", reason);
	return d;
}

struct journal_draft *act_level(const struct incident *i, enum level to, const struct level_target *target,
	const char *reason, const struct act *a, struct err *e)
{
	struct journal_draft *d;

	if (incident_may_level(i, to, e) != 0 || need(reason, _("the reason"), e) != 0)
		return NULL;
	d = journal_draft_of(i->id, ENTRY_LEVEL, a);
	journal_draft_text(d, "from", level_name(i->level));
	journal_draft_text(d, "to", level_name(to));
	journal_draft_int(d, "respond_ms", target->respond_ms);
	journal_draft_int(d, "recover_ms", target->recover_ms);
	journal_draft_text(d, "reason", reason);
	return d;
}

/* ---- people and words ---- */

struct journal_draft *act_role(const struct incident *i, const char *role, const char *who,
	const struct act *a, struct err *e)
{
	struct journal_draft *d;

	if (need(role, _("the role"), e) != 0)
		return NULL;
	if (strlen(role) >= sizeof(((struct incident_role *)0)->role) ||
		strlen(who) >= sizeof(((struct incident_role *)0)->who)) {
		err_set(e, ERR_USAGE, _("a role has at most %d bytes, a name %d"), 31, 63);
		return NULL;
	}
	d = journal_draft_of(i->id, ENTRY_ROLE, a);
	journal_draft_text(d, "role", role);
	journal_draft_text(d, "who", who);
	return d;
}

struct journal_draft *act_note(const struct incident *i, const char *text, bool starred,
	const struct act *a, struct err *e)
{
	struct journal_draft *d;

	if (need(text, _("the note"), e) != 0)
		return NULL;
	d = journal_draft_of(i->id, ENTRY_NOTE, a);
	journal_draft_text(d, "text", text);
	if (starred)
		journal_draft_bool(d, "starred", true);
	return d;
}

struct journal_draft *act_star(
	const struct incident *i, const char *note, bool on, const struct act *a, struct err *e)
{
	for (size_t k = 0; k < i->notes.len; k++) {
		struct journal_draft *d;

		if (!str_eq(i->notes.at[k].id, note))
			continue;
		d = journal_draft_of(i->id, ENTRY_STAR, a);
		journal_draft_text(d, "note", note);
		journal_draft_bool(d, "starred", on);
		return d;
	}
	err_set(e, ERR_MISSING, _("%s has no note %s"), i->alias, note);
	return NULL;
}

struct journal_draft *act_link(const struct incident *i, const char *what, const char *name,
	const struct act *a, struct err *e)
{
	struct journal_draft *d;

	if (need(what, _("what is linked"), e) != 0 || need(name, _("the link"), e) != 0)
		return NULL;
	d = journal_draft_of(i->id, ENTRY_LINK, a);
	journal_draft_text(d, "what", what);
	journal_draft_text(d, "name", name);
	return d;
}

/* ---- checklists ---- */

static struct journal_draft *tick_draft(const struct incident *i, const struct checklist_item *item,
	bool on, const char *evidence, const struct act *a)
{
	struct journal_draft *d = journal_draft_of(i->id, on ? ENTRY_TICK : ENTRY_UNTICK, a);

	journal_draft_text(d, "item", item->name);
	journal_draft_text(d, "text", rstr_text(item->text));
	journal_draft_text(d, "evidence", evidence);
	return d;
}

struct journal_draft *act_tick(
	const struct incident *i, const char *item, bool on, const struct act *a, struct err *e)
{
	const struct checklist_item *found = checklist_find(&i->lists, item, e);

	if (found == NULL)
		return NULL;
	if (found->ticked == on) {
		err_set(e, ERR_CONFLICT,
			on ? _("%s: \"%s\" is ticked already") : _("%s: \"%s\" is not ticked"),
			i->alias, _(rstr_text(found->text)));
		return NULL;
	}
	return tick_draft(i, found, on, NULL, a);
}

size_t act_saw(const struct incident *i, enum evidence what, const char *text, const struct act *a,
	struct journal_draft **out)
{
	size_t n = 0;

	for (size_t k = 0; k < i->lists.items.len && n < CHECKLIST_ROWS; k++) {
		const struct checklist_item *item = &i->lists.items.at[k];

		if (what != EVIDENCE_NONE && item->evidence == what && !item->ticked &&
			!item->by_hand)
			out[n++] = tick_draft(i, item, true, text, a);
	}
	return n;
}

/* ---- what the console does and sees ---- */

struct journal_draft *act_action(const char *incident, const struct action_request *r, const struct act *a)
{
	struct journal_draft *d = journal_draft_of(incident, ENTRY_ACTION, a);

	journal_draft_text(d, "action", r->action);
	journal_draft_text(d, "state", r->state);
	journal_draft_text(d, "title", r->title);
	journal_draft_text(d, "command", r->command);
	journal_draft_text(d, "result", r->result);
	return d;
}

struct journal_draft *act_health(const char *incident, enum level from, enum level to,
	const char *const *reasons, size_t n, const char *broken, const struct act *a)
{
	struct journal_draft *d = journal_draft_of(incident, ENTRY_VERDICT, a);

	journal_draft_text(d, "from", level_name(from));
	journal_draft_text(d, "to", level_name(to));
	journal_draft_texts(d, "reasons", reasons, n);
	journal_draft_text(d, "broken", broken);
	return d;
}

struct journal_draft *act_mark(const struct incident *i, enum sla_clock c, int mark, const struct act *a)
{
	struct journal_draft *d = journal_draft_of(i->id, mark >= 100 ? ENTRY_BREACH : ENTRY_WARNING, a);

	journal_draft_text(d, "clock", sla_name(c));
	journal_draft_text(d, "level", level_name(i->level));
	if (mark < 100)
		journal_draft_int(d, "percent", mark);
	return d;
}

struct journal_draft *act_clock_set(
	const struct incident *i, int64_t by_ms, int64_t boot_ms, const struct act *a)
{
	struct journal_draft *d = journal_draft_of(i->id, ENTRY_CLOCK_SET, a);

	journal_draft_int(d, "by_ms", by_ms);
	journal_draft_int(d, "boot_ms", boot_ms);
	return d;
}
