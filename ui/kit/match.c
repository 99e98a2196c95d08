/* Searching painted cells instead of strings: whatever safe text, cutting and alignment did to a
 * string, what the eye sees is what is marked. */
#include "ui/kit/match.h"

#include <string.h>

#include "base/text.h"

#define NEEDLE_CHARS 64

static uint32_t fold(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static size_t decode(const char *s, uint32_t *out, size_t room)
{
	size_t n = 0, len = strlen(s);

	for (size_t i = 0; i < len && n < room; n++) {
		i += text_next(s + i, len - i, &out[n]);
		out[n] = fold(out[n]);
	}
	return n;
}

/* The columns the needle covers from here, 0 when it is not here. */
static int covers(
	const struct canvas *c, int row, int column, int end, const uint32_t *needle, size_t n)
{
	int x = column;

	for (size_t i = 0; i < n; x++) {
		const struct cell *at = x < end ? canvas_at(c, row, x) : NULL;

		if (at == NULL || (at->c[0] != 0 && fold(at->c[0]) != needle[i]))
			return 0;
		i += at->c[0] != 0;
	}
	while (x < end && canvas_at(c, row, x) != NULL && canvas_at(c, row, x)->c[0] == 0)
		x++; /* the right half of a wide character */
	return x - column;
}

void match_paint(struct canvas *c, int row, int column, int columns, const char *needle)
{
	uint32_t chars[NEEDLE_CHARS];
	size_t n = needle != NULL ? decode(needle, chars, NEEDLE_CHARS) : 0;
	int end = column + columns;

	for (int x = column; n > 0 && x < end;) {
		int found = covers(c, row, x, end, chars, n);

		canvas_role(c, row, x, found, ROLE_MATCH);
		x += found > 0 ? found : 1;
	}
}
