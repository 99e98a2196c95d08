/* An event in words: what its row and its page have in common. */
#include "ui/view/view_event.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

char *event_object(const struct event_row *e, char *dst, size_t size)
{
	size_t n = strlen(e->kind);

	snprintf(dst, size, "%s/%s", e->kind, e->name);
	for (size_t i = 0; i < n && i < size; i++)
		dst[i] = (char)tolower((unsigned char)dst[i]);
	return dst;
}
