/* The middle part of a JSON Web Token is base64url of {"exp": seconds, ...}. It is read, never
 * trusted: the server decides. */
#include "cluster/kube_token.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "io/fields.h"

struct claims {
	int64_t exp;
};

static const struct field fields[] = {
	FIELD(INT, "exp", 0, struct claims, exp),
	FIELDS_END,
};

int64_t kube_token_expiry(const char *token)
{
	const char *from = strchr(token, '.'), *to = from != NULL ? strchr(from + 1, '.') : NULL;
	struct claims c = {.exp = 0};
	char *text = NULL;
	size_t n = 0;

	if (to != NULL)
		text = base64_decode(from + 1, (size_t)(to - from - 1), &n);
	if (text == NULL)
		return INT64_MAX;
	fields_read((struct json_span){.at = text, .n = n}, fields, &c, NULL);
	mem_wipe(text, n);
	free(text);
	return c.exp > 0 && c.exp < INT64_MAX / 1000 ? c.exp * 1000 : INT64_MAX;
}
