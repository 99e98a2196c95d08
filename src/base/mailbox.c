/* Letters between threads: a list under a mutex, and a wake-up that is set while
 * the list is not empty. Both change under the same lock, so a receiver that
 * polls the descriptor never sleeps over a letter. */
#include "base/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wake.h"

struct mailbox {
	pthread_mutex_t lock;
	struct letter *first, **last;
	size_t n, max;
	int fd;
};

struct mailbox *mailbox_new(size_t max_letters)
{
	struct mailbox *box = mem_new(struct mailbox);

	pthread_mutex_init(&box->lock, NULL);
	box->last = &box->first;
	box->max = max_letters;
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

int mailbox_post(struct mailbox *box, struct letter *l)
{
	int rc = -1;

	pthread_mutex_lock(&box->lock);
	if (box->n < box->max) {
		l->next = NULL;
		*box->last = l;
		box->last = &l->next;
		if (box->n++ == 0)
			wake_set(box->fd);
		rc = 0;
	}
	pthread_mutex_unlock(&box->lock);
	return rc;
}

struct letter *mailbox_take(struct mailbox *box)
{
	struct letter *l;

	pthread_mutex_lock(&box->lock);
	l = box->first;
	if (l != NULL) {
		box->first = l->next;
		l->next = NULL;
		if (--box->n == 0) {
			box->last = &box->first;
			wake_clear(box->fd);
		}
	}
	pthread_mutex_unlock(&box->lock);
	return l;
}

int mailbox_fd(const struct mailbox *box)
{
	return box->fd;
}
