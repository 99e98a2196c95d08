/* Words for an input's default, each with the small function that finds its value. What a snapshot
 * names comes from the cluster: a name that is none is no default. */
#include "ops/run/runbook_defaults.h"

#include <string.h>

#include "base/nearest.h"
#include "base/str.h"
#include "ops/run/runbook_value.h"

#define GUESS_MIN 5 /* letters: shorter words are near to everything */

static const char *not_ready_of(const struct snapshot *s, unsigned role)
{
	struct table_walk walk = table_walk(s->nodes);
	const struct node_row *n;

	while ((n = table_next(&walk)) != NULL)
		if ((n->flags & NODE_CONTROL_PLANE) == role && !node_is_ready(n))
			return n->name;
	return NULL;
}

static const char *with_bad(const struct snapshot *s, enum layer_id layer)
{
	for (size_t i = 0; i < s->layers.n; i++)
		if (probe_is_bad(&s->layers.nodes[i].layer[layer]))
			return s->layers.nodes[i].name;
	return NULL;
}

/* A node's own kubelet is seen sooner than the API server gives up on it. */
static const char *not_ready_control_plane(const struct snapshot *s)
{
	const char *name = not_ready_of(s, NODE_CONTROL_PLANE);

	return name ? name : with_bad(s, LAYER_KUBELET);
}

static const char *not_ready(const struct snapshot *s)
{
	const char *name = not_ready_of(s, 0);

	return name ? name : not_ready_control_plane(s);
}

static const char *failed_member(const struct snapshot *s)
{
	static const enum etcd_health worst_first[] = {ETCD_DOWN, ETCD_SILENT, ETCD_UNHEALTHY};

	for (size_t h = 0; h < sizeof(worst_first) / sizeof(worst_first[0]); h++)
		for (size_t i = 0; i < s->etcd.n; i++)
			if (s->etcd.members[i].health == worst_first[h] &&
				s->etcd.members[i].name[0])
				return s->etcd.members[i].name;
	return NULL;
}

static const char *silent_apiserver(const struct snapshot *s)
{
	const char *name = with_bad(s, LAYER_APISERVER);

	return name ? name : with_bad(s, LAYER_READY);
}

static const char *first_broken(const struct snapshot *s)
{
	return s->layers.broken && s->layers.first_node >= 0
		       ? s->layers.nodes[s->layers.first_node].name
		       : NULL;
}

static const struct default_row {
	const char *word;
	enum run_input_type type;
	const char *(*find)(const struct snapshot *s);
} rows[] = {
	{"not-ready", RUN_INPUT_NODE, not_ready},
	{"not-ready-control-plane", RUN_INPUT_NODE, not_ready_control_plane},
	{"silent-apiserver", RUN_INPUT_NODE, silent_apiserver},
	{"first-broken", RUN_INPUT_NODE, first_broken},
	{"failed-member", RUN_INPUT_MEMBER, failed_member},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct default_row *row_of(const char *word)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (str_eq(rows[i].word, word))
			return &rows[i];
	return NULL;
}

bool runbook_default_type(const char *word, enum run_input_type *out)
{
	const struct default_row *row = row_of(word);

	if (row)
		*out = row->type;
	return row != NULL;
}

const char *runbook_default_nearest(const char *word, enum run_input_type type)
{
	const char *names[N_ROWS];

	if (strlen(word) < GUESS_MIN)
		return NULL;
	for (size_t i = 0; i < N_ROWS; i++)
		names[i] = rows[i].type == type ? rows[i].word : NULL;
	return nearest_name(word, names, sizeof(names[0]), N_ROWS);
}

void runbook_default_value(const char *word, const struct snapshot *s, char *dst, size_t size)
{
	const struct default_row *row = row_of(word);
	const struct runbook_input in = {
		.name = (char *)(size_t)word, .type = row ? row->type : RUN_INPUT_TEXT};
	const char *value = row ? row->find(s) : word;

	if (!value || (row && runbook_value_check(&in, value, NULL) != 0))
		value = "";
	str_copy(dst, size, value);
}
