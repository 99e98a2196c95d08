/* The configuration: defaults, then $XDG_CONFIG_HOME/k911/config.yaml or --config. Every key is a
 * row of one table, which also prints the effective configuration and names what an unknown key was
 * probably meant to be. Main thread, before any other. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stddef.h>

#include "app/config_notify.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/level.h"
#include "ops/engine/engine.h"

struct config_pair {
	char *key, *value;
	int line, column; /* where the key stands in the file */
};

struct config_hosts {
	struct host *at;
	size_t n;
};

struct config {
	char *file; /* where it was read from; NULL: defaults only */
	struct {
		char *kubeconfig, *context; /* "" : as kubectl */
	} cluster;
	struct {
		char **endpoints;  /* NULL-terminated; empty: learned */
		char *credentials; /* "auto", or "files" */
		char *cacert, *cert, *key;
		char *pki_dir;
	} etcd;
	struct {
		char *command, *user, *identity, *become;
		char **options;
		struct config_hosts control_plane, workers;
	} nodes;
	struct {
		char *address;
		char **haproxy_nodes;
		char *haproxy_socket;
	} load_balancer;
	char **core_services;
	struct level_target levels[LEVEL_COUNT];
	char **checklists[3]; /* by enum checklist_id; empty: the strategy's */
	struct limits thresholds;
	struct config_notify notify;
	struct {
		char *alertmanager, *secret_file, *ca_file;
	} alerts;
	struct {
		char *theme, *lang;
		struct config_pair *keys; /* action -> keys */
		size_t n_keys;
	} ui;
};

/* path: --config, or NULL for the usual place (whose absence is no error). ERR_INPUT:
 * file:line:column, what, what to do. */
int config_load(const char *path, struct config **out, struct err *e);
void config_free(struct config *c);
void config_print(const struct config *c, struct buf *out); /* YAML that config_load reads back */

#endif
