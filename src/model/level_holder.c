/* Raised at once, lowered late. For each level the holder knows since when nothing worse has held;
 * the level falls to the lowest one that has been enough for hold_down without a break. So a flap
 * between P1 and none stays P1, and one between P3 and none falls from P1 to P3 and no further. */
#include "model/level_holder.h"

#include <string.h>

void level_holder_init(struct level_holder *h)
{
	memset(h, 0, sizeof(*h));
	h->level = LEVEL_NONE;
}

static void note_quiet(struct level_holder *h, const struct verdict *v, struct instant now)
{
	for (int l = 0; l <= LEVEL_NONE; l++) {
		if (!v->known || (int)v->now < l)
			h->quiet[l] = (struct instant){0};
		else if (h->quiet[l].boot_ms == 0)
			h->quiet[l] = now;
	}
}

static enum level lowest(const struct level_holder *h, int64_t hold_down_ms, struct instant now)
{
	for (int l = LEVEL_NONE; l > (int)h->level; l--)
		if (instant_age_ms(h->quiet[l], now) >= hold_down_ms)
			return (enum level)l;
	return h->level;
}

bool level_holder_take(
	struct level_holder *h, struct verdict *v, int64_t hold_down_ms, struct instant now)
{
	enum level was = h->level;

	note_quiet(h, v, now);
	if (v->known && v->now < h->level)
		h->level = v->now;
	else if (v->known)
		h->level = lowest(h, hold_down_ms, now);
	if (h->level != was || (v->known && h->since.boot_ms == 0))
		h->since = now;
	v->level = h->level;
	v->since = h->since;
	v->green = h->quiet[LEVEL_NONE];
	return h->level != was;
}
