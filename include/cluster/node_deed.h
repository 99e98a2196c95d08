/* What is done on a node over ssh. A deed is a row: a script of src/cluster/scripts, the verb it is
 * told, the words it takes, and the probe that says afterwards whether it took effect. Words reach
 * the script as quoted assignments and are held to what they may be before anything is sent; what is
 * secret goes through stdin and stands in no command line. Every deed may be done again after any
 * end, a kill among them, moves aside and never deletes, and goes on to its end when the link
 * breaks. Blocking; any thread, but never the engine's. */
#ifndef CLUSTER_NODE_DEED_H
#define CLUSTER_NODE_DEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "cluster/node_shell.h"
#include "io/proc.h"

/* How a script ends. Above NODE_FAILED nothing was changed, or it was put back. */
enum node_exit {
	NODE_DONE = 0,      /* or: yes */
	NODE_NOT = 10,      /* a probe's no */
	NODE_FAILED = 20,   /* a tool failed; its words are in "why" */
	NODE_MISSING = 21,  /* what it should act on is not there: ERR_MISSING */
	NODE_IN_WAY = 22,   /* something else is: ERR_CONFLICT */
	NODE_NO_SPACE = 23, /* ERR_LIMIT */
	NODE_HELD = 24,     /* by somebody else: ERR_BUSY */
	NODE_NO_TOOL = 25,  /* ERR_UNSUPPORTED */
	NODE_HUNG = 26,     /* a tool or the kernel hangs: ERR_TIMEOUT */
	NODE_NO_RIGHT = 27  /* not root, or a read-only disk: ERR_AUTH */
};

/* What a word may be. None begins with '-' or holds a control character. */
enum node_word_kind {
	NODE_WORD_NAME,   /* of an object, a server, a run: letters, digits, "._-" */
	NODE_WORD_FILE,   /* the name of a file, without '/' */
	NODE_WORD_PATH,   /* absolute, without ".." */
	NODE_WORD_PATHS,  /* several, by blanks */
	NODE_WORD_NAMES,  /* several, by blanks; of images and tools too: "/:@" */
	NODE_WORD_URL,    /* https://host:port */
	NODE_WORD_NUMBER, /* not negative */
	NODE_WORD_TEXT    /* one line of at most 200 bytes */
};

struct node_deed_word {
	const char *name; /* as the script knows it: capitals */
	enum node_word_kind kind;
	const char *otherwise; /* when it is not told; NULL: it must be */
	const char *among;     /* the only words it may be, by blanks; NULL: any of its kind */
};

enum { NODE_DEED_WORDS = 5 };
struct node_deed {
	const char *name;   /* "manifest-aside" */
	const char *script; /* file */
	const char *verb;
	const char *probe; /* the verb that asks whether it took effect; NULL for a probe */
	int64_t timeout_ms;
	struct node_deed_word words[NODE_DEED_WORDS]; /* those with a name */
};

/* Deeds and, with probe NULL, probes. Their names, words, and what they say: the table's comments. */
extern const struct node_deed node_deeds[];
extern const size_t node_deeds_count;
const struct node_deed *node_deed_find(const char *name); /* NULL: none is called so */

/* One word told: borrowed. RUN, which every deed may be told, names one attempt (one step of one
 * run, one try): under it the node keeps what was so before, for the probe to compare with. */
struct node_word {
	const char *name, *value;
};
struct node_words {
	const struct node_word *at;
	size_t n;
	const void *secret; /* to the script's stdin; NULL: nothing, or the source */
	size_t secret_bytes;
	const struct proc_source *source;
};

/* What a script said: lines "key value", of the node, so neither trusted nor made safe. */
struct node_answer {
	enum node_exit exit;
	struct buf text;
};
void node_answer_init(struct node_answer *a);
void node_answer_done(struct node_answer *a);
/* The value of the first line of that key, cut to its room; false, and "", when there is none. */
bool node_answer_get(const struct node_answer *a, const char *key, char *value, size_t size);
int64_t node_answer_number(const struct node_answer *a, const char *key, int64_t otherwise);
/* The next line of that key (NULL: of any); *at begins at 0. Borrowed until the answer changes. */
bool node_answer_next(
	const struct node_answer *a, const char *key, size_t *at, const char **value, size_t *n);
/* "active" of "id=kubelet.service active=active sub=running"; false: no such word. */
bool node_answer_field(const char *value, size_t n, const char *name, char *out, size_t size);

/* May it be done with these words? ERR_USAGE says which word is wrong. Pure. */
int node_deed_check(const struct node_deed *d, const struct node_words *w, struct err *e);
/* Does it, within c->timeout_ms (0: the row's own). 0: NODE_DONE, or for a probe also NODE_NOT, as
 * a->exit says. a, which the caller has begun, holds what was said also when it failed. */
int node_deed_do(const struct node_call *c, const struct node_deed *d, const struct node_words *w,
	struct node_answer *a, struct err *e);
/* Did it take effect? Asked after an intent without an outcome. The same words, RUN among them. */
int node_deed_done(const struct node_call *c, const struct node_deed *d, const struct node_words *w,
	bool *done, struct node_answer *a, struct err *e);
/* Any command: each word quoted for the node's shell, argv[0] a program's name or path. ERR_USAGE
 * for a word with control characters or none at all. Else as node_shell_stream. */
int node_deed_run(const struct node_call *c, const char *const argv[], size_t n,
	const struct proc_calls *calls, int *exit_code, struct err *e);
/* Its command line over ssh, as an operator could type it: new string. */
char *node_deed_run_show(const struct node_call *c, const char *const argv[], size_t n);

#endif
