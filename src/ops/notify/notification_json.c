/* Alerts to JSON and back. Unknown members are passed over and missing ones are empty, so that a
 * queue which an older or newer k911 left behind is still sent. */
#include "ops/notify/notification_json.h"

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"

static void write_time(struct jsw *w, const char *key, int64_t wall_ms)
{
	char at[32];

	if (wall_ms == NOTIFICATION_NEVER)
		jsw_null(w, key);
	else
		jsw_str(w, key, instant_rfc3339(wall_ms, at, sizeof(at)));
}

static void write_level(struct jsw *w, const char *key, enum level l)
{
	jsw_str(w, key, l == LEVEL_NONE ? NULL : level_name(l));
}

void notification_write(struct jsw *w, const struct notification *a)
{
	jsw_str(w, "schema", NOTIFICATION_SCHEMA);
	jsw_str(w, "kind", notification_kind_name(a->kind));
	jsw_str(w, "cluster", a->cluster);
	jsw_object(w, "incident");
	jsw_str(w, "id", a->incident);
	jsw_str(w, "alias", a->alias);
	jsw_str(w, "title", a->title);
	jsw_end_object(w);
	write_level(w, "level", a->level);
	write_level(w, "before", a->before);
	write_level(w, "worst", a->worst);
	jsw_array(w, "reasons");
	for (size_t i = 0; i < a->n_reasons; i++)
		jsw_str(w, NULL, a->reasons[i]);
	jsw_end_array(w);
	jsw_str(w, "first_broken_layer", a->broken);
	jsw_str(w, "clock", a->clock);
	jsw_int(w, "percent", a->percent);
	jsw_str(w, "who", a->who);
	jsw_str(w, "why", a->why);
	write_time(w, "at", a->at_ms);
	write_time(w, "detected", a->detected_ms);
	write_time(w, "deadline", a->deadline_ms);
	jsw_str(w, "anchor", a->anchor);
	jsw_int(w, "serial", a->serial);
}

static int64_t read_time(const struct js *o, const char *key)
{
	return instant_parse(js_text_or(o, key, ""));
}

static enum level read_level(const struct js *o, const char *key)
{
	enum level l = LEVEL_NONE;

	level_parse(js_text(o, key), &l);
	return l;
}

static void read_members(const struct js *o, struct notification *a)
{
	const struct js *incident = js_get(o, "incident"), *reasons = js_get(o, "reasons");

	str_copy(a->cluster, sizeof(a->cluster), js_text(o, "cluster"));
	str_copy(a->incident, sizeof(a->incident), js_text(incident, "id"));
	str_copy(a->alias, sizeof(a->alias), js_text(incident, "alias"));
	str_copy(a->title, sizeof(a->title), js_text(incident, "title"));
	a->level = read_level(o, "level");
	a->before = read_level(o, "before");
	a->worst = read_level(o, "worst");
	for (size_t i = 0; i < js_len(reasons) && a->n_reasons < NOTIFICATION_REASONS; i++)
		str_copy(a->reasons[a->n_reasons++], sizeof(a->reasons[0]),
			js_str(js_nth(reasons, i)));
	str_copy(a->broken, sizeof(a->broken), js_text(o, "first_broken_layer"));
	str_copy(a->clock, sizeof(a->clock), js_text(o, "clock"));
	a->percent = (int)js_int(o, "percent", 0);
	str_copy(a->who, sizeof(a->who), js_text(o, "who"));
	str_copy(a->why, sizeof(a->why), js_text(o, "why"));
	a->at_ms = read_time(o, "at");
	a->detected_ms = read_time(o, "detected");
	a->deadline_ms = read_time(o, "deadline");
	str_copy(a->anchor, sizeof(a->anchor), js_text(o, "anchor"));
	a->serial = (unsigned)js_int(o, "serial", 0);
}

int notification_read(const char *bytes, size_t n, struct notification *a, struct err *e)
{
	struct js *doc = js_parse(bytes, n, e);
	enum notification_kind kind;
	int rc = 0;

	if (doc == NULL)
		return -1;
	if (notification_kind_parse(js_text(doc, "kind"), &kind)) {
		notification_init(a, kind);
		read_members(doc, a);
	} else {
		rc = err_set(e, ERR_INPUT, _("no alert: its kind is missing or unknown"));
	}
	js_free(doc);
	return rc;
}
