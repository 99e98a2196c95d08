/* A made-up node below a directory: files, stand-in tools (help/node_tools), and an ssh that runs
 * scripts there by dash or by busybox with its own tools. One thread. */
#ifndef HELP_NODE_ROOT_H
#define HELP_NODE_ROOT_H

#include <stdbool.h>

#include "cluster/node_shell.h"
#include "io/temp_dir.h"

enum { NODE_ROOT_SHELLS = 2 };
extern const char *const node_root_shells[NODE_ROOT_SHELLS];

struct node_root {
	struct temp_dir dir;
	struct node_shell *shell;
	struct node_call call; /* of its ssh */
	bool busybox;
};

void node_root_open(struct node_root *r, int shell);
void node_root_close(struct node_root *r);

void node_root_put(const struct node_root *r, const char *path, const char *text); /* dirs too */
char *node_root_get(const struct node_root *r, const char *path); /* new; NULL: not there */
bool node_root_has(const struct node_root *r, const char *path);
void node_root_remove(const struct node_root *r, const char *path); /* a file; one not there too */
int node_root_count(const struct node_root *r, const char *dir);    /* entries; 0: no such dir */
void node_root_mkdir(const struct node_root *r, const char *dir);
/* kubeadm's node: a kubelet and a containerd that run. */
void node_root_unit(const struct node_root *r, const char *unit, long pid);
/* The power is cut at the n-th command that changes something; 0: never. */
void node_root_cut(const struct node_root *r, int n);
/* A tool away: as if it were not installed. */
void node_root_without(const struct node_root *r, const char *tool);

#endif
