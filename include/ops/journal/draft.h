/* What is to be written into the journal: a draft becomes an entry when it is committed. Its texts
 * pass the redactor on their way in, and there is no other way in, so no secret gets there. A draft
 * has one owner and moves between threads with it. */
#ifndef OPS_JOURNAL_DRAFT_H
#define OPS_JOURNAL_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ulid.h"
#include "io/json.h"

#define DRAFT_PAYLOAD_MAX (256u << 10) /* bytes; more is refused when it is written */

/* Who speaks: a person, or "k911" for what it saw and did by itself. */
struct author {
	char name[64];
	char host[64];
};

struct draft {
	char id[ULID_SIZE];
	char incident[ULID_SIZE]; /* "": of no incident */
	char kind[32];
	struct author author;
	int64_t at_ms; /* wall time it is about to be recorded */
	struct buf payload;
	struct jsw to; /* writes into payload */
};

/* incident: "" for none. The identity is given here, so that a write may be tried again. */
struct draft *draft_new(
	const char *incident, const char *kind, const struct author *by, int64_t now_ms);
void draft_free(struct draft *d); /* NULL is fine */

void draft_text(struct draft *d, const char *key, const char *text); /* NULL and "" are left out */
void draft_texts(struct draft *d, const char *key, const char *const *texts, size_t n);
void draft_int(struct draft *d, const char *key, int64_t value);
void draft_bool(struct draft *d, const char *key, bool value);
/* Ends the payload and gives it; nothing may be added after. Again gives the same. NULL: too long.
 */
const char *draft_payload(struct draft *d);

#endif
