/* The receivers as rows. The chats get the strategy's one sentence and the details below it; what
 * their markup would take for a mention of everybody is written otherwise, since names in it come
 * from a cluster that may be hostile. DingTalk, Feishu and WeCom answer 200 to everything and say
 * in the body what they really think. */
#include "ops/notify/notify_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/sha.h"
#include "base/str.h"
#include "io/http.h"
#include "io/json.h"
#include "model/alert.h"
#include "ops/notify/notification_json.h"

#define BODY_MAX  (64u << 10)
#define WECOM_MAX 2048                        /* bytes of content, with our NUL */
#define ALERT_MS  (INT64_C(7) * 24 * 3600000) /* an alert nobody ends, ends so late */

typedef int compose_fn(const struct notify_letter *l, struct notify_post *p);

/* ---- texts ---- */

/* The message; each of `from`'s characters becomes the word beside it. */
static void put_text(
	const struct notification *a, const char *const (*swap)[2], char *dst, size_t size)
{
	char text[NOTIFICATION_TEXT];
	struct buf b;

	buf_init(&b, BODY_MAX);
	buf_puts(&b, NOTIFY_PREFIX);
	for (const char *at = notification_text(a, text); *at; at++) {
		const char *word = NULL;

		for (int i = 0; swap[i][0] && !word; i++)
			word = *at == swap[i][0][0] ? swap[i][1] : NULL;
		if (word)
			buf_puts(&b, word);
		else
			buf_putc(&b, *at);
	}
	str_copy(dst, size, buf_text(&b));
	buf_done(&b);
}

static const char *const slack_swap[][2] = {
	{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {NULL, NULL}};
static const char *const wide_swap[][2] = {{"<", "＜"}, {">", "＞"}, {NULL, NULL}};

static int compose_slack(const struct notify_letter *l, struct notify_post *p)
{
	char text[BODY_MAX / 4];
	struct jsw w;

	put_text(l->alert, slack_swap, text, sizeof(text));
	jsw_init(&w, &p->body);
	jsw_object(&w, NULL);
	jsw_str(&w, "text", text);
	jsw_end_object(&w);
	return 0;
}

/* {"msgtype":"text","text":{"content":...}} of DingTalk and WeCom, without the ends. */
static void put_content(
	struct jsw *w, const char *type_key, const char *in, const char *key, const char *text)
{
	jsw_str(w, type_key, "text");
	jsw_object(w, in);
	jsw_str(w, key, text);
	jsw_end_object(w);
}

static char *signature(const char *key, const char *bytes)
{
	unsigned char digest[SHA_BYTES];

	sha_hmac(key, strlen(key), bytes, strlen(bytes), digest);
	return base64_encode(digest, sizeof(digest));
}

static int compose_feishu(const struct notify_letter *l, struct notify_post *p)
{
	char text[BODY_MAX / 4], stamp[24], *key, *sign;
	struct jsw w;

	put_text(l->alert, wide_swap, text, sizeof(text));
	jsw_init(&w, &p->body);
	jsw_object(&w, NULL);
	if (l->secret[0]) {
		snprintf(stamp, sizeof(stamp), "%" PRId64, l->now_ms / 1000);
		key = str_fmt("%s\n%s", stamp, l->secret);
		sign = signature(key, "");
		jsw_str(&w, "timestamp", stamp);
		jsw_str(&w, "sign", sign);
		mem_forget(&key);
		free(sign);
	}
	put_content(&w, "msg_type", "content", "text", text);
	jsw_end_object(&w);
	return 0;
}

static int url_add(struct notify_post *p, const char *name, const char *value)
{
	struct buf b;
	int rc;

	buf_init(&b, sizeof(p->url) - 1);
	buf_fmt(&b, "%s%c%s=", p->url, strchr(p->url, '?') ? '&' : '?', name);
	for (; *value; value++) {
		if (strchr("+/=&%#", *value))
			buf_fmt(&b, "%%%02X", (unsigned)(unsigned char)*value);
		else
			buf_putc(&b, *value);
	}
	rc = b.over ? -1 : 0;
	if (rc == 0)
		str_copy(p->url, sizeof(p->url), buf_text(&b));
	mem_wipe(b.at, b.len);
	buf_done(&b);
	return rc;
}

static int compose_dingtalk(const struct notify_letter *l, struct notify_post *p)
{
	char text[BODY_MAX / 4], stamp[24], *bytes, *sign;
	struct jsw w;
	int rc = 0;

	put_text(l->alert, wide_swap, text, sizeof(text));
	jsw_init(&w, &p->body);
	jsw_object(&w, NULL);
	put_content(&w, "msgtype", "text", "content", text);
	jsw_end_object(&w);
	if (!l->secret[0])
		return 0;
	snprintf(stamp, sizeof(stamp), "%" PRId64, l->now_ms);
	bytes = str_fmt("%s\n%s", stamp, l->secret);
	sign = signature(l->secret, bytes);
	rc = url_add(p, "timestamp", stamp) == 0 ? url_add(p, "sign", sign) : -1;
	mem_forget(&bytes);
	free(sign);
	return rc;
}

static int compose_wecom(const struct notify_letter *l, struct notify_post *p)
{
	char text[WECOM_MAX];
	struct jsw w;

	put_text(l->alert, wide_swap, text, sizeof(text));
	jsw_init(&w, &p->body);
	jsw_object(&w, NULL);
	put_content(&w, "msgtype", "text", "content", text);
	jsw_end_object(&w);
	return 0;
}

/* ---- machines ---- */

static int compose_webhook(const struct notify_letter *l, struct notify_post *p)
{
	unsigned char digest[SHA_BYTES];
	char text[NOTIFICATION_TEXT], hex[SHA_HEX];
	struct jsw w;

	jsw_init(&w, &p->body);
	jsw_object(&w, NULL);
	notification_write(&w, l->alert);
	jsw_str(&w, "key", l->key);
	jsw_str(&w, "text", notification_text(l->alert, text));
	jsw_end_object(&w);
	if (l->secret[0]) {
		sha_hmac(l->secret, strlen(l->secret), p->body.at, p->body.len, digest);
		snprintf(p->lines[1], sizeof(p->lines[1]), "X-K911-Signature: sha256=%s",
			sha_hex(digest, hex));
		p->headers[2] = p->lines[1];
	}
	return 0;
}

static void put_time(struct jsw *w, const char *key, int64_t wall_ms)
{
	char at[32];

	jsw_str(w, key, instant_rfc3339(wall_ms, at, sizeof(at)));
}

static void put_firing(
	struct jsw *w, const struct notification *a, enum level level, int64_t ends_ms)
{
	int64_t starts_ms = a->detected_ms == NOTIFICATION_NEVER ? a->at_ms : a->detected_ms;
	char text[NOTIFICATION_TEXT];

	jsw_object(w, NULL);
	jsw_object(w, "labels");
	jsw_str(w, "alertname", ALERT_OWN);
	jsw_str(w, "cluster", a->cluster);
	if (a->incident[0])
		jsw_str(w, "incident", a->incident);
	jsw_str(w, "level", level_name(level));
	jsw_str(w, "severity", level <= LEVEL_P1 ? "critical" : "warning");
	jsw_end_object(w);
	jsw_object(w, "annotations");
	jsw_str(w, "summary", notification_headline(a, text, sizeof(text)));
	jsw_str(w, "description", notification_text(a, text));
	if (a->alias[0])
		jsw_str(w, "incident", a->alias);
	jsw_end_object(w);
	put_time(w, "startsAt", starts_ms);
	put_time(w, "endsAt", ends_ms < starts_ms ? starts_ms : ends_ms);
	jsw_end_object(w);
}

/* The level is a label, so that it can be routed by; a change of level ends one alert and begins
 * another. */
static int compose_alertmanager(const struct notify_letter *l, struct notify_post *p)
{
	static const char path[] = "/api/v2/alerts";
	const struct notification *a = l->alert;
	size_t n = strlen(p->url);
	struct jsw w;

	while (n > 0 && p->url[n - 1] == '/')
		p->url[--n] = '\0';
	if (!str_ends(p->url, path)) {
		if (n + sizeof(path) > sizeof(p->url))
			return -1;
		memcpy(p->url + n, path, sizeof(path));
	}
	jsw_init(&w, &p->body);
	jsw_array(&w, NULL);
	if (a->kind == NOTIFICATION_LEVEL && a->before != LEVEL_NONE && a->before != a->level)
		put_firing(&w, a, a->before, a->at_ms);
	put_firing(&w, a, a->level, notification_is_end(a) ? a->at_ms : a->at_ms + ALERT_MS);
	jsw_end_array(&w);
	str_copy(p->credential, sizeof(p->credential), l->secret);
	p->basic = strchr(l->secret, ':') != NULL;
	return 0;
}

/* ---- the table ---- */

static const struct {
	const char *name;
	int per_minute;
	compose_fn *compose;
	const char *code, *why; /* members of the answer; NULL: its status says all */
} kinds[NOTIFY_KINDS] = {
	[NOTIFY_SLACK] = {"slack", 50, compose_slack, NULL, NULL},
	[NOTIFY_FEISHU] = {"feishu", 60, compose_feishu, "code", "msg"},
	[NOTIFY_DINGTALK] = {"dingtalk", 18, compose_dingtalk, "errcode", "errmsg"},
	[NOTIFY_WECOM] = {"wecom", 18, compose_wecom, "errcode", "errmsg"},
	[NOTIFY_WEBHOOK] = {"webhook", 120, compose_webhook, NULL, NULL},
	[NOTIFY_ALERTMANAGER] = {"alertmanager", 120, compose_alertmanager, NULL, NULL},
};

const char *notify_kind_name(enum notify_kind k)
{
	return (unsigned)k < NOTIFY_KINDS ? kinds[k].name : "";
}

int notify_kind_per_minute(enum notify_kind k)
{
	return kinds[k].per_minute;
}

bool notify_kind_parse(const char *word, enum notify_kind *out)
{
	for (int k = 0; k < NOTIFY_KINDS; k++)
		if (str_eq(kinds[k].name, word)) {
			*out = (enum notify_kind)k;
			return true;
		}
	return false;
}

static bool is_url(const char *url)
{
	if (!str_starts(url, "http://") && !str_starts(url, "https://"))
		return false;
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 127)
			return false;
	return strlen(url) < NOTIFY_SECRET_MAX && strstr(url, "://")[3] != '\0';
}

int notify_compose(
	enum notify_kind k, const struct notify_letter *l, struct notify_post *p, struct err *e)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->body, BODY_MAX);
	if (!is_url(l->url))
		return err_set(
			e, ERR_INPUT, _("the URL file does not hold an http:// or https:// URL"));
	str_copy(p->url, sizeof(p->url), l->url);
	p->headers[0] = "Content-Type: application/json; charset=utf-8";
	snprintf(p->lines[0], sizeof(p->lines[0]), "Idempotency-Key: %s", l->key);
	for (char *c = p->lines[0]; *c; c++) /* a cluster's name may hold anything */
		if ((unsigned char)*c < ' ' || (unsigned char)*c > 126)
			*c = '_';
	p->headers[1] = p->lines[0];
	if (kinds[k].compose(l, p) != 0)
		return err_set(e, ERR_INPUT, _("the URL in the URL file is too long"));
	return 0;
}

void notify_post_done(struct notify_post *p)
{
	if (p->body.at)
		mem_wipe(p->body.at, p->body.len);
	buf_done(&p->body);
	mem_wipe(p, sizeof(*p));
}

/* ---- answers ---- */

int notify_read_answer(enum notify_kind k, long status, const struct buf *body, const char *where,
	bool *refused, struct err *e)
{
	const char *text = buf_text(body), *why;
	struct js *doc;
	int64_t code;
	int rc = 0;

	*refused = status == 400 || status == 413 || status == 415 || status == 422;
	if (status < 200 || status > 299)
		return http_refusal(where, status, text, body->len, e);
	if (!kinds[k].code)
		return 0;
	doc = js_parse(text, body->len, e);
	if (!doc)
		return err_set(e, ERR_SERVER,
			_("%s did not answer as a %s robot does: is the URL right?"), where,
			kinds[k].name);
	code = js_int(doc, kinds[k].code, js_int(doc, "StatusCode", -1));
	why = js_text_or(doc, kinds[k].why, "");
	if (code != 0)
		rc = http_refusal(where, (long)code, why, strlen(why), e);
	js_free(doc);
	return rc;
}
