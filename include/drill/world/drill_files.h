/* The drill's files: authorities and certificates, the kubeconfig, each machine's file system.
 * Blocking. */
#ifndef DRILL_WORLD_DRILL_FILES_H
#define DRILL_WORLD_DRILL_FILES_H

#include <sys/types.h>

#include "base/err.h"
#include "drill/world/world.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

struct drill_pki {
	struct tls_authority *kube, *etcd, *front;
	struct tls_server *api, *client, *peer,
		*expired; /* server sides; expired: the API servers' after their time */
};

/* Writes dir/pki too. */
int pki_make(struct drill_pki *p, const struct world *w, const char *dir, struct err *e);
void pki_free(struct drill_pki *p);
int files_kubeconfig(
	const struct world *w, const struct drill_pki *p, const char *dir, struct err *e);
/* Each machine's root: manifests, certificates, data directory, config. */
int files_roots(const struct world *w, const struct drill_pki *p, const char *dir, struct err *e);
int files_put(const char *path, const char *text, mode_t mode, struct err *e); /* without fsync */
/* Writes it anew. */
int files_manifest(
	const struct world *w, const struct machine *m, enum container_id c, struct err *e);
/* haproxy's configuration, written anew. */
int files_balancer(const struct world *w, struct err *e);
void files_boot(const struct machine *m); /* what a boot forgets */
/* Proc/loadavg, meminfo, stat as of now. */
void files_proc(const struct world *w, const struct machine *m);
void files_logs(const struct world *w, struct machine *m); /* var/log/pods, now and then */
void files_remove(const char *dir);                        /* the whole tree */

#endif
