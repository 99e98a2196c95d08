/* A word's arguments by name. */
#include "ops/run/run_word.h"

#include "base/str.h"

int run_word_arg(const struct run_word *w, const char *name)
{
	for (int i = 0; i < RUNBOOK_ARGS && w->args[i].name; i++)
		if (str_eq(w->args[i].name, name))
			return i;
	return -1;
}
