/* What a person may have recorded about an incident, and how it is asked for: a row per kind of
 * entry, the same for the screen's keys, for `k911 incident` and for the engine (ops/incident/entry
 * makes the entry). Constant; any thread. */
#ifndef MODEL_ENTRY_ASK_H
#define MODEL_ENTRY_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/command.h"
#include "model/incident.h"

/* What is said. Texts are borrowed, NULL or "" for none. */
struct entry_words {
	const char *name, *text;
	enum level level; /* LEVEL_NONE: none was said */
	int64_t at_ms;    /* when it happened; INCIDENT_NEVER: now */
	bool given;       /* at_ms was said by a person */
	bool on;          /* starred */
};

/* Which of the words a kind takes, and how they stand in one line. */
enum entry_form {
	FORM_NOTHING, /* none; from a shell a time */
	FORM_LEVEL,   /* level and text */
	FORM_TEXT,    /* text */
	FORM_REASON,  /* text, or none */
	FORM_PAIR,    /* name and text */
	FORM_ROLE,    /* name and text, or none: nobody */
	/* Name: a note's id, said by its number; on: the other way round than it is. */
	FORM_NOTE,
	FORM_ITEM /* name: an item of the checklists */
};

struct entry_ask {
	const char *kind; /* of the entry: "acknowledged" */
	/* Action of the key table: "acknowledge"; NULL: it has no key of its own. */
	const char *key;
	const char *verb;  /* word of `k911 incident`: "ack"; NULL: it has none of its own */
	const char *usage; /* what goes behind the verb */
	const char *ask;   /* N_(): the question on the screen; NULL: the key alone says it all */
	const char *begin; /* what the answer begins with, or NULL */
	enum entry_form form;
	bool is_long; /* from a shell its text may be "-": all of stdin */
	bool opens;   /* an incident: COMMAND_OPEN, and about none that is there */
	/* May it be now? NULL: whenever there is an incident. moment is the row's. */
	bool (*may)(const struct incident *i, enum incident_moment moment, int64_t now_ms);
	enum incident_moment moment;
};

const struct entry_ask *entry_ask_at(size_t i);               /* NULL behind the last */
const struct entry_ask *entry_ask_of_key(const char *action); /* NULL: none */
bool entry_ask_may(const struct entry_ask *a, const struct incident *i, int64_t now_ms);
/* The answer to what was asked becomes the command, about i (NULL for the one that opens). NULL, or
 * what is wrong with the answer, in the operator's language. */
const char *entry_ask_take(
	const struct entry_ask *a, const struct incident *i, const char *answer, struct command *c);

#endif
