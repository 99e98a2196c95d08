/* What tells one cluster from another before any server of it has answered: the authorities the
 * kubeconfig trusts, whatever way leads there; its URL where it names none, or trusts anybody. */
#ifndef CLUSTER_CLUSTER_KEY_H
#define CLUSTER_CLUSTER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sha.h"
#include "cluster/kubeconfig.h"
#include "io/tls.h"

#define CLUSTER_CAS 8 /* of a bundle, as after a rotation */

struct cluster_key {
	char hex[SHA_HEX];
	size_t n_cas; /* 0: it is the URL's, and proves nothing of a machine */
	unsigned char cas[CLUSTER_CAS][SHA_BYTES]; /* of each certificate's DER, sorted */
};

void cluster_key_of(const struct kube_access *a, struct cluster_key *out);
/* Is one of the certificates one of its authorities? */
bool cluster_key_shares(const struct cluster_key *key, const struct tls_cert *certs, int n);
const char *cluster_key_authority(const struct cluster_key *key); /* hex; "": it is a URL's */

#endif
