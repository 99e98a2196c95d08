/* Remembers what was changed: seen happening, or told by the objects and files themselves when they
 * were first seen. The newest CHANGE_LOG_KEEP. The engine's thread only. */
#ifndef OPS_WATCH_CHANGE_LOG_H
#define OPS_WATCH_CHANGE_LOG_H

#include "model/changes.h"
#include "model/host.h"
#include "model/workload.h"

#define CHANGE_LOG_KEEP 64

struct change_log {
	size_t n;
	struct alteration at[CHANGE_LOG_KEEP]; /* newest first */
	int64_t healthy_ms; /* wall clock when the cluster was last seen well; 0 never */
};

/* old NULL: not seen before; fresh NULL: deleted. listed: part of a list, so that an unknown row is
 * no news of creation. wall_ms: now. */
void change_log_workload(struct change_log *log, const struct workload_row *old,
	const struct workload_row *fresh, bool listed, int64_t wall_ms);
void change_log_config_map(struct change_log *log, const struct config_map_row *old,
	const struct config_map_row *fresh);
/* old NULL: the first round. */
void change_log_files(struct change_log *log, const char *node, const struct host_report *old,
	const struct host_report *fresh);

void change_log_fill(const struct change_log *log, struct changes *out, int64_t wall_ms);

#endif
