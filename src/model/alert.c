/* Firing alerts. Prometheus stacks keep one alert firing for ever (Watchdog, severity none) to show
 * that the chain works: it must not make a level. */
#include "model/alert.h"

#include <stddef.h>
#include <string.h>

static int alert_compare(const void *a, const void *b)
{
	return strcmp(((const struct alert_row *)a)->fingerprint,
		((const struct alert_row *)b)->fingerprint);
}

static const uint16_t alert_texts[] = {offsetof(struct alert_row, name),
	offsetof(struct alert_row, severity), offsetof(struct alert_row, labels),
	offsetof(struct alert_row, summary)};
const struct row_ops alert_ops = {
	.size = sizeof(struct alert_row), .compare = alert_compare, ROW_TEXTS(alert_texts)};

bool alert_counts(const struct alert_row *f)
{
	const char *severity = rstr_text(f->severity);

	return !str_eq(severity, "none") && !str_eq(severity, "info") &&
	       !str_eq(rstr_text(f->name), ALERT_OWN);
}

void alert_names(const struct table *rows, struct names *out)
{
	memset(out, 0, sizeof(*out));
	for (int critical = 1; critical >= 0; critical--) {
		struct table_walk w = table_walk(rows);
		const struct alert_row *f;

		while ((f = table_next(&w)) != NULL)
			if (str_eq(rstr_text(f->severity), "critical") == (critical == 1) &&
				alert_counts(f) && !names_has(out, rstr_text(f->name)))
				names_add(out, rstr_text(f->name));
	}
}
