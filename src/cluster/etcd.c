/* etcd's API, asked member by member. Every gRPC call is the same walk: encode a small request,
 * start it, decode the one answer message as it comes, tell the caller once. What differs is a
 * row: path, decoder, and how the caller is told. The peer port speaks plain HTTP/1.1 and JSON,
 * and is what still answers while a member waits for its quorum. */
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

enum { REQUEST_MAX = 512, PEER_ANSWER_MAX = 1 << 20, GRPC_PERMISSION_DENIED = 7 };

struct ask {
	const struct ask_kind *kind;
	union {
		etcd_status_done status;
		etcd_members_done members;
		etcd_alarms_done alarms;
		etcd_hash_done hash;
		etcd_read_done read;
	} done;
	void *arg;
	int64_t asked_revision; /* hashkv's; 0: the newest */
	bool answered;
	struct err bad;  /* the answer's own fault: malformed, or more than one */
	struct buf json; /* the peer port's */
	union {
		struct etcd_status_answer status;
		struct etcd_members_answer members;
		struct etcd_alarms_answer alarms;
		struct etcd_hash_answer hash;
		int64_t revision;
	} answer;
};

struct ask_kind {
	const char *path;
	int (*decode)(struct ask *a, const unsigned char *bytes, size_t n, struct err *e);
	void (*tell)(
		struct ask *a, const struct err *err, const struct http_result *result, bool ok);
};

static int decode_status(struct ask *a, const unsigned char *bytes, size_t n, struct err *e)
{
	return etcd_status_decode(bytes, n, &a->answer.status, e);
}

static void tell_status(
	struct ask *a, const struct err *err, const struct http_result *result, bool ok)
{
	a->done.status(a->arg, err, result, ok ? &a->answer.status : NULL);
}

static int decode_members(struct ask *a, const unsigned char *bytes, size_t n, struct err *e)
{
	return etcd_members_decode(bytes, n, &a->answer.members, e);
}

static void tell_members(
	struct ask *a, const struct err *err, const struct http_result *result, bool ok)
{
	a->done.members(a->arg, err, result, ok ? &a->answer.members : NULL);
}

static int decode_alarms(struct ask *a, const unsigned char *bytes, size_t n, struct err *e)
{
	return etcd_alarms_decode(bytes, n, &a->answer.alarms, e);
}

static void tell_alarms(
	struct ask *a, const struct err *err, const struct http_result *result, bool ok)
{
	a->done.alarms(a->arg, err, result, ok ? &a->answer.alarms : NULL);
}

static int decode_hash(struct ask *a, const unsigned char *bytes, size_t n, struct err *e)
{
	int rc = etcd_hash_decode(bytes, n, &a->answer.hash, e);

	if (a->asked_revision > 0) /* before 3.6 the answer does not say which it hashed */
		a->answer.hash.revision = a->asked_revision;
	return rc;
}

static void tell_hash(
	struct ask *a, const struct err *err, const struct http_result *result, bool ok)
{
	a->done.hash(a->arg, err, result, ok ? &a->answer.hash : NULL);
}

static int decode_range(struct ask *a, const unsigned char *bytes, size_t n, struct err *e)
{
	return etcd_range_decode(bytes, n, &a->answer.revision, e);
}

/* With RBAC on, "permission denied" is said after consensus was reached: etcdctl, too, calls that
 * healthy. */
static void tell_read(
	struct ask *a, const struct err *err, const struct http_result *result, bool ok)
{
	static const struct err none;

	if (!ok && err->code == ERR_AUTH && result->grpc_status == GRPC_PERMISSION_DENIED)
		a->done.read(a->arg, &none, result, -1);
	else
		a->done.read(a->arg, err, result, ok ? a->answer.revision : -1);
}

static const struct ask_kind status_kind = {
	"/etcdserverpb.Maintenance/Status", decode_status, tell_status};
static const struct ask_kind members_kind = {
	"/etcdserverpb.Cluster/MemberList", decode_members, tell_members};
static const struct ask_kind alarms_kind = {
	"/etcdserverpb.Maintenance/Alarm", decode_alarms, tell_alarms};
static const struct ask_kind hash_kind = {
	"/etcdserverpb.Maintenance/HashKV", decode_hash, tell_hash};
static const struct ask_kind read_kind = {"/etcdserverpb.KV/Range", decode_range, tell_read};

static struct ask *ask_new(const struct ask_kind *kind, void *arg)
{
	struct ask *a = mem_new(struct ask);

	a->kind = kind;
	a->arg = arg;
	buf_init(&a->json, PEER_ANSWER_MAX);
	return a;
}

/* Tells the caller and frees a. */
static void ask_end(struct ask *a, const struct err *err, const struct http_result *result)
{
	struct err said = *err;

	if (a->bad.code != ERR_NONE)
		said = a->bad;
	else if (said.code == ERR_NONE && !a->answered)
		err_set(&said, ERR_INPUT, _("etcd ended %s without an answer"), a->kind->path);
	a->kind->tell(a, &said, result, said.code == ERR_NONE);
	buf_done(&a->json);
	free(a);
}

static int ask_message(void *arg, const unsigned char *bytes, size_t n)
{
	struct ask *a = arg;

	if (a->answered)
		return err_set(&a->bad, ERR_INPUT, _("etcd answered %s twice"), a->kind->path);
	a->answered = true;
	return a->kind->decode(a, bytes, n, &a->bad);
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

static uint64_t ask_start(struct http *h, const struct etcd_target *t, struct ask *a,
	const pb_msgdesc_t *what, const void *message)
{
	static const struct grpc_calls calls = {.message = ask_message, .done = ask_done};
	unsigned char room[REQUEST_MAX];
	pb_ostream_t out = pb_ostream_from_buffer(room, sizeof(room));
	char *url = base_url(t->url);
	struct http_request r = {.url = url,
		.tls = t->tls,
		.total_ms = t->total_ms,
		.fresh = t->fresh,
		.max_bytes = GRPC_MAX_MESSAGE};
	struct grpc_request call = {.to = &r, .path = a->kind->path, .message = room};
	uint64_t id;

	if (!pb_encode(&out, what, message))
		err_set(&a->bad, ERR_LIMIT, _("the request %s is too large"), a->kind->path);
	call.n = out.bytes_written;
	id = grpc_start(h, &call, &calls, a);
	free(url);
	return id;
}

uint64_t etcd_status(struct http *h, const struct etcd_target *t, etcd_status_done done, void *arg)
{
	const etcdserverpb_StatusRequest m = etcdserverpb_StatusRequest_init_zero;
	struct ask *a = ask_new(&status_kind, arg);

	a->done.status = done;
	return ask_start(h, t, a, etcdserverpb_StatusRequest_fields, &m);
}

uint64_t etcd_members(
	struct http *h, const struct etcd_target *t, etcd_members_done done, void *arg)
{
	const etcdserverpb_MemberListRequest m = {.linearizable = true};
	struct ask *a = ask_new(&members_kind, arg);

	a->done.members = done;
	return ask_start(h, t, a, etcdserverpb_MemberListRequest_fields, &m);
}

uint64_t etcd_alarms(struct http *h, const struct etcd_target *t, etcd_alarms_done done, void *arg)
{
	const etcdserverpb_AlarmRequest m = {.action = etcdserverpb_AlarmAction_GET};
	struct ask *a = ask_new(&alarms_kind, arg);

	a->done.alarms = done;
	return ask_start(h, t, a, etcdserverpb_AlarmRequest_fields, &m);
}

uint64_t etcd_read(struct http *h, const struct etcd_target *t, etcd_read_done done, void *arg)
{
	const etcdserverpb_RangeRequest m = {.key = {6, "health"}, .count_only = true};
	struct ask *a = ask_new(&read_kind, arg);

	a->done.read = done;
	return ask_start(h, t, a, etcdserverpb_RangeRequest_fields, &m);
}

uint64_t etcd_hashkv(struct http *h, const struct etcd_target *t, int64_t revision,
	etcd_hash_done done, void *arg)
{
	const etcdserverpb_HashKVRequest m = {.revision = revision};
	struct ask *a = ask_new(&hash_kind, arg);

	a->done.hash = done;
	a->asked_revision = revision;
	return ask_start(h, t, a, etcdserverpb_HashKVRequest_fields, &m);
}

static int decode_peer(struct ask *a, const unsigned char *bytes, size_t n, struct err *e)
{
	return etcd_peer_members_decode((const char *)bytes, n, &a->answer.members, e);
}

static const struct ask_kind peer_kind = {"/members", decode_peer, tell_members};

static int peer_data(void *arg, const char *bytes, size_t n)
{
	struct ask *a = arg;

	if (buf_add(&a->json, bytes, n) == 0)
		return 0;
	return err_set(&a->bad, ERR_LIMIT, _("etcd's list of members is larger than %d bytes"),
		PEER_ANSWER_MAX);
}

static void peer_done(void *arg, const struct http_result *result)
{
	struct ask *a = arg;

	a->answered = true;
	if (result->err.code == ERR_NONE && a->bad.code == ERR_NONE) {
		if (result->status != 200)
			http_status_err(&a->bad, result->status, buf_text(&a->json), a->json.len);
		else
			a->kind->decode(
				a, (const unsigned char *)buf_text(&a->json), a->json.len, &a->bad);
	}
	ask_end(a, &result->err, result);
}

uint64_t etcd_peer_members(
	struct http *h, const struct etcd_target *t, etcd_members_done done, void *arg)
{
	static const struct http_calls calls = {.data = peer_data, .done = peer_done};
	struct ask *a = ask_new(&peer_kind, arg);
	char *base = base_url(t->url), *url = str_fmt("%s%s", base, peer_kind.path);
	struct http_request r = {.url = url,
		.tls = t->tls,
		.version = HTTP_V1,
		.total_ms = t->total_ms,
		.fresh = t->fresh};
	uint64_t id;

	a->done.members = done;
	id = http_start(h, &r, &calls, a);
	free(base);
	free(url);
	return id;
}
