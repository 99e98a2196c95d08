/* Ages, sizes, latencies and shares as the console writes them, in one place. Each writes into dst
 * and gives it back; 32 bytes are enough but for the sentences. "-" is for what is not known. Any
 * thread. */
#ifndef UI_KIT_SHOW_H
#define UI_KIT_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/snapshot.h"
#include "ui/kit/canvas.h"

#define SHOW_SIZE 32

char *show_age(int64_t age_ms, char *dst, size_t size); /* 3m12s */
/* Age of a moment the cluster names; INT64_MIN gives "-". */
char *show_since(int64_t wall_ms, struct instant now, char *dst, size_t size);
char *show_bytes(int64_t bytes, char *dst, size_t size); /* 1.2 GiB, 88 MiB, 512 B */
char *show_latency(int64_t us, char *dst, size_t size);  /* 0.4ms, 12ms, 1.2s */
char *show_cpu(int64_t milli, char *dst, size_t size);   /* 350m, 1.5, 16 */
char *show_percent(int64_t part, int64_t whole, char *dst, size_t size); /* 42% */
char *show_moment(int64_t wall_ms, char *dst, size_t size); /* 2026-11-23 04:43:50, local */
int show_permille(int64_t part, int64_t whole);             /* -1 unknown */

/* Age of a node's lease, -1 unknown; judged at the last moment leases were live, so that a dead API
 * server ages none. */
int64_t show_lease_ms(const struct snapshot *s, const char *node, struct instant now);
enum role show_lease_role(int64_t age_ms);

/* A probe: its sign (ok ! x ? - .), the role that goes with it, and a sentence ("no answer for
 * 7s"). */
const char *show_sign(const struct probe *p);
enum role show_probe_role(const struct probe *p);
char *show_probe(const struct probe *p, struct instant now, char *dst, size_t size);
/* "m2 kubelet: connection refused": the first broken layer in the operator's language; "" when none
 * is. */
char *show_broken(const struct layer_board *b, struct instant now, char *dst, size_t size);
/* The same for when no layer is: "all layers ok" only while every list from the API is live, else
 * which are not and why. 300 bytes; role is how to paint it. */
char *show_unbroken(
	const struct snapshot *s, struct instant now, char *dst, size_t size, enum role *role);

#endif
