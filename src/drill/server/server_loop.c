/* What a turn of the drill's server looks after: descriptors, timers, and connections that have
 * something to say. */
#include "server_parts.h"

#include <sys/epoll.h>

#include "base/instant.h"

static int64_t now_ms(void)
{
	return instant_now().boot_ms;
}

void server_adopt(struct server *s, struct conn *c)
{
	struct epoll_event ev = {.data.ptr = &c->handle};

	c->next = s->conns;
	s->conns = c;
	epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &ev);
}

void server_arm(struct conn *c, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = &c->handle};

	if (c->armed == events || c->fd < 0)
		return;
	c->armed = events;
	epoll_ctl(c->s->epoll, EPOLL_CTL_MOD, c->fd, &ev);
}

/* A child between fork and exec may hold the descriptor: closing ours alone would leave it polled.
 */
void server_forget_fd(struct server *s, int fd)
{
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void server_disown(struct conn *c)
{
	server_forget_fd(c->s, c->fd);
}

void server_dirty(struct conn *c)
{
	if (c->dirty || c->dead)
		return;
	c->dirty = true;
	c->next_dirty = c->s->dirty;
	c->s->dirty = c;
}

uint64_t server_after(struct server *s, int64_t ms, void (*fn)(void *arg), void *arg)
{
	struct timer *t = vec_add(&s->timers);

	t->id = ++s->last_timer;
	t->due_ms = now_ms() + ms;
	t->fn = fn;
	t->arg = arg;
	return t->id;
}

void server_forget(struct server *s, uint64_t timer)
{
	for (size_t i = 0; i < s->timers.len; i++)
		if (s->timers.at[i].id == timer) {
			s->timers.at[i] = s->timers.at[--s->timers.len];
			return;
		}
}

static const struct timer *timer_first(const struct server *s)
{
	const struct timer *first = NULL;

	for (size_t i = 0; i < s->timers.len; i++)
		if (first == NULL || s->timers.at[i].due_ms < first->due_ms)
			first = &s->timers.at[i];
	return first;
}

void server_run_timers(struct server *s)
{
	int64_t now = now_ms();
	const struct timer *t;

	while ((t = timer_first(s)) != NULL && t->due_ms <= now) {
		struct timer due = *t;

		server_forget(s, due.id);
		due.fn(due.arg);
	}
}

int server_wait_ms(const struct server *s)
{
	const struct timer *t = timer_first(s);
	int64_t left;

	if (t == NULL)
		return -1;
	left = t->due_ms - now_ms();
	return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}
