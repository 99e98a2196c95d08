/* Pane 6: every layer of every control-plane node, and the first that is broken in the title. A
 * cell is a sign (ok, ! for a warning, x failed, ? no answer, - not visible from here, . not asked
 * yet) and, where there is room, the latency of what works or the age of what does not. With the
 * whole screen the sentences behind the signs and the last 15 minutes stand below. */
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/kit/widget_table.h"
#include "ui/kit/widget_text.h"
#include "ui/view/page_cluster.h"
#include "ui/view/views.h"

#define HISTORY_BESIDE 160 /* columns from which the pane shows the last 15 minutes, too */
#define HISTORY_ROWS   4

struct layers {
	struct widget_table *table;
	struct widget_text *page;   /* the sentences below, when zoomed */
	struct widget_text *extras; /* what the pane has room for; does not scroll */
};

enum { NODE, FIRST_LAYER, COLUMNS = FIRST_LAYER + LAYER_NODE_COUNT };

#define LAYER_COLUMN(id, heading, brief)                                                           \
	[FIRST_LAYER + (id)] = {heading, brief, 3, 12, 12, 0, (id) == LAYER_CLOCK ? 1 : 0,         \
		WIDGET_FIXED | WIDGET_WHOLE}

static const struct widget_column columns[COLUMNS] = {
	[NODE] = {N_("NODE"), NULL, 4, 12, 40, 0, 0, WIDGET_FIXED},
	LAYER_COLUMN(LAYER_TCP, N_("TCP"), NULL),
	LAYER_COLUMN(LAYER_SSH, N_("SSH"), NULL),
	LAYER_COLUMN(LAYER_RUNTIME, N_("RUNTIME"), N_("CRI")),
	LAYER_COLUMN(LAYER_KUBELET, N_("KUBELET"), N_("KLT")),
	LAYER_COLUMN(LAYER_ETCD, N_("ETCD"), N_("ETC")),
	LAYER_COLUMN(LAYER_APISERVER, N_("APISERVER"), N_("API")),
	LAYER_COLUMN(LAYER_READY, N_("READY"), N_("RDY")),
	LAYER_COLUMN(LAYER_CERTIFICATES, N_("CERTS"), N_("CRT")),
	LAYER_COLUMN(LAYER_CLOCK, N_("CLOCK"), N_("CLK")),
};

/* "ok 12ms", "x 3m12s": the sign and what goes with it. */
static void sign_and_number(const struct probe *p, struct instant now, char *dst, size_t size)
{
	char number[SHOW_SIZE];
	int64_t bad_ms = instant_age_ms(p->since, now);

	str_copy(dst, size, show_sign(p));
	if (probe_is_bad(p) && bad_ms >= 0)
		snprintf(
			dst, size, "%s %s", show_sign(p), show_age(bad_ms, number, sizeof(number)));
	else if (p->state == PROBE_OK && p->latency_us > 0)
		snprintf(dst, size, "%s %s", show_sign(p),
			show_latency(p->latency_us, number, sizeof(number)));
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct node_layers *n = row;
	const struct probe *p;

	if (column == NODE) {
		str_copy(out->text, sizeof(out->text), n->name);
		return;
	}
	p = &n->layer[column - FIRST_LAYER];
	sign_and_number(p, ask->look->now, out->text, sizeof(out->text));
	if (text_width(out->text) > ask->room)
		str_copy(out->text, sizeof(out->text), show_sign(p));
	out->role = show_probe_role(p);
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	(void)a;
	(void)b;
	(void)column;
	(void)ask;
	return 0; /* as the board has them: by name */
}

static struct widget_key key(const void *row)
{
	return (struct widget_key){((const struct node_layers *)row)->name, ""};
}

static bool match(const void *row, const char *needle)
{
	const struct node_layers *n = row;

	for (int i = 0; i < LAYER_NODE_COUNT; i++)
		if (str_has_case(n->layer[i].text, needle))
			return true;
	return str_has_case(n->name, needle);
}

static const struct widget_table_ops table_ops = {.columns = columns,
	.n = COLUMNS,
	.cell = cell,
	.compare = compare,
	.key = key,
	.match = match};

static void *layers_open(
	const struct view_ops *view, const struct view_args *args, struct command **command)
{
	struct layers *state = mem_new(struct layers);

	(void)view;
	(void)args;
	(void)command;
	state->table = widget_table_new(&table_ops, state);
	state->page = widget_text_new();
	state->extras = widget_text_new();
	return state;
}

static struct command *layers_close(void *state)
{
	struct layers *l = state;

	widget_table_free(l->table);
	widget_text_free(l->page);
	widget_text_free(l->extras);
	free(l);
	return NULL;
}

static void take(struct layers *state, const struct snapshot *s, const struct view_look *look)
{
	const struct widget_rows rows = {
		.array = s->layers.nodes, .n = s->layers.n, .size = sizeof(s->layers.nodes[0])};

	widget_table_rows(state->table, &rows, s, look);
}

static void layers_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct source *src = &s->sources[SOURCE_PROBES];
	char broken[300];

	take(state, s, look);
	str_copy(dst, size, "");
	*role = ROLE_DIM;
	show_broken(&s->layers, look->now, broken, sizeof(broken));
	if (s->layers.broken) {
		snprintf(dst, size, _("first broken: %s"), broken);
		*role = ROLE_BAD;
	} else if (s->layers.n > 0 && src->state != SOURCE_NEVER && src->state != SOURCE_LOADING) {
		str_copy(dst, size, _("all ok"));
	}
	fresh_head(src, look->now, dst, size, role);
}

/* What stands beside the nodes. */
struct other {
	const char *name; /* N_() key */
	const struct probe *probe;
	const char *detail;
};

#define OTHERS 3

static size_t others_of(const struct layer_board *b, struct other *out)
{
	size_t n = 0;

	if (b->load_balancer.state != PROBE_NEVER || b->load_balancer_name[0] != '\0')
		out[n++] = (struct other){
			N_("load balancer"), &b->load_balancer, b->load_balancer_name};
	if (b->own_link.state != PROBE_NEVER)
		out[n++] = (struct other){N_("own link"), &b->own_link, ""};
	if (b->own_credential.state != PROBE_NEVER)
		out[n++] = (struct other){N_("credential"), &b->own_credential, ""};
	return n;
}

/* All on one line: "load balancer ok 1.2ms  own link ok  credential ok". */
static void draw_others(
	const struct snapshot *s, struct canvas *c, const struct view_look *look, int y)
{
	struct other others[OTHERS];
	size_t n = others_of(&s->layers, others);
	bool live = fresh_is_live(&s->sources[SOURCE_PROBES]);
	int x = 1;

	for (size_t i = 0; i < n && x < c->width - 2; i++) {
		const struct probe *p = others[i].probe;
		char text[80];

		x += canvas_put(c, y, x, c->width - 1 - x, ROLE_DIM, gettext(others[i].name)) + 1;
		if (c->width >= 60)
			sign_and_number(p, look->now, text, sizeof(text));
		else
			str_copy(text, sizeof(text), show_sign(p));
		x += canvas_put(c, y, x, c->width - 1 - x, live ? show_probe_role(p) : ROLE_STALE,
			     text) +
		     2;
	}
}

struct page {
	const struct snapshot *snapshot;
	const struct view_look *look;
	bool brief;   /* in the pane: no section titles */
	bool history; /* below the sentences there is room for the last 15 minutes */
};

/* One probe with its sentence: "m2 kubelet   x 3m12s   connection refused". */
static void write_probe(struct pen *p, const char *name, const struct probe *probe,
	const char *detail, struct instant now)
{
	char sign[80], sentence[200], text[400];

	sign_and_number(probe, now, sign, sizeof(sign));
	show_probe(probe, now, sentence, sizeof(sentence));
	if (probe->state == PROBE_OK && probe->text[0] == '\0')
		sentence[0] = '\0'; /* the sign says it */
	snprintf(text, sizeof(text), "%-9s %s%s%s", sign, detail, detail[0] != '\0' ? "  " : "",
		sentence);
	pen_wide_pair(p, name, show_probe_role(probe), text);
}

static bool has_something_to_say(const struct probe *p)
{
	return probe_is_bad(p) || p->state == PROBE_WARN;
}

static int count_troubles(const struct layer_board *b)
{
	struct other others[OTHERS];
	size_t n = others_of(b, others);
	int count = 0;

	for (size_t i = 0; i < n; i++)
		count += has_something_to_say(others[i].probe);
	for (size_t i = 0; i < b->n; i++)
		for (int l = 0; l < LAYER_NODE_COUNT; l++)
			count += has_something_to_say(&b->nodes[i].layer[l]);
	return count;
}

static void write_troubles(struct pen *p, const struct page *page)
{
	const struct layer_board *b = &page->snapshot->layers;
	struct other others[OTHERS];
	size_t n = page->brief ? others_of(b, others) : 0; /* else they have their own lines */
	bool any = page->brief;
	char name[120];

	for (size_t i = 0; i < n; i++)
		if (has_something_to_say(others[i].probe))
			write_probe(
				p, gettext(others[i].name), others[i].probe, "", page->look->now);
	for (size_t i = 0; i < b->n; i++) {
		for (int l = 0; l < LAYER_NODE_COUNT; l++) {
			const struct probe *probe = &b->nodes[i].layer[l];

			if (!has_something_to_say(probe))
				continue;
			if (!any)
				pen_section(p, _("In trouble"));
			any = true;
			snprintf(name, sizeof(name), "%s %s", b->nodes[i].name,
				gettext(layer_title((enum layer_id)l)));
			write_probe(p, name, probe, "", page->look->now);
		}
	}
}

static void write_page(struct pen *p, void *context)
{
	const struct page *page = context;
	const struct layer_board *b = &page->snapshot->layers;
	struct other others[OTHERS];
	size_t n = others_of(b, others);

	for (size_t i = 0; i < n; i++)
		write_probe(p, gettext(others[i].name), others[i].probe, others[i].detail,
			page->look->now);
	write_troubles(p, page);
	page_cluster_history(p, page->snapshot);
	pen_blank(p);
	pen_text(p, ROLE_DIM,
		_("ok works   ! warning   x failed   ? no answer   - not visible from here   . not "
		  "asked yet"));
}

static void write_brief(struct pen *p, void *context)
{
	const struct page *page = context;

	write_troubles(p, page);
	if (page->history)
		page_cluster_history(p, page->snapshot);
}

static void write_history_alone(struct pen *p, void *context)
{
	page_cluster_history(p, ((const struct page *)context)->snapshot);
}

/* What the pane has room for besides the matrix: the sentences below it, the last 15 minutes to its
 * right or below them. */
static void draw_extras(struct layers *l, struct canvas *c, struct page *page, int row, int column)
{
	struct canvas below = canvas_area(c, row, 0, c->height - row, column);
	struct canvas right = canvas_area(c, 0, column, c->height, c->width - column);
	int troubles = count_troubles(&page->snapshot->layers);

	page->brief = true;
	page->history = right.width == 0 &&
			below.height >= HISTORY_ROWS + troubles + (troubles > 0 ? 1 : 0);
	if (below.height > 0)
		widget_text_draw(l->extras, &below, page->look, write_brief, page);
	if (right.width > 0 && right.height >= HISTORY_ROWS)
		widget_text_draw(l->extras, &right, page->look, write_history_alone, page);
}

static void layers_draw(
	void *state, const struct snapshot *s, struct canvas *c, const struct view_look *look)
{
	struct layers *l = state;
	const struct source *src = &s->sources[SOURCE_PROBES];
	struct page page = {s, look, false, false};
	int rows = (int)s->layers.n + 1, below = look->zoomed ? c->height / 2 : 1;
	int width = !look->zoomed && c->width >= HISTORY_BESIDE ? c->width / 2 : c->width;
	struct canvas top, bottom;
	char empty[300];

	take(l, s, look);
	if (rows < 2)
		rows = 2; /* room for the sentence why there are none */
	if (rows > c->height - below)
		rows = c->height - below;
	fresh_empty(
		src, s->layers.n > 0, _("no control-plane node is known"), empty, sizeof(empty));
	top = canvas_area(c, 0, 0, rows, width);
	widget_table_draw(l->table, s, look, &top, !fresh_is_live(src), empty);
	if (!look->zoomed) {
		top = canvas_area(c, 0, 0, c->height, width);
		draw_others(s, &top, look, rows);
		draw_extras(l, c, &page, rows + 1, width);
		return;
	}
	bottom = canvas_area(c, rows + 1, 0, c->height - rows - 1, c->width);
	widget_text_draw(l->page, &bottom, look, write_page, &page);
}

static void layers_act(void *state, const struct snapshot *s, const struct action *a,
	const struct view_look *look, struct view_reply *reply)
{
	struct layers *l = state;
	const struct node_layers *row;
	enum widget_did did;

	take(l, s, look);
	if (look->zoomed && (a->id == ACTION_PAGE_UP || a->id == ACTION_PAGE_DOWN)) {
		reply->handled = widget_text_act(l->page, a);
		return;
	}
	did = widget_table_act(l->table, a);
	row = widget_table_selected(l->table);
	reply->handled = did != WIDGET_NOTHING;
	if (did != WIDGET_ENTER || row == NULL)
		return;
	reply->open = &view_node_detail;
	str_copy(reply->args.name, sizeof(reply->args.name), row->name);
}

static const enum action_id actions[] = {ACTION_ENTER, ACTION_FILTER, ACTION_UP, ACTION_DOWN,
	ACTION_PAGE_UP, ACTION_PAGE_DOWN, ACTION_TOP, ACTION_BOTTOM, ACTION_NONE};

const struct view_ops view_layers = {
	.name = "layers",
	.title = N_("layers"),
	.open = layers_open,
	.head = layers_head,
	.draw = layers_draw,
	.act = layers_act,
	.close = layers_close,
	.actions = actions,
};
