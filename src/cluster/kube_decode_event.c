/* Events, in the three shapes servers give them: written by old clients (firstTimestamp, count), by
 * new ones read through core v1 (eventTime, series), and as events.k8s.io/v1 itself (note,
 * regarding, deprecated*). One row whichever it was. The numbers are those of
 * k8s.io/api/core/v1/generated.proto: in protobuf only core v1 is asked for. */
#include <string.h>

#include "base/str.h"
#include "cluster/kube_decode.h"
#include "model/event.h"

#define MESSAGE_MAX 4096

struct event_scan {
	struct kube_meta meta;
	struct json_span uid;
	struct json_span type, reason, message;
	struct json_span object_kind, object_name, object_ns;
	struct json_span component, controller;
	struct json_span first, last, event_time, observed;
	int64_t count, series_count;
};

static const struct field meta_fields[] = {
	KUBE_META,
	FIELD(STR, "uid", 5, struct event_scan, uid),
	FIELDS_END,
};

static const struct field object_fields[] = {
	FIELD(STR, "kind", 1, struct event_scan, object_kind),
	FIELD(STR, "namespace", 2, struct event_scan, object_ns),
	FIELD(STR, "name", 3, struct event_scan, object_name),
	FIELDS_END,
};

static const struct field source_fields[] = {
	FIELD(STR, "component", 1, struct event_scan, component),
	FIELDS_END,
};

static const struct field series_fields[] = {
	FIELD(INT, "count", 1, struct event_scan, series_count),
	FIELD(TIME, "lastObservedTime", 2, struct event_scan, observed),
	FIELDS_END,
};

static const struct field event_fields[] = {
	FIELD_INSIDE("metadata", 1, meta_fields),
	FIELD_INSIDE("involvedObject", 2, object_fields),
	FIELD_INSIDE("regarding", 0, object_fields),
	FIELD(STR, "reason", 3, struct event_scan, reason),
	FIELD(STR, "message", 4, struct event_scan, message),
	FIELD(STR, "note", 0, struct event_scan, message),
	FIELD_INSIDE("source", 5, source_fields),
	FIELD_INSIDE("deprecatedSource", 0, source_fields),
	FIELD(TIME, "firstTimestamp", 6, struct event_scan, first),
	FIELD(TIME, "deprecatedFirstTimestamp", 0, struct event_scan, first),
	FIELD(TIME, "lastTimestamp", 7, struct event_scan, last),
	FIELD(TIME, "deprecatedLastTimestamp", 0, struct event_scan, last),
	FIELD(INT, "count", 8, struct event_scan, count),
	FIELD(INT, "deprecatedCount", 0, struct event_scan, count),
	FIELD(STR, "type", 9, struct event_scan, type),
	FIELD(TIME, "eventTime", 10, struct event_scan, event_time),
	FIELD_INSIDE("series", 11, series_fields),
	FIELD(STR, "reportingComponent", 14, struct event_scan, controller),
	FIELD(STR, "reportingController", 0, struct event_scan, controller),
	FIELDS_END,
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

static struct rstr *message_of(struct json_span s)
{
	char text[MESSAGE_MAX + 1];

	json_span_copy(s, text, sizeof(text));
	str_mend(text);
	return rstr_new(text, strlen(text));
}

static void fill_row(const struct event_scan *s, struct intern *pool, struct event_row *row)
{
	const struct json_span first[] = {s->first, s->event_time, s->meta.created};
	const struct json_span last[] = {s->observed, s->last, s->event_time, s->meta.created};
	int32_t count = kube_count(s->series_count > 0 ? s->series_count : s->count);

	*row = (struct event_row){.ns = json_span_intern(s->object_ns, pool),
		.type = json_span_intern(s->type, pool),
		.reason = json_span_intern(s->reason, pool),
		.kind = json_span_intern(s->object_kind, pool),
		.name = json_span_intern(s->object_name, pool),
		.source = json_span_intern(s->component.n > 0 ? s->component : s->controller, pool),
		.first_ms = first_time(first, sizeof(first) / sizeof(first[0])),
		.last_ms = first_time(last, sizeof(last) / sizeof(last[0])),
		.count = count > 0 ? (uint32_t)count : 1,
		.message = message_of(s->message)};
	/* Two events never share a uid; one without (a hand-made server's) is known by its name. */
	json_span_copy(s->uid.n > 0 ? s->uid : s->meta.name, row->uid, sizeof(row->uid));
}

int event_decode(struct json_span object, struct intern *pool, void *row, struct err *e)
{
	struct event_scan scan = {.count = 0};

	if (kube_read(object, "event", event_fields, &scan, e) != 0)
		return -1;
	fill_row(&scan, pool, row);
	return 0;
}
