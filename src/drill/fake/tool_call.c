/* The words that a tool of a simulated machine was called with. */
#include "fake_tools.h"

#include <string.h>

bool tool_flag(const struct tool_call *t, const char *flag)
{
	for (int i = 1; i < t->argc; i++)
		if (strcmp(t->argv[i], flag) == 0)
			return true;
	return false;
}

const char *tool_value(const struct tool_call *t, const char *flag, const char *otherwise)
{
	size_t n = strlen(flag);
	bool lengthy = flag[1] == '-';

	for (int i = 1; i < t->argc; i++) {
		const char *arg = t->argv[i];

		if (strncmp(arg, flag, n) != 0)
			continue;
		if (arg[n] == '\0' && i + 1 < t->argc)
			return t->argv[i + 1];
		if (lengthy && arg[n] == '=')
			return arg + n + 1;
		if (!lengthy && arg[n] != '\0')
			return arg + n;
	}
	return otherwise;
}
