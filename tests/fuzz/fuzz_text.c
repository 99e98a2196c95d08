/* text_safe: what comes out has no control byte, is whole UTF-8, fits its room at
 * every size, and passes unchanged a second time. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"

static void check_safe(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		uint32_t c;
		size_t used = text_next(s + i, n - i, &c);

		if (text_char_width(c) < 0 || (c == 0xFFFD && used == 1))
			abort();
		i += used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	size_t size = n * 10 + 1, room = n > 0 ? bytes[0] : 0, used;
	char *whole = malloc(size), *again = malloc(size), *cut = malloc(room + 1);

	if (whole == NULL || again == NULL || cut == NULL || setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		abort();
	used = text_safe(whole, size, (const char *)bytes, n);
	check_safe(whole, used);
	if (text_safe(again, size, whole, used) != used || memcmp(whole, again, used) != 0)
		abort();
	used = text_safe(cut, room + 1, (const char *)bytes, n);
	check_safe(cut, used);
	if (text_fit(whole, text_width(whole)) != strlen(whole))
		abort();
	free(whole);
	free(again);
	free(cut);
	return 0;
}
