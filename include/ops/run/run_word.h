/* A word that runbooks are made of: a guard, which tells whether something holds, or a deed, which
 * does something. A row of a const table (run_words.h): a name, typed arguments, a sentence,
 * functions. A guard serves as what must hold before, as a condition, and as a verification. */
#ifndef OPS_RUN_RUN_WORD_H
#define OPS_RUN_RUN_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ops/run/runbook.h"

enum run_arg_type {
	RUN_ARG_TEXT,      /* any text */
	RUN_ARG_LIST,      /* words: argv */
	RUN_ARG_NODE,      /* a node's name; not given: the step's target */
	RUN_ARG_COMPONENT, /* kube-apiserver, etcd, kube-scheduler, kube-controller-manager */
	RUN_ARG_UNIT,      /* kubelet, runtime, haproxy, keepalived */
	RUN_ARG_SPAN,      /* "30s" */
	RUN_ARG_NUMBER,
	RUN_ARG_SAID /* {en, zh} or one text: two values, en and zh */
};
struct run_arg {
	const char *name; /* NULL: no more */
	enum run_arg_type type;
	bool required;
	const char *told; /* as a node's deed calls it; NULL: it is not told */
};

enum run_answer { RUN_NO, RUN_YES, RUN_CANNOT_TELL };

struct run_call; /* run_call.h: who is asked, on what target, with which arguments */

struct run_word {
	const char *name;
	/* N_(): "the kubelet of {node} is active", "restart the kubelet of {node}": arguments by
	 * name; for plan, page and journal */
	const char *sentence;
	struct run_arg args[RUNBOOK_ARGS];
	/* A guard: does it hold, and why not (or why it cannot be told). */
	enum run_answer (*holds)(struct run_call *c, char *why, size_t size);
	/* A deed. What it says goes to the call's output. */
	int (*act)(struct run_call *c, struct err *e);
	/* Of a deed that changes something: has it been done already? Asked before it, and by a
	 * resume of an intent without outcome. NULL: it changes nothing. */
	enum run_answer (*already)(struct run_call *c, char *why, size_t size);
	bool on_target;   /* it needs a step's `on` */
	const char *node; /* the deed or probe of cluster/node_deed.h that it is; or NULL */
};

const char *run_arg_type_name(enum run_arg_type t); /* "list" */
/* The index of an argument; -1: the word has none of that name. */
int run_word_arg(const struct run_word *w, const char *name);

#endif
