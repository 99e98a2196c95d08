/* Strings: bounded copies, numbers read strictly, immutable shared strings. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies at most size-1 bytes, always terminates, never cuts a UTF-8 sequence;
 * returns false when it was cut. NULL src copies "". */
bool str_copy(char *dst, size_t size, const char *src);
bool str_copy_n(char *dst, size_t size, const char *src, size_t n);
void str_mend(char *s); /* drops half a UTF-8 character at the end, as a cut leaves it */
char *str_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* new; free() */
bool str_eq(const char *a, const char *b); /* NULL equals NULL and only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_has_case(const char *s, const char *part);                      /* ASCII case folded */
bool str_any_has_case(const char *const *s, size_t n, const char *part); /* does one of them? */

/* The whole string must be the number; false leaves *out alone. */
bool str_i64(const char *s, int64_t *out);
bool str_u64(const char *s, uint64_t *out);
int str_hex_byte(const char *s); /* the byte its first two characters are in hex, or -1 */

/* An immutable string shared by reference count. Any thread. */
struct rstr;
struct rstr *rstr_new(const char *bytes, size_t n);
struct rstr *rstr_ref(struct rstr *s);
void rstr_unref(struct rstr *s);             /* NULL is fine */
const char *rstr_text(const struct rstr *s); /* "" for NULL */

#endif
