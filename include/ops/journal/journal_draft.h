/* What is to be written into the journal: a draft becomes an entry when it is committed. Its texts
 * pass the redactor on their way in, and there is no other way in, so no secret gets there. A draft
 * has one owner and moves between threads with it. */
#ifndef OPS_JOURNAL_JOURNAL_DRAFT_H
#define OPS_JOURNAL_JOURNAL_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/ulid.h"
#include "io/json.h"

#define JOURNAL_DRAFT_PAYLOAD_MAX (256u << 10) /* bytes; more is refused when it is written */

/* Who speaks: a person, or "k911" for what it saw and did by itself. */
struct author {
	char name[64];
	char host[64];
};

struct journal_draft {
	char id[ULID_SIZE];
	char incident[ULID_SIZE]; /* "": of no incident */
	char kind[32];
	struct author author;
	int64_t at_ms; /* wall time it is about to be recorded */
	struct buf payload;
	struct jsw to; /* writes into payload */
};

/* incident: "" for none. The identity is given here, so that a write may be tried again. */
struct journal_draft *journal_draft_new(
	const char *incident, const char *kind, const struct author *by, int64_t now_ms);
void journal_draft_free(struct journal_draft *d); /* NULL is fine */

/* NULL and "" are left out */
void journal_draft_text(struct journal_draft *d, const char *key, const char *text);
void journal_draft_texts(
	struct journal_draft *d, const char *key, const char *const *texts, size_t n);
void journal_draft_int(struct journal_draft *d, const char *key, int64_t value);
void journal_draft_bool(struct journal_draft *d, const char *key, bool value);
/* Ends the payload and gives it; nothing may be added after. Again gives the same. NULL: too long.
 */
const char *journal_draft_payload(struct journal_draft *d);

#endif
