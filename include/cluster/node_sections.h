/* One ssh command, many answers: each begins behind a line of its own, "@@NONCE name", whose nonce
 * nobody on the node can guess, so that no file or log line can pretend to be another answer. Pure,
 * but for the nonce; any thread. */
#ifndef CLUSTER_NODE_SECTIONS_H
#define CLUSTER_NODE_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum { NODE_NONCE_HEX = 33, NODE_SECTION_NAME = 160 };

int node_nonce(char nonce[NODE_NONCE_HEX], struct err *e); /* from the system's random source */

struct node_sections {
	const char *at;
	size_t left;
	char mark[NODE_NONCE_HEX + 4];
	bool begun;
};
void node_sections_begin(struct node_sections *it, const char *text, size_t n, const char *nonce);
/* The next section's name (cut to its room, not made safe) and bytes, borrowed from the text; false
 * at the end. What stands before the first mark, a login shell's greeting, is passed over. */
bool node_sections_next(
	struct node_sections *it, char name[NODE_SECTION_NAME], const char **text, size_t *n);

#endif
