/* Chance for jitter, not for secrets: the kernel's where it has some, else the clock's low bits. */
#include "base/chance.h"

#include <sys/random.h>

#include "base/instant.h"

unsigned chance_below(unsigned n)
{
	unsigned r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
		r = (unsigned)instant_now().boot_ms;
	return r % n;
}

int64_t chance_spread_ms(int64_t ms)
{
	return ms + (ms >= 10 ? (int64_t)chance_below((unsigned)(ms / 10)) : 0);
}
