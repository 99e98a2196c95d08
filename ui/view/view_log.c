/* A container's log, live. The engine keeps the last lines in a ring; this view shows a window of
 * them.
 *
 * While following, the window ends at the newest line. Otherwise it begins at a line known by its
 * number since the feed was opened, so it stands still while lines arrive at the end and fall off
 * at the beginning. Lines are made safe when painted, and severity shows as a light colour on whole
 * lines. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/match.h"
#include "ui/view/views.h"

#define TAIL       500
#define SIDE_STEP  16
#define LINE_BYTES 8192 /* of one line, made safe; what is longer is cut */

struct log {
	struct view_args args;
	bool follow, wrap;
	uint64_t at;    /* number of the first line shown, when not following */
	uint64_t shown; /* the first line that was painted last */
	int height, width, shift;
};

static struct command *feed_command(enum command_kind kind, const struct log *l)
{
	struct command *c = command_new(kind);

	c->feed = l->args.feed;
	str_copy(c->ns, sizeof(c->ns), l->args.ns);
	str_copy(c->name, sizeof(c->name), l->args.name);
	str_copy(c->container, sizeof(c->container), l->args.container);
	c->previous = l->args.previous;
	c->tail = TAIL;
	return c;
}

static void *log_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	struct log *l = mem_new(struct log);

	(void)view;
	l->args = *args;
	l->follow = true;
	l->height = l->width = 1;
	*command = feed_command(COMMAND_FEED_OPEN, l);
	return l;
}

static struct command *log_close(void *state)
{
	struct command *c = feed_command(COMMAND_FEED_CLOSE, state);

	free(state);
	return c;
}

/* Severity. */

/* What loggers write, worst first; matched anywhere near the line's beginning. */
static const struct {
	const char *word;
	enum role role;
} severities[] = {
	{"level=fatal", ROLE_BAD},
	{"level=error", ROLE_BAD},
	{"\"level\":\"fatal\"", ROLE_BAD},
	{"\"level\":\"error\"", ROLE_BAD},
	{"\"level\":\"panic\"", ROLE_BAD},
	{"\"severity\":\"ERROR\"", ROLE_BAD},
	{"[ERROR]", ROLE_BAD},
	{"[FATAL]", ROLE_BAD},
	{" ERROR ", ROLE_BAD},
	{"panic:", ROLE_BAD},
	{"level=warn", ROLE_WARN},
	{"\"level\":\"warn", ROLE_WARN},
	{"\"severity\":\"WARNING\"", ROLE_WARN},
	{"[WARN", ROLE_WARN},
	{" WARN ", ROLE_WARN},
};

/* klog begins a line with its severity and the date: "E0630 12:00:00". */
static enum role klog_role(const char *text)
{
	if (strlen(text) < 5)
		return ROLE_TEXT;
	for (int i = 1; i < 5; i++)
		if (!isdigit((unsigned char)text[i]))
			return ROLE_TEXT;
	if (text[0] == 'E' || text[0] == 'F')
		return ROLE_BAD;
	return text[0] == 'W' ? ROLE_WARN : ROLE_TEXT;
}

static enum role severity(const char *text)
{
	char head[200];
	enum role role = klog_role(text);

	if (role != ROLE_TEXT)
		return role;
	str_copy(head, sizeof(head), text);
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (strstr(head, severities[i].word) != NULL)
			return severities[i].role;
	return ROLE_TEXT;
}

/* Lines and rows. */

static char *safe_line(const struct feed *f, size_t i, char *dst, size_t size)
{
	const char *text = rstr_text(f->lines[i]);

	text_safe(dst, size, text, strlen(text));
	return dst;
}

/* Bytes that go on one row. */
static size_t row_bytes(const char *s, int width)
{
	size_t n = text_fit(s, width);

	return n > 0 ? n : strlen(s);
}

static int rows_of(const struct log *l, const struct feed *f, size_t i)
{
	char line[LINE_BYTES];
	const char *s = line;
	int rows = 0;

	if (!l->wrap)
		return 1;
	safe_line(f, i, line, sizeof(line));
	do {
		s += row_bytes(s, l->width);
		rows++;
	} while (*s != '\0');
	return rows;
}

/* The first line of a window that ends at the newest one; *skip: how many of its rows are above the
 * window. */
static size_t last_window(const struct log *l, const struct feed *f, int *skip)
{
	size_t i = f->n;
	int rows = 0;

	while (i > 0 && rows < l->height)
		rows += rows_of(l, f, --i);
	*skip = rows > l->height ? rows - l->height : 0;
	return i;
}

/* Where the window begins. */
static size_t first_line(struct log *l, const struct feed *f, int *skip)
{
	size_t last = last_window(l, f, skip), at;

	if (l->follow)
		return last;
	at = l->at > f->first ? (size_t)(l->at - f->first) : 0;
	if (at >= last)
		return last;
	*skip = 0;
	return at;
}

/* Paints one line from row y on, without its first `skip` rows; gives the row below. */
static int draw_line(
	struct log *l, const struct feed *f, size_t i, struct canvas *c, int y, int skip)
{
	char line[LINE_BYTES], row[LINE_BYTES];
	const char *s = safe_line(f, i, line, sizeof(line));
	enum role role = severity(line);

	if (!l->wrap) {
		s += l->shift > 0 ? text_fit(s, l->shift) : 0;
		canvas_put(c, y, 1, l->width, role, s);
		return y + 1;
	}
	do {
		size_t n = row_bytes(s, l->width);

		memcpy(row, s, n);
		row[n] = '\0';
		s += n;
		if (skip-- <= 0)
			canvas_put(c, y++, 1, l->width, role, row);
	} while (*s != '\0' && y < c->height);
	return y;
}

static const char *nothing_yet(const struct feed *f)
{
	if (f == NULL || f->state == FEED_OPENING)
		return _("opening the log...");
	if (f->state == FEED_FAILED)
		return f->error;
	return f->state == FEED_ENDED ? _("the log is empty") : _("no line yet");
}

static void log_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct log *l = state;
	const struct feed *f = snapshot_feed(s, l->args.feed);
	int y = 0, skip;
	size_t i;

	l->height = c->height;
	l->width = c->width - 2 > 0 ? c->width - 2 : 1;
	if (f == NULL || f->n == 0) {
		canvas_put(c, 0, 1, l->width,
			f != NULL && f->state == FEED_FAILED ? ROLE_BAD : ROLE_DIM, nothing_yet(f));
		return;
	}
	i = first_line(l, f, &skip);
	l->shown = f->first + i;
	for (; i < f->n && y < c->height; i++, skip = 0)
		y = draw_line(l, f, i, c, y, skip);
	for (int row = 0; row < y; row++)
		match_paint(c, row, 1, l->width, look->filter);
}

static void log_head(void *state, const struct snapshot *s, const struct view_look *look, char *dst,
	size_t size, enum role *role)
{
	const struct log *l = state;
	const struct feed *f = snapshot_feed(s, l->args.feed);
	size_t n;

	(void)look;
	*role = ROLE_DIM;
	snprintf(dst, size, "%s%s%s%s%s", l->args.name, l->args.container[0] != '\0' ? " " : "",
		l->args.container, l->args.previous ? _(", previous") : "",
		l->follow ? _(", following") : "");
	if (f == NULL)
		return;
	n = strlen(dst);
	snprintf(dst + n, size - n, P_(", %zu line", ", %zu lines", f->n), f->n);
	n = strlen(dst);
	if (f->first > 0)
		snprintf(
			dst + n, size - n, _(", %llu older dropped"), (unsigned long long)f->first);
	n = strlen(dst);
	if (f->state == FEED_ENDED)
		snprintf(dst + n, size - n, "%s", _(", ended"));
	if (f->state == FEED_FAILED) {
		snprintf(dst + n, size - n, "%s%s", _(", "), f->error);
		*role = ROLE_BAD;
	}
}

/* What the operator does. */

static void move_to(struct log *l, const struct feed *f, int64_t line)
{
	int skip;
	uint64_t last;

	if (f == NULL)
		return;
	l->follow = false;
	last = f->first + last_window(l, f, &skip);
	l->at = line < (int64_t)f->first ? f->first : (uint64_t)line;
	if (l->at >= last) {
		l->at = last;
		l->follow = f->state == FEED_OPEN; /* at the end again: go on with it */
	}
}

static const struct pod_detail *pod_of(const struct snapshot *s, const struct log *l)
{
	struct system_pod_row key = {.detail = NULL};
	const struct system_pod_row *row;

	key.pod.ns = l->args.ns;
	pod_set_name(&key.pod, l->args.name, NULL);
	row = table_find(s->system_pods, &key);
	return row != NULL ? row->detail : NULL;
}

/* This view makes way for one on the next container. */
static void next_container(const struct log *l, const struct snapshot *s, struct view_reply *reply)
{
	const struct pod_detail *d = pod_of(s, l);
	size_t next = 1;

	if (d == NULL || d->n_containers < 2) {
		str_copy(reply->say, sizeof(reply->say), _("no other container is known"));
		return;
	}
	for (size_t i = 0; i < d->n_containers; i++)
		if (str_eq(d->containers[i].name, l->args.container))
			next = (i + 1) % d->n_containers;
	reply->open = &view_log;
	reply->back = true;
	reply->args = l->args;
	reply->args.previous = false;
	str_copy(reply->args.container, sizeof(reply->args.container), d->containers[next].name);
}

static void toggle_previous(const struct log *l, struct view_reply *reply)
{
	reply->open = &view_log;
	reply->back = true;
	reply->args = l->args;
	reply->args.previous = !l->args.previous;
}

static void log_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct log *l = state;
	const struct feed *f = snapshot_feed(s, l->args.feed);
	int64_t at = (int64_t)l->shown, page = l->height > 1 ? l->height - 1 : 1;

	(void)look;
	reply->handled = true;
	switch ((int)a->id) {
	case ACTION_UP:
		move_to(l, f, at - 1);
		break;
	case ACTION_DOWN:
		move_to(l, f, at + 1);
		break;
	case ACTION_PAGE_UP:
		move_to(l, f, at - page);
		break;
	case ACTION_PAGE_DOWN:
		move_to(l, f, at + page);
		break;
	case ACTION_TOP:
		move_to(l, f, 0);
		break;
	case ACTION_BOTTOM:
		l->follow = true;
		break;
	case ACTION_LEFT:
		l->shift = l->shift > SIDE_STEP ? l->shift - SIDE_STEP : 0;
		break;
	case ACTION_RIGHT:
		l->shift += l->wrap ? 0 : SIDE_STEP;
		break;
	case ACTION_FOLLOW:
		l->follow = !l->follow;
		l->at = l->shown;
		break;
	case ACTION_WRAP:
		l->wrap = !l->wrap;
		l->shift = 0;
		break;
	case ACTION_LOGS:
	case ACTION_PREVIOUS_LOGS:
		toggle_previous(l, reply);
		break;
	case ACTION_NEXT_CONTAINER:
		next_container(l, s, reply);
		break;
	default:
		reply->handled = false;
	}
}

static const enum action_id actions[] = {ACTION_FOLLOW, ACTION_WRAP, ACTION_PREVIOUS_LOGS,
	ACTION_NEXT_CONTAINER, ACTION_FILTER, ACTION_BACK, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP,
	ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_LEFT, ACTION_RIGHT, ACTION_NONE};

const struct view_ops view_log = {
	.name = "log",
	.title = N_("log"),
	.open = log_open,
	.head = log_head,
	.draw = log_draw,
	.act = log_act,
	.close = log_close,
	.actions = actions,
};
