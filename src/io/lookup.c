/* Name lookups on a thread that can be left: the resolver has no deadline of its own, and a name
 * server that is gone would hold whoever asks for half a minute. */
#include "io/lookup.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/chore.h"
#include "base/mem.h"
#include "base/wake.h"

struct lookup {
	atomic_int refs; /* the asker's, and the thread's */
	char *host, port[12];
	int over;             /* a wake-up */
	struct chore *asking; /* the asker's */

	pthread_mutex_t lock; /* of what follows */
	int result;
	struct addrinfo *list;
};

static void lookup_unref(void *arg)
{
	struct lookup *l = arg;

	if (atomic_fetch_sub(&l->refs, 1) > 1)
		return;
	if (l->list != NULL)
		freeaddrinfo(l->list);
	close(l->over);
	pthread_mutex_destroy(&l->lock);
	free(l->host);
	free(l);
}

static void resolve(struct lookup *l, int flags)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *list = NULL;
	int result = getaddrinfo(l->host, l->port, &hints, &list);

	pthread_mutex_lock(&l->lock);
	l->result = result;
	l->list = list;
	pthread_mutex_unlock(&l->lock);
}

static void ask_system(void *arg)
{
	struct lookup *l = arg;

	resolve(l, 0);
	wake_set(l->over);
}

struct lookup *lookup_start(const char *host, int port)
{
	struct lookup *l = mem_new(struct lookup);

	l->refs = 1;
	l->host = mem_str(host);
	snprintf(l->port, sizeof(l->port), "%d", port);
	l->over = wake_open();
	pthread_mutex_init(&l->lock, NULL);
	resolve(l, AI_NUMERICHOST | AI_NUMERICSERV);
	if (l->result == 0 ||
		(l->asking = chore_start("lookup", ask_system, lookup_unref)) == NULL) {
		wake_set(l->over);
		return l;
	}
	l->result = EAI_INPROGRESS;
	l->refs++;
	chore_put(l->asking, l);
	return l;
}

int lookup_fd(const struct lookup *l)
{
	return l->over;
}

int lookup_take(struct lookup *l, struct addrinfo **list)
{
	int result;

	pthread_mutex_lock(&l->lock);
	result = l->result;
	*list = l->list;
	l->list = NULL;
	pthread_mutex_unlock(&l->lock);
	return result;
}

void lookup_end(struct lookup *l)
{
	chore_stop(l->asking, 0);
	lookup_unref(l);
}
