/* A pull reader over bytes that are all there. Two inner loops decide its speed: skipping a string,
 * and skipping whatever nobody asked for, which needs no more than strings and brackets. There is
 * no recursion but through json_pull_fields, whose depth is that of the caller's tables, and no
 * allocation. */
#include "io/json_pull.h"

#include "base/i18n.h"

void json_pull_init(struct json_pull *p, const char *bytes, size_t n)
{
	*p = (struct json_pull){.at = bytes, .begin = bytes, .end = bytes + n};
}

static void spoil(struct json_pull *p)
{
	if (p->bad == NULL)
		p->bad = p->at;
	p->at = p->end;
}

static int peek(struct json_pull *p)
{
	while (p->at < p->end &&
		(*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
		p->at++;
	return p->at < p->end ? (unsigned char)*p->at : -1;
}

/* From behind the opening quote to the closing one; NULL when there is none. */
static const char *string_end(const char *at, const char *end, bool *escaped)
{
	while (at < end && *at != '"') {
		if (*at == '\\') {
			*escaped = true;
			if (++at == end)
				return NULL;
		}
		at++;
	}
	return at < end ? at : NULL;
}

static bool take_string(struct json_pull *p, struct json_span *out)
{
	struct json_span s = {.at = p->at + 1};
	const char *close = string_end(s.at, p->end, &s.escaped);

	if (close == NULL) {
		p->at = p->end;
		spoil(p);
		return false;
	}
	s.n = (size_t)(close - s.at);
	p->at = close + 1;
	p->fresh = false;
	*out = s;
	return true;
}

static void skip_nested(struct json_pull *p)
{
	const char *at = p->at, *end = p->end;
	size_t depth = 0;
	bool escaped;

	while (at < end) {
		switch (*at++) {
		case '"':
			at = string_end(at, end, &escaped);
			if (at == NULL) {
				p->at = end;
				spoil(p);
				return;
			}
			at++;
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0) {
				p->at = at;
				p->fresh = false;
				return;
			}
			break;
		default:
			break;
		}
	}
	p->at = end;
	spoil(p);
}

/* A number, true, false or null: up to what cannot belong to it. */
static struct json_span take_word(struct json_pull *p)
{
	struct json_span s = {.at = p->at};

	while (p->at < p->end &&
		((*p->at >= '0' && *p->at <= '9') || (*p->at >= 'a' && *p->at <= 'z') ||
			*p->at == '-' || *p->at == '+' || *p->at == '.' || *p->at == 'E'))
		p->at++;
	s.n = (size_t)(p->at - s.at);
	p->fresh = false;
	return s;
}

static bool is_number(struct json_span w)
{
	return w.n > 0 && (w.at[0] == '-' ? w.n > 1 && w.at[1] >= '0' && w.at[1] <= '9'
					  : w.at[0] >= '0' && w.at[0] <= '9');
}

static void skip_word(struct json_pull *p)
{
	const char *from = p->at;
	struct json_span w = take_word(p);

	if (is_number(w) || json_span_is(w, "true") || json_span_is(w, "false") ||
		json_span_is(w, "null"))
		return;
	p->at = from;
	spoil(p);
}

static void skip(struct json_pull *p)
{
	struct json_span ignored;
	int c = peek(p);

	if (c == '"')
		take_string(p, &ignored);
	else if (c == '{' || c == '[')
		skip_nested(p);
	else
		skip_word(p);
}

bool json_pull_raw(struct json_pull *p, struct json_span *out)
{
	const char *from;

	peek(p);
	from = p->at;
	skip(p);
	if (p->bad != NULL)
		return false;
	*out = (struct json_span){.at = from, .n = (size_t)(p->at - from)};
	return true;
}

static bool enter(struct json_pull *p, char bracket)
{
	if (peek(p) != bracket) {
		skip(p);
		return false;
	}
	p->at++;
	p->fresh = true;
	return true;
}

bool json_pull_object(struct json_pull *p)
{
	return enter(p, '{');
}

bool json_pull_array(struct json_pull *p)
{
	return enter(p, '[');
}

/* Behind an opening bracket or a value: over the comma that is due. False at the closing bracket.
 */
static bool next(struct json_pull *p, char close)
{
	int c = peek(p);

	if (p->bad != NULL)
		return false;
	if (c == close) {
		p->at++;
		p->fresh = false;
		return false;
	}
	if (!p->fresh) {
		if (c != ',') {
			spoil(p);
			return false;
		}
		p->at++;
		peek(p);
	}
	p->fresh = false;
	return true;
}

bool json_pull_member(struct json_pull *p, struct json_span *key)
{
	if (!next(p, '}'))
		return false;
	if (peek(p) != '"') {
		spoil(p);
		return false;
	}
	if (!take_string(p, key))
		return false;
	if (peek(p) != ':') {
		spoil(p);
		return false;
	}
	p->at++;
	return true;
}

bool json_pull_element(struct json_pull *p)
{
	if (!next(p, ']'))
		return false;
	if (p->at < p->end)
		return true;
	spoil(p);
	return false;
}

bool json_pull_str(struct json_pull *p, struct json_span *out)
{
	if (peek(p) == '"')
		return take_string(p, out);
	skip(p);
	return false;
}

/* Reals are cut; saturating. */
static bool take_int(struct json_pull *p, int64_t *out)
{
	int c = peek(p);
	const char *from = p->at;
	struct json_span w;
	bool minus = c == '-';
	int64_t v = 0;

	if (c != '-' && (c < '0' || c > '9')) {
		skip(p);
		return false;
	}
	w = take_word(p);
	if (!is_number(w)) {
		p->at = from;
		spoil(p);
		return false;
	}
	for (size_t i = minus ? 1 : 0; i < w.n && w.at[i] >= '0' && w.at[i] <= '9'; i++)
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, w.at[i] - '0', &v))
			v = INT64_MAX;
	*out = minus ? -v : v;
	return true;
}

static bool take_bool(struct json_pull *p, bool *out)
{
	int c = peek(p);

	skip(p);
	if (p->bad != NULL || (c != 't' && c != 'f'))
		return false;
	*out = c == 't';
	return true;
}

int json_pull_end(struct json_pull *p, struct err *e)
{
	if (p->bad == NULL && peek(p) != -1)
		spoil(p);
	if (p->bad == NULL)
		return 0;
	return err_set(e, ERR_INPUT,
		p->bad == p->end ? _("the JSON ends too early, after byte %zu")
				 : _("no JSON at byte %zu"),
		(size_t)(p->bad - p->begin));
}

static void read_list(struct json_pull *p, const struct field *f, void *into)
{
	if (!json_pull_array(p))
		return;
	while (json_pull_element(p)) {
		void *element = fields_element(f, into);
		bool whole = f->fields != NULL ? json_pull_fields(p, f->fields, element)
					       : json_pull_str(p, element);

		if (whole && f->then != NULL)
			f->then(into);
	}
}

/* What is no string in a map of strings is left out of the pairs; a count has it. */
static void read_map(struct json_pull *p, const struct field *f, void *into)
{
	struct field_pair pair = {.key = {.at = NULL}};

	if (!json_pull_object(p))
		return;
	while (json_pull_member(p, &pair.key))
		if (f->kind == FIELD_COUNT) {
			skip(p);
			++*(int64_t *)into;
		} else if (json_pull_str(p, &pair.value)) {
			*(struct field_pair *)fields_element(f, into) = pair;
		}
}

static void read_field(struct json_pull *p, const struct field *f, void *into)
{
	void *at = (char *)into + f->offset;
	bool said;

	switch (f->kind) {
	case FIELD_STR:
	case FIELD_TIME:
	case FIELD_QUANTITY:
		json_pull_str(p, at);
		break;
	case FIELD_RAW:
		json_pull_raw(p, at);
		break;
	case FIELD_INT:
		take_int(p, at);
		break;
	case FIELD_BOOL:
		take_bool(p, at);
		break;
	case FIELD_FALSE:
		if (take_bool(p, &said))
			*(bool *)at = !said;
		break;
	case FIELD_COUNT:
		read_map(p, f, at);
		break;
	case FIELD_PAIRS:
		read_map(p, f, into);
		break;
	case FIELD_INSIDE:
	case FIELD_MAP:
		json_pull_fields(p, f->fields, at);
		break;
	case FIELD_OPTIONAL:
		*(bool *)at = json_pull_fields(p, f->fields, at);
		break;
	case FIELD_LIST:
	case FIELD_EACH:
		read_list(p, f, into);
		break;
	}
}

bool json_pull_fields(struct json_pull *p, const struct field *fields, void *into)
{
	struct json_span key = {0};

	if (!json_pull_object(p))
		return false;
	while (json_pull_member(p, &key)) {
		const struct field *f = fields_find(fields, key);

		if (f != NULL)
			read_field(p, f, into);
		else
			skip(p);
	}
	return p->bad == NULL;
}
