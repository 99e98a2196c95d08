/* What the fake API server says when it says no, in kube-apiserver's words. */

#include "fake_kube_parts.h"

#include <stdarg.h>
#include <stdio.h>

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
	char message[700];
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

void kube_not_found(struct exchange *x, const struct route *r)
{
	const struct kind *k = &kinds[r->kind];
	char details[400], dot[80] = "";

	if (k->group[0] != '\0')
		snprintf(dot, sizeof(dot), ".%s", k->group);
	snprintf(details, sizeof(details), "{\"name\":\"%s\",%s%s%s\"kind\":\"%s\"}", r->name,
		k->group[0] != '\0' ? "\"group\":\"" : "", k->group,
		k->group[0] != '\0' ? "\"," : "", k->plural);
	kube_status(x, 404, "NotFound", details, "%s%s \"%s\" not found", k->plural, dot, r->name);
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
