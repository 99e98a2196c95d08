/* The inside of entries: what a row of kinds is, and what the functions a row names are given.
 * Shared by the entry files and nobody else. */
#ifndef OPS_ENTRY_ROW_H
#define OPS_ENTRY_ROW_H

#include "base/buf.h"
#include "ops/incident/entry.h"

struct entry_row;

/* An entry that is folded in. */
struct fold {
	struct incident *i;
	const struct journal_entry *en;
	const struct js *p; /* its payload */
	const struct entry_row *row;
};

/* An entry the team is told of; what all have in common is filled in already. */
struct telling {
	struct notification *a;
	const struct incident *i;
	const struct js *p;
};

/* An entry that is asked for. */
struct making {
	const struct entry_request *q; /* its texts are never NULL */
	const struct entry_by *by;
	const struct entry_row *row;
};

struct entry_row {
	const char *name;                                  /* as stored */
	void (*words)(struct buf *to, const struct js *p); /* the sentence; NULL: said */
	const char *said;                                  /* N_(): the whole sentence */
	/* False: does not fit; NULL: nothing to fold. */
	bool (*fold)(struct fold *f);
	const struct entry_told *told; /* NULL: nobody is told */
	/* NULL: no person makes it */
	struct journal_draft *(*make)(const struct making *m, struct err *e);
	/* N_(): its list in the report; NULL: none */
	const char *heading;
	/* Whatever its functions share: a moment, on or off. */
	int arg;
};

struct entry_told {
	enum notification_kind kind;
	void (*fill)(struct telling *t); /* NULL: nothing more */
};

struct entry_rows {
	const struct entry_row *at;
	size_t n;
};
/* How an incident goes: opened, its moments, its level. */
extern const struct entry_rows entry_life;
extern const struct entry_rows entry_people; /* what people say and tick */
extern const struct entry_rows entry_seen;   /* what the console sees */
extern const struct entry_rows entry_runs;   /* what it does */

#define ENTRY_ROWS(rows)                                                                           \
	{                                                                                          \
		(rows), sizeof(rows) / sizeof((rows)[0])                                           \
	}

const char *payload_text(const struct js *p, const char *key); /* "" where it is none */
/* ": a; b", but for what was said already */
void put_reasons(struct buf *to, const struct js *p, const char *said);
struct rstr *rstr_of(const char *s);
void rstr_replace(struct rstr **to, const char *s);
/* What the payload says, else when it was recorded. */
struct incident_time fold_time(const struct fold *f, const char *key);
/* The clock and its deadline. */
void tell_due(struct telling *t, enum sla_clock c);
enum level tell_level(const struct telling *t, const char *key);
struct journal_draft *draft_of(const char *incident, const char *kind, const struct entry_by *by);
int entry_need(const char *text, const char *what, struct err *e); /* -1: empty */

#endif
