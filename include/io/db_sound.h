/* A database that must be usable whatever happened to it: what is kept in it can be made again, or
 * lost, but not waited for (the outbox; never the journal). It is read through before it is used;
 * a damaged one is moved aside, never deleted, and a new one begun.
 *
 * Any number of processes may do so at once: FILE.lock makes them take turns. Blocks. */
#ifndef IO_DB_SOUND_H
#define IO_DB_SOUND_H

#include <stdint.h>

#include "io/db.h"

struct db_aside {
	char *path; /* where the damaged one lies now (free); NULL: it was sound */
	struct err damage;
};

/* As db_open with DB_WRITE. now_ms: wall time, for the name of what is moved aside. */
struct db *db_open_sound(const char *path, int64_t now_ms, struct db_aside *aside, struct err *e);

#endif
