/* The two threads of a receiver: one sends what the outbox has for it, and waits for the disk as long
 * as that takes; the other never does, and carries past it what the ledger says is overdue. Each
 * sleeps until its lane has something due, it is woken, or everything stops. */
#include <locale.h>
#include <poll.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/wake.h"
#include "notify_parts.h"

#define SETTLE_TRIES 4 /* each waits for other processes as long as io/db does */

/* ---- may it go this way? ---- */

static void wait_for_disk(struct notify_way *w, bool waits)
{
	int64_t since_ms = waits && w->way == LEDGER_DISK ? instant_now().boot_ms : 0;

	pthread_mutex_lock(&w->of->lock);
	if (since_ms == 0 || w->disk_ms == 0)
		w->disk_ms = since_ms;
	pthread_mutex_unlock(&w->of->lock);
}

static struct ledger_moment moment(const struct notify_way *w)
{
	struct ledger_moment m = {.now_ms = instant_now().boot_ms};

	pthread_mutex_lock(&w->of->lock);
	m.stuck_ms = w->of->at[w->at].ways[LEDGER_DISK].disk_ms;
	pthread_mutex_unlock(&w->of->lock);
	return m;
}

/* A disk that took its time between the claim and here has used it up. */
static enum lane_word may_send(struct notify_way *w, const struct outbox_item *item)
{
	const struct ledger_moment m = moment(w);
	enum lane_word word = notify_ledger_begin(w->of->ledger, w->at, w->way, item->key, &m);

	if (word != LANE_MAY_SEND || instant_now().wall_ms <= item->until_ms - OUTBOX_SEND_MS)
		return word;
	notify_ledger_end(w->of->ledger, w->at, w->way, item->key, LANE_AGAIN);
	return LANE_TOO_LATE;
}

static enum lane_word answer(void *way, const struct outbox_item *item)
{
	struct notify_way *w = way;
	enum lane_word word;

	wait_for_disk(w, false);
	word = may_send(w, item);
	wait_for_disk(w, word != LANE_MAY_SEND);
	return word;
}

static void hear(void *way, const struct outbox_item *item, enum lane_fate fate)
{
	struct notify_way *w = way;

	notify_ledger_end(w->of->ledger, w->at, w->way, item->key, fate);
	wait_for_disk(w, true);
}

void notify_way_init(struct notify *n, size_t at, enum ledger_way way, struct notify_lane *lane)
{
	struct notify_way *w = &n->at[at].ways[way];
	const struct lane_asker asker = {.ask = answer, .tell = hear, .arg = w};

	w->of = n;
	w->lane = lane;
	w->way = way;
	w->at = at;
	w->wake_fd = wake_open();
	notify_lane_ask(lane, &asker);
}

/* ---- sending ---- */

static void tell_sent(struct notify_way *w, int64_t now_ms)
{
	const struct notification *a = notify_lane_delivered(w->lane);
	struct notify_sent *s;

	if (!w->of->sent)
		return;
	s = mem_new(struct notify_sent);
	s->letter.drop = letter_free;
	str_copy(s->incident, sizeof(s->incident), a->incident);
	str_copy(s->cluster, sizeof(s->cluster), a->cluster);
	str_copy(s->to, sizeof(s->to), notify_lane_name(w->lane));
	s->at_ms = now_ms;
	mailbox_answer(w->of->sent, &s->letter);
}

static uint32_t chance(void)
{
	uint32_t r = 0;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = (uint32_t)instant_now().boot_ms;
	return r;
}

static bool has_bad_files(struct notify_way *w)
{
	bool yes;

	pthread_mutex_lock(&w->of->lock);
	yes = w->of->at[w->at].trouble.kind == TROUBLE_FILES;
	pthread_mutex_unlock(&w->of->lock);
	return yes;
}

/* Nothing was due: whatever is not the receiver's may have ended by itself. */
static void look_again(struct notify_way *w)
{
	struct err e;

	wait_for_disk(w, true);
	if (w->way == LEDGER_DISK && has_bad_files(w) && notify_lane_check(w->lane, &e) == 0)
		notify_say_well(w);
	wait_for_disk(w, false);
}

static bool is_stopping(const struct notify *n)
{
	struct pollfd p = {.fd = n->stop_fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* Gives when the next one is overdue, in ms from now. */
static int64_t carry_overdue(struct notify_way *w)
{
	struct ledger_moment m = moment(w);
	struct notification a;
	int64_t next_ms;
	struct err e;

	notify_note_hang(w->of);
	while (notify_ledger_overdue(w->of->ledger, w->at, &m, &a, &next_ms)) {
		if (notify_lane_keep(w->lane, &a, instant_now().wall_ms, &e) != 0) {
			notify_count_lost(w->of);
			notify_say_trouble(w, TROUBLE_TAKING, &e);
		}
	}
	return next_ms < m.now_ms + NOTIFY_LOOK_MS ? next_ms - m.now_ms : NOTIFY_LOOK_MS;
}

/* False when all stops. */
static bool take_turn(struct notify_way *w, int64_t now_ms, int64_t *next_ms)
{
	struct err e = {0};
	enum lane_turn turn;

	wait_for_disk(w, true);
	turn = notify_lane_turn(w->lane, now_ms, chance(), w->of->cut_fd, next_ms, &e);
	if (turn != LANE_NO_QUEUE)
		wait_for_disk(w, false);
	if (w->way == LEDGER_DISK) {
		notify_note_claim(w, turn == LANE_NO_QUEUE ? -1 : 0, &e);
		notify_say_damage(w->of);
	}
	switch (turn) {
	case LANE_STOPPED:
		return false;
	case LANE_DELIVERED:
		notify_say_well(w);
		tell_sent(w, now_ms);
		break;
	case LANE_FAILED:
		notify_say_trouble(w, TROUBLE_TAKING, &e);
		break;
	case LANE_IDLE:
		look_again(w);
		break;
	case LANE_SETTLED:
	case LANE_NO_QUEUE:
		break;
	}
	return true;
}

/* Sends until nothing is due; gives when to come again, or -1 when all stops. */
static int64_t send_due(struct notify_way *w)
{
	for (;;) {
		int64_t now_ms = instant_now().wall_ms, next_ms, wait_ms = NOTIFY_LOOK_MS;

		if (is_stopping(w->of))
			return -1;
		if (w->way == LEDGER_PAST)
			wait_ms = carry_overdue(w);
		if (!take_turn(w, now_ms, &next_ms))
			return -1;
		if (next_ms > now_ms)
			return next_ms - now_ms < wait_ms ? next_ms - now_ms : wait_ms;
	}
}

/* ---- the thread ---- */

/* What a chat shows is UTF-8, also where k911 runs in locale C (cron, systemd): there text_safe
 * would take every Chinese character for one that cannot be shown. */
static locale_t speak_utf8(void)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", duplocale(LC_GLOBAL_LOCALE));

	if (utf8 != (locale_t)0)
		uselocale(utf8);
	return utf8;
}

/* By the way that never waits for a disk: with the cluster silent, this decides whether anybody is
 * told at all. */
static void try_reach(struct notify_way *w)
{
	bool *reach = &w->of->at[w->at].reach;
	struct err e;
	bool asked;

	pthread_mutex_lock(&w->of->lock);
	asked = w->way == LEDGER_PAST && *reach;
	*reach = *reach && !asked;
	pthread_mutex_unlock(&w->of->lock);
	if (!asked || notify_lane_reach(w->lane, w->of->cut_fd, &e) != 0)
		return;
	pthread_mutex_lock(&w->of->lock);
	w->of->reached++;
	pthread_mutex_unlock(&w->of->lock);
}

static void check_files(struct notify_way *w)
{
	struct err e;

	wait_for_disk(w, true);
	if (w->way == LEDGER_DISK && notify_lane_check(w->lane, &e) != 0)
		notify_say_trouble(w, TROUBLE_FILES, &e);
	wait_for_disk(w, false);
}

static void run_way(struct notify_way *w)
{
	struct pollfd fds[] = {
		{.fd = w->of->stop_fd, .events = POLLIN}, {.fd = w->wake_fd, .events = POLLIN}};

	check_files(w);
	for (;;) {
		int64_t wait_ms;
		unsigned round;

		wake_clear(w->wake_fd);
		pthread_mutex_lock(&w->of->lock);
		round = w->of->round;
		pthread_mutex_unlock(&w->of->lock);
		try_reach(w);
		wait_ms = send_due(w);
		pthread_mutex_lock(&w->of->lock);
		w->tried = round;
		pthread_cond_broadcast(&w->of->moved);
		pthread_mutex_unlock(&w->of->lock);
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
static void settle_owed(struct notify_way *w)
{
	struct err e = {.code = ERR_BUSY};

	for (int i = 0; i < SETTLE_TRIES && e.code == ERR_BUSY; i++)
		if (notify_lane_settle(w->lane, instant_now().wall_ms, &e) == 0)
			return;
	log_put(LOG_WARN, "notify", "an alert that %s took may be sent again: %s",
		notify_lane_name(w->lane), e.text);
}

static void count_running(struct notify *n, bool more)
{
	pthread_mutex_lock(&n->lock);
	n->running += more ? 1 : (size_t)-1;
	pthread_cond_broadcast(&n->moved);
	pthread_mutex_unlock(&n->lock);
}

static void *way_main(void *way)
{
	struct notify_way *w = way;
	locale_t utf8 = speak_utf8();

	run_way(w);
	settle_owed(w);
	count_running(w->of, false);
	uselocale(LC_GLOBAL_LOCALE);
	if (utf8 != (locale_t)0)
		freelocale(utf8);
	return NULL;
}

int notify_way_start(struct notify_way *w)
{
	int rc;

	count_running(w->of, true);
	rc = thread_start(&w->thread, w->way == LEDGER_DISK ? "alert" : "courier", way_main, w);
	w->started = rc == 0;
	if (rc != 0)
		count_running(w->of, false);
	return rc;
}
