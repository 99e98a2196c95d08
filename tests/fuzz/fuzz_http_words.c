/* What any server says beside its body: the first byte chooses Retry-After, or the body of an
 * answer that is no success. Nobody is held off for longer than a minute, and what is shown is
 * printable. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "help/printable.h"
#include "io/http.h"

static void check_retry_after(const char *value)
{
	struct http_result r = {.status = 503};
	int64_t ms;

	r.retry_after_s = http_retry_after_s(value, INT64_C(1700000000000));
	ms = http_retry_ms(&r);
	if (r.retry_after_s < -1 || ms < 0 || ms > HTTP_RETRY_MAX_MS)
		abort();
	r.status = 200;
	if (http_retry_ms(&r) != 0)
		abort();
}

static void check_status(const char *body, size_t n)
{
	static const long statuses[] = {0, 302, 401, 403, 404, 410, 429, 500, 503, 999};
	struct err e;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		err_clear(&e);
		http_status_err(&e, statuses[i], body, n);
		if (e.code == ERR_NONE || e.text[0] == '\0' ||
			!is_printable(e.text, sizeof(e.text)))
			abort();
		err_clear(&e);
		if (http_refusal("10.0.1.5:9093", statuses[i], body, n, &e) != -1 ||
			e.code == ERR_NONE || !is_printable(e.text, sizeof(e.text)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *text;

	if (n == 0 || setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 0;
	text = mem_dup(bytes + 1, n - 1);
	if (bytes[0] == 'r')
		check_retry_after(text);
	else
		check_status((const char *)bytes + 1, n - 1);
	free(text);
	return 0;
}
