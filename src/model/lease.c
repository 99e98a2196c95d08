/* Leases: a row's strings are interned. Late is judged by what this console itself saw, since the
 * holders' clocks are not trusted. */
#include "model/lease.h"

#include <stddef.h>

#include "base/str.h"
#include "model/snapshot.h"

#define LEASE_FAR_MS 60000 /* behind the newest of all leases: late even to one who just came */

static const uint16_t lease_names[] = {offsetof(struct lease_row, ns),
	offsetof(struct lease_row, name), offsetof(struct lease_row, holder),
	offsetof(struct lease_row, host)};
const struct row_ops lease_ops = {
	.size = sizeof(struct lease_row), ROW_NAMES(lease_names), .n_keys = 2};

static void judge_leases(struct lease_judge *j, const struct table *leases, struct instant now,
	struct instant *newest_seen)
{
	struct table_walk w = table_walk(leases);
	const struct lease_row *l;

	while ((l = table_next(&w)) != NULL) {
		if (l->renewed && instant_age_ms(l->seen, now) < LEASE_STALE_MS) {
			j->somebody_renews = true;
			*newest_seen = instant_later(*newest_seen, l->seen);
		}
		if (l->renew_ms > j->newest_renew_ms)
			j->newest_renew_ms = l->renew_ms;
	}
}

struct lease_judge lease_judge_of(const struct snapshot *s)
{
	struct lease_judge j = {.woke = s->woke};

	judge_leases(&j, s->leases, s->at, &j.nodes_seen);
	judge_leases(&j, s->system_leases, s->at, &j.system_seen);
	return j;
}

bool lease_is_late(const struct lease_judge *j, const struct lease_row *l)
{
	bool node = str_eq(l->ns, "kube-node-lease");

	if (l->renew_ms == 0)
		return false;
	if (instant_age_ms(instant_later(l->seen, j->woke),
		    node ? j->nodes_seen : j->system_seen) >= LEASE_STALE_MS)
		return true;
	return !l->renewed && j->newest_renew_ms - l->renew_ms >= LEASE_FAR_MS;
}
