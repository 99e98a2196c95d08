/* What is to be kept on the disk beside the journal, and whether the disk takes it. */
#ifndef MODEL_KEEPING_H
#define MODEL_KEEPING_H

#include <stdbool.h>

#include "base/instant.h"

enum keeping_id { KEEPING_STATE, KEEPING_LOG, KEEPING_COUNT };

struct keeping {
	bool off;             /* there is no place for it */
	struct instant since; /* since when it cannot be kept */
	char why[200];        /* "" while all is well */
	bool told;            /* the operator knows of it */
};

/* Is there news for the operator? Told once it has lasted a minute, and once when it is over. */
enum keeping_news { KEEPING_NO_NEWS, KEEPING_IS_LATE, KEEPING_IS_WELL };
enum keeping_news keeping_step(struct keeping *k, struct instant now);

#endif
