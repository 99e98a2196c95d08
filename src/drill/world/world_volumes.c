/* Volumes that are attached to nodes: one for each StatefulSet's pod, given back when its kubelet has
 * let go of it, or when somebody vouches that the machine is off. */
#include <stdio.h>
#include <string.h>

#include "base/sha.h"
#include "drill/world/world.h"

static void volume_name(const struct sim_pod *p, char volume[32])
{
	unsigned char d[SHA_BYTES];
	char hex[SHA_HEX], key[400];

	snprintf(key, sizeof(key), "%s/data-%s", p->of->ns, p->name);
	sha_of(key, strlen(key), d);
	sha_hex(d, hex);
	snprintf(volume, 32, "pvc-%.8s", hex);
}

static void attachment_name(const char *volume, const char *node, char name[64])
{
	snprintf(name, 64, "csi-%s-%.16s", volume, node);
}

static void attach(struct world *w, const struct sim_pod *p)
{
	char volume[32], name[64], body[400];
	const char *node = w->machines[p->node].name;

	volume_name(p, volume);
	attachment_name(volume, node, name);
	snprintf(body, sizeof(body),
		"{\"spec\":{\"attacher\":\"csi.example.com\",\"nodeName\":\"%s\",\"source\":{"
		"\"persistentVolumeName\":\"%s\"}},\"status\":{\"attached\":true}}",
		node, volume);
	store_create(w->store, KIND_VOLUMEATTACHMENT, "", name, body, "kube-controller-manager");
}

static bool is_used(const struct world *w, const struct object *a)
{
	char volume[32], name[64];

	for (size_t i = 0; i < w->pods.len; i++) {
		const struct sim_pod *p = w->pods.at[i];

		if (p->of->kind != WORK_STATEFULSET || p->gone || p->node < 0)
			continue;
		volume_name(p, volume);
		attachment_name(volume, w->machines[p->node].name, name);
		if (strcmp(name, a->name) == 0)
			return true;
	}
	return false;
}

static bool may_detach(struct world *w, const struct object *a)
{
	char node[64] = "";
	const struct machine *m;
	const struct object *o;

	jt_str(jt_at(object_span(a), "spec.nodeName"), node, sizeof(node));
	m = world_machine(w, node);
	o = store_get(w->store, KIND_NODE, "", node);
	return m == NULL || o == NULL || m->ready == READY_TRUE || node_is_off(w, m);
}

void volumes_tick(struct world *w)
{
	for (size_t i = 0; i < w->pods.len; i++)
		if (w->pods.at[i]->of->kind == WORK_STATEFULSET && !w->pods.at[i]->gone &&
			w->pods.at[i]->node >= 0)
			attach(w, w->pods.at[i]);
	for (size_t i = store_count(w->store, KIND_VOLUMEATTACHMENT); i-- > 0;) {
		const struct object *a = store_nth(w->store, KIND_VOLUMEATTACHMENT, i);
		char name[64];

		str_copy(name, sizeof(name), a->name);
		if (!is_used(w, a) && may_detach(w, a))
			store_delete(w->store, KIND_VOLUMEATTACHMENT, "", name);
	}
}
