/* The newest of something. One pointer under a mutex; what a put pushes out is
 * dropped by the putter, after the lock is given back. */
#include "base/slot.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/wake.h"

struct slot {
	pthread_mutex_t lock;
	void *thing;
	void (*drop)(void *thing);
	int fd;
};

struct slot *slot_new(void (*drop)(void *thing))
{
	struct slot *s = mem_new(struct slot);

	pthread_mutex_init(&s->lock, NULL);
	s->drop = drop;
	s->fd = wake_open();
	return s;
}

void slot_free(struct slot *s)
{
	if (s == NULL)
		return;
	if (s->thing != NULL)
		s->drop(s->thing);
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void slot_put(struct slot *s, void *thing)
{
	void *unread;

	pthread_mutex_lock(&s->lock);
	unread = s->thing;
	s->thing = thing;
	if (unread == NULL)
		wake_set(s->fd);
	pthread_mutex_unlock(&s->lock);
	if (unread != NULL)
		s->drop(unread);
}

void *slot_take(struct slot *s)
{
	void *thing;

	pthread_mutex_lock(&s->lock);
	thing = s->thing;
	s->thing = NULL;
	if (thing != NULL)
		wake_clear(s->fd);
	pthread_mutex_unlock(&s->lock);
	return thing;
}

int slot_fd(const struct slot *s)
{
	return s->fd;
}
