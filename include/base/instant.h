/* A moment on two clocks: the wall for people, BOOTTIME (which runs on in
 * suspend) for durations. Only the floors' edges ask; model code is told. */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instant {
	int64_t wall_ms; /* Unix time */
	int64_t boot_ms; /* 0 in an instant that was never set */
};

struct instant instant_now(void);
/* By boot_ms; never negative; -1 if then was never set. */
int64_t instant_age_ms(struct instant then, struct instant now);

struct instant instant_later(struct instant a, struct instant b); /* by boot_ms */

/* RFC 3339 with optional fraction and any offset ("2026-11-23T04:43:50.123456Z").
 * Returns Unix ms, or INT64_MIN when it is no such time. */
int64_t instant_parse(const char *s);

/* Writers give dst back. Sizes that are always enough: 32. */
char *instant_rfc3339(int64_t wall_ms, char *dst, size_t size); /* UTC, seconds */
char *instant_local(int64_t wall_ms, char *dst, size_t size);   /* 2026-11-23 04:43:50 */
char *instant_hms(int64_t wall_ms, char *dst, size_t size);     /* local 04:43:50 */
/* As kubectl prints an age: 5s, 3m12s, 4h7m, 2d3h, 45d, 3y10d; negative gives "-". */
char *instant_age(int64_t age_ms, char *dst, size_t size);

/* A length of time as people write it: "90s", "15m", "1h30m", "7d", "500ms"; units fall. Written,
 * it reads back as the same. */
/* False leaves *ms alone: no such length, or over a century. */
bool span_parse(const char *s, int64_t *ms);
/* 32 bytes are always enough; negative as "-15m" */
char *span_text(int64_t ms, char *dst, size_t size);

#endif
