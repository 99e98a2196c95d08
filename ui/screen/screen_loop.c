/* The screen on a terminal: one poll over keys, snapshots, notices and signals, and a painting
 * after whatever came. Nothing in here waits for anything else. Ages and the clock run on by a tick
 * at each full second. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/i18n.h"
#include "ui/kit/tty.h"
#include "ui/screen/screen.h"

#define EVENTS_AT_ONCE                                                                             \
	1000 /* before the screen is painted again: a long paste must not starve it */

struct loop {
	const struct screen_options *o;
	struct tty *tty;
	struct screen *screen;
	struct canvas *canvas;
	const struct theme *theme; /* the terminal's now */
	int signals;
	enum screen_wish end; /* SCREEN_QUIT or SCREEN_INTERRUPTED: leave */
};

static int open_signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		err_sys(e, errno, "%s", _("cannot watch for signals"));
	return fd;
}

static void paint(struct loop *l, struct instant now)
{
	int rows, columns;

	tty_size(l->tty, &rows, &columns);
	if (l->canvas == NULL || l->canvas->rows != rows || l->canvas->columns != columns) {
		canvas_free(l->canvas);
		l->canvas = canvas_new(rows, columns, tty_ascii(l->tty));
	}
	if (l->theme != screen_theme(l->screen)) {
		l->theme = screen_theme(l->screen);
		tty_theme(l->tty, l->theme);
	}
	screen_paint(l->screen, l->canvas, now);
	tty_paint(l->tty, l->canvas);
}

static void grant(struct loop *l)
{
	enum screen_wish w = screen_wish(l->screen);

	if (w == SCREEN_SUSPEND)
		tty_suspend(l->tty, true);
	else if (w == SCREEN_REDRAW)
		tty_redraw(l->tty);
	else if (w == SCREEN_COPY)
		tty_copy(l->tty, screen_copied(l->screen));
	else if (w != SCREEN_NOTHING)
		l->end = w;
}

static void give_event(struct loop *l, const struct tty_event *ev, struct instant now)
{
	static const enum screen_pointer pointers[] = {
		[TTY_CLICK] = POINTER_CLICK,
		[TTY_DOUBLE] = POINTER_DOUBLE,
		[TTY_WHEEL_UP] = POINTER_WHEEL_UP,
		[TTY_WHEEL_DOWN] = POINTER_WHEEL_DOWN,
	};

	if (ev->what == TTY_KEY)
		screen_key(l->screen, ev->key, now);
	else if (ev->what == TTY_PASTE)
		screen_paste(l->screen, (uint32_t)ev->key, now);
	else
		screen_point(l->screen, pointers[ev->what], ev->row, ev->column, now);
}

static void take_keys(struct loop *l, struct instant now)
{
	for (int i = 0; i < EVENTS_AT_ONCE && l->end == SCREEN_NOTHING; i++) {
		struct tty_event ev = tty_take(l->tty);

		if (ev.what == TTY_NOTHING)
			return;
		give_event(l, &ev, now);
		grant(l);
	}
}

static void take_snapshot(struct loop *l)
{
	struct snapshot *s = slot_take(l->o->snapshots);

	if (s == NULL)
		return;
	screen_show(l->screen, s);
	snapshot_unref(s);
}

static void take_notices(struct loop *l, struct instant now)
{
	struct letter *n;

	while ((n = mailbox_take(l->o->notices)) != NULL) {
		screen_hear(l->screen, (const struct notice *)n, now);
		n->drop(n);
	}
}

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			tty_resize(l->tty);
		else if (info.ssi_signo == SIGTSTP)
			tty_suspend(l->tty, false);
		else if (info.ssi_signo == SIGCONT)
			tty_continue(l->tty);
		else
			l->end = SCREEN_INTERRUPTED;
	}
}

static void wait_for_something(struct loop *l, struct instant now)
{
	struct pollfd fds[4] = {
		{tty_fd(l->tty), POLLIN, 0},
		{slot_fd(l->o->snapshots), POLLIN, 0},
		{mailbox_fd(l->o->notices), POLLIN, 0},
		{l->signals, POLLIN, 0},
	};

	if (poll(fds, 4, 1000 - (int)(now.wall_ms % 1000)) < 0)
		return;
	now = instant_now();
	take_signals(l);
	if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) /* the terminal is gone */
		l->end = SCREEN_INTERRUPTED;
	else if (fds[0].revents & POLLIN)
		take_keys(l, now);
	take_snapshot(l);
	take_notices(l, now);
}

int screen_run(const struct screen_options *o, struct err *e)
{
	struct screen_options mine = *o;
	struct loop l = {.o = o, .end = SCREEN_NOTHING};

	if (mine.views == NULL)
		mine.views = &screen_views;
	l.signals = open_signals(e);
	if (l.signals < 0)
		return -1;
	l.tty = tty_open(o->stderr_path, e);
	if (l.tty == NULL) {
		close(l.signals);
		return -1;
	}
	l.screen = screen_new(&mine);
	take_snapshot(&l);
	while (l.end == SCREEN_NOTHING) {
		struct instant now = instant_now();

		paint(&l, now);
		wait_for_something(&l, now);
	}
	tty_close(l.tty);
	screen_free(l.screen);
	canvas_free(l.canvas);
	close(l.signals);
	return l.end == SCREEN_QUIT ? 0 : 1;
}
