/* Colours by role. The files are YAML (themes/), read by the app; here is only the value. */
#ifndef UI_THEME_H
#define UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/canvas.h"

#define COLOUR_DEFAULT (-1) /* the terminal's own */

struct style {
	int32_t fg, bg;      /* 0xRRGGBB or COLOUR_DEFAULT */
	unsigned attr;       /* enum cell_attr; what mono terminals show too */
};

struct theme {
	char name[32];
	struct style roles[ROLE_COUNT];
};

void theme_init(struct theme *t, const char *name); /* every role the terminal's own */
const char *role_name(enum role r);                 /* "bad", as in the files */
/* role: a name; spec: words of "fg=#rrggbb|default", "bg=...", bold, underline, reverse. An unknown role or word is an error that names it and offers the nearest. */
int theme_set(struct theme *t, const char *role, const char *spec, struct err *e);
int theme_nearest(int32_t rgb, int colours); /* index of the nearest of 16 or 256 xterm colours */

#endif
