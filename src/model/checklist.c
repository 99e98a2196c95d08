/* The strategy's lists as rows. Its own Chinese words are the translations of these English ones
 * (src/app/share/po), letter by letter. */
#include "model/checklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"

static const struct row {
	enum checklist_id list;
	const char *name; /* "confirm-impact": stable */
	const char *text; /* N_() key; the strategy's own words are its Chinese */
	enum evidence evidence;
} rows[CHECKLIST_ROWS] = {
	{CHECKLIST_EMERGENCY, "confirm-impact", N_("Confirm the scope and the impact"),
		EVIDENCE_NONE},
	{CHECKLIST_EMERGENCY, "notify-teams", N_("Notify the teams concerned"), EVIDENCE_NOTIFIED},
	{CHECKLIST_EMERGENCY, "collect-logs", N_("Begin to collect logs"), EVIDENCE_BUNDLE},
	{CHECKLIST_EMERGENCY, "check-alerts", N_("Check the monitoring's alerts"), EVIDENCE_ALERTS},
	{CHECKLIST_EMERGENCY, "assess-rollback", N_("Judge whether to roll back"), EVIDENCE_NONE},
	{CHECKLIST_TECHNICAL, "run-diagnostics", N_("Run the diagnostics script"), EVIDENCE_BUNDLE},
	{CHECKLIST_TECHNICAL, "analyse-logs", N_("Analyse logs and events"), EVIDENCE_NONE},
	{CHECKLIST_TECHNICAL, "find-root-cause", N_("Determine the root cause"), EVIDENCE_NONE},
	{CHECKLIST_TECHNICAL, "carry-out-recovery", N_("Carry out the recovery"), EVIDENCE_RUNBOOK},
	{CHECKLIST_TECHNICAL, "verify-recovery", N_("Verify that service is restored"),
		EVIDENCE_RECOVERED},
	{CHECKLIST_FOLLOW_UP, "write-report", N_("Write the incident report"), EVIDENCE_NONE},
	{CHECKLIST_FOLLOW_UP, "update-monitoring", N_("Update the monitoring rules"),
		EVIDENCE_NONE},
	{CHECKLIST_FOLLOW_UP, "improve-automation", N_("Improve the automation scripts"),
		EVIDENCE_NONE},
	{CHECKLIST_FOLLOW_UP, "hold-review", N_("Hold the team's review"), EVIDENCE_NONE},
	{CHECKLIST_FOLLOW_UP, "prevent", N_("Put preventive measures in place"), EVIDENCE_NONE},
};

static const struct {
	const char *name, *title, *heading;
} lists[CHECKLIST_COUNT] = {
	[CHECKLIST_EMERGENCY] = {"emergency", N_("Emergency response"), N_("within 15 minutes")},
	[CHECKLIST_TECHNICAL] = {"technical", N_("Technical recovery"), N_("within 1 hour")},
	[CHECKLIST_FOLLOW_UP] = {"follow-up", N_("Follow-up"), N_("within 24 hours")},
};

const char *checklist_name(enum checklist_id id)
{
	return lists[id].name;
}

const char *checklist_title(enum checklist_id id)
{
	return lists[id].title;
}

const char *checklist_heading(enum checklist_id id)
{
	return lists[id].heading;
}

/* ---- making ---- */

static struct rstr *shared(const char *text)
{
	return rstr_new(text, strlen(text));
}

static void add_row(struct checklist *c, const struct row *row, enum checklist_id list)
{
	struct checklist_item *item = vec_add(&c->items);

	item->list = list;
	str_copy(item->name, sizeof(item->name), row->name);
	item->text = shared(row->text);
	item->evidence = row->evidence;
}

static const struct row *row_of(const char *words)
{
	for (int i = 0; i < CHECKLIST_ROWS; i++)
		if (str_eq(words, rows[i].name) || str_eq(words, rows[i].text) ||
			str_eq(words, _(rows[i].text)))
			return &rows[i];
	return NULL;
}

static bool has(const struct checklist *c, const char *name)
{
	for (size_t i = 0; i < c->items.len; i++)
		if (str_eq(c->items.at[i].name, name))
			return true;
	return false;
}

static void add_own(struct checklist *c, const char *words, enum checklist_id list, size_t place)
{
	const struct row *row = row_of(words);
	struct checklist_item *item;

	if (row != NULL && !has(c, row->name)) {
		add_row(c, row, list);
		return;
	}
	item = vec_add(&c->items);
	item->list = list;
	snprintf(item->name, sizeof(item->name), "%s-%zu", lists[list].name, place);
	item->text = shared(words);
}

void checklist_init(struct checklist *c, const char *const *const team[CHECKLIST_COUNT])
{
	memset(c, 0, sizeof(*c));
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		const char *const *own = team ? team[l] : NULL;

		if (own != NULL && own[0] != NULL) {
			for (size_t i = 0; own[i]; i++)
				add_own(c, own[i], (enum checklist_id)l, i + 1);
			continue;
		}
		for (int i = 0; i < CHECKLIST_ROWS; i++)
			if ((int)rows[i].list == l)
				add_row(c, &rows[i], (enum checklist_id)l);
	}
}

void checklist_done(struct checklist *c)
{
	for (size_t i = 0; i < c->items.len; i++) {
		rstr_unref(c->items.at[i].text);
		rstr_unref(c->items.at[i].evidence_text);
	}
	vec_done(&c->items);
}

void checklist_copy(struct checklist *to, const struct checklist *from)
{
	memset(to, 0, sizeof(*to));
	for (size_t i = 0; i < from->items.len; i++) {
		struct checklist_item *item = vec_add(&to->items);

		*item = from->items.at[i];
		rstr_ref(item->text);
		rstr_ref(item->evidence_text);
	}
}

/* ---- finding ---- */

static const struct checklist_item *by_place(const struct checklist *c, const char *word)
{
	const char *slash = strchr(word, '/');
	int64_t place;

	if (slash == NULL || !str_i64(slash + 1, &place))
		return NULL;
	for (size_t i = 0; i < c->items.len; i++) {
		const char *list = lists[c->items.at[i].list].name;

		if (strlen(list) == (size_t)(slash - word) &&
			strncmp(list, word, (size_t)(slash - word)) == 0 && --place == 0)
			return &c->items.at[i];
	}
	return NULL;
}

static const struct checklist_item *by_beginning(const struct checklist *c, const char *word)
{
	const struct checklist_item *found = NULL;

	for (size_t i = 0; i < c->items.len; i++) {
		if (!str_starts(c->items.at[i].name, word))
			continue;
		if (found != NULL)
			return NULL;
		found = &c->items.at[i];
	}
	return found;
}

static const struct checklist_item *by_name(const struct checklist *c, const char *word)
{
	for (size_t i = 0; i < c->items.len; i++) {
		const char *text = rstr_text(c->items.at[i].text);

		if (str_eq(c->items.at[i].name, word) || str_eq(text, word) ||
			str_eq(_(text), word))
			return &c->items.at[i];
	}
	return NULL;
}

const struct checklist_item *checklist_find(
	const struct checklist *c, const char *word, struct err *e)
{
	const struct checklist_item *item = by_name(c, word);

	if (item == NULL)
		item = by_place(c, word);
	if (item == NULL && word[0] != '\0')
		item = by_beginning(c, word);
	if (item == NULL)
		err_set(e, ERR_MISSING,
			_("no item of the checklists is \"%s\": say its name, or emergency/2 for "
			  "the second of "
			  "its list"),
			word);
	return item;
}

void checklist_count(const struct checklist *c, enum checklist_id list, int *done, int *all)
{
	*done = *all = 0;
	for (size_t i = 0; i < c->items.len; i++) {
		if (c->items.at[i].list != list)
			continue;
		++*all;
		*done += c->items.at[i].ticked;
	}
}
