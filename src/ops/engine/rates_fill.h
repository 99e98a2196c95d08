/* What each server was asked over the last minute. */
#ifndef OPS_ENGINE_RATES_FILL_H
#define OPS_ENGINE_RATES_FILL_H

#include "model/snapshot.h"
#include "ops/watch/api_watch.h"

/* Fills the rates of a snapshot that has its etcd and its layers. */
void rates_fill(struct snapshot *s, const struct api_watch *api);

#endif
