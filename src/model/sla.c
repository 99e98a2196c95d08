/* Nothing is remembered: whether a clock was breached follows from when it started, when it stopped
 * and which level held when. So a console that was not running at the deadline says the same as one
 * that was, and two consoles say the same. */
#include "model/sla.h"

#include "base/i18n.h"

static const struct {
	const char *name, *title;
} clocks[SLA_CLOCKS] = {
	[SLA_RESPOND] = {"respond", N_("respond")},
	[SLA_RECOVER] = {"recover", N_("recover")},
};

const char *sla_name(enum sla_clock c)
{
	return clocks[c].name;
}

const char *sla_title(enum sla_clock c)
{
	return clocks[c].title;
}

int64_t sla_target(const struct level_target *t, enum sla_clock c)
{
	return c == SLA_RESPOND ? t->respond_ms : t->recover_ms;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int mark_of(int64_t elapsed_ms, int64_t target_ms)
{
	static const int marks[] = {90, 75, 50};

	if (elapsed_ms > target_ms)
		return 100;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (elapsed_ms >= target_ms / 100 * marks[i])
			return marks[i];
	return 0;
}

/* The first moment at which the target that then held was over: when its deadline passed, or when a
 * level came whose deadline had passed already. */
static int64_t breach_of(
	int64_t start_ms, int64_t end_ms, const struct sla_span *spans, size_t n, int64_t now_ms)
{
	for (size_t i = 0; i < n && (i == 0 || spans[i].from_ms <= now_ms); i++) {
		int64_t deadline = start_ms + spans[i].target_ms;
		int64_t moment = later(deadline, spans[i].from_ms);

		if (end_ms > deadline && (i + 1 == n || moment < spans[i + 1].from_ms))
			return moment;
	}
	return SLA_NEVER;
}

struct sla_state sla_judge(
	int64_t start_ms, int64_t stop_ms, const struct sla_span *spans, size_t n, int64_t now_ms)
{
	struct sla_state s = {.stopped = stop_ms != SLA_NEVER};
	int64_t end_ms = s.stopped ? stop_ms : now_ms;
	size_t last = 0;
	int64_t percent;

	while (last + 1 < n && spans[last + 1].from_ms <= now_ms)
		last++;
	s.deadline_ms = start_ms + spans[last].target_ms;
	s.elapsed_ms = later(end_ms - start_ms, 0);
	s.left_ms = spans[last].target_ms - s.elapsed_ms;
	s.breached_ms = breach_of(start_ms, end_ms, spans, n, now_ms);
	s.breached = s.breached_ms != SLA_NEVER;
	percent = spans[last].target_ms > 0 ? s.elapsed_ms * 100 / spans[last].target_ms : 999;
	s.percent = percent > 999 ? 999 : (int)percent;
	s.mark = mark_of(s.elapsed_ms, spans[last].target_ms);
	return s;
}
