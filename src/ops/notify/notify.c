/* The life of notify, and the way in: a ledger first, and from there the clerk, a thread of its own,
 * puts what is posted into the outbox. Each receiver has two more threads (notify_way.c). */
#include "ops/notify/notify.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/wake.h"
#include "notify_parts.h"

#define GRACE_MS 1500 /* what is on its way when all stops may arrive: cut, it is sent again */

/* ---- life ---- */

static void *clerk_main(void *arg);

static struct notify_ledger *ledger_for(const struct notify_options *o)
{
	unsigned *levels = mem_zero(o->n + 1, sizeof(*levels));
	struct notify_ledger *l;

	for (size_t i = 0; i < o->n; i++)
		levels[i] = o->targets[i].levels;
	l = notify_ledger_new(levels, o->n, o->patience_ms ? o->patience_ms : LEDGER_PATIENCE_MS);
	free(levels);
	return l;
}

static void init_receiver(struct notify *n, size_t at, const struct notify_target *target)
{
	struct notify_lane *lane = notify_lane_new(target, n->box);

	n->at[at].levels = target->levels;
	notify_way_init(n, at, LEDGER_DISK, lane);
	notify_way_init(n, at, LEDGER_PAST, notify_lane_past(lane));
}

static struct notify *notify_new(const struct notify_options *o)
{
	struct notify *n = mem_zero(1, sizeof(*n) + o->n * sizeof(n->at[0]));
	pthread_condattr_t attr;

	n->box = outbox_new(o->path);
	n->ledger = ledger_for(o);
	n->patience_ms = o->patience_ms ? o->patience_ms : LEDGER_PATIENCE_MS;
	n->notices = o->notices;
	n->sent = o->sent;
	n->n = o->n;
	n->clerk_fd = wake_open();
	n->stop_fd = wake_open();
	n->cut_fd = wake_open();
	pthread_mutex_init(&n->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&n->moved, &attr);
	pthread_condattr_destroy(&attr);
	for (size_t i = 0; i < n->n; i++)
		init_receiver(n, i, &o->targets[i]);
	return n;
}

struct notify *notify_start(const struct notify_options *o, struct err *e)
{
	struct notify *n = notify_new(o);
	int rc = thread_start(&n->clerk, "alerts", clerk_main, n);

	n->clerk_started = rc == 0;
	for (size_t i = 0; i < n->n; i++)
		for (int way = 0; rc == 0 && way < LEDGER_WAYS; way++)
			rc = notify_way_start(&n->at[i].ways[way]);
	if (rc == 0)
		return n;
	err_sys(e, rc, "%s", _("starting a thread for alerts"));
	notify_stop(n);
	return NULL;
}

static struct timespec in_ms(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* A receiver that hangs is not waited for any longer. */
static void let_arrive(struct notify *n)
{
	const struct timespec until = in_ms(GRACE_MS);

	pthread_mutex_lock(&n->lock);
	while (n->running > 0 && pthread_cond_timedwait(&n->moved, &n->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&n->lock);
}

static void join_way(struct notify_way *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
	close(w->wake_fd);
}

void notify_stop(struct notify *n)
{
	if (!n)
		return;
	wake_set(n->stop_fd);
	let_arrive(n);
	wake_set(n->cut_fd);
	if (n->clerk_started)
		pthread_join(n->clerk, NULL);
	for (size_t i = 0; i < n->n; i++) {
		struct notify_way *ways = n->at[i].ways;

		join_way(&ways[LEDGER_DISK]);
		join_way(&ways[LEDGER_PAST]);
		notify_lane_free(ways[LEDGER_PAST].lane);
		notify_lane_free(ways[LEDGER_DISK].lane);
	}
	outbox_free(n->box);
	notify_ledger_free(n->ledger);
	pthread_cond_destroy(&n->moved);
	pthread_mutex_destroy(&n->lock);
	close(n->clerk_fd);
	close(n->stop_fd);
	close(n->cut_fd);
	free(n);
}

/* ---- putting ---- */

static void wake_ways(struct notify *n, enum ledger_way way)
{
	for (size_t i = 0; i < n->n; i++)
		wake_set(n->at[i].ways[way].wake_fd);
}

/* One alert on its way into the outbox. */
struct putting {
	struct notify *of;
	char key[NOTIFICATION_KEY];
	size_t n;
	const char **names; /* of the receivers that it is for */
	size_t *at;
	bool not_now;
};

static enum outbox_word ask_ledger(void *arg, size_t target)
{
	struct putting *p = arg;
	enum outbox_word word =
		notify_ledger_asked(p->of->ledger, p->key, p->at[target], instant_now().boot_ms);

	p->not_now = p->not_now || word == OUTBOX_NOT_NOW;
	return word;
}

static void address(struct putting *p, struct notify *n, const struct notification *a)
{
	*p = (struct putting){.of = n};
	p->names = mem_zero(n->n + 1, sizeof(*p->names));
	p->at = mem_zero(n->n + 1, sizeof(*p->at));
	notification_key(a, p->key);
	for (size_t i = 0; i < n->n; i++) {
		if (!notification_concerns(a, n->at[i].levels))
			continue;
		p->names[p->n] = notify_lane_name(n->at[i].ways[LEDGER_DISK].lane);
		p->at[p->n++] = i;
	}
}

static enum ledger_put outcome(const struct putting *p, int rc, const struct err *e)
{
	if (rc < 0)
		return e->code == ERR_BUSY ? LEDGER_HELD_UP : LEDGER_REFUSED;
	return (size_t)rc < p->n ? LEDGER_NOT_NEW : LEDGER_ON_DISK;
}

static int put(struct notify *n, const struct notification *a, struct err *e)
{
	struct putting p;
	int rc;

	address(&p, n, a);
	rc = outbox_take(n->box,
		&(struct outbox_post){
			.alert = a, .targets = p.names, .n = p.n, .ask = ask_ledger, .arg = &p},
		instant_now().wall_ms, e);
	notify_ledger_put(n->ledger, p.key, outcome(&p, rc, e));
	wake_ways(n, rc < 0 ? LEDGER_PAST : LEDGER_DISK);
	if (!p.not_now)
		notify_note_put(n, rc, e);
	free(p.names);
	free(p.at);
	return rc < 0 ? -1 : 0;
}

static enum ledger_post enter(
	struct notify *n, const struct notification *a, enum ledger_origin origin)
{
	enum ledger_post rc = notify_ledger_post(n->ledger, a, origin, instant_now().boot_ms);

	if (rc == LEDGER_NEW)
		wake_ways(n, LEDGER_PAST); /* to see when it will be overdue */
	return rc;
}

int notify_put(struct notify *n, const struct notification *a, struct err *e)
{
	e->code = ERR_NONE;
	switch (enter(n, a, LEDGER_PUTTING)) {
	case LEDGER_NEW:
		return put(n, a, e);
	case LEDGER_KNOWN:
		break;
	case LEDGER_FULL:
		notify_count_lost(n);
		err_set(e, ERR_LIMIT, "%s", _("an alert is lost: too many wait in memory"));
		log_put(LOG_ERROR, "notify", "%s", e->text);
		return -1;
	}
	return 0;
}

bool notify_post(struct notify *n, const struct notification *a, bool heard_of)
{
	enum ledger_post rc = enter(n, a, heard_of ? LEDGER_HEARD_OF : LEDGER_POSTED);

	if (rc == LEDGER_NEW)
		wake_set(n->clerk_fd);
	return rc != LEDGER_FULL;
}

/* True when there was something to put. */
static bool put_posted(struct notify *n, bool again)
{
	struct notification a;
	bool any = false;
	struct err e;

	while (notify_ledger_unput(n->ledger, again, &a)) {
		again = put(n, &a, &e) == 0 && again;
		any = true;
	}
	return any;
}

static void check_outbox(struct notify *n)
{
	struct err e;
	int rc;

	pthread_mutex_lock(&n->lock);
	n->checking_ms = instant_now().boot_ms;
	pthread_mutex_unlock(&n->lock);
	rc = outbox_check(n->box, instant_now().wall_ms, &e);
	pthread_mutex_lock(&n->lock);
	n->checking_ms = 0;
	pthread_mutex_unlock(&n->lock);
	notify_note_put(n, rc, &e);
}

static enum trouble_kind putting_trouble(struct notify *n)
{
	enum trouble_kind kind;

	pthread_mutex_lock(&n->lock);
	kind = n->putting.kind;
	pthread_mutex_unlock(&n->lock);
	return kind;
}

/* The outbox is read through before anything waits in it: what is wrong with it is said at the
 * start, and not with the first alert. What it refused is the test of whether it is well again. */
static void *clerk_main(void *arg)
{
	struct notify *n = arg;
	struct pollfd fds[] = {
		{.fd = n->stop_fd, .events = POLLIN}, {.fd = n->clerk_fd, .events = POLLIN}};

	check_outbox(n);
	do {
		enum trouble_kind trouble = putting_trouble(n);
		bool owes = trouble != TROUBLE_NONE || notify_ledger_owes(n->ledger);
		int64_t wait_ms = owes ? n->patience_ms / 2 : NOTIFY_LOOK_MS;
		bool again = poll(fds, 2, (int)wait_ms) == 0;

		wake_clear(n->clerk_fd);
		if (!put_posted(n, again || fds[0].revents != 0) && again &&
			trouble == TROUBLE_QUEUE)
			check_outbox(n);
	} while (fds[0].revents == 0);
	return NULL;
}

/* ---- does anybody answer? ---- */

void notify_ask_reach(struct notify *n)
{
	pthread_mutex_lock(&n->lock);
	for (size_t i = 0; i < n->n; i++)
		n->at[i].reach = true;
	pthread_mutex_unlock(&n->lock);
	wake_ways(n, LEDGER_PAST);
}

unsigned notify_reached(struct notify *n)
{
	unsigned reached;

	pthread_mutex_lock(&n->lock);
	reached = n->reached;
	pthread_mutex_unlock(&n->lock);
	return reached;
}

/* ---- waiting ---- */

static bool all_tried(const struct notify *n)
{
	for (size_t i = 0; i < n->n; i++)
		for (int way = 0; way < LEDGER_WAYS; way++)
			if ((int)(n->at[i].ways[way].tried - n->round) < 0)
				return false;
	return true;
}

static int64_t count_waiting(struct notify *n)
{
	int64_t waiting = (int64_t)notify_ledger_waiting(n->ledger);

	for (size_t i = 0; i < n->n; i++) {
		struct outbox_count c;
		struct err e;

		if (outbox_count(
			    n->box, notify_lane_name(n->at[i].ways[LEDGER_DISK].lane), &c, &e) != 0)
			return -1;
		waiting += c.waiting;
	}
	return waiting;
}

int64_t notify_flush(struct notify *n, int64_t ms)
{
	const struct timespec until = in_ms(ms);

	pthread_mutex_lock(&n->lock);
	n->round++;
	for (int way = 0; way < LEDGER_WAYS; way++)
		wake_ways(n, (enum ledger_way)way);
	while (!all_tried(n) && pthread_cond_timedwait(&n->moved, &n->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&n->lock);
	return count_waiting(n);
}
