/* Delivery. A claim is settled by exactly one of: delivered, failed (to be tried again), given up,
 * returned. An answer that never came leaves open whether the receiver took the alert: it is sent
 * again, since a page too many is better than none, with the same Idempotency-Key. An accepted one
 * whose settling fails on a full disk is remembered and never sent again by this process. */
#include "ops/notify/notify_lane.h"

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

enum { BOX_DISK, BOX_MEMORY, BOX_COUNT };

struct lane_box {
	struct outbox *queue; /* NULL: nothing is kept in memory yet */
	struct outbox_item item;
	bool owed; /* item was accepted, and that is not on the disk yet */
};

/* What the receiver's files hold. */
struct lane_keys {
	char url[NOTIFY_SECRET_MAX], secret[NOTIFY_SECRET_MAX];
	struct http_tls *tls;
};

struct notify_lane {
	enum notify_kind kind;
	char *name, *url_file, *secret_file, *ca_file, *proxy;
	struct lane_box box[BOX_COUNT];       /* the disk's is borrowed */
	const struct notification *delivered; /* in one of the boxes; NULL before the first */
	enum lane_word (*ask)(void *arg, const struct outbox_item *item); /* or NULL */
	void *arg;
};

struct notify_lane *notify_lane_new(const struct notify_target *t, struct outbox *queue)
{
	struct notify_lane *lane = mem_new(struct notify_lane);

	lane->kind = t->kind;
	lane->name = str_fmt("%s:%s", notify_kind_name(t->kind), t->url_file);
	lane->box[BOX_DISK].queue = queue;
	lane->url_file = mem_str(t->url_file);
	lane->secret_file = mem_str(t->secret_file ? t->secret_file : "");
	lane->ca_file = mem_str(t->ca_file ? t->ca_file : "");
	lane->proxy = mem_str(t->proxy ? t->proxy : "");
	return lane;
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
	outbox_free(lane->box[BOX_MEMORY].queue);
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
	struct lane_box *b = &lane->box[BOX_MEMORY];
	const char *name = lane->name;

	if (!b->queue)
		b->queue = outbox_new(NULL);
	return outbox_put(b->queue, a, &name, 1, now_ms, e) < 0 ? -1 : 0;
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
	if (file_read_secret(path, FILE_BYTES_MAX, &text, e) != 0)
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
	mem_wipe(text, strlen(text));
	free(text);
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

/* Whatever becomes of it, keys_done(k). */
static int read_keys(const struct notify_lane *lane, struct lane_keys *k, struct err *e)
{
	memset(k, 0, sizeof(*k));
	if (read_word(lane->url_file, k->url, e) != 0 ||
		read_word(lane->secret_file, k->secret, e) != 0)
		return -1;
	return read_authority(lane, &k->tls, e);
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

int notify_lane_check(const struct notify_lane *lane, struct err *e)
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

int notify_lane_reach(const struct notify_lane *lane, int cancel_fd, struct err *e)
{
	struct lane_keys k;
	int rc = read_keys(lane, &k, e);

	if (rc == 0)
		rc = ask_front_page(lane, k.url, k.tls, cancel_fd, e);
	keys_done(&k);
	return rc;
}

/* ---- a turn ---- */

static enum lane_turn settle_failure(struct outbox *box, const struct outbox_item *item,
	const struct attempt *how, int64_t now_ms, uint32_t chance, const struct err *why)
{
	int64_t wait_ms = notify_backoff_ms(item->tries, chance);
	struct err e;
	int rc;

	if (wait_ms < how->retry_after_ms)
		wait_ms =
			how->retry_after_ms < OUTBOX_WAIT_MS ? how->retry_after_ms : OUTBOX_WAIT_MS;
	if (why->code == ERR_CANCELLED)
		rc = outbox_return(box, item, now_ms, &e);
	else if (how->refused && item->tries >= REFUSED_TRIES)
		rc = outbox_give_up(box, item, now_ms, why->text, &e);
	else
		rc = outbox_failed(box, item, now_ms + wait_ms, why->text, &e);
	(void)rc; /* not written: the claim itself runs out, and then it is tried again */
	return why->code == ERR_CANCELLED ? LANE_STOPPED : LANE_FAILED;
}

/* 0: the queue owes nothing. */
static int ready(struct lane_box *b, int64_t now_ms, struct err *e)
{
	if (b->owed && outbox_delivered(b->queue, &b->item, now_ms, e) != 0)
		return -1;
	b->owed = false;
	return 0;
}

void notify_lane_ask(struct notify_lane *lane,
	enum lane_word (*ask)(void *arg, const struct outbox_item *item), void *arg)
{
	lane->ask = ask;
	lane->arg = arg;
}

/* Sends what was claimed, unless that is no longer to be done: the disk may have held this lane for
 * as long as it liked, between the claim and here. */
static enum lane_word send_item(const struct notify_lane *lane, const struct outbox_item *item,
	const struct moment *m, struct attempt *how, struct err *e)
{
	enum lane_word word = LANE_MAY_SEND;
	struct lane_keys k;

	*how = (struct attempt){.refused = false};
	if (read_keys(lane, &k, e) != 0)
		word = LANE_CANNOT;
	else if (lane->ask)
		word = lane->ask(lane->arg, item);
	if (word == LANE_MAY_SEND && send_alert(lane, &k, item, m, how, e) != 0)
		word = LANE_CANNOT;
	keys_done(&k);
	return word;
}

static enum lane_turn turn_box(struct notify_lane *lane, struct lane_box *b, const struct moment *m,
	int64_t *next_ms, struct err *e)
{
	int per_minute = notify_kind_per_minute(lane->kind);
	enum lane_word word;
	struct attempt how;
	struct err late;
	int rc = ready(b, m->now_ms, e);

	if (rc == 0)
		rc = outbox_claim(
			b->queue, lane->name, per_minute, m->now_ms, &b->item, next_ms, e);
	if (rc < 0)
		*next_ms = m->now_ms + DISK_RETRY_MS;
	if (rc <= 0)
		return rc < 0 ? LANE_NO_QUEUE : LANE_IDLE;
	*next_ms = m->now_ms;
	word = send_item(lane, &b->item, m, &how, e);
	if (word == LANE_CANNOT)
		return settle_failure(b->queue, &b->item, &how, m->now_ms, m->chance, e);
	if (word == LANE_TOO_LATE) {
		*next_ms = m->now_ms + DISK_RETRY_MS;
		err_set(e, ERR_TIMEOUT, "%s", _("the disk answered too late"));
		return LANE_NO_QUEUE;
	}
	b->owed = outbox_delivered(b->queue, &b->item, m->now_ms, &late) != 0;
	return LANE_DELIVERED;
}

enum lane_turn notify_lane_turn(struct notify_lane *lane, int64_t now_ms, uint32_t chance,
	int cancel_fd, int64_t *next_ms, struct err *e)
{
	const struct moment m = {now_ms, chance, cancel_fd};
	enum lane_turn all = LANE_IDLE;

	*next_ms = OUTBOX_NEVER;
	for (int i = 0; i < BOX_COUNT; i++) {
		int64_t next = OUTBOX_NEVER;
		enum lane_turn t;

		if (i == BOX_MEMORY && !lane->box[i].queue)
			continue;
		t = turn_box(lane, &lane->box[i], &m, &next, e);
		if (next < *next_ms)
			*next_ms = next;
		if (t == LANE_DELIVERED)
			lane->delivered = &lane->box[i].item.alert;
		if (t == LANE_DELIVERED || t == LANE_STOPPED)
			return t;
		if (t != LANE_IDLE)
			all = t;
	}
	return all;
}

const struct notification *notify_lane_delivered(const struct notify_lane *lane)
{
	return lane->delivered;
}

int notify_lane_settle(struct notify_lane *lane, int64_t now_ms, struct err *e)
{
	int rc = 0;

	for (int i = 0; i < BOX_COUNT; i++)
		if (ready(&lane->box[i], now_ms, e) != 0)
			rc = -1;
	return rc;
}
