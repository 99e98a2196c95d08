/* Delivery. A claim is settled by exactly one of: delivered, failed (to be tried again), given up,
 * returned. An answer that never came leaves open whether the receiver took the alert: it is sent
 * again, since a page too many is better than none, with the same Idempotency-Key. An accepted one
 * whose settling fails on a full disk is remembered and never sent again by this process. */
#include "ops/notify/notify_lane.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/http.h"
#include "ops/notify/notify_outbox.h"

#define FILE_BYTES_MAX (256u << 10)
#define CONNECT_MS     5000
#define TOTAL_MS       10000
#define ANSWER_MAX     (16u << 10) /* more of it is not read */
#define BACKOFF_MS     INT64_C(1000)
#define BACKOFF_MAX_MS INT64_C(60000)
#define REFUSED_TRIES  3
#define DISK_RETRY_MS  5000

/* What the receiver's files hold. */
struct lane_keys {
	char url[NOTIFY_SECRET_MAX], secret[NOTIFY_SECRET_MAX];
	struct http_tls *tls;
};

struct notify_lane {
	enum notify_kind kind;
	char *name, *url_file, *secret_file, *ca_file, *proxy;
	struct notify_lane *of;  /* past the disk: whose keys it uses */
	struct outbox *queue;    /* borrowed, but for one in memory */
	struct outbox_item item; /* the last one claimed */
	bool owed;               /* it was accepted, and the queue does not know yet */
	struct lane_asker asker;
	pthread_mutex_t lock;  /* of what follows */
	struct lane_keys kept; /* as last read; url "": never */
};

struct notify_lane *notify_lane_new(const struct notify_target *t, struct outbox *queue)
{
	struct notify_lane *lane = mem_new(struct notify_lane);

	lane->kind = t->kind;
	lane->name = str_fmt("%s:%s", notify_kind_name(t->kind), t->url_file);
	lane->queue = queue;
	lane->url_file = mem_str(t->url_file);
	lane->secret_file = mem_str(t->secret_file ? t->secret_file : "");
	lane->ca_file = mem_str(t->ca_file ? t->ca_file : "");
	lane->proxy = mem_str(t->proxy ? t->proxy : "");
	pthread_mutex_init(&lane->lock, NULL);
	return lane;
}

struct notify_lane *notify_lane_past(struct notify_lane *lane)
{
	const struct notify_target t = {
		.kind = lane->kind, .url_file = lane->url_file, .proxy = lane->proxy};
	struct notify_lane *past = notify_lane_new(&t, outbox_new(NULL));

	past->of = lane;
	return past;
}

static void keys_done(struct lane_keys *k)
{
	http_tls_unref(k->tls);
	mem_wipe(k, sizeof(*k));
}

void notify_lane_free(struct notify_lane *lane)
{
	if (!lane)
		return;
	if (lane->of)
		outbox_free(lane->queue);
	keys_done(&lane->kept);
	pthread_mutex_destroy(&lane->lock);
	free(lane->name);
	free(lane->url_file);
	free(lane->secret_file);
	free(lane->ca_file);
	free(lane->proxy);
	free(lane);
}

const char *notify_lane_name(const struct notify_lane *lane)
{
	return lane->name;
}

int64_t notify_backoff_ms(int tries, uint32_t chance)
{
	int64_t most = BACKOFF_MS;

	for (int i = 1; i < tries && most < BACKOFF_MAX_MS; i++)
		most *= 2;
	if (most > BACKOFF_MAX_MS)
		most = BACKOFF_MAX_MS;
	return most / 2 + (int64_t)(chance % (uint32_t)(most / 2 + 1));
}

int notify_lane_keep(
	struct notify_lane *lane, const struct notification *a, int64_t now_ms, struct err *e)
{
	const char *name = lane->name;

	return outbox_put(lane->queue, a, &name, 1, now_ms, e) < 0 ? -1 : 0;
}

/* ---- one delivery ---- */

/* The one word a secret's file holds. */
static int read_word(const char *path, char dst[NOTIFY_SECRET_MAX], struct err *e)
{
	char *text = NULL, *from;
	size_t n;
	int rc;

	dst[0] = '\0';
	if (!path[0])
		return 0;
	if (file_read_secret(path, FILE_BYTES_MAX, &text, NULL, e) != 0)
		return -1;
	from = text + strspn(text, " \t\r\n");
	n = strcspn(from, "\r\n");
	while (n > 0 && (from[n - 1] == ' ' || from[n - 1] == '\t'))
		n--;
	rc = n > 0 && n < NOTIFY_SECRET_MAX ? 0 : -1;
	if (rc == 0)
		str_copy_n(dst, NOTIFY_SECRET_MAX, from, n);
	else
		err_set(e, ERR_INPUT, _("%s does not hold one line with a secret or URL"), path);
	mem_forget(&text);
	return rc;
}

static int read_authority(const struct notify_lane *lane, struct http_tls **tls, struct err *e)
{
	char *pem;

	*tls = NULL;
	if (!lane->ca_file[0])
		return 0;
	if (file_read(lane->ca_file, FILE_BYTES_MAX, &pem, NULL, e) != 0)
		return -1;
	*tls = http_tls_new(pem, NULL, NULL);
	free(pem);
	return 0;
}

/* So that they are there when the disk is not. */
static void keep_keys(struct notify_lane *lane, const struct lane_keys *k)
{
	pthread_mutex_lock(&lane->lock);
	keys_done(&lane->kept);
	lane->kept = *k;
	http_tls_ref(k->tls);
	pthread_mutex_unlock(&lane->lock);
}

static int recall_keys(struct notify_lane *lane, struct lane_keys *k, struct err *e)
{
	pthread_mutex_lock(&lane->lock);
	*k = lane->kept;
	http_tls_ref(k->tls);
	pthread_mutex_unlock(&lane->lock);
	if (k->url[0])
		return 0;
	return err_set(e, ERR_MISSING, _("%s could not be read yet"), lane->url_file);
}

/* Whatever becomes of it, keys_done(k). */
static int read_keys(struct notify_lane *lane, struct lane_keys *k, struct err *e)
{
	memset(k, 0, sizeof(*k));
	if (lane->of)
		return recall_keys(lane->of, k, e);
	if (read_word(lane->url_file, k->url, e) != 0 ||
		read_word(lane->secret_file, k->secret, e) != 0 ||
		read_authority(lane, &k->tls, e) != 0)
		return -1;
	keep_keys(lane, k);
	return 0;
}

struct moment {
	int64_t now_ms;
	uint32_t chance;
	int cancel_fd;
};

struct attempt {
	bool refused;
	int64_t retry_after_ms;
};

static int keep_some(void *arg, const char *bytes, size_t n)
{
	struct buf *b = arg;
	size_t room = b->max - b->len;

	buf_add(b, bytes, n < room ? n : room);
	return 0;
}

static int post(const struct notify_lane *lane, const struct notify_post *p, struct http_tls *tls,
	int cancel_fd, struct attempt *how, struct err *e)
{
	const struct http_calls calls = {.data = keep_some};
	const struct http_request r = {
		.method = "POST",
		.url = p->url,
		.proxy = lane->proxy[0] ? lane->proxy : NULL,
		.bearer = p->credential[0] && !p->basic ? p->credential : NULL,
		.basic = p->basic ? p->credential : NULL,
		.headers = p->headers,
		.body = p->body.at,
		.body_bytes = p->body.len,
		.tls = tls,
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS,
		.fresh = true,
	};
	struct http_result result;
	struct buf answer;
	char where[160];
	int rc;

	http_url_host(p->url, where, sizeof(where));
	buf_init(&answer, ANSWER_MAX);
	rc = http_perform_calls(&r, cancel_fd, &calls, &answer, &result);
	how->retry_after_ms = result.retry_after_s > 0 ? result.retry_after_s * 1000 : 0;
	if (rc == 0)
		rc = notify_read_answer(
			lane->kind, result.status, &answer, where, &how->refused, e);
	else if (result.err.code == ERR_USAGE || strstr(result.err.text, p->url))
		err_set(e, result.err.code, _("%s cannot be reached: %s"), where,
			err_word(result.err.code));
	else
		*e = result.err;
	buf_done(&answer);
	return rc;
}

static int send_alert(const struct notify_lane *lane, const struct lane_keys *k,
	const struct outbox_item *item, const struct moment *m, struct attempt *how, struct err *e)
{
	const struct notify_letter letter = {.url = k->url,
		.secret = k->secret,
		.key = item->key,
		.alert = &item->alert,
		.now_ms = m->now_ms};
	struct notify_post made;
	int rc = notify_compose(lane->kind, &letter, &made, e);

	if (rc == 0)
		rc = post(lane, &made, k->tls, m->cancel_fd, how, e);
	notify_post_done(&made);
	return rc;
}

int notify_lane_check(struct notify_lane *lane, struct err *e)
{
	const struct notification nothing = {.kind = NOTIFICATION_DETECTED, .level = LEVEL_P0};
	struct notify_post p;
	struct lane_keys k;
	int rc = read_keys(lane, &k, e);

	if (rc == 0) {
		const struct notify_letter letter = {
			.url = k.url, .secret = k.secret, .key = "", .alert = &nothing};

		rc = notify_compose(lane->kind, &letter, &p, e);
		notify_post_done(&p);
	}
	keys_done(&k);
	return rc;
}

static int ask_front_page(const struct notify_lane *lane, const char *url, struct http_tls *tls,
	int cancel_fd, struct err *e)
{
	char host[160], page[200];
	const struct http_request r = {
		.method = "HEAD",
		.url = page,
		.proxy = lane->proxy[0] ? lane->proxy : NULL,
		.tls = tls,
		.connect_ms = CONNECT_MS,
		.total_ms = TOTAL_MS,
		.fresh = true,
	};
	struct http_result result;
	struct buf none;

	snprintf(page, sizeof(page), "%s://%s/", str_starts(url, "https:") ? "https" : "http",
		http_url_host(url, host, sizeof(host)));
	buf_init(&none, ANSWER_MAX);
	http_perform(&r, cancel_fd, &none, &result);
	buf_done(&none);
	if (result.status != 0)
		return 0;
	*e = result.err;
	return -1;
}

int notify_lane_reach(struct notify_lane *lane, int cancel_fd, struct err *e)
{
	struct lane_keys k;
	int rc = read_keys(lane, &k, e);

	if (rc == 0)
		rc = ask_front_page(lane, k.url, k.tls, cancel_fd, e);
	keys_done(&k);
	return rc;
}

/* ---- a turn ---- */

static bool is_hopeless(const struct notify_lane *lane, const struct attempt *how)
{
	return how->refused && lane->item.tries >= REFUSED_TRIES;
}

static enum lane_turn settle_failure(struct notify_lane *lane, const struct attempt *how,
	const struct moment *m, const struct err *why)
{
	const struct outbox_item *item = &lane->item;
	int64_t wait_ms = notify_backoff_ms(item->tries, m->chance), now_ms = m->now_ms;
	struct err e;
	int rc;

	if (wait_ms < how->retry_after_ms)
		wait_ms =
			how->retry_after_ms < OUTBOX_WAIT_MS ? how->retry_after_ms : OUTBOX_WAIT_MS;
	if (why->code == ERR_CANCELLED)
		rc = outbox_return(lane->queue, item, now_ms, &e);
	else if (is_hopeless(lane, how))
		rc = outbox_give_up(lane->queue, item, now_ms, why->text, &e);
	else
		rc = outbox_failed(lane->queue, item, now_ms + wait_ms, why->text, &e);
	(void)rc; /* not written: the claim itself runs out, and then it is tried again */
	return why->code == ERR_CANCELLED ? LANE_STOPPED : LANE_FAILED;
}

void notify_lane_ask(struct notify_lane *lane, const struct lane_asker *asker)
{
	lane->asker = *asker;
}

static void tell(const struct notify_lane *lane, const struct attempt *how, bool taken)
{
	const struct lane_asker *asker = &lane->asker;

	if (asker->tell)
		asker->tell(asker->arg, &lane->item,
			taken                    ? LANE_TAKEN
			: is_hopeless(lane, how) ? LANE_GIVEN_UP
						 : LANE_AGAIN);
}

/* Sends what was claimed, unless that is no longer to be done. */
static enum lane_word send_item(
	struct notify_lane *lane, const struct moment *m, struct attempt *how, struct err *e)
{
	enum lane_word word = LANE_MAY_SEND;
	struct lane_keys k;

	*how = (struct attempt){.refused = false};
	if (read_keys(lane, &k, e) != 0)
		word = LANE_CANNOT;
	else if (lane->asker.ask)
		word = lane->asker.ask(lane->asker.arg, &lane->item);
	if (word == LANE_MAY_SEND) {
		bool taken = send_alert(lane, &k, &lane->item, m, how, e) == 0;

		tell(lane, how, taken);
		word = taken ? LANE_MAY_SEND : LANE_CANNOT;
	}
	keys_done(&k);
	return word;
}

/* 1: something was claimed. */
static int claim(struct notify_lane *lane, int64_t now_ms, int64_t *next_ms, struct err *e)
{
	int rc = notify_lane_settle(lane, now_ms, e);

	*next_ms = OUTBOX_NEVER;
	if (rc == 0)
		rc = outbox_claim(lane->queue, lane->name, notify_kind_per_minute(lane->kind),
			now_ms, &lane->item, next_ms, e);
	if (rc < 0)
		*next_ms = now_ms + DISK_RETRY_MS;
	return rc;
}

enum lane_turn notify_lane_turn(struct notify_lane *lane, int64_t now_ms, uint32_t chance,
	int cancel_fd, int64_t *next_ms, struct err *e)
{
	const struct moment m = {now_ms, chance, cancel_fd};
	int rc = claim(lane, now_ms, next_ms, e);
	enum lane_word word;
	struct attempt how;
	struct err late;

	if (rc <= 0)
		return rc < 0 ? LANE_NO_QUEUE : LANE_IDLE;
	word = send_item(lane, &m, &how, e);
	*next_ms = word == LANE_TOO_LATE || word == LANE_NOT_YET ? now_ms + DISK_RETRY_MS : now_ms;
	if (word == LANE_CANNOT)
		return settle_failure(lane, &how, &m, e);
	if (word == LANE_TOO_LATE) {
		err_set(e, ERR_TIMEOUT, "%s", _("the disk answered too late"));
		return LANE_NO_QUEUE;
	}
	if (word == LANE_NOT_YET)
		return outbox_return(lane->queue, &lane->item, now_ms, e) == 0 ? LANE_IDLE
									       : LANE_NO_QUEUE;
	lane->owed = outbox_delivered(lane->queue, &lane->item, now_ms, &late) != 0;
	return word == LANE_WAS_SENT ? LANE_SETTLED : LANE_DELIVERED;
}

const struct notification *notify_lane_delivered(const struct notify_lane *lane)
{
	return &lane->item.alert;
}

int notify_lane_settle(struct notify_lane *lane, int64_t now_ms, struct err *e)
{
	if (lane->owed && outbox_delivered(lane->queue, &lane->item, now_ms, e) != 0)
		return -1;
	lane->owed = false;
	return 0;
}
