/* What the fake API server says when it says no, in kube-apiserver's words. */

#include "fake_kube_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/json.h"

enum { READ_DEADLINE_MS = 60000, WRITE_DEADLINE_MS = 19500 };

void kube_json(struct exchange *x, int code, const struct buf *body)
{
	exchange_add_header(x, "cache-control", "no-cache, private");
	exchange_reply(x, code, "application/json", buf_text(body), body->len);
}

void kube_status(
	struct exchange *x, int code, const char *reason, const char *details, const char *fmt, ...)
{
	char message[1000];
	struct buf body;
	struct jsw j;
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	buf_init(&body, 1 << 16);
	jsw_init(&j, &body);
	jsw_object(&j, NULL);
	jsw_str(&j, "kind", "Status");
	jsw_str(&j, "apiVersion", "v1");
	jsw_raw(&j, "metadata", "{}");
	jsw_str(&j, "status", code < 300 ? "Success" : "Failure");
	if (message[0] != '\0')
		jsw_str(&j, "message", message);
	if (reason != NULL)
		jsw_str(&j, "reason", reason);
	if (details != NULL)
		jsw_raw(&j, "details", details);
	jsw_int(&j, "code", code);
	jsw_end_object(&j);
	kube_json(x, code, &body);
	buf_done(&body);
}

const char *kube_qualified(enum kind_id k, char dst[120])
{
	snprintf(dst, 120, "%s%s%s", kinds[k].plural, kinds[k].group[0] != '\0' ? "." : "",
		kinds[k].group);
	return dst;
}

static char *details_of(enum kind_id kind, const char *name, const char *more)
{
	struct buf details;
	struct jsw j;

	buf_init(&details, 1 << 14);
	jsw_init(&j, &details);
	jsw_object(&j, NULL);
	jsw_str(&j, "name", name);
	if (kinds[kind].group[0] != '\0')
		jsw_str(&j, "group", kinds[kind].group);
	jsw_str(&j, "kind", kinds[kind].plural);
	if (more != NULL)
		jsw_raw(&j, "causes", more);
	jsw_end_object(&j);
	return buf_take(&details);
}

void kube_refuse(struct exchange *x, int code, const char *reason, const struct about *about,
	const char *fmt, ...)
{
	char *details = details_of(about->kind, about->name, about->causes), message[900];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	kube_status(x, code, reason, details, "%s", message);
	free(details);
}

void kube_not_found(struct exchange *x, const struct route *r)
{
	char q[120];

	kube_refuse(x, 404, "NotFound", &(struct about){r->kind, r->name, NULL},
		"%s \"%s\" not found", kube_qualified(r->kind, q), r->name);
}

static void write_failed(struct exchange *x)
{
	kube_status(x, 500, "InternalError",
		"{\"causes\":[{\"message\":\"etcdserver: request timed out\"}]}",
		"Internal error occurred: etcdserver: request timed out");
}

void kube_read_hangs(struct fake_kube *k, struct exchange *x)
{
	exchange_later(x, world_ms(k->world, READ_DEADLINE_MS), exchange_reset);
}

void kube_write_hangs(struct fake_kube *k, struct exchange *x)
{
	exchange_later(x, world_ms(k->world, WRITE_DEADLINE_MS), write_failed);
}
