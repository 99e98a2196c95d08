/* The net thread. It alone touches the multi and the transfers in it; everyone else
 * leaves starts and cancels in a queue, and functions to call in a heap of timers,
 * under one lock that is never held while anything is called. A request is copied and
 * its handle set up in the caller's thread; from then on it is the net thread's.
 *
 * done comes exactly once because there is one way out: net_finish takes a transfer
 * off the list of active ones, out of the multi, and ends it. */
#include "http_easy.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/thread.h"
#include "http_timers.h"

#define KEPT_CONNECTIONS 64L
#define IDLE_MS          60000

struct order {
	struct order *next;
	struct transfer *start; /* or NULL: cancel */
	uint64_t cancel;
	bool poison;
};

struct http {
	CURLM *multi;
	pthread_t thread;
	struct transfer *active; /* the net thread's */
	pthread_mutex_t lock;    /* of what follows */
	struct order *first, **last;
	struct timers timers;
	uint64_t next_id;
	bool closing;
};

/* The net thread's own http, so that a cancel from a callback works at once. */
static _Thread_local struct http *own;

static void leave_order(struct http *h, struct order *o)
{
	pthread_mutex_lock(&h->lock);
	*h->last = o;
	h->last = &o->next;
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
}

static struct order *take_order(struct http *h)
{
	struct order *o;

	pthread_mutex_lock(&h->lock);
	o = h->first;
	if (o != NULL) {
		h->first = o->next;
		if (h->first == NULL)
			h->last = &h->first;
	}
	pthread_mutex_unlock(&h->lock);
	return o;
}

static void net_finish(struct http *h, struct transfer *t, CURLcode code)
{
	if (t->in != NULL)
		curl_multi_remove_handle(t->in, t->easy);
	if (t->prev != NULL)
		t->prev->next = t->next;
	else if (h->active == t)
		h->active = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	transfer_end(t, code);
}

static struct transfer *net_find(const struct http *h, uint64_t id)
{
	struct transfer *t;

	for (t = h->active; t != NULL && t->id != id; t = t->next)
		;
	return t;
}

static void net_start(struct http *h, struct transfer *t, bool closing)
{
	t->cancelled = t->cancelled || closing;
	if (t->easy == NULL || closing) {
		net_finish(h, t, CURLE_OK);
		return;
	}
	t->next = h->active;
	if (h->active != NULL)
		h->active->prev = t;
	h->active = t;
	if (curl_multi_add_handle(h->multi, t->easy) != CURLM_OK) {
		net_finish(h, t, CURLE_OUT_OF_MEMORY);
		return;
	}
	t->in = h->multi;
}

static void net_cancel(struct http *h, uint64_t id, bool poison)
{
	struct transfer *t = net_find(h, id);

	if (t == NULL)
		return;
	if (poison)
		transfer_poison(t);
	t->cancelled = true;
	net_finish(h, t, CURLE_OK);
}

static void net_obey(struct http *h, bool closing)
{
	struct order *o;

	while ((o = take_order(h)) != NULL) {
		if (o->start != NULL)
			net_start(h, o->start, closing);
		else
			net_cancel(h, o->cancel, o->poison);
		free(o);
	}
}

/* Runs what is due by now; what those add for "at once" waits for the next round. */
static bool net_run_timers(struct http *h, int64_t now_ms, bool closing)
{
	struct timer t;
	bool ran = false, due = true;
	uint64_t newest;

	pthread_mutex_lock(&h->lock);
	newest = h->next_id;
	pthread_mutex_unlock(&h->lock);
	while (due) {
		pthread_mutex_lock(&h->lock);
		due = timers_take(&h->timers, now_ms, &t);
		if (due && t.id > newest && !closing) {
			timers_add(&h->timers, &t);
			due = false;
		}
		pthread_mutex_unlock(&h->lock);
		if (due)
			t.fn(t.arg, closing);
		ran = ran || due;
	}
	return ran;
}

static void net_expire(struct http *h, int64_t now_ms)
{
	struct transfer *t, *next;

	for (t = h->active; t != NULL; t = next) {
		next = t->next;
		if (transfer_wants_by(t) > now_ms)
			continue;
		transfer_set_timeout(t);
		transfer_poison(t);
		net_finish(h, t, CURLE_OPERATION_TIMEDOUT);
	}
}

static void net_collect(struct http *h)
{
	struct transfer *t = NULL;
	CURLMsg *msg;
	CURLcode code;
	int left;

	while ((msg = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		code = msg->data.result; /* msg is gone once its handle is out */
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		net_finish(h, t, code);
	}
}

static int net_patience(struct http *h)
{
	int64_t now = instant_now().boot_ms, next;
	struct transfer *t;

	pthread_mutex_lock(&h->lock);
	next = timers_next(&h->timers);
	pthread_mutex_unlock(&h->lock);
	for (t = h->active; t != NULL; t = t->next)
		if (transfer_wants_by(t) < next)
			next = transfer_wants_by(t);
	if (next <= now)
		return 0;
	return next - now < IDLE_MS ? (int)(next - now) : IDLE_MS;
}

static bool net_has_orders(struct http *h)
{
	bool some;

	pthread_mutex_lock(&h->lock);
	some = h->first != NULL;
	pthread_mutex_unlock(&h->lock);
	return some;
}

static bool net_is_closing(struct http *h)
{
	bool closing;

	pthread_mutex_lock(&h->lock);
	closing = h->closing;
	pthread_mutex_unlock(&h->lock);
	return closing;
}

/* Callbacks may leave new orders and timers even now: until nothing is left. */
static void net_wind_up(struct http *h)
{
	do {
		net_obey(h, true);
		while (h->active != NULL) {
			h->active->cancelled = true;
			net_finish(h, h->active, CURLE_OK);
		}
	} while (net_run_timers(h, INT64_MAX, true) || net_has_orders(h));
}

static void *net_main(void *arg)
{
	struct http *h = arg;
	int running;

	own = h;
	while (!net_is_closing(h)) {
		net_obey(h, false);
		net_run_timers(h, instant_now().boot_ms, false);
		curl_multi_perform(h->multi, &running);
		net_collect(h);
		net_expire(h, instant_now().boot_ms);
		curl_multi_poll(h->multi, NULL, 0, net_patience(h), NULL);
	}
	net_wind_up(h);
	return NULL;
}

static void http_free(struct http *h)
{
	if (h->multi != NULL)
		curl_multi_cleanup(h->multi);
	timers_done(&h->timers);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

struct http *http_open(struct err *e)
{
	struct http *h;
	int failed;

	if (http_setup(e) != 0)
		return NULL;
	h = mem_new(struct http);
	pthread_mutex_init(&h->lock, NULL);
	h->last = &h->first;
	h->multi = curl_multi_init();
	failed = h->multi == NULL ? ENOMEM : 0;
	if (failed == 0) {
		curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
		curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
		failed = thread_start(&h->thread, "net", net_main, h);
	}
	if (failed == 0)
		return h;
	err_sys(e, failed, "the network thread");
	http_free(h);
	return NULL;
}

void http_close(struct http *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->closing = true;
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
	pthread_join(h->thread, NULL);
	http_free(h);
}

static uint64_t new_id(struct http *h)
{
	uint64_t id;

	pthread_mutex_lock(&h->lock);
	id = ++h->next_id;
	pthread_mutex_unlock(&h->lock);
	return id;
}

uint64_t http_start(
	struct http *h, const struct http_request *r, const struct http_calls *calls, void *arg)
{
	struct order *o = mem_new(struct order);
	uint64_t id = new_id(h);

	o->start = transfer_new(r, calls, arg);
	o->start->id = id;
	leave_order(h, o);
	return id;
}

void http_cancel(struct http *h, uint64_t id, bool poison)
{
	struct order *o = mem_new(struct order);
	struct transfer *t = own == h ? net_find(h, id) : NULL;

	if (t != NULL) {
		t->cancelled = true;
		if (poison)
			transfer_poison(t);
	}
	o->cancel = id;
	o->poison = poison;
	leave_order(h, o);
}

uint64_t http_after(struct http *h, int64_t ms, void (*fn)(void *arg, bool closing), void *arg)
{
	struct timer t = {.due_ms = ms > 0 ? instant_now().boot_ms + ms : 0, .fn = fn, .arg = arg};

	pthread_mutex_lock(&h->lock);
	t.id = ++h->next_id;
	timers_add(&h->timers, &t);
	pthread_mutex_unlock(&h->lock);
	curl_multi_wakeup(h->multi);
	return t.id;
}

void http_call(struct http *h, void (*fn)(void *arg, bool closing), void *arg)
{
	http_after(h, 0, fn, arg);
}

bool http_after_cancel(struct http *h, uint64_t id)
{
	bool gone;

	pthread_mutex_lock(&h->lock);
	gone = timers_remove(&h->timers, id);
	pthread_mutex_unlock(&h->lock);
	return gone;
}
