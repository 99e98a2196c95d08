/* The one gate in front of every change to a cluster: may this console change anything, and is this
 * still the cluster that the change was asked for? Between a question and its answer the VIP may
 * have come to lead to another cluster. The journal is not behind it: writing down what people do
 * changes no cluster. Pure; any thread. */
#ifndef MODEL_GATE_H
#define MODEL_GATE_H

#include <stdbool.h>
#include <stddef.h>

struct snapshot;

#define GATE_WHY 300

/* Which cluster something is about, as far as it is known. */
struct cluster_mark {
	char uid[64];       /* of the namespace kube-system, as a server tells; "" none told */
	char authority[65]; /* hex, over the certificate authorities that are trusted; "" none */
};
void cluster_mark_of(const struct snapshot *s, struct cluster_mark *out);

enum gate {
	GATE_OPEN,
	GATE_READ_ONLY,
	GATE_OTHER_CLUSTER,
	GATE_UNPROVEN /* nothing tells which cluster this is: a person may vouch for it, guard not
		       */
};
/* A uid that was told on both sides decides: authorities are renewed. Else the authority must be
 * the same. why: what the operator is told, "" when open. */
enum gate gate_judge(bool read_only, const struct cluster_mark *asked,
	const struct cluster_mark *now, char why[GATE_WHY]);

#endif
