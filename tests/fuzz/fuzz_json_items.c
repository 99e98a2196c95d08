/* json_items: the chunks do not matter. Whatever the bytes, one whole feed and many small
 * ones give the same objects, the same rest and the same verdict; and from a document that is
 * JSON, what comes out is JSON without metadata.managedFields. The first byte and the bytes
 * themselves say where to cut. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "help/chunks.h"
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

struct feed {
	struct json_items *items;
	struct err err;
};

static int on_chunk(void *arg, const char *bytes, size_t n)
{
	struct feed *f = arg;

	return json_items_feed(f->items, bytes, n, &f->err);
}

/* The verdict, as an error code. */
static enum err_code cut(
	enum json_items_mode mode, const char *bytes, size_t n, unsigned seed, struct seen *s)
{
	struct feed f = {.items = json_items_new(mode, CEILING, &calls, s)};
	int rc;

	buf_init(&s->out, 1u << 24);
	rc = chunks_feed(bytes, n, seed, on_chunk, &f);
	if (rc == 0)
		rc = json_items_end(f.items, &f.err);
	if (rc != 0 && (f.err.code == ERR_NONE || f.err.text[0] == '\0'))
		abort();
	json_items_free(f.items);
	return rc != 0 ? f.err.code : ERR_NONE;
}

static void compare(enum json_items_mode mode, const char *bytes, size_t n, unsigned seed)
{
	struct js *doc = js_parse(bytes, n, NULL);
	struct seen whole = {.valid = doc != NULL}, parts = {.valid = doc != NULL};
	enum err_code code = cut(mode, bytes, n, 0, &whole);

	if (cut(mode, bytes, n, seed, &parts) != code)
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
	compare(JSON_ITEMS_LIST, (const char *)bytes + 1, n - 1, bytes[0] + 1u);
	compare(JSON_ITEMS_WATCH, (const char *)bytes + 1, n - 1, bytes[0] + 1u);
	return 0;
}
