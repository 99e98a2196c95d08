/* A runbook as it was read: inputs, what must hold, steps. A step answers three questions: may I
 * (guards on what is seen), do it (a deed), did it work (guards that must hold in time). Immutable
 * once read, shared by count; any thread.
 *
 * * Texts may hold {words}: an input's name, {target} (the node or balancer that a step is done on),
 * {cluster}, {run}. The reader knows them all, so that none is left when a run comes to it; {{ and
 * }} are braces. */
#ifndef OPS_RUN_RUNBOOK_H
#define OPS_RUN_RUNBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/run.h"

struct run_word;

enum {
	RUNBOOK_INPUTS = 12,
	RUNBOOK_STEPS = 64, /* after other runbooks were put in their places */
	RUNBOOK_ARGS = 8,   /* of a word */
	RUNBOOK_GUARDS = 16 /* in one list */
};
#define RUNBOOK_BYTES (256u << 10) /* of a file */

/* In both languages, since gettext cannot read YAML. NULL: not said. */
struct said {
	char *en, *zh;
};
const char *said_text(const struct said *s); /* in the language of this process; "" not said */
void said_done(struct said *s);

/* One argument: a text, or a list of them (argv). n 0: not given. */
struct runbook_value {
	char **at;
	size_t n;
};
void runbook_value_done(struct runbook_value *v); /* and empties it */

/* A guard or a deed with its arguments, in the order of the word's own. */
struct runbook_use {
	const struct run_word *word;
	struct runbook_value args[RUNBOOK_ARGS];
	bool negated;          /* of a guard: `not: true` */
	int64_t within_ms;     /* of a verification: so long it may take */
	struct said otherwise; /* where it does not hold: what to do; the guard's own words else */
	char *offer;           /* the id of the runbook that helps then; or NULL */
	int line, column;
};

struct runbook_guards {
	size_t n;
	struct runbook_use at[RUNBOOK_GUARDS];
};

enum runbook_confirm { CONFIRM_NONE, CONFIRM_YES, CONFIRM_TYPED };

/* Where a step is done. */
enum runbook_on {
	ON_HERE, /* nowhere: it speaks to the API, or to people */
	ON_ONE,  /* target: a text that names it */
	ON_EACH, /* one after another, each verified before the next */
	ON_ALL   /* at the same time */
};
enum runbook_set_of {
	SET_CONTROL_PLANE,
	SET_OTHER_CONTROL_PLANE, /* all but the input `node` */
	SET_WORKERS,
	SET_NODES,
	SET_BALANCERS
};

/* What a placed runbook's input is given: a text, {words} and all. */
struct runbook_with {
	char *name, *text;
	int line, column;
};

struct runbook_step {
	char *id;
	/* `do: runbook`: whose steps stand here. In a runbook of a set (runbook_set.h) they do, and no
	 * step has this. */
	char *place;
	size_t n_with;
	struct runbook_with with[RUNBOOK_INPUTS];
	struct said title;
	struct runbook_use deed;
	enum runbook_on on;
	char *target;                  /* ON_ONE */
	enum runbook_set_of among;     /* ON_EACH, ON_ALL */
	char *except;                  /* SET_OTHER_CONTROL_PLANE: the one left out */
	struct runbook_guards when;    /* else it is skipped */
	struct runbook_guards require; /* else the run stops */
	char **show; /* the equivalent command, for the operator; words joined by blanks; or NULL */
	size_t n_show;
	enum runbook_confirm confirm;
	char *confirm_word; /* CONFIRM_TYPED: what is to be typed */
	struct said impact, risk, undo;
	struct runbook_guards verify;
	int64_t timeout_ms; /* of the deed */
	int retry;          /* so often again by itself */
	char *owes, *pays;  /* a debt's kind: this step begins it, or ends it; or NULL */
	int line, column;
};

struct runbook_input {
	char *name;
	enum run_input_type type;
	char *fallback; /* a word of run_inputs (not-ready, failed-member), or a value; or NULL */
	struct said ask;
	char **choices; /* RUN_INPUT_CHOICE */
	size_t n_choices;
	bool optional;
	int line, column;
};

struct runbook {
	int refs;
	char *id, *file; /* file: for messages; a built-in's is its name */
	bool builtin;
	bool replaces;   /* a team's own that stands in for the built-in one */
	char digest[17]; /* hex: a resumed run goes on with the same text only */
	struct said title, about;
	char **fits; /* rule names that put it on top of the menu */
	size_t n_fits;
	size_t n_inputs;
	struct runbook_input inputs[RUNBOOK_INPUTS];
	struct runbook_guards require;
	size_t n_steps;
	struct runbook_step *steps;
};

struct runbook *runbook_ref(const struct runbook *r);
void runbook_unref(struct runbook *r); /* NULL is fine */
void runbook_step_done(struct runbook_step *s);
const struct runbook_input *runbook_input_named(const struct runbook *r, const char *name);
/* The sentence of a guard or deed in the language of this process, its arguments in their places;
 * {words} are left in it, to be filled. */
char *runbook_use_text(const struct runbook_use *u); /* new */

#endif
