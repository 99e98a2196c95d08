/* Masks secrets in text of any kind: logs, YAML, JSON, command lines. Two tables
 * do it. A shape is recognised by how it looks wherever it stands (a JWT, a PEM
 * key, user:password@ in a URL); a key is a word that says its value is secret.
 * When in doubt it masks: a lost word costs less than a leaked one. One pass, no
 * allocation but the copy. */
#include "base/redact.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define MASK      "[redacted]"
#define PEM_BYTES 16384 /* no private key is longer */

/* What is still to be read: at < end. begin allows a look behind. */
struct text {
	const char *begin, *at, *end;
};

/* Bytes to copy, then bytes to mask; nothing to mask: no match. */
struct found {
	size_t copy, mask;
};

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (fold(c) >= 'a' && fold(c) <= 'z');
}

static bool is_word(char c)
{
	return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool is_base64(char c)
{
	return is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
}

static bool is_token(char c)
{
	return is_base64(c) || c == '.' || c == '~' || c == ':';
}

/* What stands between BEGIN and END: base64, "Proc-Type: 4,ENCRYPTED", line ends
 * (in JSON "\\n"). */
static bool is_pem(char c)
{
	return is_base64(c) || strchr(" \t\r\n\\:,", c) != NULL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_bootstrap(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static const char *skip(const char *at, const char *end, bool (*is)(char c))
{
	while (at < end && is(*at))
		at++;
	return at;
}

static bool begins(const char *at, const char *end, const char *word)
{
	for (; *word != '\0'; at++, word++)
		if (at >= end || fold(*at) != fold(*word))
			return false;
	return true;
}

static const char *seek(const char *at, const char *end, const char *word)
{
	const char *hit = at < end ? memmem(at, (size_t)(end - at), word, strlen(word)) : NULL;

	return hit == NULL ? end : hit;
}

static struct found found(const struct text *t, const char *from, const char *to)
{
	return (struct found){(size_t)(from - t->at), to > from ? (size_t)(to - from) : 0};
}

static const struct found nothing = {0, 0};

/* -----BEGIN ... PRIVATE KEY----- to its END line; where that was cut off, as far
 * as it looks like a key. */
static struct found pem_key(const struct text *t)
{
	const char *label = seek(t->at + 11, t->end, "-----"), *stop;

	if (label == t->end || label - t->at > 64 ||
		memmem(t->at, (size_t)(label - t->at), "PRIVATE KEY", 11) == NULL ||
		begins(label + 5, t->end, MASK))
		return nothing;
	label += 5;
	stop = seek(label, t->end, "-----END ");
	if (stop == t->end || stop - label > PEM_BYTES)
		stop = skip(label, t->end, is_pem);
	return found(t, label, stop);
}

/* The same in base64, as a kubeconfig holds it; certificates may be seen. */
static struct found base64_pem(const struct text *t)
{
	if (begins(t->at, t->end, "LS0tLS1CRUdJTiBDRVJU"))
		return nothing;
	return found(t, t->at, skip(t->at, t->end, is_base64));
}

static struct found jwt(const struct text *t)
{
	const char *head = skip(t->at, t->end, is_base64), *body;

	if (head - t->at < 8 || head == t->end || *head != '.')
		return nothing;
	body = skip(head + 1, t->end, is_base64);
	if (body - head < 8)
		return nothing;
	return found(t, t->at, skip(body, t->end, is_token));
}

static struct found bearer(const struct text *t)
{
	const char *from = t->at + strlen("bearer ");

	return found(t, from, skip(from, t->end, is_token));
}

/* ://user:password@ */
static struct found url_credentials(const struct text *t)
{
	const char *from = t->at + 3, *at = from, *last = NULL;

	for (; at<t->end && * at> ' ' && strchr("/?#\"'<>`", *at) == NULL; at++)
		if (*at == '@')
			last = at;
	if (last == NULL || memchr(from, ':', (size_t)(last - from)) == NULL)
		return nothing;
	return found(t, from, last);
}

static const struct shape {
	const char *lead; /* how it begins; case is folded */
	bool at_word;     /* only where a word begins */
	struct found (*match)(const struct text *t);
} shapes[] = {
	{"-----BEGIN ", false, pem_key},
	{"LS0tLS1CRUdJTi", false, base64_pem},
	{"eyJ", true, jwt},
	{"bearer ", true, bearer},
	{"://", false, url_credentials},
};

enum extent { VALUE, LINE };

/* A word with one of these in it, then = or :, names a secret value. */
static const struct key {
	const char *part;
	enum extent extent; /* how far an unquoted value goes */
	bool flag;          /* --word VALUE says it too */
} keys[] = {
	{"authorization", LINE, false},
	{"cookie", LINE, false},
	{"password", VALUE, true},
	{"passwd", VALUE, true},
	{"passphrase", VALUE, true},
	{"token", VALUE, true},
	{"secret", VALUE, true},
	{"credential", VALUE, true},
	{"api-key", VALUE, true},
	{"api_key", VALUE, true},
	{"apikey", VALUE, true},
	{"access-key", VALUE, true},
	{"access_key", VALUE, true},
	{"accesskey", VALUE, true},
	{"private-key", VALUE, true},
	{"private_key", VALUE, true},
	{"privatekey", VALUE, true},
	{"key-data", VALUE, false},
	{"certificate-key", VALUE, true},
	{"encryption-key", VALUE, true},
};

/* Such a word with one of these ends names where a secret is, or how long it
 * lives: that helps the reader and tells a thief nothing. */
static const char *const harmless_ends[] = {
	"file", "path", "dir", "name", "namespace", "ref", "ttl", "type", "count", "url", "mode"};

static const char *const harmless_values[] = {"true", "false", "null", "none", "nil", "{", "[",
	"[redacted]", "<nil>", "<none>", "<redacted>"};

static bool word_has(const char *at, const char *end, const char *part)
{
	for (; at < end; at++)
		if (begins(at, end, part))
			return true;
	return false;
}

static bool harmless_word(const char *at, const char *end)
{
	for (size_t i = 0; i < sizeof(harmless_ends) / sizeof(harmless_ends[0]); i++) {
		size_t n = strlen(harmless_ends[i]);

		if ((size_t)(end - at) >= n && begins(end - n, end, harmless_ends[i]))
			return true;
	}
	return false;
}

static bool harmless_value(const char *at, const char *end)
{
	for (size_t i = 0; i < sizeof(harmless_values) / sizeof(harmless_values[0]); i++) {
		size_t n = strlen(harmless_values[i]);

		if (begins(at, end, harmless_values[i]) &&
			(at + n == end || strchr(" \t\r\n,;}\"'])&", at[n]) != NULL))
			return true;
	}
	return false;
}

static const struct key *key_of(const char *at, const char *end)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (word_has(at, end, keys[i].part))
			return harmless_word(at, end) ? NULL : &keys[i];
	return NULL;
}

/* The end of what a quote opened. In JSON inside JSON the closing quote is \", and
 * an escape of the inner text begins with two backslashes. */
static const char *unquoted(const char *at, const char *end, char quote, bool escaped)
{
	for (; at < end && *at != '\n' && *at != quote; at++) {
		if (*at != '\\' || at + 1 == end)
			continue;
		at++;
		if (escaped && *at == quote)
			return at - 1;
		if (escaped && *at == '\\' && end - at > 2)
			at += at[1] == '\\' ? 2 : 1;
	}
	return at < end ? at : end;
}

static const char *unspaced(const char *at, const char *end, enum extent extent)
{
	const char *stops = extent == LINE ? "\r\n\"'" : " \t\r\n,;&\"'}])";

	while (at < end && strchr(stops, *at) == NULL)
		at++;
	return at;
}

/* The lines of a YAML block scalar ("password: |"): all that are indented deeper
 * than the key's line, or empty. */
static const char *block_end(const struct text *t, const char *at)
{
	const char *line = t->at;
	ptrdiff_t indent;

	while (line > t->begin && line[-1] != '\n')
		line--;
	indent = skip(line, t->end, is_space) - line;
	while (at < t->end) {
		const char *text = skip(at, t->end, is_space);

		if (text < t->end && *text != '\n' && text - at <= indent)
			break;
		at = seek(text, t->end, "\n");
		at += at < t->end;
	}
	return at;
}

static struct found value_at(const struct text *t, const char *at, enum extent extent)
{
	const char *slash = at;
	char quote;

	if (at < t->end && (*at == '|' || *at == '>')) {
		const char *line = seek(at, t->end, "\n");

		if (line - at <= 3 && line < t->end)
			return found(t, line + 1, block_end(t, line + 1));
	}
	while (at < t->end && *at == '\\')
		at++;
	if (at < t->end && (*at == '"' || *at == '\'')) {
		quote = *at++;
		if (harmless_value(at, t->end))
			return nothing;
		return found(t, at, unquoted(at, t->end, quote, at - slash > 1));
	}
	if (harmless_value(slash, t->end))
		return nothing;
	return found(t, slash, unspaced(slash, t->end, extent));
}

/* t->at is the first letter of a word that ends at end. */
static struct found value_of(const struct text *t, const char *end)
{
	const struct key *key = key_of(t->at, end);
	const char *at = end;

	if (key == NULL)
		return nothing;
	while (at < t->end && (*at == '"' || *at == '\'' || *at == '\\'))
		at++;
	at = skip(at, t->end, is_space);
	if (at < t->end && (*at == ':' || *at == '='))
		return value_at(t, skip(at + 1, t->end, is_space), key->extent);
	if (key->flag && *t->at == '-' && at > end)
		return value_at(t, at, key->extent);
	return nothing;
}

/* abcdef.0123456789abcdef, the tokens of kubeadm join. */
static struct found bootstrap_token(const struct text *t, const char *end)
{
	if (end - t->at != 23 || skip(t->at, end, is_bootstrap) - t->at != 6 || t->at[6] != '.' ||
		skip(t->at + 7, end, is_bootstrap) != end)
		return nothing;
	return found(t, t->at, end);
}

static struct found shape_at(const struct text *t, bool at_word)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct found f;

		if ((shapes[i].at_word && !at_word) || !begins(t->at, t->end, shapes[i].lead))
			continue;
		f = shapes[i].match(t);
		if (f.mask > 0)
			return f;
	}
	return nothing;
}

static struct found secret_at(const struct text *t)
{
	bool at_word = t->at == t->begin || !is_word(t->at[-1]);
	struct found f = shape_at(t, at_word);
	const char *end;

	if (f.mask > 0 || !at_word || !is_word(*t->at))
		return f;
	end = skip(t->at, t->end, is_word);
	f = bootstrap_token(t, end);
	return f.mask > 0 ? f : value_of(t, end);
}

char *redact_text(const char *text, size_t n)
{
	struct text t = {.begin = text, .at = text, .end = text + n};
	struct buf out;

	buf_init(&out, SIZE_MAX);
	while (t.at < t.end) {
		struct found f = secret_at(&t);

		if (f.mask > 0) {
			buf_add(&out, t.at, f.copy);
			buf_puts(&out, MASK);
			t.at += f.copy + f.mask;
		} else {
			buf_putc(&out, *t.at++);
		}
	}
	return buf_take(&out);
}
