/* Trouble with keeping a file is told once, when it has lasted, and its end only to those who heard
 * of it. */
#include "model/keeping.h"

#define TELL_MS 60000

enum keeping_news keeping_step(struct keeping *k, struct instant now)
{
	bool bad = k->why[0] != '\0';
	bool late = bad && instant_age_ms(k->since, now) >= TELL_MS;
	enum keeping_news news = late && !k->told  ? KEEPING_IS_LATE
				 : k->told && !bad ? KEEPING_IS_WELL
						   : KEEPING_NO_NEWS;

	k->told = bad && (k->told || late);
	return news;
}
