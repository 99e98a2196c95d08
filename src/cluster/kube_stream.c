/* What a list and a watch are made of. A list's items are rows, in JSON or in protobuf; its
 * metadata, which may stand before or after them, says the resource version and whether there is
 * more. A watch's lines are envelopes with a type and an object. Within one watch versions only
 * grow: one that shrinks means that etcd was restored under it, and all that is known is to be
 * asked anew. */
#include "cluster/kube_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "io/fields.h"
#include "io/http.h"

#define OBJECT_MAX (16u << 20) /* etcd takes 1.5 MB, aggregated servers may give more */
#define PAGES_MAX  1000        /* of one list: servers page by 500 */
#define PAGE_ROWS  100         /* a page of fewer, before the last one, is a crumb */
#define CRUMBS_MAX 8           /* of one list */

struct list_meta {
	struct json_span rv, next, kind;
};

/* The numbers are those of k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto: ListMeta and
 * Status. Around the ListMeta in protobuf there is nothing: no kind either. */
static const struct field list_meta_fields[] = {
	FIELD(STR, "resourceVersion", 2, struct list_meta, rv),
	FIELD(STR, "continue", 3, struct list_meta, next),
	FIELDS_END,
};

static const struct field list_fields[] = {
	FIELD(STR, "kind", 0, struct list_meta, kind),
	FIELD_INSIDE("metadata", 0, list_meta_fields),
	FIELDS_END,
};

struct envelope {
	struct json_span type, object;
};

static const struct field envelope_fields[] = {
	FIELD(STR, "type", 0, struct envelope, type),
	FIELD(RAW, "object", 0, struct envelope, object),
	FIELDS_END,
};

struct status {
	int64_t code;
};

static const struct field status_fields[] = {
	FIELD(INT, "code", 6, struct status, code),
	FIELDS_END,
};

/* 0 when it is no number: versions are opaque, though every server's are numbers. */
static uint64_t number_of(const char *rv)
{
	uint64_t n;

	return str_u64(rv, &n) ? n : 0;
}

/* A list that never ends would fill the memory. */
static int count_row(struct kube_stream *s)
{
	size_t max = s->batch->of->rows_max;

	s->page_rows++;
	if (max == 0 || ++s->rows <= max)
		return 0;
	return err_set(&s->err, ERR_LIMIT, _("the list has more than %zu %s"), max,
		source_name(s->batch->of->source));
}

static struct json_span span_of(const struct kube_stream *s, const char *bytes, size_t n)
{
	return (struct json_span){.at = bytes, .n = n, .proto = s->kind == KUBE_STREAM_PROTO_LIST};
}

static int on_list_item(void *arg, const char *bytes, size_t n)
{
	struct kube_stream *s = arg;

	if (count_row(s) != 0)
		return -1;
	return kube_batch_add(s->batch, span_of(s, bytes, n), false);
}

/* A page that brings nothing or next to nothing, or leads to itself, would be asked for at once and
 * for ever. */
static int check_next(struct kube_stream *s)
{
	bool itself = s->before != NULL && strcmp(s->before, s->next) == 0;

	s->pages++;
	if (s->page_rows < PAGE_ROWS)
		s->crumbs++;
	if (s->page_rows > 0 && !itself && s->pages <= PAGES_MAX && s->crumbs <= CRUMBS_MAX)
		return 0;
	free(s->next);
	s->next = NULL;
	return err_set(&s->err, ERR_INPUT, _("the list has no end: page %zu says to go on, %s"),
		s->pages,
		s->page_rows == 0        ? _("and is empty")
		: itself                 ? _("and leads to itself")
		: s->crumbs > CRUMBS_MAX ? _("and there are but crumbs on each")
					 : _("and no list has so many"));
}

/* A list without a version is none. */
static int take_list_meta(struct kube_stream *s, const struct list_meta *meta)
{
	if (meta->rv.n == 0)
		return err_set(&s->err, ERR_INPUT, _("the server's answer is no list"));
	json_span_copy(meta->rv, s->rv, sizeof(s->rv));
	s->batch->version = number_of(s->rv);
	free(s->next);
	s->next = meta->next.n > 0 ? json_span_new(meta->next, NULL) : NULL;
	return s->next != NULL ? check_next(s) : 0;
}

/* "NodeList", or the "List" of anything. */
static int check_kind(struct kube_stream *s, struct json_span kind)
{
	const char *name = s->batch->of->name;
	char said[64];
	size_t n;

	json_span_copy(kind, said, sizeof(said));
	n = strlen(said);
	if (n == 0 || strcmp(said, "List") == 0 ||
		(str_starts(said, name) && strcmp(said + strlen(name), "List") == 0))
		return 0;
	if (n > 4 && strcmp(said + n - 4, "List") == 0)
		said[n - 4] = '\0';
	return err_set(&s->err, ERR_INPUT, _("asked for %s, the server answers with a list of %s"),
		source_name(s->batch->of->source), said);
}

static int on_list_rest(void *arg, const char *bytes, size_t n)
{
	struct kube_stream *s = arg;
	struct json_span rest = span_of(s, bytes, n);
	struct list_meta meta = {.kind = {.at = NULL}};

	if (fields_read(rest, rest.proto ? list_meta_fields : list_fields, &meta, &s->err) != 0)
		return -1;
	if (json_span_is(meta.kind, "Status"))
		meta.rv.n = 0;
	return meta.rv.n > 0 && check_kind(s, meta.kind) != 0 ? -1 : take_list_meta(s, &meta);
}

static int take_error(struct kube_stream *s, struct json_span object)
{
	struct status status = {.code = 500};

	fields_read(object, status_fields, &status, NULL);
	http_status_err(&s->err, (long)status.code, object.at, object.n);
	return -1;
}

/* The object's version becomes where the watch goes on. */
static int take_version(struct kube_stream *s, struct json_span object)
{
	struct list_meta meta = {.kind = {.at = NULL}};
	char rv[sizeof(s->rv)];

	fields_read(object, list_fields, &meta, NULL);
	if (meta.rv.n == 0)
		return 0;
	json_span_copy(meta.rv, rv, sizeof(rv));
	if (number_of(rv) != 0 && number_of(rv) < number_of(s->rv))
		return err_set(&s->err, ERR_GONE,
			_("the resource version went back from %s to %s: etcd was restored"), s->rv,
			rv);
	str_copy(s->rv, sizeof(s->rv), rv);
	s->batch->version = number_of(s->rv);
	return 0;
}

static int on_event(void *arg, const char *bytes, size_t n)
{
	struct kube_stream *s = arg;
	struct envelope event = {.type = {.at = NULL}};
	bool deleted;

	if (fields_read(span_of(s, bytes, n), envelope_fields, &event, &s->err) != 0)
		return -1;
	if (json_span_is(event.type, "ERROR"))
		return take_error(s, event.object);
	if (event.object.at == NULL)
		return err_set(&s->err, ERR_INPUT, _("a watch event without an object"));
	if (take_version(s, event.object) != 0)
		return -1;
	s->events++;
	deleted = json_span_is(event.type, "DELETED");
	if (deleted || json_span_is(event.type, "ADDED") || json_span_is(event.type, "MODIFIED"))
		return kube_batch_add(s->batch, event.object, deleted);
	s->bookmark = s->bookmark || json_span_is(event.type, "BOOKMARK");
	return 0;
}

void kube_stream_init(struct kube_stream *s, struct kube_batch *batch)
{
	*s = (struct kube_stream){.batch = batch};
}

void kube_stream_close(struct kube_stream *s)
{
	json_items_free(s->items);
	proto_items_free(s->proto_items);
	s->items = NULL;
	s->proto_items = NULL;
}

void kube_stream_done(struct kube_stream *s)
{
	kube_stream_close(s);
	free(s->next);
	free(s->before);
	s->next = s->before = NULL;
}

void kube_stream_begin(struct kube_stream *s, enum kube_stream_kind kind)
{
	bool watch = kind == KUBE_STREAM_WATCH;
	struct json_items_calls calls = {.item = watch ? on_event : on_list_item,
		.rest = on_list_rest,
		.whole = s->batch->of->edits};

	kube_stream_close(s);
	if (s->next == NULL)
		s->pages = s->rows = s->crumbs = 0;
	free(s->before);
	s->before = s->next;
	s->next = NULL;
	s->page_rows = 0;
	s->kind = kind;
	if (kind == KUBE_STREAM_PROTO_LIST)
		s->proto_items = proto_items_new(OBJECT_MAX, &calls, s);
	else
		s->items = json_items_new(
			watch ? JSON_ITEMS_WATCH : JSON_ITEMS_LIST, OBJECT_MAX, &calls, s);
	s->bookmark = false;
	s->events = 0;
	err_clear(&s->err);
}

/* What the cutter says counts unless a callback of ours has said it better, or the mailbox is full.
 */
static int settle(struct kube_stream *s, int rc, const struct err *said)
{
	if (rc != 0 && s->err.code == ERR_NONE && !s->batch->full)
		s->err = *said;
	return rc;
}

int kube_stream_feed(struct kube_stream *s, const char *bytes, size_t n)
{
	struct err said;
	int rc;

	s->bookmark = false;
	rc = s->kind == KUBE_STREAM_PROTO_LIST ? proto_items_feed(s->proto_items, bytes, n, &said)
					       : json_items_feed(s->items, bytes, n, &said);
	if (settle(s, rc, &said) != 0)
		return -1;
	return s->kind == KUBE_STREAM_WATCH ? kube_batch_flush(s->batch)
					    : kube_batch_flush_old(s->batch);
}

int kube_stream_end(struct kube_stream *s)
{
	struct err said;

	return settle(s,
		s->kind == KUBE_STREAM_PROTO_LIST ? proto_items_end(s->proto_items, &said)
						  : json_items_end(s->items, &said),
		&said);
}
