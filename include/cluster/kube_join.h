/* What a new machine needs to join by kubeadm: a bootstrap token that soon expires, and the hash of
 * the cluster's CA. The token is a secret: kube_join_forget wipes it. */
#ifndef CLUSTER_KUBE_JOIN_H
#define CLUSTER_KUBE_JOIN_H

#include "cluster/kube_deed.h"

#define KUBE_JOIN_MS ((int64_t)30 * 60 * 1000)

struct kube_join {
	char id[7], secret[17];
	int64_t expires_ms; /* Unix ms */
};
/* A fresh one from the kernel's randomness, good for KUBE_JOIN_MS; not yet at the server. */
int kube_join_make(int64_t now_wall_ms, struct kube_join *out, struct err *e);
void kube_join_forget(struct kube_join *j);
/* "id.secret". Gives dst. */
char *kube_join_token(const struct kube_join *j, char dst[24]);
/* "sha256:..." of the CA's public key, as kubeadm's --discovery-token-ca-cert-hash. */
int kube_join_pin(const char *ca_pem, char pin[72], struct err *e);
/* "kubeadm join HOST:PORT --token ... --discovery-token-ca-cert-hash sha256:...", a secret; new. */
char *kube_join_command(const struct kube_join *j, const char *host_port, const char *pin);

/* The Secret kube-system/bootstrap-token-ID. KUBE_LOST: it may be there; kube_join_end is safe. */
enum kube_outcome kube_join_begin(
	const struct kube_deed *d, const struct kube_join *j, struct err *e);
enum kube_outcome kube_join_end(const struct kube_deed *d, const char *id, struct err *e);

#endif
