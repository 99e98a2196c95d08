/* What a run waits on: snapshots, answers, and the word to leave off. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/serial.h"
#include "base/str.h"
#include "model/settled.h"
#include "run_inner.h"

#define SETTLE_MS 10000 /* a server that hangs says nothing for ever: then go by what there is */
#define SLICE_MS  200   /* lines that came meanwhile are told */

static bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

bool run_is_stopped(const struct run *r)
{
	return readable(r->stop_fd);
}

bool run_is_aborted(const struct run *r)
{
	return readable(r->abort_fd) || readable(r->stop_fd);
}

static void look(struct run *r)
{
	struct snapshot *s = slot_take(r->place);

	if (s) {
		snapshot_unref(r->now);
		r->now = s;
	}
	if (r->dirty)
		run_tell(r);
}

bool run_wait(struct run *r, int64_t ms)
{
	struct pollfd fds[] = {{.fd = r->abort_fd, .events = POLLIN},
		{.fd = r->stop_fd, .events = POLLIN},
		{.fd = mailbox_fd(r->replies), .events = POLLIN},
		{.fd = slot_fd(r->place), .events = POLLIN}};

	poll(fds, 4, ms > SLICE_MS ? SLICE_MS : (int)ms);
	look(r);
	return !fds[0].revents && !fds[1].revents;
}

bool run_wait_settled(struct run *r)
{
	struct instant begin = instant_now();

	while (!r->now ||
		(!snapshot_is_settled(r->now) && instant_age_ms(begin, instant_now()) < SETTLE_MS))
		if (!run_wait(r, SLICE_MS))
			return false;
	return true;
}

/* The reply to this question; others are of questions that were given up. */
static struct ask_reply *reply_to(struct run *r, uint64_t number)
{
	struct letter *l;

	while ((l = mailbox_take(r->replies)) != NULL) {
		if (((struct ask_reply *)l)->number == number)
			return (struct ask_reply *)l;
		l->drop(l);
	}
	return NULL;
}

static bool take_reply(struct run *r, struct ask_reply *a, char answer[ASK_ANSWER])
{
	bool answered = a->end == ASK_ANSWERED;

	str_copy(answer, ASK_ANSWER, answered ? a->answer : "");
	if (a->end == ASK_REFUSED)
		run_why(r, _("too many questions wait for an answer already"), NULL);
	if (a->end == ASK_EXPIRED)
		run_why(r, _("nobody answered in time"), NULL);
	a->letter.drop(&a->letter);
	return answered;
}

bool run_ask(struct run *r, struct ask *a, char answer[ASK_ANSWER])
{
	struct ask_reply *reply;

	a->of = r->mark;
	ask_post(&r->world->asks, a, r->replies);
	run_state_set(r, RUN_ASKING);
	for (;;) {
		reply = reply_to(r, a->number);
		if (reply || !run_wait(r, SLICE_MS))
			break;
	}
	if (!reply) {
		ask_post(&r->world->asks, a, NULL);
		run_why(r, _("it was told to leave off"), NULL);
	}
	run_state_set(r, RUN_GOING);
	return reply && take_reply(r, reply, answer);
}
