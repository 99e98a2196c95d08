/* Objects: read, listed, patched, created, deleted. */
#include "cluster/kube_deed.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "cluster/kube_query.h"

#define PAGE 250

/* Makes the path, asks, forgets the path. */
static enum kube_outcome ask_of(const struct kube_deed *d, const struct kube_ref *r,
	struct kube_ask *ask, struct kube_reply *reply, struct err *e)
{
	struct buf path;
	enum kube_outcome outcome = KUBE_REFUSED;

	buf_init(&path, KUBE_PATH_MAX);
	memset(reply, 0, sizeof(*reply));
	if (kube_ref_path(r, &path, e) == 0) {
		if (d->dry_run && strcmp(ask->method, "GET") != 0)
			kube_query_add(&path, "dryRun", "All");
		ask->path = buf_text(&path);
		ask->ref = r;
		outcome = kube_deed_do(d, ask, reply, e);
	}
	buf_done(&path);
	return outcome;
}

static int named(const struct kube_ref *r, struct err *e)
{
	return r->name != NULL ? 0 : err_set(e, ERR_INPUT, _("which of %s is not said"), r->plural);
}

/* Whatever the server sent in the place of an object must not be taken for one. */
static int is_object(const struct kube_ref *r, const struct kube_reply *reply, struct err *e)
{
	char what[200];

	if (js_is_object(reply->json))
		return 0;
	return err_set(e, ERR_INPUT, _("get %s: the answer is no object"),
		kube_ref_words(r, what, sizeof(what)));
}

int kube_deed_get(const struct kube_deed *d, const struct kube_ref *r, struct kube_reply *reply,
	struct err *e)
{
	struct kube_ask ask = {.method = "GET", .verb = "get"};

	memset(reply, 0, sizeof(*reply));
	if (named(r, e) != 0 || ask_of(d, r, &ask, reply, e) != KUBE_DONE)
		return -1;
	return is_object(r, reply, e);
}

enum kube_outcome kube_deed_patch(const struct kube_deed *d, const struct kube_ref *r,
	enum kube_patch kind, const char *body, struct kube_reply *reply, struct err *e)
{
	struct kube_ask ask = {.method = "PATCH",
		.verb = "patch",
		.type = kind == KUBE_PATCH_MERGE ? "application/merge-patch+json"
						 : "application/strategic-merge-patch+json",
		.body = body};

	memset(reply, 0, sizeof(*reply));
	return named(r, e) == 0 ? ask_of(d, r, &ask, reply, e) : KUBE_REFUSED;
}

enum kube_outcome kube_deed_create(const struct kube_deed *d, const struct kube_ref *r,
	const char *body, struct kube_reply *reply, struct err *e)
{
	struct kube_ask ask = {.method = "POST", .verb = "create", .body = body};

	return ask_of(d, r, &ask, reply, e);
}

static void delete_body(const struct kube_delete *how, struct buf *body)
{
	struct jsw j;

	jsw_init(&j, body);
	jsw_object(&j, NULL);
	jsw_str(&j, "kind", "DeleteOptions");
	jsw_str(&j, "apiVersion", "v1");
	if (how->uid != NULL || how->version != NULL) {
		jsw_object(&j, "preconditions");
		if (how->uid != NULL)
			jsw_str(&j, "uid", how->uid);
		if (how->version != NULL)
			jsw_str(&j, "resourceVersion", how->version);
		jsw_end_object(&j);
	}
	if (how->grace_s >= 0)
		jsw_int(&j, "gracePeriodSeconds", how->grace_s);
	if (how->propagation != NULL)
		jsw_str(&j, "propagationPolicy", how->propagation);
	jsw_end_object(&j);
}

enum kube_outcome kube_deed_delete(const struct kube_deed *d, const struct kube_ref *r,
	const struct kube_delete *how, struct err *e)
{
	struct kube_ask ask = {.method = "DELETE", .verb = "delete"};
	struct kube_reply reply;
	struct buf body;
	enum kube_outcome outcome;

	if (named(r, e) != 0)
		return KUBE_REFUSED;
	buf_init(&body, KUBE_BODY_MAX);
	delete_body(how, &body);
	ask.body = buf_text(&body);
	outcome = ask_of(d, r, &ask, &reply, e);
	if (outcome == KUBE_REFUSED && reply.status == 404 &&
		strcmp(reply.reason, "NotFound") == 0) {
		err_clear(e);
		outcome = KUBE_ALREADY;
	}
	kube_reply_done(&reply);
	buf_done(&body);
	return outcome;
}

/* ---- lists ---- */

void kube_items_done(struct kube_items *items)
{
	for (size_t i = 0; i < items->pages.len; i++)
		js_free(items->pages.at[i]);
	vec_done(&items->pages);
	vec_done(&items->at);
}

static int page_path(const struct kube_ref *r, const struct kube_select *s, const char *from,
	struct buf *path, struct err *e)
{
	if (kube_ref_path(r, path, e) != 0)
		return -1;
	if (s->labels != NULL)
		kube_query_add(path, "labelSelector", s->labels);
	if (s->fields != NULL)
		kube_query_add(path, "fieldSelector", s->fields);
	if (s->cached)
		kube_query_add(path, "resourceVersion", "0"); /* which knows no pages */
	else
		kube_query_int(path, "limit", PAGE);
	if (from[0] != '\0')
		kube_query_add(path, "continue", from);
	return path->over ? err_set(e, ERR_LIMIT, _("the list's place to go on from is too long"))
			  : 0;
}

/* Takes the page's document. */
static int keep_page(struct kube_items *out, struct js *page, struct err *e)
{
	const struct js *items = js_get(page, "items");

	*vec_add(&out->pages) = page;
	if (out->at.len + js_len(items) > KUBE_ITEMS_MAX)
		return err_set(
			e, ERR_LIMIT, _("the list is longer than %d objects"), KUBE_ITEMS_MAX);
	for (size_t i = 0; i < js_len(items); i++)
		*vec_add(&out->at) = js_nth(items, i);
	return 0;
}

/* One page; *status is the answer's. from: where to go on, "" at the end. */
static int read_page(const struct kube_deed *d, const struct kube_ref *r,
	const struct kube_select *s, struct buf *from, struct kube_items *out, long *status,
	struct err *e)
{
	struct kube_ask ask = {.method = "GET", .verb = "list", .ref = r};
	struct kube_reply reply = {.json = NULL};
	struct buf path;
	int rc;

	buf_init(&path, 64 << 10);
	rc = page_path(r, s, buf_text(from), &path, e);
	ask.path = buf_text(&path);
	if (rc == 0)
		rc = kube_deed_do(d, &ask, &reply, e) == KUBE_DONE ? is_object(r, &reply, e) : -1;
	*status = reply.status;
	buf_done(&path);
	buf_clear(from);
	if (rc == 0) {
		buf_puts(from, js_text_or(js_get(reply.json, "metadata"), "continue", ""));
		rc = keep_page(out, reply.json, e);
		reply.json = NULL;
	}
	kube_reply_done(&reply);
	return rc;
}

/* A place to go on from can be too old (410): the list begins anew, once. */
int kube_deed_list(const struct kube_deed *d, const struct kube_ref *r, const struct kube_select *s,
	struct kube_items *out, struct err *e)
{
	int64_t by_ms = instant_now().boot_ms + (d->within_ms > 0 ? d->within_ms : KUBE_DEED_MS);
	struct kube_deed left = *d;
	bool anew = false;
	struct buf from;
	long status;
	int rc;

	memset(out, 0, sizeof(*out));
	buf_init(&from, 32 << 10);
	do {
		left.within_ms = by_ms - instant_now().boot_ms;
		if (left.within_ms <= 0 || out->pages.len > KUBE_ITEMS_MAX / PAGE) {
			rc = err_set(e, ERR_TIMEOUT, _("the list does not come to its end"));
			break;
		}
		rc = read_page(&left, r, s, &from, out, &status, e);
		if (rc != 0 && status == 410 && !anew) {
			anew = true;
			kube_items_done(out);
			rc = read_page(&left, r, s, &from, out, &status, e);
		}
	} while (rc == 0 && from.len > 0);
	buf_done(&from);
	if (rc != 0)
		kube_items_done(out);
	return rc;
}

/* As a field selector takes a value: what separates its terms is escaped. */
static void selector_value(struct buf *to, const char *value)
{
	for (; *value != '\0'; value++) {
		if (strchr("\\,=", *value) != NULL)
			buf_putc(to, '\\');
		buf_putc(to, *value);
	}
}

int kube_deed_pods_of(const struct kube_deed *d, const char *node, bool cached,
	struct kube_items *out, struct err *e)
{
	const struct kube_ref r = {.plural = "pods"};
	struct kube_select s = {.cached = cached};
	struct buf field;
	int rc;

	buf_init(&field, KUBE_PATH_MAX);
	buf_puts(&field, "spec.nodeName=");
	selector_value(&field, node);
	s.fields = buf_text(&field);
	rc = kube_deed_list(d, &r, &s, out, e);
	buf_done(&field);
	return rc;
}
