/* kubeadm makes each cluster an authority of its own, so its certificate is the cluster's name that
 * nobody else can have. A URL is not: 127.0.0.1:6443 is whatever the tunnel leads to today. */
#include "cluster/cluster_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/tls.h"

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, SHA_BYTES);
}

static void read_cas(const char *pem, struct cluster_key *out)
{
	struct tls_cert *certs = mem_zero(CLUSTER_CAS, sizeof(*certs));
	int n = tls_read_pem(pem, strlen(pem), certs, CLUSTER_CAS, NULL);

	for (int i = 0; i < n; i++)
		memcpy(out->cas[out->n_cas++], certs[i].sha256, SHA_BYTES);
	free(certs);
	qsort(out->cas, out->n_cas, SHA_BYTES, by_bytes);
}

void cluster_key_of(const struct kube_access *a, struct cluster_key *out)
{
	unsigned char digest[SHA_BYTES];

	memset(out, 0, sizeof(*out));
	if (a->ca_pem != NULL && !a->insecure)
		read_cas(a->ca_pem, out);
	if (out->n_cas > 0)
		sha_of(out->cas, out->n_cas * SHA_BYTES, digest);
	else
		sha_of(a->server, strlen(a->server), digest);
	sha_hex(digest, out->hex);
}

const char *cluster_key_authority(const struct cluster_key *key)
{
	return key->n_cas > 0 ? key->hex : "";
}

bool cluster_key_shares(const struct cluster_key *key, const struct tls_cert *certs, int n)
{
	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < key->n_cas; k++)
			if (memcmp(certs[i].sha256, key->cas[k], SHA_BYTES) == 0)
				return true;
	return false;
}
