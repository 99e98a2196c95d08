/* YAML as a tree that knows where everything stood, so that every complaint can say
 * file:line:column. YAML 1.1 as kubectl reads it. The prefix is yml_, since libyaml has yaml_.
 * Depth, size, aliases (refused past a ceiling) are bounded; duplicate keys are errors. */
#ifndef IO_YAML_H
#define IO_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum yml_kind { YML_SCALAR, YML_LIST, YML_MAP };

struct yml {
	enum yml_kind kind;
	int line, column;    /* from 1 */
	bool plain;          /* a scalar that was not quoted */
	char *text;          /* scalar */
	struct yml **items;  /* list: elements; map: values */
	char **keys;         /* map */
	struct yml **key_at; /* map: where each key stands (a scalar) */
	size_t n;
};

struct yml_doc; /* owns the tree and the file's name for messages */

/* First document; an empty file is an empty map. */
struct yml_doc *yml_parse(const char *text, size_t n, const char *file, struct err *e);
struct yml_doc *yml_read(const char *path, struct err *e);
void yml_free(struct yml_doc *d);
const struct yml *yml_root(const struct yml_doc *d);
const char *yml_file(const struct yml_doc *d);
/* -1, and where: something stands behind the first document, which nobody would read. */
int yml_alone(const struct yml_doc *d, struct err *e);

const struct yml *yml_get(const struct yml *map, const char *key); /* NULL when absent or null */
/* NULL when no scalar or null (~, null, empty plain) */
const char *yml_text(const struct yml *scalar);
bool yml_bool(const struct yml *scalar, bool *out); /* YAML 1.1: y yes on true ..., plain only */
bool yml_int(const struct yml *scalar, int64_t *out);
/* "file:line:column: sentence", made safe for a terminal. Returns -1. */
int yml_err(const struct yml_doc *d, const struct yml *at, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
