/* The lines that are always there. The first says where one is and how the cluster's vital parts
 * do; then comes the incident, when there is one or should be, and the first broken layer; and last
 * a banner for each thing that keeps the record or the alerts from being what they should. Parts
 * give way by rank where the screen is narrow; the words of what is wrong never do. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "header_parts.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/header.h"

#define WATCH_WARN_MS 3000
#define WATCH_BAD_MS  12000
#define PART_TEXT     96
#define NAME_COLUMNS  24 /* of cluster and user */

/* "api 2/3": what, and how it is. */
struct part {
	char label[24];
	char text[PART_TEXT];
	enum role role;
	int rank; /* the highest gives way first; 0 never does */
};

enum { CLUSTER, READ_ONLY, USER, API, VIP, ETCD, WATCH, RUNS, DEBTS, PARTS };

static void name_part(struct part *p, const char *name, int rank, enum role role)
{
	char safe[PART_TEXT];

	text_safe(safe, sizeof(safe), name, strnlen(name, sizeof(safe) - 1));
	safe[text_fit(safe, NAME_COLUMNS)] = '\0';
	str_copy(p->text, sizeof(p->text), safe);
	p->role = role;
	p->rank = rank;
}

static void api_part(const struct snapshot *s, struct part *p)
{
	const struct layer_board *b = &s->layers;
	char latency[SHOW_SIZE];
	size_t n;

	p->rank = 0;
	if (b->api_all == 0) {
		str_copy(p->text, sizeof(p->text), "-");
		p->role = ROLE_DIM;
		return;
	}
	snprintf(p->text, sizeof(p->text), "%d/%d", b->api_live, b->api_all);
	p->role = b->api_live == b->api_all ? ROLE_OK : b->api_live > 0 ? ROLE_WARN : ROLE_BAD;
	n = strlen(p->text);
	if (b->load_balancer_name[0] == '\0' && s->vip_latency_us >= 0 && b->api_live > 0)
		snprintf(p->text + n, sizeof(p->text) - n, " %s",
			show_latency(s->vip_latency_us, latency, sizeof(latency)));
}

static void vip_part(const struct snapshot *s, struct instant now, struct part *p)
{
	const struct probe *lb = &s->layers.load_balancer;
	int64_t since_ms = instant_age_ms(lb->since, now);
	char number[SHOW_SIZE];

	p->rank = probe_is_bad(lb) ? 0 : 3;
	p->role = show_probe_role(lb);
	if (s->layers.load_balancer_name[0] == '\0')
		return;
	if (lb->state == PROBE_OK || lb->state == PROBE_WARN)
		snprintf(p->text, sizeof(p->text), "%s %s", show_sign(lb),
			s->vip_latency_us >= 0
				? show_latency(s->vip_latency_us, number, sizeof(number))
				: "");
	else if (probe_is_bad(lb) && since_ms >= 0)
		snprintf(p->text, sizeof(p->text), "%s %s",
			lb->state == PROBE_FAILED ? _("down") : _("no answer"),
			show_age(since_ms, number, sizeof(number)));
	else
		str_copy(p->text, sizeof(p->text), show_sign(lb));
}

static void etcd_part(const struct snapshot *s, struct part *p)
{
	const struct etcd_state *e = &s->etcd;
	size_t n;

	p->rank = 0;
	p->role = ROLE_DIM;
	str_copy(p->text, sizeof(p->text), "-");
	if (e->voters == 0)
		return;
	if (e->split) {
		str_copy(p->text, sizeof(p->text), _("SPLIT BRAIN"));
		p->role = ROLE_BAD;
		return;
	}
	switch (e->quorum) {
	case ETCD_QUORUM_LOST:
		snprintf(p->text, sizeof(p->text), _("%d/%d NO QUORUM"), e->healthy_voters,
			e->voters);
		p->role = ROLE_BAD;
		return;
	case ETCD_QUORUM_UNKNOWN:
		snprintf(p->text, sizeof(p->text), _("%d/%d seen"), e->healthy_voters, e->voters);
		p->role = ROLE_WARN;
		return;
	case ETCD_QUORUM_OK:
		break;
	}
	snprintf(p->text, sizeof(p->text), _("%d/%d may lose %d"), e->healthy_voters, e->voters,
		e->may_lose);
	p->role = e->healthy_voters < e->voters ? ROLE_WARN : ROLE_OK;
	if (e->alarms != 0 || e->corrupt) {
		n = strlen(p->text);
		snprintf(p->text + n, sizeof(p->text) - n, " %s",
			e->corrupt ? "CORRUPT" : "NOSPACE");
		p->role = ROLE_BAD;
	}
}

static void watch_part(const struct snapshot *s, struct instant now, struct part *p)
{
	int64_t since_ms = instant_age_ms(s->at, now), age_ms = s->watch_age_ms;

	p->rank = 4;
	if (age_ms < 0) {
		str_copy(p->text, sizeof(p->text), _("none"));
		p->role = ROLE_WARN;
		return;
	}
	age_ms += since_ms > 0 ? since_ms : 0;
	p->role = age_ms >= WATCH_BAD_MS ? ROLE_BAD : age_ms >= WATCH_WARN_MS ? ROLE_WARN : ROLE_OK;
	if (age_ms < 60000)
		snprintf(p->text, sizeof(p->text), "%.1fs", (double)age_ms / 1e3);
	else
		show_age(age_ms, p->text, sizeof(p->text));
}

/* What goes on and what is owed, where there is any of it. */
static void run_parts(const struct snapshot *s, struct part *runs, struct part *debts)
{
	size_t alive = run_board_alive(s->runs, false), owed = s->runs ? s->runs->n_debts : 0;

	if (alive > 0)
		snprintf(runs->text, sizeof(runs->text), P_("%zu run", "%zu runs", alive), alive);
	if (owed > 0)
		snprintf(debts->text, sizeof(debts->text), P_("%zu debt", "%zu debts", owed), owed);
	runs->role = ROLE_ACCENT;
	debts->role = ROLE_WARN;
	runs->rank = debts->rank = 1;
}

static int part_width(const struct part *p)
{
	if (p->text[0] == '\0')
		return 0;
	return text_width(p->label) + (p->label[0] != '\0') + text_width(p->text) + 2;
}

static int parts_width(const struct part *parts)
{
	int sum = 0;

	for (int i = 0; i < PARTS; i++)
		sum += part_width(&parts[i]);
	return sum;
}

/* Leaves parts out, highest rank first, until the rest fits. */
static void make_fit(struct part *parts, int room)
{
	while (parts_width(parts) > room) {
		struct part *worst = NULL;

		for (int i = 0; i < PARTS; i++)
			if (parts[i].rank > 0 && parts[i].text[0] != '\0' &&
				(worst == NULL || parts[i].rank > worst->rank))
				worst = &parts[i];
		if (worst == NULL)
			return;
		worst->text[0] = '\0';
	}
}

static void put_parts(struct canvas *c, const struct part *parts, int x, int end)
{
	for (int i = 0; i < PARTS; i++) {
		const struct part *p = &parts[i];

		if (p->text[0] == '\0' || x >= end)
			continue;
		if (p->label[0] != '\0')
			x += canvas_put(c, 0, x, end - x, ROLE_DIM, p->label) + 1;
		x += canvas_put(c, 0, x, end - x, p->role, p->text) + 2;
	}
}

static void draw_first(const struct snapshot *s, struct canvas *c, struct instant now)
{
	static const char brand[] = " k911 ";
	struct part parts[PARTS] = {{"", "", ROLE_TEXT, 0}};
	char clock[SHOW_SIZE];
	int x = (int)sizeof(brand), clock_width;

	canvas_put(c, 0, 0, -1, ROLE_BRAND, brand);
	name_part(&parts[CLUSTER], s->cluster, 2, ROLE_ACCENT);
	name_part(&parts[USER], s->user, 6, ROLE_DIM);
	if (s->read_only)
		name_part(&parts[READ_ONLY], _("read-only"), 5, ROLE_WARN);
	str_copy(parts[API].label, sizeof(parts[API].label), _("api"));
	api_part(s, &parts[API]);
	str_copy(parts[VIP].label, sizeof(parts[VIP].label), _("vip"));
	vip_part(s, now, &parts[VIP]);
	str_copy(parts[ETCD].label, sizeof(parts[ETCD].label), _("etcd"));
	etcd_part(s, &parts[ETCD]);
	str_copy(parts[WATCH].label, sizeof(parts[WATCH].label), _("watch"));
	watch_part(s, now, &parts[WATCH]);
	run_parts(s, &parts[RUNS], &parts[DEBTS]);

	instant_local(now.wall_ms, clock, sizeof(clock));
	if (x + parts_width(parts) + (int)strlen(clock) + 1 > c->width)
		instant_hms(now.wall_ms, clock, sizeof(clock));
	clock_width = (int)strlen(clock) + 1;
	make_fit(parts, c->width - x - clock_width);
	if (x + parts_width(parts) + clock_width <= c->width)
		canvas_right(c, 0, c->width - 1, clock_width, ROLE_DIM, clock);
	else
		clock_width = 0;
	put_parts(c, parts, x, c->width - clock_width);
}

static void draw_broken(const struct snapshot *s, struct canvas *c, int row, struct instant now)
{
	const struct source *probes = &s->sources[SOURCE_PROBES];
	char broken[300], note[300];
	int x = 1, end = c->width - 1;
	enum role role;

	fresh_note(probes, now, note, sizeof(note));
	if (note[0] != '\0' && text_width(note) < c->width / 2) {
		canvas_right(c, row, end, text_width(note), ROLE_STALE, note);
		end -= text_width(note) + 2;
	}
	if (s->layers.broken) {
		x += canvas_put(c, row, x, end - x, ROLE_DIM, _("first broken layer:")) + 1;
		show_broken(&s->layers, now, broken, sizeof(broken));
		canvas_put(
			c, row, x, end - x, fresh_is_live(probes) ? ROLE_BAD : ROLE_STALE, broken);
	} else if (probes->state == SOURCE_NEVER || probes->state == SOURCE_LOADING) {
		canvas_put(c, row, x, end - x, ROLE_DIM, _("asking every layer..."));
	} else {
		show_unbroken(s, now, broken, sizeof(broken), &role);
		canvas_put(c, row, x, end - x, fresh_is_live(probes) ? role : ROLE_STALE, broken);
	}
}

/* What waits for the operator: it stays until it is answered or has run out of time. */
static int draw_ask(const struct snapshot *s, struct canvas *c, int row, struct instant now)
{
	const struct ask *a = &s->asks[0];
	char text[sizeof(a->text)], left[SHOW_SIZE], note[80] = "";
	int end = c->width - 1, x = 1;

	if (s->n_asks == 0)
		return 0;
	if (a->deadline.boot_ms > now.boot_ms)
		snprintf(note, sizeof(note), _("within %s"),
			show_age(a->deadline.boot_ms - now.boot_ms, left, sizeof(left)));
	canvas_right(c, row, end, text_width(note), ROLE_WARN, note);
	end -= text_width(note) + 1;
	text_safe(text, sizeof(text), a->text, strlen(a->text));
	x += canvas_put(c, row, x, end - x, ROLE_WARN, _("asked:")) + 1;
	canvas_put(c, row, x, end - x, ROLE_ACCENT, text);
	return 1;
}

int header_draw(const struct snapshot *s, struct canvas *c, struct instant now)
{
	int lines = 1;

	draw_first(s, c, now);
	lines += draw_ask(s, c, lines, now);
	lines += header_incident(s, c, lines, now);
	draw_broken(s, c, lines++, now);
	lines += header_troubles(s, c, lines, now);
	return lines;
}
