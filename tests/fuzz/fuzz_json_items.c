/* json_items: the chunks do not matter. Whatever the bytes, one whole feed and many small
 * ones give the same objects, the same rest and the same verdict; and from a document that is
 * JSON, what comes out is JSON without metadata.managedFields. The first byte says how to cut. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "io/json.h"
#include "io/json_items.h"

#define CEILING 4096

struct seen {
	struct buf out; /* each object and the rest, followed by a NUL */
	bool valid;     /* the whole input was JSON: so must be the parts */
};

static void check_part(const char *bytes, size_t n)
{
	struct js *doc = js_parse(bytes, n, NULL);

	if (doc == NULL || !js_is_object(doc))
		abort();
	js_free(doc);
}

static int on_item(void *arg, const char *bytes, size_t n)
{
	struct seen *s = arg;

	if (n > CEILING || bytes[0] != '{' || bytes[n - 1] != '}' || bytes[n] != '\0')
		abort();
	if (s->valid)
		check_part(bytes, n);
	buf_add(&s->out, bytes, n + 1);
	return 0;
}

static const struct json_items_calls calls = {.item = on_item, .rest = on_item};

static int cut(enum json_items_mode mode, const char *bytes, size_t n, size_t chunk, struct seen *s)
{
	struct json_items *items = json_items_new(mode, CEILING, &calls, s);
	size_t at, some;
	struct err e;
	int rc = 0;

	buf_init(&s->out, 1u << 24);
	for (at = 0; rc == 0 && at < n; at += some) {
		some = n - at < chunk ? n - at : chunk;
		rc = json_items_feed(items, bytes + at, some, &e);
	}
	if (rc == 0)
		rc = json_items_end(items, &e);
	json_items_free(items);
	return rc;
}

static void compare(enum json_items_mode mode, const char *bytes, size_t n, size_t chunk)
{
	struct js *doc = js_parse(bytes, n, NULL);
	struct seen whole = {.valid = doc != NULL}, parts = {.valid = doc != NULL};
	int rc = cut(mode, bytes, n, n + 1, &whole);

	if (cut(mode, bytes, n, chunk, &parts) != rc)
		abort();
	if (whole.out.len != parts.out.len)
		abort();
	if (whole.out.len > 0 && memcmp(whole.out.at, parts.out.at, whole.out.len) != 0)
		abort();
	js_free(doc);
	buf_done(&whole.out);
	buf_done(&parts.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n == 0)
		return 0;
	compare(JSON_ITEMS_LIST, (const char *)bytes + 1, n - 1, bytes[0] % 31 + 1u);
	compare(JSON_ITEMS_WATCH, (const char *)bytes + 1, n - 1, bytes[0] % 31 + 1u);
	return 0;
}
