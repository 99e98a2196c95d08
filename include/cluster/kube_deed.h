/* What is asked of one API server, and changed there, one request at a time: blocking, on a
 * connection of its own, for a run's own thread. The credential is waited for, Retry-After and a
 * 429 or 503 are waited out, all within the deed's deadline. A write ends in one of four ways, of
 * which "no answer" is not "no": who is told KUBE_LOST looks before doing it again. */
#ifndef CLUSTER_KUBE_DEED_H
#define CLUSTER_KUBE_DEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "cluster/kube_client.h"
#include "io/json.h"

#define KUBE_DEED_MS   30000 /* when within_ms is 0 */
#define KUBE_NAME_MAX  253   /* of any name and namespace */
#define KUBE_PATH_MAX  4096
#define KUBE_BODY_MAX  (4u << 20)
#define KUBE_REPLY_MAX (16u << 20)
#define KUBE_ITEMS_MAX 100000

/* Where and how long; shared by any number of calls, by several threads too. */
struct kube_deed {
	struct kube_client *client; /* borrowed */
	struct kube_endpoint at;
	int64_t within_ms; /* of each call, its waits included */
	int cancel_fd;     /* readable ends it with ERR_CANCELLED; -1: none */
	bool dry_run;      /* writes are tried by the server, and not kept */
};

enum kube_outcome {
	KUBE_DONE,
	KUBE_ALREADY, /* it was so; nothing was changed */
	KUBE_REFUSED, /* said no, or not reached: nothing was changed, the error says why */
	KUBE_LOST     /* sent, and no answer: it may have happened or not */
};

/* An object, a subresource of one, or (name NULL) what holds them. Borrowed texts. */
struct kube_ref {
	const char *group;   /* NULL: core */
	const char *version; /* NULL: v1 */
	const char *plural;  /* "pods" */
	const char *ns;      /* NULL: it has none; in a list: all */
	const char *name, *sub;
};
/* "pods.apps", "nodes", "pods": a kind as kubectl takes it, plural or not, into group, version and
 * plural (const texts). False: k911 does not know it. */
bool kube_ref_find(const char *kind, struct kube_ref *out);
/* "deployments.apps shop/web": for people; safe. Gives dst. */
char *kube_ref_words(const struct kube_ref *r, char *dst, size_t size);
/* Adds the path, each part percent-encoded. ERR_INPUT for a name that would lead elsewhere: empty,
 * "." or "..", with '/' or '%', or too long. */
int kube_ref_path(const struct kube_ref *r, struct buf *path, struct err *e);

struct kube_ask {
	const char *method; /* GET, POST, PATCH, PUT, DELETE */
	const char *path;   /* of kube_ref_path, and a query */
	const char *verb;   /* "evict": for people */
	const struct kube_ref *ref;
	const char *type; /* of the body; NULL: application/json */
	const char *body; /* NULL: none */
};

/* Made empty by the call that fills it; the caller's to end, whatever the call gave. */
struct kube_reply {
	long status;          /* 0: no answer */
	char reason[64];      /* a refusal's, from its metav1.Status: "AlreadyExists" */
	char cause[64];       /* its first cause's reason: "DisruptionBudget" */
	char cause_text[200]; /* and in the server's words, safe */
	int64_t retry_ms;     /* Retry-After; 0: none */
	struct buf text;      /* the answer */
	struct js *json;      /* the same; NULL where it is no JSON */
};
void kube_reply_done(struct kube_reply *r);

/* Any request. For a GET there is no KUBE_LOST. */
enum kube_outcome kube_deed_do(const struct kube_deed *d, const struct kube_ask *ask,
	struct kube_reply *reply, struct err *e);

/* 0 or -1, ERR_MISSING where it is not there. */
int kube_deed_get(const struct kube_deed *d, const struct kube_ref *r, struct kube_reply *reply,
	struct err *e);
/* Merge patches replace lists; strategic ones know lists by name (containers, webhooks). */
enum kube_patch { KUBE_PATCH_MERGE, KUBE_PATCH_STRATEGIC };
enum kube_outcome kube_deed_patch(const struct kube_deed *d, const struct kube_ref *r,
	enum kube_patch kind, const char *body, struct kube_reply *reply, struct err *e);
/* r names what holds it. One of that name: KUBE_REFUSED, ERR_CONFLICT, reason "AlreadyExists". */
enum kube_outcome kube_deed_create(const struct kube_deed *d, const struct kube_ref *r,
	const char *body, struct kube_reply *reply, struct err *e);

/* A change that is made from what the object is: read, written with the version that was read, and
 * made anew when another write came between. change gets the object and writes the members of the
 * patch, first those of kube_deed_versioned; false: there is nothing to change (KUBE_ALREADY). */
typedef bool (*kube_change)(const struct js *object, const void *arg, struct jsw *j);
enum kube_outcome kube_deed_change(const struct kube_deed *d, const struct kube_ref *r,
	enum kube_patch kind, kube_change change, const void *arg, struct err *e);
/* Begins the member "metadata" with that version; jsw_end_object ends it. */
void kube_deed_versioned(const struct js *object, struct jsw *j);

struct kube_delete {
	const char *uid, *version; /* preconditions; another one is ERR_CONFLICT. NULL: none */
	int64_t grace_s;           /* -1: the object's own */
	const char *propagation;   /* Background, Foreground, Orphan; NULL: the server's default */
};
/* KUBE_DONE: it is gone, or going (finalizers, a grace period). KUBE_ALREADY: it was not there. */
enum kube_outcome kube_deed_delete(const struct kube_deed *d, const struct kube_ref *r,
	const struct kube_delete *how, struct err *e);

/* All objects of a list, read page by page and gathered. */
struct kube_items {
	VEC(struct js *) pages;
	VEC(const struct js *) at;
};
/* labels, fields: selectors, or NULL. cached: from the server's cache, which may be behind but needs
 * no etcd and costs it nothing. -1 leaves *out empty. */
struct kube_select {
	const char *labels, *fields;
	bool cached;
};
int kube_deed_list(const struct kube_deed *d, const struct kube_ref *r, const struct kube_select *s,
	struct kube_items *out, struct err *e);
void kube_items_done(struct kube_items *items);
/* The pods that a node has or should have. */
int kube_deed_pods_of(const struct kube_deed *d, const char *node, bool cached,
	struct kube_items *out, struct err *e);

/* Waits, ended early by the deed's cancel_fd: false then. */
bool kube_deed_pause(const struct kube_deed *d, int64_t ms);

#endif
