/* Lines "key value" of a deed. */
#include "cluster/node_deed.h"

#include <string.h>

#include "base/str.h"

enum { ANSWER_MAX = 256 << 10 };

void node_answer_init(struct node_answer *a)
{
	a->exit = NODE_FAILED;
	buf_init(&a->text, ANSWER_MAX);
}

void node_answer_done(struct node_answer *a)
{
	buf_done(&a->text);
}

bool node_answer_next(
	const struct node_answer *a, const char *key, size_t *at, const char **value, size_t *n)
{
	const char *text = buf_text(&a->text);
	size_t len = key != NULL ? strlen(key) : 0;

	while (*at < a->text.len) {
		const char *line = text + *at;
		size_t all = strcspn(line, "\n");

		*at += all + 1;
		if (key == NULL) {
			*value = line;
			*n = all;
			return true;
		}
		if (all < len || memcmp(line, key, len) != 0 || (all > len && line[len] != ' '))
			continue;
		*value = all > len ? line + len + 1 : line + len;
		*n = all > len ? all - len - 1 : 0;
		return true;
	}
	return false;
}

bool node_answer_get(const struct node_answer *a, const char *key, char *value, size_t size)
{
	const char *line;
	size_t at = 0, n;
	bool there = node_answer_next(a, key, &at, &line, &n);

	str_copy_n(value, size, there ? line : "", there ? n : 0);
	return there;
}

int64_t node_answer_number(const struct node_answer *a, const char *key, int64_t otherwise)
{
	char text[32];
	int64_t number;

	return node_answer_get(a, key, text, sizeof(text)) && str_i64(text, &number) ? number
										     : otherwise;
}

bool node_answer_field(const char *value, size_t n, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	out[0] = '\0';
	for (size_t i = 0, word; i < n; i += word + 1) {
		for (word = 0; i + word < n && value[i + word] != ' '; word++)
			;
		if (word <= len || memcmp(value + i, name, len) != 0 || value[i + len] != '=')
			continue;
		str_copy_n(out, size, value + i + len + 1, word - len - 1);
		return true;
	}
	return false;
}
