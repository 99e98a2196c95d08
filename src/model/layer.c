/* The first broken layer, as an engineer looks for it: from the ground up, because what stands
 * above a broken layer fails with it and says nothing.
 *
 * Only what was asked and failed can be broken. What was never asked, or cannot be seen from here,
 * is no fault. When something was asked and not one probe of one node gets through, the likeliest
 * fault is this console's own link. */
#include "model/layer.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"

static const struct {
	const char *name, *title;
} layers[LAYER_COUNT] = {
	[LAYER_TCP] = {"tcp", N_("TCP")},
	[LAYER_SSH] = {"ssh", N_("ssh")},
	[LAYER_RUNTIME] = {"runtime", N_("runtime")},
	[LAYER_KUBELET] = {"kubelet", N_("kubelet")},
	[LAYER_ETCD] = {"etcd", N_("etcd")},
	[LAYER_APISERVER] = {"apiserver", N_("apiserver")},
	[LAYER_READY] = {"ready", N_("ready")},
	[LAYER_CERTIFICATES] = {"certificates", N_("certificates")},
	[LAYER_CLOCK] = {"clock", N_("clock")},
	[LAYER_LOAD_BALANCER] = {"load-balancer", N_("load balancer")},
	[LAYER_OWN_LINK] = {"own-link", N_("own link")},
};

/* From the ground up. */
static const enum layer_id order[] = {LAYER_TCP, LAYER_SSH, LAYER_RUNTIME, LAYER_KUBELET,
	LAYER_ETCD, LAYER_APISERVER, LAYER_READY, LAYER_LOAD_BALANCER, LAYER_CERTIFICATES,
	LAYER_CLOCK};

const char *layer_name(enum layer_id id)
{
	return (unsigned)id < LAYER_COUNT ? layers[id].name : "";
}

const char *layer_title(enum layer_id id)
{
	return (unsigned)id < LAYER_COUNT ? layers[id].title : "";
}

bool probe_is_bad(const struct probe *p)
{
	return p->state == PROBE_SILENT || p->state == PROBE_FAILED;
}

bool probe_is_down(const struct probe *p, const struct limits *l, struct instant now)
{
	return p->state == PROBE_FAILED ||
	       (p->state == PROBE_SILENT && silence_is_down(l, p->since, now));
}

bool probe_is_good(const struct probe *p)
{
	return p->state == PROBE_OK || p->state == PROBE_WARN;
}

const char *probe_why(const struct probe *p)
{
	return p->text[0] != '\0' ? p->text : _("no answer");
}

/* Is there proof that packets come back from anywhere? Certificates and clock are read out of other
 * layers' answers, so they prove nothing by themselves. */
static bool reaches_something(const struct layer_board *b)
{
	for (size_t i = 0; i < b->n; i++)
		for (int l = LAYER_TCP; l < LAYER_CERTIFICATES; l++)
			if (probe_is_good(&b->nodes[i].layer[l]))
				return true;
	return b->link_works || probe_is_good(&b->load_balancer) ||
	       (b->load_balancer.state == PROBE_FAILED && b->load_balancer.answered);
}

/* The bottom of everything that was asked is broken. */
static bool nothing_answers(const struct layer_board *b)
{
	bool asked = probe_is_bad(&b->load_balancer);

	for (size_t i = 0; i < b->n; i++)
		asked = asked || probe_is_bad(&b->nodes[i].layer[LAYER_TCP]);
	return asked && !reaches_something(b);
}

/* Which node's probe of this layer is bad: its index, -1 for the cluster's own, -2 for none. */
static int bad_at(const struct layer_board *b, enum layer_id id)
{
	if (id == LAYER_LOAD_BALANCER)
		return probe_is_bad(&b->load_balancer) ? -1 : -2;
	for (size_t i = 0; i < b->n; i++)
		if (probe_is_bad(&b->nodes[i].layer[id]))
			return (int)i;
	return id == LAYER_CERTIFICATES && probe_is_bad(&b->own_credential) ? -1 : -2;
}

static void count_api_servers(struct layer_board *b)
{
	b->api_live = b->api_all = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct probe *p = &b->nodes[i].layer[LAYER_APISERVER];
		b->api_all += p->state != PROBE_SKIPPED;
		b->api_live += probe_is_good(p);
	}
}

static void set_first(struct layer_board *b, enum layer_id id, int node)
{
	b->broken = true;
	b->first = id;
	b->first_node = node;
}

static void find_first(struct layer_board *b)
{
	b->broken = false;
	b->first = LAYER_TCP;
	b->first_node = -1;
	if (probe_is_bad(&b->own_link)) {
		set_first(b, LAYER_OWN_LINK, -1);
		return;
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		int node = bad_at(b, order[i]);
		if (node != -2) {
			set_first(b, order[i], node);
			return;
		}
	}
}

const struct probe *layer_first_probe(const struct layer_board *b)
{
	if (!b->broken)
		return NULL;
	if (b->first == LAYER_OWN_LINK)
		return &b->own_link;
	if (b->first == LAYER_LOAD_BALANCER)
		return &b->load_balancer;
	return b->first_node >= 0 ? &b->nodes[b->first_node].layer[b->first] : &b->own_credential;
}

/* What went wrong, in words. */
static void describe(const struct probe *p, struct instant now, char *dst, size_t size)
{
	int64_t silent_ms = instant_age_ms(p->since, now);

	if (p->text[0] != '\0' && p->state != PROBE_SILENT)
		str_copy(dst, size, p->text);
	else if (silent_ms >= 0)
		snprintf(dst, size,
			p->state == PROBE_SILENT ? _("no answer for %lld s")
						 : _("down, no answer for %lld s"),
			(long long)(silent_ms / 1000));
	else
		str_copy(dst, size, p->state == PROBE_SILENT ? _("no answer") : _("failed"));
}

static const char nothing_reachable[] = N_("nothing at all is reachable from here");

/* The link of this machine is what everything else says about it, unless somebody knows better. */
static void judge_own_link(struct layer_board *b)
{
	if (probe_is_bad(&b->own_link) && !str_eq(b->own_link.text, nothing_reachable))
		return;
	if (reaches_something(b)) {
		b->own_link.state = PROBE_OK;
		b->own_link.text[0] = '\0';
	} else if (nothing_answers(b)) {
		b->own_link.state = PROBE_FAILED;
		b->own_link.since = probe_is_bad(&b->load_balancer)
					    ? b->load_balancer.since
					    : b->nodes[0].layer[LAYER_TCP].since;
		str_copy(b->own_link.text, sizeof(b->own_link.text), nothing_reachable);
	}
}

void layer_judge(struct layer_board *b, struct instant now)
{
	char what[160], text[400];

	count_api_servers(b);
	judge_own_link(b);
	find_first(b);
	b->first_text[0] = '\0';
	if (!b->broken)
		return;
	describe(layer_first_probe(b), now, what, sizeof(what));
	if (b->first_node >= 0)
		snprintf(text, sizeof(text), "%s: %s: %s", b->nodes[b->first_node].name,
			layer_name(b->first), what);
	else if (b->first == LAYER_LOAD_BALANCER && b->load_balancer_name[0] != '\0')
		snprintf(text, sizeof(text), "%s %s: %s", layer_name(b->first),
			b->load_balancer_name, what);
	else
		snprintf(text, sizeof(text), "%s: %s", layer_name(b->first), what);
	str_copy(b->first_text, sizeof(b->first_text), text);
}
