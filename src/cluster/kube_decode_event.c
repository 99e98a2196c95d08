/* Events, in the three shapes servers give them: written by old clients (firstTimestamp, count), by
 * new ones read through core v1 (eventTime, series), and as events.k8s.io/v1 itself (note,
 * regarding, deprecated*). One row whichever it was. */
#include <string.h>

#include "base/str.h"
#include "cluster/kube_decode.h"
#include "model/event.h"

#define MESSAGE_MAX 4096

struct event_scan {
	struct json_span name, ns, uid, created;
	struct json_span type, reason, message;
	struct json_span object_kind, object_name, object_ns;
	struct json_span component, controller;
	struct json_span first, last, event_time, observed;
	int64_t count, series_count;
};

static const struct json_field meta_fields[] = {
	JSON_STR("name", struct event_scan, name),
	JSON_STR("namespace", struct event_scan, ns),
	JSON_STR("uid", struct event_scan, uid),
	JSON_STR("creationTimestamp", struct event_scan, created),
	JSON_FIELDS_END,
};

static const struct json_field object_fields[] = {
	JSON_STR("kind", struct event_scan, object_kind),
	JSON_STR("name", struct event_scan, object_name),
	JSON_STR("namespace", struct event_scan, object_ns),
	JSON_FIELDS_END,
};

static const struct json_field source_fields[] = {
	JSON_STR("component", struct event_scan, component),
	JSON_FIELDS_END,
};

static const struct json_field series_fields[] = {
	JSON_INT("count", struct event_scan, series_count),
	JSON_STR("lastObservedTime", struct event_scan, observed),
	JSON_FIELDS_END,
};

static const struct json_field event_fields[] = {
	JSON_INSIDE("metadata", meta_fields),
	JSON_INSIDE("involvedObject", object_fields),
	JSON_INSIDE("regarding", object_fields),
	JSON_INSIDE("source", source_fields),
	JSON_INSIDE("deprecatedSource", source_fields),
	JSON_INSIDE("series", series_fields),
	JSON_STR("type", struct event_scan, type),
	JSON_STR("reason", struct event_scan, reason),
	JSON_STR("message", struct event_scan, message),
	JSON_STR("note", struct event_scan, message),
	JSON_STR("reportingComponent", struct event_scan, controller),
	JSON_STR("reportingController", struct event_scan, controller),
	JSON_STR("firstTimestamp", struct event_scan, first),
	JSON_STR("deprecatedFirstTimestamp", struct event_scan, first),
	JSON_STR("lastTimestamp", struct event_scan, last),
	JSON_STR("deprecatedLastTimestamp", struct event_scan, last),
	JSON_STR("eventTime", struct event_scan, event_time),
	JSON_INT("count", struct event_scan, count),
	JSON_INT("deprecatedCount", struct event_scan, count),
	JSON_FIELDS_END,
};

/* The first that says a time. */
static int64_t first_time(const struct json_span *times, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t t = kube_time(times[i]);

		if (t != INT64_MIN)
			return t;
	}
	return 0;
}

static uint32_t count_of(const struct event_scan *s)
{
	int64_t n = s->series_count > 0 ? s->series_count : s->count;

	return n < 1 ? 1 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static struct rstr *message_of(struct json_span s)
{
	char text[MESSAGE_MAX + 1];

	json_span_copy(s, text, sizeof(text));
	str_mend(text);
	return rstr_new(text, strlen(text));
}

static void fill_row(const struct event_scan *s, struct intern *pool, struct event_row *row)
{
	const struct json_span first[] = {s->first, s->event_time, s->created};
	const struct json_span last[] = {s->observed, s->last, s->event_time, s->created};

	/* Two events never share a uid; one without (a hand-made server's) is known by its name. */
	json_span_copy(s->uid.n > 0 ? s->uid : s->name, row->uid, sizeof(row->uid));
	row->ns = json_span_intern(s->object_ns, pool);
	row->type = json_span_intern(s->type, pool);
	row->reason = json_span_intern(s->reason, pool);
	row->kind = json_span_intern(s->object_kind, pool);
	row->name = json_span_intern(s->object_name, pool);
	row->source = json_span_intern(s->component.n > 0 ? s->component : s->controller, pool);
	row->first_ms = first_time(first, sizeof(first) / sizeof(first[0]));
	row->last_ms = first_time(last, sizeof(last) / sizeof(last[0]));
	row->count = count_of(s);
	row->message = message_of(s->message);
}

int event_decode(const char *bytes, size_t n, struct intern *pool, void *row, struct err *e)
{
	struct event_scan scan;
	struct json_pull p;

	memset(row, 0, sizeof(struct event_row));
	memset(&scan, 0, sizeof(scan));
	json_pull_init(&p, bytes, n);
	json_pull_fields(&p, event_fields, &scan);
	if (kube_decoded(&p, "event", scan.ns, scan.name, e) != 0)
		return -1;
	fill_row(&scan, pool, row);
	return 0;
}
