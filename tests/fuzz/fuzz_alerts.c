/* Alerts as JSON: an Alertmanager's list, and what waits in the outbox of another version of k911.
 * The first byte chooses. Counts stay within their rooms, and texts end within theirs. */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "model/alert.h"
#include "ops/notify/notification_json.h"
#include "ops/watch/alert_watch.h"

static void check_list(const char *bytes, size_t n)
{
	struct table *rows = table_new(&alert_ops);
	struct err e;
	int rc;

	err_clear(&e);
	rc = alert_watch_decode(bytes, n, rows, &e);
	if ((rc != 0) != (e.code != ERR_NONE) || table_count(rows) > ALERT_KEEP)
		abort();
	for (size_t i = 0; i < table_count(rows); i++) {
		const struct alert_row *f = table_at(rows, i);

		if (memchr(f->fingerprint, '\0', sizeof(f->fingerprint)) == NULL ||
			f->fingerprint[0] == '\0')
			abort();
		alert_counts(f);
	}
	table_free(rows);
}

static void check_alert(const char *bytes, size_t n)
{
	char line[NOTIFICATION_TEXT], key[NOTIFICATION_KEY];
	struct notification a;
	struct err e;

	err_clear(&e);
	if (notification_read(bytes, n, &a, &e) != 0) {
		if (e.code == ERR_NONE)
			abort();
		return;
	}
	if (a.n_reasons > NOTIFICATION_REASONS || memchr(a.title, '\0', sizeof(a.title)) == NULL)
		abort();
	notification_text(&a, line);
	notification_headline(&a, line, sizeof(line));
	notification_key(&a, key);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n == 0)
		return 0;
	if (bytes[0] == 'a')
		check_alert((const char *)bytes + 1, n - 1);
	else
		check_list((const char *)bytes + 1, n - 1);
	return 0;
}
