/* What may stand in a form's inputs: what the snapshot holds of that type, and the shape that any
 * value must have. Whether it is the right one is not judged here: the plan says that. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/vec.h"
#include "screen_parts.h"

/* Whoever goes through the names; done: no more of them are wanted. */
struct visitor {
	void (*name)(struct visitor *v, const char *name);
	bool done;
	const char *wanted;       /* a name, or how it begins */
	struct form_choices *out; /* or NULL */
};

static bool is_layered(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->layers.n; i++)
		if (str_eq(s->layers.nodes[i].name, name))
			return true;
	return false;
}

/* Control-plane nodes are known without an API, too. */
static void visit_nodes(const struct snapshot *s, struct visitor *v)
{
	struct table_walk w = table_walk(s->nodes);
	const struct node_row *n;

	for (size_t i = 0; i < s->layers.n && !v->done; i++)
		v->name(v, s->layers.nodes[i].name);
	while (!v->done && (n = table_next(&w)) != NULL)
		if (!is_layered(s, n->name))
			v->name(v, n->name);
}

static void visit_pods(const struct snapshot *s, struct visitor *v)
{
	struct table_walk w = table_walk(s->system_pods);
	const struct system_pod_row *p;

	while (!v->done && (p = table_next(&w)) != NULL) {
		char *name = str_fmt("%s/%s", p->pod.ns, pod_name(&p->pod));

		v->name(v, name);
		free(name);
	}
}

static void visit(const struct snapshot *s, const struct run_input_card *card, struct visitor *v)
{
	switch (card->type) {
	case RUN_INPUT_NODE:
		visit_nodes(s, v);
		break;
	case RUN_INPUT_MEMBER:
		for (size_t i = 0; i < s->etcd.n && !v->done; i++)
			v->name(v, s->etcd.members[i].name);
		break;
	case RUN_INPUT_POD:
		visit_pods(s, v);
		break;
	case RUN_INPUT_CHOICE:
		for (size_t i = 0; i < card->n_choices && !v->done; i++)
			v->name(v, card->choices[i]);
		break;
	case RUN_INPUT_FILE:
	case RUN_INPUT_TEXT:
		break;
	}
}

static void keep(struct visitor *v, const char *name)
{
	if (name[0] == '\0' || strlen(name) >= RUN_VALUE || !str_starts(name, v->wanted))
		return;
	str_copy(*vec_add(v->out), RUN_VALUE, name);
	v->done = v->out->len == FORM_CHOICES;
}

void form_choices_find(const struct snapshot *s, const struct run_input_card *card,
	const char *stem, struct form_choices *out)
{
	struct visitor v = {.name = keep, .wanted = stem, .out = out};

	memset(out, 0, sizeof(*out));
	visit(s, card, &v);
}

static void compare(struct visitor *v, const char *name)
{
	v->done = str_eq(name, v->wanted);
}

bool form_value_known(
	const struct snapshot *s, const struct run_input_card *card, const char *value)
{
	struct visitor v = {.name = compare, .wanted = value};

	visit(s, card, &v);
	return v.done;
}

/* ---- shapes ---- */

#define DIGITS  "0123456789"
#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const struct {
	const char *letters; /* nothing else may be in it; NULL: whatever can be typed */
	const char *what;    /* N_() */
} shapes[] = {
	[RUN_INPUT_NODE] = {SMALL DIGITS "-.",
		N_("small letters, digits, - and . make a node's name")},
	[RUN_INPUT_MEMBER] = {SMALL CAPITAL DIGITS "-._",
		N_("letters, digits, - . and _ make a member's name")},
	[RUN_INPUT_POD] = {SMALL DIGITS "-./", N_("a pod is NAMESPACE/NAME")},
	[RUN_INPUT_FILE] = {NULL, N_("a file is a path from / on")},
	[RUN_INPUT_TEXT] = {NULL, ""},
	[RUN_INPUT_CHOICE] = {NULL, N_("Tab goes through the choices")},
};

static bool has_shape(const struct run_input_card *card, const char *value)
{
	const char *letters = shapes[card->type].letters;

	if (card->type == RUN_INPUT_FILE)
		return value[0] == '/';
	if (card->type == RUN_INPUT_CHOICE) {
		for (size_t i = 0; i < card->n_choices; i++)
			if (str_eq(card->choices[i], value))
				return true;
		return false;
	}
	return letters == NULL || value[strspn(value, letters)] == '\0';
}

static bool refuse(char why[160], const char *sentence)
{
	str_copy(why, 160, sentence);
	return false;
}

bool form_value_check(const struct run_input_card *card, const char *value, char why[160])
{
	why[0] = '\0';
	if (value[0] == '\0')
		return card->optional || refuse(why, _("a value is wanted here"));
	if (strlen(value) >= RUN_VALUE)
		return refuse(why, _("that is too long"));
	if (value[0] == '-')
		return refuse(why, _("it may not begin with -"));
	return has_shape(card, value) || refuse(why, _(shapes[card->type].what));
}
