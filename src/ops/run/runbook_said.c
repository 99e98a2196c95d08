/* The sentences of guards and deeds, in the language of this process. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "ops/run/run_word.h"
#include "ops/run/runbook.h"
#include "ops/run/runbook_fill.h"

#define SENTENCE_MAX (64u << 10)

/* The argument as it stands in a sentence; a node that is not given is the target. */
static void put_argument(struct buf *out, const struct runbook_use *u, const char *name)
{
	int i = run_word_arg(u->word, name);
	const struct runbook_value *v = i >= 0 ? &u->args[i] : NULL;

	if (!v || v->n == 0)
		buf_fmt(out, i < 0 || u->word->args[i].type == RUN_ARG_NODE ? "{target}" : "...");
	else if (u->word->args[i].type == RUN_ARG_SAID)
		buf_puts(out, said_text(&(struct said){v->at[0], v->at[1]}));
	else
		for (size_t k = 0; k < v->n; k++)
			buf_fmt(out, k > 0 ? " %s" : "%s", v->at[k]);
}

char *runbook_use_text(const struct runbook_use *u)
{
	const char *sentence = _(u->word->sentence);
	struct runbook_piece p;
	struct buf out;
	char *plain, *text;

	buf_init(&out, SENTENCE_MAX);
	while (runbook_piece_next(&sentence, &p) > 0) {
		char *name = mem_dup(p.at, p.n);

		if (p.word)
			put_argument(&out, u, name);
		else
			buf_puts(&out, name);
		free(name);
	}
	plain = buf_take(&out);
	if (!u->negated)
		return plain;
	text = str_fmt(_("it is not so: %s"), plain);
	free(plain);
	return text;
}
