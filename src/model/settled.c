/* Whoever looks once must not look too early: a source that has not answered yet is no verdict. One
 * that failed has said all it can. */
#include "model/settled.h"

static bool source_is_settled(const struct source *src)
{
	return src->state == SOURCE_LIVE || src->state == SOURCE_ABSENT || src->error[0] != '\0';
}

static bool probe_is_settled(const struct probe *p)
{
	return p->state != PROBE_NEVER && p->state != PROBE_SILENT;
}

/* The handshake that shows the certificate comes beside the first answer. */
static bool certificate_is_settled(const struct node_layers *n)
{
	return n->layer[LAYER_APISERVER].state != PROBE_OK ||
	       n->layer[LAYER_CERTIFICATES].state != PROBE_NEVER;
}

static bool nodes_are_settled(const struct snapshot *s)
{
	static const enum layer_id asked[] = {
		LAYER_TCP, LAYER_SSH, LAYER_ETCD, LAYER_APISERVER, LAYER_READY};

	for (size_t i = 0; i < s->layers.n; i++) {
		if (!certificate_is_settled(&s->layers.nodes[i]))
			return false;
		for (size_t k = 0; k < sizeof(asked) / sizeof(asked[0]); k++)
			if (!probe_is_settled(&s->layers.nodes[i].layer[asked[k]]))
				return false;
	}
	return true;
}

/* Usage is asked for only where the API server shows a pulse. */
static bool sources_are_settled(const struct snapshot *s)
{
	bool pulse = s->sources[SOURCE_NODES].state == SOURCE_LIVE;

	for (int i = 0; i < SOURCE_COUNT; i++)
		if (i != SOURCE_ETCD && i != SOURCE_PROBES && (i != SOURCE_USAGE || pulse) &&
			!source_is_settled(&s->sources[i]))
			return false;
	return true;
}

bool snapshot_is_settled(const struct snapshot *s)
{
	if (!sources_are_settled(s) || !probe_is_settled(&s->layers.load_balancer) ||
		!nodes_are_settled(s))
		return false;
	/* The control plane's nodes are probed only once they are known. */
	if (s->impact.masters > s->layers.n && s->layers.n < LAYER_MAX_NODES)
		return false;
	/* One slow answer is not enough to say that a server is slow. */
	return s->impact.slow.n == 0 || instant_age_ms(s->impact.slow_since, s->at) >= 3000;
}
