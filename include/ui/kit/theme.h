/* Colours by role. The files are YAML (themes/), read by the app; here is only the value. */
#ifndef UI_KIT_THEME_H
#define UI_KIT_THEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/kit/canvas.h"

#define COLOUR_DEFAULT (-1) /* the terminal's own */
#define COLOUR_INHERIT (-2) /* as ROLE_TEXT has it: where a spec says nothing */

struct style {
	int32_t fg, bg; /* 0xRRGGBB, COLOUR_DEFAULT or, inside a theme, COLOUR_INHERIT */
	unsigned attr;  /* enum cell_attr */
};

struct theme {
	char name[32];
	struct style roles[ROLE_COUNT];
};

/* The terminal's own colours, attributes as theme_mono. */
void theme_init(struct theme *t, const char *name);
const char *role_name(enum role r); /* "bad", "border_focus", as in the files */
char role_letter(enum role r);      /* canvas_dump: a blank for "text" */
/* role: a name; spec: words of "fg=#rrggbb|default", "bg=...", bold, underline, reverse; what it
 * leaves out is as "text" has it. An unknown role or word is an error that names it and offers the
 * nearest. */
int theme_set(struct theme *t, const char *role, const char *spec, struct err *e);
struct style theme_style(const struct theme *t, enum role r); /* with what it inherits filled in */
/* What tells a role apart where there is no colour (NO_COLOR, a mono terminal), whatever the theme
 * says. */
unsigned theme_mono(enum role r);
/* Index of the nearest xterm colour: of the first 8, of 16, or of 256 (there never one of the first
 * 16, whose look the terminal's user chooses). */
int theme_nearest(int32_t rgb, int colours);

#endif
