/* One connection of the drill's server: the handshake, bytes in and out, and the listener's fault.
 * The protocols are in conn_h1.c and conn_h2.c. */
#include "server_parts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

static bool conn_frozen(const struct conn *c)
{
	return c->l->fault == FAULT_HANG || c->l->fault == FAULT_CUT ||
	       c->front->fault == FAULT_HANG || c->front->fault == FAULT_CUT ||
	       (c->l->severed && c->l != c->front);
}

static void conn_rearm(struct conn *c)
{
	uint32_t events = (c->closing ? 0u : EPOLLIN) | (c->want_write ? EPOLLOUT : 0u);

	server_arm(c, conn_frozen(c) ? 0 : events);
}

static void close_fd(int fd, bool reset)
{
	struct linger now = {.l_onoff = 1};

	if (reset)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static bool turns_away(const struct listener *l)
{
	return l->fault == FAULT_RESET || l->fault == FAULT_REFUSE;
}

void conn_accept(struct listener *front, int fd)
{
	struct listener *l = front;
	struct conn *c;
	int one = 1;

	if (front->as.choose != NULL)
		l = front->as.choose(front->as.arg);
	(l != NULL ? l : front)->count.connections++;
	if (l == NULL || turns_away(l) || turns_away(front)) {
		close_fd(fd, true);
		return;
	}
	if (front->as.unix_path == NULL)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c = mem_new(struct conn);
	c->handle.kind = HANDLE_CONN;
	c->s = front->s;
	c->front = front;
	c->l = l;
	c->fd = fd;
	c->wire = &h1_wire;
	buf_init(&c->in, CONN_MAX_HEAD + CONN_MAX_BODY);
	buf_init(&c->out, CONN_MAX_UNSENT);
	if (l->as.tls != NULL)
		c->tls = tls_conn_new(l->as.tls, fd);
	else
		c->up = true;
	server_adopt(c->s, c);
	conn_rearm(c);
}

void conn_kill(struct conn *c, bool reset)
{
	struct exchange *x;

	if (c->dead)
		return;
	c->dead = true;
	while ((x = c->first) != NULL) {
		c->first = x->next;
		exchange_free(x);
	}
	if (c->wire->close != NULL)
		c->wire->close(c);
	tls_conn_free(c->tls);
	c->tls = NULL;
	server_disown(c);
	close_fd(c->fd, reset);
	c->fd = -1;
}

void conn_free(struct conn *c)
{
	buf_done(&c->in);
	buf_done(&c->out);
	free(c);
}

void conn_refault(struct conn *c)
{
	const struct listener *both[] = {c->l, c->front};

	for (size_t i = 0; i < 2; i++)
		if (turns_away(both[i])) {
			conn_kill(c, true);
			return;
		}
	conn_rearm(c);
	if (!conn_frozen(c))
		server_dirty(c);
}

static enum tls_io conn_read_some(struct conn *c, void *dst, size_t n, size_t *got)
{
	ssize_t r;

	if (c->tls != NULL)
		return tls_conn_read(c->tls, dst, n, got);
	r = recv(c->fd, dst, n, 0);
	if (r > 0) {
		*got = (size_t)r;
		return TLS_IO_OK;
	}
	if (r == 0)
		return TLS_IO_CLOSED;
	return errno == EAGAIN || errno == EINTR ? TLS_IO_WANT_READ : TLS_IO_ERROR;
}

static enum tls_io conn_write_some(struct conn *c, const void *src, size_t n, size_t *put)
{
	ssize_t r;

	if (c->tls != NULL)
		return tls_conn_write(c->tls, src, n, put);
	r = send(c->fd, src, n, MSG_NOSIGNAL);
	if (r >= 0) {
		*put = (size_t)r;
		return TLS_IO_OK;
	}
	return errno == EAGAIN || errno == EINTR ? TLS_IO_WANT_WRITE : TLS_IO_ERROR;
}

/* True when there is more to do now. */
static bool conn_shake(struct conn *c)
{
	enum tls_io io = tls_conn_handshake(c->tls);

	switch (io) {
	case TLS_IO_OK:
		c->up = true;
		c->want_write = false;
		if (tls_conn_h2(c->tls) && h2_open(c) != 0) {
			conn_kill(c, true);
			return false;
		}
		conn_rearm(c);
		return true;
	case TLS_IO_WANT_READ:
	case TLS_IO_WANT_WRITE:
		c->want_write = io == TLS_IO_WANT_WRITE;
		conn_rearm(c);
		return false;
	case TLS_IO_CLOSED:
	case TLS_IO_ERROR:
		break;
	}
	conn_kill(c, false);
	return false;
}

void conn_event(struct conn *c, uint32_t events)
{
	char bytes[16384];
	size_t got = 0;
	enum tls_io io = TLS_IO_OK;

	if (conn_frozen(c)) {
		/* Not reading: an end of the peer is noticed only when thawed, as by a stopped
		 * process. */
		if ((events & (EPOLLHUP | EPOLLERR)) != 0)
			conn_kill(c, false);
		return;
	}
	if (!c->up && !conn_shake(c))
		return;
	while (!c->dead && io == TLS_IO_OK) {
		io = conn_read_some(c, bytes, sizeof(bytes), &got);
		if (io == TLS_IO_OK && c->wire->read(c, bytes, got) != 0)
			io = TLS_IO_ERROR;
	}
	if (c->dead)
		return;
	/* A peer that has said all it will may still hear what is left to say. */
	if (io == TLS_IO_CLOSED && c->out.len > 0)
		c->closing = true;
	else if (io == TLS_IO_CLOSED || io == TLS_IO_ERROR)
		conn_kill(c, false);
	if (!c->dead)
		server_dirty(c);
}

void conn_flush(struct conn *c)
{
	size_t put = 0;
	enum tls_io io = TLS_IO_OK;

	if (!c->up || conn_frozen(c))
		return;
	while (io == TLS_IO_OK) {
		if (c->wire->fill(c) != 0)
			io = TLS_IO_ERROR;
		else if (c->out.len == 0)
			break;
		else
			io = conn_write_some(c, c->out.at, c->out.len, &put);
		if (io == TLS_IO_OK)
			buf_drop(&c->out, put);
	}
	if (io == TLS_IO_CLOSED || io == TLS_IO_ERROR || (c->closing && c->out.len == 0)) {
		conn_kill(c, false);
		return;
	}
	c->want_write = c->out.len > 0;
	conn_rearm(c);
}
