/* Protobuf as a hostile server sends it: to each decoder as one object, and as a list whose
 * chunks must not matter: cut or whole it gives the same objects and the same verdict. The first
 * byte says where to cut. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/kube_watch.h"
#include "fuzz/fuzz.h"
#include "io/http.h"
#include "io/proto_items.h"

#define CEILING 4096

static void decode(const char *bytes, size_t n, struct intern *names)
{
	static const struct kube_kind *const kinds[] = {&kube_nodes, &kube_pods};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		const struct row_ops *ops = kinds[k]->ops;
		void *row = malloc(ops->size);
		struct err e = {.code = ERR_NONE};

		if (kinds[k]->decode_proto(bytes, n, names, row, &e) == 0)
			ops->unref(row);
		else if (e.code != ERR_INPUT || e.text[0] == '\0')
			abort();
		free(row);
	}
}

struct seen {
	struct buf out; /* each object and the rest, followed by a NUL */
	struct intern *names;
};

static int on_item(void *arg, const char *bytes, size_t n)
{
	struct seen *s = arg;

	if (n > CEILING)
		abort();
	decode(bytes, n, s->names);
	buf_add(&s->out, bytes, n);
	buf_putc(&s->out, '\0');
	return 0;
}

static int cut(const char *bytes, size_t n, size_t chunk, struct seen *s)
{
	static const struct json_items_calls calls = {.item = on_item, .rest = on_item};
	struct proto_items *items = proto_items_new(CEILING, &calls, s);
	size_t at, some;
	struct err e;
	int rc = 0;

	buf_init(&s->out, 1u << 24);
	for (at = 0; rc == 0 && at < n; at += some) {
		some = n - at < chunk ? n - at : chunk;
		rc = proto_items_feed(items, bytes + at, some, &e);
	}
	if (rc == 0)
		rc = proto_items_end(items, &e);
	proto_items_free(items);
	return rc;
}

static void compare(const char *bytes, size_t n, size_t chunk, struct intern *names)
{
	struct seen whole = {.names = names}, parts = {.names = names};
	int rc = cut(bytes, n, n + 1, &whole);

	if (cut(bytes, n, chunk, &parts) != rc)
		abort();
	if (whole.out.len != parts.out.len)
		abort();
	if (whole.out.len > 0 && memcmp(whole.out.at, parts.out.at, whole.out.len) != 0)
		abort();
	buf_done(&whole.out);
	buf_done(&parts.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct intern *names = intern_new(1 << 16);
	struct err e;
	char *copy;

	if (n > 0) {
		copy = malloc(n); /* exactly as long: a sanitizer sees a read past the end */
		memcpy(copy, bytes, n);
		decode(copy + 1, n - 1, names);
		http_status_err(&e, 500, copy + 1, n - 1);
		compare(copy + 1, n - 1, bytes[0] % 31 + 1u, names);
		free(copy);
	}
	intern_free(names);
	return 0;
}
