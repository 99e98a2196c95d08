/* What the rules of severity.h look at, worked out once per snapshot: which servers live, which
 * control-plane nodes are gone, impaired or cut off. Borrows the snapshot. */
#ifndef MODEL_SEVERITY_FACTS_H
#define MODEL_SEVERITY_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/snapshot.h"

struct severity_facts {
	const struct snapshot *s;
	const struct impact *impact;
	unsigned api_asked, api_down, api_live;
	bool balancer_down, balancer_ok;
	bool somebody_renews;          /* leases are being written: etcd takes writes */
	struct names masters_down;     /* gone, whole */
	struct names masters_impaired; /* kubelet or runtime do not run */
	struct names cut_off;          /* alive, but not for everybody */
};

void severity_facts_take(struct severity_facts *v, const struct snapshot *s);

/* probe_is_down by the snapshot's own limits and moment. */
bool severity_facts_is_down(const struct severity_facts *v, const struct probe *p);
/* "m1: why; m2: why" over the control-plane nodes whose probe of that layer is down; how many. */
unsigned severity_facts_list_down(
	const struct severity_facts *v, enum layer_id id, char *text, size_t size);

/* A rule's sentence; true. */
bool severity_say(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
