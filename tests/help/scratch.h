/* A directory with one database in it, for tests, and what a forger or a bad disk does to that. */
#ifndef HELP_SCRATCH_H
#define HELP_SCRATCH_H

struct scratch {
	char dir[64];
	char path[96]; /* of the database, which is not made yet */
};

void scratch_init(struct scratch *s);
void scratch_done(struct scratch *s); /* removes the directory and its files */

void scratch_sql(const struct scratch *s, const char *sql); /* past k911, as a forger would */
/* Overwrites the page of an index (or table): SQLite's own bookkeeping is wrong from here on. */
void scratch_break(const char *db, const char *index);

#endif
