/* What is so in the cluster as the snapshot knows it. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "run_parts.h"

static enum run_answer say(enum run_answer is, char *why, size_t size, const char *text)
{
	if (is != RUN_YES)
		str_copy(why, size, text);
	return is;
}

static const struct node_layers *layers_of(const struct run_call *c, const char *name)
{
	for (size_t k = 0; k < c->now->layers.n; k++)
		if (str_eq(c->now->layers.nodes[k].name, name))
			return &c->now->layers.nodes[k];
	return NULL;
}

/* A probe's word: good, bad, or nothing told. */
static enum run_answer of_probe(const struct probe *p, char *why, size_t size)
{
	if (probe_is_good(p))
		return RUN_YES;
	if (probe_is_bad(p))
		return say(RUN_NO, why, size, probe_why(p));
	return say(RUN_CANNOT_TELL, why, size, _("it was not asked yet, or cannot be from here"));
}

static enum run_answer of_layer(struct run_call *c, enum layer_id layer, char *why, size_t size)
{
	const struct node_layers *n = layers_of(c, run_call_text(c, "node"));

	if (!n)
		return say(RUN_CANNOT_TELL, why, size, _("that is no control-plane node"));
	return of_probe(&n->layer[layer], why, size);
}

enum run_answer guard_apiserver_live(struct run_call *c, char *why, size_t size)
{
	return of_layer(c, LAYER_APISERVER, why, size);
}

enum run_answer guard_apiserver_ready(struct run_call *c, char *why, size_t size)
{
	return of_layer(c, LAYER_READY, why, size);
}

enum run_answer guard_etcd_member_healthy(struct run_call *c, char *why, size_t size)
{
	return of_layer(c, LAYER_ETCD, why, size);
}

enum run_answer guard_balancer_answers(struct run_call *c, char *why, size_t size)
{
	if (!c->now->layers.load_balancer_name[0])
		return RUN_YES; /* the kubeconfig names a server itself */
	return of_probe(&c->now->layers.load_balancer, why, size);
}

enum run_answer guard_etcd_has_quorum(struct run_call *c, char *why, size_t size)
{
	const struct etcd_state *s = &c->now->etcd;
	char text[160];

	if (s->quorum == ETCD_QUORUM_OK)
		return RUN_YES;
	if (s->quorum == ETCD_QUORUM_UNKNOWN)
		return say(RUN_CANNOT_TELL, why, size, _("no etcd member was reached"));
	snprintf(text, sizeof(text), _("etcd has no quorum: %d of %d members take part"),
		s->healthy_voters, s->voters);
	return say(RUN_NO, why, size, text);
}

/* Without the member on that node as many voters are left as make the quorum. One that takes no part
 * now is no loss. */
enum run_answer guard_etcd_can_lose(struct run_call *c, char *why, size_t size)
{
	const struct etcd_state *s = &c->now->etcd;
	const struct node_layers *n = layers_of(c, run_call_text(c, "node"));
	int left = s->healthy_voters;
	char text[160];

	if (s->n == 0)
		return say(RUN_CANNOT_TELL, why, size, _("no etcd member was reached"));
	for (size_t k = 0; n && k < s->n; k++)
		if (str_eq(s->members[k].address, n->address) && !s->members[k].learner &&
			etcd_answers(&s->members[k]) && s->members[k].leader_id != 0)
			left--;
	if (left >= s->quorum_size)
		return RUN_YES;
	snprintf(text, sizeof(text), _("without it %d of %d members would be left, %d are needed"),
		left, s->voters, s->quorum_size);
	return say(RUN_NO, why, size, text);
}

/* Another API server than the node's answers. */
enum run_answer guard_other_apiserver(struct run_call *c, char *why, size_t size)
{
	const char *node = run_call_text(c, "node");

	for (size_t k = 0; k < c->now->layers.n; k++)
		if (!str_eq(c->now->layers.nodes[k].name, node) &&
			probe_is_good(&c->now->layers.nodes[k].layer[LAYER_APISERVER]))
			return RUN_YES;
	return say(RUN_NO, why, size, _("no other API server answers"));
}

enum run_answer guard_any_apiserver(struct run_call *c, char *why, size_t size)
{
	return say(c->now->layers.api_live > 0 ? RUN_YES : RUN_NO, why, size,
		_("no API server answers at its own address"));
}

/* Every API server there is answers. */
enum run_answer guard_all_apiservers(struct run_call *c, char *why, size_t size)
{
	char text[160];

	snprintf(text, sizeof(text), _("%d of %d API servers answer"), c->now->layers.api_live,
		c->now->layers.api_all);
	return say(c->now->layers.api_all > 0 && c->now->layers.api_live == c->now->layers.api_all
			   ? RUN_YES
			   : RUN_NO,
		why, size, text);
}

/* A name without what its controller added last: what its siblings share. */
static size_t kin(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash ? (size_t)(dash - name) : strlen(name);
}

enum run_answer guard_pod_is_whole(struct run_call *c, char *why, size_t size)
{
	const char *word = run_call_text(c, "pod"), *slash = strchr(word, '/');
	const char *name = slash ? slash + 1 : word;
	struct table_walk w = table_walk(c->now->pods);
	const struct pod_row *p;
	size_t n = kin(name), ready = 0, all = 0;
	char text[160];

	while ((p = table_next(&w)) != NULL) {
		if (!slash || strlen(p->ns) != (size_t)(slash - word) ||
			strncmp(p->ns, word, strlen(p->ns)) != 0 ||
			strncmp(pod_name(p), name, n) != 0 || kin(pod_name(p)) != n)
			continue;
		all++;
		ready += (p->flags & POD_READY) && !(p->flags & POD_DELETING);
	}
	snprintf(text, sizeof(text), _("%zu of %zu pods like it are Ready"), ready, all);
	return say(all > 0 && ready == all ? RUN_YES : RUN_NO, why, size, text);
}
