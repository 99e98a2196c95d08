/* A drain at work. The calling thread decides what is due and looks which pods are gone; a few
 * workers send the evictions. A pod that its budget blocks holds none of them: it is due again later.
 * Which pods are gone is seen in one list of the node's pods from the server's cache, and believed
 * only after the pod itself was asked for. */
#include "cluster/kube_drain.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/text.h"
#include "base/wake.h"
#include "cluster/kube_evict.h"

#define AT_ONCE      5
#define LOOK_MS      1000
#define LOOK_MOST_MS 5000  /* so long may one be under way */
#define EVICT_MS     20000 /* of one eviction, a slow webhook's time within */
#define FINALIZERS   120
#define NAMED_MOST   3

struct leave {
	struct drain *drain;
	const struct kube_drain_row *row;
	enum { LEAVE_DUE, LEAVE_ASKED, LEAVE_ENDS, LEAVE_OVER } phase;
	int64_t due_ms; /* boot */
	enum kube_drain_state state;
	char why[240];
	bool changed;
	/* a worker's answer, under the lock */
	bool answered;
	enum kube_evicted is;
	struct kube_eviction eviction;
	struct err err;
};

struct drain {
	struct kube_deed deed; /* the caller's */
	const char *node;
	const struct kube_drain_calls *calls;
	struct leave *leaves;
	size_t n;
	int64_t by_ms, look_ms;
	struct err first; /* the first failure */
	pthread_mutex_t lock;
	int wake; /* a worker has answered */
	struct pool *pool;
};

/* ---- workers ---- */

static void evict_job(void *job, int cancel_fd)
{
	struct leave *l = job;
	const struct kube_pod_id pod = {l->row->ns, l->row->name, l->row->uid};
	struct kube_deed deed = l->drain->deed;
	struct kube_eviction eviction;
	enum kube_evicted is;
	struct err err;

	deed.cancel_fd = cancel_fd;
	deed.within_ms = EVICT_MS;
	err_clear(&err);
	is = kube_evict(&deed, &pod, &eviction, &err);
	pthread_mutex_lock(&l->drain->lock);
	l->is = is;
	l->eviction = eviction;
	l->err = err;
	l->answered = true;
	pthread_mutex_unlock(&l->drain->lock);
	wake_set(l->drain->wake);
}

static void keep_job(void *job)
{
	(void)job; /* it is the drain's */
}

/* ---- the calling thread ---- */

static void turn(struct leave *l, enum kube_drain_state state, const char *why)
{
	l->changed = l->changed || l->state != state || strcmp(l->why, why) != 0;
	l->state = state;
	str_copy(l->why, sizeof(l->why), why);
}

static void take_answer(struct drain *d, struct leave *l)
{
	l->phase = LEAVE_ENDS;
	switch (l->is) {
	case KUBE_EVICTED:
	case KUBE_EVICT_ENDING:
		turn(l, DRAIN_LEAVING, "");
		break;
	case KUBE_EVICT_GONE:
		l->phase = LEAVE_OVER;
		turn(l, DRAIN_GONE, "");
		break;
	case KUBE_EVICT_WAIT:
		l->phase = LEAVE_DUE;
		l->due_ms = instant_now().boot_ms + l->eviction.again_ms;
		turn(l, DRAIN_WAITS, l->eviction.why);
		break;
	case KUBE_EVICT_FAILED:
		l->phase = LEAVE_OVER;
		turn(l, DRAIN_FAILED, l->err.text);
		if (d->first.code == ERR_NONE)
			d->first = l->err;
		break;
	}
}

static void take_answers(struct drain *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct leave *l = &d->leaves[i];
		bool answered;

		pthread_mutex_lock(&d->lock);
		answered = l->answered;
		l->answered = false;
		pthread_mutex_unlock(&d->lock);
		if (answered)
			take_answer(d, l);
	}
}

static void ask_due(struct drain *d, int64_t now_ms)
{
	for (size_t i = 0; i < d->n; i++) {
		struct leave *l = &d->leaves[i];

		if (l->phase == LEAVE_DUE && l->due_ms <= now_ms &&
			pool_add(d->pool, evict_job, keep_job, l) == 0)
			l->phase = LEAVE_ASKED;
	}
}

static const struct js *same_pod(const struct kube_items *pods, const struct leave *l)
{
	for (size_t i = 0; i < pods->at.len; i++)
		if (str_eq(js_text(js_get(pods->at.at[i], "metadata"), "uid"), l->row->uid))
			return pods->at.at[i];
	return NULL;
}

/* The cache may be behind: the pod itself is asked for. */
static bool is_gone(const struct drain *d, const struct leave *l)
{
	const struct kube_pod_id pod = {l->row->ns, l->row->name, l->row->uid};

	return kube_pod_gone(&d->deed, &pod, NULL);
}

/* What still holds a pod that is on its way out. */
static void say_holders(struct leave *l, const struct js *pod)
{
	const struct js *list = js_at(pod, "metadata.finalizers");
	char names[FINALIZERS], why[sizeof(l->why)];
	struct buf all;

	if (js_len(list) == 0)
		return;
	buf_init(&all, 4096);
	for (size_t i = 0; i < js_len(list); i++) {
		const char *name = js_str(js_nth(list, i));

		buf_fmt(&all, "%s%s", i > 0 ? ", " : "", name != NULL ? name : "");
	}
	text_safe(names, sizeof(names), buf_text(&all), all.len);
	buf_done(&all);
	snprintf(why, sizeof(why), _("held by %s"), names);
	turn(l, DRAIN_LEAVING, why);
}

/* One look at the node's pods; one that fails is tried again at the next. */
static void look(struct drain *d)
{
	struct kube_items pods;
	size_t ends = 0;

	for (size_t i = 0; i < d->n; i++)
		ends += d->leaves[i].phase == LEAVE_ENDS;
	if (ends > 0 && kube_deed_pods_of(&d->deed, d->node, true, &pods, NULL) == 0) {
		for (size_t i = 0; i < d->n; i++) {
			struct leave *l = &d->leaves[i];
			const struct js *pod = l->phase == LEAVE_ENDS ? same_pod(&pods, l) : NULL;

			if (pod != NULL)
				say_holders(l, pod);
			else if (l->phase == LEAVE_ENDS && is_gone(d, l)) {
				l->phase = LEAVE_OVER;
				turn(l, DRAIN_GONE, "");
			}
		}
		kube_items_done(&pods);
	}
	d->look_ms = instant_now().boot_ms + LOOK_MS;
}

static void tell(struct drain *d)
{
	for (size_t i = 0; i < d->n; i++) {
		struct leave *l = &d->leaves[i];

		if (l->changed && d->calls != NULL)
			d->calls->told(d->calls->arg, l->row, l->state, l->why);
		l->changed = false;
	}
}

static bool is_over(const struct drain *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->leaves[i].phase != LEAVE_OVER)
			return false;
	return true;
}

static int64_t next_ms(const struct drain *d)
{
	int64_t next = d->look_ms < d->by_ms ? d->look_ms : d->by_ms;

	for (size_t i = 0; i < d->n; i++)
		if (d->leaves[i].phase == LEAVE_DUE && d->leaves[i].due_ms < next)
			next = d->leaves[i].due_ms;
	return next;
}

/* Until a worker answers, or something is due; false: cancelled. */
static bool wait_due(struct drain *d)
{
	struct pollfd p[] = {
		{.fd = d->wake, .events = POLLIN}, {.fd = d->deed.cancel_fd, .events = POLLIN}};
	int64_t left = next_ms(d) - instant_now().boot_ms;

	poll(p, d->deed.cancel_fd >= 0 ? 2 : 1, left > 0 ? (int)left + 1 : 0);
	wake_clear(d->wake);
	return d->deed.cancel_fd < 0 || p[1].revents == 0;
}

/* ERR_NONE at its good end. */
static enum err_code work(struct drain *d)
{
	for (;;) {
		int64_t now = instant_now().boot_ms;

		ask_due(d, now);
		take_answers(d);
		if (now >= d->look_ms)
			look(d);
		tell(d);
		if (is_over(d))
			return d->first.code;
		if (now >= d->by_ms)
			return ERR_TIMEOUT;
		if (!wait_due(d))
			return ERR_CANCELLED;
	}
}

/* "3 pods are left: shop/web-1 (reason), ..." */
static int say_left(const struct drain *d, enum err_code code, struct err *e)
{
	struct buf names;
	char safe[300];
	int left = 0;

	buf_init(&names, 4096);
	for (size_t i = 0; i < d->n; i++) {
		const struct leave *l = &d->leaves[i];

		if (l->state == DRAIN_GONE && l->phase == LEAVE_OVER)
			continue;
		if (++left <= NAMED_MOST)
			buf_fmt(&names, "%s%s/%s%s%s%s", left > 1 ? ", " : "", l->row->ns,
				l->row->name, l->why[0] != '\0' ? " (" : "", l->why,
				l->why[0] != '\0' ? ")" : "");
	}
	if (left > NAMED_MOST)
		buf_puts(&names, ", ...");
	text_safe(safe, sizeof(safe), buf_text(&names), names.len);
	buf_done(&names);
	return err_set(e, code, P_("%d pod is left: %s", "%d pods are left: %s", left), left, safe);
}

static void begin(struct drain *d, const struct kube_drain_plan *plan)
{
	d->deed.within_ms = LOOK_MOST_MS;
	d->leaves = mem_zero(plan->evict + 1, sizeof(*d->leaves));
	for (size_t i = 0; i < plan->rows.len; i++) {
		if (plan->rows.at[i].fate != DRAIN_EVICT)
			continue;
		d->leaves[d->n].drain = d;
		d->leaves[d->n].state = DRAIN_WAITS;
		d->leaves[d->n++].row = &plan->rows.at[i];
	}
}

int kube_drain(const struct kube_deed *deed, const char *node, const struct kube_drain_plan *plan,
	int64_t within_ms, const struct kube_drain_calls *calls, struct err *e)
{
	struct drain d = {.deed = *deed,
		.node = node,
		.calls = calls,
		.by_ms = instant_now().boot_ms + within_ms,
		.wake = -1};
	enum err_code code;

	if (plan->errors > 0)
		return err_set(e, ERR_INPUT,
			P_("%zu pod may not be evicted, so none is",
				"%zu pods may not be evicted, so none is", plan->errors),
			plan->errors);
	if (plan->evict == 0)
		return 0;
	begin(&d, plan);
	pthread_mutex_init(&d.lock, NULL);
	d.wake = wake_open();
	d.pool = pool_start(AT_ONCE, d.n);
	code = d.pool != NULL ? work(&d) : ERR_SYSTEM;
	if (d.pool != NULL)
		pool_stop(d.pool);
	close(d.wake);
	pthread_mutex_destroy(&d.lock);
	if (code != ERR_NONE)
		say_left(&d, code, e);
	free(d.leaves);
	return code == ERR_NONE ? 0 : -1;
}
