/* The script's place is one number under a lock; what did not match is remembered and said at the
 * end, on the test's own thread. */
#include "help/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "help/hostile.h"
#include "io/tls_server.h"

#define DEADLINE_S 20

#define DRIP_MS 200

struct script {
	const struct script_step *steps;
	size_t n;
	struct hostile *server;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int asked, left;
	char wrong[600];
};

static bool holds_all(const char *head, const char *words)
{
	bool all = true;

	while (all && *words != '\0') {
		size_t n = strcspn(words, " ");
		char *word = str_fmt("%.*s", (int)n, words);

		all = strstr(head, word) != NULL;
		free(word);
		words += n + (words[n] == ' ');
	}
	return all;
}

/* The step for this request; NULL when the script is over. */
static const struct script_step *next_step(struct script *s, const char *head)
{
	const struct script_step *step = NULL;
	int at;

	pthread_mutex_lock(&s->lock);
	at = s->asked++;
	if ((size_t)at < s->n)
		step = &s->steps[at];
	if (step != NULL && s->wrong[0] == '\0' &&
		((step->expect != NULL && !holds_all(head, step->expect)) ||
			(step->reject != NULL && strstr(head, step->reject) != NULL)))
		snprintf(s->wrong, sizeof(s->wrong),
			"request %d should hold \"%s\" and not \"%s\": %.300s", at + 1,
			step->expect != NULL ? step->expect : "",
			step->reject != NULL ? step->reject : "", head);
	pthread_mutex_unlock(&s->lock);
	return step;
}

static int send_body(struct peer *p, const struct script_step *step)
{
	const char *at = step->body != NULL ? step->body : "";
	size_t left = step->body_bytes > 0 ? step->body_bytes : strlen(at);

	while (left > 0) {
		size_t n = step->drip > 0 && step->drip < left ? step->drip : left;

		if (peer_send(p, at, n) != 0)
			return -1;
		at += n;
		left -= n;
	}
	return 0;
}

static void wait_closed(struct script *s, struct peer *p)
{
	char c;

	while (peer_read(p, &c, 1) == 0)
		;
	pthread_mutex_lock(&s->lock);
	s->left++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void serve(struct peer *p, void *arg)
{
	struct script *s = arg;
	const struct script_step *step;
	struct buf head;
	char *answer;

	buf_init(&head, 64u << 10);
	if (peer_request(p, &head) != 0)
		goto out;
	step = next_step(s, buf_text(&head));
	if (step == NULL)
		peer_hold(p);
	if (step == NULL || step->status == 0)
		goto out;
	answer = str_fmt(
		"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nConnection: close\r\n%s\r\n",
		step->status, step->headers != NULL ? step->headers : "");
	if (peer_say(p, answer) == 0 && send_body(p, step) == 0 && step->then == SCRIPT_HOLD)
		peer_hold(p);
	while (step->then == SCRIPT_DRIP && peer_say(p, " ") == 0)
		poll(NULL, 0, DRIP_MS);
	if (step->then == SCRIPT_WAIT)
		wait_closed(s, p);
	if (step->then == SCRIPT_RESET)
		peer_reset_on_close(p);
	free(answer);
out:
	buf_done(&head);
}

struct script *script_start(struct tls_server *tls, const struct script_step *steps, size_t n)
{
	struct script *s = mem_new(struct script);

	s->steps = steps;
	s->n = n;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->server = hostile_start(tls, serve, s);
	return s;
}

int script_port(const struct script *s)
{
	return hostile_port(s->server);
}

int script_asked(struct script *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->asked;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void script_wait_left(struct script *s, int n)
{
	struct timespec until;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEADLINE_S;
	pthread_mutex_lock(&s->lock);
	while (s->left < n && late == 0)
		late = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
	if (late != 0)
		fail_msg("no client closed its connection");
}

void script_stop(struct script *s)
{
	char wrong[sizeof(s->wrong)];

	hostile_stop(s->server);
	memcpy(wrong, s->wrong, sizeof(wrong));
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->changed);
	free(s);
	if (wrong[0] != '\0')
		fail_msg("%s", wrong);
}
