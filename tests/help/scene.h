/* A made-up node of kubeadm's with an API server, etcd and haproxy on it, and deeds done there: what
 * comes otherwise than it should fails the test. */
#ifndef HELP_SCENE_H
#define HELP_SCENE_H

#include "cluster/node_deed.h"
#include "help/node_root.h"

#define SCENE_API    "/etc/kubernetes/manifests/kube-apiserver.yaml"
#define SCENE_AWAY   "/etc/kubernetes/k911-aside/kube-apiserver.yaml"
#define SCENE_CONFIG "/etc/haproxy/haproxy.cfg"
#define SCENE_POD(name)                                                                            \
	"apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    name: other\n  name: " name          \
	"\nspec:\n  containers:\n  - image: registry.k8s.io/" name ":v1\n    name: " name "\n"

extern const char scene_config[]; /* haproxy's */

struct scene {
	struct node_root root;
	struct node_answer a;
	struct err e;
};

void scene_open(struct scene *s, int shell);
void scene_close(struct scene *s);

/* Words of a literal: {"NAME", "etcd"}. */
#define WORDS(...)                                                                                 \
	(&(struct node_words){(const struct node_word[]){__VA_ARGS__},                             \
		sizeof((const struct node_word[]){__VA_ARGS__}) / sizeof(struct node_word), NULL,  \
		0, NULL})

enum node_exit scene_does(struct scene *s, const char *deed, const struct node_words *w);
bool scene_done(struct scene *s, const char *deed, const struct node_words *w);
void scene_expect(struct scene *s, enum node_exit wanted, enum node_exit is);
char *scene_said(const struct scene *s, const char *key); /* until the next but one */
void scene_file(const struct scene *s, const char *path, const char *text); /* NULL: not there */

#define EACH_SHELL(s, shell)                                                                       \
	for (int shell = 0, on = 1; shell < NODE_ROOT_SHELLS; shell++, on = 1)                     \
		for (struct scene s; on && (scene_open(&s, shell), true); on = 0, scene_close(&s))

#endif
