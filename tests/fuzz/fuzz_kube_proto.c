/* Protobuf as a hostile server sends it: to each decoder as one object, and as a list whose
 * chunks must not matter: cut or whole it gives the same objects and the same verdict. The first
 * byte and the bytes themselves say where to cut. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cluster/kube_watch.h"
#include "fuzz/fuzz.h"
#include "help/chunks.h"
#include "io/http.h"
#include "io/proto_items.h"

#define CEILING 4096

static void decode(const char *bytes, size_t n, struct intern *names)
{
	static const struct kube_kind *const kinds[] = {&kube_nodes, &kube_pods, &kube_events,
		&kube_node_leases, &kube_deployments, &kube_stateful_sets, &kube_daemon_sets,
		&kube_services, &kube_slices, &kube_config_maps};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		const struct row_ops *ops = kinds[k]->ops;
		void *row = malloc(ops->size);
		struct err e = {.code = ERR_NONE};

		if (kinds[k]->decode((struct json_span){.at = bytes, .n = n, .proto = true}, names,
			    row, &e) != 0) {
			if (e.code != ERR_INPUT || e.text[0] == '\0')
				abort();
		} else {
			row_unref(ops, row);
		}
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

struct feed {
	struct proto_items *items;
	struct err err;
};

static int on_chunk(void *arg, const char *bytes, size_t n)
{
	struct feed *f = arg;

	return proto_items_feed(f->items, bytes, n, &f->err);
}

/* The verdict, as an error code. */
static enum err_code cut(const char *bytes, size_t n, unsigned seed, struct seen *s)
{
	static const struct json_items_calls calls = {.item = on_item, .rest = on_item};
	struct feed f = {.items = proto_items_new(CEILING, &calls, s)};
	int rc;

	buf_init(&s->out, 1u << 24);
	rc = chunks_feed(bytes, n, seed, on_chunk, &f);
	if (rc == 0)
		rc = proto_items_end(f.items, &f.err);
	if (rc != 0 && (f.err.code == ERR_NONE || f.err.text[0] == '\0'))
		abort();
	proto_items_free(f.items);
	return rc != 0 ? f.err.code : ERR_NONE;
}

static void compare(const char *bytes, size_t n, unsigned seed, struct intern *names)
{
	struct seen whole = {.names = names}, parts = {.names = names};
	enum err_code code = cut(bytes, n, 0, &whole);

	if (cut(bytes, n, seed, &parts) != code)
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
		compare(copy + 1, n - 1, bytes[0] + 1u, names);
		free(copy);
	}
	intern_unref(names);
	return 0;
}
