/* What the API server that the watches run at is asked beside them: has the connection a pulse,
 * which cluster is it, what version, what do the nodes use. The engine's thread only; answers come
 * as letters. */
#ifndef OPS_WATCH_API_SIDES_H
#define OPS_WATCH_API_SIDES_H

#include "cluster/kube_client.h"
#include "ops/watch/kube_tables.h"
#include "ops/watch/question.h"

#define PULSE_EVERY_MS 2000

enum side_id { SIDE_PULSE, SIDE_IDENTITY, SIDE_VERSION, SIDE_USAGE, SIDE_COUNT };

/* Which cluster it is, as a server tells. */
enum identity {
	IDENTITY_AWAITED, /* asked, or about to be */
	IDENTITY_KNOWN,
	IDENTITY_UNTOLD /* a server answers, and will not or cannot say */
};

struct api_sides {
	struct http *http;
	struct kube_client *client;
	struct mailbox *to;
	struct kube_tables *tables; /* what the nodes use is put there, and that they live */
	struct question at[SIDE_COUNT];
	char version[32];
	enum identity identity;
	struct instant identity_since; /* awaited since */
	char uid[64];                  /* of the namespace kube-system; "" when no server told it */
	char saved_uid[64];            /* of the cluster whose state was loaded; "" */
	bool another; /* a server told another one than before: all is to begin anew */
};

void api_sides_init(struct api_sides *s, struct http *http, struct kube_client *client,
	struct mailbox *to, struct kube_tables *tables);
/* What an earlier run knew. */
void api_sides_recall(struct api_sides *s, const char *uid, const char *version);
/* At another server: its pulse and its identity are asked. all: so is everything else. */
void api_sides_begin(struct api_sides *s, bool all, struct instant now);
void api_sides_forget(struct api_sides *s); /* what was told of another cluster */
/* Asks that server what is due. */
void api_sides_tick(struct api_sides *s, const struct kube_endpoint *at, struct instant now);
void api_sides_doubt(
	struct api_sides *s, struct instant now); /* it may be another: asked at once */
bool api_sides_knows_cluster(const struct api_sides *s, struct instant now); /* or nobody tells */
/* A server said the uid of kube-system; NULL: it did not, refused: and never will. */
void api_sides_identify(struct api_sides *s, const char *uid, bool refused);
void api_sides_fill(const struct api_sides *s, struct snapshot *to);

#endif
