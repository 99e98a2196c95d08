/* The name an operator probably meant: for "unknown X, did you mean Y?". Any thread. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* Of n names, the first of them at *first, each so many bytes behind the one before (rows of a table;
 * NULL or "" is skipped). NULL when none is near enough to offer. */
const char *nearest_name(const char *word, const char *const *first, size_t step, size_t n);
#define NEAREST_ROW(word, rows, n) nearest_name(word, &(rows)[0].name, sizeof((rows)[0]), n)

#endif
