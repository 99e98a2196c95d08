/* All incidents of a journal, folded from its entries. The owner's thread only; what is given is
 * borrowed until the next call that adds. */
#ifndef OPS_INCIDENT_INCIDENTS_H
#define OPS_INCIDENT_INCIDENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/incident.h"
#include "ops/journal/journal.h"

struct incidents;

struct incidents *incidents_new(void);
void incidents_free(struct incidents *is); /* NULL is fine */

/* Copies what it needs. Entries may come in any order (an import adds old ones); one that was added
 * before (kept in memory, then written) takes its place. Those of no incident are left out. */
void incidents_add(struct incidents *is, const struct journal_entry *en);
int incidents_load(struct incidents *is, struct journal *j, struct err *e); /* all of a journal */

size_t incidents_count(const struct incidents *is);
const struct incident *incidents_at(struct incidents *is, size_t k); /* in order of their numbers */
const struct incident *incidents_get(struct incidents *is, const char *id); /* ULID; or NULL */

/* A cluster as the journal knows it. kubeadm calls each of them "kubernetes", so where its
 * authority is known that tells two of one name apart. */
struct incident_cluster {
	char name[80];
	char authority[17]; /* 16 hex of the authorities' sha256; "" unknown */
};

/* Is it about this cluster? One that names none, and a cluster without a name, fit everywhere; so
 * does an unknown authority within a name. */
/* name: the kubeconfig's, or NULL; authority: cluster_key_authority's. */
void incident_cluster_of(const char *name, const char *authority, struct incident_cluster *out);
bool incident_is_of(const struct incident *i, const struct incident_cluster *c);
/* The one of the cluster that what is done now belongs to: the chosen one while it is not closed,
 * else the worst, latest one that has not recovered, else the latest that is not closed; or NULL.
 */
const struct incident *incidents_current(struct incidents *is, const struct incident_cluster *c);
void incidents_choose(struct incidents *is, const char *id);

#endif
