/* The life of one watch, all of it on the net thread:
 *
 *   rest --timer--> list --whole--> watch --its end--> watch ...
 *     ^               |               |
 *     +----trouble----+---------------+
 *
 * There is always exactly one thing to wait for, a transfer or a timer (beside a transfer the timer
 * looks whether it still moves), so that stopping is: end both, then free. What went wrong is one
 * error value, and a table says how long to rest for it.
 *
 * A watch goes on from its last version when it ended at the time that was asked for, or when only
 * its connection broke. Everything else lists anew: a 410, versions that went back, an error or an
 * end out of turn (the API server's cache begins anew, or it stops), a server that was away for
 * even one attempt. For behind each of these etcd may have been restored to older versions, and a
 * watch from a version of the future is silently idle for ever, without so much as a bookmark.
 *
 * While the server's ration forbids that list, for it was listed a moment ago, the watch goes on
 * from the last version in its stead, until the list may come. */
#include "cluster/kube_watch.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/chance.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/serial.h"
#include "base/str.h"
#include "cluster/kube_batch.h"
#include "cluster/kube_query.h"
#include "cluster/kube_stream.h"

#define BUSY_MS    200 /* a credential is being fetched, or the mailbox is full */
#define AUTH_MS    1000
#define AGAIN_MS   5000  /* a server that is well again is not tried sooner after a failure */
#define BY_HAND_MS 2000  /* nor, when a person asks for it */
#define SLOW_MS    30000 /* what needs a person to change: rights, a kind that is not served */
#define DENIED_FAST                                                                                \
	4 /* not before so many: an API server that just started denies everything for seconds */
#define SILENT_MS     20000  /* a list without a byte, a watch without its head */
#define DRIP_MS       10000  /* after its head a list is given so long to get under way */
#define LIST_BYTES_S  200    /* at least, from then on: else it drips for ever */
#define LIST_MS       600000 /* at most, with all its pages */
#define LOOK_MS       2000   /* how often a transfer is looked at */
#define SHORT_MS      1000   /* a watch that ends sooner and without news counts as a failure */
#define EARLY_MS      2000   /* a watch that ends so much before its time ends out of turn */
#define WATCH_MIN_S   240
#define WATCH_SPAN_S  240
#define WATCH_OVER_MS 30000 /* past its own end */
#define BODY_MAX      (64u << 10)
#define PROTO_TYPE    "application/vnd.kubernetes.protobuf"

enum halt {
	HALT_NONE,   /* the transfer ends by itself */
	HALT_FULL,   /* the mailbox */
	HALT_STREAM, /* stream.err says why */
	HALT_SILENT, /* nothing came for too long */
	HALT_SLOW,   /* something came, but it would never end */
	HALT_RELIST  /* asked for */
};

struct kube_watch {
	struct http *http;
	struct kube_client *client;
	struct kube_rations *rations; /* the client's */
	struct kube_endpoint at;
	const struct kube_kind *kind;
	struct kube_batch batch;
	struct kube_stream stream;
	bool listing; /* what is asked now, or next: the list (else the watch) */
	bool begun;   /* LIST_BEGIN was said for the list that goes on */
	bool first;   /* of that list, the part that is wanted first is there */
	bool whole; /* what was listed and watched so far is all there: a watch may go on from it */
	bool tried; /* something was asked, or a place to go on from was looked for */
	bool stands_in; /* this watch is there until the list that is due may be asked for */
	bool counted;   /* the list under way stands in the server's ration */
	bool expired;   /* the next list is due because a version is too old */
	bool stopping, resting_full;
	uint64_t timer;    /* 0: none */
	uint64_t transfer; /* 0: none */
	enum halt halt;
	long status;           /* of the transfer's head; 0: none yet */
	struct instant asked;  /* when the transfer was begun */
	struct instant listed; /* when the list was, of which it is a page */
	struct instant headed; /* when its head came */
	size_t got;            /* bytes of its body */
	struct instant heard;  /* its last byte */
	bool lives;            /* it is a watch that brought news */
	int watch_s;
	unsigned failures; /* in a row */
	unsigned denied;   /* of these, 403 and 404 in a row */
	struct buf body;   /* of an answer that is no success */
};

static void ask(struct kube_watch *w);
static void on_timer(void *arg, bool closing);

static void watch_free(struct kube_watch *w)
{
	kube_stream_done(&w->stream);
	kube_batch_done(&w->batch);
	buf_done(&w->body);
	kube_client_unref(w->client);
	free(w);
}

static void set_timer(struct kube_watch *w, int64_t ms)
{
	w->timer = http_after(w->http, ms, on_timer, w);
}

static void clear_timer(struct kube_watch *w)
{
	if (w->timer != 0)
		http_after_cancel(w->http, w->timer);
	w->timer = 0;
}

/* It rests as long as the server's ration says, which outlives this watch; ask() looks. */
static void failed(struct kube_watch *w, int64_t least_ms)
{
	w->failures++;
	kube_ration_failed(w->rations, w->at.label, w->kind->source, least_ms, instant_now());
}

static void worked(struct kube_watch *w)
{
	w->failures = 0;
	kube_ration_worked(w->rations, w->at.label, w->kind->source);
}

static int64_t wait_ms(const struct kube_watch *w, bool list)
{
	return kube_ration_wait_ms(w->rations, w->at.label, w->kind->source, list, instant_now());
}

/* From where the watch before this one ended, at whatever server. */
static bool goes_on(struct kube_watch *w)
{
	w->whole = !w->tried && kube_ration_resume(w->rations, w->kind->source, w->stream.rv,
					sizeof(w->stream.rv), instant_now());
	w->tried = true;
	return w->whole;
}

/* Sets the timer when it may not be asked yet. The pages behind a list's first are part of it. */
static bool must_wait(struct kube_watch *w)
{
	bool list = w->listing && !w->begun && !w->expired;
	int64_t rest_ms = wait_ms(w, false);
	int64_t ms = rest_ms == 0 && list ? wait_ms(w, true) : rest_ms;

	if (ms > 0 && rest_ms == 0 && (w->whole || goes_on(w))) {
		w->stands_in = true;
		w->listing = false;
		return false;
	}
	if (ms > 0)
		set_timer(w, chance_spread_ms(ms));
	return ms > 0;
}

/* A list that is not whole is thrown away; a watch keeps its version. */
static void list_next(struct kube_watch *w)
{
	w->listing = true;
	w->begun = w->first = false;
	free(w->stream.next);
	w->stream.next = NULL;
}

/* The receiver is too slow: everything is listed anew once there is room, and it is told why. */
static void rest_until_room(struct kube_watch *w)
{
	struct err e;

	err_set(&e, ERR_LIMIT, _("more %s came than could be taken in: listing them again"),
		source_name(w->kind->source));
	kube_batch_forget(&w->batch);
	list_next(w);
	w->whole = false;
	w->resting_full = kube_batch_say(&w->batch, KUBE_TROUBLE, &e) != 0;
	if (w->resting_full) {
		set_timer(w, BUSY_MS);
		return;
	}
	failed(w, 0);
	ask(w);
}

static void rest(struct kube_watch *w)
{
	if (w->batch.full)
		rest_until_room(w);
	else
		ask(w);
}

/* Had the server no work with the list that failed? One that breaks off in silence may be worked
 * on still. */
static bool was_spared(const struct kube_watch *w, const struct err *e)
{
	if (w->halt != HALT_NONE || w->status == 200)
		return false;
	return w->status != 0 || e->code == ERR_REFUSED || e->code == ERR_UNREACHABLE ||
	       e->code == ERR_TLS || e->code == ERR_AUTH;
}

static void trouble(struct kube_watch *w, const struct err *e)
{
	bool away = w->status == 0 || w->status >= 500;

	if (w->counted && was_spared(w, e))
		kube_ration_spared(w->rations, w->at.label, w->kind->source);
	w->counted = false;
	w->expired = e->code == ERR_GONE;
	w->denied = w->status == 403 || w->status == 404 ? w->denied + 1 : 0;
	if (w->listing || away || w->stands_in || w->halt != HALT_NONE || e->code == ERR_GONE)
		list_next(w);
	failed(w, w->denied >= DENIED_FAST ? SLOW_MS : e->code == ERR_AUTH ? AUTH_MS : 0);
	/* One 410 is the ordinary end of an old version. */
	if (e->code != ERR_GONE || w->failures > 1)
		kube_batch_say(&w->batch, KUBE_TROUBLE, e);
	rest(w);
}

static void list_ended(struct kube_watch *w)
{
	if (w->stream.next != NULL) {
		ask(w); /* the next page */
		return;
	}
	if (w->kind->first != NULL && !w->first) {
		w->first = true;
		ask(w);
		return;
	}
	w->listing = w->stands_in = false;
	w->begun = w->first = false;
	w->whole = true;
	w->denied = 0;
	kube_ration_whole(w->rations, w->at.label, w->kind->source, instant_now());
	if (kube_batch_say(&w->batch, KUBE_LIST_END, NULL) != 0)
		rest_until_room(w);
	else
		ask(w);
}

static void watch_ended(struct kube_watch *w)
{
	int64_t age = instant_age_ms(w->asked, instant_now());
	bool in_vain = w->stream.events == 0 && age < SHORT_MS;

	if (w->stands_in || age < w->watch_s * INT64_C(1000) - EARLY_MS)
		list_next(w);
	if (in_vain)
		failed(w, 0);
	else
		worked(w);
	rest(w);
}

/* What became of the transfer, as one error value. */
static void judge(struct kube_watch *w, const struct http_result *result, struct err *e)
{
	bool whole = w->halt == HALT_NONE && result->err.code == ERR_NONE;

	err_clear(e);
	if (whole && w->status == 200)
		kube_stream_end(&w->stream);
	if (w->halt == HALT_SILENT)
		err_set(e, ERR_TIMEOUT, _("%s does not answer (%d s)"), w->at.label,
			SILENT_MS / 1000);
	else if (w->halt == HALT_SLOW)
		err_set(e, ERR_TIMEOUT, _("%s answers too slowly: %zu bytes within %lld s"),
			w->at.label, w->got,
			(long long)(instant_age_ms(w->asked, instant_now()) / 1000));
	else if (whole && w->status != 200)
		http_status_err(e, w->status, buf_text(&w->body), w->body.len);
	else if (whole || w->halt == HALT_STREAM)
		*e = w->stream.err;
	else
		*e = result->err;
}

static void on_done(void *arg, const struct http_result *result)
{
	struct kube_watch *w = arg;
	struct err e;

	w->transfer = 0;
	clear_timer(w);
	if (w->stopping) {
		watch_free(w);
		return;
	}
	if (w->halt == HALT_NONE && result->err.code == ERR_CANCELLED)
		return; /* the net thread ends; kube_watch_stop is still to come */
	kube_client_learn(w->client, &w->at, result);
	judge(w, result, &e);
	kube_stream_close(&w->stream);
	if (w->halt == HALT_FULL || w->batch.full) {
		rest_until_room(w);
	} else if (w->halt == HALT_RELIST) {
		list_next(w);
		ask(w);
	} else if (e.code != ERR_NONE) {
		kube_batch_flush(&w->batch);
		trouble(w, &e);
	} else if (w->listing) {
		list_ended(w);
	} else {
		watch_ended(w);
	}
}

static int halt(struct kube_watch *w, enum halt why)
{
	w->halt = why;
	return -1;
}

static int on_head(void *arg, const struct http_head *head)
{
	struct kube_watch *w = arg;
	bool first = w->listing && !w->begun;
	/* Asked for protobuf, a server may still answer in JSON. */
	bool proto = str_starts(head->content_type, PROTO_TYPE);

	w->status = head->status;
	w->heard = w->headed = instant_now();
	if (head->status != 200)
		return 0;
	kube_stream_begin(&w->stream, !w->listing ? KUBE_STREAM_WATCH
				      : proto     ? KUBE_STREAM_PROTO_LIST
						  : KUBE_STREAM_LIST);
	if (w->listing && !first)
		return 0;
	w->begun = w->listing;
	w->whole = w->whole && !w->listing;
	if (kube_batch_say(&w->batch, w->listing ? KUBE_LIST_BEGIN : KUBE_ALIVE, NULL) != 0)
		return halt(w, HALT_FULL);
	return 0;
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	struct kube_watch *w = arg;

	w->heard = instant_now();
	w->got += n;
	if (w->status != 200) {
		buf_add(&w->body, bytes, n); /* past the ceiling only the sentence gets shorter */
		return 0;
	}
	if (kube_stream_feed(&w->stream, bytes, n) != 0)
		return halt(w, w->batch.full ? HALT_FULL : HALT_STREAM);
	if (w->stream.bookmark && kube_batch_say(&w->batch, KUBE_ALIVE, NULL) != 0)
		return halt(w, HALT_FULL);
	if (!w->listing && w->stream.events > 0 && !w->lives)
		worked(w);
	w->lives = !w->listing && w->stream.events > 0;
	return 0;
}

/* What is no watch must come to an end: at least so fast, and within so long. */
static bool is_endless(const struct kube_watch *w, struct instant now)
{
	int64_t ms = w->status != 0 ? instant_age_ms(w->headed, now) : 0;

	return (ms > DRIP_MS && (int64_t)w->got * 1000 < ms * LIST_BYTES_S) ||
	       (w->listing && instant_age_ms(w->listed, now) > LIST_MS);
}

/* Beside a transfer: does it still move? A watch that began may be silent until its end is overdue.
 */
static void look(struct kube_watch *w)
{
	struct instant now = instant_now();
	bool open = !w->listing && w->status == 200;
	int64_t silent = instant_age_ms(open ? w->asked : w->heard, now);

	if (open && w->stands_in && wait_ms(w, true) == 0) {
		w->halt = HALT_RELIST;
		http_cancel(w->http, w->transfer, false);
		return;
	}
	if (silent >= (open ? w->watch_s * INT64_C(1000) + WATCH_OVER_MS : SILENT_MS)) {
		w->halt = HALT_SILENT;
	} else if (!open && is_endless(w, now)) {
		w->halt = HALT_SLOW;
	} else {
		set_timer(w, LOOK_MS);
		return;
	}
	http_cancel(w->http, w->transfer, true);
}

static void on_timer(void *arg, bool closing)
{
	struct kube_watch *w = arg;

	w->timer = 0;
	if (closing || w->stopping)
		return;
	if (w->transfer != 0)
		look(w);
	else if (w->resting_full)
		rest_until_room(w);
	else
		ask(w);
}

static char *make_path(struct kube_watch *w)
{
	struct buf path;

	buf_init(&path, 64u << 10);
	buf_puts(&path,
		w->listing && w->kind->first != NULL && !w->first ? w->kind->first : w->kind->path);
	if (!w->listing) {
		kube_query_add(&path, "watch", "1");
		kube_query_add(&path, "allowWatchBookmarks", "true");
		kube_query_add(&path, "resourceVersion", w->stream.rv);
		kube_query_int(&path, "timeoutSeconds", w->watch_s);
	} else if (w->stream.next != NULL) {
		kube_query_add(&path, "continue", w->stream.next);
	} else {
		kube_query_add(&path, "resourceVersion", "0");
	}
	return buf_take(&path);
}

static void send(struct kube_watch *w, const struct http_request *r)
{
	static const struct http_calls calls = {.head = on_head, .data = on_data, .done = on_done};

	buf_clear(&w->body);
	w->halt = HALT_NONE;
	w->status = 0;
	w->lives = false;
	w->tried = true;
	w->asked = w->heard = instant_now();
	w->got = 0;
	if (w->listing && w->stream.next == NULL)
		w->listed = w->asked;
	w->counted = w->listing && !w->begun;
	if (w->counted) {
		w->expired = false;
		kube_ration_listed(w->rations, w->at.label, w->kind->source, w->asked);
	}
	w->transfer = http_start(w->http, r, &calls, w);
	set_timer(w, LOOK_MS);
}

/* Lists are taken compressed even over a fast network: 46 MB of pods over loopback, API server and
 * client on the same two cores, took 0.9 s with gzip and 1.3 s without, and 0.10 s against 0.17 s
 * of our own CPU, since TLS has twenty times less to decrypt. They come in protobuf, which the
 * server writes and we read in half the time again. Watches are neither. */
static void ask(struct kube_watch *w)
{
	static const char *const json[] = {"Accept: application/json", NULL};
	static const char *const proto[] = {"Accept: " PROTO_TYPE ", application/json", NULL};
	struct http_request r = {.headers = w->listing ? proto : json, .gzip = w->listing};
	struct kube_hold *hold;
	struct err e;
	char *path;

	if (must_wait(w))
		return;
	w->watch_s = w->kind->watch_s > 0 ? w->kind->watch_s
					  : WATCH_MIN_S + (int)chance_below(WATCH_SPAN_S);
	path = make_path(w);
	if (kube_client_fill(w->client, &w->at, path, &r, &hold, &e) == 0) {
		send(w, &r);
		kube_hold_release(hold);
	} else if (e.code == ERR_BUSY) {
		set_timer(w, BUSY_MS);
	} else {
		w->status = 0;
		trouble(w, &e);
	}
	free(path);
}

static void begin(void *arg, bool closing)
{
	struct kube_watch *w = arg;

	if (!closing && !w->stopping)
		ask(w);
}

struct kube_watch *kube_watch_start(struct http *h, struct kube_client *c,
	const struct kube_endpoint *at, const struct kube_kind *kind, struct intern *pool,
	const struct hearer *to)
{
	struct kube_watch *w = mem_new(struct kube_watch);

	w->http = h;
	w->client = kube_client_ref(c);
	w->rations = kube_client_rations(c);
	w->at = *at;
	w->kind = kind;
	w->listing = true;
	kube_batch_init(&w->batch, kind, serial_next(), pool, to);
	kube_stream_init(&w->stream, &w->batch);
	buf_init(&w->body, BODY_MAX);
	http_call(h, begin, w);
	return w;
}

uint64_t kube_watch_number(const struct kube_watch *w)
{
	return w->batch.watch;
}

struct renaming {
	struct kube_watch *watch;
	struct intern *names;
};

static void rename_now(void *arg, bool closing)
{
	struct renaming *r = arg;

	if (!closing)
		kube_batch_rename(&r->watch->batch, r->names);
	intern_unref(r->names);
	free(r);
}

void kube_watch_rename(struct kube_watch *w, struct intern *names)
{
	struct renaming *r = mem_new(struct renaming);

	*r = (struct renaming){w, intern_ref(names)};
	http_call(w->http, rename_now, r);
}

struct stop {
	struct kube_watch *watch;
	bool poison;
};

static void stop_now(void *arg, bool closing)
{
	struct stop *s = arg;
	struct kube_watch *w = s->watch;

	(void)closing;
	w->stopping = true;
	kube_ration_leave(w->rations, w->kind->source, w->whole ? w->stream.rv : "", instant_now());
	clear_timer(w);
	if (w->transfer != 0)
		http_cancel(w->http, w->transfer, s->poison);
	else
		watch_free(w);
	free(s);
}

void kube_watch_stop(struct kube_watch *w, bool poison)
{
	struct stop *s = mem_new(struct stop);

	*s = (struct stop){w, poison};
	http_call(w->http, stop_now, s);
}

/* What rests after a failure goes on as soon as the ration lets it. */
static void rise(struct kube_watch *w, int64_t after_ms)
{
	kube_ration_wake(w->rations, w->at.label, w->kind->source, after_ms, instant_now());
	clear_timer(w);
	ask(w);
}

static void relist_now(void *arg, bool closing)
{
	struct kube_watch *w = arg;

	if (closing || w->stopping || w->resting_full || (w->transfer != 0 && w->listing))
		return;
	if (w->transfer != 0) {
		/* Listed a moment ago and open since: it says all there is to say. */
		if (wait_ms(w, true) > 0)
			return;
		w->halt = HALT_RELIST;
		http_cancel(w->http, w->transfer, false);
		return;
	}
	w->failures = w->denied = 0;
	list_next(w);
	rise(w, BY_HAND_MS);
}

static void wake_now(void *arg, bool closing)
{
	struct kube_watch *w = arg;

	if (closing || w->stopping || w->resting_full)
		return;
	if (w->transfer == 0) {
		rise(w, AGAIN_MS);
	} else if (!w->listing && w->status == 200 &&
		   kube_batch_say(&w->batch, KUBE_ALIVE, NULL) != 0) {
		w->halt = HALT_FULL;
		http_cancel(w->http, w->transfer, false);
	}
}

void kube_watch_wake(struct kube_watch *w)
{
	http_call(w->http, wake_now, w);
}

void kube_watch_relist(struct kube_watch *w)
{
	http_call(w->http, relist_now, w);
}
