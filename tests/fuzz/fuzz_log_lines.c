/* A log's lines: the chunks do not matter. One whole feed and many small ones give the same lines,
 * none of them longer than it may be or with a newline in it. */
#include <stdlib.h>
#include <string.h>

#include "cluster/log_lines.h"
#include "fuzz/fuzz.h"
#include "help/chunks.h"

static int on_chunk(void *arg, const char *bytes, size_t n)
{
	log_lines_feed(arg, bytes, n);
	return 0;
}

static void cut(struct log_lines *l, const char *bytes, size_t n, unsigned seed)
{
	log_lines_init(l);
	chunks_feed(bytes, n, seed, on_chunk, l);
	log_lines_end(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct log_lines whole, parts;

	if (n == 0)
		return 0;
	cut(&whole, (const char *)bytes + 1, n - 1, 0);
	cut(&parts, (const char *)bytes + 1, n - 1, bytes[0] + 1u);
	if (whole.whole.len != parts.whole.len)
		abort();
	for (size_t i = 0; i < whole.whole.len; i++) {
		const char *a = rstr_text(whole.whole.at[i]), *b = rstr_text(parts.whole.at[i]);

		if (strcmp(a, b) != 0 || strlen(a) > LOG_LINE_MAX || strchr(a, '\n') != NULL)
			abort();
	}
	log_lines_done(&whole);
	log_lines_done(&parts);
	return 0;
}
