/* Snapshots made by hand for the golden screens. Strings live until samples_done. */
#ifndef HELP_SAMPLES_H
#define HELP_SAMPLES_H

#include "model/snapshot.h"

struct instant sample_now(void);       /* 2026-11-23 04:43:50 UTC */
struct snapshot *sample_healthy(void); /* 3 masters, 5 workers, everything live and well */
/* m2's kubelet, API server and etcd are gone, w3 is cordoned and not ready, pods fail */
struct snapshot *sample_broken(void);
/* Names and messages that attack a terminal, or are just wide and long. */
struct snapshot *sample_hostile(void);
/* The broken one, minutes after the API servers went silent; etcd without quorum. */
struct snapshot *sample_stale(void);
struct snapshot *sample_unlisted(void); /* the API server answers probes, and no list */
/* A healthy start: probes have answered, lists are on their way. */
struct snapshot *sample_listing(void);
struct snapshot *sample_forbidden(void);  /* all but one list, which this user may not have */
struct snapshot *sample_saved(void);      /* the healthy one, as an earlier run left it */
struct snapshot *sample_nothing(void);    /* before the first answer */
const char *sample_string(const char *s); /* kept until samples_done */
void sample_add_nodes(struct snapshot *s, int n);
void samples_done(void);

#endif
