/* Threads and blocking sockets: a server whose only job is to be easy to make misbehave. */
#include "help/hostile.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"
#include "io/tls_server.h"

struct peer {
	struct hostile *of;
	pthread_t thread;
	int fd, number;
	bool gone;
	struct tls_conn *tls;
};

struct hostile {
	int fd, port;
	struct tls_server *tls;
	void (*serve)(struct peer *p, void *arg);
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	VEC(struct peer *) peers;
	bool released, stopping;
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

/* *port 0: any. */
static int listen_local(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)*port)};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (*port != 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	must(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 64) == 0 &&
			getsockname(fd, (struct sockaddr *)&at, &size) == 0,
		"listen");
	*port = ntohs(at.sin_port);
	return fd;
}

int hostile_closed_port(void)
{
	int port = 0;

	close(listen_local(&port));
	return port;
}

/* Lets the client read the last bytes: closing with its own unread would reset the connection. */
static void linger(const struct peer *p)
{
	char rest[1024];

	shutdown(p->fd, SHUT_WR);
	while (recv(p->fd, rest, sizeof(rest), 0) > 0)
		;
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	struct hostile *h = p->of;

	if (h->tls != NULL)
		p->tls = tls_conn_new(h->tls, p->fd);
	if (p->tls == NULL || tls_conn_handshake(p->tls) == TLS_IO_OK)
		h->serve(p, h->arg);
	else
		linger(p);
	tls_conn_free(p->tls);
	pthread_mutex_lock(&h->lock);
	p->gone = true;
	close(p->fd);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void *accept_main(void *arg)
{
	struct hostile *h = arg;
	struct peer *p;
	int fd;

	while ((fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		p = mem_new(struct peer);
		p->of = h;
		p->fd = fd;
		pthread_mutex_lock(&h->lock);
		*vec_add(&h->peers) = p;
		p->number = (int)h->peers.len;
		if (h->stopping)
			shutdown(fd, SHUT_RDWR);
		must(pthread_create(&p->thread, NULL, peer_main, p) == 0, "pthread_create");
		pthread_mutex_unlock(&h->lock);
	}
	return NULL;
}

struct hostile *hostile_start(
	struct tls_server *tls, void (*serve)(struct peer *p, void *arg), void *arg)
{
	return hostile_start_at(0, tls, serve, arg);
}

struct hostile *hostile_start_at(
	int port, struct tls_server *tls, void (*serve)(struct peer *p, void *arg), void *arg)
{
	struct hostile *h = mem_new(struct hostile);

	h->port = port;
	h->tls = tls;
	h->serve = serve;
	h->arg = arg;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->freed, NULL);
	h->fd = listen_local(&h->port);
	must(pthread_create(&h->thread, NULL, accept_main, h) == 0, "pthread_create");
	return h;
}

void hostile_release(struct hostile *h)
{
	pthread_mutex_lock(&h->lock);
	h->released = true;
	pthread_cond_broadcast(&h->freed);
	pthread_mutex_unlock(&h->lock);
}

void hostile_stop(struct hostile *h)
{
	size_t i;

	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_mutex_unlock(&h->lock);
	shutdown(h->fd, SHUT_RDWR);
	pthread_join(h->thread, NULL);
	hostile_release(h);
	pthread_mutex_lock(&h->lock);
	for (i = 0; i < h->peers.len; i++)
		if (!h->peers.at[i]->gone)
			shutdown(h->peers.at[i]->fd, SHUT_RDWR);
	pthread_mutex_unlock(&h->lock);
	for (i = 0; i < h->peers.len; i++) {
		pthread_join(h->peers.at[i]->thread, NULL);
		free(h->peers.at[i]);
	}
	vec_done(&h->peers);
	close(h->fd);
	pthread_cond_destroy(&h->freed);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

int hostile_port(const struct hostile *h)
{
	return h->port;
}

int hostile_connections(struct hostile *h)
{
	int n;

	pthread_mutex_lock(&h->lock);
	n = (int)h->peers.len;
	pthread_mutex_unlock(&h->lock);
	return n;
}

int peer_number(const struct peer *p)
{
	return p->number;
}

static ssize_t read_some(struct peer *p, void *dst, size_t n)
{
	size_t got = 0;

	if (p->tls == NULL)
		return recv(p->fd, dst, n, 0);
	return tls_conn_read(p->tls, dst, n, &got) == TLS_IO_OK ? (ssize_t)got : -1;
}

int peer_read(struct peer *p, void *dst, size_t n)
{
	char *at = dst;
	ssize_t got;

	for (; n > 0; at += got, n -= (size_t)got)
		if ((got = read_some(p, at, n)) <= 0)
			return -1;
	return 0;
}

int peer_request(struct peer *p, struct buf *head)
{
	char c;

	buf_clear(head);
	do {
		if (peer_read(p, &c, 1) != 0)
			return -1;
		buf_putc(head, c);
	} while (head->len < 4 || memcmp(head->at + head->len - 4, "\r\n\r\n", 4) != 0);
	return 0;
}

int peer_send(struct peer *p, const void *bytes, size_t n)
{
	const char *at = bytes;
	size_t put = 0;
	ssize_t sent;

	for (; n > 0; at += put, n -= put) {
		if (p->tls != NULL) {
			if (tls_conn_write(p->tls, at, n, &put) != TLS_IO_OK)
				return -1;
		} else {
			sent = send(p->fd, at, n, MSG_NOSIGNAL);
			if (sent <= 0)
				return -1;
			put = (size_t)sent;
		}
	}
	return 0;
}

int peer_say(struct peer *p, const char *text)
{
	return peer_send(p, text, strlen(text));
}

void peer_hold(struct peer *p)
{
	pthread_mutex_lock(&p->of->lock);
	while (!p->of->released)
		pthread_cond_wait(&p->of->freed, &p->of->lock);
	pthread_mutex_unlock(&p->of->lock);
}

void peer_reset_on_close(struct peer *p)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}
