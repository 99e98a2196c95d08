/* What was changed lately: the question before a roll-back. A plain value. */
#ifndef MODEL_CHANGES_H
#define MODEL_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHANGES_SHOWN 16

enum alteration_kind {
	ALTERED_IMAGE,   /* other container images */
	ALTERED_ROLLOUT, /* another revision of the same images */
	ALTERED_SCALED,
	ALTERED_EDITED,
	ALTERED_CREATED,
	ALTERED_DELETED,
	ALTERED_FILE /* a manifest, certificate or kubeconfig file of a control-plane node */
};

struct alteration {
	enum alteration_kind kind;
	int64_t at_ms; /* wall clock: as the object or the file says, else when it was seen */
	/* "Deployment kube-system/coredns", "m2 /etc/kubernetes/manifests/etcd.yaml" */
	char what[128];
	char text[160]; /* "coredns:1.11 → coredns:1.12", "by kubectl-edit"; "" */
};

/* Since a little before the cluster was last well; a bad change takes a while to show. */
struct changes {
	int64_t since_ms;
	bool since_healthy; /* false: it was never seen well, and since is just a day ago */
	size_t n;
	struct alteration at[CHANGES_SHOWN]; /* newest first */
};

const char *alteration_title(enum alteration_kind k); /* N_() key */

#endif
