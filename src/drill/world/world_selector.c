/* Label selectors as objects hold them. */
#include <string.h>

#include "drill/world/world.h"

/* "key in values" and its like, of one matchExpression. */
static bool expression_holds(struct json_span e, struct json_span labels)
{
	struct json_span values = jt_get(e, "values"), op = jt_get(e, "operator"), k, v, has;
	char key[120];
	bool in = false;

	jt_str(jt_get(e, "key"), key, sizeof(key));
	has = jt_get(labels, key);
	for (size_t pos = 0; jt_each(values, &pos, &k, &v);)
		in = in || (v.n == has.n && has.at != NULL && memcmp(v.at, has.at, v.n) == 0);
	if (jt_str_is(op, "Exists"))
		return has.at != NULL;
	if (jt_str_is(op, "DoesNotExist"))
		return has.at == NULL;
	return jt_str_is(op, "NotIn") ? !in : in;
}

/* A label selector with nothing in it picks all. */
bool world_selects(struct json_span selector, struct json_span labels)
{
	struct json_span k, v, has;
	char key[120];

	for (size_t pos = 0; jt_each(jt_get(selector, "matchLabels"), &pos, &k, &v);) {
		str_copy_n(key, sizeof(key), k.at, k.n);
		has = jt_get(labels, key);
		if (has.at == NULL || has.n != v.n || memcmp(has.at, v.at, v.n) != 0)
			return false;
	}
	for (size_t pos = 0; jt_each(jt_get(selector, "matchExpressions"), &pos, &k, &v);)
		if (!expression_holds(v, labels))
			return false;
	return true;
}
