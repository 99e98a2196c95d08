/* etcd's gRPC API and its few plain paths, answered by one member from what raft
 * lets it know. What needs the leader fails after etcd's own seven seconds without
 * one; what is local (status, hash, a serializable read) is answered all the same. */
#include <pb_decode.h>
#include <pb_encode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/fake/fake_etcd.h"
#include "drill/world/raft.h"
#include "io/json.h"
#include "io/proto/etcd.pb.h"

#define PB(name) etcdserverpb_##name
enum {
	ETCD_TIMEOUT_MS = 7000,
	GRPC_UNAVAILABLE = 14,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_PRECONDITION = 9,
	GRPC_NOT_FOUND = 5,
	GRPC_INVALID = 3,
	DB_BASE = 24 << 20
};
#define QUOTA 2147483648LL

struct ask {
	struct member_port *port;
	struct exchange *x;
	const uint8_t *message;
	size_t n;
};

static void refuse(struct exchange *x, int code, const char *message)
{
	exchange_head(x, 200, "application/grpc");
	exchange_end_grpc(x, code, message);
}

static void answer(struct exchange *x, const pb_msgdesc_t *fields, const void *message)
{
	size_t n = 0;
	uint8_t *frame;
	pb_ostream_t out;

	if (!pb_get_encoded_size(&n, fields, message)) {
		refuse(x, 13, "cannot encode");
		return;
	}
	frame = mem_zero(n + 5, 1);
	out = pb_ostream_from_buffer(frame + 5, n);
	pb_encode(&out, fields, message);
	frame[1] = (uint8_t)(n >> 24);
	frame[2] = (uint8_t)(n >> 16);
	frame[3] = (uint8_t)(n >> 8);
	frame[4] = (uint8_t)n;
	exchange_head(x, 200, "application/grpc");
	if (exchange_send(x, frame, n + 5) == 0)
		exchange_end_grpc(x, 0, NULL);
	else
		exchange_reset(x);
	free(frame);
}

static bool decode(const struct ask *a, const pb_msgdesc_t *fields, void *message)
{
	pb_istream_t in = pb_istream_from_buffer(a->message, a->n);

	return pb_decode(&in, fields, message);
}

static const struct member *self(const struct ask *a)
{
	return &a->port->world->raft->members[a->port->master];
}

static void timed_out(struct exchange *x)
{
	refuse(x, GRPC_UNAVAILABLE, "etcdserver: request timed out");
}

/* True (and answered later) when there is no leader to ask. */
static bool leaderless(const struct ask *a)
{
	struct world *w = a->port->world;

	if (raft_has_leader(w, a->port->master))
		return false;
	exchange_later(a->x, world_ms(w, ETCD_TIMEOUT_MS), timed_out);
	return true;
}

static PB(ResponseHeader) header(const struct ask *a)
{
	const struct raft *r = a->port->world->raft;
	PB(ResponseHeader)
	h = {r->cluster_id, self(a)->id, (int64_t)self(a)->revision, self(a)->term};

	return h;
}

static int64_t db_in_use(const struct ask *a)
{
	return (int64_t)store_bytes(a->port->world->store) * 3 + (9 << 20);
}

static int64_t db_size(const struct ask *a)
{
	int64_t size =
		DB_BASE + (int64_t)(self(a)->index % 4096) * 512 - self(a)->defragmented_bytes;

	return size > db_in_use(a) ? size : db_in_use(a);
}

/* ---- maintenance ---- */

static void status(const struct ask *a)
{
	const struct raft *r = a->port->world->raft;
	bool led = raft_has_leader(a->port->world, a->port->master);
	PB(StatusResponse) *s = mem_new(PB(StatusResponse));

	s->has_header = true;
	s->header = header(a);
	str_copy(s->version, sizeof(s->version), WORLD_ETCD_VERSION);
	str_copy(s->storageVersion, sizeof(s->storageVersion), "3.6.0");
	s->dbSize = db_size(a);
	s->dbSizeInUse = db_in_use(a);
	s->dbSizeQuota = QUOTA;
	s->leader = led ? r->members[r->leader].id : 0;
	s->raftIndex = self(a)->index;
	s->raftAppliedIndex = self(a)->index;
	s->raftTerm = self(a)->term;
	s->isLearner = self(a)->learner;
	if (!led)
		str_copy(s->errors[s->errors_count++], sizeof(s->errors[0]),
			"etcdserver: no leader");
	for (int i = 0; i < WORLD_MASTERS; i++)
		if (r->members[i].alarm != 0)
			snprintf(s->errors[s->errors_count++], sizeof(s->errors[0]),
				"memberID:%llu alarm:%s ", (unsigned long long)r->members[i].id,
				r->members[i].alarm == 1 ? "NOSPACE" : "CORRUPT");
	answer(a->x, PB(StatusResponse_fields), s);
	free(s);
}

static void alarm(const struct ask *a)
{
	struct raft *r = a->port->world->raft;
	PB(AlarmRequest) q = PB(AlarmRequest_init_zero);
	PB(AlarmResponse) * s;

	if (!decode(a, PB(AlarmRequest_fields), &q)) {
		refuse(a->x, GRPC_INVALID, "bad request");
		return;
	}
	if (leaderless(a))
		return;
	s = mem_new(PB(AlarmResponse));
	s->has_header = true;
	s->header = header(a);
	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct member *m = &r->members[i];

		if (!m->listed || (q.memberID != 0 && q.memberID != m->id))
			continue;
		if (q.action == PB(AlarmAction_ACTIVATE))
			m->alarm = q.alarm;
		if (m->alarm != 0) {
			s->alarms[s->alarms_count].memberID = m->id;
			s->alarms[s->alarms_count++].alarm = (PB(AlarmType))m->alarm;
		}
		if (q.action == PB(AlarmAction_DEACTIVATE))
			m->alarm = 0;
	}
	answer(a->x, PB(AlarmResponse_fields), s);
	free(s);
}

/* Of what the asked member holds at a revision. */
static uint32_t hash_of(const struct ask *a, uint64_t revision)
{
	bool differs = a->port->world->machines[a->port->master].differs;
	uint32_t h = differs ? 84696351u : 2166136261u;

	for (int i = 0; i < 8; i++)
		h = (h ^ (uint32_t)((revision >> (8 * i)) & 0xff)) * 16777619u;
	return h;
}

static void hash_kv(const struct ask *a)
{
	PB(HashKVRequest) q = PB(HashKVRequest_init_zero);
	PB(HashKVResponse) s = PB(HashKVResponse_init_zero);

	if (!decode(a, PB(HashKVRequest_fields), &q) || q.revision < 0 ||
		(uint64_t)q.revision > self(a)->revision) {
		refuse(a->x, 11, "etcdserver: mvcc: required revision is a future revision");
		return;
	}
	s.has_header = true;
	s.header = header(a);
	s.hash_revision = q.revision != 0 ? q.revision : (int64_t)self(a)->revision;
	s.hash = hash_of(a, (uint64_t)s.hash_revision);
	s.compact_revision = s.hash_revision - 900;
	answer(a->x, PB(HashKVResponse_fields), &s);
}

static void hash(const struct ask *a)
{
	PB(HashResponse) s = PB(HashResponse_init_zero);

	s.has_header = true;
	s.header = header(a);
	s.hash = hash_of(a, self(a)->revision);
	answer(a->x, PB(HashResponse_fields), &s);
}

static void defragment(const struct ask *a)
{
	struct member *m = &a->port->world->raft->members[a->port->master];
	PB(DefragmentResponse) s = PB(DefragmentResponse_init_zero);

	m->defragmented_bytes += db_size(a) - db_in_use(a);
	s.has_header = true;
	s.header = header(a);
	answer(a->x, PB(DefragmentResponse_fields), &s);
}

static void move_leader(const struct ask *a)
{
	struct raft *r = a->port->world->raft;
	PB(MoveLeaderRequest) q = PB(MoveLeaderRequest_init_zero);
	PB(MoveLeaderResponse) s = PB(MoveLeaderResponse_init_zero);
	int to = decode(a, PB(MoveLeaderRequest_fields), &q) ? raft_by_id(r, q.targetID) : -1;

	if (leaderless(a))
		return;
	if (r->leader != a->port->master || to < 0 || !raft_has_leader(a->port->world, to)) {
		refuse(a->x, GRPC_PRECONDITION,
			to < 0 ? "etcdserver: bad leader transferee" : "etcdserver: not leader");
		return;
	}
	r->leader = to;
	r->term++;
	s.has_header = true;
	s.header = header(a);
	answer(a->x, PB(MoveLeaderResponse_fields), &s);
}

/* ---- key-values: no more than a health check reads and a write costs ---- */

static void range(const struct ask *a)
{
	PB(RangeRequest) q = PB(RangeRequest_init_zero);
	PB(RangeResponse) s = PB(RangeResponse_init_zero);

	if (!decode(a, PB(RangeRequest_fields), &q)) {
		refuse(a->x, GRPC_INVALID, "bad request");
		return;
	}
	if (!q.serializable && leaderless(a))
		return;
	s.has_header = true;
	s.header = header(a);
	answer(a->x, PB(RangeResponse_fields), &s);
}

static void put(const struct ask *a)
{
	PB(PutResponse) s = PB(PutResponse_init_zero);

	if (leaderless(a))
		return;
	store_touch(a->port->world->store);
	raft_wrote(a->port->world);
	s.has_header = true;
	s.header = header(a);
	answer(a->x, PB(PutResponse_fields), &s);
}

/* ---- members ---- */

static void member_text(const struct world *w, int i, PB(Member) * m)
{
	const struct member *from = &w->raft->members[i];

	m->ID = from->id;
	m->isLearner = from->learner;
	m->peerURLs_count = 1;
	snprintf(m->peerURLs[0], sizeof(m->peerURLs[0]), "https://%s:%d", w->machines[i].address,
		w->peer_port);
	/* One that was added and never started has told neither its name nor its client URL. */
	if (!from->joined && from->learner)
		return;
	str_copy(m->name, sizeof(m->name), w->machines[i].name);
	m->clientURLs_count = 1;
	snprintf(m->clientURLs[0], sizeof(m->clientURLs[0]), "https://%s:%d",
		w->machines[i].address, w->client_port);
}

static pb_size_t members_text(const struct world *w, PB(Member) * to)
{
	pb_size_t n = 0;

	for (int i = 0; i < WORLD_MASTERS; i++)
		if (w->raft->members[i].listed)
			member_text(w, i, &to[n++]);
	return n;
}

static void member_list(const struct ask *a)
{
	PB(MemberListRequest) q = PB(MemberListRequest_init_zero);
	PB(MemberListResponse) * s;

	if (!decode(a, PB(MemberListRequest_fields), &q)) {
		refuse(a->x, GRPC_INVALID, "bad request");
		return;
	}
	if (q.linearizable && leaderless(a))
		return;
	s = mem_new(PB(MemberListResponse));
	s->has_header = true;
	s->header = header(a);
	s->members_count = members_text(a->port->world, s->members);
	answer(a->x, PB(MemberListResponse_fields), s);
	free(s);
}

static void member_remove(const struct ask *a)
{
	struct world *w = a->port->world;
	PB(MemberRemoveRequest) q = PB(MemberRemoveRequest_init_zero);
	PB(MemberRemoveResponse) * s;
	int i = decode(a, PB(MemberRemoveRequest_fields), &q) ? raft_by_id(w->raft, q.ID) : -1;

	if (leaderless(a))
		return;
	if (i < 0) {
		refuse(a->x, GRPC_NOT_FOUND, "etcdserver: member not found");
		return;
	}
	raft_remove(w, i);
	s = mem_new(PB(MemberRemoveResponse));
	s->has_header = true;
	s->header = header(a);
	s->members_count = members_text(w, s->members);
	answer(a->x, PB(MemberRemoveResponse_fields), s);
	free(s);
}

static void member_add(const struct ask *a)
{
	struct world *w = a->port->world;
	PB(MemberAddRequest) *q = mem_new(PB(MemberAddRequest));
	PB(MemberAddResponse) *s = NULL;
	int i;

	if (!decode(a, PB(MemberAddRequest_fields), q) || q->peerURLs_count < 1) {
		refuse(a->x, GRPC_INVALID, "etcdserver: given member URLs are invalid");
	} else if (leaderless(a)) {
		;
	} else if ((i = raft_add(w, q->peerURLs[0], q->isLearner)) < 0) {
		refuse(a->x, GRPC_PRECONDITION, "etcdserver: Peer URLs already exists");
	} else {
		s = mem_new(PB(MemberAddResponse));
		s->has_header = s->has_member = true;
		s->header = header(a);
		member_text(w, i, &s->member);
		s->members_count = members_text(w, s->members);
		answer(a->x, PB(MemberAddResponse_fields), s);
	}
	free(s);
	free(q);
}

static void member_promote(const struct ask *a)
{
	struct world *w = a->port->world;
	PB(MemberPromoteRequest) q = PB(MemberPromoteRequest_init_zero);
	PB(MemberPromoteResponse) * s;
	int i = decode(a, PB(MemberPromoteRequest_fields), &q) ? raft_by_id(w->raft, q.ID) : -1;

	if (leaderless(a))
		return;
	if (i < 0) {
		refuse(a->x, GRPC_NOT_FOUND, "etcdserver: member not found");
		return;
	}
	if (raft_promote(w, i) != 0) {
		refuse(a->x, GRPC_PRECONDITION,
			w->raft->members[i].learner
				? "etcdserver: can only promote a learner member which is in sync "
				  "with leader"
				: "etcdserver: can only promote a learner member");
		return;
	}
	s = mem_new(PB(MemberPromoteResponse));
	s->has_header = true;
	s->header = header(a);
	s->members_count = members_text(w, s->members);
	answer(a->x, PB(MemberPromoteResponse_fields), s);
	free(s);
}

/* ---- the ports ---- */

static const struct {
	const char *path;
	void (*fn)(const struct ask *a);
	bool learner; /* a learner answers it too */
} methods[] = {
	{"/etcdserverpb.Maintenance/Status", status, true},
	{"/etcdserverpb.Maintenance/Alarm", alarm, false},
	{"/etcdserverpb.Maintenance/Hash", hash, true},
	{"/etcdserverpb.Maintenance/HashKV", hash_kv, true},
	{"/etcdserverpb.Maintenance/Defragment", defragment, true},
	{"/etcdserverpb.Maintenance/MoveLeader", move_leader, false},
	{"/etcdserverpb.KV/Range", range, true},
	{"/etcdserverpb.KV/Put", put, false},
	{"/etcdserverpb.Cluster/MemberList", member_list, false},
	{"/etcdserverpb.Cluster/MemberAdd", member_add, false},
	{"/etcdserverpb.Cluster/MemberRemove", member_remove, false},
	{"/etcdserverpb.Cluster/MemberPromote", member_promote, false},
};

static void grpc_handle(struct member_port *port, struct exchange *x)
{
	struct ask a = {.port = port, .x = x};
	size_t n;
	const char *body = exchange_body(x, &n);

	if (n < 5 || body[0] != 0) {
		refuse(x, 13, "no uncompressed gRPC frame");
		return;
	}
	a.message = (const uint8_t *)body + 5;
	a.n = n - 5;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (strcmp(exchange_path(x), methods[i].path) != 0)
			continue;
		if (self(&a)->learner && !methods[i].learner)
			refuse(x, GRPC_UNAVAILABLE, "etcdserver: rpc not supported for learner");
		else
			methods[i].fn(&a);
		return;
	}
	refuse(x, GRPC_UNIMPLEMENTED, "unknown method");
}

static void reply_text(struct exchange *x, int code, const char *type, const char *text)
{
	exchange_reply(x, code, type, text, strlen(text));
}

static void plain_handle(struct member_port *port, struct exchange *x)
{
	const char *path = exchange_path(x);
	bool led = raft_has_leader(port->world, port->master);
	struct buf out;

	if (strcmp(path, "/health") == 0) {
		reply_text(x, led ? 200 : 503, "application/json",
			led ? "{\"health\":\"true\",\"reason\":\"\"}"
			    : "{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}");
	} else if (strcmp(path, "/livez") == 0 || strcmp(path, "/readyz") == 0) {
		reply_text(x, led || path[1] == 'l' ? 200 : 503, "text/plain",
			led || path[1] == 'l' ? "ok" : "not ready");
	} else if (strcmp(path, "/version") == 0) {
		reply_text(x, 200, "application/json",
			"{\"etcdserver\":\"" WORLD_ETCD_VERSION
			"\",\"etcdcluster\":\"3.6.0\",\"storage\":\"3.6.0\"}");
	} else if (strcmp(path, "/metrics") == 0) {
		buf_init(&out, 1 << 16);
		etcd_metrics(port->world, port->master, &out);
		exchange_reply(x, 200, "text/plain; version=0.0.4", buf_text(&out), out.len);
		buf_done(&out);
	} else {
		reply_text(x, 404, "text/plain; charset=utf-8", "404 page not found\n");
	}
}

void etcd_handle(void *member_port, struct exchange *x)
{
	const struct member_port *port = member_port;
	const struct hostile_row *row = port->world->machines[port->master].etcd_answers;

	if (row != NULL)
		hostile_answer(row, x);
	else if (str_starts(exchange_header(x, "content-type"), "application/grpc"))
		grpc_handle(member_port, x);
	else
		plain_handle(member_port, x);
}

void etcd_peer_handle(void *member_port, struct exchange *x)
{
	const struct member_port *port = member_port;
	const struct world *w = port->world;
	struct buf out;
	char id[20];

	if (w->machines[port->master].etcd_answers != NULL) {
		hostile_answer(w->machines[port->master].etcd_answers, x);
		return;
	}
	if (strcmp(exchange_path(x), "/members") != 0) {
		reply_text(x, 404, "text/plain; charset=utf-8", "404 page not found\n");
		return;
	}
	buf_init(&out, 1 << 16);
	for (int i = 0; i < WORLD_MASTERS; i++)
		if (w->raft->members[i].listed)
			buf_fmt(&out,
				"%c{\"id\":%llu,\"peerURLs\":[\"https://"
				"%s:%d\"],\"name\":\"%s\",\"clientURLs\":[\"https://%s:%d\"]%s}",
				out.len == 0 ? '[' : ',',
				(unsigned long long)w->raft->members[i].id, w->machines[i].address,
				w->peer_port, w->machines[i].name, w->machines[i].address,
				w->client_port,
				w->raft->members[i].learner ? ",\"isLearner\":true" : "");
	buf_puts(&out, "]\n");
	snprintf(id, sizeof(id), "%llx", (unsigned long long)w->raft->cluster_id);
	exchange_add_header(x, "x-etcd-cluster-id", id);
	exchange_reply(x, 200, "application/json", buf_text(&out), out.len);
	buf_done(&out);
}

/* ---- metrics ---- */

static void histogram(struct buf *out, const char *name, uint64_t n)
{
	static const struct {
		const char *le;
		int per_mille;
	} buckets[] = {{"0.001", 410}, {"0.002", 803}, {"0.004", 958}, {"0.008", 991},
		{"0.016", 998}, {"0.032", 1000}, {"+Inf", 1000}};

	buf_fmt(out, "# TYPE %s histogram\n", name);
	for (size_t i = 0; i < sizeof(buckets) / sizeof(*buckets); i++)
		buf_fmt(out, "%s_bucket{le=\"%s\"} %llu\n", name, buckets[i].le,
			(unsigned long long)(n * (uint64_t)buckets[i].per_mille / 1000));
	buf_fmt(out, "%s_sum %.6f\n%s_count %llu\n", name, (double)n * 0.0017, name,
		(unsigned long long)n);
}

void etcd_metrics(const struct world *w, int master, struct buf *out)
{
	const struct member *m = &w->raft->members[master];
	int64_t used = (int64_t)store_bytes(w->store) * 3 + (9 << 20);

	buf_fmt(out, "# TYPE etcd_server_has_leader gauge\netcd_server_has_leader %d\n",
		raft_has_leader(w, master));
	buf_fmt(out, "# TYPE etcd_server_is_leader gauge\netcd_server_is_leader %d\n",
		w->raft->leader == master);
	buf_fmt(out,
		"# TYPE etcd_server_leader_changes_seen_total "
		"counter\netcd_server_leader_changes_seen_total %d\n",
		m->leader_changes);
	buf_fmt(out,
		"# TYPE etcd_server_quota_backend_bytes gauge\netcd_server_quota_backend_bytes "
		"%lld\n",
		QUOTA);
	buf_fmt(out,
		"# TYPE etcd_mvcc_db_total_size_in_bytes gauge\netcd_mvcc_db_total_size_in_bytes "
		"%lld\n",
		(long long)(DB_BASE + (int64_t)(m->index % 4096) * 512 - m->defragmented_bytes));
	buf_fmt(out,
		"# TYPE etcd_mvcc_db_total_size_in_use_in_bytes "
		"gauge\netcd_mvcc_db_total_size_in_use_in_bytes %lld\n",
		(long long)used);
	histogram(out, "etcd_disk_wal_fsync_duration_seconds", m->index);
	histogram(out, "etcd_disk_backend_commit_duration_seconds", m->index / 3);
}
