/* An HTTP status that is no success, as a code and a sentence. The Kubernetes API says
 * what is wrong in a metav1.Status; others answer with a line of text, or a page. */
#include "io/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "io/fields.h"
#include "io/proto_items.h"

#define SHOWN_MAX 240

static enum err_code code_of(long status)
{
	static const struct {
		long status;
		enum err_code code;
	} rows[] = {{401, ERR_AUTH}, {403, ERR_AUTH}, {404, ERR_MISSING}, {408, ERR_TIMEOUT},
		{409, ERR_CONFLICT}, {410, ERR_GONE}, {412, ERR_CONFLICT}, {429, ERR_BUSY},
		{501, ERR_UNSUPPORTED}, {503, ERR_BUSY}, {504, ERR_TIMEOUT}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].code;
	return ERR_SERVER;
}

/* /livez and /readyz list their checks line by line: the first that failed says why. */
static const char *first_failed(const char *body, size_t n)
{
	const char *failed = n > 0 ? memmem(body, n, "[-]", 3) : NULL;

	return failed != NULL && (failed == body || failed[-1] == '\n') ? failed : body;
}

struct said {
	struct json_span message, error;
};

/* A metav1.Status has a message; others call it an error. */
static const struct field said_fields[] = {
	FIELD(STR, "message", 3, struct said, message),
	FIELD(STR, "error", 0, struct said, error),
	FIELDS_END,
};

/* What is asked for in protobuf fails in it. */
static void status_message(struct json_span status, char *dst, size_t size)
{
	struct said said = {.message = {.at = NULL}};
	char *text;
	size_t n;

	if (fields_read(status, said_fields, &said, NULL) != 0)
		return;
	text = json_span_new(said.message.at != NULL ? said.message : said.error, &n);
	text_safe(dst, size, text, n);
	free(text);
}

/* The message of a Status, else the body's first line when it is no markup. */
static void message_of(const char *body, size_t n, char *dst, size_t size)
{
	struct json_span status = {.at = body, .n = n};

	dst[0] = '\0';
	if (proto_is_wrapped(body, n)) {
		if (proto_unwrap(body, n, &status))
			status_message(status, dst, size);
	} else if (n > 0 && body[0] == '{') {
		status_message(status, dst, size);
	} else if (n > 0 && body[0] != '<') {
		const char *line = first_failed(body, n), *end;

		n -= (size_t)(line - body);
		end = memchr(line, '\n', n);
		text_safe(dst, size, line, end != NULL ? (size_t)(end - line) : n);
	}
}

int64_t http_retry_after_s(const char *value, int64_t wall_ms)
{
	int64_t s;
	time_t at;

	if (str_i64(value, &s))
		return s >= 0 ? s : -1;
	at = curl_getdate(value, NULL);
	if (at == (time_t)-1)
		return -1;
	s = (int64_t)at - wall_ms / 1000;
	return s > 0 ? s : 0;
}

int64_t http_retry_ms(const struct http_result *result)
{
	if (result->status < 400 || result->retry_after_s <= 0)
		return 0;
	return result->retry_after_s < HTTP_RETRY_MAX_MS / 1000 ? result->retry_after_s * 1000
								: HTTP_RETRY_MAX_MS;
}

void http_status_err(struct err *e, long status, const char *body, size_t n)
{
	char message[SHOWN_MAX];

	message_of(body, n, message, sizeof(message));
	if (message[0] != '\0')
		err_set(e, code_of(status), _("HTTP %ld: %s"), status, message);
	else if (status == 401)
		err_set(e, ERR_AUTH, _("HTTP 401: the credentials were not accepted"));
	else if (status == 403)
		err_set(e, ERR_AUTH, _("HTTP 403: not allowed"));
	else
		err_set(e, code_of(status), _("the answer was HTTP %ld"), status);
}

int http_refusal(const char *where, long status, const char *said, size_t n, struct err *e)
{
	char safe[160];

	text_safe(safe, sizeof(safe), said, n);
	return safe[0] ? err_set(e, ERR_SERVER, _("%s answered %ld: %s"), where, status, safe)
		       : err_set(e, ERR_SERVER, _("%s answered %ld"), where, status);
}

char *http_url_host(const char *url, char *dst, size_t size)
{
	const char *from = strstr(url, "://");
	size_t n;
	const char *at;

	from = from ? from + 3 : "";
	n = strcspn(from, "/?#");
	at = memchr(from, '@', n);
	if (at) {
		n -= (size_t)(at + 1 - from);
		from = at + 1;
	}
	text_safe(dst, size, from, n);
	return dst;
}
