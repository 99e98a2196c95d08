/* What was not measured is -1 from the oldest slot to the newest. */
#include "histories.h"

#include <string.h>

static void push(struct history *h, int32_t value)
{
	memmove(h->at, h->at + 1, sizeof(h->at) - sizeof(h->at[0]));
	h->at[HISTORY_SLOTS - 1] = value;
}

static int32_t in_ms(int64_t us)
{
	return us < 0 ? -1 : (int32_t)(us / 1000);
}

static int64_t slowest_etcd_us(const struct etcd_state *etcd)
{
	int64_t most = -1;

	for (size_t i = 0; i < etcd->n; i++)
		if (etcd->members[i].latency_us > most && etcd->members[i].health == ETCD_HEALTHY)
			most = etcd->members[i].latency_us;
	return most;
}

void histories_begin(struct histories *h, struct instant now)
{
	memset(h, 0xff, sizeof(*h));
	h->at = now;
}

void histories_fill(struct histories *h, struct snapshot *s, int64_t api_us)
{
	uint64_t term = s->etcd.raft_term;

	if (instant_age_ms(h->at, s->at) >= HISTORY_SLOT_MS) {
		h->at = s->at;
		push(&h->api_latency, in_ms(api_us));
		push(&h->etcd_latency, in_ms(slowest_etcd_us(&s->etcd)));
		push(&h->etcd_terms, term > 0 ? (int32_t)(term & INT32_MAX) : -1);
		push(&h->warnings, (int32_t)s->warnings_per_minute);
	}
	s->api_latency_ms = h->api_latency;
	s->etcd_latency_ms = h->etcd_latency;
	s->etcd_terms = h->etcd_terms;
	s->warnings = h->warnings;
}
