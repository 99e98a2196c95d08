/* The meter knows servers by host and port; whose those are, the API servers, etcd's members and
 * the layer board tell. */
#include "rates_fill.h"

#include <string.h>

#include "base/meter.h"
#include "base/str.h"

static bool is_at(const char *url, const char *name)
{
	const char *at = strstr(url, "://");

	return at != NULL && str_eq(at + 3, name);
}

static enum rate_of rate_kind(
	const struct api_watch *api, const struct etcd_state *etcd, const struct meter_reading *r)
{
	if (r->kind == METER_SSH)
		return RATE_NODE;
	for (size_t i = 0; i < api->n; i++)
		if ((int)i != api->vip && str_eq(api->at[i].at.label, r->name))
			return RATE_API;
	for (size_t i = 0; i < etcd->n; i++)
		if (is_at(etcd->members[i].client_url, r->name) ||
			is_at(etcd->members[i].peer_url, r->name))
			return RATE_ETCD;
	return RATE_KINDS;
}

/* The control-plane node at the name's address. */
static const char *rate_node(const struct layer_board *b, const char *name)
{
	char host[METER_NAME], *colon;

	str_copy(host, sizeof(host), name[0] == '[' ? name + 1 : name);
	if (name[0] == '[')
		host[strcspn(host, "]")] = '\0';
	else if ((colon = strchr(host, ':')) != NULL && strchr(colon + 1, ':') == NULL)
		*colon = '\0';
	for (size_t i = 0; i < b->n; i++)
		if (host[0] != '\0' && str_eq(b->nodes[i].address, host))
			return b->nodes[i].name;
	return "";
}

void rates_fill(struct snapshot *s, const struct api_watch *api)
{
	struct meter_reading all[METER_MAX];
	size_t n = meter_read(all, s->at.boot_ms);

	for (int of = 0; of <= RATE_KINDS; of++) {
		for (size_t i = 0; i < n; i++) {
			struct rate_row *row = &s->rates[s->n_rates];

			if ((int)rate_kind(api, &s->etcd, &all[i]) != of)
				continue;
			row->of = (enum rate_of)of;
			str_copy(row->name, sizeof(row->name), all[i].name);
			str_copy(row->node, sizeof(row->node), rate_node(&s->layers, row->name));
			row->rate.requests = (double)all[i].n[METER_REQUESTS] / METER_SECONDS;
			row->rate.connections = (double)all[i].n[METER_CONNECTIONS] / METER_SECONDS;
			s->n_rates++;
		}
	}
}
