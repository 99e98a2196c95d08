/* Keys and the mouse, as an xterm sends them in the mode the program asked for: libvterm knows it.
 */
#include "private.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	VTermKey key;
	VTermModifier mod;
} KEYS[] = {
	{"Enter", VTERM_KEY_ENTER, VTERM_MOD_NONE},
	{"Tab", VTERM_KEY_TAB, VTERM_MOD_NONE},
	{"S-Tab", VTERM_KEY_TAB, VTERM_MOD_SHIFT},
	{"Esc", VTERM_KEY_ESCAPE, VTERM_MOD_NONE},
	{"BS", VTERM_KEY_BACKSPACE, VTERM_MOD_NONE},
	{"Del", VTERM_KEY_DEL, VTERM_MOD_NONE},
	{"Ins", VTERM_KEY_INS, VTERM_MOD_NONE},
	{"Home", VTERM_KEY_HOME, VTERM_MOD_NONE},
	{"End", VTERM_KEY_END, VTERM_MOD_NONE},
	{"PgUp", VTERM_KEY_PAGEUP, VTERM_MOD_NONE},
	{"PgDn", VTERM_KEY_PAGEDOWN, VTERM_MOD_NONE},
	{"Up", VTERM_KEY_UP, VTERM_MOD_NONE},
	{"Down", VTERM_KEY_DOWN, VTERM_MOD_NONE},
	{"Left", VTERM_KEY_LEFT, VTERM_MOD_NONE},
	{"Right", VTERM_KEY_RIGHT, VTERM_MOD_NONE},
};

static int key_named(struct term *t, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++)
		if (strlen(KEYS[i].name) == n && memcmp(KEYS[i].name, name, n) == 0) {
			vterm_keyboard_key(t->vt, KEYS[i].key, KEYS[i].mod);
			return 0;
		}
	if (n == 2 && memcmp(name, "lt", 2) == 0) {
		term_write(t, "<", 1);
	} else if (n == 5 && memcmp(name, "Space", 5) == 0) {
		term_write(t, " ", 1);
	} else if (n == 3 && memcmp(name, "C-", 2) == 0) {
		char c = (char)(name[2] & 0x1f);

		term_write(t, &c, 1);
	} else if (n == 3 && memcmp(name, "M-", 2) == 0) {
		char c[2] = {0x1b, name[2]};

		term_write(t, c, 2);
	} else if ((n == 2 || n == 3) && name[0] == 'F') {
		long k = strtol(name + 1, NULL, 10);

		if (k < 1 || k > 12)
			return -1;
		vterm_keyboard_key(t->vt, (VTermKey)VTERM_KEY_FUNCTION(k), VTERM_MOD_NONE);
	} else {
		return -1;
	}
	return 0;
}

int term_keys(struct term *t, const char *keys)
{
	while (*keys != '\0') {
		const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
		size_t n;

		if (end != NULL) {
			if (key_named(t, keys + 1, (size_t)(end - keys) - 1) != 0)
				return -1;
			keys = end + 1;
			continue;
		}
		n = 1 + strcspn(keys + 1, "<");
		term_write(t, keys, n);
		keys += n;
	}
	return 0;
}

void term_click(struct term *t, int row, int col, int button)
{
	vterm_mouse_move(t->vt, row, col, VTERM_MOD_NONE);
	vterm_mouse_button(t->vt, button, true, VTERM_MOD_NONE);
	if (button <= 3)
		vterm_mouse_button(t->vt, button, false, VTERM_MOD_NONE);
}
