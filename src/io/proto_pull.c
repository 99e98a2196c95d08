/* A message is tags and values one behind the other, so reading one is a loop. Every length is held
 * against what is left of the message around it; there is no recursion but that of the caller's
 * tables, and groups, which nothing has written for fifteen years, are refused. */
#include "io/proto_pull.h"

#include "base/i18n.h"

#define VARINT_MAX 10

int proto_varint(const char **at, const char *end, uint64_t *out)
{
	const char *p = *at;
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX; i++) {
		uint64_t byte;

		if (p == end)
			return 0;
		byte = (unsigned char)*p++;
		v |= (byte & 0x7F) << (7 * i);
		if (byte < 0x80) {
			*at = p;
			*out = v;
			return 1;
		}
	}
	return -1;
}

bool proto_tag(uint64_t tag, uint32_t *number, enum proto_wire *wire)
{
	unsigned low = (unsigned)(tag & 7);

	if (tag >> 3 == 0 || tag > UINT32_MAX)
		return false;
	*number = (uint32_t)(tag >> 3);
	*wire = (enum proto_wire)low;
	return low <= PROTO_LENGTH || low == PROTO_FIXED32;
}

void proto_pull_init(struct proto_pull *p, const char *bytes, size_t n)
{
	*p = (struct proto_pull){.at = bytes, .begin = bytes, .end = bytes + n};
}

static bool spoil(struct proto_pull *p)
{
	if (p->bad == NULL)
		p->bad = p->at;
	p->at = p->end;
	return false;
}

static bool take_varint(struct proto_pull *p, uint64_t *out)
{
	return proto_varint(&p->at, p->end, out) == 1 || spoil(p);
}

static bool skip_bytes(struct proto_pull *p, uint64_t n)
{
	if (n > (uint64_t)(p->end - p->at))
		return spoil(p);
	p->at += n;
	return true;
}

static bool take_bytes(struct proto_pull *p, struct json_span *out)
{
	uint64_t n;

	if (!take_varint(p, &n))
		return false;
	*out = (struct json_span){.at = p->at, .n = n};
	return skip_bytes(p, n);
}

static void skip_value(struct proto_pull *p, enum proto_wire wire)
{
	struct json_span bytes;
	uint64_t v;

	switch (wire) {
	case PROTO_VARINT:
		take_varint(p, &v);
		break;
	case PROTO_FIXED64:
		skip_bytes(p, 8);
		break;
	case PROTO_LENGTH:
		take_bytes(p, &bytes);
		break;
	case PROTO_FIXED32:
		skip_bytes(p, 4);
		break;
	}
}

static void read_message(struct proto_pull *p, const struct proto_field *f, void *into)
{
	const char *end = p->end;
	struct json_span message;

	if (!take_bytes(p, &message))
		return;
	p->at = message.at;
	p->end = message.at + message.n;
	if (f->kind == PROTO_FIELD_WITH)
		f->with(p, into);
	else
		proto_pull_fields(p, f->fields, into);
	p->at = p->bad == NULL ? message.at + message.n : end;
	p->end = end;
}

static void read_field(struct proto_pull *p, const struct proto_field *f, void *into)
{
	void *at = (char *)into + f->offset;
	struct json_span bytes;
	uint64_t v;

	switch (f->kind) {
	case PROTO_FIELD_BYTES:
		if (take_bytes(p, &bytes) && bytes.n > 0)
			*(struct json_span *)at = bytes;
		break;
	case PROTO_FIELD_INT:
		if (take_varint(p, &v))
			*(int64_t *)at = (int64_t)v;
		break;
	case PROTO_FIELD_BOOL:
		if (take_varint(p, &v))
			*(bool *)at = v != 0;
		break;
	case PROTO_FIELD_INSIDE:
	case PROTO_FIELD_WITH:
		read_message(p, f, into);
		break;
	}
}

static enum proto_wire wire_of(const struct proto_field *f)
{
	return f->kind == PROTO_FIELD_INT || f->kind == PROTO_FIELD_BOOL ? PROTO_VARINT
									 : PROTO_LENGTH;
}

bool proto_pull_fields(struct proto_pull *p, const struct proto_field *fields, void *into)
{
	while (p->at < p->end) {
		const struct proto_field *f = fields;
		enum proto_wire wire;
		uint32_t number;
		uint64_t tag;

		if (!take_varint(p, &tag))
			break;
		if (!proto_tag(tag, &number, &wire))
			return spoil(p);
		while (f->number != 0 && f->number != number)
			f++;
		if (f->number != 0 && wire == wire_of(f))
			read_field(p, f, into);
		else
			skip_value(p, wire);
	}
	return p->bad == NULL;
}

int proto_pull_end(const struct proto_pull *p, struct err *e)
{
	if (p->bad == NULL)
		return 0;
	return err_set(e, ERR_INPUT, _("no protobuf at byte %zu"), (size_t)(p->bad - p->begin));
}
