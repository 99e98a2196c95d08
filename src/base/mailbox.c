/* Letters between threads: a list under a mutex, and a wake-up that is set while
 * the list is not empty. Both change under the same lock, so a receiver that
 * polls the descriptor never sleeps over a letter. */
#include "base/mailbox.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wake.h"

/* In their order. */
struct queue {
	struct letter *first, **last;
};

struct mailbox {
	pthread_mutex_t lock;
	struct queue answers, posts;
	size_t n, n_posts, max_posts;
	size_t bytes; /* of the posts */
	uint64_t refused;
	int fd;
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

static void queue_add(struct queue *q, struct letter *l)
{
	l->next = NULL;
	*q->last = l;
	q->last = &l->next;
}

static struct letter *queue_take(struct queue *q)
{
	struct letter *l = q->first;

	if (l == NULL)
		return NULL;
	q->first = l->next;
	if (q->first == NULL)
		q->last = &q->first;
	l->next = NULL;
	return l;
}

struct mailbox *mailbox_new(size_t max_letters)
{
	struct mailbox *box = mem_new(struct mailbox);

	pthread_mutex_init(&box->lock, NULL);
	queue_init(&box->answers);
	queue_init(&box->posts);
	box->max_posts = max_letters;
	box->fd = wake_open();
	return box;
}

void mailbox_free(struct mailbox *box)
{
	struct letter *l;

	if (box == NULL)
		return;
	while ((l = mailbox_take(box)) != NULL)
		l->drop(l);
	close(box->fd);
	pthread_mutex_destroy(&box->lock);
	free(box);
}

/* One more waits; the lock is held. */
static void add(struct mailbox *box, struct queue *q, struct letter *l)
{
	queue_add(q, l);
	if (box->n++ == 0)
		wake_set(box->fd);
}

int mailbox_post(struct mailbox *box, struct letter *l)
{
	bool room;

	pthread_mutex_lock(&box->lock);
	room = box->n_posts < box->max_posts &&
	       (box->n_posts == 0 || box->bytes + l->bytes <= MAILBOX_BYTES);
	if (room) {
		add(box, &box->posts, l);
		box->n_posts++;
		box->bytes += l->bytes;
	} else {
		box->refused++;
	}
	pthread_mutex_unlock(&box->lock);
	return room ? 0 : -1;
}

void mailbox_answer(struct mailbox *box, struct letter *l)
{
	pthread_mutex_lock(&box->lock);
	add(box, &box->answers, l);
	pthread_mutex_unlock(&box->lock);
}

int letter_post(struct letter *l)
{
	return mailbox_post(l->to.box, l);
}

void letter_answer(struct letter *l)
{
	mailbox_answer(l->to.box, l);
}

void letter_free(struct letter *l)
{
	free(l);
}

void letter_hear(struct letter *l, struct instant now)
{
	l->to.hear(l->to.room, l, now);
}

struct letter *mailbox_take(struct mailbox *box)
{
	struct letter *l;

	pthread_mutex_lock(&box->lock);
	l = queue_take(&box->answers);
	if (l == NULL && (l = queue_take(&box->posts)) != NULL) {
		box->n_posts--;
		box->bytes -= l->bytes;
	}
	if (l != NULL && --box->n == 0)
		wake_clear(box->fd);
	pthread_mutex_unlock(&box->lock);
	return l;
}

struct mailbox_load mailbox_load(struct mailbox *box)
{
	struct mailbox_load load;

	pthread_mutex_lock(&box->lock);
	load = (struct mailbox_load){box->n, box->refused};
	pthread_mutex_unlock(&box->lock);
	return load;
}

int mailbox_fd(const struct mailbox *box)
{
	return box->fd;
}
