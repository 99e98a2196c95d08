/* APIServices, and whether the API server finds them available. */
#include "cluster/kube_apiservice.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

static void copy_safe(char *dst, size_t size, const char *text)
{
	text_safe(dst, size, text, strlen(text));
}

static void read_row(const struct js *o, struct kube_apiservice *row)
{
	const struct js *service = js_at(o, "spec.service"), *list = js_at(o, "status.conditions");

	copy_safe(row->name, sizeof(row->name), js_text_or(js_get(o, "metadata"), "name", ""));
	copy_safe(row->ns, sizeof(row->ns), js_text_or(service, "namespace", ""));
	copy_safe(row->service, sizeof(row->service), js_text_or(service, "name", ""));
	for (size_t i = 0; i < js_len(list); i++) {
		const struct js *c = js_nth(list, i);

		if (!str_eq(js_text(c, "type"), "Available"))
			continue;
		row->available = str_eq(js_text(c, "status"), "True");
		copy_safe(row->reason, sizeof(row->reason), js_text_or(c, "reason", ""));
		copy_safe(row->message, sizeof(row->message), js_text_or(c, "message", ""));
	}
}

int kube_apiservices_read(const struct kube_deed *d, struct kube_apiservices *out, struct err *e)
{
	static const struct kube_ref r = {
		.group = "apiregistration.k8s.io", .plural = "apiservices"};
	static const struct kube_select all = {.fields = NULL};
	struct kube_items items;

	memset(out, 0, sizeof(*out));
	if (kube_deed_list(d, &r, &all, &items, e) != 0)
		return -1;
	for (size_t i = 0; i < items.at.len; i++)
		read_row(items.at.at[i], vec_add(&out->rows));
	kube_items_done(&items);
	return 0;
}

void kube_apiservices_done(struct kube_apiservices *s)
{
	vec_done(&s->rows);
}
