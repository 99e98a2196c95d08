/* A last good state from a disk that lied, or from whoever wrote the file: it is read or refused in
 * words; and what was read is written and read again as the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "fuzz/fuzz.h"
#include "help/scratch.h"
#include "io/file.h"
#include "ops/engine/snapshot_file.h"

static struct scratch scratch;

static void done(void)
{
	unlink(scratch.path);
	scratch_done(&scratch);
}

/* Not file_write, which waits for the disk. */
static void put(const char *path, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static void again(const struct saved_state *state, struct intern *names)
{
	const struct snapshot *was = state->snapshot, *is;
	struct saved_state got;
	struct err e;

	if (snapshot_file_save(scratch.path, state, &e) != 0 ||
		snapshot_file_load(scratch.path, names, (struct instant){1, 1}, &got, &e) != 0)
		abort();
	is = got.snapshot;
	if (is->etcd.n != was->etcd.n || table_count(is->nodes) != table_count(was->nodes) ||
		table_count(is->system_pods) != table_count(was->system_pods) ||
		table_count(is->events) != table_count(was->events) ||
		got.n_control_plane != state->n_control_plane || strcmp(got.key, state->key) != 0 ||
		memcmp(&is->pod_counts, &was->pod_counts, sizeof(is->pod_counts)) != 0)
		abort();
	snapshot_unref(got.snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct intern *names = intern_new(1 << 20);
	struct saved_state state;
	struct err e;

	if (scratch.path[0] == '\0') {
		scratch_init(&scratch);
		atexit(done);
	}
	err_clear(&e);
	put(scratch.path, bytes, n);
	if (snapshot_file_load(scratch.path, names, (struct instant){1, 1}, &state, &e) == 0) {
		again(&state, names);
		snapshot_unref(state.snapshot);
	} else if (e.code == ERR_NONE || e.text[0] == '\0') {
		abort();
	}
	intern_unref(names);
	return 0;
}
