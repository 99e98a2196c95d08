/* One view on saved screens, below its title as the screen puts it: at both sizes or in a pane, in
 * English and 简体中文. The saved screens carry the roles too, so a colour that means something
 * cannot be lost unseen. */
#ifndef HELP_SHOT_H
#define HELP_SHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/snapshot.h"
#include "ui/kit/view.h"

enum shot_language { SHOT_EN, SHOT_ZH, SHOT_LANGUAGES };

struct shot {
	const char *name;
	const struct view_ops *view;
	struct snapshot *(*sample)(void);
	struct view_args args;
	const char *filter;
	int pane_rows, pane_columns; /* 0: the whole screen, at both sizes */
	enum action_id actions[6];   /* typed first */
};

const char *shot_suffix(enum shot_language l); /* "en", "zh" */
void shot_speak(enum shot_language l, const char *locale_dir);
void shot_draw(const struct shot *shot, struct snapshot *s, struct canvas *c);
/* False when any differs from what is saved. */
bool shots_match(const struct shot *shots, size_t n, const char *locale_dir);
#define CHECK_SHOTS(shots)                                                                         \
	assert_true(shots_match(shots, sizeof(shots) / sizeof((shots)[0]), LOCALE_DIR))
int shots_set_up(void **state); /* of a group: an hour and a locale that are the same everywhere */
int shots_tear_down(void **state);
/* However small or strange the window: the view writes nothing outside of it, and nothing that a
 * terminal obeys. */
void shot_survives(const struct shot *shot);

#endif
