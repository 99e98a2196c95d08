/* yaml: any bytes give a tree or an error with the file's name; a tree has whole nodes, and
 * places that lie in the file. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "io/yaml.h"

static size_t walk(const struct yml *n)
{
	size_t nodes = 1;
	bool b;
	int64_t i;

	if (n->line < 1 || n->column < 1 || (n->kind == YML_SCALAR) != (n->text != NULL))
		abort();
	yml_bool(n, &b);
	yml_int(n, &i);
	for (size_t at = 0; at < n->n; at++) {
		if (n->kind == YML_MAP &&
			(n->keys[at] == NULL || strcmp(n->keys[at], n->key_at[at]->text) != 0))
			abort();
		nodes += walk(n->items[at]);
	}
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct err e = {.code = ERR_NONE};
	struct yml_doc *d = yml_parse((const char *)bytes, n, "input.yaml", &e);

	if (d == NULL) {
		if (e.code == ERR_NONE || strncmp(e.text, "input.yaml", 10) != 0)
			abort();
		return 0;
	}
	if (walk(yml_root(d)) > 500000)
		abort();
	yml_free(d);
	return 0;
}
