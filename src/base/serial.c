/* One counter for all: 2^64 numbers are not used up. */
#include "base/serial.h"

#include <stdatomic.h>

static atomic_uint_fast64_t last;

uint64_t serial_next(void)
{
	return atomic_fetch_add(&last, 1) + 1;
}
