/* The only file that includes curses.
 *
 * Colours: where terminfo has RGB (xterm-direct and its like) a colour number is the colour itself;
 * elsewhere the nearest of the 256, 16 or 8 the terminal has; the terminal's palette is never
 * redefined, nor reset. NO_COLOR and monochrome terminals get attributes.
 *
 * Coming and going is shared with ui/rescue, which needs no curses to give the terminal back. */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>
#undef lines /* capabilities there, fields here */
#undef columns

#include "ui/kit/tty.h"

#include <langinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/kit/keymap.h"
#include "ui/kit/rescue.h"

#define ESCAPE_MS       25
#define DOUBLE_CLICK_MS 400
#define DIRECT_COLOURS  (1 << 24)
#define PASTE_BEGIN     0x2000 /* key codes of our own, past curses' */
#define PASTE_END       0x2001
#define MICE            8 /* events that curses queues */

struct ink {
	attr_t attr;
	short pair;
};

struct tty {
	pthread_t owner;
	SCREEN *curses;
	bool ascii;
	bool pasting;
	int colours; /* 0: none */
	struct ink inks[ROLE_COUNT];
	struct canvas *shown; /* what was painted last; NULL: nothing that counts */
	int rows, columns;
	MEVENT mice[MICE]; /* what the mouse did, oldest last */
	int n_mice;
	struct tty_event clicked; /* the last click, for double ones */
	int64_t clicked_ms;
};

static const int signals_of_curses[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
#define N_OF_CURSES (sizeof(signals_of_curses) / sizeof(signals_of_curses[0]))

static void check_owner(const struct tty *t)
{
	if (!pthread_equal(t->owner, pthread_self()))
		abort(); /* curses from two threads paints garbage: better to find it at once */
}

/* NULL where the terminal has none. */
static const char *capability(const char *name)
{
	const char *cap = tigetstr(name);

	return cap != (const char *)-1 ? cap : NULL;
}

/* Adds a string of terminfo's without its padding ("$<5>"). */
static void add_string(char *dst, size_t size, const char *cap)
{
	size_t n = strlen(dst);

	while (*cap != '\0' && n + 1 < size) {
		const char *end = cap[0] == '$' && cap[1] == '<' ? strchr(cap, '>') : NULL;

		if (end != NULL)
			cap = end + 1;
		else
			dst[n++] = *cap++;
	}
	dst[n] = '\0';
}

static void add_capability(char *dst, size_t size, const char *name)
{
	const char *cap = capability(name);

	if (cap != NULL)
		add_string(dst, size, cap);
}

/* Where terminfo tells the mouse's keys but not how to switch it (screen, tmux), curses speaks
 * xterm to it all the same. */
static void add_mouse_off(char *dst, size_t size)
{
	const char *mode = capability("XM");

	if (mode != NULL)
		add_string(dst, size, tparm(mode, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
	else if (capability("kmous") != NULL)
		add_string(dst, size, "\x1b[?1000l");
}

/* Away from what was painted, where there is no other screen to leave: as far down as it goes. */
static void add_last_line(char *dst, size_t size)
{
	const char *move = capability("cup");

	if (move != NULL && capability("rmcup") == NULL)
		add_string(dst, size, tparm(move, 998L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
}

/* Everything that was switched on, switched off. */
static void prepare_rescue(const char *stderr_path)
{
	char reset[256] = "";

	add_capability(reset, sizeof(reset), "BD"); /* bracketed paste */
	add_mouse_off(reset, sizeof(reset));
	add_capability(reset, sizeof(reset), "sgr0");
	add_capability(reset, sizeof(reset), "rmkx");
	add_last_line(reset, sizeof(reset));
	add_capability(reset, sizeof(reset), "rmcup");
	add_capability(reset, sizeof(reset), "sgr0"); /* again: leaving may put a colour back */
	add_capability(reset, sizeof(reset), "cnorm");
	rescue_prepare(reset, stderr_path);
}

static void send_capability(const char *name)
{
	char s[64] = "";

	add_capability(s, sizeof(s), name);
	putp(s);
	fflush(stdout);
}

static void take_terminal(void)
{
	rescue_take();
	send_capability("BE");
}

static void give_back(void)
{
	send_capability("BD");
	endwin();
	/* Leaving the other screen, some terminals put back a hidden cursor, and a colour. */
	send_capability("sgr0");
	send_capability("cnorm");
	rescue_give();
}

/* What terminals send for these keys whatever their terminfo says, in either keypad mode: a key
 * pressed while the mode changes must not be lost, and TERM is often set to less than the terminal
 * is. */
static const struct {
	const char *bytes;
	int code;
} sequences[] = {
	{"\x1b[A", KEY_UP},
	{"\x1bOA", KEY_UP},
	{"\x1b[B", KEY_DOWN},
	{"\x1bOB", KEY_DOWN},
	{"\x1b[C", KEY_RIGHT},
	{"\x1bOC", KEY_RIGHT},
	{"\x1b[D", KEY_LEFT},
	{"\x1bOD", KEY_LEFT},
	{"\x1b[H", KEY_HOME},
	{"\x1bOH", KEY_HOME},
	{"\x1b[1~", KEY_HOME},
	{"\x1b[7~", KEY_HOME},
	{"\x1b[F", KEY_END},
	{"\x1bOF", KEY_END},
	{"\x1b[4~", KEY_END},
	{"\x1b[8~", KEY_END},
	{"\x1b[5~", KEY_PPAGE},
	{"\x1b[6~", KEY_NPAGE},
	{"\x1b[3~", KEY_DC},
	{"\x1b[Z", KEY_BTAB},
	{"\x1b[200~", PASTE_BEGIN},
	{"\x1b[201~", PASTE_END},
};

static void set_modes(void)
{
	raw();
	nonl();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	scrollok(stdscr, FALSE);
	typeahead(-1); /* a frame is sent whole */
	curs_set(0);
	set_escdelay(ESCAPE_MS);
	mouseinterval(0); /* presses at once; double clicks are told apart here */
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		define_key(sequences[i].bytes, sequences[i].code);
}

static void start_colours(struct tty *t)
{
	const char *no = getenv("NO_COLOR");

	orig_colors = NULL; /* curses would end with it, and undo the palette the user chose */
	if ((no != NULL && no[0] != '\0') || !has_colors() || start_color() != OK)
		return;
	use_default_colors();
	t->colours = COLORS;
}

/* newterm installs handlers of its own; signals come to us by signalfd, and after us they are the
 * caller's. */
static SCREEN *start_curses(void)
{
	struct sigaction old[N_OF_CURSES];
	SCREEN *s;

	for (size_t i = 0; i < N_OF_CURSES; i++)
		sigaction(signals_of_curses[i], NULL, &old[i]);
	s = newterm(NULL, stdout, stdin);
	for (size_t i = 0; i < N_OF_CURSES; i++)
		sigaction(signals_of_curses[i], &old[i], NULL);
	return s;
}

/* Looks TERM up before newterm does, which would leave memory behind where it fails. */
static bool knows_terminal(void)
{
	bool moves;
	int status;

	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return false;
	moves = capability("cup") != NULL;
	del_curterm(set_curterm(NULL));
	return moves;
}

int tty_check(struct err *e)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "%s",
			_("the console needs a terminal on stdin and stdout: run it without a pipe "
			  "or redirection"));
	if (term == NULL || term[0] == '\0')
		return err_set(e, ERR_USAGE, "%s",
			_("TERM is not set: say which terminal this is, e.g. TERM=xterm-256color"));
	if (!knows_terminal())
		return err_set(e, ERR_USAGE,
			_("TERM=%s is unknown here, or cannot move its cursor: set TERM to what "
			  "the terminal is, "
			  "e.g. xterm-256color (Debian's package ncurses-term knows more)"),
			term);
	return rescue_begin(e);
}

struct tty *tty_open(const char *stderr_path, struct err *e)
{
	struct tty *t;
	SCREEN *s;

	if (tty_check(e) != 0)
		return NULL;
	s = start_curses();
	if (s == NULL) {
		err_set(e, ERR_SYSTEM, "%s", _("curses cannot start on this terminal"));
		return NULL;
	}
	t = mem_new(struct tty);
	t->owner = pthread_self();
	t->curses = s;
	t->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	set_modes();
	start_colours(t);
	prepare_rescue(stderr_path);
	take_terminal();
	tty_resize(t);
	return t;
}

void tty_close(struct tty *t)
{
	if (t == NULL)
		return;
	check_owner(t);
	give_back();
	rescue_end();
	delscreen(t->curses);
	canvas_free(t->shown);
	free(t);
}

int tty_fd(const struct tty *t)
{
	(void)t;
	return STDIN_FILENO;
}

bool tty_ascii(const struct tty *t)
{
	return t->ascii;
}

void tty_size(const struct tty *t, int *rows, int *columns)
{
	*rows = t->rows;
	*columns = t->columns;
}

void tty_resize(struct tty *t)
{
	struct winsize w;

	check_owner(t);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 && w.ws_col > 0)
		resizeterm(w.ws_row, w.ws_col);
	t->rows = LINES;
	t->columns = COLS;
	tty_redraw(t);
}

void tty_redraw(struct tty *t)
{
	canvas_free(t->shown);
	t->shown = NULL;
	clearok(curscr, TRUE);
}

/* xterm's "Change Selection"; a terminal that does not know it passes over it, as over any OSC. */
void tty_copy(struct tty *t, const char *text)
{
	char *code;

	check_owner(t);
	if (str_starts(termname(), "linux")) /* older consoles print what they do not know */
		return;
	code = base64_encode(text, strlen(text));
	printf("\033]52;c;%s\a", code);
	fflush(stdout);
	free(code);
}

/* A colour as this terminal numbers it. */
static int colour_number(const struct tty *t, int32_t rgb)
{
	if (rgb == COLOUR_DEFAULT)
		return -1;
	if (t->colours < DIRECT_COLOURS)
		return theme_nearest(rgb, t->colours);
	/* The lowest numbers (8, on some 256) stand for the palette even here: a hair of green
	 * leads past them. */
	return rgb < 0x100 ? rgb | 0x100 : rgb;
}

static void set_pair(const struct tty *t, int pair, const struct style *s)
{
	int fg = colour_number(t, s->fg), bg = colour_number(t, s->bg);

	if (fg == bg && fg >= 0 && s->fg != s->bg) /* a poor palette took the difference away */
		fg = colour_number(t, (s->bg >> 8 & 0xFF) < 0x80 ? 0xFFFFFF : 0);
	init_extended_pair(pair, fg, bg);
}

static attr_t attr_of(unsigned attr)
{
	return (attr & CELL_BOLD ? A_BOLD : 0) | (attr & CELL_UNDERLINE ? A_UNDERLINE : 0) |
	       (attr & CELL_REVERSE ? A_REVERSE : 0);
}

void tty_theme(struct tty *t, const struct theme *theme)
{
	check_owner(t);
	for (int r = 0; r < ROLE_COUNT; r++) {
		struct style s = theme_style(theme, (enum role)r);

		t->inks[r] = (struct ink){
			attr_of(t->colours > 0 ? s.attr : theme_mono((enum role)r)), 0};
		if (t->colours == 0)
			continue;
		t->inks[r].pair = (short)(r + 1);
		set_pair(t, r + 1, &s);
	}
	canvas_free(t->shown);
	t->shown = NULL;
}

static void paint_cell(const struct tty *t, int row, int column, const struct cell *cell)
{
	const struct ink *ink = &t->inks[cell->role < ROLE_COUNT ? cell->role : ROLE_TEXT];
	wchar_t text[CELL_CHARS + 1] = {0};
	attr_t attr = ink->attr ^ (attr_of(cell->attr) & A_REVERSE);
	cchar_t cc;

	attr |= attr_of(cell->attr) & (A_BOLD | A_UNDERLINE);
	for (int i = 0; i < CELL_CHARS; i++)
		text[i] = (wchar_t)cell->c[i];
	if (t->ascii && (cell->c[0] == 0 || cell->c[0] > 0x7E)) {
		text[0] = '?'; /* both halves of a wide one */
		text[1] = 0;
	}
	if (text[0] == 0 || setcchar(&cc, text, attr, ink->pair, NULL) != OK)
		return;
	mvadd_wch(row, column, &cc);
}

static bool same(const struct cell *a, const struct cell *b)
{
	return memcmp(a->c, b->c, sizeof(a->c)) == 0 && a->role == b->role && a->attr == b->attr;
}

void tty_paint(struct tty *t, const struct canvas *c)
{
	bool all = t->shown == NULL || t->shown->rows != c->rows || t->shown->columns != c->columns;

	check_owner(t);
	if (all) {
		canvas_free(t->shown);
		t->shown = canvas_new(c->rows, c->columns, c->ascii);
		erase();
	}
	for (int row = 0; row < c->rows && row < t->rows; row++)
		for (int column = 0; column < c->columns && column < t->columns; column++) {
			size_t at = (size_t)row * (size_t)c->columns + (size_t)column;

			if (all || !same(&t->shown->cells[at], &c->cells[at]))
				paint_cell(t, row, column, &c->cells[at]);
		}
	memcpy(t->shown->cells, c->cells,
		(size_t)c->rows * (size_t)c->columns * sizeof(struct cell));
	refresh();
}

static const struct {
	int curses, key;
} special[] = {
	{KEY_UP, KEYS_UP},
	{KEY_DOWN, KEYS_DOWN},
	{KEY_LEFT, KEYS_LEFT},
	{KEY_RIGHT, KEYS_RIGHT},
	{KEY_PPAGE, KEYS_PAGE_UP},
	{KEY_NPAGE, KEYS_PAGE_DOWN},
	{KEY_HOME, KEYS_HOME},
	{KEY_END, KEYS_END},
	{KEY_FIND, KEYS_HOME},
	{KEY_SELECT, KEYS_END},
	{KEY_ENTER, KEYS_ENTER},
	{KEY_BTAB, KEYS_BACK_TAB},
	{KEY_BACKSPACE, KEYS_BACKSPACE},
	{KEY_DC, KEYS_DELETE},
	{KEY_A1, KEYS_HOME},
	{KEY_A3, KEYS_PAGE_UP},
	{KEY_C1, KEYS_END},
	{KEY_C3, KEYS_PAGE_DOWN},
};

static int special_key(int code)
{
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return KEYS_F1 + code - KEY_F(1);
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (special[i].curses == code)
			return special[i].key;
	return KEY_NONE;
}

/* A sequence that terminfo does not know begins like Escape and then looks like keys: it is dropped
 * whole. */
static bool drop_sequence(void)
{
	wint_t ch;

	if (get_wch(&ch) == ERR)
		return false;
	if (ch != '[' && ch != 'O') {
		unget_wch((wchar_t)ch);
		return false;
	}
	while (get_wch(&ch) == OK && ch >= 0x20 && ch < 0x40)
		continue;
	return true;
}

static int plain_key(wint_t ch)
{
	switch (ch) {
	case '\r':
	case '\n':
		return KEYS_ENTER;
	case '\t':
		return KEYS_TAB;
	case '\b':
	case 0x7F:
		return KEYS_BACKSPACE;
	case 0x1B:
		return drop_sequence() ? KEY_NONE : KEYS_ESCAPE;
	default:
		return ch < KEYS_SPECIAL ? (int)ch : KEY_NONE;
	}
}

/* One KEY_MOUSE stands for all that came together (a double click over a slow line), and curses
 * gives the newest first. */
static void gather_mice(struct tty *t)
{
	t->n_mice = 0;
	while (t->n_mice < MICE && getmouse(&t->mice[t->n_mice]) == OK)
		t->n_mice++;
}

static struct tty_event mouse_event(struct tty *t)
{
	struct tty_event ev = {.what = TTY_KEY, .key = KEY_NONE};
	int64_t now = instant_now().boot_ms;
	MEVENT m;

	if (t->n_mice == 0)
		return ev;
	m = t->mice[--t->n_mice];
	ev.row = m.y;
	ev.column = m.x;
	if (m.bstate & BUTTON4_PRESSED) {
		ev.what = TTY_WHEEL_UP;
	} else if (m.bstate & BUTTON5_PRESSED) {
		ev.what = TTY_WHEEL_DOWN;
	} else if (m.bstate & BUTTON1_PRESSED) {
		bool again = t->clicked.what == TTY_CLICK && t->clicked.row == m.y &&
			     t->clicked.column == m.x;

		ev.what = again && now - t->clicked_ms <= DOUBLE_CLICK_MS ? TTY_DOUBLE : TTY_CLICK;
		t->clicked = ev;
		t->clicked_ms = now;
	}
	return ev;
}

static struct tty_event special_event(struct tty *t, int code)
{
	struct tty_event ev = {.what = TTY_KEY, .key = KEY_NONE};

	if (code == KEY_MOUSE) {
		gather_mice(t);
		return mouse_event(t);
	}
	if (code == PASTE_BEGIN || code == PASTE_END)
		t->pasting = code == PASTE_BEGIN;
	else if (!t->pasting)
		ev.key = special_key(code);
	return ev;
}

static struct tty_event next_event(struct tty *t)
{
	wint_t ch = 0;
	int got;

	if (t->n_mice > 0)
		return mouse_event(t);
	got = get_wch(&ch);
	if (got == ERR)
		return (struct tty_event){.what = TTY_NOTHING};
	if (got == KEY_CODE_YES)
		return special_event(t, (int)ch);
	if (t->pasting && ch != ('C' & 31))
		return (struct tty_event){.what = TTY_PASTE, .key = (int)ch};
	return (struct tty_event){.what = TTY_KEY, .key = plain_key(ch)};
}

struct tty_event tty_take(struct tty *t)
{
	struct tty_event ev;

	check_owner(t);
	do {
		ev = next_event(t);
		if (ev.what == TTY_KEY && ev.key == ('C' & 31))
			t->pasting = false; /* the way out stays open, should the end of a paste be
					       lost */
	} while (ev.what == TTY_KEY && ev.key == KEY_NONE);
	return ev;
}

void tty_suspend(struct tty *t, bool whole_job)
{
	check_owner(t);
	give_back();
	rescue_stop(whole_job);
	tty_continue(t);
}

void tty_continue(struct tty *t)
{
	check_owner(t);
	if (rescue_taken())
		endwin(); /* the modes are the shell's now, whatever curses believes */
	refresh();
	take_terminal();
	tty_resize(t);
}
