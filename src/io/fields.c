/* What the readers of JSON and of protobuf share of a table. */
#include "io/fields.h"

#include <string.h>

#include "base/mem.h"

void *fields_element(const struct field *f, void *into)
{
	void *at = (char *)into + f->offset;
	struct field_vec *v = at;

	if (f->kind == FIELD_EACH)
		return memset(at, 0, f->size);
	if (v->len == v->cap) {
		v->cap = vec_room(v->cap, v->len + 1);
		v->at = mem_grow(v->at, v->cap, f->size);
	}
	return memset((char *)v->at + f->size * v->len++, 0, f->size);
}

const struct field *fields_find(const struct field *fields, struct json_span key)
{
	for (const struct field *f = fields; f->key != NULL; f++)
		if (f->key_bytes == key.n && memcmp(f->key, key.at, key.n) == 0)
			return f;
	return NULL;
}
