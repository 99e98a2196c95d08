/* When which member is asked for the hash of its key space: one after the other, rarely, and never
 * while etcd or a disk of its is unwell. No I/O: whoever asks tells it the times. */
#ifndef OPS_WATCH_ETCD_HASH_H
#define OPS_WATCH_ETCD_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "cluster/etcd.h"
#include "model/etcd_state.h"
#include "ops/watch/question.h"

struct etcd_hash_told {
	uint64_t member;
	int64_t compact_revision;
	uint32_t hash; /* 0: not told */
};

struct etcd_hash {
	struct question question; /* what is asked of one member after the other */
	struct etcd_hash_told told[ETCD_MAX_MEMBERS]; /* whom this round has asked, in turn */
	size_t n;
	int64_t revision;    /* of this round: all are asked for the same */
	int64_t fsync_us;    /* a disk slower than this is unwell */
	struct instant well; /* since when all is; unset while it is not */
};

void etcd_hash_init(struct etcd_hash *h, int64_t fsync_us);
/* Something is not well, or is not known to be: the round is given up, and the next one begins only
 * when all has been well for a while. */
void etcd_hash_disturbed(struct etcd_hash *h);
/* The member to ask now, for h->revision; -1: none. The asker tells the question at once. */
int etcd_hash_next(struct etcd_hash *h, const struct etcd_state *s, struct instant now);
/* An answer that the question awaited; NULL: there was only an error. The members' hashes change
 * when the last of a round has answered, all at once. */
void etcd_hash_heard(
	struct etcd_hash *h, struct etcd_state *s, const struct etcd_hash_answer *answer);

#endif
