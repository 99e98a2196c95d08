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

int64_t kube_time(struct json_span s)
{
	char text[48];

	if (s.at == NULL || s.n >= sizeof(text))
		return INT64_MIN;
	json_span_copy(s, text, sizeof(text));
	return instant_parse(text);
}

struct proto_time {
	int64_t seconds;
};

static const struct proto_field time_fields[] = {
	PROTO_INT(1, struct proto_time, seconds),
	PROTO_FIELDS_END,
};

/* An empty message is the zero time, which JSON has as null. */
int64_t kube_time_proto(struct json_span s)
{
	struct proto_time t = {0};
	struct proto_pull p;
	int64_t ms;

	if (s.at == NULL || s.n == 0)
		return INT64_MIN;
	proto_pull_init(&p, s.at, s.n);
	if (!proto_pull_fields(&p, time_fields, &t) || __builtin_mul_overflow(t.seconds, 1000, &ms))
		return INT64_MIN;
	return ms;
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

/* why: what the reader says, or NULL when all was well but for the name. */
static int decoded(const struct err *why, const char *kind, struct json_span ns,
	struct json_span name, struct err *e)
{
	char who[200];

	if (why == NULL && name.at != NULL && name.n > 0)
		return 0;
	if (why == NULL)
		return err_set(e, ERR_INPUT, _("the server sent a %s without a name"), kind);
	describe(who, sizeof(who), ns, name);
	return err_set(e, ERR_INPUT, "%s %s: %s", kind, who, why->text);
}

int kube_decoded(struct json_pull *p, const char *kind, struct json_span ns, struct json_span name,
	struct err *e)
{
	struct err why;

	return decoded(json_pull_end(p, &why) != 0 ? &why : NULL, kind, ns, name, e);
}

int kube_decoded_proto(const struct proto_pull *p, const char *kind, struct json_span ns,
	struct json_span name, struct err *e)
{
	struct err why;

	return decoded(proto_pull_end(p, &why) != 0 ? &why : NULL, kind, ns, name, e);
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
