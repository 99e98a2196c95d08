/* etcd's answers. nanopb reads the protobuf into structs of fixed size (the ceilings stand in
 * io/proto/etcd.options); what the console wants of them is copied out, with every text made
 * safe, since a member's name and errors come from whoever answers on that port. */
#include "cluster/etcd_decode.h"

#include <pb_decode.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "io/json_pull.h"
#include "io/proto/etcd.pb.h"

static void copy_safe(char *dst, size_t size, const char *src)
{
	text_safe(dst, size, src, strlen(src));
}

static int decode(const pb_msgdesc_t *what, void *message, const char *name,
	const unsigned char *bytes, size_t n, struct err *e)
{
	pb_istream_t in = pb_istream_from_buffer(bytes, n);

	if (pb_decode(&in, what, message))
		return 0;
	return err_set(
		e, ERR_INPUT, _("etcd's answer to %s is malformed: %s"), name, PB_GET_ERROR(&in));
}

static void join_errors(const etcdserverpb_StatusResponse *m, char *dst, size_t size)
{
	size_t used = 0;

	for (pb_size_t i = 0; i < m->errors_count && used + 3 < size; i++) {
		if (i > 0)
			used += text_safe(dst + used, size - used, "; ", 2);
		used += text_safe(dst + used, size - used, m->errors[i], strlen(m->errors[i]));
	}
}

int etcd_status_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e)
{
	struct etcd_status_answer *out = &answer->status;
	etcdserverpb_StatusResponse *m = mem_new(etcdserverpb_StatusResponse);
	int rc = decode(etcdserverpb_StatusResponse_fields, m, "Status", bytes, n, e);

	*out = (struct etcd_status_answer){
		.revision = -1, .db_bytes = -1, .db_used_bytes = -1, .quota_bytes = -1};
	if (rc != 0)
		goto out;
	out->cluster_id = m->header.cluster_id;
	out->member_id = m->header.member_id;
	out->leader_id = m->leader;
	out->raft_term = m->raftTerm;
	out->raft_index = m->raftIndex;
	out->raft_applied = m->raftAppliedIndex;
	out->revision = m->header.revision > 0 ? m->header.revision : -1;
	/* proto3 leaves zeros out, and an older server does not send these at all. */
	out->db_bytes = m->dbSize > 0 ? m->dbSize : -1;
	out->db_used_bytes = m->dbSizeInUse > 0 ? m->dbSizeInUse : -1;
	out->quota_bytes = m->dbSizeQuota > 0 ? m->dbSizeQuota : -1;
	out->learner = m->isLearner;
	copy_safe(out->version, sizeof(out->version), m->version);
	join_errors(m, out->errors, sizeof(out->errors));
out:
	free(m);
	return rc;
}

int etcd_members_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e)
{
	struct etcd_members_answer *out = &answer->members;
	etcdserverpb_MemberListResponse *m = mem_new(etcdserverpb_MemberListResponse);
	int rc = decode(etcdserverpb_MemberListResponse_fields, m, "MemberList", bytes, n, e);

	memset(out, 0, sizeof(*out));
	if (rc != 0)
		goto out;
	out->cluster_id = m->header.cluster_id;
	for (; out->n < m->members_count && out->n < ETCD_MAX_MEMBERS; out->n++) {
		const etcdserverpb_Member *from = &m->members[out->n];

		out->members[out->n].id = from->ID;
		out->members[out->n].learner = from->isLearner;
		copy_safe(out->members[out->n].name, sizeof(out->members[0].name), from->name);
		copy_safe(out->members[out->n].peer_url, sizeof(out->members[0].peer_url),
			from->peerURLs[0]);
		copy_safe(out->members[out->n].client_url, sizeof(out->members[0].client_url),
			from->clientURLs[0]);
	}
out:
	free(m);
	return rc;
}

/* One row per member, its alarms or'ed; kinds this version does not know are left to the status's
 * errors. */
static void add_alarm(struct etcd_alarms_answer *out, uint64_t member, unsigned alarm)
{
	size_t i = 0;

	if (alarm != ETCD_ALARM_NOSPACE && alarm != ETCD_ALARM_CORRUPT)
		return;
	while (i < out->n && out->alarms[i].member != member)
		i++;
	if (i == ETCD_MAX_MEMBERS)
		return;
	if (i == out->n)
		out->n++;
	out->alarms[i].member = member;
	out->alarms[i].alarm |= alarm;
}

int etcd_alarms_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e)
{
	struct etcd_alarms_answer *out = &answer->alarms;
	etcdserverpb_AlarmResponse m = etcdserverpb_AlarmResponse_init_zero;

	memset(out, 0, sizeof(*out));
	if (decode(etcdserverpb_AlarmResponse_fields, &m, "Alarm", bytes, n, e) != 0)
		return -1;
	for (pb_size_t i = 0; i < m.alarms_count; i++)
		add_alarm(out, m.alarms[i].memberID, (unsigned)m.alarms[i].alarm);
	return 0;
}

int etcd_hash_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e)
{
	struct etcd_hash_answer *out = &answer->hash;
	etcdserverpb_HashKVResponse m = etcdserverpb_HashKVResponse_init_zero;

	memset(out, 0, sizeof(*out));
	if (decode(etcdserverpb_HashKVResponse_fields, &m, "HashKV", bytes, n, e) != 0)
		return -1;
	out->member_id = m.header.member_id;
	out->revision = m.hash_revision > 0 ? m.hash_revision : m.header.revision;
	out->compact_revision = m.compact_revision;
	out->hash = m.hash;
	return 0;
}

int etcd_range_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e)
{
	etcdserverpb_RangeResponse m = etcdserverpb_RangeResponse_init_zero;

	answer->revision = -1;
	if (decode(etcdserverpb_RangeResponse_fields, &m, "Range", bytes, n, e) != 0)
		return -1;
	answer->revision = m.header.revision;
	return 0;
}

/* One of the peer port's list, as it stands in its text. Ids are numbers, half of them past int64.
 */
struct peer_member {
	struct json_span id, name, url, peer_url, client_url;
	bool learner;
};

/* Of several URLs the first is kept. */
static void keep_peer_url(void *into)
{
	struct peer_member *m = into;

	if (m->peer_url.at == NULL)
		m->peer_url = m->url;
}

static void keep_client_url(void *into)
{
	struct peer_member *m = into;

	if (m->client_url.at == NULL)
		m->client_url = m->url;
}

static const struct field peer_fields[] = {
	FIELD(RAW, "id", 0, struct peer_member, id),
	FIELD(STR, "name", 0, struct peer_member, name),
	FIELD(BOOL, "isLearner", 0, struct peer_member, learner),
	FIELD_EACH("peerURLs", 0, struct peer_member, url, NULL, keep_peer_url),
	FIELD_EACH("clientURLs", 0, struct peer_member, url, NULL, keep_client_url),
	FIELDS_END,
};

static void copy_span(char *dst, size_t size, struct json_span s)
{
	char text[512];

	json_span_copy(s, text, sizeof(text));
	copy_safe(dst, size, text);
}

static void add_peer_member(struct etcd_members_answer *out, const struct peer_member *from)
{
	char digits[24];
	uint64_t id;
	size_t n = json_span_copy(from->id, digits, sizeof(digits));

	if (out->n == ETCD_MAX_MEMBERS || n < from->id.n || !str_u64(digits, &id) || id == 0)
		return;
	out->members[out->n].id = id;
	out->members[out->n].learner = from->learner;
	copy_span(out->members[out->n].name, sizeof(out->members[0].name), from->name);
	copy_span(out->members[out->n].peer_url, sizeof(out->members[0].peer_url), from->peer_url);
	copy_span(out->members[out->n].client_url, sizeof(out->members[0].client_url),
		from->client_url);
	out->n++;
}

int etcd_peer_members_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e)
{
	struct etcd_members_answer *out = &answer->members;
	struct json_pull p;

	memset(out, 0, sizeof(*out));
	json_pull_init(&p, (const char *)bytes, n);
	if (json_pull_array(&p)) {
		while (json_pull_element(&p)) {
			struct peer_member m = {.learner = false};

			if (json_pull_fields(&p, peer_fields, &m))
				add_peer_member(out, &m);
		}
	}
	if (json_pull_end(&p, e) != 0) {
		memset(out, 0, sizeof(*out));
		return err_in(e, _("etcd's list of members"));
	}
	return out->n > 0 ? 0 : err_set(e, ERR_INPUT, _("etcd's list of members names none"));
}
