/* The engine on a practice cluster, with a journal of its own, and waiting with a deadline for what
 * an operator would see. One thread. */
#ifndef HELP_STAGE_H
#define HELP_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "drill/drill.h"
#include "help/scratch.h"
#include "ops/engine/engine.h"

/* Under the thread sanitizer a process of several threads stands still for seconds: what is counted
 * against the clock is then the sanitizer's, not the console's. */
#if defined(__SANITIZE_THREAD__)
#define STAGE_IS_SLOWED 1
#else
#define STAGE_IS_SLOWED 0
#endif

struct stage {
	struct drill *drill;
	struct engine *engine;
	struct slot *snapshots;
	struct snapshot *last; /* the newest; NULL before the first */
	struct scratch scratch;
	bool read_only;
};

/* The whole of main: stands in for k911 when the drill's nodes call it back, else calls tests(). */
int stage_main(int argc, char **argv, int (*tests)(void));
void stage_open(struct stage *s, const char *scenario, int speed);
void stage_open_without_ssh(struct stage *s, const char *scenario, int speed);
/* Broken before the engine sees it; without ssh, at the speed of life. */
void stage_open_broken(
	struct stage *s, void (*breaks)(struct drill *d, const void *arg), const void *arg);
/* Another console on the same cluster and the same journal, after the first has gone. */
void stage_reopen(struct stage *s, bool read_only);
void stage_close(struct stage *s);
/* Takes snapshots until one is as wanted; false, and the last one is printed, when none was in
 * time. */
bool stage_comes(struct stage *s, bool (*wanted)(const struct snapshot *s, const void *arg),
	const void *arg, int64_t ms);

/* LEVEL_NONE: until all is well, but for a burst of events, which is told of for minutes. Else the
 * level, the rule among its reasons, and an incident of that level proposed. */
bool stage_level_comes(struct stage *s, enum level level, const char *rule);
bool stage_level_comes_in(struct stage *s, enum level level, const char *rule, int64_t ms);

#endif
