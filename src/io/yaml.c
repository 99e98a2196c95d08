/* YAML through libyaml's events, built into a tree that remembers where everything
 * stood. What a hostile file could do is bounded: bytes, depth, nodes, keys of one
 * map, anchors; and since aliases are copied, the tree's own text, depth and nodes as
 * well as the file's. Merge keys (<<) are resolved, as kubectl's reader does;
 * duplicate keys are errors. A kubeconfig holds keys: what is freed is wiped. */
#include "io/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"
#include "io/file.h"

#define MAX_BYTES   (8u << 20)
#define MAX_DEPTH   64
#define MAX_NODES   200000
#define MAX_KEYS    5000        /* duplicates are found by looking at each */
#define MAX_ANCHORS 1000        /* likewise */
#define MAX_TEXT    (16u << 20) /* of all values, copies of aliases too */

struct yml_doc {
	char *file;
	struct yml *root;
	int more_line, more_column; /* of what follows the first document; 0: nothing does */
};

struct anchor {
	char *name;
	const struct yml *node;
};

struct reader {
	yaml_parser_t parser;
	const char *bytes;
	size_t n;
	struct yml_doc *doc;
	struct err *e;
	size_t nodes, text;
	VEC(struct anchor) anchors;
	VEC(struct yml *) merged; /* kept to the end, since an anchor may stand in them */
};

static struct yml *read_node(struct reader *r, yaml_event_t *event, int depth);

/* What the file says may stand in the sentence, escapes of a terminal too. */
static int fail_at(
	const struct yml_doc *d, int line, int column, struct err *e, const char *sentence)
{
	char safe[400];

	text_safe(safe, sizeof(safe), sentence, strlen(sentence));
	return err_set(e, ERR_INPUT, "%s:%d:%d: %s", d->file, line, column, safe);
}

static int fail_event(struct reader *r, const yaml_event_t *event, const char *sentence)
{
	return fail_at(r->doc, (int)event->start_mark.line + 1, (int)event->start_mark.column + 1,
		r->e, sentence);
}

static void node_free(struct yml *n)
{
	size_t i;

	if (n == NULL)
		return;
	for (i = 0; i < n->n; i++) {
		node_free(n->items[i]);
		if (n->kind == YML_MAP) {
			free(n->keys[i]);
			node_free(n->key_at[i]);
		}
	}
	mem_forget(&n->text);
	free(n->items);
	free(n->keys);
	free(n->key_at);
	free(n);
}

/* The text's bytes count before they are copied. */
static int take_text(struct reader *r, size_t n, const yaml_event_t *event)
{
	if (n > MAX_TEXT - r->text)
		return fail_event(r, event, _("too much text in one file, aliases counted"));
	r->text += n;
	return 0;
}

static struct yml *node_new(struct reader *r, enum yml_kind kind, const yaml_event_t *event)
{
	struct yml *n;

	if (++r->nodes > MAX_NODES) {
		fail_event(r, event, _("too many values in one file"));
		return NULL;
	}
	n = mem_new(struct yml);
	n->kind = kind;
	n->line = (int)event->start_mark.line + 1;
	n->column = (int)event->start_mark.column + 1;
	return n;
}

static void list_add(struct yml *list, struct yml *item)
{
	if ((list->n & (list->n + 1)) == 0)
		list->items = mem_grow(list->items, 2 * (list->n + 1), sizeof(*list->items));
	list->items[list->n++] = item;
}

static void map_add(struct yml *map, struct yml *key, struct yml *value)
{
	if ((map->n & (map->n + 1)) == 0) {
		map->keys = mem_grow(map->keys, 2 * (map->n + 1), sizeof(*map->keys));
		map->key_at = mem_grow(map->key_at, 2 * (map->n + 1), sizeof(struct yml *));
	}
	map->keys[map->n] = mem_str(key->text);
	map->key_at[map->n] = key;
	list_add(map, value);
}

static const struct yml *map_find(const struct yml *map, const char *key, size_t *at)
{
	size_t i;

	for (i = 0; map->kind == YML_MAP && i < map->n; i++) {
		if (strcmp(map->keys[i], key) != 0)
			continue;
		if (at != NULL)
			*at = i;
		return map->items[i];
	}
	return NULL;
}

/* depth: of the copy. */
static struct yml *node_copy(
	struct reader *r, const struct yml *from, const yaml_event_t *event, int depth)
{
	struct yml *n, *item, *key;
	size_t i;

	if (depth > MAX_DEPTH) {
		fail_event(r, event, _("nested too deeply"));
		return NULL;
	}
	if (take_text(r, from->text != NULL ? strlen(from->text) : 0, event) != 0 ||
		(n = node_new(r, from->kind, event)) == NULL)
		return NULL;
	n->plain = from->plain;
	n->text = mem_str(from->text);
	n->line = from->line;
	n->column = from->column;
	for (i = 0; i < from->n; i++) {
		item = node_copy(r, from->items[i], event, depth + 1);
		key = from->kind == YML_MAP && item != NULL
			      ? node_copy(r, from->key_at[i], event, depth + 1)
			      : NULL;
		if (item == NULL || (from->kind == YML_MAP && key == NULL)) {
			node_free(item);
			node_free(n);
			return NULL;
		}
		if (key != NULL)
			map_add(n, key, item);
		else
			list_add(n, item);
	}
	return n;
}

/* What is no text has no mark, only its place among the bytes. */
static int fail_byte(struct reader *r, size_t at, const char *problem)
{
	int line = 1, column = 1;

	for (size_t i = 0; i < at && i < r->n; i++) {
		column = r->bytes[i] == '\n' ? 1 : column + ((r->bytes[i] & 0xC0) != 0x80);
		line += r->bytes[i] == '\n';
	}
	return err_set(r->e, ERR_INPUT, _("%s:%d:%d: broken YAML: %s"), r->doc->file, line, column,
		problem);
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	const yaml_parser_t *p = &r->parser;

	if (yaml_parser_parse(&r->parser, event))
		return 0;
	memset(event, 0, sizeof(*event));
	if (p->error == YAML_READER_ERROR)
		return fail_byte(r, p->problem_offset, p->problem != NULL ? p->problem : "?");
	return err_set(r->e, ERR_INPUT, _("%s:%d:%d: broken YAML: %s"), r->doc->file,
		(int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1,
		p->problem != NULL ? p->problem : "?");
}

static struct yml *read_scalar(struct reader *r, const yaml_event_t *event)
{
	char *value = (char *)event->data.scalar.value;
	struct yml *n;

	if (memchr(value, '\0', event->data.scalar.length) != NULL) {
		fail_event(r, event, _("a value with a NUL byte"));
		return NULL;
	}
	if (take_text(r, event->data.scalar.length, event) != 0 ||
		(n = node_new(r, YML_SCALAR, event)) == NULL)
		return NULL;
	n->text = mem_dup(value, event->data.scalar.length);
	mem_wipe(value, event->data.scalar.length);
	n->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		   event->data.scalar.tag == NULL;
	return n;
}

static struct yml *read_alias(struct reader *r, const yaml_event_t *event, int depth)
{
	const char *name = (const char *)event->data.alias.anchor;
	size_t i;

	for (i = r->anchors.len; i > 0; i--)
		if (strcmp(r->anchors.at[i - 1].name, name) == 0)
			return node_copy(r, r->anchors.at[i - 1].node, event, depth);
	fail_event(r, event, _("an alias to an anchor that does not stand before it"));
	return NULL;
}

static struct yml *read_list(struct reader *r, const yaml_event_t *start, int depth)
{
	struct yml *list = node_new(r, YML_LIST, start);
	struct yml *item;
	yaml_event_t event;
	bool end;

	while (list != NULL) {
		item = NULL;
		end = false;
		if (next_event(r, &event) == 0) {
			end = event.type == YAML_SEQUENCE_END_EVENT;
			item = end ? NULL : read_node(r, &event, depth + 1);
			yaml_event_delete(&event);
		}
		if (end)
			return list;
		if (item == NULL)
			break;
		list_add(list, item);
	}
	node_free(list);
	return NULL;
}

/* The members of a map, or of each map of a list, that are not there yet. */
static int merge(struct reader *r, struct yml *into, const struct yml *from,
	const yaml_event_t *event, int depth)
{
	struct yml *key, *value;
	size_t i;

	if (from->kind == YML_SCALAR)
		return fail_event(r, event, _("a merge key (<<) needs a map or a list of maps"));
	for (i = 0; i < from->n; i++) {
		if (from->kind == YML_LIST) {
			if (from->items[i]->kind != YML_MAP)
				return fail_event(r, event,
					_("a merge key (<<) needs a map or a list of maps"));
			if (merge(r, into, from->items[i], event, depth) != 0)
				return -1;
			continue;
		}
		if (map_find(into, from->keys[i], NULL) != NULL)
			continue;
		if (into->n >= MAX_KEYS)
			return fail_event(r, event, _("too many keys in one map"));
		value = node_copy(r, from->items[i], event, depth + 1);
		key = value != NULL ? node_copy(r, from->key_at[i], event, depth + 1) : NULL;
		if (key == NULL) {
			node_free(value);
			return -1;
		}
		map_add(into, key, value);
	}
	return 0;
}

static struct yml *read_key(struct reader *r, const struct yml *map, yaml_event_t *event)
{
	struct yml *key;
	size_t at;

	if (event->type != YAML_SCALAR_EVENT) {
		fail_event(r, event, _("a key must be a plain word or a string"));
		return NULL;
	}
	if (map->n >= MAX_KEYS) {
		fail_event(r, event, _("too many keys in one map"));
		return NULL;
	}
	key = read_scalar(r, event);
	if (key != NULL && map_find(map, key->text, &at) != NULL) {
		yml_err(r->doc, key, r->e, _("the key \"%s\" stands in line %d already"), key->text,
			map->key_at[at]->line);
		node_free(key);
		return NULL;
	}
	return key;
}

/* The value of a key: put into the map, or kept in *merged when the key is <<. */
static int read_value(
	struct reader *r, struct yml *map, struct yml *key, struct yml **merged, int depth)
{
	struct yml *value = NULL;
	yaml_event_t event;

	if (next_event(r, &event) == 0) {
		value = read_node(r, &event, depth + 1);
		yaml_event_delete(&event);
	}
	if (value == NULL) {
		node_free(key);
		return -1;
	}
	if (key->plain && strcmp(key->text, "<<") == 0 && *merged == NULL) {
		*merged = value;
		node_free(key);
	} else {
		map_add(map, key, value);
	}
	return 0;
}

static struct yml *read_map(struct reader *r, const yaml_event_t *start, int depth)
{
	struct yml *map = node_new(r, YML_MAP, start);
	struct yml *merged = NULL, *key;
	yaml_event_t event;
	bool end = false;

	while (map != NULL && !end) {
		key = NULL;
		if (next_event(r, &event) == 0) {
			end = event.type == YAML_MAPPING_END_EVENT;
			key = end ? NULL : read_key(r, map, &event);
			yaml_event_delete(&event);
		}
		if (!end && (key == NULL || read_value(r, map, key, &merged, depth) != 0))
			break;
	}
	if (map != NULL && (!end || (merged != NULL && merge(r, map, merged, start, depth) != 0))) {
		node_free(map);
		map = NULL;
	}
	if (merged != NULL)
		*vec_add(&r->merged) = merged;
	return map;
}

static struct yml *read_node(struct reader *r, yaml_event_t *event, int depth)
{
	const yaml_char_t *name = NULL;
	struct yml *n = NULL;

	if (depth > MAX_DEPTH) {
		fail_event(r, event, _("nested too deeply"));
		return NULL;
	}
	if (event->type == YAML_SCALAR_EVENT) {
		name = event->data.scalar.anchor;
		n = read_scalar(r, event);
	} else if (event->type == YAML_SEQUENCE_START_EVENT) {
		name = event->data.sequence_start.anchor;
		n = read_list(r, event, depth);
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		name = event->data.mapping_start.anchor;
		n = read_map(r, event, depth);
	} else if (event->type == YAML_ALIAS_EVENT) {
		n = read_alias(r, event, depth);
	}
	if (n != NULL && name != NULL && r->anchors.len == MAX_ANCHORS) {
		fail_event(r, event, _("too many anchors in one file"));
		node_free(n);
		return NULL;
	}
	/* Known once it is complete: an alias inside its own anchor finds nothing. */
	if (n != NULL && name != NULL)
		*vec_add(&r->anchors) = (struct anchor){mem_str((const char *)name), n};
	return n;
}

static bool is_null(const struct yml *n)
{
	return n->kind == YML_SCALAR && n->plain &&
	       (n->text[0] == '\0' || str_eq(n->text, "~") || str_eq(n->text, "null") ||
		       str_eq(n->text, "Null") || str_eq(n->text, "NULL"));
}

static struct yml *empty_map(void)
{
	struct yml *n = mem_new(struct yml);

	n->kind = YML_MAP;
	n->line = n->column = 1;
	return n;
}

/* The first document's root; an empty one is an empty map. */
static int read_document(struct reader *r)
{
	yaml_event_t event;
	bool done = false;

	while (!done) {
		if (next_event(r, &event) != 0)
			return -1;
		if (event.type == YAML_STREAM_END_EVENT) {
			done = true;
		} else if (event.type != YAML_STREAM_START_EVENT &&
			   event.type != YAML_DOCUMENT_START_EVENT) {
			r->doc->root = read_node(r, &event, 0);
			done = true;
			if (r->doc->root == NULL) {
				yaml_event_delete(&event);
				return -1;
			}
		}
		yaml_event_delete(&event);
	}
	if (r->doc->root != NULL && !is_null(r->doc->root))
		return 0;
	node_free(r->doc->root);
	r->doc->root = empty_map();
	return 0;
}

/* Where something stands behind the first document: broken or not, it is not read. */
static void look_behind(struct reader *r)
{
	bool done = false, ok, more;
	const yaml_mark_t *at;
	yaml_event_t event;

	while (!done) {
		ok = yaml_parser_parse(&r->parser, &event) != 0;
		more = !ok || event.type == YAML_DOCUMENT_START_EVENT;
		done = more || event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
		at = ok ? &event.start_mark : &r->parser.problem_mark;
		r->doc->more_line = more ? (int)at->line + 1 : 0;
		r->doc->more_column = more ? (int)at->column + 1 : 0;
		if (ok)
			yaml_event_delete(&event);
	}
}

/* libyaml's own view of the text. */
static void wipe_parser(yaml_parser_t *p)
{
	if (p->raw_buffer.start != NULL)
		mem_wipe(p->raw_buffer.start, (size_t)(p->raw_buffer.end - p->raw_buffer.start));
	if (p->buffer.start != NULL)
		mem_wipe(p->buffer.start, (size_t)(p->buffer.end - p->buffer.start));
}

struct yml_doc *yml_parse(const char *text, size_t n, const char *file, struct err *e)
{
	struct reader r = {.e = e, .bytes = text, .n = n};
	size_t i;

	if (n > MAX_BYTES) {
		err_set(e, ERR_LIMIT, _("%s is larger than %u bytes"), file, MAX_BYTES);
		return NULL;
	}
	if (!yaml_parser_initialize(&r.parser)) {
		err_set(e, ERR_SYSTEM, _("%s: no memory to read it"), file);
		return NULL;
	}
	r.doc = mem_new(struct yml_doc);
	r.doc->file = mem_str(file);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
	if (read_document(&r) != 0) {
		yml_free(r.doc);
		r.doc = NULL;
	} else {
		look_behind(&r);
	}
	for (i = 0; i < r.anchors.len; i++)
		free(r.anchors.at[i].name);
	vec_done(&r.anchors);
	for (i = 0; i < r.merged.len; i++)
		node_free(r.merged.at[i]);
	vec_done(&r.merged);
	wipe_parser(&r.parser);
	yaml_parser_delete(&r.parser);
	return r.doc;
}

struct yml_doc *yml_read(const char *path, struct err *e)
{
	struct yml_doc *d;
	char *text;
	size_t n;

	if (file_read(path, MAX_BYTES, &text, &n, e) != 0)
		return NULL;
	d = yml_parse(text, n, path, e);
	mem_wipe(text, n); /* a kubeconfig holds keys */
	free(text);
	return d;
}

void yml_free(struct yml_doc *d)
{
	if (d == NULL)
		return;
	node_free(d->root);
	free(d->file);
	free(d);
}

const struct yml *yml_root(const struct yml_doc *d)
{
	return d->root;
}

const char *yml_file(const struct yml_doc *d)
{
	return d->file;
}

const struct yml *yml_get(const struct yml *map, const char *key)
{
	const struct yml *value = map != NULL ? map_find(map, key, NULL) : NULL;

	return value == NULL || is_null(value) ? NULL : value;
}

const char *yml_text(const struct yml *scalar)
{
	return scalar == NULL || scalar->kind != YML_SCALAR || is_null(scalar) ? NULL
									       : scalar->text;
}

bool yml_bool(const struct yml *scalar, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {{"y", true}, {"Y", true}, {"yes", true}, {"Yes", true}, {"YES", true},
		{"true", true}, {"True", true}, {"TRUE", true}, {"on", true}, {"On", true},
		{"ON", true}, {"n", false}, {"N", false}, {"no", false}, {"No", false},
		{"NO", false}, {"false", false}, {"False", false}, {"FALSE", false}, {"off", false},
		{"Off", false}, {"OFF", false}};
	const char *text = yml_text(scalar);
	size_t i;

	for (i = 0; text != NULL && scalar->plain && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

/* YAML 1.1: 0x in hexadecimal, a leading 0 in octal, underscores between digits. */
bool yml_int(const struct yml *scalar, int64_t *out)
{
	const char *text = yml_text(scalar);
	char digits[40], *d = digits, *end;
	const char *from;
	long long n;

	if (text == NULL || !scalar->plain || strlen(text) >= sizeof(digits))
		return false;
	for (; *text != '\0'; text++)
		if (*text != '_')
			*d++ = *text;
	*d = '\0';
	from = digits[0] == '-' || digits[0] == '+' ? digits + 1 : digits;
	if (*from < '0' || *from > '9')
		return false;
	errno = 0;
	n = strtoll(digits, &end, 0);
	if (*end != '\0' || errno != 0)
		return false;
	*out = n;
	return true;
}

int yml_alone(const struct yml_doc *d, struct err *e)
{
	if (d->more_line == 0)
		return 0;
	return fail_at(d, d->more_line, d->more_column, e,
		_("more than one document in the file: only the first would be read"));
}

int yml_err(const struct yml_doc *d, const struct yml *at, struct err *e, const char *fmt, ...)
{
	char sentence[320];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	return fail_at(d, at != NULL ? at->line : 1, at != NULL ? at->column : 1, e, sentence);
}
