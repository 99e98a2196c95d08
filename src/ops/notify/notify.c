/* The threads around the lanes. Each sleeps until its lane has something due, it is woken by a new
 * alert, or everything stops. One more, the clerk, puts what is posted into the outbox. */
#include "ops/notify/notify.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/wake.h"
#include "model/command.h"
#include "ops/notify/notify_outbox.h"

#define LETTERS_MAX  256
#define SETTLE_TRIES 4     /* each waits for other processes as long as io/db does */
#define LOOK_MS      60000 /* another process may have put something */
#define GRACE_MS     1500  /* what is on its way when all stops may arrive: cut, it is sent again */

/* An alert on its way to the clerk, or one the disk did not take. */
struct kept_letter {
	struct letter letter;
	struct notification alert;
};

/* What stands in the way. A receiver's files and the outbox are looked at again by themselves; a
 * receiver, and a full disk, are well again when they took something. */
enum trouble_kind { TROUBLE_NONE, TROUBLE_FILES, TROUBLE_QUEUE, TROUBLE_TAKING };

struct trouble {
	enum trouble_kind kind;
	struct instant since;
	char why[300];
};

struct notify_thread {
	struct notify *of;
	struct notify_lane *lane;
	struct mailbox *kept; /* kept_letter */
	unsigned levels;
	int wake_fd;
	bool started;
	struct trouble trouble; /* under of->lock */
	unsigned tried;         /* the last round of flushing it went through; under of->lock */
	bool reach;             /* it is to ask whether its receiver answers; under of->lock */
	pthread_t thread;
};

struct notify {
	struct outbox *box; /* the process's only one for its file */
	int stop_fd;        /* nothing more is begun */
	int cut_fd;         /* and what was begun is broken off */
	struct mailbox *notices, *sent;
	struct mailbox *in; /* kept_letter: what the clerk is to put */
	pthread_t clerk;
	bool clerk_started;
	pthread_mutex_t
		lock; /* what follows, and each thread's trouble and tried; never held for long */
	pthread_cond_t moved;
	struct trouble putting; /* alerts cannot be kept on the disk */
	size_t lost;
	char damage[OUTBOX_DAMAGE];
	struct instant damaged;
	unsigned round;
	unsigned reached; /* how often a receiver answered when asked whether it does */
	size_t running;   /* threads that send */
	size_t n;
	struct notify_thread at[];
};

static void say(struct notify *n, struct notice *notice)
{
	log_put(notice->level == NOTICE_INFO ? LOG_INFO : LOG_WARN, "notify", "%s", notice->text);
	if (n->notices)
		notice_post(n->notices, notice);
	else
		notice->letter.drop(&notice->letter);
}

/* True when it is news. */
static bool begin_trouble(
	struct notify *n, struct trouble *t, enum trouble_kind kind, const struct err *why)
{
	bool news;

	pthread_mutex_lock(&n->lock);
	news = t->kind == TROUBLE_NONE;
	if (news)
		t->since = instant_now();
	t->kind = kind;
	str_copy(t->why, sizeof(t->why), why->text);
	pthread_mutex_unlock(&n->lock);
	return news;
}

/* True when there was some. */
static bool end_trouble(struct notify *n, struct trouble *t)
{
	bool had;

	pthread_mutex_lock(&n->lock);
	had = t->kind != TROUBLE_NONE;
	t->kind = TROUBLE_NONE;
	pthread_mutex_unlock(&n->lock);
	return had;
}

static void say_trouble(struct notify_thread *t, enum trouble_kind kind, const struct err *e)
{
	if (begin_trouble(t->of, &t->trouble, kind, e))
		say(t->of, notice_new(NOTICE_WARN, _("alerts to %s do not get through: %s"),
				   notify_lane_name(t->lane), e->text));
}

static void say_well(struct notify_thread *t)
{
	if (end_trouble(t->of, &t->trouble))
		say(t->of, notice_new(NOTICE_INFO, _("alerts to %s get through again"),
				   notify_lane_name(t->lane)));
}

/* An outbox that was moved aside is told once, by whichever thread comes by first. */
static void say_damage(struct notify *n)
{
	char damage[OUTBOX_DAMAGE];
	bool news;

	if (outbox_damage(n->box, damage)[0] == '\0')
		return;
	pthread_mutex_lock(&n->lock);
	news = !str_eq(n->damage, damage);
	if (news) {
		str_copy(n->damage, sizeof(n->damage), damage);
		n->damaged = instant_now();
	}
	pthread_mutex_unlock(&n->lock);
	if (news)
		say(n, notice_new(NOTICE_ERROR, _("the outbox was damaged: %s"), damage));
}

static void count_lost(struct notify *n)
{
	pthread_mutex_lock(&n->lock);
	n->lost++;
	pthread_mutex_unlock(&n->lock);
}

static void drop_plain(struct letter *l)
{
	free(l);
}

static void tell_sent(struct notify_thread *t, int64_t now_ms)
{
	const struct notification *a = notify_lane_delivered(t->lane);
	struct notify_sent *s;

	if (!t->of->sent)
		return;
	s = mem_new(struct notify_sent);
	s->letter.drop = drop_plain;
	str_copy(s->incident, sizeof(s->incident), a->incident);
	str_copy(s->cluster, sizeof(s->cluster), a->cluster);
	str_copy(s->to, sizeof(s->to), notify_lane_name(t->lane));
	s->at_ms = now_ms;
	mailbox_answer(t->of->sent, &s->letter);
}

static void take_kept(struct notify_thread *t, int64_t now_ms)
{
	struct letter *l;
	struct err e;

	while ((l = mailbox_take(t->kept)) != NULL) {
		if (notify_lane_keep(t->lane, &((struct kept_letter *)l)->alert, now_ms, &e) != 0) {
			count_lost(t->of);
			say_trouble(t, TROUBLE_QUEUE, &e);
		}
		l->drop(l);
	}
}

static uint32_t chance(void)
{
	uint32_t r = 0;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = (uint32_t)instant_now().boot_ms;
	return r;
}

/* Nothing was due: whatever is not the receiver's may have ended by itself. */
static void look_again(struct notify_thread *t)
{
	struct err e;

	if (t->trouble.kind == TROUBLE_QUEUE ||
		(t->trouble.kind == TROUBLE_FILES && notify_lane_check(t->lane, &e) == 0))
		say_well(t);
}

static bool is_stopping(const struct notify *n)
{
	struct pollfd p = {.fd = n->stop_fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* Sends until nothing is due; gives when to come again, or -1 when all stops. */
static int64_t send_due(struct notify_thread *t)
{
	for (;;) {
		int64_t now_ms = instant_now().wall_ms, next_ms;
		struct err e = {0};
		enum lane_turn turn;

		if (is_stopping(t->of))
			return -1;
		take_kept(t, now_ms);
		turn = notify_lane_turn(t->lane, now_ms, chance(), t->of->cut_fd, &next_ms, &e);
		say_damage(t->of);
		switch (turn) {
		case LANE_STOPPED:
			return -1;
		case LANE_DELIVERED:
			say_well(t);
			tell_sent(t, now_ms);
			break;
		case LANE_FAILED:
			say_trouble(t, TROUBLE_TAKING, &e);
			break;
		case LANE_NO_QUEUE:
			say_trouble(t, TROUBLE_QUEUE, &e);
			break;
		case LANE_IDLE:
			look_again(t);
			break;
		}
		if (next_ms > now_ms)
			return next_ms - now_ms < LOOK_MS ? next_ms - now_ms : LOOK_MS;
	}
}

/* What a chat shows is UTF-8, also where k911 runs in locale C (cron, systemd): there text_safe
 * would take every Chinese character for one that cannot be shown. */
static locale_t speak_utf8(void)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", duplocale(LC_GLOBAL_LOCALE));

	if (utf8 != (locale_t)0)
		uselocale(utf8);
	return utf8;
}

static void try_reach(struct notify_thread *t)
{
	struct err e;
	bool asked;

	pthread_mutex_lock(&t->of->lock);
	asked = t->reach;
	t->reach = false;
	pthread_mutex_unlock(&t->of->lock);
	if (!asked || notify_lane_reach(t->lane, t->of->cut_fd, &e) != 0)
		return;
	pthread_mutex_lock(&t->of->lock);
	t->of->reached++;
	pthread_mutex_unlock(&t->of->lock);
}

static void run_thread(struct notify_thread *t)
{
	struct pollfd fds[] = {
		{.fd = t->of->stop_fd, .events = POLLIN}, {.fd = t->wake_fd, .events = POLLIN}};
	struct err e;

	if (notify_lane_check(t->lane, &e) != 0)
		say_trouble(t, TROUBLE_FILES, &e);
	for (;;) {
		int64_t wait_ms;
		unsigned round;

		wake_clear(t->wake_fd);
		pthread_mutex_lock(&t->of->lock);
		round = t->of->round;
		pthread_mutex_unlock(&t->of->lock);
		try_reach(t);
		wait_ms = send_due(t);
		pthread_mutex_lock(&t->of->lock);
		t->tried = round;
		pthread_cond_broadcast(&t->of->moved);
		pthread_mutex_unlock(&t->of->lock);
		if (wait_ms < 0)
			return;
		fds[0].revents = 0;
		poll(fds, 2, (int)wait_ms);
		if (fds[0].revents)
			return;
	}
}

/* What was delivered and could not be written down, with ten others at the file, is sent again by
 * the next process: so it is not left before that is tried in earnest. */
static void settle_owed(struct notify_thread *t)
{
	struct err e = {.code = ERR_BUSY};

	for (int i = 0; i < SETTLE_TRIES && e.code == ERR_BUSY; i++)
		if (notify_lane_settle(t->lane, instant_now().wall_ms, &e) == 0)
			return;
	log_put(LOG_WARN, "notify", "an alert that %s took may be sent again: %s",
		notify_lane_name(t->lane), e.text);
}

static void count_running(struct notify *n, bool more)
{
	pthread_mutex_lock(&n->lock);
	n->running += more ? 1 : (size_t)-1;
	pthread_cond_broadcast(&n->moved);
	pthread_mutex_unlock(&n->lock);
}

static void *thread_main(void *arg)
{
	struct notify_thread *t = arg;
	locale_t utf8 = speak_utf8();

	run_thread(t);
	settle_owed(t);
	count_running(t->of, false);
	uselocale(LC_GLOBAL_LOCALE);
	if (utf8 != (locale_t)0)
		freelocale(utf8);
	return NULL;
}

/* A disk that took its time between the claim and here has used it up. */
static enum lane_word may_send(void *arg, const struct outbox_item *item)
{
	(void)arg;
	return instant_now().wall_ms > item->until_ms - OUTBOX_SEND_MS ? LANE_TOO_LATE
								       : LANE_MAY_SEND;
}

static void init_thread(
	struct notify_thread *t, struct notify *n, const struct notify_target *target)
{
	t->of = n;
	t->lane = notify_lane_new(target, n->box);
	notify_lane_ask(t->lane, may_send, t);
	t->kept = mailbox_new(LETTERS_MAX);
	t->levels = target->levels;
	t->wake_fd = wake_open();
}

static void *clerk_main(void *arg);

struct notify *notify_start(const struct notify_options *o, struct err *e)
{
	struct notify *n = mem_zero(1, sizeof(*n) + o->n * sizeof(n->at[0]));
	pthread_condattr_t attr;
	int rc;

	n->box = outbox_new(o->path);
	n->notices = o->notices;
	n->sent = o->sent;
	n->in = mailbox_new(LETTERS_MAX);
	n->n = o->n;
	n->stop_fd = wake_open();
	n->cut_fd = wake_open();
	pthread_mutex_init(&n->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&n->moved, &attr);
	pthread_condattr_destroy(&attr);
	for (size_t i = 0; i < n->n; i++)
		init_thread(&n->at[i], n, &o->targets[i]);
	rc = thread_start(&n->clerk, "alerts", clerk_main, n);
	n->clerk_started = rc == 0;
	for (size_t i = 0; rc == 0 && i < n->n; i++) {
		count_running(n, true);
		rc = thread_start(&n->at[i].thread, "alert", thread_main, &n->at[i]);
		n->at[i].started = rc == 0;
		if (rc != 0)
			count_running(n, false);
	}
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
		struct notify_thread *t = &n->at[i];

		if (t->started)
			pthread_join(t->thread, NULL);
		mailbox_free(t->kept);
		notify_lane_free(t->lane);
		close(t->wake_fd);
	}
	outbox_free(n->box);
	mailbox_free(n->in);
	pthread_cond_destroy(&n->moved);
	pthread_mutex_destroy(&n->lock);
	close(n->stop_fd);
	close(n->cut_fd);
	free(n);
}

/* ---- putting ---- */

static int send_letter(struct mailbox *to, const struct notification *a)
{
	struct kept_letter *k = mem_new(struct kept_letter);

	k->letter.drop = drop_plain;
	k->alert = *a;
	if (mailbox_post(to, &k->letter) == 0)
		return 0;
	drop_plain(&k->letter);
	return -1;
}

static void keep(struct notify_thread *t, const struct notification *a)
{
	if (send_letter(t->kept, a) == 0)
		return;
	count_lost(t->of);
	log_put(LOG_ERROR, "notify", "an alert to %s is lost: too many wait in memory",
		notify_lane_name(t->lane));
}

/* What the disk does not take is on the screen until it takes something again. */
static void note_putting(struct notify *n, int rc, const struct err *why)
{
	enum trouble_kind kind = rc < 0 && why->code == ERR_LIMIT ? TROUBLE_TAKING : TROUBLE_QUEUE;

	if (rc >= 0)
		end_trouble(n, &n->putting);
	else if (begin_trouble(n, &n->putting, kind, why))
		say(n, notice_new(NOTICE_WARN, _("alerts are not kept on the disk, only sent: %s"),
			       why->text));
	say_damage(n);
}

int notify_put(struct notify *n, const struct notification *a, struct err *e)
{
	const char **names = mem_zero(n->n + 1, sizeof(*names));
	size_t n_names = 0;
	int rc = 0;

	for (size_t i = 0; i < n->n; i++)
		if (notification_concerns(a, n->at[i].levels))
			names[n_names++] = notify_lane_name(n->at[i].lane);
	if (n_names > 0) {
		rc = outbox_put(n->box, a, names, n_names, instant_now().wall_ms, e);
		note_putting(n, rc, e);
	}
	for (size_t i = 0; i < n->n; i++) {
		if (!notification_concerns(a, n->at[i].levels))
			continue;
		if (rc < 0)
			keep(&n->at[i], a);
		wake_set(n->at[i].wake_fd);
	}
	free(names);
	return rc < 0 ? -1 : 0;
}

void notify_post(struct notify *n, const struct notification *a)
{
	if (send_letter(n->in, a) == 0)
		return;
	count_lost(n);
	log_put(LOG_ERROR, "notify", "an alert is lost: too many wait for the disk");
}

static void put_posted(struct notify *n)
{
	struct letter *l;
	struct err e;

	while ((l = mailbox_take(n->in)) != NULL) {
		notify_put(n, &((struct kept_letter *)l)->alert, &e);
		l->drop(l);
	}
}

static void check_outbox(struct notify *n)
{
	struct err e;

	note_putting(n, outbox_check(n->box, instant_now().wall_ms, &e), &e);
}

static bool is_closed(struct notify *n)
{
	bool yes;

	pthread_mutex_lock(&n->lock);
	yes = n->putting.kind == TROUBLE_QUEUE;
	pthread_mutex_unlock(&n->lock);
	return yes;
}

/* The outbox is read through before anything waits in it: what is wrong with it is said at the
 * start, and not with the first alert. */
static void *clerk_main(void *arg)
{
	struct notify *n = arg;
	struct pollfd fds[] = {
		{.fd = n->stop_fd, .events = POLLIN}, {.fd = mailbox_fd(n->in), .events = POLLIN}};

	check_outbox(n);
	do {
		if (poll(fds, 2, LOOK_MS) == 0 && is_closed(n))
			check_outbox(n);
		put_posted(n);
	} while (fds[0].revents == 0);
	return NULL;
}

/* ---- how they fare ---- */

static void add_trouble(struct notify_health *out, const struct trouble *t, const char *to)
{
	if (t->kind == TROUBLE_NONE)
		return;
	if (out->failing++ > 0 && t->since.boot_ms >= out->since.boot_ms)
		return;
	out->since = t->since;
	str_copy(out->to, sizeof(out->to), to);
	str_copy(out->why, sizeof(out->why), t->why);
}

void notify_health(struct notify *n, struct notify_health *out)
{
	*out = (struct notify_health){.failing = 0};
	pthread_mutex_lock(&n->lock);
	add_trouble(out, &n->putting, "");
	for (size_t i = 0; i < n->n; i++)
		add_trouble(out, &n->at[i].trouble, notify_lane_name(n->at[i].lane));
	out->lost = n->lost;
	str_copy(out->damage, sizeof(out->damage), n->damage);
	out->damaged = n->damaged;
	pthread_mutex_unlock(&n->lock);
}

/* ---- does anybody answer? ---- */

void notify_ask_reach(struct notify *n)
{
	pthread_mutex_lock(&n->lock);
	for (size_t i = 0; i < n->n; i++)
		n->at[i].reach = true;
	pthread_mutex_unlock(&n->lock);
	for (size_t i = 0; i < n->n; i++)
		wake_set(n->at[i].wake_fd);
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
		if ((int)(n->at[i].tried - n->round) < 0)
			return false;
	return true;
}

static int64_t count_waiting(struct notify *n)
{
	int64_t waiting = 0;

	for (size_t i = 0; i < n->n; i++) {
		struct outbox_count c;
		struct err e;

		if (outbox_count(n->box, notify_lane_name(n->at[i].lane), &c, &e) != 0)
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
	for (size_t i = 0; i < n->n; i++)
		wake_set(n->at[i].wake_fd);
	while (!all_tried(n) && pthread_cond_timedwait(&n->moved, &n->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&n->lock);
	return count_waiting(n);
}
