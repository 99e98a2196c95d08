/* The one table of keys: it drives input, help, hints and the palette; the config rebinds. */
#ifndef UI_KIT_KEYMAP_H
#define UI_KIT_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "ui/kit/action.h"

/* A key: a Unicode character, or one of these. */
enum key {
	KEY_NONE = 0,
	KEYS_SPECIAL = 0x110000,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_ENTER,
	KEYS_ESCAPE,
	KEYS_TAB,
	KEYS_BACK_TAB,
	KEYS_BACKSPACE,
	KEYS_DELETE,
	KEYS_F1,
	KEYS_F12 = KEYS_F1 + 11
};

struct keymap;

struct keymap *keymap_new(void); /* the defaults */
void keymap_free(struct keymap *k);
/* action: its name ("zoom"), keys: "z", "ctrl-l", "f1", "page-down", space-separated for
 * several, "" for none; they replace the action's keys. An unknown name is an error that offers
 * the nearest. */
int keymap_bind(struct keymap *k, const char *action, const char *keys, struct err *e);
/* After all binds: a key taken twice, or quit without a key, is an error that names what is
 * concerned. */
int keymap_check(const struct keymap *k, struct err *e);
enum action_id keymap_action(const struct keymap *k, int key);
/* As people read them; all ("Up k") or the first ("PgDn"); "" when there is none. Give dst. */
const char *keymap_keys(const struct keymap *k, enum action_id a, char *dst, size_t size);
const char *keymap_first(const struct keymap *k, enum action_id a, char *dst, size_t size);
const char *action_name(enum action_id a);  /* "zoom": config and palette */
const char *action_title(enum action_id a); /* N_() key: "zoom the pane" */
/* N_() key, one word for the hint line: "zoom"; "" for none */
const char *action_hint(enum action_id a);

#endif
