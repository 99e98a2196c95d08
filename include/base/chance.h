/* Chance, so that what is asked again and again does not come in step with others who ask. Not for
 * secrets. Any thread. */
#ifndef BASE_CHANCE_H
#define BASE_CHANCE_H

#include <stdint.h>

unsigned chance_below(unsigned n);    /* 0 .. n-1; n > 0 */
int64_t chance_spread_ms(int64_t ms); /* ms and up to a tenth more */

#endif
