/* The decoders, on bytes as a hostile or broken server sends them: one object to each of them, and
 * the whole as a list and as a watch cut into pieces, where the first byte and the bytes themselves
 * say. */
#include <stdlib.h>
#include <string.h>

#include "cluster/kube_batch.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_stream.h"
#include "fuzz/fuzz.h"
#include "help/chunks.h"

static void decode_all(const char *bytes, size_t n, struct intern *names)
{
	static const struct kube_kind *const kinds[] = {&kube_nodes, &kube_pods, &kube_events,
		&kube_node_leases, &kube_deployments, &kube_stateful_sets, &kube_daemon_sets,
		&kube_services, &kube_slices, &kube_config_maps};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		const struct row_ops *ops = kinds[k]->ops;
		void *row = malloc(ops->size);
		struct err e = {.code = ERR_NONE};

		if (kinds[k]->decode((struct json_span){.at = bytes, .n = n}, names, row, &e) !=
			0) {
			if (e.code != ERR_INPUT || e.text[0] == '\0')
				abort();
		} else {
			row_unref(ops, row);
		}
		free(row);
	}
}

static int on_chunk(void *arg, const char *bytes, size_t n)
{
	return kube_stream_feed(arg, bytes, n);
}

static void stream(const char *bytes, size_t n, unsigned seed, enum kube_stream_kind kind,
	struct intern *names)
{
	struct mailbox *box = mailbox_new(4);
	struct kube_batch batch;
	struct kube_stream s;
	int rc;

	kube_batch_init(&batch, &kube_events, 1, names, &(struct hearer){.box = box});
	kube_stream_init(&s, &batch);
	kube_stream_begin(&s, kind);
	rc = chunks_feed(bytes, n, seed, on_chunk, &s);
	if (rc == 0)
		rc = kube_stream_end(&s);
	if (rc != 0 && s.err.code == ERR_NONE && !batch.full)
		abort();
	kube_stream_done(&s);
	kube_batch_done(&batch);
	mailbox_free(box);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct intern *names = intern_new(1 << 16);
	char *copy;

	if (n > 0) {
		copy = malloc(n); /* exactly as long: a sanitizer sees a read past the end */
		memcpy(copy, bytes, n);
		decode_all(copy + 1, n - 1, names);
		stream(copy + 1, n - 1, bytes[0] + 1u, KUBE_STREAM_LIST, names);
		stream(copy + 1, n - 1, bytes[0] + 1u, KUBE_STREAM_WATCH, names);
		free(copy);
	}
	intern_unref(names);
	return 0;
}
