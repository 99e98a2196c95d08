/* Files to and from a node, streamed: whole or not at all. Their sums are compared at the end, and on
 * the side that receives a part becomes the file by a rename after its bytes are on the disk. The
 * content goes through stdin and stdout only. Blocking; any thread, never the engine's. */
#ifndef CLUSTER_NODE_COPY_H
#define CLUSTER_NODE_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/sha.h"
#include "cluster/node_deed.h"
#include "cluster/node_shell.h"

/* What is to lie there. Borrowed. */
struct node_file {
	const char *path;  /* on the node, absolute; its directory must exist */
	const char *mode;  /* "600" */
	const char *owner; /* "root:root"; "": whoever writes it */
	/* The content: bytes, or with bytes NULL a file of this machine. */
	const void *bytes;
	size_t n;
	const char *from;
};
/* ERR_MISSING: no such directory there, or no such file here; ERR_LIMIT: no space; ERR_CONFLICT: a
 * directory stands there. What stood there before is kept, as the answer's "kept" says. */
int node_copy_put(
	const struct node_call *c, const struct node_file *f, struct node_answer *a, struct err *e);
/* Does it lie there as it should? After a crash. */
int node_copy_is_put(const struct node_call *c, const struct node_file *f, bool *done,
	struct node_answer *a, struct err *e);

struct node_got {
	int64_t bytes;
	char sha256[SHA_HEX];
	char mode[8], owner[32]; /* "600", "0:0" */
};
/* Streams it to calls->out, chunk by chunk; 0 only when all of it came and its sum is right: what
 * came before another end is to be thrown away. ERR_MISSING, ERR_LIMIT (larger than most), ERR_INPUT
 * (it changed on the way: ask again). */
int node_copy_get(const struct node_call *c, const char *path, int64_t most,
	const struct proc_calls *calls, struct node_got *out, struct err *e);
/* Into a file of this machine, 0600, by a rename at the end. */
int node_copy_get_file(const struct node_call *c, const char *path, int64_t most, const char *to,
	struct node_got *out, struct err *e);

#endif
