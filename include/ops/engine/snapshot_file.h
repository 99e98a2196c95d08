/* The last good state of a cluster, kept in the state directory and shown at the next start with
 * its age until live data replace it. JSON, one file per cluster. Blocking. Its texts are as the
 * cluster gave them: addresses are looked at by whoever points something at them. */
#ifndef OPS_ENGINE_SNAPSHOT_FILE_H
#define OPS_ENGINE_SNAPSHOT_FILE_H

#include "base/err.h"
#include "base/intern.h"
#include "cluster/cluster_key.h"
#include "model/host.h"
#include "model/snapshot.h"

/* What is kept beside the tables. */
struct saved_state {
	char key[SHA_HEX];  /* the cluster's, as cluster_key_of gave it */
	char uid[64];       /* of its namespace kube-system; "" when no server told it */
	struct instant at;  /* when it was good; boot_ms brought onto this boot's clock */
	int64_t healthy_ms; /* wall clock when the cluster was last seen well; 0 never */
	size_t n_control_plane;
	struct host control_plane[LAYER_MAX_NODES];
	struct snapshot *snapshot; /* tables, etcd members, version, pod counts */
};

/* STATE_DIR/last/<first 16 of the key>.json; new string. */
char *snapshot_file_path(const char *state_dir, const struct cluster_key *key);
int snapshot_file_save(const char *path, const struct saved_state *s, struct err *e);
/* ERR_MISSING when there is none, ERR_INPUT for one of an older version. now places the saved
 * moment on this boot's clock. */
int snapshot_file_load(const char *path, struct intern *names, struct instant now,
	struct saved_state *out, struct err *e);

#endif
