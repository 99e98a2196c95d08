/* A word's arguments: their types, and where one stands. */
#include "ops/run/run_word.h"

#include "base/str.h"

const char *run_arg_type_name(enum run_arg_type t)
{
	static const char *const names[] = {
		[RUN_ARG_TEXT] = "text",
		[RUN_ARG_LIST] = "list",
		[RUN_ARG_NODE] = "node",
		[RUN_ARG_COMPONENT] = "component",
		[RUN_ARG_UNIT] = "unit",
		[RUN_ARG_SPAN] = "span",
		[RUN_ARG_NUMBER] = "number",
		[RUN_ARG_SAID] = "said",
	};

	return names[t];
}

int run_word_arg(const struct run_word *w, const char *name)
{
	for (int i = 0; i < RUNBOOK_ARGS && w->args[i].name; i++)
		if (str_eq(w->args[i].name, name))
			return i;
	return -1;
}
