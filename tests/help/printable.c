#include "help/printable.h"

#include <string.h>

#include "base/text.h"

bool is_printable(const char *s, size_t room)
{
	size_t n = strnlen(s, room);

	for (size_t i = 0, used; i < n; i += used) {
		uint32_t c;

		used = text_next(s + i, n - i, &c);
		if (text_char_width(c) < 0 || (c == 0xFFFD && used == 1))
			return false;
	}
	return n < room;
}
