/* One request to one API server, and what its end means. A refusal is told from an answer that was
 * lost: before the handshake is over nothing was sent; after it, only an answer says no. */
#include "cluster/kube_deed.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/kube_auth.h"

#define BUSY_MS       200
#define AGAIN_MS      1000 /* before the first new try; then twice as long each time */
#define AGAIN_MOST_MS 8000

/* ---- waiting ---- */

bool kube_deed_pause(const struct kube_deed *d, int64_t ms)
{
	struct pollfd p = {.fd = d->cancel_fd, .events = POLLIN};
	int64_t until = instant_now().boot_ms + ms, left;

	while ((left = until - instant_now().boot_ms) > 0)
		if (poll(&p, d->cancel_fd >= 0 ? 1 : 0, left < INT32_MAX ? (int)left : INT32_MAX) >
			0)
			return false;
	return true;
}

static int cancelled(struct err *e)
{
	return err_set(e, ERR_CANCELLED, _("cancelled"));
}

/* The request with the credential of the moment, once there is one and the server may be asked. */
static int fill(const struct kube_deed *d, const struct kube_ask *ask, int64_t by_ms,
	struct http_request *r, struct kube_hold **hold, struct err *e)
{
	const char *const *headers = r->headers;

	for (;;) {
		r->headers = headers;
		if (kube_client_fill(d->client, &d->at, ask->path, r, hold, e) == 0)
			return 0;
		if (e->code != ERR_BUSY || instant_now().boot_ms + BUSY_MS >= by_ms)
			return -1;
		if (!kube_deed_pause(d, BUSY_MS))
			return cancelled(e);
	}
}

/* ---- what an answer means ---- */

void kube_reply_done(struct kube_reply *r)
{
	js_free(r->json);
	r->json = NULL;
	buf_done(&r->text);
}

static void reply_empty(struct kube_reply *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->text, KUBE_REPLY_MAX);
}

static void copy_safe(char *dst, size_t size, const char *text)
{
	text_safe(dst, size, text, strlen(text));
}

static void reply_read(struct kube_reply *r, const struct http_result *result)
{
	const struct js *cause;

	r->status = result->status;
	r->retry_ms = http_retry_ms(result);
	r->json = js_parse(buf_text(&r->text), r->text.len, NULL);
	if (result->status < 400)
		return;
	cause = js_nth(js_at(r->json, "details.causes"), 0);
	copy_safe(r->reason, sizeof(r->reason), js_text_or(r->json, "reason", ""));
	copy_safe(r->cause, sizeof(r->cause), js_text_or(cause, "reason", ""));
	copy_safe(r->cause_text, sizeof(r->cause_text), js_text_or(cause, "message", ""));
}

static bool is_success(long status)
{
	return status >= 200 && status < 300;
}

static bool is_read(const struct kube_ask *ask)
{
	return strcmp(ask->method, "GET") == 0;
}

/* A webhook is asked before anything is stored. */
static bool is_from_webhook(const struct kube_reply *r)
{
	return strstr(js_text_or(r->json, "message", ""), "failed calling webhook") != NULL;
}

/* Answers that come from between, or from a server that waited in vain for etcd, say nothing about
 * what was written. */
static bool leaves_open(const struct kube_reply *r)
{
	static const long unsure[] = {408, 500, 502, 504};

	for (size_t i = 0; i < sizeof(unsure) / sizeof(*unsure); i++)
		if (r->status == unsure[i])
			return !is_from_webhook(r);
	return false;
}

static enum kube_outcome outcome_of(const struct kube_ask *ask, const struct kube_reply *reply,
	const struct http_result *result, bool tls)
{
	bool sent = tls ? result->tls_us >= 0 : result->connect_us >= 0;

	if (is_success(result->status))
		return is_read(ask) && result->err.code != ERR_NONE ? KUBE_REFUSED : KUBE_DONE;
	if (is_read(ask) || result->err.code == ERR_TLS || result->err.code == ERR_AUTH)
		return KUBE_REFUSED;
	if (result->status != 0)
		return leaves_open(reply) ? KUBE_LOST : KUBE_REFUSED;
	return sent ? KUBE_LOST : KUBE_REFUSED;
}

static enum err_code code_of(long status, enum err_code otherwise)
{
	if (status == 400 || status == 422)
		return ERR_INPUT;
	return status == 405 || status == 406 || status == 415 ? ERR_UNSUPPORTED : otherwise;
}

/* "not allowed to evict pods shop/web-1: ..." */
static void refusal_words(const struct kube_ask *ask, const struct kube_reply *r, struct err *e)
{
	char what[200], said[240] = "";
	struct err plain;

	if (ask->ref == NULL)
		copy_safe(what, sizeof(what), ask->path);
	else
		kube_ref_words(ask->ref, what, sizeof(what));
	copy_safe(said, sizeof(said), js_text_or(r->json, "message", ""));
	http_status_err(&plain, r->status, buf_text(&r->text), r->text.len);
	if (r->status == 403 && r->cause[0] == '\0')
		err_set(e, ERR_AUTH, _("not allowed to %s %s%s%s"), ask->verb, what,
			said[0] != '\0' ? ": " : "", said);
	else
		err_set(e, code_of(r->status, plain.code), "%s %s: %s%s%s", ask->verb, what,
			plain.text, r->cause_text[0] != '\0' ? "; " : "", r->cause_text);
}

/* ---- one try, and another ---- */

/* A budget that blocks is one pod's trouble, not the server's wish to be left alone. */
static bool is_budget(const struct kube_reply *r)
{
	return r->status == 429 && strcmp(r->cause, "DisruptionBudget") == 0;
}

static enum kube_outcome attempt(const struct kube_deed *d, const struct kube_ask *ask,
	int64_t by_ms, struct kube_reply *reply, struct err *e)
{
	char type[80];
	const char *const headers[] = {
		"accept: application/json", ask->body != NULL ? type : NULL, NULL};
	struct http_request r = {.method = ask->method, .headers = headers, .gzip = true};
	struct http_result result = http_unanswered;
	struct kube_hold *hold;
	enum kube_outcome outcome;

	snprintf(type, sizeof(type), "content-type: %s",
		ask->type != NULL ? ask->type : "application/json");
	if (fill(d, ask, by_ms, &r, &hold, e) != 0)
		return KUBE_REFUSED;
	r.body = ask->body;
	r.body_bytes = ask->body != NULL ? strlen(ask->body) : 0;
	r.total_ms = by_ms - instant_now().boot_ms;
	if (r.total_ms < 1)
		r.total_ms = 1;
	http_perform(&r, d->cancel_fd, &reply->text, &result);
	kube_hold_release(hold);
	reply_read(reply, &result);
	if (!is_budget(reply))
		kube_client_learn(d->client, &d->at, &result);
	outcome = outcome_of(ask, reply, &result, r.tls != NULL);
	if (outcome == KUBE_DONE)
		return outcome;
	if (result.status != 0 && !is_success(result.status))
		refusal_words(ask, reply, e);
	else
		*e = result.err;
	return outcome;
}

struct patience {
	int64_t by_ms, next_ms;
	bool renewed; /* one new try after a 401 */
};

/* What was refused for the moment is tried again: nothing has happened. */
static bool wait_again(const struct kube_deed *d, const struct kube_reply *r, struct patience *p)
{
	int64_t wait = p->next_ms;

	if (r->status == 401 && !p->renewed && kube_auth_changes(kube_client_access(d->client))) {
		p->renewed = true;
		return true;
	}
	if ((r->status != 429 && r->status != 503) || is_budget(r))
		return false;
	if (r->retry_ms > 0)
		wait = r->retry_ms;
	if (instant_now().boot_ms + wait >= p->by_ms)
		return false;
	p->next_ms = p->next_ms < AGAIN_MOST_MS ? p->next_ms * 2 : AGAIN_MOST_MS;
	return kube_deed_pause(d, wait);
}

enum kube_outcome kube_deed_do(const struct kube_deed *d, const struct kube_ask *ask,
	struct kube_reply *reply, struct err *e)
{
	struct patience p = {
		.by_ms = instant_now().boot_ms + (d->within_ms > 0 ? d->within_ms : KUBE_DEED_MS),
		.next_ms = AGAIN_MS};
	enum kube_outcome outcome;
	struct err own;

	if (e == NULL)
		e = &own;
	err_clear(e);
	reply_empty(reply);
	while ((outcome = attempt(d, ask, p.by_ms, reply, e)) == KUBE_REFUSED &&
		wait_again(d, reply, &p)) {
		kube_reply_done(reply);
		reply_empty(reply);
		err_clear(e);
	}
	return outcome;
}
