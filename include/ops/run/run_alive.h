/* Which runs are alive on this machine, whoever's process they are in: each holds a name in the
 * kernel (an abstract unix socket) that goes with its process, however that ends. No disk is asked.
 * Any thread. */
#ifndef OPS_RUN_RUN_ALIVE_H
#define OPS_RUN_RUN_ALIVE_H

#include <stdbool.h>

int run_alive_hold(const char *run); /* a descriptor, to close; -1: another holds it, or errno */
bool run_alive_is(const char *run);

#endif
