/* How many, and the names of the first few: "w1, w2 and 7 more". A plain value. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAMES_ROOM 144

struct names {
	unsigned n;      /* all of them */
	unsigned listed; /* those in text */
	/* ", " between; as they came from the cluster: not made safe for the terminal */
	char text[NAMES_ROOM];
};

void names_add(struct names *list, const char *name);       /* past the room it is only counted */
bool names_has(const struct names *list, const char *name); /* among the listed ones */
/* Gives dst back; "" when there are none. */
char *names_text(const struct names *list, char *dst, size_t size);

#endif
