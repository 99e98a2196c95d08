/* Numbers that are never used twice while the program runs. A letter carries the one of who sent it
 * or of the asking it answers, because an address, a slot or an index is soon somebody else's. */
#ifndef BASE_SERIAL_H
#define BASE_SERIAL_H

#include <stdint.h>

uint64_t serial_next(void); /* never 0; any thread */

#endif
