/* What the fake API servers share, as etcd is shared by real ones: objects as JSON text, a revision
 * that every write moves, and the last changes for watches. Server's thread. */
#ifndef DRILL_WORLD_STORE_H
#define DRILL_WORLD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "drill/world/jtext.h"

enum kind_id {
	KIND_NODE,
	KIND_NAMESPACE,
	KIND_POD,
	KIND_EVENT,
	KIND_SERVICE,
	KIND_ENDPOINTS,
	KIND_CONFIGMAP,
	KIND_SECRET,
	KIND_SERVICEACCOUNT,
	KIND_LEASE,
	KIND_DEPLOYMENT,
	KIND_DAEMONSET,
	KIND_STATEFULSET,
	KIND_REPLICASET,
	KIND_ENDPOINTSLICE,
	KIND_JOB,
	KIND_PDB,
	KIND_VOLUMEATTACHMENT,
	KIND_VALIDATING,
	KIND_MUTATING,
	KIND_APISERVICE,
	KIND_COUNT
};

struct kind {
	const char *group; /* "" for core */
	const char *version;
	const char *plural, *name, *singular;
	bool namespaced;
};
extern const struct kind kinds[KIND_COUNT];
const char *kind_api(enum kind_id k, char dst[64]); /* "v1", "apps/v1" */

struct object {
	enum kind_id kind;
	char *ns, *name;
	char uid[40];
	uint64_t rv;
	struct rstr *json;
};

enum change_type { CHANGE_ADDED, CHANGE_MODIFIED, CHANGE_DELETED };
struct change {
	uint64_t rv;
	enum change_type type;
	enum kind_id kind;
	const char *ns;             /* of the object; owned by the change */
	struct rstr *json, *before; /* before: NULL for ADDED */
};

struct store;
struct store *store_new(void);
void store_free(struct store *s);
uint64_t store_revision(const struct store *s);
size_t store_bytes(const struct store *s); /* of all objects */
void store_touch(struct store *s);         /* a write nobody watches moved the revision */

/* Borrowed until the next write to that object; NULL when not there. */
const struct object *store_get(
	const struct store *s, enum kind_id kind, const char *ns, const char *name);
struct json_span object_span(const struct object *o);
/* body: the object without what the store fills in (kind, apiVersion, name, namespace, uid,
 * version, times, managedFields). manager: who writes. NULL when it exists already. */
const struct object *store_create(struct store *s, enum kind_id kind, const char *ns,
	const char *name, const char *body, const char *manager);
/* A merge patch; one that changes nothing writes nothing. NULL when there is no such object. */
const struct object *store_patch(struct store *s, enum kind_id kind, const char *ns,
	const char *name, const char *patch, const char *manager);
bool store_delete(struct store *s, enum kind_id kind, const char *ns, const char *name);
bool object_is_held(const struct object *o);   /* by finalizers */
bool object_is_ending(const struct object *o); /* has a deletionTimestamp */
void store_age(struct store *s, int64_t ms);   /* objects made from now on look so much older */

/* In order of namespace and name; ns NULL: all. */
size_t store_count(const struct store *s, enum kind_id kind);
const struct object *store_nth(const struct store *s, enum kind_id kind, size_t i);
/* The changes after rv, oldest first; false when they are no longer all kept. */
bool store_changes(const struct store *s, uint64_t rv, const struct change **first, size_t *n);
uint64_t store_oldest(const struct store *s); /* the oldest version a watch may begin from */
void store_compact(struct store *s);          /* forget all changes: every open watch is too old */
void store_on_change(struct store *s, void (*fn)(void *arg), void *arg);

#endif
