/* The thread only answers: whether the lead is here, with another console, or cannot be had by
 * anyone. What that means, and for how long an answer is good, is its owner's.
 *
 * The lock alone tells who leads, not whether he is awake: a stopped process keeps it. So the
 * leader writes a line into the file, another each time: his name and a number. Whoever waits reads
 * it, and when it has not changed over so many readings, writes his own over it and leads. The one
 * who sleeps finds another's name there when he wakes, and lets the lock go. Behind that line lies
 * what the leader leaves for the next one. */
#include "ops/incident/lead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/chore.h"
#include "base/mem.h"
#include "base/own_file.h"
#include "base/str.h"
#include "base/ulid.h"

#define ASK_MS  1000
#define BEAT_MS 5000
#define STEP_MS                                                                                    \
	2000 /* what of a span between two calls counts: the rest of it this console slept */
#define START_MS 500
#define STOP_MS  500
#define BEAT_MAX 64 /* where the leader's note begins */

/* How its writer leads; of equal length, so that one line covers the other. */
#define HOLDS "holds"
#define TOOK  "took "

enum answer { LEAD_IS_OURS, LEAD_IS_THEIRS, NOBODY_CAN_LEAD };

struct lead {
	atomic_int refs; /* the owner, and the question that waits or runs */
	char *path;

	/* the thread's */
	int fd;      /* -1: it does not lead */
	bool locked; /* or took the lead from one that sleeps */
	char name[ULID_SIZE];
	unsigned beats;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t answered;
	enum answer answer;
	unsigned answers;
	char beat[BEAT_MAX];  /* the leader's, as last read */
	char note[LEAD_NOTE]; /* as last read of another, or to be written */
	bool take;            /* the leader sleeps: take it from him */

	/* the owner's */
	struct chore *asking;
	unsigned heard;
	struct instant asked, told, called; /* the last question, answer, and call */
	int64_t silent_ms; /* so long there has been no answer, as far as this console was awake */
	int64_t asleep_ms; /* so long the leader wrote nothing, as far as answers tell */
	char last[BEAT_MAX];
	bool fresh;    /* the note is newer than the last question */
	bool doubtful; /* this console slept: another may have taken the lead meanwhile */
};

static void lead_unref(void *arg)
{
	struct lead *l = arg;

	if (atomic_fetch_sub(&l->refs, 1) > 1)
		return;
	if (l->fd >= 0)
		close(l->fd);
	pthread_cond_destroy(&l->answered);
	pthread_mutex_destroy(&l->lock);
	free(l->path);
	free(l);
}

static void read_beat(int fd, char beat[BEAT_MAX])
{
	ssize_t n = pread(fd, beat, BEAT_MAX - 1, 0);

	beat[n > 0 ? n : 0] = '\0';
}

static void read_note(int fd, char note[LEAD_NOTE])
{
	ssize_t n = pread(fd, note, LEAD_NOTE - 1, BEAT_MAX);

	note[n > 0 ? n : 0] = '\0';
}

/* On the disk, so that a console on another host sees it too. A disk that takes nothing leaves the
 * line as it was: then another may lead as well, which is better than nobody. */
static void write_beat(struct lead *l, const char note[LEAD_NOTE])
{
	char both[BEAT_MAX + LEAD_NOTE] = "";

	snprintf(both, BEAT_MAX, "%s %010u %s\n", l->name, ++l->beats, l->locked ? HOLDS : TOOK);
	str_copy(both + BEAT_MAX, LEAD_NOTE, note);
	if (pwrite(l->fd, both, sizeof(both), 0) == (ssize_t)sizeof(both))
		fdatasync(l->fd);
}

static enum answer give_up(struct lead *l, enum answer answer)
{
	close(l->fd);
	l->fd = -1;
	l->locked = false;
	return answer;
}

static bool is_own(const struct lead *l, const char *beat)
{
	return str_starts(beat, l->name);
}

static enum answer keep_lead(struct lead *l, char beat[BEAT_MAX], char note[LEAD_NOTE])
{
	read_beat(l->fd, beat);
	if (beat[0] && !is_own(l, beat)) {
		read_note(l->fd, note);
		return give_up(l, LEAD_IS_THEIRS);
	}
	l->locked = l->locked || flock(l->fd, LOCK_EX | LOCK_NB) == 0;
	write_beat(l, note);
	return LEAD_IS_OURS;
}

static enum answer try_lead(struct lead *l, bool take, char beat[BEAT_MAX], char note[LEAD_NOTE])
{
	bool theirs, taken;

	l->fd = own_file_open(l->path, O_RDWR, NULL);
	if (l->fd < 0)
		return NOBODY_CAN_LEAD;
	l->locked = flock(l->fd, LOCK_EX | LOCK_NB) == 0;
	theirs = !l->locked && errno == EWOULDBLOCK;
	read_beat(l->fd, beat);
	read_note(l->fd, note);
	taken = l->locked && strstr(beat, TOOK) != NULL; /* its leader is about to lock it */
	if (!take && (theirs || taken))
		return give_up(l, LEAD_IS_THEIRS);
	if (!theirs && !l->locked)
		return give_up(l, NOBODY_CAN_LEAD);
	write_beat(l, note);
	return LEAD_IS_OURS;
}

static void ask(void *arg)
{
	struct lead *l = arg;
	char beat[BEAT_MAX] = "", note[LEAD_NOTE];
	bool leads = l->fd >= 0, take;
	enum answer answer;

	pthread_mutex_lock(&l->lock);
	take = l->take;
	l->take = false;
	str_copy(note, sizeof(note), l->note);
	pthread_mutex_unlock(&l->lock);
	answer = leads ? keep_lead(l, beat, note) : try_lead(l, take, beat, note);
	pthread_mutex_lock(&l->lock);
	l->answer = answer;
	str_copy(l->beat, sizeof(l->beat), beat);
	if (!leads || answer != LEAD_IS_OURS) /* else the owner's may be newer by now */
		str_copy(l->note, sizeof(l->note), note);
	l->answers++;
	pthread_cond_signal(&l->answered);
	pthread_mutex_unlock(&l->lock);
}

/* A healthy disk answers the first question at once, and the console begins with its answer. */
static void wait_for_answer(struct lead *l)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += START_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&l->lock);
	while (l->answers == 0 &&
		pthread_cond_timedwait(&l->answered, &l->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&l->lock);
}

static void put_question(struct lead *l)
{
	l->refs++;
	chore_put(l->asking, l);
}

struct lead *lead_start(const char *path)
{
	struct lead *l = mem_new(struct lead);
	struct ulid made = {0};
	pthread_condattr_t attr;

	l->refs = 1;
	l->path = mem_str(path);
	l->fd = -1;
	ulid_next(&made, instant_now().wall_ms, l->name);
	l->answer = LEAD_IS_THEIRS; /* until the disk has answered */
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->answered, &attr);
	pthread_condattr_destroy(&attr);
	l->asking = chore_start("lead", ask, lead_unref);
	if (l->asking) {
		put_question(l);
		wait_for_answer(l);
	} else {
		ask(l);
	}
	return l;
}

void lead_stop(struct lead *l)
{
	if (!l)
		return;
	chore_stop(l->asking, STOP_MS);
	lead_unref(l);
}

/* An answer that came says how long the leader has been writing nothing; it is not asked in vain.
 */
static void note_answer(struct lead *l, struct instant now)
{
	int64_t since_ms = instant_age_ms(l->told, now);
	bool same = l->answer == LEAD_IS_THEIRS && l->beat[0] && str_eq(l->beat, l->last);

	if (!same)
		l->asleep_ms = 0;
	else if (since_ms > 0)
		l->asleep_ms += since_ms < STEP_MS ? since_ms : STEP_MS;
	l->take = l->asleep_ms >= LEAD_ASLEEP_MS;
	str_copy(l->last, sizeof(l->last), l->beat);
	l->told = now;
	l->silent_ms = 0;
	l->doubtful = false;
}

static enum answer hear(struct lead *l, struct instant now)
{
	int64_t step_ms = l->called.boot_ms ? instant_age_ms(l->called, now) : 0;
	enum answer answer;

	l->called = now;
	l->silent_ms += step_ms < STEP_MS ? step_ms : STEP_MS;
	pthread_mutex_lock(&l->lock);
	if (l->heard != l->answers)
		note_answer(l, now);
	l->heard = l->answers;
	answer = l->answer;
	pthread_mutex_unlock(&l->lock);
	l->doubtful = l->doubtful || step_ms >= LEAD_ASLEEP_MS / 2;
	return answer;
}

static void ask_when_due(struct lead *l, int64_t every_ms, struct instant now)
{
	if (!l->asking || (l->asked.boot_ms != 0 && instant_age_ms(l->asked, now) < every_ms) ||
		chore_busy_ms(l->asking, now.boot_ms) >= 0)
		return;
	l->asked = now;
	l->fresh = false;
	put_question(l);
}

bool lead_is_ours(struct lead *l, struct instant now)
{
	enum answer answer = hear(l, now);
	bool ours = answer == LEAD_IS_OURS;

	ask_when_due(l, ours ? BEAT_MS : ASK_MS, now);
	if (answer == NOBODY_CAN_LEAD || l->silent_ms >= LEAD_SILENT_MS)
		return true;
	return ours && !l->doubtful;
}

char *lead_note(struct lead *l, char dst[LEAD_NOTE])
{
	pthread_mutex_lock(&l->lock);
	str_copy(dst, LEAD_NOTE, l->note);
	pthread_mutex_unlock(&l->lock);
	return dst;
}

void lead_leave_note(struct lead *l, const char *note, struct instant now)
{
	bool news;

	pthread_mutex_lock(&l->lock);
	news = l->answer == LEAD_IS_OURS && !str_eq(l->note, note);
	if (news)
		str_copy(l->note, sizeof(l->note), note);
	pthread_mutex_unlock(&l->lock);
	l->fresh = l->fresh || news;
	if (l->fresh)
		ask_when_due(l, ASK_MS, now);
}
