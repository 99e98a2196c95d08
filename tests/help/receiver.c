#include "help/receiver.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/vec.h"
#include "help/hostile.h"

#define WAIT_MS    20000
#define BODY_BYTES (1u << 20)

struct receiver {
	struct hostile *server;
	const struct receiver_answer *answers;
	size_t n_answers;
	pthread_mutex_t lock;
	pthread_cond_t came;
	bool released;
	VEC(char *) heads;
	VEC(char *) bodies;
};

static int read_body(struct peer *p, const char *head, struct buf *body)
{
	const char *length = strstr(head, "Content-Length: ");
	long n = length ? strtol(length + strlen("Content-Length: "), NULL, 10) : 0;
	char c;

	for (; n > 0; n--) {
		if (peer_read(p, &c, 1) != 0)
			return -1;
		buf_putc(body, c);
	}
	return 0;
}

/* Which answer this one gets. */
static const struct receiver_answer *record(struct receiver *r, struct buf *head, struct buf *body)
{
	size_t at;

	pthread_mutex_lock(&r->lock);
	at = r->heads.len;
	*vec_add(&r->heads) = buf_take(head);
	*vec_add(&r->bodies) = buf_take(body);
	pthread_cond_broadcast(&r->came);
	pthread_mutex_unlock(&r->lock);
	return &r->answers[at < r->n_answers ? at : r->n_answers - 1];
}

static void wait_for_release(struct receiver *r)
{
	pthread_mutex_lock(&r->lock);
	while (!r->released)
		pthread_cond_wait(&r->came, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

void receiver_release(struct receiver *r)
{
	pthread_mutex_lock(&r->lock);
	r->released = true;
	pthread_cond_broadcast(&r->came);
	pthread_mutex_unlock(&r->lock);
}

static void serve(struct peer *p, void *arg)
{
	const struct receiver_answer *a;
	struct buf head, body, answer;
	const char *text;

	buf_init(&head, BODY_BYTES);
	buf_init(&body, BODY_BYTES);
	buf_init(&answer, BODY_BYTES);
	if (peer_request(p, &head) == 0 && read_body(p, head.at, &body) == 0) {
		a = record(arg, &head, &body);
		text = a->body ? a->body : "ok";
		if (a->status == RECEIVER_HELD)
			wait_for_release(arg);
		if (a->status == 0)
			peer_hold(p);
		else
			buf_fmt(&answer,
				"HTTP/1.1 %d Said\r\nConnection: close\r\nContent-Length: "
				"%zu\r\n%s\r\n%s",
				a->status == RECEIVER_HELD ? 200 : a->status, strlen(text),
				a->headers ? a->headers : "", text);
		peer_say(p, buf_text(&answer));
	}
	buf_done(&head);
	buf_done(&body);
	buf_done(&answer);
}

struct receiver *receiver_start_at(int port, const struct receiver_answer *answers, size_t n)
{
	struct receiver *r = mem_new(struct receiver);
	pthread_condattr_t attr;

	r->answers = answers;
	r->n_answers = n;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->came, &attr);
	pthread_condattr_destroy(&attr);
	r->server = hostile_start_at(port, NULL, serve, r);
	return r;
}

struct receiver *receiver_start(const struct receiver_answer *answers, size_t n)
{
	return receiver_start_at(0, answers, n);
}

void receiver_stop(struct receiver *r)
{
	hostile_stop(r->server);
	for (size_t i = 0; i < r->heads.len; i++) {
		free(r->heads.at[i]);
		free(r->bodies.at[i]);
	}
	vec_done(&r->heads);
	vec_done(&r->bodies);
	pthread_cond_destroy(&r->came);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

int receiver_port(const struct receiver *r)
{
	return hostile_port(r->server);
}

int receiver_count(struct receiver *r)
{
	int n;

	pthread_mutex_lock(&r->lock);
	n = (int)r->heads.len;
	pthread_mutex_unlock(&r->lock);
	return n;
}

static const char *nth(struct receiver *r, int n, bool body)
{
	const char *text = "";

	pthread_mutex_lock(&r->lock);
	if (n >= 0 && (size_t)n < r->heads.len)
		text = body ? r->bodies.at[n] : r->heads.at[n];
	pthread_mutex_unlock(&r->lock);
	return text;
}

const char *receiver_head(struct receiver *r, int n)
{
	return nth(r, n, false);
}

const char *receiver_body(struct receiver *r, int n)
{
	return nth(r, n, true);
}

bool receiver_wait(struct receiver *r, int count)
{
	struct timespec until;
	bool there;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += WAIT_MS / 1000;
	pthread_mutex_lock(&r->lock);
	while ((int)r->heads.len < count && rc == 0)
		rc = pthread_cond_timedwait(&r->came, &r->lock, &until);
	there = (int)r->heads.len >= count;
	pthread_mutex_unlock(&r->lock);
	return there;
}
