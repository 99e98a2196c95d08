/* What the files of node_deed share. */
#ifndef CLUSTER_NODE_DEED_PARTS_H
#define CLUSTER_NODE_DEED_PARTS_H

#include "cluster/node_deed.h"

extern const struct node_deed_word node_deed_run_word; /* RUN: every deed's */
/* What it is told, else what it is otherwise; NULL. */
const char *node_deed_word(const struct node_words *w, const struct node_deed_word *is);
/* The whole script of one verb. */
void node_deed_script(struct buf *to, const struct node_deed *d, const char *verb,
	const struct node_words *w, int64_t timeout_ms);
/* The error for an end that is none of the good ones. */
int node_deed_judge(const struct node_call *c, const struct node_deed *d,
	const struct node_answer *a, const char *errors, struct err *e);

#endif
