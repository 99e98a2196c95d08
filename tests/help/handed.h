/* A practice cluster and a deed on it: the real client of the Kubernetes API, blocking, and nobody
 * else who asks anything of it. One thread. */
#ifndef HELP_HANDED_H
#define HELP_HANDED_H

#include <stdbool.h>

#include "cluster/kube_deed.h"
#include "drill/drill.h"

struct handed {
	struct drill *drill;
	struct pool *pool;
	struct kube_deed deed;
};

void handed_open(struct handed *h, int speed);
void handed_close(struct handed *h);
void handed_set(struct handed *h, const char *what, const char *to);
/* The text at path of an object ("" when there is none such); polls until it is as wanted. */
bool handed_is(struct handed *h, const struct kube_ref *r, const char *path, const char *wanted);
bool handed_gone(struct handed *h, const struct kube_ref *r);
/* Creates it, as JSON; a failure ends the test. */
void handed_create(struct handed *h, const struct kube_ref *r, const char *body);
/* The first pod of a namespace whose name begins so and that runs; a failure ends the test. */
struct handed_pod {
	char ns[64], name[256], uid[64], node[64];
};
void handed_pod(struct handed *h, const char *ns, const char *begins, struct handed_pod *out);

#endif
