/* A server that refuses is down; one that says nothing may only be slow. So the first is believed
 * at once, and the second is given a name of its own (silent) with the time since the first asking
 * that brought nothing. */
#include "ops/watch/question.h"

#include <string.h>

#include "base/chance.h"
#include "base/serial.h"
#include "base/str.h"

#define DRAWS INT64_C(256)

void question_init(struct question *q, int64_t every_ms)
{
	memset(q, 0, sizeof(*q));
	q->every_ms = every_ms;
	q->silent_ms = QUESTION_SILENT_MS;
	q->total_ms = QUESTION_TOTAL_MS;
	q->probe.latency_us = -1;
}

void question_backs_off(struct question *q, int64_t rarest_ms)
{
	q->rarest_ms = rarest_ms;
}

/* Half as long again each time, once patience is over. */
static int64_t period_ms(const struct question *q)
{
	int64_t ms = q->every_ms;

	if (q->rarest_ms == 0)
		return ms;
	for (unsigned i = QUESTION_PATIENCE; i < q->vain && ms < q->rarest_ms; i++)
		ms += ms / 2;
	if (ms > q->rarest_ms)
		ms = q->rarest_ms > q->every_ms ? q->rarest_ms : q->every_ms;
	return ms + ms * q->draw / (DRAWS * 10);
}

static bool is_lost(const struct question *q, struct instant now)
{
	return q->in_flight && instant_age_ms(q->asked, now) >= q->total_ms + QUESTION_LATE_MS;
}

bool question_due(const struct question *q, struct instant now)
{
	int64_t age = instant_age_ms(q->asked, now);

	if (q->held.boot_ms > now.boot_ms)
		return false;
	return q->in_flight ? is_lost(q, now) : age < 0 || age >= period_ms(q);
}

/* What was known not long ago, before silence began. */
static enum probe_state known_before(const struct question *q, struct instant now)
{
	bool recent = q->probe.good.boot_ms != 0 &&
		      instant_age_ms(q->probe.good, now) < LIMIT_SILENCE_MS + q->every_ms;

	return recent ? PROBE_OK : PROBE_NEVER;
}

/* What has failed stays so: only another answer can tell. */
static void give_up(struct question *q, struct instant now)
{
	q->in_flight = false;
	q->lost = now;
	if (q->probe.state == PROBE_FAILED)
		return;
	q->silent = q->probe.since = (struct instant){0};
	q->probe.state = known_before(q, now);
}

uint64_t question_asked(struct question *q, struct instant now)
{
	if (q->in_flight)
		give_up(q, now);
	q->in_flight = true;
	q->asked = now;
	q->before_ms = q->silent.boot_ms ? instant_age_ms(q->silent, now) : 0;
	q->draw = chance_below((unsigned)DRAWS);
	q->number = serial_next();
	return q->number;
}

void question_again(struct question *q)
{
	if (!q->in_flight)
		q->asked = (struct instant){0};
	q->vain = 0;
}

void question_hold(struct question *q, struct instant now, int64_t ms)
{
	if (ms > 0)
		q->held = (struct instant){now.wall_ms + ms, now.boot_ms + ms};
}

bool question_awaits(const struct question *q, uint64_t number)
{
	return q->in_flight && q->number == number;
}

void question_withdraw(struct question *q)
{
	q->in_flight = false;
	q->asked = (struct instant){0};
}

void question_queued(struct question *q, struct instant now)
{
	if (q->in_flight)
		q->asked = now;
}

static void delay(struct instant *t, int64_t ms)
{
	if (t->boot_ms == 0)
		return;
	t->boot_ms += ms;
	t->wall_ms += ms;
}

void question_woke(struct question *q, int64_t ms, struct instant now)
{
	if (q->in_flight)
		q->asked = now;
	if (q->probe.state == PROBE_FAILED)
		return;
	delay(&q->silent, ms);
	delay(&q->probe.since, ms);
}

static void trouble(struct question *q, enum probe_state state, struct instant since)
{
	if (q->probe.since.boot_ms == 0)
		q->probe.since = since;
	q->probe.state = state;
	q->probe.latency_us = -1;
}

static void silence(struct question *q, struct instant now)
{
	if (q->silent.boot_ms == 0)
		q->silent = q->asked;
	if (q->probe.state == PROBE_FAILED)
		return; /* what failed and now says nothing is no better */
	q->probe.text[0] = '\0';
	q->probe.answered = false;
	trouble(q, silence_is_down(&limits_default, q->silent, now) ? PROBE_FAILED : PROBE_SILENT,
		q->silent);
}

static bool proves_the_machine(enum err_code code)
{
	return code != ERR_TIMEOUT && code != ERR_UNREACHABLE;
}

void question_answered(
	struct question *q, struct instant now, const struct err *err, int64_t latency_us)
{
	q->in_flight = false;
	if (err->code == ERR_CANCELLED)
		return;
	q->probe.at = now;
	q->code = err->code;
	q->vain = err->code == ERR_NONE ? 0 : q->vain + 1;
	if (proves_the_machine(err->code))
		q->heard = now;
	if (err->code == ERR_TIMEOUT) {
		silence(q, now);
		return;
	}
	q->silent = (struct instant){0};
	q->probe.answered = err->code != ERR_NONE && proves_the_machine(err->code);
	str_copy(q->probe.text, sizeof(q->probe.text), err->code == ERR_NONE ? "" : err->text);
	if (err->code != ERR_NONE) {
		trouble(q, PROBE_FAILED, q->asked);
		return;
	}
	q->probe.state = PROBE_OK;
	q->probe.good = now;
	q->probe.since = (struct instant){0};
	q->probe.latency_us = latency_us;
}

void question_heard(struct question *q, struct instant at)
{
	if (at.boot_ms <= q->heard.boot_ms)
		return;
	q->in_flight = false;
	q->vain = 0;
	q->code = ERR_NONE;
	q->silent = q->probe.since = (struct instant){0};
	q->asked = q->heard = q->probe.at = q->probe.good = at;
	q->probe.state = PROBE_OK;
	q->probe.answered = false;
	q->probe.text[0] = '\0';
}

/* At its time's end an asking is answered, by a time-out at least. What it is overdue is not the
 * server's: until the answer comes, silence is counted as if that end were still to come. */
static void count_no_more(struct question *q, struct instant now)
{
	int64_t over_ms = instant_age_ms(q->silent, now) - (q->before_ms + q->total_ms - 1);

	if (q->probe.state != PROBE_SILENT || over_ms <= 0)
		return;
	delay(&q->silent, over_ms);
	q->probe.since = q->silent;
}

bool question_wait(struct question *q, struct instant now)
{
	enum probe_state was = q->probe.state;

	if (q->in_flight && instant_age_ms(q->asked, now) >= q->total_ms)
		count_no_more(q, now);
	if (is_lost(q, now))
		give_up(q, now);
	else if (q->silent.boot_ms != 0 ||
		 (q->in_flight && instant_age_ms(q->asked, now) >= q->silent_ms))
		silence(q, now);
	return q->probe.state != was;
}
