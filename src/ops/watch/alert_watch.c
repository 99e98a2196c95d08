/* The whole list is asked for each time: it is short, and a list that is taken whole cannot go
 * wrong. A worker asks and decodes, since a storm's list may take a while; the engine gets a ready
 * table. */
#include "ops/watch/alert_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/sha.h"
#include "io/file.h"
#include "io/http.h"
#include "io/json.h"
#include "ops/watch/errand.h"

#define EVERY_MS   15000
#define CONNECT_MS 3000
#define TOTAL_MS   8000
#define BYTES_MAX  (8u << 20)
#define FILE_MAX   (256u << 10)
#define NAME_BYTES 120
#define TEXT_MAX   300
#define PATH       "/api/v2/alerts"
#define WHICH      "?active=true&silenced=false&inhibited=false"

struct alert_letter {
	struct errand errand;
	char *url, *secret_file, *ca_file;
	struct table *rows;
	int64_t retry_ms;
};

/* ---- decoding ---- */

static struct rstr *keep(const char *text, size_t max)
{
	char cut[TEXT_MAX + 1];

	str_copy(cut, max + 1, text);
	return rstr_new(cut, strlen(cut));
}

/* "namespace=shop, pod=web-1", without what is shown beside it. */
static struct rstr *label_words(const struct js *labels)
{
	struct rstr *words;
	struct buf b;

	buf_init(&b, BYTES_MAX);
	for (const void *it = js_first(labels); it; it = js_next(labels, it)) {
		const char *key = js_key(it), *value = js_str(js_value(it));

		if (!value || str_eq(key, "alertname") || str_eq(key, "severity"))
			continue;
		buf_fmt(&b, "%s%s=%s", b.len ? ", " : "", key, value);
		if (b.len > TEXT_MAX)
			break;
	}
	words = keep(buf_text(&b), TEXT_MAX);
	buf_done(&b);
	return words;
}

static const char *summary_of(const struct js *notes)
{
	static const char *const keys[] = {"summary", "description", "message"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = js_text(notes, keys[i]);

		if (text && text[0])
			return text;
	}
	return "";
}

static void put_row(struct table *rows, const struct js *alert)
{
	const struct js *labels = js_get(alert, "labels");
	const char *state = js_text(js_get(alert, "status"), "state");
	struct alert_row f = {0};

	if (!js_is_object(labels) || (state && !str_eq(state, "active")))
		return;
	f.name = keep(js_text_or(labels, "alertname", ""), NAME_BYTES);
	f.severity = keep(js_text_or(labels, "severity", ""), NAME_BYTES);
	f.labels = label_words(labels);
	f.summary = keep(summary_of(js_get(alert, "annotations")), TEXT_MAX);
	f.since_ms = instant_parse(js_text_or(alert, "startsAt", ""));
	str_copy(f.fingerprint, sizeof(f.fingerprint), js_text(alert, "fingerprint"));
	if (!f.fingerprint[0]) {
		unsigned char digest[SHA_BYTES];
		char *all = str_fmt("%s{%s}", rstr_text(f.name), rstr_text(f.labels));
		char hex[SHA_HEX];

		sha_of(all, strlen(all), digest);
		str_copy_n(f.fingerprint, sizeof(f.fingerprint), sha_hex(digest, hex), 32);
		free(all);
	}
	table_put(rows, &f);
}

int alert_watch_decode(const char *bytes, size_t n, struct table *rows, struct err *e)
{
	struct js *doc = js_parse(bytes, n, e);
	int rc = 0;

	if (!doc)
		return -1;
	if (!js_is_array(doc))
		rc = err_set(e, ERR_INPUT, _("that is no Alertmanager's list of alerts"));
	for (size_t i = 0; rc == 0 && i < js_len(doc) && table_count(rows) < ALERT_KEEP; i++)
		put_row(rows, js_nth(doc, i));
	js_free(doc);
	return rc;
}

/* ---- asking ---- */

static void letter_drop(struct letter *l)
{
	struct alert_letter *a = (struct alert_letter *)l;

	table_free(a->rows);
	free(a->url);
	free(a->secret_file);
	free(a->ca_file);
	free(a);
}

static int ask(struct alert_letter *a, const char *secret, struct http_tls *tls, int cancel_fd,
	struct buf *body, struct err *e)
{
	const struct http_request r = {
		.url = a->url,
		.bearer = secret && !strchr(secret, ':') ? secret : NULL,
		.basic = secret && strchr(secret, ':') ? secret : NULL,
		.tls = tls,
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS,
		.fresh = true,
		.gzip = true,
	};
	struct http_result result;
	char where[160];

	if (http_perform(&r, cancel_fd, body, &result) != 0) {
		*e = result.err;
		return -1;
	}
	a->retry_ms = http_retry_ms(&result);
	if (result.status >= 200 && result.status <= 299)
		return 0;
	return http_refusal(http_url_host(a->url, where, sizeof(where)), result.status,
		buf_text(body), body->len, e);
}

static void letter_run(struct errand *x, int cancel_fd)
{
	struct alert_letter *a = (struct alert_letter *)x;
	char *secret = NULL, *ca = NULL;
	struct http_tls *tls;
	struct buf body;
	int rc;

	buf_init(&body, BYTES_MAX);
	rc = a->secret_file[0]
		     ? file_read_secret(a->secret_file, FILE_MAX, &secret, NULL, &a->errand.err)
		     : 0;
	if (rc == 0 && a->ca_file[0])
		rc = file_read(a->ca_file, FILE_MAX, &ca, NULL, &a->errand.err);
	if (rc == 0) {
		if (secret)
			secret[strcspn(secret, "\r\n")] = '\0';
		tls = ca ? http_tls_new(ca, NULL, NULL) : NULL;
		rc = ask(a, secret, tls, cancel_fd, &body, &a->errand.err);
		http_tls_unref(tls);
	}
	if (rc == 0)
		alert_watch_decode(buf_text(&body), body.len, a->rows, &a->errand.err);
	mem_forget(&secret);
	free(ca);
	buf_done(&body);
}

static void hear(void *room, struct letter *l, struct instant now)
{
	struct alert_watch *in = room;
	struct alert_letter *a = (struct alert_letter *)l;
	struct source *src = &in->source;

	if (!question_awaits(&in->question, a->errand.asking))
		return; /* it came so late that another was asked */
	question_answered(&in->question, now, &a->errand.err, -1);
	question_hold(&in->question, now, a->retry_ms);
	if (a->errand.err.code != ERR_NONE) {
		src->state = src->good.boot_ms ? SOURCE_STALE : SOURCE_NEVER;
		str_copy(src->error, sizeof(src->error), a->errand.err.text);
		return;
	}
	table_free(in->rows);
	in->rows = a->rows;
	a->rows = NULL;
	src->state = SOURCE_LIVE;
	src->good = now;
	src->error[0] = '\0';
}

static const struct errand_kind alert_errand = {letter_run, letter_drop, hear};

void alert_watch_init(struct alert_watch *in, struct pool *pool, struct mailbox *to,
	const struct alert_watch_options *o)
{
	size_t n;

	memset(in, 0, sizeof(*in));
	in->pool = pool;
	in->to = to;
	in->url = mem_str(o->url ? o->url : "");
	in->secret_file = mem_str(o->secret_file ? o->secret_file : "");
	in->ca_file = mem_str(o->ca_file ? o->ca_file : "");
	in->rows = table_new(&alert_ops);
	question_init(&in->question, EVERY_MS);
	in->question.total_ms = TOTAL_MS;
	for (n = strlen(in->url); n > 0 && in->url[n - 1] == '/'; n--)
		in->url[n - 1] = '\0';
	in->source.state = in->url[0] ? SOURCE_LOADING : SOURCE_ABSENT;
	if (in->url[0])
		http_url_host(in->url, in->source.via, sizeof(in->source.via));
}

void alert_watch_done(struct alert_watch *in)
{
	table_free(in->rows);
	free(in->url);
	free(in->secret_file);
	free(in->ca_file);
}

void alert_watch_ask(struct alert_watch *in)
{
	question_again(&in->question);
}

void alert_watch_tick(struct alert_watch *in, struct instant now)
{
	struct alert_letter *a;

	errand_wait(in->pool, &in->question, now);
	if (!in->url[0] || !question_due(&in->question, now))
		return;
	a = mem_new(struct alert_letter);
	errand_init(&a->errand, &alert_errand, in->to, in);
	a->url = str_fmt("%s%s%s", in->url, str_ends(in->url, PATH) ? "" : PATH, WHICH);
	a->secret_file = mem_str(in->secret_file);
	a->ca_file = mem_str(in->ca_file);
	a->rows = table_new(&alert_ops);
	errand_ask(&a->errand, in->pool, &in->question, now);
}

void alert_watch_fill(const struct alert_watch *in, struct snapshot *s, struct instant now)
{
	int64_t age_ms = instant_age_ms(in->source.good, now);

	s->sources[SOURCE_ALERTS] = in->source;
	table_free(s->firing);
	s->firing = table_share(in->rows);
	if (age_ms >= 0 && age_ms < ALERT_OLD_MS)
		alert_names(in->rows, &s->alerts);
}
