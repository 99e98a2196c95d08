/* The name an operator probably meant: for "unknown X, did you mean Y?". Any thread. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/* name(0..n-1) gives the candidates (NULL or "" is skipped); NULL when none is near enough to
 * offer. */
const char *nearest_name(const char *word, const char *(*name)(int i), int n);
const char *nearest_of(const char *word, const char *const *names, int n);

#endif
