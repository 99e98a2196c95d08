/* One copy of each string, stable while somebody holds the pool: equal strings have
 * equal addresses. Takes a lock inside, so any thread may add; what it gives is
 * read without one. Strings past the ceiling all become "(too many names)". A name is
 * never given back by itself: who keeps names for long moves what still lives to a
 * fresh pool now and then, and the old one goes with its last holder. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdbool.h>
#include <stddef.h>

struct intern;

struct intern *intern_new(size_t max_bytes);
struct intern *intern_ref(struct intern *pool); /* NULL gives NULL; any thread, as is unref */
void intern_unref(struct intern *pool);
const char *intern_str(struct intern *pool, const char *s); /* NULL gives "" */
const char *intern_n(struct intern *pool, const char *bytes, size_t n);
size_t intern_bytes(const struct intern *pool); /* of names, and of the table that finds them */
size_t intern_max(const struct intern *pool);
bool intern_is_full(const struct intern *pool); /* a name was refused */

/* As strcmp. Interned strings are mostly the same pointer; a key row's may not be. */
int intern_compare(const char *a, const char *b);

#endif
