/* How a run is, to whoever looks. What changed is told at once, lines a few times a second. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "run_inner.h"

#define LINES_MS 100

static void drop_news(struct letter *l)
{
	struct run_news *n = (struct run_news *)l;

	run_seen_unref(n->seen);
	letter_free(l);
}

/* A copy, since what was told never changes. */
static struct run_seen *copy(const struct run_seen *s)
{
	struct run_seen *to = run_seen_new(s->n_steps, s->n_lines);
	struct run_step_seen *steps = to->steps;
	char(*lines)[RUN_LINE] = to->lines;

	*to = *s;
	to->refs = 1;
	to->steps = steps;
	to->lines = lines;
	memcpy(steps, s->steps, s->n_steps * sizeof(*steps));
	memcpy(lines, s->lines, s->n_lines * sizeof(*lines));
	return to;
}

void run_tell(struct run *r)
{
	struct run_news *n = mem_new(struct run_news);

	n->letter.drop = drop_news;
	n->letter.to = r->news;
	pthread_mutex_lock(&r->lock);
	n->seen = copy(r->seen);
	r->dirty = false;
	r->told = instant_now();
	pthread_mutex_unlock(&r->lock);
	letter_answer(&n->letter);
}

void run_say(void *run, const char *line)
{
	struct run *r = run;
	bool due;

	pthread_mutex_lock(&r->lock);
	if (r->seen->n_lines == RUN_LINES)
		memmove(r->seen->lines[0], r->seen->lines[1],
			(RUN_LINES - 1) * sizeof(r->seen->lines[0]));
	else
		r->seen->n_lines++;
	r->seen->said++;
	str_copy(r->seen->lines[r->seen->n_lines - 1], RUN_LINE, line);
	due = instant_age_ms(r->told, instant_now()) >= LINES_MS;
	r->dirty = true;
	pthread_mutex_unlock(&r->lock);
	if (due)
		run_tell(r);
}

void run_state_set(struct run *r, enum run_state state)
{
	pthread_mutex_lock(&r->lock);
	r->seen->state = state;
	if (state != RUN_ASKING)
		memset(&r->seen->consent, 0, sizeof(r->seen->consent));
	if (state != RUN_VERIFYING)
		r->seen->waiting[0] = '\0';
	if (run_state_is_over(state))
		r->seen->ended_ms = instant_now().wall_ms;
	pthread_mutex_unlock(&r->lock);
	run_tell(r);
}

void run_step_set(struct run *r, size_t step, enum run_step_state state, const char *result)
{
	struct run_step_seen *s = &r->seen->steps[step];
	int64_t now_ms = instant_now().wall_ms;

	pthread_mutex_lock(&r->lock);
	s->state = state;
	if (s->began_ms == 0)
		s->began_ms = now_ms;
	if (state > RUN_STEP_VERIFIES)
		s->ended_ms = now_ms;
	if (result)
		str_copy(s->result, sizeof(s->result), result);
	pthread_mutex_unlock(&r->lock);
	run_tell(r);
}

void run_why(struct run *r, const char *why, const char *offer)
{
	pthread_mutex_lock(&r->lock);
	str_copy(r->seen->why, sizeof(r->seen->why), why);
	str_copy(r->seen->offer, sizeof(r->seen->offer), offer ? offer : "");
	pthread_mutex_unlock(&r->lock);
}
