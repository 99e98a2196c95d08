/* One list under one lock, oldest first; a cell for each alert and receiver. Whether an alert goes
 * past the disk is one rule (due_ms), asked when it is taken there and again each time before it is
 * sent: what the disk took meanwhile rests in memory until its usual way has sent it, or is stuck
 * again. */
#include "ops/notify/notify_ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"

#define LOOK_MS 2000 /* the usual way may get stuck at any time */
#define NOT_DUE INT64_MAX
#define CLAIMS  (OUTBOX_CLAIM_MS / LEDGER_PATIENCE_MS)

enum place { UNPUT, PUTTING, HELD_UP, REFUSED, ON_DISK };

struct cell {
	enum { WAITS, ON_ITS_WAY, SENT } state;
	bool has[LEDGER_WAYS]; /* the way's queue has it, or will, and does not know better */
	bool told;             /* the outbox that is being written was told that it is sent */
};

struct line {
	struct notification alert;
	char key[NOTIFICATION_KEY];
	enum place place;
	bool heard;                   /* LEDGER_HEARD_OF */
	int64_t posted_ms, locked_ms; /* when the outbox's file was last locked for it */
	struct cell cells[];          /* of each receiver; nothing has those that it is not for */
};

struct notify_ledger {
	pthread_mutex_t lock;           /* of all that follows */
	pthread_cond_t ended;           /* one that was on its way arrived, or did not */
	int64_t patience_ms, locked_ms; /* when the outbox's file was last locked for any */
	size_t n;
	unsigned *levels;
	VEC(struct line *) lines;
};

struct notify_ledger *notify_ledger_new(const unsigned *levels, size_t n, int64_t patience_ms)
{
	struct notify_ledger *l = mem_new(struct notify_ledger);

	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->ended, NULL);
	l->patience_ms = patience_ms;
	l->n = n;
	l->levels = mem_zero(n + 1, sizeof(*levels));
	for (size_t i = 0; i < n; i++)
		l->levels[i] = levels[i];
	return l;
}

void notify_ledger_free(struct notify_ledger *l)
{
	for (size_t i = 0; i < l->lines.len; i++)
		free(l->lines.at[i]);
	vec_done(&l->lines);
	pthread_cond_destroy(&l->ended);
	pthread_mutex_destroy(&l->lock);
	free(l->levels);
	free(l);
}

static struct line *find(const struct notify_ledger *l, const char *key)
{
	for (size_t i = 0; i < l->lines.len; i++)
		if (str_eq(l->lines.at[i]->key, key))
			return l->lines.at[i];
	return NULL;
}

static void drop(struct notify_ledger *l, size_t i)
{
	free(l->lines.at[i]);
	l->lines.len--;
	memmove(l->lines.at + i, l->lines.at + i + 1, (l->lines.len - i) * sizeof(l->lines.at[0]));
}

static bool is_wanted(const struct cell *c)
{
	return c->has[LEDGER_DISK] || c->has[LEDGER_PAST];
}

/* Both queues know what there is to know. */
static void drop_if_over(struct notify_ledger *l, const char *key)
{
	for (size_t i = 0; i < l->lines.len; i++) {
		const struct line *line = l->lines.at[i];
		bool wanted = line->place != ON_DISK;

		if (!str_eq(line->key, key))
			continue;
		for (size_t k = 0; k < l->n; k++)
			wanted = wanted || is_wanted(&line->cells[k]);
		if (!wanted)
			drop(l, i);
		return;
	}
}

/* ---- posting ---- */

/* Nothing is lost with it: each receiver has it, or it waits on the disk. */
static bool is_safe(const struct notify_ledger *l, const struct line *line)
{
	for (size_t k = 0; k < l->n; k++) {
		const struct cell *c = &line->cells[k];
		bool waits = line->place == ON_DISK && c->state == WAITS && !c->has[LEDGER_PAST];

		if (is_wanted(c) && c->state != SENT && !waits)
			return false;
	}
	return line->place != PUTTING;
}

/* One that is only heard of takes no room from what is ours. */
static bool make_room(struct notify_ledger *l, bool heard)
{
	size_t most = heard ? LEDGER_MAX_HEARD : LEDGER_MAX;

	for (size_t i = 0; l->lines.len >= most && i < l->lines.len;) {
		if ((!heard || l->lines.at[i]->heard) && is_safe(l, l->lines.at[i]))
			drop(l, i);
		else
			i++;
	}
	return l->lines.len < most;
}

static struct line *line_new(
	const struct notify_ledger *l, const struct notification *a, int64_t now_ms)
{
	struct line *line = mem_zero(1, sizeof(*line) + l->n * sizeof(line->cells[0]));

	line->alert = *a;
	notification_key(a, line->key);
	line->posted_ms = now_ms;
	for (size_t k = 0; k < l->n; k++)
		line->cells[k].has[LEDGER_DISK] = notification_concerns(a, l->levels[k]);
	return line;
}

static bool concerns_any(const struct notify_ledger *l, const struct notification *a)
{
	for (size_t k = 0; k < l->n; k++)
		if (notification_concerns(a, l->levels[k]))
			return true;
	return false;
}

enum ledger_post notify_ledger_post(struct notify_ledger *l, const struct notification *a,
	enum ledger_origin origin, int64_t now_ms)
{
	bool heard = origin == LEDGER_HEARD_OF;
	enum ledger_post rc = LEDGER_KNOWN;
	char key[NOTIFICATION_KEY];
	struct line *line;

	notification_key(a, key);
	pthread_mutex_lock(&l->lock);
	line = find(l, key);
	if (line) {
		line->heard = line->heard && heard;
	} else if (concerns_any(l, a)) {
		rc = make_room(l, heard) ? LEDGER_NEW : LEDGER_FULL;
		if (rc == LEDGER_NEW) {
			line = line_new(l, a, now_ms);
			line->place = origin == LEDGER_PUTTING ? PUTTING : UNPUT;
			line->heard = heard;
			*vec_add(&l->lines) = line;
		}
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

/* ---- putting ---- */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool is_owed(const struct line *line)
{
	return line->place == HELD_UP || line->place == REFUSED;
}

static bool is_on_its_way(const struct notify_ledger *l, const struct line *line)
{
	for (size_t k = 0; k < l->n; k++)
		if (line->cells[k].state == ON_ITS_WAY)
			return true;
	return false;
}

static struct line *next_unput(const struct notify_ledger *l, bool again, bool heard)
{
	for (size_t i = 0; i < l->lines.len; i++) {
		struct line *line = l->lines.at[i];

		if (line->heard == heard &&
			(line->place == UNPUT ||
				(again && is_owed(line) && !is_on_its_way(l, line))))
			return line;
	}
	return NULL;
}

bool notify_ledger_unput(struct notify_ledger *l, bool again, struct notification *a)
{
	struct line *found;

	pthread_mutex_lock(&l->lock);
	found = next_unput(l, again, false);
	if (!found)
		found = next_unput(l, again, true);
	if (found) {
		found->place = PUTTING;
		*a = found->alert;
	}
	pthread_mutex_unlock(&l->lock);
	return found != NULL;
}

enum outbox_word notify_ledger_asked(
	struct notify_ledger *l, const char *key, size_t at, int64_t now_ms)
{
	enum outbox_word word = OUTBOX_WAITS;
	struct line *line;

	pthread_mutex_lock(&l->lock);
	line = find(l, key);
	if (line) {
		struct cell *c = &line->cells[at];

		line->locked_ms = l->locked_ms = now_ms;
		c->told = c->state == SENT;
		word = c->told ? OUTBOX_SENT : c->state == WAITS ? OUTBOX_WAITS : OUTBOX_NOT_NOW;
	}
	pthread_mutex_unlock(&l->lock);
	return word;
}

/* The outbox has it, as sent or as waiting; or had it before, and how it fares is not known here. */
static void know(struct cell *c, enum ledger_put how)
{
	if (how == LEDGER_NOT_NEW)
		c->has[LEDGER_DISK] = c->has[LEDGER_PAST] = false;
	else if (c->told)
		c->has[LEDGER_DISK] = false;
}

void notify_ledger_put(struct notify_ledger *l, const char *key, enum ledger_put how)
{
	struct line *line;

	pthread_mutex_lock(&l->lock);
	line = find(l, key);
	if (line) {
		line->place = how == LEDGER_REFUSED   ? REFUSED
			      : how == LEDGER_HELD_UP ? HELD_UP
						      : ON_DISK;
		for (size_t k = 0; line->place == ON_DISK && k < l->n; k++)
			know(&line->cells[k], how);
		drop_if_over(l, key);
	}
	pthread_mutex_unlock(&l->lock);
}

bool notify_ledger_owes(struct notify_ledger *l)
{
	bool any = false;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->lines.len; i++)
		any = any || is_owed(l->lines.at[i]);
	pthread_mutex_unlock(&l->lock);
	return any;
}

int64_t notify_ledger_unput_ms(struct notify_ledger *l)
{
	int64_t oldest = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; oldest == 0 && i < l->lines.len; i++)
		if (l->lines.at[i]->place < HELD_UP)
			oldest = later(l->lines.at[i]->posted_ms, l->locked_ms);
	pthread_mutex_unlock(&l->lock);
	return oldest;
}

/* ---- the two ways ---- */

/* When it is to go past the disk. A commit that has begun is waited for anew: as long as that is no
 * longer than usual, no other process finds a row of an alert that goes out here. And what lies on
 * the disk may have been claimed by another, for which its claim has time. */
static int64_t due_ms(const struct notify_ledger *l, const struct line *line, int64_t stuck_ms)
{
	switch (line->place) {
	case REFUSED:
		return line->posted_ms;
	case UNPUT:
	case PUTTING:
	case HELD_UP:
		return later(line->posted_ms, line->locked_ms) + l->patience_ms;
	case ON_DISK:
		break;
	}
	return stuck_ms ? later(line->posted_ms, stuck_ms) + CLAIMS * l->patience_ms : NOT_DUE;
}

bool notify_ledger_overdue(struct notify_ledger *l, size_t at, const struct ledger_moment *m,
	struct notification *a, int64_t *next_ms)
{
	bool found = false;

	*next_ms = INT64_MAX;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; !found && i < l->lines.len; i++) {
		struct line *line = l->lines.at[i];
		struct cell *c = &line->cells[at];
		int64_t due = due_ms(l, line, m->stuck_ms);

		if ((line->heard && line->place != ON_DISK) || !c->has[LEDGER_DISK] ||
			c->has[LEDGER_PAST] || c->state != WAITS ||
			m->now_ms - line->posted_ms > OUTBOX_KEEP_MS)
			continue;
		found = due <= m->now_ms;
		if (found) {
			c->has[LEDGER_PAST] = true;
			*a = line->alert;
		} else if (due == NOT_DUE) {
			due = m->now_ms + LOOK_MS;
		}
		*next_ms = due < *next_ms ? due : *next_ms;
		if (!found && line->place != ON_DISK)
			break; /* nothing overtakes it */
	}
	pthread_mutex_unlock(&l->lock);
	return found;
}

/* What nobody here has posted lies on the disk from another run or process. */
static enum lane_word word_for(const struct notify_ledger *l, const struct line *line, size_t at,
	enum ledger_way way, const struct ledger_moment *m)
{
	if (!line || !line->cells[at].has[way])
		return way == LEDGER_DISK ? LANE_MAY_SEND : LANE_WAS_SENT;
	if (line->cells[at].state == SENT)
		return LANE_WAS_SENT;
	if (way == LEDGER_PAST && due_ms(l, line, m->stuck_ms) > m->now_ms)
		return LANE_NOT_YET;
	return LANE_MAY_SEND;
}

enum lane_word notify_ledger_begin(struct notify_ledger *l, size_t at, enum ledger_way way,
	const char *key, const struct ledger_moment *m)
{
	enum lane_word word;
	struct line *line;

	pthread_mutex_lock(&l->lock);
	while ((line = find(l, key)) != NULL && line->cells[at].state == ON_ITS_WAY)
		pthread_cond_wait(&l->ended, &l->lock);
	word = word_for(l, line, at, way, m);
	if (line && word == LANE_MAY_SEND)
		line->cells[at].state = ON_ITS_WAY;
	if (line && word == LANE_WAS_SENT) {
		line->cells[at].has[way] = false;
		drop_if_over(l, key);
	}
	pthread_mutex_unlock(&l->lock);
	return word;
}

void notify_ledger_end(struct notify_ledger *l, size_t at, enum ledger_way way, const char *key,
	enum lane_fate fate)
{
	struct line *line;

	pthread_mutex_lock(&l->lock);
	line = find(l, key);
	if (line) {
		line->cells[at].state = fate == LANE_TAKEN ? SENT : WAITS;
		if (fate != LANE_AGAIN)
			line->cells[at].has[way] = false;
		drop_if_over(l, key);
		pthread_cond_broadcast(&l->ended);
	}
	pthread_mutex_unlock(&l->lock);
}

size_t notify_ledger_waiting(struct notify_ledger *l)
{
	size_t n = 0;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->lines.len; i++)
		for (size_t k = 0; l->lines.at[i]->place != ON_DISK && k < l->n; k++)
			n += is_wanted(&l->lines.at[i]->cells[k]) &&
			     l->lines.at[i]->cells[k].state != SENT;
	pthread_mutex_unlock(&l->lock);
	return n;
}
