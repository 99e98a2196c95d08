/* What the decoders of all kinds share: times, the sentence for an object that could not be read,
 * and strings that live no longer than one decode. */
#include "cluster/kube_decode.h"

#include <stdlib.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"

#define SCRATCH_MAX 4096

struct timestamp {
	int64_t seconds, nanos;
};

static const struct field timestamp_fields[] = {
	FIELD(INT, "seconds", 1, struct timestamp, seconds),
	FIELD(INT, "nanos", 2, struct timestamp, nanos),
	FIELDS_END,
};

/* An empty message is the zero time, which JSON has as null. */
static int64_t time_of_message(struct json_span s)
{
	struct timestamp t = {0};
	int64_t ms;

	if (s.n == 0 || fields_read(s, timestamp_fields, &t, NULL) != 0 || t.nanos < 0 ||
		t.nanos > 999999999 || __builtin_mul_overflow(t.seconds, 1000, &ms) ||
		__builtin_add_overflow(ms, t.nanos / 1000000, &ms))
		return INT64_MIN;
	return ms;
}

int64_t kube_time(struct json_span s)
{
	char text[48];

	if (s.proto)
		return time_of_message(s);
	if (s.at == NULL || s.n >= sizeof(text))
		return INT64_MIN;
	json_span_copy(s, text, sizeof(text));
	return instant_parse(text);
}

int64_t kube_time_or(struct json_span s, int64_t otherwise)
{
	int64_t t = kube_time(s);

	return t == INT64_MIN ? otherwise : t;
}

/* The name comes from the cluster and goes into a sentence: only its safe form does. */
static void describe(char *dst, size_t size, struct json_span ns, struct json_span name)
{
	char raw[160], plain[80];
	size_t n = 0;

	if (ns.at != NULL && ns.n > 0) {
		n = json_span_copy(ns, plain, sizeof(plain) - 1);
		str_copy_n(raw, sizeof(raw), plain, n);
		n = strlen(raw);
		raw[n++] = '/';
	}
	json_span_copy(name, plain, sizeof(plain));
	str_copy(raw + n, sizeof(raw) - n, name.at == NULL ? _("(no name)") : plain);
	text_safe(dst, size, raw, strlen(raw));
}

int kube_read(struct json_span object, const char *kind, const struct field *fields, void *scan,
	struct err *e)
{
	const struct kube_meta *meta = scan;
	char who[200];
	struct err why;
	int rc = fields_read(object, fields, scan, &why);

	if (rc == 0 && meta->name.at != NULL && meta->name.n > 0)
		return 0;
	if (rc == 0)
		return err_set(e, ERR_INPUT, _("the server sent a %s without a name"), kind);
	describe(who, sizeof(who), meta->ns, meta->name);
	return err_set(e, ERR_INPUT, "%s %s: %s", kind, who, why.text);
}

const struct field kube_edit_fields[] = {
	FIELD(STR, "manager", 1, struct kube_edit, manager),
	FIELD(TIME, "time", 4, struct kube_edit, time),
	FIELD(STR, "subresource", 8, struct kube_edit, subresource),
	FIELDS_END,
};

/* What a controller reports (a subresource: status, scale) is no edit. */
void kube_edit_take(void *into)
{
	struct kube_meta *meta = into;
	int64_t at = kube_time_or(meta->edit.time, 0);

	if (meta->edit.subresource.n > 0 || at <= meta->edited_ms)
		return;
	meta->edited_ms = at;
	meta->editor = meta->edit.manager;
}

int32_t kube_count(int64_t n)
{
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

const char *kube_scratch_keep(struct kube_scratch *s, char *text)
{
	*vec_add(s) = text;
	return text;
}

const char *kube_scratch_str(struct kube_scratch *s, struct json_span span)
{
	char *text;
	size_t n;

	if (span.at == NULL || span.n == 0)
		return "";
	text = json_span_new(span, &n);
	if (n > SCRATCH_MAX) {
		text[SCRATCH_MAX] = '\0';
		str_mend(text);
	}
	return kube_scratch_keep(s, text);
}

void kube_scratch_done(struct kube_scratch *s)
{
	for (size_t i = 0; i < s->len; i++)
		free(s->at[i]);
	vec_done(s);
}
