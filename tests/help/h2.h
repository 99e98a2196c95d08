/* Just enough of an HTTP/2 server, frame by frame over a hostile peer, to answer gRPC calls
 * rightly or wrongly. Answers must stay under 64 KB: it minds no windows. */
#ifndef HELP_H2_H
#define HELP_H2_H

#include <stdbool.h>
#include <stdint.h>

#include "help/hostile.h"

int peer_h2_begin(struct peer *p); /* the preface and the settings */
/* The next whole request: its stream and body (headers are not decoded). -1: closed. */
int peer_h2_request(struct peer *p, uint32_t *stream, struct buf *body);
/* pairs: name, value, ... NULL; end: nothing follows. */
int peer_h2_head(struct peer *p, uint32_t stream, const char *const *pairs, bool end);
int peer_h2_data(struct peer *p, uint32_t stream, const void *bytes, size_t n, bool end);
int peer_h2_reset(struct peer *p, uint32_t stream, uint32_t code);

#endif
