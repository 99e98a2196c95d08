/* The thread only answers: whether the lock is held here, held by another console, or cannot be had
 * by anyone. What that means, and for how long an answer is good, is its owner's. */
#include "ops/incident/lead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/chore.h"
#include "base/mem.h"
#include "base/own_file.h"

#define ASK_MS  1000
#define STOP_MS 500

enum answer { LOCK_IS_OURS, LOCK_IS_THEIRS, NOBODY_CAN_LOCK };

struct lead {
	atomic_int refs; /* the owner, and the question that waits or runs */
	char *path;

	pthread_mutex_t lock; /* of what follows */
	int fd;               /* holds the lock; -1 */
	enum answer answer;
	unsigned answers;

	/* the owner's */
	struct chore *asking;
	unsigned heard;
	struct instant asked, told; /* the last question, the last answer */
};

static void lead_unref(void *arg)
{
	struct lead *l = arg;

	if (atomic_fetch_sub(&l->refs, 1) > 1)
		return;
	if (l->fd >= 0)
		close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l->path);
	free(l);
}

static enum answer try_lock(const char *path, int *fd)
{
	bool theirs;

	*fd = own_file_open(path, O_RDWR, NULL);
	if (*fd < 0)
		return NOBODY_CAN_LOCK;
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return LOCK_IS_OURS;
	theirs = errno == EWOULDBLOCK;
	close(*fd);
	*fd = -1;
	return theirs ? LOCK_IS_THEIRS : NOBODY_CAN_LOCK;
}

static void ask(void *arg)
{
	struct lead *l = arg;
	int fd;
	enum answer answer = try_lock(l->path, &fd);

	pthread_mutex_lock(&l->lock);
	l->fd = fd;
	l->answer = answer;
	l->answers++;
	pthread_mutex_unlock(&l->lock);
}

struct lead *lead_start(const char *path)
{
	struct lead *l = mem_new(struct lead);

	l->refs = 1;
	l->path = mem_str(path);
	pthread_mutex_init(&l->lock, NULL);
	ask(l);
	l->asking = chore_start("lead", ask, lead_unref);
	return l;
}

void lead_stop(struct lead *l)
{
	if (!l)
		return;
	chore_stop(l->asking, STOP_MS);
	lead_unref(l);
}

static enum answer hear(struct lead *l, struct instant now)
{
	enum answer answer;

	pthread_mutex_lock(&l->lock);
	answer = l->answer;
	if (l->heard != l->answers)
		l->told = now;
	l->heard = l->answers;
	pthread_mutex_unlock(&l->lock);
	return answer;
}

bool lead_is_ours(struct lead *l, struct instant now)
{
	enum answer answer = hear(l, now);

	if (answer == LOCK_IS_OURS)
		return true;
	if (l->asking && (l->asked.boot_ms == 0 || instant_age_ms(l->asked, now) >= ASK_MS) &&
		chore_busy_ms(l->asking, now.boot_ms) < 0) {
		l->asked = now;
		l->refs++;
		chore_put(l->asking, l);
	}
	return answer == NOBODY_CAN_LOCK || instant_age_ms(l->told, now) >= LEAD_SILENT_MS;
}
