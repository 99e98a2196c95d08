/* `show stat` from whoever holds the socket: texts come out printable and within their rooms. */
#include <locale.h>
#include <stdlib.h>

#include "cluster/haproxy.h"
#include "fuzz/fuzz.h"
#include "help/printable.h"

static void check_text(const char *s, size_t room)
{
	if (!is_printable(s, room))
		abort();
}

#define check(field) check_text((field), sizeof(field))

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct haproxy_report r;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		abort();
	if (haproxy_parse((const char *)bytes, n, &r, NULL) != 0 && r.n > 0)
		abort();
	if (r.n > HAPROXY_MAX_SERVERS)
		abort();
	for (size_t i = 0; i < r.n; i++) {
		check(r.servers[i].proxy);
		check(r.servers[i].name);
		check(r.servers[i].address);
		check(r.servers[i].status);
		check(r.servers[i].check);
		check(r.servers[i].last);
	}
	return 0;
}
