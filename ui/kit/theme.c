/* Themes as values. A theme gives each role a style; a role that leaves its background or colour
 * open takes that of "text", so a file sets the ground once. Exact colours are brought down here to
 * what a poorer terminal has. */
#include "ui/kit/theme.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/nearest.h"
#include "base/str.h"

struct role_row {
	const char *name;
	char letter; /* in what canvas_dump writes */
	unsigned mono;
};

static const struct role_row roles[ROLE_COUNT] = {
	[ROLE_TEXT] = {"text", ' ', 0},
	[ROLE_DIM] = {"dim", 'd', 0},
	[ROLE_TITLE] = {"title", 't', CELL_BOLD},
	[ROLE_HEADING] = {"heading", 'h', CELL_UNDERLINE},
	[ROLE_BORDER] = {"border", 'b', 0},
	[ROLE_BORDER_FOCUS] = {"border_focus", 'B', CELL_BOLD},
	[ROLE_SELECTED] = {"selected", 's', CELL_REVERSE},
	[ROLE_OK] = {"ok", 'o', 0},
	[ROLE_WARN] = {"warn", 'w', CELL_BOLD},
	[ROLE_BAD] = {"bad", 'x', CELL_BOLD},
	[ROLE_STALE] = {"stale", '~', CELL_UNDERLINE},
	[ROLE_KEY] = {"key", 'k', CELL_BOLD},
	[ROLE_ACCENT] = {"accent", 'a', CELL_BOLD},
	[ROLE_MATCH] = {"match", 'm', CELL_UNDERLINE},
	[ROLE_INPUT] = {"input", 'i', CELL_UNDERLINE},
	[ROLE_BAR] = {"bar", '#', 0},
	[ROLE_BAR_REST] = {"bar_rest", '-', 0},
	[ROLE_BRAND] = {"brand", 'N', CELL_BOLD},
	[ROLE_P0] = {"p0", '0', CELL_BOLD | CELL_REVERSE},
	[ROLE_P1] = {"p1", '1', CELL_BOLD | CELL_REVERSE},
	[ROLE_P2] = {"p2", '2', CELL_BOLD},
	[ROLE_P3] = {"p3", '3', CELL_UNDERLINE},
};

static const char *const words[] = {
	"fg=#rrggbb", "fg=default", "bg=#rrggbb", "bg=default", "bold", "underline", "reverse"};

void theme_init(struct theme *t, const char *name)
{
	memset(t, 0, sizeof(*t));
	str_copy(t->name, sizeof(t->name), name);
	for (int i = 0; i < ROLE_COUNT; i++)
		t->roles[i] = (struct style){COLOUR_INHERIT, COLOUR_INHERIT, roles[i].mono};
	t->roles[ROLE_TEXT].fg = t->roles[ROLE_TEXT].bg = COLOUR_DEFAULT;
}

const char *role_name(enum role r)
{
	return r < ROLE_COUNT ? roles[r].name : "";
}

char role_letter(enum role r)
{
	if (r >= ROLE_COUNT)
		return '?';
	return roles[r].letter;
}

unsigned theme_mono(enum role r)
{
	return r < ROLE_COUNT ? roles[r].mono : 0;
}

struct style theme_style(const struct theme *t, enum role r)
{
	struct style s = t->roles[r < ROLE_COUNT ? r : ROLE_TEXT];

	if (s.fg == COLOUR_INHERIT)
		s.fg = t->roles[ROLE_TEXT].fg;
	if (s.bg == COLOUR_INHERIT)
		s.bg = t->roles[ROLE_TEXT].bg;
	return s;
}

/* "#ff5f5f" or "default". */
static bool read_colour(const char *s, int32_t *out)
{
	char *end;
	unsigned long rgb;

	if (str_eq(s, "default")) {
		*out = COLOUR_DEFAULT;
		return true;
	}
	if (s[0] != '#' || strlen(s) != 7 || strspn(s + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	rgb = strtoul(s + 1, &end, 16);
	*out = (int32_t)rgb;
	return true;
}

static bool read_word(const char *word, struct style *s)
{
	if (str_starts(word, "fg="))
		return read_colour(word + 3, &s->fg);
	if (str_starts(word, "bg="))
		return read_colour(word + 3, &s->bg);
	if (str_eq(word, "bold"))
		s->attr |= CELL_BOLD;
	else if (str_eq(word, "underline"))
		s->attr |= CELL_UNDERLINE;
	else if (str_eq(word, "reverse"))
		s->attr |= CELL_REVERSE;
	else
		return false;
	return true;
}

/* what: the sentence so far. */
static int unknown(struct err *e, char *what, const char *near)
{
	if (near == NULL)
		err_set(e, ERR_INPUT, "%s", what);
	else
		err_set(e, ERR_INPUT, _("%s: did you mean \"%s\"?"), what, near);
	free(what);
	return -1;
}

static int find_role(const char *name, struct err *e)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (str_eq(roles[i].name, name))
			return i;
	return unknown(
		e, str_fmt(_("unknown role \"%s\""), name), NEAREST_ROW(name, roles, ROLE_COUNT));
}

int theme_set(struct theme *t, const char *role, const char *spec, struct err *e)
{
	int r = find_role(role, e);
	struct style s = {r == ROLE_TEXT ? COLOUR_DEFAULT : COLOUR_INHERIT,
		r == ROLE_TEXT ? COLOUR_DEFAULT : COLOUR_INHERIT, 0};

	if (r < 0)
		return -1;
	for (const char *p = spec + strspn(spec, " \t"); *p != '\0'; p += strspn(p, " \t")) {
		size_t n = strcspn(p, " \t");
		char word[40];

		if (!str_copy_n(word, sizeof(word), p, n) || !read_word(word, &s))
			return unknown(e,
				str_fmt(_("\"%s\" is no colour or attribute (fg=#rrggbb, "
					  "bg=#rrggbb, default, bold, underline, reverse)"),
					word),
				nearest_name(word, words, sizeof(words[0]),
					sizeof(words) / sizeof(words[0])));
		p += n;
	}
	t->roles[r] = s;
	return 0;
}

/* xterm's sixteen. */
static const int32_t ansi[16] = {
	0x000000,
	0xcd0000,
	0x00cd00,
	0xcdcd00,
	0x0000ee,
	0xcd00cd,
	0x00cdcd,
	0xe5e5e5,
	0x7f7f7f,
	0xff0000,
	0x00ff00,
	0xffff00,
	0x5c5cff,
	0xff00ff,
	0x00ffff,
	0xffffff,
};

/* The 6x6x6 cube and the greys behind it. */
static int32_t xterm_rgb(int i)
{
	static const int32_t step[6] = {0, 95, 135, 175, 215, 255};
	int32_t grey = 8 + (i - 232) * 10;

	if (i < 16)
		return ansi[i];
	if (i >= 232)
		return grey << 16 | grey << 8 | grey;
	i -= 16;
	return step[i / 36] << 16 | step[i / 6 % 6] << 8 | step[i % 6];
}

static int32_t apart(int32_t a, int32_t b)
{
	int32_t dr = (a >> 16 & 255) - (b >> 16 & 255), dg = (a >> 8 & 255) - (b >> 8 & 255),
		db = (a & 255) - (b & 255);

	return dr * dr + dg * dg + db * db;
}

/* Of eight or sixteen colours the hue counts, not the distance: a soft red is far from red and near
 * to grey. */
static int nearest_hue(int32_t rgb, bool bright)
{
	int32_t c[3] = {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255};
	int32_t most = c[0], least = c[0];
	int index = 0;

	for (int i = 1; i < 3; i++) {
		most = c[i] > most ? c[i] : most;
		least = c[i] < least ? c[i] : least;
	}
	if ((most - least) * 3 <= most)
		return -1; /* a grey */
	for (int i = 0; i < 3; i++)
		index |= 2 * c[i] > most + least ? 1 << i : 0;
	if (!bright && index == 4 && most > 0xC0)
		index = 6; /* the only blue of eight is dark: cyan is nearer to a light one */
	return index + (bright && most > 0xC0 ? 8 : 0);
}

int theme_nearest(int32_t rgb, int colours)
{
	static const int greys[] = {0, 7, 8, 15};
	int hue = colours >= 256 ? -1 : nearest_hue(rgb, colours >= 16);
	int best = colours >= 256 ? 16 : 0;

	if (hue >= 0)
		return hue;
	for (int i = best; i < 256 && colours >= 256; i++)
		if (apart(rgb, xterm_rgb(i)) < apart(rgb, xterm_rgb(best)))
			best = i;
	for (int i = 0; i < 4 && greys[i] < colours && colours < 256; i++)
		if (apart(rgb, ansi[greys[i]]) < apart(rgb, ansi[best]))
			best = greys[i];
	return best;
}
