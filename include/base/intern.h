/* One copy of each string, stable until the pool is freed: equal strings have
 * equal addresses. Takes a lock inside, so any thread may add; what it gives is
 * read without one. Strings past the ceiling all become "(too many names)". */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stddef.h>

struct intern;

struct intern *intern_new(size_t max_bytes);
void intern_free(struct intern *pool);
const char *intern_str(struct intern *pool, const char *s); /* NULL gives "" */
const char *intern_n(struct intern *pool, const char *bytes, size_t n);
size_t intern_bytes(const struct intern *pool);

#endif
