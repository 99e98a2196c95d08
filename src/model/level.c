/* The levels as rows. The words are the strategy's own: 严重, 重要, 一般, 轻微. */
#include "model/level.h"

#include <stddef.h>

#include "base/i18n.h"

#define MINUTE_MS (60 * INT64_C(1000))
#define HOUR_MS   (60 * MINUTE_MS)

const struct level_target level_targets[LEVEL_COUNT] = {
	[LEVEL_P0] = {15 * MINUTE_MS, 1 * HOUR_MS},
	[LEVEL_P1] = {30 * MINUTE_MS, 4 * HOUR_MS},
	[LEVEL_P2] = {2 * HOUR_MS, 24 * HOUR_MS},
	[LEVEL_P3] = {4 * HOUR_MS, 72 * HOUR_MS},
};

static const struct {
	const char *name, *title;
} words[LEVEL_COUNT] = {
	[LEVEL_P0] = {"P0", N_("critical")},
	[LEVEL_P1] = {"P1", N_("high")},
	[LEVEL_P2] = {"P2", N_("medium")},
	[LEVEL_P3] = {"P3", N_("low")},
};

const char *level_name(enum level l)
{
	return (unsigned)l < LEVEL_COUNT ? words[l].name : "";
}

const char *level_title(enum level l)
{
	return (unsigned)l < LEVEL_COUNT ? words[l].title : "";
}

bool level_parse(const char *word, enum level *out)
{
	if (word == NULL || (word[0] != 'P' && word[0] != 'p') || word[1] < '0' || word[1] > '3' ||
		word[2] != '\0')
		return false;
	*out = (enum level)(word[1] - '0');
	return true;
}
