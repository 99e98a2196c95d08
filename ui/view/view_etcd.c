/* Pane 3: the etcd members as each tells of itself, and in the title what they add up to. What a
 * member said before it fell silent stays, in the colour of old data. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"
#include "ui/view/table_view.h"
#include "ui/view/view_member.h"
#include "ui/view/views.h"

enum column {
	NAME,
	HEALTH,
	ROLE,
	DB,
	RAFT,
	LAG,
	LATENCY,
	USED,
	QUOTA,
	VERSION,
	TERM,
	REVISION,
	FSYNC,
	CHANGES,
	ALARMS,
	ID,
	CLIENT_URL,
	ERROR,
	COLUMNS
};

static const struct widget_column columns[COLUMNS] = {
	[NAME] = {N_("NAME"), NULL, 4, 12, 40, 0, 0, WIDGET_NAME},
	[HEALTH] = {N_("HEALTH"), NULL, 7, 16, 30, 0, 0, 0},
	[ROLE] = {N_("ROLE"), NULL, 6, 10, 10, 0, 2, 0},
	[DB] = {N_("DB"), NULL, 4, 8, 8, 0, 1, WIDGET_RIGHT | WIDGET_FALLING},
	[RAFT] = {N_("RAFT"), NULL, 4, 14, 14, 0, 6, WIDGET_RIGHT | WIDGET_FALLING},
	[LAG] = {N_("LAG"), NULL, 3, 10, 10, 0, 4, WIDGET_RIGHT | WIDGET_FALLING},
	[LATENCY] = {N_("LATENCY"), N_("LAT"), 5, 8, 8, 0, 3, WIDGET_RIGHT | WIDGET_FALLING},
	[USED] = {N_("IN-USE"), NULL, 6, 8, 8, 0, 5, WIDGET_RIGHT | WIDGET_ZOOMED | WIDGET_FALLING},
	[QUOTA] = {N_("QUOTA"), NULL, 5, 8, 8, 0, 8, WIDGET_RIGHT | WIDGET_ZOOMED | WIDGET_FALLING},
	[VERSION] = {N_("VERSION"), NULL, 7, 12, 12, 0, 7, WIDGET_ZOOMED},
	[TERM] = {N_("TERM"), NULL, 4, 10, 10, 0, 9, WIDGET_RIGHT | WIDGET_ZOOMED},
	[REVISION] = {N_("REVISION"), NULL, 8, 14, 14, 0, 9, WIDGET_RIGHT | WIDGET_ZOOMED},
	[FSYNC] = {N_("FSYNC-P99"), N_("FSYNC"), 5, 9, 9, 0, 8,
		WIDGET_RIGHT | WIDGET_ZOOMED | WIDGET_FALLING},
	[CHANGES] = {N_("LEADER-CHANGES"), N_("CHANGES"), 7, 14, 14, 0, 12,
		WIDGET_RIGHT | WIDGET_ZOOMED},
	[ALARMS] = {N_("ALARMS"), NULL, 6, 16, 16, 0, 1, WIDGET_ZOOMED | WIDGET_IF_ANY},
	[ID] = {N_("ID"), NULL, 16, 16, 16, 0, 11, WIDGET_ZOOMED},
	[CLIENT_URL] = {N_("CLIENT-URL"), NULL, 12, 60, 60, 0, 10, WIDGET_ZOOMED},
	[ERROR] = {N_("ERROR"), NULL, 8, 20, 160, 1, 1, WIDGET_ZOOMED | WIDGET_IF_ANY},
};

static void show_unsigned(uint64_t value, char *dst, size_t size)
{
	if (value == 0)
		str_copy(dst, size, "-");
	else
		snprintf(dst, size, "%" PRIu64, value);
}

static void show_signed(int64_t value, char *dst, size_t size)
{
	if (value < 0)
		str_copy(dst, size, "-");
	else
		snprintf(dst, size, "%" PRId64, value);
}

/* Numbers; gives whether the value is one to worry about. */
static bool number_cell(
	const struct etcd_member *m, int column, const struct limits *l, char *dst, size_t size)
{
	switch (column) {
	case DB:
		show_bytes(m->db_bytes, dst, size);
		return limit_passed(m->db_bytes, m->quota_bytes, LIMIT_QUOTA_PERCENT);
	case USED:
		show_bytes(m->db_used_bytes, dst, size);
		return false;
	case QUOTA:
		show_bytes(m->quota_bytes, dst, size);
		return false;
	case RAFT:
		show_unsigned(m->raft_index, dst, size);
		return false;
	case LAG:
		show_signed(m->lag, dst, size);
		return m->lag >= l->etcd_lag;
	case LATENCY:
		show_latency(etcd_answers(m) ? m->latency_us : -1, dst, size);
		return etcd_answers(m) && limit_is_slow(m->latency_us, l->etcd_latency_ms);
	case TERM:
		show_unsigned(m->raft_term, dst, size);
		return false;
	case REVISION:
		show_signed(m->revision, dst, size);
		return m->rolled_back;
	case FSYNC:
		show_latency(m->fsync_p99_us, dst, size);
		return limit_is_slow(m->fsync_p99_us, l->etcd_fsync_ms);
	default:
		show_signed(m->leader_changes, dst, size);
		return false;
	}
}

static void cell(const void *row, int column, const struct widget_ask *ask, struct widget_cell *out)
{
	const struct etcd_member *m = row;
	size_t size = sizeof(out->text);

	out->role = ROLE_DIM;
	switch (column) {
	case NAME:
		str_copy(out->text, size, m->name[0] != '\0' ? m->name : m->address);
		out->role = ROLE_TEXT;
		return;
	case HEALTH:
		out->role = member_health(m, ask->look->now, out->text, size);
		return;
	case ROLE:
		str_copy(out->text, size, member_role(m));
		out->role = m->leader && etcd_answers(m) ? ROLE_ACCENT : ROLE_DIM;
		return;
	case VERSION:
		str_copy(out->text, size, m->version);
		return;
	case ID:
		if (m->id != 0)
			snprintf(out->text, size, "%" PRIx64, m->id);
		return;
	case CLIENT_URL:
		str_copy(out->text, size, m->client_url);
		return;
	case ALARMS:
		member_alarms(m->alarms, out->text, size);
		out->role = ROLE_BAD;
		return;
	case ERROR:
		str_copy(out->text, size, m->error[0] != '\0' ? m->error : m->errors);
		out->role = ROLE_WARN;
		return;
	default:
		out->role = number_cell(m, column, &ask->snapshot->limits, out->text, size)
				    ? ROLE_WARN
				    : ROLE_TEXT;
	}
	if (!etcd_answers(m))
		out->role = ROLE_STALE;
}

static int by_unsigned(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *a, const void *b, int column, const struct widget_ask *ask)
{
	const struct etcd_member *x = a, *y = b;
	struct widget_cell p = {"", ROLE_TEXT}, q = {"", ROLE_TEXT};

	switch (column) {
	case -1:
		return 0; /* as the state has them: by name */
	case HEALTH:
		return widget_by_number(y->health, x->health);
	case DB:
		return widget_by_number(x->db_bytes, y->db_bytes);
	case USED:
		return widget_by_number(x->db_used_bytes, y->db_used_bytes);
	case QUOTA:
		return widget_by_number(x->quota_bytes, y->quota_bytes);
	case RAFT:
		return by_unsigned(x->raft_index, y->raft_index);
	case LAG:
		return widget_by_number(x->lag, y->lag);
	case LATENCY:
		return widget_by_number(x->latency_us, y->latency_us);
	case TERM:
		return by_unsigned(x->raft_term, y->raft_term);
	case REVISION:
		return widget_by_number(x->revision, y->revision);
	case FSYNC:
		return widget_by_number(x->fsync_p99_us, y->fsync_p99_us);
	case CHANGES:
		return widget_by_number(x->leader_changes, y->leader_changes);
	default:
		cell(x, column, ask, &p);
		cell(y, column, ask, &q);
		return strcmp(p.text, q.text);
	}
}

static struct widget_key key(const void *row)
{
	const struct etcd_member *m = row;

	return (struct widget_key){m->name, m->client_url};
}

static bool match(const void *row, const char *needle)
{
	const struct etcd_member *m = row;
	const char *const texts[] = {m->name, m->client_url, m->version, m->error, m->errors,
		etcd_health_word(m->health), member_role(m)};

	return str_any_has_case(texts, sizeof(texts) / sizeof(texts[0]), needle);
}

static struct widget_rows rows_of(
	void *context, const struct snapshot *s, const struct view_look *look)
{
	(void)context;
	(void)look;
	return (struct widget_rows){
		.array = s->etcd.members, .n = s->etcd.n, .size = sizeof(s->etcd.members[0])};
}

/* What the members add up to, in words. */
static enum role sum_up(const struct etcd_state *e, char *dst, size_t size)
{
	if (e->split) {
		str_copy(dst, size, _("SPLIT BRAIN"));
		return ROLE_BAD;
	}
	switch (e->quorum) {
	case ETCD_QUORUM_LOST:
		snprintf(dst, size, _("QUORUM LOST: %d of %d, needs %d"), e->healthy_voters,
			e->voters, e->quorum_size);
		return ROLE_BAD;
	case ETCD_QUORUM_UNKNOWN:
		snprintf(dst, size, _("%d members, %d seen healthy, quorum unknown"), e->voters,
			e->healthy_voters);
		return ROLE_WARN;
	case ETCD_QUORUM_OK:
		break;
	}
	snprintf(dst, size, _("%d members, quorum %d, may lose %d"), e->voters, e->quorum_size,
		e->may_lose);
	return e->healthy_voters < e->voters ? ROLE_WARN : ROLE_DIM;
}

static void head(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	bool filtered = look->filter != NULL && look->filter[0] != '\0';

	if (s->etcd.n > 0 && !filtered)
		*role = sum_up(&s->etcd, dst, size);
}

static void more(const struct snapshot *s, const struct view_look *look, char *dst, size_t size,
	enum role *role)
{
	size_t n = strlen(dst);
	char alarms[32];

	(void)look;
	if (s->etcd.alarms == 0 && !s->etcd.corrupt)
		return;
	member_alarms(s->etcd.alarms | (s->etcd.corrupt ? ETCD_ALARM_CORRUPT : 0u), alarms,
		sizeof(alarms));
	snprintf(dst + n, size - n, "%s%s", _(", "), alarms);
	*role = ROLE_BAD;
}

static void detail(const void *row, const struct snapshot *s, struct view_reply *reply)
{
	const struct etcd_member *m = row;

	(void)s;
	reply->open = &view_member_detail;
	reply->args.id = m->id;
	str_copy(reply->args.name, sizeof(reply->args.name),
		m->name[0] != '\0' ? m->name : m->client_url);
}

static const struct table_view table = {.ops = {.columns = columns,
						.n = COLUMNS,
						.cell = cell,
						.compare = compare,
						.key = key,
						.match = match},
	.source = SOURCE_ETCD,
	.rows = rows_of,
	.head = head,
	.more = more,
	.none = N_("no etcd member is known"),
	.detail = detail};

const struct view_ops view_etcd = {
	.name = "etcd", .title = N_("etcd"), TABLE_VIEW(&table), .actions = table_view_actions};
