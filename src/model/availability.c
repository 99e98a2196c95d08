/* The month's account. Spans are cut to the month and laid over each other with a sweep over their
 * ends; between two ends the state is the same, so each piece counts once, however many consoles
 * saw it: up if any of them reached the API, down if some watched and none did. */
#include "model/availability.h"

#include <stdlib.h>

#include "base/vec.h"

#define DAY_MS INT64_C(86400000)

/* ---- the month ---- */

/* Civil year and month of a day since 1970, and back (Hinnant). */
static void civil_of(int64_t day, int64_t *year, int64_t *month)
{
	int64_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t shifted = (5 * of_year + 2) / 153;

	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = years + era * 400 + (*month <= 2);
}

static int64_t day_of(int64_t year, int64_t month)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void availability_month(int64_t wall_ms, int64_t *from_ms, int64_t *to_ms)
{
	int64_t year, month;

	civil_of(wall_ms / DAY_MS - (wall_ms % DAY_MS < 0), &year, &month);
	*from_ms = day_of(year, month) * DAY_MS;
	*to_ms = (month == 12 ? day_of(year + 1, 1) : day_of(year, month + 1)) * DAY_MS;
}

/* ---- the account ---- */

struct edge {
	int64_t at_ms;
	int up, down; /* how many spans of each kind begin (or, below zero, end) here */
};

static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static size_t edges_of(const struct watched_span *spans, size_t n, const struct availability *a,
	int64_t end_ms, struct edge *edges)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t from =
			spans[i].from_ms > a->month_from_ms ? spans[i].from_ms : a->month_from_ms;
		int64_t to = spans[i].to_ms < end_ms ? spans[i].to_ms : end_ms;

		if (from >= to)
			continue;
		edges[used++] = (struct edge){from, spans[i].up, !spans[i].up};
		edges[used++] = (struct edge){to, -spans[i].up, -!spans[i].up};
	}
	return used;
}

struct availability availability_of(
	const struct watched_span *spans, size_t n, int64_t month_from_ms, int64_t now_ms)
{
	struct availability a;
	struct edge *edges = mem_zero(2 * n + 1, sizeof(*edges));
	size_t used;
	int64_t end_ms;
	int up = 0, down = 0;

	availability_month(month_from_ms, &a.month_from_ms, &a.month_to_ms);
	end_ms = now_ms < a.month_to_ms ? now_ms : a.month_to_ms;
	a.elapsed_ms = end_ms > a.month_from_ms ? end_ms - a.month_from_ms : 0;
	a.watched_ms = a.down_ms = 0;
	used = edges_of(spans, n, &a, end_ms, edges);
	if (used > 0)
		qsort(edges, used, sizeof(*edges), by_time);
	for (size_t i = 0; i < used; i++) {
		int64_t piece = i > 0 ? edges[i].at_ms - edges[i - 1].at_ms : 0;

		if (up > 0 || down > 0)
			a.watched_ms += piece;
		if (up == 0 && down > 0)
			a.down_ms += piece;
		up += edges[i].up;
		down += edges[i].down;
	}
	free(edges);
	a.budget_ms = (a.month_to_ms - a.month_from_ms) / 1000;
	a.left_ms = a.budget_ms - a.down_ms;
	a.percent = a.watched_ms > 0
			    ? 100.0 * (double)(a.watched_ms - a.down_ms) / (double)a.watched_ms
			    : 100.0;
	a.watched_percent =
		a.elapsed_ms > 0 ? 100.0 * (double)a.watched_ms / (double)a.elapsed_ms : 0.0;
	return a;
}

/* ---- the meter ---- */

#define STEP_MS 2000 /* the two clocks may differ so much between samples */

static bool goes_on(const struct availability_meter *m, struct instant at)
{
	int64_t boot = at.boot_ms - m->last.boot_ms, wall = at.wall_ms - m->last.wall_ms;

	return boot >= 0 && boot <= AVAILABILITY_GAP_MS && wall - boot <= STEP_MS &&
	       boot - wall <= STEP_MS;
}

size_t availability_sample(struct availability_meter *m, enum api_seen seen, struct instant at,
	struct watched_span out[2])
{
	bool up = seen == API_UP, ends;
	size_t n = 0;

	if (m->running) {
		bool on = goes_on(m, at);

		ends = !on || seen == API_UNKNOWN || m->span.up != up;
		if (on)
			m->span.to_ms = at.wall_ms;
		if (ends || at.boot_ms - m->told_ms >= AVAILABILITY_TELL_MS) {
			m->told_ms = at.boot_ms;
			if (m->span.to_ms > m->span.from_ms)
				out[n++] = m->span;
		}
		m->running = !ends;
	}
	if (!m->running && seen != API_UNKNOWN) {
		m->running = true;
		m->span = (struct watched_span){at.wall_ms, at.wall_ms, up};
		m->told_ms = at.boot_ms;
	}
	m->last = at;
	return n;
}
