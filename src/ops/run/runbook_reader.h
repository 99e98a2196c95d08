/* What the files of the reader share: where they are in the YAML, and what is known so far. */
#ifndef OPS_RUN_RUNBOOK_READER_H
#define OPS_RUN_RUNBOOK_READER_H

#include "io/yaml.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook.h"

/* Which {words} a text may hold: those that are known when it is shown or used. */
enum reader_words {
	WORDS_NONE,  /* a menu's: there is no run yet */
	WORDS_RUN,   /* inputs, {cluster}, {run} */
	WORDS_TARGET /* and {target} */
};

/* Of a text in a struct that it will be shown from. */
#define READER_ROOM(type, field) sizeof(((type *)NULL)->field)

struct reader {
	const struct yml_doc *doc;
	struct runbook *book;
	struct err *e;
	enum reader_words words; /* of the place that is read now */
};

/* A key of a map, in the order in which they are read: what others need to know comes first. */
struct reader_key {
	const char *key;
	int (*read)(struct reader *r, const struct yml *v, void *to);
	bool required;
};

/* runbook_read_text.c: what is made of texts. */

/* Any key that is neither a row's nor among the arguments (NULL: none) is an error. what: "a step" */
int reader_know(struct reader *r, const struct yml *map, const struct reader_key *rows, size_t n,
	const struct run_arg *args, const char *what);
int reader_rows(struct reader *r, const struct yml *map, const struct reader_key *rows, size_t n,
	void *to, const char *what);
/* A scalar that says something, checked for its {words}, with nothing in it that a terminal would
 * obey or hide; *to is freed first. */
int reader_text(struct reader *r, const struct yml *v, const char *what, char **to);
int reader_words(struct reader *r, const struct yml *v, const char *text);
/* Shorter than size in either language: longer, it would be cut where it is shown. */
int reader_said(
	struct reader *r, const struct yml *v, const char *what, size_t size, struct said *to);
int reader_room(struct reader *r, const struct yml *v, const char *what, size_t n, size_t size);
/* a-z, 0-9 and '-', from a letter or a digit; shorter than size */
int reader_id(struct reader *r, const struct yml *v, const char *what, size_t size, char **to);
int reader_span(struct reader *r, const struct yml *v, const char *what, int64_t *ms);
/* A list of texts, not empty. */
int reader_list(struct reader *r, const struct yml *v, const char *what, char ***to, size_t *n);
/* A name that must be a node's, or words that will be. */
int reader_node(struct reader *r, const struct yml *v, const char *what, char **to);
/* Refuses a text that is empty where optional inputs are. */
int reader_filled(struct reader *r, const struct yml *v, const char *what, const char *text);
/* An input that is all of the text, like "{node}"; or NULL. */
const struct runbook_input *reader_input_alone(const struct reader *r, const char *text);
/* "must be a map of keys" */
int reader_map(struct reader *r, const struct yml *v, const char *what);

/* runbook_read_use.c: guards and deeds. */
enum reader_place { PLACE_REQUIRE, PLACE_WHEN, PLACE_VERIFY };
int reader_guards(
	struct reader *r, const struct yml *v, enum reader_place place, struct runbook_guards *to);
/* The word's arguments out of a map whose keys are known. */
int reader_args(struct reader *r, const struct yml *map, struct runbook_use *use);

/* runbook_read_input.c */
int reader_inputs(struct reader *r, const struct yml *v, void *book);

/* runbook_read_step.c */
int reader_steps(struct reader *r, const struct yml *v, void *book);

#endif
