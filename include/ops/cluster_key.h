/* What tells one cluster from another before any server of it has answered: the authorities the
 * kubeconfig trusts, whatever way leads there; its URL where it names none, or trusts anybody. */
#ifndef OPS_CLUSTER_KEY_H
#define OPS_CLUSTER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sha.h"
#include "cluster/kubeconfig.h"
#include "ops/incidents.h"

#define CLUSTER_CAS 8 /* of a bundle, as after a rotation */

struct cluster_key {
	char hex[SHA_HEX];
	size_t n_cas; /* 0: it is the URL's, and proves nothing of a machine */
	unsigned char cas[CLUSTER_CAS][SHA_BYTES]; /* of each certificate's DER, sorted */
};

void cluster_key_of(const struct kube_access *a, struct cluster_key *out);
/* As the journal knows it. */
void cluster_key_incidents(
	const struct kube_access *a, const struct cluster_key *key, struct incident_cluster *out);

#endif
