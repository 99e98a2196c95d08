/* The files lie in the program as its themes do: what shellcheck read is what nodes run. */
#include "cluster/node_script.h"

#include <assert.h>

#include "cluster/node_layout.h"
#include "cluster/ssh_words.h"

void node_script_set(struct buf *to, const char *name, const char *value)
{
	buf_fmt(to, "%s=", name);
	ssh_quote(to, value);
	buf_putc(to, '\n');
}

void node_script_add(struct buf *to, const char *file)
{
	const struct embedded_file *f = embedded_file_find(&script_files, file);

	assert(f != NULL);
	buf_add(to, f->bytes, f->len);
}

void node_script_begin(struct buf *to, const char *nonce)
{
	node_script_set(to, "M", nonce);
	node_script_add(to, "prelude");
	node_layout_puts(to);
	node_script_add(to, "layout");
}
