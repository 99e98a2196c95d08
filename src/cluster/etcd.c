/* etcd's API, asked member by member. Every question is the same walk: start it, decode the one
 * answer, tell the caller once. What differs is a row: path, request and decoder. The rows without
 * a message in protobuf are plain HTTP: metrics, and the peer port, which is what still answers
 * while a member waits for its quorum. */
#include "cluster/etcd.h"

#include <pb_encode.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/etcd_decode.h"
#include "io/grpc.h"
#include "io/proto/etcd.pb.h"

enum { REQUEST_MAX = 512, PLAIN_ANSWER_MAX = 4 << 20, GRPC_PERMISSION_DENIED = 7 };

union request {
	etcdserverpb_StatusRequest status;
	etcdserverpb_MemberListRequest members;
	etcdserverpb_AlarmRequest alarms;
	etcdserverpb_HashKVRequest hash;
	etcdserverpb_RangeRequest range;
};

static int decode_metrics(
	const unsigned char *bytes, size_t n, struct etcd_answer *out, struct err *e)
{
	(void)e;
	etcd_metrics_parse((const char *)bytes, n, &out->metrics);
	return 0;
}

static const struct ask_kind {
	const char *path;
	int (*decode)(const unsigned char *bytes, size_t n, struct etcd_answer *out, struct err *e);
	const pb_msgdesc_t *fields; /* of the request; NULL: asked by a plain GET */
	union request request;
	enum http_version version; /* of the plain GET */
} kinds[] = {
	[ETCD_STATUS] = {"/etcdserverpb.Maintenance/Status", etcd_status_decode,
		etcdserverpb_StatusRequest_fields, {.status = etcdserverpb_StatusRequest_init_zero},
		HTTP_V2},
	[ETCD_MEMBERS] = {"/etcdserverpb.Cluster/MemberList", etcd_members_decode,
		etcdserverpb_MemberListRequest_fields, {.members = {.linearizable = true}},
		HTTP_V2},
	[ETCD_ALARMS] = {"/etcdserverpb.Maintenance/Alarm", etcd_alarms_decode,
		etcdserverpb_AlarmRequest_fields,
		{.alarms = {.action = etcdserverpb_AlarmAction_GET}}, HTTP_V2},
	[ETCD_HASH] = {"/etcdserverpb.Maintenance/HashKV", etcd_hash_decode,
		etcdserverpb_HashKVRequest_fields, {.hash = {.revision = 0}}, HTTP_V2},
	[ETCD_READ] = {"/etcdserverpb.KV/Range", etcd_range_decode,
		etcdserverpb_RangeRequest_fields,
		{.range = {.key = {6, "health"}, .count_only = true}}, HTTP_V2},
	[ETCD_PEER] = {.path = "/members", .decode = etcd_peer_members_decode, .version = HTTP_V1},
	[ETCD_METRICS] = {.path = "/metrics", .decode = decode_metrics, .version = HTTP_V2},
};

struct ask {
	const struct ask_kind *kind;
	etcd_done done;
	void *arg;
	int64_t revision; /* the one asked to be hashed; 0: the newest */
	bool answered;
	struct err bad;  /* the answer's own fault: malformed, or more than one */
	struct buf text; /* a plain GET's */
	struct etcd_answer answer;
};

static void decode(struct ask *a, const unsigned char *bytes, size_t n)
{
	a->kind->decode(bytes, n, &a->answer, &a->bad);
	if (a->answer.what == ETCD_HASH && a->revision > 0)
		a->answer.hash.revision = a->revision; /* before 3.6 it is not said which */
}

/* With RBAC on, "permission denied" is said after consensus was reached: etcdctl, too, calls that
 * healthy. */
static bool is_refused_read(
	const struct ask *a, const struct err *err, const struct http_result *result)
{
	return a->answer.what == ETCD_READ && err->code == ERR_AUTH &&
	       result->grpc_status == GRPC_PERMISSION_DENIED;
}

/* Tells the caller and frees a. */
static void ask_end(struct ask *a, const struct err *err, const struct http_result *result)
{
	static const struct err none;
	struct err said = *err;

	if (a->bad.code != ERR_NONE)
		said = a->bad;
	else if (said.code == ERR_NONE && !a->answered)
		err_set(&said, ERR_INPUT, _("etcd ended %s without an answer"), a->kind->path);
	if (is_refused_read(a, &said, result)) {
		said = none;
		a->answer.revision = -1;
	}
	a->done(a->arg, &said, result, &a->answer);
	buf_done(&a->text);
	free(a);
}

static int ask_message(void *arg, const unsigned char *bytes, size_t n)
{
	struct ask *a = arg;

	if (a->answered)
		return err_set(&a->bad, ERR_INPUT, _("etcd answered %s twice"), a->kind->path);
	a->answered = true;
	decode(a, bytes, n);
	return a->bad.code == ERR_NONE ? 0 : -1;
}

static void ask_done(void *arg, const struct err *err, const struct http_result *result)
{
	ask_end(arg, err, result);
}

/* url without slashes at its end: paths are added to it. New. */
static char *base_url(const char *url)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	return mem_dup(url, n);
}

static uint64_t ask_grpc(struct http *h, struct http_request *r, struct ask *a)
{
	static const struct grpc_calls calls = {.message = ask_message, .done = ask_done};
	unsigned char room[REQUEST_MAX];
	pb_ostream_t out = pb_ostream_from_buffer(room, sizeof(room));
	struct grpc_request call = {.to = r, .path = a->kind->path, .message = room};
	union request m = a->kind->request;

	if (a->answer.what == ETCD_HASH)
		m.hash.revision = a->revision;
	if (!pb_encode(&out, a->kind->fields, &m))
		err_set(&a->bad, ERR_LIMIT, _("the request %s is too large"), a->kind->path);
	call.n = out.bytes_written;
	r->max_bytes = GRPC_MAX_MESSAGE;
	return grpc_start(h, &call, &calls, a);
}

static int plain_data(void *arg, const char *bytes, size_t n)
{
	struct ask *a = arg;

	return buf_add(&a->text, bytes, n);
}

static void plain_done(void *arg, const struct http_result *result)
{
	struct ask *a = arg;
	const char *text = buf_text(&a->text);

	a->answered = true;
	if (result->err.code == ERR_NONE && result->status != 200)
		http_status_err(&a->bad, result->status, text, a->text.len);
	else if (result->err.code == ERR_NONE)
		decode(a, (const unsigned char *)text, a->text.len);
	ask_end(a, &result->err, result);
}

static uint64_t ask_plain(struct http *h, struct http_request *r, struct ask *a)
{
	static const struct http_calls calls = {.data = plain_data, .done = plain_done};
	char *url = str_fmt("%s%s", r->url, a->kind->path);
	uint64_t id;

	r->url = url;
	r->version = a->kind->version;
	r->max_bytes = PLAIN_ANSWER_MAX;
	r->gzip = a->kind->version != HTTP_V1;
	id = http_start(h, r, &calls, a);
	free(url);
	return id;
}

uint64_t etcd_ask(
	struct http *h, const struct etcd_target *t, enum etcd_what what, etcd_done done, void *arg)
{
	char *url = base_url(t->url);
	struct http_request r = {
		.url = url, .tls = t->tls, .total_ms = t->total_ms, .fresh = t->fresh};
	struct ask *a = mem_new(struct ask);
	uint64_t id;

	a->kind = &kinds[what];
	a->done = done;
	a->arg = arg;
	a->revision = t->revision;
	a->answer.what = what;
	buf_init(&a->text, PLAIN_ANSWER_MAX);
	id = a->kind->fields ? ask_grpc(h, &r, a) : ask_plain(h, &r, a);
	free(url);
	return id;
}
