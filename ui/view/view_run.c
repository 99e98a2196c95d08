/* One run on a page of its own: the plan that was asked for, or the run, above its live output. The
 * page holds no run: it finds it in each snapshot, by its number while it was begun from here, so
 * that it shows the run as soon as there is one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show_run.h"
#include "ui/view/page_run.h"
#include "ui/view/page_view.h"
#include "ui/view/run_keys.h"
#include "ui/view/views.h"

#define OUTPUT_SHARE 5    /* so many rows of twelve are the output's */
#define OUTPUT_LEAST 4    /* with its title */
#define LATE_MS      5000 /* by then a plan, or a run, is in the board */
#define OUTPUT_FROM  10   /* rows of the page from which there is room for it */

/* A way to such a page. */
struct run_kind {
	struct page_view page;
	enum command_kind opens; /* COMMAND_NONE: the run is there already */
};

struct run_view {
	struct detail detail;
	const struct run_kind *kind;
	struct widget_text *output;
	struct instant opened; /* first painted */
	bool scrolls;          /* the keys move the output, which does not follow its end then */
};

static const struct run_seen *run_of(const struct run_view *v, const struct snapshot *s)
{
	return v->kind->opens == COMMAND_NONE ? run_board_run(s->runs, v->detail.args.name)
					      : run_board_asked(s->runs, v->detail.args.feed);
}

static void *run_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	struct run_view *v = detail_open(view, args, command);

	v->kind = view->of;
	v->output = widget_text_new();
	if (v->kind->opens == COMMAND_NONE)
		return v;
	*command = command_new(v->kind->opens);
	(*command)->feed = args->feed;
	str_copy((*command)->name, sizeof((*command)->name), args->name);
	str_copy((*command)->text, sizeof((*command)->text), args->text);
	return v;
}

static struct command *run_close(void *state)
{
	widget_text_free(((struct run_view *)state)->output);
	return detail_close(state);
}

/* ---- painting ---- */

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *on = context;
	const struct run_view *v = on->state;
	const struct run_page page = {on->snapshot, run_of(v, on->snapshot), on->look->now};

	if (page.run != NULL && page.run->state == RUN_PLANNED)
		page_run_plan(p, &page);
	else if (page.run != NULL)
		page_run_write(p, &page);
	else if (v->kind->opens != COMMAND_NONE &&
		 instant_age_ms(v->opened, on->look->now) >= LATE_MS)
		pen_text(p, ROLE_WARN,
			_("Nothing has come of it: the bottom line and the log say why."));
	else if (v->kind->opens == COMMAND_PLAN)
		pen_text(p, ROLE_DIM,
			_("Looking at what would be done; nothing is changed by that..."));
	else if (v->kind->opens == COMMAND_RUN)
		pen_text(p, ROLE_DIM, _("Starting..."));
	else
		pen_text(p, ROLE_DIM, _("That run is not known any more."));
}

static void write_output(struct pen *p, void *context)
{
	const struct run_seen *r = *(const struct run_seen **)context;

	for (size_t i = 0; i < r->n_lines; i++)
		pen_text(p, ROLE_TEXT, r->lines[i]);
}

static int output_rows(const struct run_seen *r, const struct canvas *c)
{
	int rows = c->height * OUTPUT_SHARE / 12, lines = r != NULL ? (int)r->n_lines : 0;

	if (lines == 0 || c->height < OUTPUT_FROM)
		return 0;
	rows = rows > lines + 1 ? lines + 1 : rows;
	return rows < OUTPUT_LEAST ? OUTPUT_LEAST : rows;
}

static void draw_output(const struct run_view *v, const struct run_seen *r, struct canvas *c,
	const struct view_look *look)
{
	struct canvas in = canvas_area(c, 1, 0, c->height - 1, c->width);
	struct action end = {.id = ACTION_BOTTOM};
	int used;

	canvas_fill(c, 0, 0, c->width, ROLE_TEXT, ' ');
	used = canvas_put(c, 0, 1, c->width - 2, ROLE_TITLE, _("Output"));
	canvas_put(c, 0, 3 + used, c->width - used - 4, ROLE_DIM,
		v->scrolls ? _("the arrows scroll it; f follows its end again")
			   : _("its end; f stops there, to scroll in it"));
	widget_text_draw(v->output, &in, look, write_output, &r);
	if (v->scrolls)
		return;
	widget_text_act(v->output, &end);
	widget_text_draw(v->output, &in, look, write_output, &r);
}

static void run_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct run_view *v = state;
	const struct run_seen *r = run_of(v, s);
	int rows = output_rows(r, c);
	struct canvas page = canvas_area(c, 0, 0, c->height - rows, c->width);
	struct canvas output = canvas_area(c, c->height - rows, 0, rows, c->width);

	if (v->opened.boot_ms == 0)
		v->opened = look->now;
	detail_draw(state, s, &page, look);
	if (rows > 0)
		draw_output(v, r, &output, look);
}

static void run_head(void *state, const struct snapshot *s, const struct view_look *look, char *dst,
	size_t size, enum role *role)
{
	const struct run_view *v = state;
	const struct run_seen *r = run_of(v, s);
	char text[80];

	*role = ROLE_DIM;
	if (r != NULL)
		snprintf(dst, size, "%s%s%s", r->runbook, _(", "),
			show_run_state(r, look->now, text, sizeof(text), role));
	else
		str_copy(dst, size, v->kind->opens != COMMAND_NONE ? v->detail.args.name : "");
	fresh_head(&s->sources[SOURCE_JOURNAL], look->now, dst, size, role);
}

/* ---- keys ---- */

/* The plan that was looked at is started with the inputs it was made of. */
static void start(const struct run_view *v, struct view_reply *reply)
{
	reply->open = &view_start;
	reply->back = true;
	reply->args = v->detail.args;
	reply->handled = true;
}

static void run_view_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct run_view *v = state;
	const struct run_seen *r = run_of(v, s);

	if (a->id == ACTION_FOLLOW) {
		v->scrolls = !v->scrolls;
		reply->handled = true;
	} else if (a->id == ACTION_START && v->kind->opens == COMMAND_PLAN &&
		   run_offers(r, s, a->id)) {
		start(v, reply);
	} else {
		run_act(r, s, a->id, reply);
	}
	if (!reply->handled && v->scrolls && r != NULL && r->state != RUN_PLANNED)
		reply->handled = widget_text_act(v->output, a);
	if (!reply->handled)
		detail_act(state, s, a, look, reply);
}

static bool run_view_offers(void *state, const struct snapshot *s, enum action_id id)
{
	const struct run_seen *r = run_of(state, s);

	if (id == ACTION_FOLLOW)
		return r != NULL && r->n_lines > 0;
	if (id == ACTION_START || id == ACTION_ABORT || id == ACTION_RESUME || id == ACTION_OFFERED)
		return run_offers(r, s, id);
	return true;
}

static const enum action_id actions[] = {ACTION_START, ACTION_ABORT, ACTION_RESUME, ACTION_OFFERED,
	ACTION_FOLLOW, ACTION_BACK, ACTION_FILTER, ACTION_UP, ACTION_DOWN, ACTION_PAGE_UP,
	ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_NONE};

static const struct run_kind planned = {{write_page, sizeof(struct run_view)}, COMMAND_PLAN},
			     started = {{write_page, sizeof(struct run_view)}, COMMAND_RUN},
			     known = {{write_page, sizeof(struct run_view)}, COMMAND_NONE};

#define RUN_VIEW(kind)                                                                             \
	.of = (kind), .open = run_open, .head = run_head, .draw = run_draw, .act = run_view_act,   \
	.close = run_close, .actions = actions, .offers = run_view_offers

const struct view_ops view_plan = {.name = "plan", .title = N_("plan"), RUN_VIEW(&planned)};
const struct view_ops view_start = {.name = "start", .title = N_("run"), RUN_VIEW(&started)};
const struct view_ops view_run = {.name = "run", .title = N_("run"), RUN_VIEW(&known)};
