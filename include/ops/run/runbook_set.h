/* All runbooks that can be run: those built in and the team's own, each in the company of the
 * others, whose steps it may have put in its place. A file that is broken is listed as such and
 * hides none. Immutable, shared by count; any thread. */
#ifndef OPS_RUN_RUNBOOK_SET_H
#define OPS_RUN_RUNBOOK_SET_H

#include <stddef.h>

#include "base/embedded_file.h"
#include "base/err.h"
#include "model/run.h"
#include "model/snapshot.h"
#include "ops/run/runbook.h"

struct runbook_set;

extern const struct embedded_files runbook_files; /* src/runbooks */

/* The built-in ones, and the files of DIR that end with .yamlwhere dir is not NULL and is there. Blocking; never fails. A
 * team's own file must be this user's or root's and not for others to write: what stands in it is
 * done on nodes. */
struct runbook_set *runbook_set_load(const struct embedded_files *builtin, const char *dir);
struct runbook_set *runbook_set_ref(struct runbook_set *s);
void runbook_set_unref(struct runbook_set *s); /* NULL is fine */

size_t runbook_set_count(const struct runbook_set *s);
const struct runbook *runbook_set_at(const struct runbook_set *s, size_t i);         /* by id */
const struct runbook *runbook_set_find(const struct runbook_set *s, const char *id); /* or NULL */
const char *runbook_set_nearest(const struct runbook_set *s, const char *id);        /* or NULL */

/* What is wrong with a file: "file:line:column: ..."; by file. */
size_t runbook_set_broken(const struct runbook_set *s);
const char *runbook_set_trouble(const struct runbook_set *s, size_t i);

/* Is this file a good runbook, beside all the others? It stands in for one of its id in dir. */
int runbook_set_check(
	const struct embedded_files *builtin, const char *dir, const char *path, struct err *e);

/* What a menu shows, into the board's cards: those that fit what is broken now first, and why; and
 * the first file that is broken into its trouble. */
void runbook_set_cards(
	const struct runbook_set *s, const struct snapshot *now, struct run_board *b);

#endif
