/* Rows of what is recorded by hand, and the one line at the console that says one of them. */
#include "model/entry_ask.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

/* "word rest": the first word into dst; gives the rest. */
static const char *first_word(const char *answer, char *dst, size_t size)
{
	size_t n = strcspn(answer, " ");

	str_copy_n(dst, size, answer, n);
	return answer + n + strspn(answer + n, " ");
}

static const char *take_level(const char *answer, struct command *c)
{
	char word[8];
	const char *rest = first_word(answer, word, sizeof(word));

	if (!level_parse(word, &c->level))
		return _("begin with P0, P1, P2 or P3");
	str_copy(c->text, sizeof(c->text), rest);
	return rest[0] != '\0' ? NULL : _("say in a few words why, too");
}

static const char *take_text(const char *answer, struct command *c)
{
	str_copy(c->text, sizeof(c->text), answer);
	return answer[0] != '\0' ? NULL : _("write something, or leave with Esc");
}

static const char *take_pair(const char *answer, struct command *c)
{
	str_copy(c->text, sizeof(c->text), first_word(answer, c->name, sizeof(c->name)));
	return c->name[0] != '\0' && c->text[0] != '\0'
		       ? NULL
		       : _("two things are wanted, with a blank between");
}

static const char *take_role(const char *answer, struct command *c)
{
	str_copy(c->text, sizeof(c->text), first_word(answer, c->name, sizeof(c->name)));
	return c->name[0] != '\0' ? NULL : _("name a role, and who has it");
}

/* Notes are numbered as the incident's page shows them. */
static const char *take_note(const struct incident *i, const char *answer, struct command *c)
{
	int64_t n = 0;

	if (i == NULL || !str_i64(answer, &n) || n < 1 || (size_t)n > i->notes.len)
		return _("the number of one of the notes is wanted");
	str_copy(c->name, sizeof(c->name), i->notes.at[n - 1].id);
	c->on = !i->notes.at[n - 1].starred;
	return NULL;
}

const char *entry_ask_take(
	const struct entry_ask *a, const struct incident *i, const char *answer, struct command *c)
{
	switch (a->form) {
	case FORM_LEVEL:
		return take_level(answer, c);
	case FORM_TEXT:
		return take_text(answer, c);
	case FORM_PAIR:
		return take_pair(answer, c);
	case FORM_ROLE:
		return take_role(answer, c);
	case FORM_NOTE:
		return take_note(i, answer, c);
	case FORM_REASON:
		str_copy(c->text, sizeof(c->text), answer);
		return NULL;
	case FORM_ITEM:
		str_copy(c->name, sizeof(c->name), answer);
		return NULL;
	case FORM_NOTHING:
		break;
	}
	return NULL;
}

static bool may_moment(const struct incident *i, enum incident_moment moment, int64_t now_ms)
{
	return incident_may(i, moment, now_ms, now_ms, NULL) == 0;
}

static bool may_reopen(const struct incident *i, enum incident_moment moment, int64_t now_ms)
{
	(void)moment;
	(void)now_ms;
	return incident_may_reopen(i, NULL) == 0;
}

static bool has_notes(const struct incident *i, enum incident_moment moment, int64_t now_ms)
{
	(void)moment;
	(void)now_ms;
	return i->notes.len > 0;
}

static const struct entry_ask asks[] = {
	{.kind = "opened",
		.key = "open",
		.ask = N_("new incident: level and title"),
		.begin = "P2 ",
		.form = FORM_LEVEL,
		.opens = true},
	{.kind = "acknowledged",
		.key = "acknowledge",
		.verb = "ack",
		.usage = "ID [--at TIME]",
		.may = may_moment,
		.moment = INCIDENT_ACKNOWLEDGED},
	{.kind = "level",
		.key = "level",
		.verb = "level",
		.usage = "ID P0 --reason REASON",
		.ask = N_("level and reason"),
		.form = FORM_LEVEL},
	{.kind = "role",
		.key = "role",
		.verb = "role",
		.usage = "ID ROLE WHO",
		.ask = N_("role and who"),
		.begin = "commander ",
		.form = FORM_ROLE},
	{.kind = "note",
		.key = "note",
		.verb = "note",
		.usage = "ID TEXT|-",
		.ask = N_("note"),
		.form = FORM_TEXT,
		.is_long = true},
	{.kind = "star",
		.key = "star",
		.ask = N_("number of the note to star, or to unstar"),
		.form = FORM_NOTE,
		.may = has_notes},
	{.kind = "tick", .verb = "tick", .usage = "ID ITEM", .form = FORM_ITEM},
	{.kind = "untick", .verb = "untick", .usage = "ID ITEM", .form = FORM_ITEM},
	{.kind = "link",
		.key = "link",
		.verb = "link",
		.usage = "ID WHAT NAME",
		.ask = N_("what it is and where (ticket OPS-7)"),
		.form = FORM_PAIR},
	{.kind = "evidence",
		.key = "evidence",
		.verb = "evidence",
		.usage = "ID SOURCE TEXT|-",
		.ask = N_("evidence: where from, and what it shows"),
		.form = FORM_PAIR,
		.is_long = true},
	{.kind = "mitigated",
		.key = "mitigated",
		.verb = "mitigated",
		.usage = "ID [--at TIME]",
		.ask = N_("Enter records that users no longer feel it"),
		.may = may_moment,
		.moment = INCIDENT_MITIGATED},
	{.kind = "recovered",
		.key = "recovered",
		.verb = "recovered",
		.usage = "ID [--at TIME]",
		.ask = N_("Enter records that it has recovered"),
		.may = may_moment,
		.moment = INCIDENT_RECOVERED},
	{.kind = "closed",
		.key = "close",
		.verb = "close",
		.usage = "ID [--at TIME]",
		.ask = N_("Enter closes the incident"),
		.may = may_moment,
		.moment = INCIDENT_CLOSED},
	{.kind = "reopened",
		.key = "reopen",
		.verb = "reopen",
		.usage = "ID [--reason REASON]",
		.ask = N_("reopen: why"),
		.form = FORM_REASON,
		.may = may_reopen},
};

const struct entry_ask *entry_ask_at(size_t i)
{
	return i < sizeof(asks) / sizeof(asks[0]) ? &asks[i] : NULL;
}

const struct entry_ask *entry_ask_of_key(const char *action)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (asks[i].key != NULL && str_eq(asks[i].key, action))
			return &asks[i];
	return NULL;
}

bool entry_ask_may(const struct entry_ask *a, const struct incident *i, int64_t now_ms)
{
	return a->may == NULL || a->may(i, a->moment, now_ms);
}
