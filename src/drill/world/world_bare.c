/* Pods that somebody made by hand: scheduled, started and ended like the others, and nobody makes
 * them anew. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/world/world.h"

enum { STARTS_MS = 1500 };

static char *text_at(struct json_span o, const char *path, const char *otherwise)
{
	char text[300];

	return mem_str(jt_str(jt_at(o, path), text, sizeof(text)) ? text : otherwise);
}

static struct json_span first_container(struct json_span object)
{
	struct json_span k, v = {.at = NULL};
	size_t pos = 0;

	jt_each(jt_at(object, "spec.containers"), &pos, &k, &v);
	return v;
}

void pods_adopt(struct world *w, const struct object *o)
{
	struct json_span container = first_container(object_span(o));
	struct sim_pod *p = mem_new(struct sim_pod);
	struct workload *own = mem_new(struct workload);
	char node[64] = "";
	const struct machine *m;

	*own = (struct workload){.kind = WORK_BARE,
		.ns = mem_str(o->ns),
		.name = text_at(container, "name", "main"),
		.image = text_at(container, "image", ""),
		.host_network = jt_is(jt_at(object_span(o), "spec.hostNetwork"), "true"),
		.voice = VOICE_WEB};
	jt_str(jt_at(object_span(o), "spec.nodeName"), node, sizeof(node));
	m = node[0] != '\0' ? world_machine(w, node) : NULL;
	p->of = p->own = own;
	str_copy(p->name, sizeof(p->name), o->name);
	p->node = m != NULL ? world_index(w, m) : -1;
	p->number = ++w->numbers;
	p->created_wall_ms = p->transition_wall_ms = w->now.wall_ms;
	p->state = p->node >= 0 ? SIM_CREATING : SIM_PENDING;
	p->due_ms = w->now.boot_ms + world_ms(w, STARTS_MS);
	p->dirty = w->changed = true;
	*vec_add(&w->pods) = p;
}

void pod_free(struct sim_pod *p)
{
	if (p->own != NULL) {
		free((char *)(uintptr_t)p->own->ns);
		free((char *)(uintptr_t)p->own->name);
		free((char *)(uintptr_t)p->own->image);
		free(p->own);
	}
	free(p);
}
