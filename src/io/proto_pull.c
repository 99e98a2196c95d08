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

static bool read_message(struct proto_pull *p, const struct field *fields, void *into)
{
	const char *end = p->end;
	struct json_span message;
	bool whole;

	if (!take_bytes(p, &message))
		return false;
	p->at = message.at;
	p->end = message.at + message.n;
	whole = proto_pull_fields(p, fields, into);
	p->at = whole ? p->end : end;
	p->end = end;
	return whole;
}

static const struct field quantity_fields[] = {
	{FIELD_ROW(STR, "string", 1, 0)},
	FIELDS_END,
};

static const struct field pair_fields[] = {
	FIELD(STR, "key", 1, struct field_pair, key),
	FIELD(STR, "value", 2, struct field_pair, value),
	FIELDS_END,
};

/* One entry of a map, which a table may know by its key. */
static void read_entry(struct proto_pull *p, const struct field *f, void *into)
{
	struct field_pair pair = {.key = {.at = ""}, .value = {.at = ""}};
	struct proto_pull inner;

	if (!read_message(p, pair_fields, &pair))
		return;
	if (f->kind == FIELD_PAIRS) {
		*(struct field_pair *)fields_element(f, into) = pair;
		return;
	}
	into = (char *)into + f->offset;
	f = fields_find(f->fields, pair.key);
	if (f == NULL)
		return;
	into = (char *)into + f->offset;
	proto_pull_init(&inner, pair.value.at, pair.value.n);
	if (f->kind != FIELD_QUANTITY)
		*(struct json_span *)into = pair.value;
	else if (!proto_pull_fields(&inner, quantity_fields, into))
		spoil(p);
}

static void read_element(struct proto_pull *p, const struct field *f, void *into)
{
	void *element = fields_element(f, into);
	bool whole =
		f->fields != NULL ? read_message(p, f->fields, element) : take_bytes(p, element);

	if (whole && f->then != NULL)
		f->then(into);
}

static void read_varint(struct proto_pull *p, enum field_kind kind, void *at)
{
	uint64_t v;

	if (!take_varint(p, &v))
		return;
	if (kind == FIELD_INT)
		*(int64_t *)at = (int64_t)v;
	else
		*(bool *)at = (v != 0) == (kind == FIELD_BOOL);
}

static void read_bytes(struct proto_pull *p, enum field_kind kind, void *at)
{
	struct json_span bytes;

	if (!take_bytes(p, &bytes))
		return;
	bytes.proto = kind == FIELD_TIME;
	if (kind == FIELD_COUNT)
		++*(int64_t *)at;
	else if (bytes.n > 0)
		*(struct json_span *)at = bytes;
}

static void read_field(struct proto_pull *p, const struct field *f, void *into)
{
	void *at = (char *)into + f->offset;

	switch (f->kind) {
	case FIELD_STR:
	case FIELD_RAW:
	case FIELD_TIME:
	case FIELD_COUNT:
		read_bytes(p, f->kind, at);
		break;
	case FIELD_QUANTITY:
		read_message(p, quantity_fields, at);
		break;
	case FIELD_INT:
	case FIELD_BOOL:
	case FIELD_FALSE:
		read_varint(p, f->kind, at);
		break;
	case FIELD_INSIDE:
		read_message(p, f->fields, at);
		break;
	case FIELD_OPTIONAL:
		*(bool *)at = read_message(p, f->fields, at);
		break;
	case FIELD_MAP:
	case FIELD_PAIRS:
		read_entry(p, f, into);
		break;
	case FIELD_LIST:
	case FIELD_EACH:
		read_element(p, f, into);
		break;
	}
}

static enum proto_wire wire_of(const struct field *f)
{
	bool number = f->kind == FIELD_INT || f->kind == FIELD_BOOL || f->kind == FIELD_FALSE;

	return number ? PROTO_VARINT : PROTO_LENGTH;
}

bool proto_pull_fields(struct proto_pull *p, const struct field *fields, void *into)
{
	while (p->at < p->end) {
		const struct field *f = fields;
		enum proto_wire wire;
		uint32_t number;
		uint64_t tag;

		if (!take_varint(p, &tag))
			break;
		if (!proto_tag(tag, &number, &wire))
			return spoil(p);
		while (f->key != NULL && f->number != number)
			f++;
		if (f->key != NULL && wire == wire_of(f))
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
