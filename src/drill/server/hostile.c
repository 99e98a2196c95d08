/* A row is a head, and a body that is said piece by piece: piece n is made from the row's text,
 * where %d stands for n, so that the items of an endless list differ. How it ends is the row's,
 * too. Pieces go out as fast as they are read: what the peer has not taken yet bounds what is made.
 */
#include "drill/server/hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "server_parts.h"

enum {
	MORE_MS = 5,
	DRIP_MS = 200,
	AHEAD = 256 << 10, /* bytes made before the peer has taken them */
	BODY_MAX = 20 << 20,
	PIECE_MAX = 4 << 10,
	DEEP = 100000,
	OBJECT_MAX = 16 << 20, /* the clients' ceiling for one object */
	HEADER_BYTES = 2 << 10,
	HEADERS = 24
};

enum hostile_end {
	END_WHOLE,
	END_RESET,   /* in the middle */
	END_NEVER,   /* `more` again and again */
	END_DRIPS,   /* the same, a byte at a time */
	END_SILENT,  /* open, without a further byte */
	END_TRAILERS /* gRPC's, with code 0 */
};

struct hostile_row {
	const char *name;
	int status;
	const char *type;
	const char *header, *value; /* one more, or NULL */
	const char *body;           /* the first piece; NULL: none */
	size_t bytes;               /* of a body with NULs in it */
	const char *more;           /* the further pieces: %d is their number */
	enum hostile_end end;
	void (*make)(const struct exchange *x, struct buf *out); /* the first piece, instead */
	int headers; /* so many more, of HEADER_BYTES each */
};

const char *const hostile_places[HOSTILE_PLACES] = {
	[HOSTILE_WATCHES] = "watches",
	[HOSTILE_PROBES] = "probes",
	[HOSTILE_HAPROXY] = "haproxy",
};

#define JSON     "application/json"
#define GRPC     "application/grpc"
#define LIST     "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\""
#define ITEM(n)  "{\"metadata\":{\"name\":\"" n "\",\"namespace\":\"x\",\"uid\":\"" n "\"}}"
#define BUSY     "{\"kind\":\"Status\",\"message\":\"too much is asked of it\",\"code\":429}"
#define AWAY     "{\"kind\":\"Status\",\"message\":\"it is not ready to serve\",\"code\":503}"
#define BYTES(s) .body = (s), .bytes = sizeof(s) - 1

#define LONG "a-name-of-a-length-that-no-row-has-room-for-in-itself-"

static void add_repeated(struct buf *out, char c, size_t n)
{
	char run[1024];

	memset(run, c, sizeof(run));
	for (; n > 0; n -= n < sizeof(run) ? n : sizeof(run))
		buf_add(out, run, n < sizeof(run) ? n : sizeof(run));
}

static void make_deep(const struct exchange *x, struct buf *out)
{
	(void)x;
	buf_puts(out, LIST "},\"items\":[{\"metadata\":{\"name\":\"deep\",\"labels\":");
	add_repeated(out, '[', DEEP);
	add_repeated(out, ']', DEEP);
	buf_puts(out, "}}]}");
}

/* A list of one object of so many bytes. */
static void make_object(struct buf *out, size_t bytes)
{
	static const char begin[] =
		"{\"metadata\":{\"name\":\"large\",\"namespace\":\"x\",\"uid\":\"u\"},\"y\":\"";

	buf_fmt(out, LIST "},\"items\":[%s", begin);
	add_repeated(out, 'x', bytes - (sizeof(begin) - 1) - 2);
	buf_puts(out, "\"}]}");
}

static void make_at_ceiling(const struct exchange *x, struct buf *out)
{
	(void)x;
	make_object(out, OBJECT_MAX);
}

static void make_past_ceiling(const struct exchange *x, struct buf *out)
{
	(void)x;
	make_object(out, OBJECT_MAX + 1);
}

/* A page of one row that says to go on, each time elsewhere. */
static void make_crumb(const struct exchange *x, struct buf *out)
{
	char token[24] = "";
	int64_t n = 0;

	if (exchange_query(x, "continue", token, sizeof(token)) && !str_i64(token, &n))
		n = 0;
	buf_fmt(out,
		LIST ",\"continue\":\"%lld\"},\"items\":[{\"metadata\":{\"name\":\"n%lld\"}}]}",
		(long long)n + 1, (long long)n);
}

static const struct hostile_row rows[] = {
	{"503", 503, JSON, .body = AWAY},
	{"503-sane", 503, JSON, "retry-after", "2", .body = AWAY},
	{"503-negative", 503, JSON, "retry-after", "-5", .body = AWAY},
	{"503-huge", 503, JSON, "retry-after", "99999999999999999999", .body = AWAY},
	{"503-text", 503, JSON, "retry-after", "soon", .body = AWAY},
	{"503-date", 503, JSON, "retry-after", "Fri, 31 Dec 9999 23:59:59 GMT", .body = AWAY},
	{"503-html", 503, "text/html", .body = "<html><h1>503 Service Unavailable</h1></html>\n"},
	{"429", 429, JSON, .body = BUSY},
	{"429-sane", 429, JSON, "retry-after", "2", .body = BUSY},
	{"429-negative", 429, JSON, "retry-after", "-1", .body = BUSY},
	{"429-huge", 429, JSON, "retry-after", "9223372036854775807", .body = BUSY},
	{"429-text", 429, JSON, "retry-after", "later", .body = BUSY},
	{"429-date", 429, JSON, "retry-after", "Thu, 01 Jan 1970 00:00:00 GMT", .body = BUSY},
	{"html", 200, "text/html", .body = "<!DOCTYPE html><html>sign in</html>\n"},
	{"redirect", 302, NULL, "location", "https://198.51.100.1/", .body = NULL},
	{"array", 200, JSON, .body = "[1,2,3]"},
	{"string", 200, JSON, .body = "\"a list\""},
	{"number", 200, JSON, .body = "7e7"},
	{"null", 200, JSON, .body = "null"},
	{"empty", 200, JSON, .body = NULL},
	{"others", 200, JSON,
		.body = "{\"kind\":\"SecretList\",\"metadata\":{\"resourceVersion\":\"7\"},"
			"\"items\":["
			"{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"namespace\":\"x\","
			"\"uid\":"
			"\"u\"}}]}"},
	{"gzip-cut", 200, JSON, "content-encoding", "gzip",
		BYTES("\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56\xca\xce")},
	{"gzip-none", 200, JSON, "content-encoding", "gzip", .body = LIST "},\"items\":[]}"},
	{"length-long", 200, JSON, "content-length", "100000", .body = LIST "},\"items\":[]}"},
	{"length-short", 200, JSON, "content-length", "9", .body = LIST "},\"items\":[]}"},
	{"cut", 200, JSON, .body = LIST "},\"items\":[" ITEM("a") ",", .end = END_RESET},
	{"half", 200, JSON, .body = LIST "},\"items\":[" ITEM("a") ","},
	{"deep", 200, JSON, .make = make_deep},
	{"names", 200, JSON,
		BYTES(LIST "},\"items\":[" ITEM("\\u0000") "," ITEM("a\\u0000b") "," ITEM(
			"\xff\xfe\xc0\xaf") "," ITEM("\0") "," ITEM("\\u001b[2J\\u202e") "]}")},
	{"headers", 200, JSON, .body = LIST "},\"items\":[]}", .headers = HEADERS},
	{"endless", 200, JSON, .body = LIST "},\"items\":[" ITEM("a"), .more = "," ITEM("n%d"),
		.end = END_NEVER},
	{"endless-names", 200, JSON, .body = LIST "},\"items\":[" ITEM("a"),
		.more = "," ITEM(LONG LONG LONG LONG "%d"), .end = END_NEVER},
	{"endless-object", 200, JSON,
		.body = LIST "},\"items\":[{\"metadata\":{\"name\":\"endless\",\"x\":\"",
		.more = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		.end = END_NEVER},
	{"endless-text", 200, "text/plain", .body = "#", .more = "x %d,y\n", .end = END_NEVER},
	{"at-ceiling", 200, JSON, .make = make_at_ceiling},
	{"past-ceiling", 200, JSON, .make = make_past_ceiling},
	{"goes-on-empty", 200, JSON, .body = LIST ",\"continue\":\"x\"},\"items\":[]}"},
	{"goes-on-itself", 200, JSON,
		.body = LIST ",\"continue\":\"x\"},\"items\":[" ITEM("a") "]}"},
	{"goes-on-crumbs", 200, JSON, .make = make_crumb},
	{"drip", 200, JSON, .body = LIST, .more = " ", .end = END_DRIPS},
	{"silent", 200, JSON, .body = LIST, .end = END_SILENT},
	{"frame-huge", 200, GRPC, BYTES("\0\xff\xff\xff\xffxx"), .end = END_TRAILERS},
	{"frame-compressed", 200, GRPC, BYTES("\x01\0\0\0\x02xx"), .end = END_TRAILERS},
	{"frame-cut", 200, GRPC, BYTES("\0\0\0\0\x7fxx"), .end = END_TRAILERS},
	{"frame-endless", 200, GRPC, BYTES("\0\0\x3f\xff\xff"),
		.more = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", .end = END_NEVER},
	{"frame-garbage", 200, GRPC, BYTES("\0\0\0\0\x06\xff\xff\xff\xff\xff\xff"),
		.end = END_TRAILERS},
	{"no-trailers", 200, GRPC, BYTES("\0\0\0\0\0")},
};
const struct hostile_row *hostile_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void first_piece(const struct hostile_row *row, const struct exchange *x, struct buf *out)
{
	if (row->make != NULL && x != NULL)
		row->make(x, out);
	else if (row->body != NULL)
		buf_add(out, row->body, row->bytes > 0 ? row->bytes : strlen(row->body));
}

/* The further piece number n. */
static void next_piece(const struct hostile_row *row, size_t n, struct buf *out)
{
	const char *at = row->more, *mark;

	while ((mark = strstr(at, "%d")) != NULL) {
		buf_add(out, at, (size_t)(mark - at));
		buf_fmt(out, "%zu", n);
		at = mark + 2;
	}
	buf_puts(out, at);
}

/* An answer on its way, piece by piece. */
struct talk {
	const struct hostile_row *row;
	struct exchange *x;
	uint64_t timer;
	struct buf first;
	size_t said; /* of first */
	size_t n;    /* further pieces said */
};

static void talk_free(struct talk *t)
{
	buf_done(&t->first);
	free(t);
}

static void talk_gone(void *arg)
{
	struct talk *t = arg;

	server_forget(exchange_server(t->x), t->timer);
	talk_free(t);
}

static void finish(struct exchange *x, enum hostile_end end)
{
	if (end == END_RESET)
		exchange_reset(x);
	else if (end == END_TRAILERS)
		exchange_end_grpc(x, 0, "");
	else if (end == END_WHOLE)
		exchange_end(x);
}

/* What the peer has room for now; false when all has been said. */
static bool say_more(struct talk *t)
{
	size_t waits = t->x->out.len + t->x->c->out.len, left = t->first.len - t->said;
	size_t room = t->row->end == END_DRIPS ? 1 : waits < AHEAD ? AHEAD - waits : 0;
	struct buf piece;

	if (left > 0) {
		room = left < AHEAD ? left : room < left ? room : left;
		exchange_send(t->x, t->first.at + t->said, room);
		t->said += room;
		return true;
	}
	if (t->row->more == NULL)
		return t->row->end == END_SILENT;
	buf_init(&piece, AHEAD + PIECE_MAX);
	while (piece.len < room)
		next_piece(t->row, ++t->n, &piece);
	exchange_send(t->x, piece.at, piece.len);
	buf_done(&piece);
	return true;
}

static void talk_on(void *arg)
{
	struct talk *t = arg;
	struct exchange *x = t->x;
	enum hostile_end end = t->row->end;

	if (say_more(t)) {
		t->timer = server_after(
			exchange_server(x), end == END_DRIPS ? DRIP_MS : MORE_MS, talk_on, t);
		return;
	}
	exchange_on_gone(x, NULL, NULL);
	talk_free(t);
	finish(x, end);
}

static void add_headers(const struct hostile_row *row, struct exchange *x)
{
	char name[24], value[HEADER_BYTES];

	if (row->header != NULL)
		exchange_add_header(x, row->header, row->value);
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (int i = 0; i < row->headers; i++) {
		snprintf(name, sizeof(name), "x-header-%d", i);
		exchange_add_header(x, name, value);
	}
}

void hostile_answer(const struct hostile_row *row, struct exchange *x)
{
	struct talk *t = mem_new(struct talk);

	t->row = row;
	t->x = x;
	buf_init(&t->first, BODY_MAX);
	first_piece(row, x, &t->first);
	add_headers(row, x);
	exchange_head(x, row->status, row->type);
	exchange_on_gone(x, talk_gone, t);
	talk_on(t);
}

void hostile_body(const struct hostile_row *row, size_t most, struct buf *out)
{
	first_piece(row, NULL, out);
	for (size_t n = 1; row->more != NULL && out->len < most && !out->over; n++)
		next_piece(row, n, out);
}
