/* One etcd member: all it says of itself. */
#include <inttypes.h>
#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/fresh.h"
#include "ui/kit/show.h"
#include "ui/view/page_view.h"
#include "ui/view/view_member.h"
#include "ui/view/views.h"

#define NEARLY_FULL_PERCENT 90

static const struct etcd_member *member_of(const struct snapshot *s, const struct detail *d)
{
	const struct etcd_member *found = NULL;

	for (size_t i = 0; i < s->etcd.n; i++) {
		const struct etcd_member *m = &s->etcd.members[i];

		if (d->args.id != 0 && m->id == d->args.id)
			return m;
		if (str_eq(m->name, d->args.name) || str_eq(m->client_url, d->args.name))
			found = m;
	}
	return found;
}

static void pair_number(struct pen *p, const char *name, enum role role, int64_t value)
{
	if (value < 0)
		pen_pair(p, name, ROLE_DIM, "-");
	else
		pen_pair(p, name, role, "%" PRId64, value);
}

static void write_health(struct pen *p, const struct etcd_member *m, const struct detail_page *page)
{
	char text[80], age[SHOW_SIZE];
	enum role role = member_health(m, page->look->now, text, sizeof(text));

	pen_pair(p, _("Health"), role, "%s", text);
	pen_pair(p, _("Role"), ROLE_TEXT, "%s", member_role(m));
	pen_pair(p, _("Last answer"), etcd_answers(m) ? ROLE_TEXT : ROLE_STALE, _("%s ago"),
		show_age(instant_age_ms(m->good, page->look->now), age, sizeof(age)));
	pen_pair(p, _("Latency"), ROLE_TEXT, "%s",
		show_latency(etcd_answers(m) ? m->latency_us : -1, age, sizeof(age)));
	pen_pair(p, _("Version"), ROLE_TEXT, "%s", m->version[0] != '\0' ? m->version : "-");
	pen_pair(p, _("Member list"), m->listed ? ROLE_TEXT : ROLE_WARN, "%s",
		m->listed ? _("listed") : _("not in the list"));
	if (m->error[0] != '\0')
		pen_wide_pair(p, _("Error"), ROLE_BAD, gettext(m->error));
	if (m->errors[0] != '\0')
		pen_wide_pair(p, _("Says"), ROLE_BAD, m->errors);
	if (m->foreign)
		pen_wide_pair(p, _("Split brain"), ROLE_BAD,
			_("it answers with another cluster id than the majority"));
	if (m->rolled_back)
		pen_wide_pair(p, _("Rolled back"), ROLE_BAD,
			_("its revision went backwards: an old copy of the data was put in"));
	pen_wide_pair(p, _("Alarms"), m->alarms != 0 ? ROLE_BAD : ROLE_TEXT,
		m->alarms != 0 ? member_alarms(m->alarms, text, sizeof(text)) : _("none"));
}

static void write_names(struct pen *p, const struct etcd_member *m)
{
	pen_section(p, _("Address"));
	pen_pair(p, _("ID"), ROLE_TEXT, "%" PRIx64, m->id);
	pen_pair(p, _("Cluster ID"), m->foreign ? ROLE_BAD : ROLE_TEXT, "%" PRIx64, m->cluster_id);
	pen_pair(p, _("Client URL"), ROLE_TEXT, "%s", m->client_url);
	pen_pair(p, _("Peer URL"), ROLE_TEXT, "%s", m->peer_url);
}

static void write_bar(
	struct pen *p, const char *name, int64_t part, int64_t whole, const char *what)
{
	char a[SHOW_SIZE], b[SHOW_SIZE], words[120];
	int permille = show_permille(part, whole);

	if (permille >= 0)
		snprintf(words, sizeof(words), _("%d%%  %s of %s %s"), (permille + 5) / 10,
			show_bytes(part, a, sizeof(a)), show_bytes(whole, b, sizeof(b)), what);
	else
		show_bytes(part, words, sizeof(words));
	pen_bar(p, name, permille,
		limit_passed(part, whole, NEARLY_FULL_PERCENT)   ? ROLE_BAD
		: limit_passed(part, whole, LIMIT_QUOTA_PERCENT) ? ROLE_WARN
								 : ROLE_TEXT,
		words);
}

static void write_data(struct pen *p, const struct etcd_member *m, const struct limits *l)
{
	char latency[SHOW_SIZE];

	pen_section(p, _("Database"));
	write_bar(p, _("Size"), m->db_bytes, m->quota_bytes, _("quota"));
	write_bar(p, _("In use"), m->db_used_bytes, m->quota_bytes, _("quota"));
	pair_number(p, _("Revision"), m->rolled_back ? ROLE_BAD : ROLE_TEXT, m->revision);
	pen_pair(p, _("fsync p99"),
		limit_is_slow(m->fsync_p99_us, l->etcd_fsync_ms) ? ROLE_WARN : ROLE_TEXT, "%s",
		show_latency(m->fsync_p99_us, latency, sizeof(latency)));
	if (m->kv_hash != 0)
		pen_pair(p, _("Hash"), ROLE_TEXT, _("%08x at revision %lld"), m->kv_hash,
			(long long)m->hash_revision);
}

static void write_raft(struct pen *p, const struct etcd_member *m, const struct snapshot *s)
{
	const struct etcd_state *e = &s->etcd;
	const char *leader = NULL;

	for (size_t i = 0; i < e->n; i++)
		if (e->members[i].id != 0 && e->members[i].id == m->leader_id)
			leader = e->members[i].name;
	pen_section(p, _("Raft"));
	pen_pair(p, _("Term"), ROLE_TEXT, "%" PRIu64, m->raft_term);
	pair_number(p, _("Lag"), m->lag >= s->limits.etcd_lag ? ROLE_WARN : ROLE_TEXT, m->lag);
	pen_pair(p, _("Index"), ROLE_TEXT, "%" PRIu64, m->raft_index);
	pen_pair(p, _("Applied"), ROLE_TEXT, "%" PRIu64, m->raft_applied);
	if (m->leader_id == 0)
		pen_pair(p, _("Follows"), ROLE_BAD, "%s", _("no leader"));
	else if (leader != NULL)
		pen_pair(p, _("Follows"), ROLE_TEXT, "%s", leader);
	else
		pen_pair(p, _("Follows"), ROLE_TEXT, "%" PRIx64, m->leader_id);
	pair_number(p, _("Leader changes"), ROLE_TEXT, m->leader_changes);
}

static void write_cluster(struct pen *p, const struct etcd_state *e)
{
	static const char *const words[] = {[ETCD_QUORUM_UNKNOWN] = N_("unknown"),
		[ETCD_QUORUM_OK] = N_("ok"),
		[ETCD_QUORUM_LOST] = N_("LOST")};
	char latency[SHOW_SIZE];

	pen_section(p, _("Cluster"));
	pen_pair(p, _("Quorum"), e->quorum == ETCD_QUORUM_OK ? ROLE_OK : ROLE_BAD,
		_("%s: %d of %d healthy, needs %d"), gettext(words[e->quorum]), e->healthy_voters,
		e->voters, e->quorum_size);
	pen_pair(p, _("May lose"), ROLE_TEXT, "%d", e->may_lose);
	if (e->read_us >= 0)
		pen_pair(p, _("Quorum read"), ROLE_TEXT, "%s",
			show_latency(e->read_us, latency, sizeof(latency)));
	else if (e->read_error[0] != '\0')
		pen_wide_pair(p, _("Quorum read"), ROLE_BAD, gettext(e->read_error));
	if (e->split)
		pen_text(p, ROLE_BAD,
			_("Split brain: the members do not agree on one cluster or one leader."));
	if (e->corrupt)
		pen_text(p, ROLE_BAD,
			_("Corrupt: members at the same revision have different data."));
}

static void write_page(struct pen *p, void *context)
{
	const struct detail_page *page = context;
	const struct etcd_member *m = member_of(page->snapshot, page->state);

	if (m == NULL) {
		pen_text(p, ROLE_WARN, _("The etcd cluster has no such member any more."));
		return;
	}
	write_health(p, m, page);
	write_data(p, m, &page->snapshot->limits);
	write_raft(p, m, page->snapshot);
	write_names(p, m);
	write_cluster(p, &page->snapshot->etcd);
}

static void member_head(void *state, const struct snapshot *s, const struct view_look *look,
	char *dst, size_t size, enum role *role)
{
	const struct detail *d = state;
	const struct etcd_member *m = member_of(s, d);
	char text[80];

	str_copy(dst, size, d->args.name);
	*role = ROLE_WARN;
	if (m != NULL) {
		*role = member_health(m, look->now, text, sizeof(text));
		*role = *role == ROLE_OK ? ROLE_DIM : *role;
		snprintf(dst, size, "%s %s", m->name[0] != '\0' ? m->name : m->address, text);
	}
	fresh_head(&s->sources[SOURCE_ETCD], look->now, dst, size, role);
}

static const struct page_view page = {.write = write_page};

const struct view_ops view_member_detail = {
	.name = "etcd-member",
	.title = N_("etcd member"),
	.head = member_head,
	PAGE_VIEW(&page),
	.act = detail_act,
	.actions = detail_actions,
};
