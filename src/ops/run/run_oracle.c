/* What stopping nodes would do to etcd and to the API, in one sentence, before it is done. */
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "run_inner.h"

/* A voter that takes part in consensus, on one of the nodes. */
static bool votes_there(
	const struct snapshot *s, const struct run_targets *t, const struct etcd_member *m)
{
	if (m->learner || !etcd_answers(m) || m->leader_id == 0)
		return false;
	for (size_t k = 0; k < s->layers.n; k++)
		if (run_targets_have(t, s->layers.nodes[k].name) &&
			str_eq(s->layers.nodes[k].address, m->address))
			return true;
	return run_targets_have(t, m->name);
}

static size_t put_etcd(
	const struct snapshot *s, const struct run_targets *t, char *dst, size_t size)
{
	const struct etcd_state *x = &s->etcd;
	const char *after = _("one more may be lost");
	int there = 0, left;

	for (size_t k = 0; k < x->n; k++)
		there += votes_there(s, t, &x->members[k]);
	left = x->may_lose - there;
	if (x->quorum == ETCD_QUORUM_LOST)
		after = _("it has no quorum now");
	else if (there > 0 && left < 0)
		after = _("without these etcd loses its quorum, and the cluster stops");
	else if (left == 0)
		after = _("then it may lose no more");
	return (size_t)snprintf(dst, size, _("etcd %d of %d, may lose %d; %d on these nodes: %s"),
		x->healthy_voters, x->voters, x->may_lose, there, after);
}

static void put_api(const struct snapshot *s, const struct run_targets *t, char *dst, size_t size)
{
	int there = 0;

	for (size_t k = 0; k < s->layers.n; k++)
		there += run_targets_have(t, s->layers.nodes[k].name) &&
			 probe_is_good(&s->layers.nodes[k].layer[LAYER_APISERVER]);
	if (there > 0 && there == s->layers.api_live)
		snprintf(dst, size, "; %s", _("no other API server answers"));
	else
		snprintf(dst, size, _("; API servers that answer elsewhere: %d"),
			s->layers.api_live - there);
}

void run_oracle(const struct snapshot *s, const struct run_targets *t, char *dst, size_t size)
{
	bool ours = false;
	size_t n;

	dst[0] = '\0';
	for (size_t k = 0; k < s->layers.n; k++)
		ours = ours || run_targets_have(t, s->layers.nodes[k].name);
	if (!ours)
		return;
	n = s->etcd.n > 0 ? put_etcd(s, t, dst, size) : 0;
	if (n < size)
		put_api(s, t, dst + n, size - n);
	str_mend(dst);
}
