/* The program runs in its own session with the pty's slave as its terminal. The slave stays open
 * here too: its termios would be reset with the last close, and they tell whether the program
 * tidied up. libvterm turns output into cells and keys into what an xterm would send in the mode
 * the program asked for. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { ROWS = 24, COLS = 80, CHUNK = 16384, LATE_MS = 2000 };

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* ---- output: bytes to cells ---- */

static void set_mode(struct term *t, int mode, bool on)
{
	int i = 0;

	while (i < t->n_modes && t->modes[i] != mode)
		i++;
	if (on && i == t->n_modes && i < TERM_MODES_MAX)
		t->modes[t->n_modes++] = mode;
	if (!on && i < t->n_modes)
		t->modes[i] = t->modes[--t->n_modes];
}

/* "\x1b[?1006;1000h", and the keypad's "\x1b=": what a program must undo, whatever libvterm makes
 * of it. */
static void note_modes(struct term *t)
{
	const char *p = t->csi + 3, *end = t->csi + t->csi_len;
	char how = end[-1];

	if (t->csi_len == 2 && (how == '=' || how == '>'))
		t->keypad = how == '=';
	if (t->csi_len < 5 || t->csi[2] != '?' || (how != 'h' && how != 'l'))
		return;
	while (p < end) {
		int mode = 0;

		for (; p < end && *p >= '0' && *p <= '9'; p++)
			mode = mode * 10 + *p - '0';
		if (mode != 7 && mode != 25) /* on from the start; the cursor is looked at apart */
			set_mode(t, mode, how == 'h');
		p++;
	}
}

/* ncurses writes direct colour as 38:2::R:G:B; this libvterm takes the empty field for red. */
static void csi_feed(struct term *t)
{
	char *p = t->csi, *end = t->csi + t->csi_len;

	note_modes(t);
	while (end - p >= 5) {
		if (memcmp(p, "8:2::", 5) == 0) {
			memmove(p + 4, p + 5, (size_t)(end - p) - 5);
			end--;
		}
		p++;
	}
	vterm_input_write(t->vt, t->csi, (size_t)(end - t->csi));
	t->csi_len = 0;
}

static void feed(struct term *t, const char *bytes, size_t n)
{
	size_t i, plain = 0;

	t->bytes += n;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (t->csi_len == 0 && c != 0x1b)
			continue;
		if (t->csi_len == 0)
			vterm_input_write(t->vt, bytes + plain, i - plain);
		t->csi[t->csi_len++] = bytes[i];
		plain = i + 1;
		if ((t->csi_len == 2 && c != '[') || (t->csi_len > 2 && (c < 0x20 || c >= 0x40)) ||
			t->csi_len == TERM_CSI_MAX)
			csi_feed(t);
	}
	if (plain < n)
		vterm_input_write(t->vt, bytes + plain, n - plain);
}

static bool drain(struct term *t)
{
	char buf[CHUNK];
	bool any = false;
	ssize_t n;

	while ((n = read(t->master, buf, sizeof(buf))) > 0) {
		feed(t, buf, (size_t)n);
		any = true;
	}
	if (any)
		vterm_screen_flush_damage(t->screen);
	return any;
}

int term_pump(struct term *t, int ms)
{
	struct pollfd p[2] = {{t->master, POLLIN, 0}, {t->pidfd, POLLIN, 0}};
	bool any;

	if (t->ended)
		return -1;
	if (poll(p, 2, ms) <= 0)
		return 0;
	any = drain(t);
	if (p[1].revents != 0) {
		if (waitpid(t->pid, &t->status, WNOHANG) == t->pid)
			t->ended = true;
		/* what it wrote last may still be on its way through the kernel */
		do
			any = drain(t) || any;
		while (t->ended && poll(p, 1, 50) > 0);
	}
	return any ? 1 : t->ended ? -1 : 0;
}

static int on_prop(VTermProp prop, VTermValue *v, void *user)
{
	struct term *t = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		t->alt = v->boolean != 0;
	else if (prop == VTERM_PROP_CURSORVISIBLE)
		t->cursor = v->boolean != 0;
	else if (prop == VTERM_PROP_MOUSE)
		t->mouse = v->number;
	return 1;
}

static const VTermScreenCallbacks CALLBACKS = {.settermprop = on_prop};

/* ---- start and end ---- */

static void write_out(const char *bytes, size_t n, void *user)
{
	struct term *t = user;

	while (n > 0) {
		struct pollfd p = {t->master, POLLOUT, 0};
		ssize_t k = write(t->master, bytes, n);

		if (k > 0) {
			bytes += k;
			n -= (size_t)k;
		} else if (errno == EAGAIN) {
			if (poll(&p, 1, 1000) <= 0)
				return; /* the program does not read: a test will see that */
		} else if (errno != EINTR) {
			return;
		}
	}
}

void term_write(struct term *t, const char *bytes, size_t n)
{
	write_out(bytes, n, t);
}

static int open_pty(struct term *t, int rows, int cols, char *name, size_t size)
{
	struct winsize w = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (t->master < 0 || grantpt(t->master) != 0 || unlockpt(t->master) != 0)
		return -1;
	if (ptsname_r(t->master, name, size) != 0)
		return -1;
	t->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->slave < 0 || ioctl(t->slave, TIOCSWINSZ, &w) != 0)
		return -1;
	return tcgetattr(t->slave, &t->before);
}

static bool same_name(const char *entry, const char *with)
{
	size_t n = strcspn(with, "=");

	return strncmp(entry, with, n) == 0 && (entry[n] == '=' || entry[n] == '\0');
}

static bool named(const char *const *list, const char *entry)
{
	for (; list != NULL && *list != NULL; list++)
		if (same_name(entry, *list))
			return true;
	return false;
}

/* Borrows every string; only the array is to be freed. */
static char **make_env(const char *const *over)
{
	size_t n = 0, have = 0, i;
	char **out;

	while (environ[have] != NULL)
		have++;
	for (i = 0; over != NULL && over[i] != NULL; i++)
		n++;
	out = calloc(have + n + 2, sizeof(*out));
	if (out == NULL)
		return NULL;
	n = 0;
	for (i = 0; i < have; i++)
		if (!named(over, environ[i]) && !same_name(environ[i], "TERM"))
			out[n++] = environ[i];
	for (i = 0; over != NULL && over[i] != NULL; i++)
		if (strchr(over[i], '=') != NULL)
			out[n++] = (char *)(uintptr_t)over[i];
	if (!named(over, "TERM"))
		out[n++] = (char *)(uintptr_t) "TERM=xterm-256color";
	return out;
}

static int spawn(struct term *t, const struct term_options *o, const char *tty, char **env)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setsigdefault(&at, &all);
	posix_spawnattr_setflags(
		&at, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_addopen(&fa, 0, tty, O_RDWR, 0); /* and so its terminal */
	posix_spawn_file_actions_adddup2(&fa, 0, 1);
	posix_spawn_file_actions_adddup2(&fa, 0, 2);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	if (o->dir != NULL)
		posix_spawn_file_actions_addchdir_np(&fa, o->dir);
	rc = posix_spawnp(&t->pid, o->argv[0], &fa, &at, (char *const *)(uintptr_t)o->argv, env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	if (rc != 0) {
		t->pid = 0;
		errno = rc;
		return -1;
	}
	t->pidfd = pidfd_open(t->pid, 0);
	return t->pidfd < 0 ? -1 : 0;
}

static void open_screen(struct term *t, int rows, int cols)
{
	VTermColor fg, bg;

	t->vt = vterm_new(rows, cols);
	vterm_set_utf8(t->vt, 1);
	vterm_output_set_callback(t->vt, write_out, t);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_color_rgb(&fg, 0xd0, 0xd4, 0xda);
	vterm_color_rgb(&bg, 0x12, 0x15, 0x1a);
	vterm_state_set_default_colors(vterm_obtain_state(t->vt), &fg, &bg);
	vterm_screen_set_callbacks(t->screen, &CALLBACKS, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	t->cursor = true;
}

struct term *term_start(const struct term_options *o)
{
	int rows = o->rows > 0 ? o->rows : ROWS, cols = o->cols > 0 ? o->cols : COLS, saved;
	struct term *t = calloc(1, sizeof(*t));
	char **env = make_env(o->env);
	char tty[64];

	if (t == NULL || env == NULL)
		goto fail;
	t->master = t->slave = t->pidfd = -1;
	open_screen(t, rows, cols);
	if (open_pty(t, rows, cols, tty, sizeof(tty)) != 0 || spawn(t, o, tty, env) != 0)
		goto fail;
	free(env);
	return t;
fail:
	saved = errno;
	free(env);
	term_free(t);
	errno = saved;
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void term_free(struct term *t)
{
	if (t == NULL)
		return;
	if (t->pid > 0 && !t->ended) {
		kill(-t->pid, SIGKILL);
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	close_fd(t->pidfd);
	close_fd(t->slave);
	close_fd(t->master);
	if (t->vt != NULL)
		vterm_free(t->vt);
	free(t);
}

int term_fd(const struct term *t)
{
	return t->master;
}

pid_t term_pid(const struct term *t)
{
	return t->pid;
}

int term_signal(struct term *t, int sig)
{
	return t->ended ? -1 : kill(t->pid, sig);
}

int term_resize(struct term *t, int rows, int cols)
{
	struct winsize w = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	vterm_set_size(t->vt, rows, cols);
	return ioctl(t->master, TIOCSWINSZ, &w);
}

/* ---- waits ---- */

static bool matches(const struct term *t, const regex_t *re)
{
	char *text = term_screen(t);
	bool yes = text != NULL && regexec(re, text, 0, NULL, 0) == 0;

	free(text);
	return yes;
}

bool term_shows(const struct term *t, const char *pattern)
{
	regex_t re;
	bool yes;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0)
		return false;
	yes = matches(t, &re);
	regfree(&re);
	return yes;
}

static double wait_until(struct term *t, const char *pattern, bool there, int ms)
{
	double start = now_ms(), took = -1;
	regex_t re;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0)
		return -1;
	for (;;) {
		double left = ms - (now_ms() - start);

		if (matches(t, &re) == there) {
			took = now_ms() - start;
			break;
		}
		if (left <= 0 || term_pump(t, (int)left + 1) < 0)
			break;
	}
	regfree(&re);
	return took;
}

double term_wait(struct term *t, const char *pattern, int ms)
{
	return wait_until(t, pattern, true, ms);
}

double term_wait_gone(struct term *t, const char *pattern, int ms)
{
	return wait_until(t, pattern, false, ms);
}

double term_time_to_change(struct term *t, const char *keys, int first, int past, int ms)
{
	uint64_t was;
	double start;

	while (term_pump(t, 0) > 0)
		continue;
	was = term_fingerprint(t, first, past);
	start = now_ms();
	if (term_keys(t, keys) != 0)
		return -1;
	for (;;) {
		double took = now_ms() - start;

		if (took >= ms || term_pump(t, (int)(ms - took) + 1) < 0)
			return -1;
		if (term_fingerprint(t, first, past) != was)
			return now_ms() - start;
	}
}

/* ---- the end ---- */

bool term_exited(struct term *t, int ms, int *status)
{
	double start = now_ms();

	while (!t->ended) {
		double left = ms - (now_ms() - start);

		if (left <= 0)
			return false;
		term_pump(t, (int)left + 1);
	}
	/* the kernel hands output on in its own time: on a busy machine, long after the exit */
	for (start = now_ms(); term_mess(t) != NULL && now_ms() - start < LATE_MS;)
		if (poll(&(struct pollfd){t->master, POLLIN, 0}, 1, 50) > 0)
			drain(t);
	if (status != NULL)
		*status = t->status;
	return true;
}

void term_writes(struct term *t, const char *bytes)
{
	feed(t, bytes, strlen(bytes));
}

static bool has_ink(const struct term *t)
{
	static const VTermAttr flags[] = {VTERM_ATTR_BOLD, VTERM_ATTR_REVERSE};
	VTermState *state = vterm_obtain_state(t->vt);
	VTermValue fg, bg, flag;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (vterm_state_get_penattr(state, flags[i], &flag) && flag.boolean)
			return true;
	vterm_state_get_penattr(state, VTERM_ATTR_FOREGROUND, &fg);
	vterm_state_get_penattr(state, VTERM_ATTR_BACKGROUND, &bg);
	return !VTERM_COLOR_IS_DEFAULT_FG(&fg.color) || !VTERM_COLOR_IS_DEFAULT_BG(&bg.color);
}

const char *term_mess(struct term *t)
{
	struct termios now;

	if (t->alt)
		return "the alternate screen is still on";
	if (!t->cursor)
		return "the cursor is still hidden";
	if (t->mouse != VTERM_PROP_MOUSE_NONE)
		return "the mouse is still reported";
	if (t->n_modes > 0) {
		snprintf(t->mess, sizeof(t->mess), "the terminal's mode ?%d is still on",
			t->modes[0]);
		return t->mess;
	}
	if (t->keypad)
		return "the keypad still sends sequences";
	if (has_ink(t))
		return "the colours are still set";
	if (tcgetattr(t->slave, &now) != 0)
		return "the terminal cannot be asked";
	if (now.c_lflag != t->before.c_lflag || now.c_iflag != t->before.c_iflag ||
		now.c_oflag != t->before.c_oflag)
		return "the terminal's modes are not what they were";
	return NULL;
}

bool term_alt_screen(const struct term *t)
{
	return t->alt;
}

uint64_t term_bytes(const struct term *t)
{
	return t->bytes;
}
