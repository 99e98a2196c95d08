/* Screens compared with saved ones in tests/golden. UPDATE_GOLDEN=1 writes what is there now. */
#ifndef HELP_GOLDEN_H
#define HELP_GOLDEN_H

#include <stdbool.h>

struct canvas;

/* False, with a diff on stderr, when text is not what tests/golden/NAME holds. */
bool golden_matches(const char *name, const char *text);
bool golden_canvas(const char *name, const struct canvas *c, bool with_roles);

#endif
