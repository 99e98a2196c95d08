/* A node by itself looks well with one manifest too few, an address too many or another cluster's
 * authority: it shows beside the others. Only reports of the last rounds count, and of what moves
 * by itself, as a floating address does, only what has lasted for two of them. */
#include "model/severity_hosts.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

#define VIP_SETTLES_MS 12000
#define MANIFESTS_FULL 240 /* so long a list may have been cut */

static const char *const components[] = {
	"kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"};

#define N_COMPONENTS (sizeof(components) / sizeof(components[0]))

static const struct host_report *report(const struct severity_facts *v, size_t i)
{
	return snapshot_host(v->s, v->s->hosts[i].name);
}

static bool vip_is_settled(const struct severity_facts *v, const struct host_report *r)
{
	return r->vip_since.boot_ms == 0 ||
	       instant_age_ms(r->vip_since, v->s->at) >= VIP_SETTLES_MS;
}

bool hosts_vip_holders(const struct severity_facts *v, char *text, size_t size)
{
	struct names holders = {.n = 0};
	char list[NAMES_ROOM + 20];

	for (size_t i = 0; i < v->s->n_hosts; i++) {
		const struct host_report *r = report(v, i);

		if (r == NULL || !vip_is_settled(v, r))
			return false; /* it may be on its way from one to the other */
		if (r->holds_vip)
			names_add(&holders, v->s->hosts[i].name);
	}
	if (holders.n > 1)
		return severity_say(text, size,
			_("the load balancer's address is on %u nodes at once: %s"), holders.n,
			names_text(&holders, list, sizeof(list)));
	return holders.n == 0 && v->s->vip_held &&
	       severity_say(text, size, "%s",
		       _("the load balancer's address is on no control-plane node any more"));
}

static bool has_authority(const struct host_report *r)
{
	unsigned char any = 0;

	for (size_t i = 0; i < sizeof(r->ca_sha256); i++)
		any |= r->ca_sha256[i];
	return any != 0;
}

bool hosts_foreign_authority(const struct severity_facts *v, char *text, size_t size)
{
	struct names foreign = {.n = 0};
	char list[NAMES_ROOM + 20];
	bool ours = false;

	for (size_t i = 0; i < v->s->n_hosts; i++) {
		const struct host_report *r = v->s->hosts[i].report;

		if (r->ca_foreign)
			names_add(&foreign, v->s->hosts[i].name);
		ours = ours || (has_authority(r) && !r->ca_foreign);
	}
	return ours && foreign.n > 0 &&
	       severity_say(text, size, _("another authority's certificates on %s"),
		       names_text(&foreign, list, sizeof(list)));
}

/* ---- static pods ---- */

static bool has_manifest(const struct host_report *r, const char *name, size_t n)
{
	const char *at = r->manifests;

	for (; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " "))
		if (strcspn(at, " ") == n && strncmp(at, name, n) == 0)
			return true;
	return false;
}

static bool has_component(const struct host_report *r, const char *component)
{
	char name[64];
	int n = snprintf(name, sizeof(name), "%s.yaml", component);

	return has_manifest(r, name, (size_t)n);
}

bool hosts_static_pods_exited(const struct severity_facts *v, char *text, size_t size)
{
	struct names exited = {.n = 0};
	char list[NAMES_ROOM + 20], one[120];

	for (size_t i = 0; i < v->s->n_hosts; i++) {
		const struct host_report *r = report(v, i);

		for (size_t k = 0; r != NULL && k < r->n_containers; k++) {
			const struct host_container *c = &r->containers[k];

			if ((k > 0 && str_eq(r->containers[k - 1].name, c->name)) ||
				!str_eq(c->state, "Exited") || !has_component(r, c->name))
				continue;
			snprintf(one, sizeof(one), "%.60s %.40s (%d)", v->s->hosts[i].name, c->name,
				c->attempt + 1);
			names_add(&exited, one);
		}
	}
	return exited.n > 0 &&
	       severity_say(text, size, _("static pods that have exited (starts): %s"),
		       names_text(&exited, list, sizeof(list)));
}

/* How many of the others have it too. */
static unsigned others_with(const struct severity_facts *v, size_t but, const char *name, size_t n)
{
	unsigned with = 0;

	for (size_t i = 0; i < v->s->n_hosts; i++)
		with += i != but && report(v, i) != NULL && has_manifest(report(v, i), name, n);
	return with;
}

static void find_missing(const struct severity_facts *v, size_t i, struct names *missing)
{
	char name[64], one[120];

	for (size_t k = 0; k < N_COMPONENTS; k++) {
		int n = snprintf(name, sizeof(name), "%s.yaml", components[k]);

		if (has_manifest(report(v, i), name, (size_t)n) ||
			others_with(v, i, name, (size_t)n) == 0)
			continue;
		snprintf(one, sizeof(one), "%.50s %.60s", v->s->hosts[i].name, name);
		names_add(missing, one);
	}
}

static bool is_component(const char *name, size_t n)
{
	for (size_t k = 0; k < N_COMPONENTS; k++)
		if (n == strlen(components[k]) + 5 && strncmp(name, components[k], n - 5) == 0)
			return true;
	return false;
}

static void find_stray(const struct severity_facts *v, size_t i, struct names *stray)
{
	const char *at = report(v, i)->manifests;
	char one[160];

	for (; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (is_component(at, n) || others_with(v, i, at, n) > 0)
			continue;
		snprintf(one, sizeof(one), "%.60s %.*s", v->s->hosts[i].name, (int)n, at);
		names_add(stray, one);
	}
}

bool hosts_static_manifests(const struct severity_facts *v, char *text, size_t size)
{
	struct names missing = {.n = 0}, stray = {.n = 0};
	char list[NAMES_ROOM + 20];
	unsigned told = 0;

	for (size_t i = 0; i < v->s->n_hosts; i++) {
		const struct host_report *r = report(v, i);

		if (r == NULL || r->manifests[0] == '\0' || strlen(r->manifests) >= MANIFESTS_FULL)
			continue; /* none at all: it is laid out in another way */
		told++;
		find_missing(v, i, &missing);
		find_stray(v, i, &stray);
	}
	if (told >= 2 && missing.n > 0)
		return severity_say(text, size, _("static manifests are missing: %s"),
			names_text(&missing, list, sizeof(list)));
	return told >= 2 && stray.n > 0 &&
	       severity_say(text, size, _("static manifests that only one node has: %s"),
		       names_text(&stray, list, sizeof(list)));
}
