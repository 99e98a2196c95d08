/* A team's runbook file: whatever it holds, it is refused with a place, or it is a runbook that can
 * be shown and put into another's place. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/runbook_show.h"
#include "base/mem.h"
#include "base/str.h"
#include "fuzz/fuzz.h"
#include "ops/run/runbook_read.h"

/* The file's id must be its name: whichever it says. */
static char *name_in(const char *bytes, size_t n)
{
	static const char key[] = "\nid: ";
	const char *at = memmem(bytes, n, key, strlen(key));
	size_t left = at ? n - (size_t)(at - bytes) - strlen(key) : 0, len = 0;

	while (len < left && len < 40 && at[strlen(key) + len] > ' ')
		len++;
	return at ? str_fmt("%.*s.yaml", (int)len, at + strlen(key)) : str_fmt("x.yaml");
}

static void show(const struct runbook *r)
{
	struct buf out;

	buf_init(&out, 64 << 20);
	runbook_show_text(&out, r);
	runbook_show_json(&out, r);
	if (out.over)
		abort();
	buf_done(&out);
}

/* Placed wherever its inputs may be left out. */
static void place(const char *bytes, size_t n, const struct runbook *r)
{
	static const char outer[] =
		"schema: k911/runbook/v1\nid: outer\ntitle: Outer\ninputs: {node: {type: node}}\n"
		"steps:\n- {id: a, do: runbook, run: %s, on: \"{node}\"%s}\n";
	const char *with = runbook_input_named(r, "node") ? ", with: {node: \"{target}\"}" : "";
	char *text = str_fmt(outer, r->id, with);
	const struct embedded_file files[] = {{r->id, bytes, n}, {"outer", text, strlen(text)}};
	const struct embedded_files all = {files, 2};
	struct runbook_set *s = runbook_set_load(&all, NULL);
	struct run_board *b = mem_new(struct run_board);
	struct snapshot *now = snapshot_new();

	for (size_t i = 0; i < runbook_set_count(s); i++)
		show(runbook_set_at(s, i)); /* a place that is left has no deed: it would crash */
	b->refs = 1;
	runbook_set_cards(s, now, b);
	run_board_unref(b);
	snapshot_unref(now);
	runbook_set_unref(s);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *file = name_in((const char *)bytes, n);
	struct err e = {.text = ""};
	struct runbook *r = runbook_read((const char *)bytes, n, file, &e);
	bool placeless = r != NULL;

	if (!r && e.text[0] == '\0')
		abort();
	for (size_t i = 0; r && i < r->n_steps; i++)
		placeless = placeless && !r->steps[i].place;
	if (placeless) {
		show(r);
		place((const char *)bytes, n, r);
	}
	runbook_unref(r);
	free(file);
	return 0;
}
