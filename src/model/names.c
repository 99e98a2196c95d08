/* A short list of names in a fixed room: who is affected is told by the first few and a number. */
#include "model/names.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

void names_add(struct names *list, const char *name)
{
	size_t used = strlen(list->text), need = strlen(name) + (used > 0 ? 2 : 0);

	list->n++;
	if (used + need >= sizeof(list->text) || list->listed + 1 < list->n)
		return; /* once one did not fit, none behind it is listed */
	snprintf(list->text + used, sizeof(list->text) - used, "%s%s", used > 0 ? ", " : "", name);
	list->listed++;
}

bool names_has(const struct names *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list->text; *at != '\0'; at += strspn(at, ", ")) {
		size_t len = strcspn(at, ",");

		if (len == n && strncmp(at, name, n) == 0)
			return true;
		at += len;
	}
	return false;
}

char *names_text(const struct names *list, char *dst, size_t size)
{
	unsigned more = list->n - list->listed;

	if (more == 0)
		str_copy(dst, size, list->text);
	else if (list->listed == 0)
		snprintf(dst, size, "%u", list->n);
	else
		snprintf(dst, size, _("%s and %u more"), list->text, more);
	return dst;
}
