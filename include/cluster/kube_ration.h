/* What an API server may be asked for, by kind: when it was last listed, how long what failed there
 * must rest, and whether the server asked to be left alone. Kept by the client, for watches are
 * made anew and move from server to server and back, and a server that is sick must not be listed
 * again for that. Thread-safe. */
#ifndef CLUSTER_KUBE_RATION_H
#define CLUSTER_KUBE_RATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/source.h"

struct kube_rations;

struct kube_rations *kube_rations_new(void);
void kube_rations_free(struct kube_rations *r); /* NULL is fine */
/* So long between two lists of one kind at one server; 0, as at first: no such floor. */
void kube_rations_set_floor(struct kube_rations *r, int64_t floor_ms);

/* Behind this address stand servers that are asked by themselves, too: which of them it leads to
 * nobody knows, so a whole list by either way counts for the other. "": there is no such. */
void kube_rations_set_balancer(struct kube_rations *r, const char *server);
void kube_rations_forget(struct kube_rations *r); /* others live at these addresses now */

/* How long a request must wait yet; 0: not at all. list: it is a list, and not one that the expiry
 * of a version has made due. */
int64_t kube_ration_wait_ms(struct kube_rations *r, const char *server, enum source_id kind,
	bool list, struct instant now);
/* A list begins; or its server had no work with it after all (it refused, was not reached). */
void kube_ration_listed(
	struct kube_rations *r, const char *server, enum source_id kind, struct instant now);
void kube_ration_whole(
	struct kube_rations *r, const char *server, enum source_id kind, struct instant now);
void kube_ration_spared(struct kube_rations *r, const char *server, enum source_id kind);
/* A request failed: the next one of that kind waits at least least_ms, and longer each time. */
void kube_ration_failed(struct kube_rations *r, const char *server, enum source_id kind,
	int64_t least_ms, struct instant now);
void kube_ration_worked(struct kube_rations *r, const char *server, enum source_id kind);
/* The server seems well again: what failed need not rest to its end, but for so long after it
 * failed. */
void kube_ration_wake(struct kube_rations *r, const char *server, enum source_id kind,
	int64_t after_ms, struct instant now);

/* A watch that was whole up to this version ends ("": it was not). The next of its kind, wherever
 * it is, may go on from there while it may not list: true, once. */
void kube_ration_leave(
	struct kube_rations *r, enum source_id kind, const char *version, struct instant now);
bool kube_ration_resume(struct kube_rations *r, enum source_id kind, char *version, size_t size,
	struct instant now);

/* The server said Retry-After: nothing is asked of it for so long. */
void kube_ration_hold(struct kube_rations *r, const char *server, int64_t ms, struct instant now);
int64_t kube_ration_held_ms(struct kube_rations *r, const char *server, struct instant now);

#endif
