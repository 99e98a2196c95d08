/* The journal's inside, shared by the files that make it up. */
#ifndef OPS_JOURNAL_PARTS_H
#define OPS_JOURNAL_PARTS_H

#include "ops/journal/journal.h"

struct journal {
	struct db *db;
	char origin[JOURNAL_ORIGIN];
};

extern const unsigned char chain_start[SHA_BYTES]; /* what stands before the first entry */

/* A field as it is hashed: its bytes, whatever they are. */
struct chain_field {
	const void *bytes;
	size_t n;
};

/* What is hashed, in this order, each with its length before it. */
enum chain_part {
	PART_PREV,
	PART_ID,
	PART_INCIDENT,
	PART_ORIGIN,
	PART_SEQ,
	PART_AT,
	PART_AUTHOR,
	PART_HOST,
	PART_KIND,
	PART_PAYLOAD,
	PART_COUNT
};
void chain_hash(const struct chain_field parts[PART_COUNT], unsigned char hash[SHA_BYTES]);
void entry_hash(const struct journal_entry *en, unsigned char hash[SHA_BYTES]);

#define JOURNAL_NUMBER  "number"  /* in what opens an incident: the one it got in its first file */
#define JOURNAL_WRITTEN "entries" /* in self: how many were ever written */
#define JOURNAL_FORMER  "former " /* in self, before an origin that the file was written as once */

/* Inside a transaction. */
int journal_count(struct journal *j, struct err *e); /* once it is inserted */
int journal_insert(struct journal *j, const struct journal_entry *en, struct err *e);
int journal_set_head(struct journal *j, const struct journal_entry *last, struct err *e);
/* 1: there is one; 0: none, seq 0 and chain_start; -1. */
int journal_head(struct journal *j, const char *incident, const char *origin, int64_t *seq,
	unsigned char hash[SHA_BYTES], struct err *e);
int journal_number(struct journal *j, const char *incident); /* 0: none */

#endif
