/* Pane 7: what k911 does and did. First the runs that go on, then what they owe, then the runs that
 * are over and each command that was to change something, the newest first. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"
#include "ui/kit/show_run.h"
#include "ui/view/run_keys.h"
#include "ui/view/table_view.h"
#include "ui/view/views.h"

enum column { STATE, KIND, WHAT, WHERE, AGE, BY, COLUMNS };

static const struct widget_column columns[COLUMNS] = {
	[STATE] = {N_("STATE"), NULL, 8, 10, 24, 0, 0, 0},
	[KIND] = {N_("KIND"), "", 4, 4, 6, 0, 3, WIDGET_WHOLE},
	[WHAT] = {N_("WHAT"), NULL, 10, 20, 100, 1, 0, WIDGET_FIXED},
	[WHERE] = {N_("WHERE"), NULL, 4, 8, 30, 0, 4, WIDGET_IF_ANY},
	[AGE] = {N_("AGE"), NULL, 3, 5, 7, 0, 2, WIDGET_RIGHT},
	[BY] = {N_("BY"), NULL, 5, 8, 24, 0, 5, 0},
};

enum row_kind { ROW_RUNS, ROW_OWES, ROW_OVER, ROW_DID };

struct row {
	enum row_kind kind;
	const struct snapshot *snapshot;
	const struct run_seen *run;       /* ROW_OWES: NULL where it is not known any more */
	const struct run_step_seen *step; /* ROW_DID */
	const struct run_debt *debt;      /* ROW_OWES */
	int64_t at_ms;
};

struct rows {
	VEC(struct row) all;
};

static void *rows_begin(void)
{
	return mem_new(struct rows);
}

static void rows_done(void *context)
{
	vec_done(&((struct rows *)context)->all);
	free(context);
}

/* ---- the rows ---- */

static void add_steps(struct rows *rows, const struct snapshot *s, const struct run_seen *r)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct run_step_seen *step = &r->steps[i];
		int64_t at_ms = step->ended_ms != 0 ? step->ended_ms : step->began_ms;

		if (step->changes && at_ms != 0)
			*vec_add(&rows->all) = (struct row){ROW_DID, s, r, step, NULL, at_ms};
	}
}

/* What goes on and what is owed are always before the eyes; the rest is a record. */
static int rank(enum row_kind k)
{
	return (int)(k == ROW_DID ? ROW_OVER : k);
}

static int in_order(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (rank(x->kind) != rank(y->kind))
		return rank(x->kind) - rank(y->kind);
	return x->kind == ROW_OWES ? widget_by_number(x->at_ms, y->at_ms)
				   : widget_by_number(y->at_ms, x->at_ms);
}

static struct widget_rows rows_of(
	void *context, const struct snapshot *s, const struct view_look *look)
{
	struct rows *rows = context;
	const struct run_board *b = s->runs;

	(void)look;
	rows->all.len = 0;
	for (size_t i = 0; b != NULL && i < b->n_runs; i++) {
		const struct run_seen *r = b->runs[i];
		bool over = run_state_is_over(r->state);

		if (r->state != RUN_PLANNED)
			*vec_add(&rows->all) = (struct row){over ? ROW_OVER : ROW_RUNS, s, r, NULL,
				NULL, over && r->ended_ms != 0 ? r->ended_ms : r->began_ms};
		add_steps(rows, s, r);
	}
	for (size_t i = 0; b != NULL && i < b->n_debts; i++)
		*vec_add(&rows->all) = (struct row){ROW_OWES, s, run_board_run(b, b->debts[i].run),
			NULL, &b->debts[i], b->debts[i].since_ms};
	if (rows->all.len > 1)
		qsort(rows->all.at, rows->all.len, sizeof(rows->all.at[0]), in_order);
	return (struct widget_rows){
		.array = rows->all.at, .n = rows->all.len, .size = sizeof(struct row)};
}

static struct widget_key key(const void *row)
{
	const struct row *r = row;

	if (r->kind == ROW_OWES)
		return (struct widget_key){r->debt->id, "owes"};
	return (struct widget_key){r->run->id, r->step != NULL ? r->step->id : ""};
}

/* ---- the cells ---- */

static void run_what(const struct run_seen *r, char *dst, size_t size)
{
	size_t at = run_seen_step(r);

	if (at < r->n_steps)
		snprintf(dst, size, _("%s, step %zu of %zu: %s"), r->runbook, at + 1, r->n_steps,
			r->steps[at].title);
	else
		snprintf(dst, size, "%s  %s", r->runbook, r->title);
}

static void kind_cell(const struct row *r, struct widget_cell *out)
{
	static const char *const words[] = {
		/* TRANSLATORS: kinds of rows in the pane of actions, one short word each */
		[ROW_RUNS] = N_("run"),
		[ROW_OWES] = N_("debt"),
		[ROW_OVER] = N_("run"),
		[ROW_DID] = N_("did"),
	};

	str_copy(out->text, sizeof(out->text), _(words[r->kind]));
	out->role = r->kind == ROW_OWES ? ROLE_WARN : ROLE_DIM;
}

/* Where the words have no room beside it, the countdown is worth more. */
static void run_cell(
	const struct run_seen *r, struct instant now, int room, struct widget_cell *out)
{
	char left[SHOW_SIZE];

	show_run_state(r, now, out->text, sizeof(out->text), &out->role);
	if (r->state != RUN_VERIFYING || r->waiting_until.boot_ms == 0)
		return;
	show_span(r->waiting_until.boot_ms - now.boot_ms, left, sizeof(left));
	if (text_width(out->text) > room)
		snprintf(out->text, sizeof(out->text), _("? %s left"), left);
	if (text_width(out->text) > room)
		snprintf(out->text, sizeof(out->text), "? %s", left);
}

static void state_cell(const struct row *r, struct instant now, int room, struct widget_cell *out)
{
	if (r->step != NULL) {
		show_run_step_state(r->step->state, out->text, sizeof(out->text), &out->role);
	} else if (r->debt != NULL) {
		snprintf(out->text, sizeof(out->text), "! %s", show_debt_kind(r->debt));
		out->role = ROLE_WARN;
	} else if (r->run != NULL) {
		run_cell(r->run, now, room, out);
	}
}

static void what_cell(const struct row *r, struct widget_cell *out)
{
	if (r->step != NULL)
		str_copy(out->text, sizeof(out->text),
			r->step->command[0] != '\0' ? r->step->command : r->step->title);
	else if (r->debt != NULL)
		snprintf(
			out->text, sizeof(out->text), "%s  %.230s", r->debt->target, r->debt->text);
	else if (r->run != NULL)
		run_what(r->run, out->text, sizeof(out->text));
	if (r->kind == ROW_OVER || r->kind == ROW_DID)
		out->role = ROLE_DIM;
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct row *r = row;

	switch (column) {
	case KIND:
		kind_cell(r, out);
		break;
	case STATE:
		state_cell(r, ask->look->now, ask->room, out);
		break;
	case WHAT:
		what_cell(r, out);
		break;
	case WHERE:
		str_copy(out->text, sizeof(out->text), r->step != NULL ? r->step->targets : "");
		break;
	case AGE:
		show_since(r->at_ms, ask->look->now, out->text, sizeof(out->text));
		out->role = ROLE_DIM;
		break;
	default:
		str_copy(out->text, sizeof(out->text), r->run != NULL ? r->run->author : "");
		out->role = ROLE_DIM;
	}
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct row *x = a, *y = b;

	(void)ask;
	switch (column) {
	case KIND:
		return widget_by_number(x->kind, y->kind);
	case STATE:
		return widget_by_number(x->run != NULL ? (int)x->run->state : -1,
			y->run != NULL ? (int)y->run->state : -1);
	case AGE:
		return widget_by_number(y->at_ms, x->at_ms);
	case BY:
		return strcmp(
			x->run != NULL ? x->run->author : "", y->run != NULL ? y->run->author : "");
	default:
		return 0; /* as rows_of has them */
	}
}

static bool match(const void *row, const char *needle)
{
	const struct row *r = row;
	struct widget_cell kind = {"", ROLE_TEXT}, what = {"", ROLE_TEXT}, state = {"", ROLE_TEXT};
	const char *const texts[] = {kind.text, what.text, state.text,
		r->run != NULL ? r->run->runbook : "", r->run != NULL ? r->run->author : "",
		r->step != NULL ? r->step->targets : ""};

	kind_cell(r, &kind);
	what_cell(r, &what);
	state_cell(r, r->snapshot->at, INT_MAX, &state);
	return str_any_has_case(texts, sizeof(texts) / sizeof(texts[0]), needle);
}

/* ---- the view ---- */

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t alive = run_board_alive(s->runs, false), n;
	size_t debts = s->runs != NULL ? s->runs->n_debts : 0;

	(void)look;
	*role = debts > 0 ? ROLE_WARN : ROLE_DIM;
	if (debts > 0)
		snprintf(dst, size, P_("%zu debt", "%zu debts", debts), debts);
	n = strlen(dst);
	if (alive > 0 && n > 0)
		snprintf(dst + n, size - n, "%s", _(", "));
	n = strlen(dst);
	if (alive > 0)
		snprintf(dst + n, size - n, P_("%zu running", "%zu running", alive), alive);
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	const struct row *r = row;

	(void)s;
	reply->handled = true;
	if (r->run == NULL) {
		str_copy(reply->say, sizeof(reply->say), _("its run is not known here any more"));
		return;
	}
	reply->open = &view_run;
	str_copy(reply->args.name, sizeof(reply->args.name), r->run->id);
}

static void other(const void *row, const struct action *a, struct view_reply *reply)
{
	const struct row *r = row;

	if (a->id != ACTION_FORGIVE) {
		run_act(r->run, r->snapshot, a->id, reply);
		return;
	}
	reply->handled = true;
	if (r->kind != ROW_OWES) {
		str_copy(reply->say, sizeof(reply->say), _("only a debt can be forgiven"));
		return;
	}
	reply->command = command_new(COMMAND_FORGIVE);
	str_copy(reply->command->name, sizeof(reply->command->name), r->debt->id);
	reply->ask = N_("why it need not be put right");
}

static bool offers(void *state, const struct snapshot *s, enum action_id id)
{
	(void)state;
	if (id == ACTION_FORGIVE)
		return s->runs != NULL && s->runs->n_debts > 0;
	if (id == ACTION_ABORT)
		return run_board_alive(s->runs, true) > 0;
	return true;
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.newest_first = true,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_JOURNAL,
	.kept = true,
	.begin = rows_begin,
	.done = rows_done,
	.rows = rows_of,
	.head = head,
	.none = N_("none; r runs one"),
	.detail = detail,
	.other = other};

const struct view_ops view_actions = {.name = "actions",
	.title = N_("actions"),
	TABLE_VIEW(&table),
	.offers = offers,
	.actions = (const enum action_id[]){
		ACTION_ENTER, ACTION_FORGIVE, ACTION_ABORT, TABLE_ACTIONS}};
