/* Who is down, who is merely hurt, and who lives but cannot be reached by everybody. A machine that
 * this console cannot reach and whose lease goes on being renewed is no dead machine. */
#include "model/severity_facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "model/lease.h"

#define ON_ITS_WAY_MS 2500 /* a lease may have been, when its node fell silent */

bool severity_facts_is_down(const struct severity_facts *v, const struct probe *p)
{
	return probe_is_down(p, &v->s->limits, v->s->at);
}

unsigned severity_facts_list_down(
	const struct severity_facts *v, enum layer_id id, char *text, size_t size)
{
	unsigned n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < v->s->layers.n; i++) {
		const struct node_layers *m = &v->s->layers.nodes[i];
		size_t used = strlen(text);

		if (!severity_facts_is_down(v, &m->layer[id]))
			continue;
		if (used + 40 < size)
			snprintf(text + used, size - used, "%s%s: %.80s", n > 0 ? "; " : "",
				m->name, probe_why(&m->layer[id]));
		n++;
	}
	str_mend(text);
	return n;
}

static bool node_lost(const struct severity_facts *v, const char *name)
{
	return v->impact->nodes_known && names_has(&v->impact->masters_lost, name);
}

/* Cut off from here alone: its lease goes on being renewed, though it has not answered for long. */
static bool renews_all_the_same(const struct severity_facts *v, const struct node_layers *m)
{
	const struct lease_row *l = snapshot_lease(v->s, "kube-node-lease", m->name);
	const struct probe *tcp = &m->layer[LAYER_TCP];

	return l != NULL && l->renewed && tcp->since.boot_ms != 0 &&
	       l->seen.boot_ms > tcp->since.boot_ms + ON_ITS_WAY_MS &&
	       instant_age_ms(l->seen, v->s->at) < LEASE_STALE_MS;
}

static void see_node(struct severity_facts *v, const struct node_layers *m)
{
	bool gone = severity_facts_is_down(v, &m->layer[LAYER_TCP]);
	/* Both of its servers gone, and no kubelet known to run them again. */
	bool both = severity_facts_is_down(v, &m->layer[LAYER_APISERVER]) &&
		    severity_facts_is_down(v, &m->layer[LAYER_ETCD]) &&
		    !probe_is_good(&m->layer[LAYER_KUBELET]);
	bool lost = node_lost(v, m->name);

	if (gone && renews_all_the_same(v, m)) {
		names_add(&v->cut_off, m->name);
		return;
	}
	if (!gone && m->kubelet_alive &&
		(lost || severity_facts_is_down(v, &m->layer[LAYER_KUBELET]))) {
		names_add(&v->cut_off, m->name);
		return;
	}
	if (gone || both || lost)
		names_add(&v->masters_down, m->name);
	else if (severity_facts_is_down(v, &m->layer[LAYER_KUBELET]) ||
		 severity_facts_is_down(v, &m->layer[LAYER_RUNTIME]))
		names_add(&v->masters_impaired, m->name);
}

/* Control-plane nodes the layers do not know (nothing was ever learned of them but by the API). */
static void see_unprobed(struct severity_facts *v)
{
	struct table_walk w = table_walk(v->s->nodes);
	const struct node_row *n;

	if (v->s->layers.n > 0 || v->impact->masters_lost.n == 0 || !v->impact->nodes_known)
		return;
	while ((n = table_next(&w)) != NULL)
		if ((n->flags & NODE_CONTROL_PLANE) != 0 && node_lost(v, n->name))
			names_add(&v->masters_down, n->name);
}

void severity_facts_take(struct severity_facts *v, const struct snapshot *s)
{
	memset(v, 0, sizeof(*v));
	v->s = s;
	v->impact = &s->impact;
	v->somebody_renews = s->impact.leases.somebody_renews;
	v->balancer_down = severity_facts_is_down(v, &s->layers.load_balancer);
	v->balancer_ok = probe_is_good(&s->layers.load_balancer);
	for (size_t i = 0; i < s->layers.n; i++) {
		const struct probe *api = &s->layers.nodes[i].layer[LAYER_APISERVER];

		v->api_asked += api->state >= PROBE_OK;
		v->api_live += probe_is_good(api);
		v->api_down += severity_facts_is_down(v, api);
		see_node(v, &s->layers.nodes[i]);
	}
	see_unprobed(v);
}

bool severity_say(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, size, fmt, ap);
	va_end(ap);
	str_mend(text);
	return true;
}
