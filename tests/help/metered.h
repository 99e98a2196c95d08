/* What base/meter counted of one server in the last minute, for the tests of those who count. */
#ifndef HELP_METERED_H
#define HELP_METERED_H

#include "base/meter.h"

/* Zeroes when it was not called. */
struct meter_reading metered(enum meter_kind kind, const char *name);
struct meter_reading metered_port(int port); /* of 127.0.0.1 */

#endif
