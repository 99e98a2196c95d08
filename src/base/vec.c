/* How a typed array grows: doubling, from eight. */
#include "base/vec.h"

#include <stdint.h>

size_t vec_room(size_t cap, size_t need)
{
	size_t room = cap < 8 ? 8 : cap;

	while (room < need)
		room = room > SIZE_MAX / 2 ? need : room * 2;
	return room;
}
