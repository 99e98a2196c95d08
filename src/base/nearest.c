/* Edit distance over short names: a swap, a drop or a slip of the finger counts one each. */
#include "base/nearest.h"

#include <string.h>

#define NAME_MAX_BYTES 40

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Distance of a and b, both at most NAME_MAX_BYTES long; swapped neighbours cost 1 (optimal string
 * alignment). */
static int distance(const char *a, const char *b)
{
	int rows[3][NAME_MAX_BYTES + 1];
	int *before = rows[0], *last = rows[1], *now = rows[2], *swap;
	int la = (int)strlen(a), lb = (int)strlen(b);

	for (int j = 0; j <= lb; j++)
		last[j] = before[j] = j;
	for (int i = 1; i <= la; i++) {
		now[0] = i;
		for (int j = 1; j <= lb; j++) {
			now[j] = least(last[j] + 1, now[j - 1] + 1);
			now[j] = least(now[j], last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		swap = before;
		before = last;
		last = now;
		now = swap;
	}
	return last[lb];
}

struct best {
	const char *word, *name;
	int distance;
};

static void consider(struct best *b, const char *have)
{
	int d;

	if (have == NULL || have[0] == '\0' || strlen(have) > NAME_MAX_BYTES ||
		strlen(b->word) > NAME_MAX_BYTES)
		return;
	d = distance(b->word, have);
	if (strncmp(have, b->word, strlen(b->word)) == 0 && b->word[0] != '\0')
		d = least(d, 1);
	if (d < b->distance && d < (int)strlen(have)) {
		b->name = have;
		b->distance = d;
	}
}

const char *nearest_name(const char *word, const char *const *first, size_t step, size_t n)
{
	struct best best = {word, NULL, 4}; /* farther is a guess, not help */

	for (size_t i = 0; i < n; i++)
		consider(&best,
			*(const char *const *)(const void *)((const char *)first + i * step));
	return best.name;
}
