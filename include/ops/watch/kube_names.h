/* The pool that the names in all tables' rows live in, changed for a fresh one when it is time. The
 * engine's thread only. */
#ifndef OPS_WATCH_KUBE_NAMES_H
#define OPS_WATCH_KUBE_NAMES_H

#include "ops/watch/kube_tables.h"

struct kube_names {
	size_t lived; /* bytes of names there were after the last turn */
	struct instant turned;
};

/* The tables' first pool, of at most so many bytes; 0: the usual ceiling. Theirs is a reference
 * that kube_tables_done gives back. */
void kube_names_begin(struct kube_names *n, struct kube_tables *tables, size_t max);
void kube_names_turn(struct kube_names *n, struct kube_tables *tables, struct instant now);

#endif
