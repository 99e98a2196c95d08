/* The drill's server loop: listeners, timers, calls from other threads, and the
 * faults. A refused listener has closed its socket; a hung one leaves it to
 * the kernel, as a stopped process does; a cut one keeps its accept queue full
 * with a connection of its own, so that the kernel drops every SYN and a client
 * waits as it would for a machine that is off. */
#include "drill/server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/wake.h"
#include "server_parts.h"

enum { SERVER_EVENTS = 64, SERVER_BACKLOG = 128, SERVER_CALLS = 64 };

struct call {
	struct letter letter;
	void (*fn)(void *arg);
	void *arg;
	int done;
};

/* Which server's loop this thread runs. */
static _Thread_local const struct server *here;

/* ---- listeners ---- */

static int listener_socket(struct listener *l, int backlog)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
	bool unix_one = l->as.unix_path != NULL;
	socklen_t n = sizeof(in);
	int one = 1, saved;
	int fd =
		socket(unix_one ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (unix_one) {
		if (!str_copy(un.sun_path, sizeof(un.sun_path), l->as.unix_path)) {
			errno = ENAMETOOLONG;
			goto failed;
		}
		unlink(un.sun_path);
		if (bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
			goto failed;
	} else {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (inet_pton(AF_INET, l->as.address, &in.sin_addr) != 1) {
			errno = EINVAL;
			goto failed;
		}
		if (bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0)
			goto failed;
	}
	if (listen(fd, backlog) != 0)
		goto failed;
	if (!unix_one && getsockname(fd, (struct sockaddr *)&in, &n) == 0)
		l->port = ntohs(in.sin_port);
	return fd;
failed:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int listener_open(struct listener *l)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &l->handle};

	l->fd = listener_socket(l, SERVER_BACKLOG);
	if (l->fd < 0)
		return -1;
	return epoll_ctl(l->s->epoll, EPOLL_CTL_ADD, l->fd, &ev);
}

static void listener_close(struct listener *l)
{
	if (l->fd >= 0) {
		server_forget_fd(l->s, l->fd);
		close(l->fd);
	}
	if (l->filler >= 0)
		close(l->filler);
	l->fd = l->filler = -1;
}

/* A queue of one, and one of ours in it that is never accepted. */
static void listener_cut(struct listener *l)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};

	listener_close(l);
	l->fd = listener_socket(l, 0);
	if (l->fd < 0 || inet_pton(AF_INET, l->as.address, &in.sin_addr) != 1)
		return;
	l->filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->filler >= 0)
		(void)!connect(l->filler, (struct sockaddr *)&in, sizeof(in));
}

struct listener *server_listen(struct server *s, const struct listen_request *r, struct err *e)
{
	struct listener *l = mem_new(struct listener);

	l->handle.kind = HANDLE_LISTENER;
	l->s = s;
	l->as = *r;
	l->as.address = mem_str(r->address);
	l->as.unix_path = mem_str(r->unix_path);
	l->port = r->port;
	l->fd = l->filler = -1;
	if (listener_open(l) != 0) {
		err_sys(e, errno, "listening on %s:%d",
			r->unix_path != NULL ? r->unix_path : r->address, r->port);
		listener_close(l);
		free((char *)(uintptr_t)l->as.address);
		free((char *)(uintptr_t)l->as.unix_path);
		free(l);
		return NULL;
	}
	l->next = s->listeners;
	s->listeners = l;
	return l;
}

int listener_port(const struct listener *l)
{
	return l->port;
}

struct listener_count listener_count(const struct listener *l)
{
	return l->count;
}

void listener_set_tls(struct listener *l, struct tls_server *tls)
{
	l->as.tls = tls;
}

enum fault listener_fault(const struct listener *l)
{
	return l->fault;
}

void listener_set_fault(struct listener *l, enum fault fault, int64_t slow_ms)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &l->handle};
	enum fault was = l->fault;

	l->slow_ms = slow_ms;
	if (was == fault)
		return;
	l->fault = fault;
	if (was == FAULT_REFUSE || was == FAULT_CUT)
		listener_close(l);
	if (fault == FAULT_CUT)
		listener_cut(l);
	else if (fault == FAULT_REFUSE || (l->fd < 0 && listener_open(l) != 0))
		listener_close(l);
	if (l->fd >= 0 && fault != FAULT_CUT) {
		ev.events = fault == FAULT_HANG ? 0 : EPOLLIN;
		epoll_ctl(l->s->epoll, EPOLL_CTL_MOD, l->fd, &ev);
	}
	for (struct conn *c = l->s->conns; c != NULL; c = c->next)
		if ((c->l == l || c->front == l) && !c->dead)
			conn_refault(c);
}

void listener_sever(struct listener *l, bool severed)
{
	if (l->severed == severed)
		return;
	l->severed = severed;
	for (struct conn *c = l->s->conns; c != NULL; c = c->next)
		if (c->l == l && c->front != l && !c->dead)
			conn_refault(c);
}

static void listener_accept(struct listener *l)
{
	int fd;

	while ((fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		conn_accept(l, fd);
}

static void flush_dirty(struct server *s)
{
	struct conn *c;

	while ((c = s->dirty) != NULL) {
		s->dirty = c->next_dirty;
		c->dirty = false;
		if (!c->dead)
			conn_flush(c);
	}
}

static void bury_dead(struct server *s)
{
	for (struct conn **at = &s->conns; *at != NULL;) {
		struct conn *c = *at;

		if (!c->dead) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		conn_free(c);
	}
}

/* ---- calls ---- */

static void call_drop(struct letter *l)
{
	wake_set(((struct call *)l)->done);
}

static void run_calls(struct server *s)
{
	struct letter *l;

	while ((l = mailbox_take(s->calls)) != NULL) {
		struct call *call = (struct call *)l;

		call->fn(call->arg);
		l->drop(l);
	}
}

void server_run(struct server *s, void (*fn)(void *arg), void *arg)
{
	struct call call = {.letter.drop = call_drop, .fn = fn, .arg = arg};

	if (!s->started || here == s) {
		fn(arg);
		return;
	}
	call.done = wake_open();
	if (mailbox_post(s->calls, &call.letter) == 0) {
		struct pollfd p = {.fd = call.done, .events = POLLIN};

		while (poll(&p, 1, -1) < 0 && errno == EINTR)
			;
		wake_clear(call.done);
	}
	close(call.done);
}

/* ---- the loop ---- */

static void dispatch(struct server *s, const struct epoll_event *ev)
{
	struct handle *h = ev->data.ptr;

	switch (h->kind) {
	case HANDLE_CALLS:
		run_calls(s);
		break;
	case HANDLE_LISTENER:
		listener_accept((struct listener *)h);
		break;
	case HANDLE_CONN:
		if (!((struct conn *)h)->dead)
			conn_event((struct conn *)h, ev->events);
		break;
	}
}

static void *server_thread(void *arg)
{
	struct server *s = arg;
	struct epoll_event events[SERVER_EVENTS];

	here = s;
	while (!s->stop) {
		int n = epoll_wait(s->epoll, events, SERVER_EVENTS, server_wait_ms(s));

		for (int i = 0; i < n; i++)
			dispatch(s, &events[i]);
		server_run_timers(s);
		flush_dirty(s);
		bury_dead(s);
	}
	return NULL;
}

struct server *server_new(struct err *e)
{
	struct server *s = mem_new(struct server);
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &s->calls_handle};

	s->calls_handle.kind = HANDLE_CALLS;
	s->calls = mailbox_new(SERVER_CALLS);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, mailbox_fd(s->calls), &ev) != 0) {
		err_sys(e, errno, "making the drill's event loop");
		server_stop(s);
		return NULL;
	}
	return s;
}

int server_start(struct server *s, struct err *e)
{
	int rc;

	s->started = true;
	rc = thread_start(&s->thread, "drill", server_thread, s);
	if (rc == 0)
		return 0;
	s->started = false;
	return err_sys(e, rc, "starting the drill's thread");
}

static void stop_now(void *arg)
{
	((struct server *)arg)->stop = true;
}

void server_stop(struct server *s)
{
	struct listener *l;

	if (s == NULL)
		return;
	if (s->started) {
		server_run(s, stop_now, s);
		pthread_join(s->thread, NULL);
		s->started = false;
	}
	for (struct conn *c = s->conns; c != NULL; c = c->next)
		if (!c->dead)
			conn_kill(c, false);
	bury_dead(s);
	while ((l = s->listeners) != NULL) {
		s->listeners = l->next;
		listener_close(l);
		if (l->as.unix_path != NULL)
			unlink(l->as.unix_path);
		free((char *)(uintptr_t)l->as.address);
		free((char *)(uintptr_t)l->as.unix_path);
		free(l);
	}
	mailbox_free(s->calls);
	if (s->epoll >= 0)
		close(s->epoll);
	vec_done(&s->timers);
	free(s);
}
