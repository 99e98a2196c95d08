/* One transfer of either face: a request becomes the options of an easy handle, and
 * what comes back becomes an http_result. Timeouts of the whole are ours and not
 * curl's: after one the connection must not be used again, which has to be said
 * before the handle leaves its multi. */
#include "http_easy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "traffic.h"

#define CONNECT_MS_DEFAULT 5000
#define HEAD_BYTES_MAX     (256u << 10)
#define USER_TIMEOUT_MS    20000 /* sent and not acknowledged so long: the peer has lost power */
#define BACKUP_MS          2000  /* curl's own time-out comes after ours */
#define USER_AGENT         "k911/" K911_VERSION

static CURLcode curl_state;

static void curl_begin(void)
{
	curl_state = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int http_setup(struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, curl_begin);
	return curl_state == CURLE_OK
		       ? 0
		       : err_set(e, ERR_SYSTEM, "libcurl: %s", curl_easy_strerror(curl_state));
}

/* "10.0.1.10:6443" of a URL: what follows the scheme and the user, with the scheme's port where
 * none is said. */
static void where_of(const struct http_request *r, char *dst, size_t size)
{
	const char *from = strstr(r->url, "://");
	const char *port = str_starts(r->url, "https") ? ":443" : ":80";
	const char *at;
	size_t n;

	if (r->unix_socket != NULL || r->connect_to != NULL) {
		str_copy(dst, size, r->unix_socket != NULL ? r->unix_socket : r->connect_to);
		return;
	}
	from = from != NULL ? from + 3 : r->url;
	n = strcspn(from, "/?#");
	at = memchr(from, '@', n);
	if (at != NULL) {
		n -= (size_t)(at + 1 - from);
		from = at + 1;
	}
	text_safe(dst, size - sizeof(":443"), from, n);
	at = strrchr(dst, ':');
	if (at == NULL || strchr(at, ']') != NULL)
		memcpy(dst + strlen(dst), port, strlen(port) + 1);
}

/* grpc-message is percent-encoded. */
static void take_grpc_message(struct http_result *result, const char *s)
{
	char plain[sizeof(result->grpc_message)], hex[3] = "";
	size_t n = 0;

	for (; *s != '\0' && n < sizeof(plain); n++, s++) {
		if (*s == '%' && strspn(s + 1, "0123456789abcdefABCDEF") >= 2) {
			memcpy(hex, s + 1, 2);
			plain[n] = (char)strtoul(hex, NULL, 16);
			s += 2;
		} else {
			plain[n] = *s;
		}
	}
	text_safe(result->grpc_message, sizeof(result->grpc_message), plain, n);
}

static void take_header(struct transfer *t, const char *name, const char *value)
{
	struct http_result *r = &t->result;
	int64_t n;
	time_t at;

	if (strcasecmp(name, "content-type") == 0) {
		str_copy(t->content_type, sizeof(t->content_type), value);
	} else if (strcasecmp(name, "date") == 0) {
		at = curl_getdate(value, NULL);
		r->date_ms = at == (time_t)-1 ? INT64_MIN : (int64_t)at * 1000;
	} else if (strcasecmp(name, "retry-after") == 0) {
		r->retry_after_s = http_retry_after_s(value, instant_now().wall_ms);
	} else if (strcasecmp(name, "grpc-status") == 0) {
		if (str_i64(value, &n) && n >= 0 && n < 1000)
			r->grpc_status = (int)n;
	} else if (strcasecmp(name, "grpc-message") == 0) {
		take_grpc_message(r, value);
	}
}

/* "HTTP/2 200": begins a head; an interim one (100) is followed by another. */
static void take_status(struct transfer *t, const char *line)
{
	const char *space = strchr(line, ' ');

	t->result.status = space != NULL ? strtol(space, NULL, 10) : 0;
	t->content_type[0] = '\0';
}

static int give_head(struct transfer *t)
{
	const struct http_head head = {.status = t->result.status, .content_type = t->content_type};

	if (t->head_given || head.status < 200)
		return 0;
	t->head_given = true;
	if (t->calls.head == NULL || t->calls.head(t->arg, &head) == 0)
		return 0;
	t->stopped = true;
	return -1;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;
	char line[1024];
	char *value;

	t->head_bytes += n;
	if (t->head_bytes > HEAD_BYTES_MAX)
		t->over = true;
	if (t->cancelled || t->over)
		return 0;
	str_copy_n(line, sizeof(line), bytes, n);
	line[strcspn(line, "\r\n")] = '\0';
	if (str_starts(line, "HTTP/") && !t->head_given) {
		take_status(t, line);
	} else if (line[0] == '\0') {
		return give_head(t) == 0 ? n : 0;
	} else if ((value = strchr(line, ':')) != NULL) {
		*value++ = '\0';
		take_header(t, line, value + strspn(value, " \t"));
	}
	return n;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;

	if (t->cancelled)
		return 0;
	t->got += n;
	if (t->max_bytes > 0 && t->got > t->max_bytes) {
		t->over = true;
		return 0;
	}
	if (t->calls.data == NULL || t->calls.data(t->arg, bytes, n) == 0)
		return n;
	t->stopped = true;
	return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	(void)arg;
	(void)purpose;
	traffic_connects(&to->addr);
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* On a connection of its own or an old one. Through a unix socket there is no address. */
/* NOLINTNEXTLINE(readability-non-const-parameter): as curl calls it */
static int on_request(void *arg, char *ip, char *own_ip, int port, int own_port)
{
	(void)arg;
	(void)own_ip;
	(void)own_port;
	traffic_asks(ip, port);
	return CURL_PREREQFUNC_OK;
}

/* Neither is fatal: a unix socket has no TCP options. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const unsigned user_timeout = USER_TIMEOUT_MS;
	struct transfer *t = arg;

	(void)purpose;
	t->fd = fd;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof(user_timeout));
	return CURL_SOCKOPT_OK;
}

static bool is_https(const char *url)
{
	return strncasecmp(url, "https://", strlen("https://")) == 0;
}

static bool has_line_break(const char *s)
{
	return s != NULL && strpbrk(s, "\r\n") != NULL;
}

static bool names_header(const char *header, const char *name)
{
	return strncasecmp(header, name, strlen(name)) == 0 && header[strlen(name)] == ':';
}

static void add_header(struct transfer *t, const char *line)
{
	t->headers = curl_slist_append(t->headers, line);
}

static void set_headers(struct transfer *t, const struct http_request *r)
{
	const char *const *h;
	bool typed = false;
	char *line;

	for (h = r->headers; h != NULL && *h != NULL; h++) {
		add_header(t, *h);
		typed = typed || names_header(*h, "content-type");
	}
	if (r->bearer != NULL) {
		line = str_fmt("Authorization: Bearer %s", r->bearer);
		add_header(t, line);
		mem_forget(&line);
	}
	/* Neither curl's form type nor its wait for "100 Continue" is wanted. */
	if (r->body_bytes > 0 && !typed)
		add_header(t, "Content-Type:");
	if (r->body_bytes > 0)
		add_header(t, "Expect:");
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void set_method(struct transfer *t, const struct http_request *r)
{
	const char *method = r->method != NULL ? r->method : "GET";
	CURL *c = t->easy;

	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	if (r->body_bytes > 0 || strcmp(method, "POST") == 0) {
		t->body = mem_dup(r->body_bytes > 0 ? r->body : "", r->body_bytes);
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_bytes);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->body);
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
}

static void set_route(struct transfer *t, const struct http_request *r)
{
	CURL *c = t->easy;
	char *line;

	if (r->connect_to != NULL) {
		line = str_fmt("::%s", r->connect_to);
		t->connect_to = curl_slist_append(NULL, line);
		free(line);
		curl_easy_setopt(c, CURLOPT_CONNECT_TO, t->connect_to);
	}
	curl_easy_setopt(c, CURLOPT_PROXY, r->proxy != NULL ? r->proxy : "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, r->proxy != NULL ? "" : "*");
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (r->unix_socket != NULL)
		curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, r->unix_socket);
}

static void set_connection(struct transfer *t, const struct http_request *r)
{
	static const long versions[] = {
		[HTTP_V2] = CURL_HTTP_VERSION_2TLS,
		[HTTP_V1] = CURL_HTTP_VERSION_1_1,
		[HTTP_V2_CLEAR] = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
	};
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, versions[r->version]);
	curl_easy_setopt(c, CURLOPT_PIPEWAIT, r->version == HTTP_V1 || r->fresh ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)t->connect_ms + BACKUP_MS);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPIDLE, 10L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPINTVL, 5L);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_SOCKOPTDATA, t);
	/* curl 7.88 cannot use an HTTP/2 connection without TLS twice ("Error in the HTTP2 framing
	 * layer"). */
	if (r->fresh || r->version == HTTP_V2_CLEAR) {
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	}
}

static void set_credentials(struct transfer *t, const struct http_request *r)
{
	CURL *c = t->easy;

	t->tls = http_tls_ref(r->tls);
	http_tls_apply(t->tls, c);
	if (r->basic != NULL) {
		curl_easy_setopt(c, CURLOPT_USERPWD, r->basic);
		curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
	}
	if (r->sigv4 != NULL)
		curl_easy_setopt(c, CURLOPT_AWS_SIGV4, r->sigv4);
}

/* user:password@ in front of the host. */
static bool names_user(const char *url)
{
	const char *host = strstr(url, "://");

	return host != NULL && memchr(host + 3, '@', strcspn(host + 3, "/?#")) != NULL;
}

/* Everyone on the way would read it. */
static bool sends_clear_credential(const struct http_request *r)
{
	const char *const *h;
	bool credential =
		r->bearer != NULL || r->basic != NULL || r->sigv4 != NULL || names_user(r->url);

	for (h = r->headers; h != NULL && *h != NULL; h++)
		credential = credential || names_header(*h, "authorization") ||
			     names_header(*h, "cookie");
	return credential && r->unix_socket == NULL && !is_https(r->url);
}

/* The proxy's own name and password go to the proxy, whatever is spoken through it. */
static bool sends_clear_proxy_password(const struct http_request *r)
{
	const char *const *h;
	bool password = r->proxy != NULL && names_user(r->proxy);

	for (h = r->headers; h != NULL && *h != NULL; h++)
		password = password || names_header(*h, "proxy-authorization");
	return password && r->proxy != NULL && !is_https(r->proxy);
}

static int check_secrets(const struct http_request *r, const char *where, struct err *e)
{
	if (sends_clear_credential(r))
		return err_set(e, ERR_TLS,
			_("no token or password is sent to %s without TLS: its URL must begin with "
			  "https://"),
			where);
	if (sends_clear_proxy_password(r))
		return err_set(e, ERR_TLS,
			_("no password is sent to the proxy on the way to %s without TLS: the "
			  "proxy's URL must begin with https://"),
			where);
	return 0;
}

static int check_request(const struct http_request *r, const char *where, struct err *e)
{
	const char *const *h;
	bool broken =
		has_line_break(r->bearer) || has_line_break(r->method) || has_line_break(r->basic);

	if (http_setup(e) != 0)
		return -1;
	for (h = r->headers; h != NULL && *h != NULL; h++)
		broken = broken || has_line_break(*h);
	if (broken)
		return err_set(e, ERR_USAGE, _("a header or a token for %s has a line break in it"),
			r->url);
	return check_secrets(r, where, e);
}

const struct http_result http_unanswered = {.connect_us = -1,
	.tls_us = -1,
	.total_us = -1,
	.date_ms = INT64_MIN,
	.retry_after_s = -1,
	.grpc_status = -1};

struct transfer *transfer_new(
	const struct http_request *r, const struct http_calls *calls, void *arg)
{
	struct transfer *t = mem_new(struct transfer);
	int64_t now = instant_now().boot_ms;

	t->calls = *calls;
	t->arg = arg;
	t->result = http_unanswered;
	t->connect_ms = r->connect_ms > 0 ? r->connect_ms : CONNECT_MS_DEFAULT;
	t->total_ms = r->total_ms;
	t->connect_by_ms = now + t->connect_ms;
	t->deadline_ms = r->total_ms > 0 ? now + r->total_ms : INT64_MAX;
	t->fd = -1;
	t->max_bytes = r->max_bytes;
	where_of(r, t->where, sizeof(t->where));
	if (check_request(r, t->where, &t->result.err) != 0)
		return t;
	t->easy = curl_easy_init();
	if (t->easy == NULL) {
		err_set(&t->result.err, ERR_SYSTEM, _("no memory for a request to %s"), t->where);
		return t;
	}
	curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->errbuf);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	if (r->gzip)
		curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	set_method(t, r);
	set_headers(t, r);
	set_route(t, r);
	set_connection(t, r);
	set_credentials(t, r);
	return t;
}

static int64_t time_of(const struct transfer *t, CURLINFO which)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(t->easy, which, &us) == CURLE_OK && us > 0 ? us : -1;
}

static void take_times(struct transfer *t)
{
	struct http_result *r = &t->result;
	long version = 0;

	r->connect_us = time_of(t, CURLINFO_CONNECT_TIME_T);
	r->tls_us = time_of(t, CURLINFO_APPCONNECT_TIME_T);
	r->total_us = time_of(t, CURLINFO_TOTAL_TIME_T);
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	r->http_version = version == CURL_HTTP_VERSION_2_0 ? 2 : 1;
}

static void set_outcome(struct transfer *t, CURLcode code)
{
	struct err *e = &t->result.err;

	if (t->cancelled)
		err_set(e, ERR_CANCELLED, _("the request to %s was cancelled"), t->where);
	else if (t->stopped)
		err_set(e, ERR_CANCELLED, _("the answer of %s was stopped"), t->where);
	else if (t->over)
		err_set(e, ERR_LIMIT, _("the answer of %s is larger than %zu bytes"), t->where,
			t->max_bytes > 0 && t->got > t->max_bytes ? t->max_bytes
								  : (size_t)HEAD_BYTES_MAX);
	else if (code != CURLE_OK)
		http_curl_err(t, code);
}

/* curl frees header lines without wiping them, and one may be a token. */
static void headers_free(struct curl_slist *list)
{
	struct curl_slist *l;

	for (l = list; l != NULL; l = l->next)
		if (names_header(l->data, "authorization"))
			mem_wipe(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

static void transfer_free(struct transfer *t)
{
	if (t->easy != NULL)
		curl_easy_cleanup(t->easy);
	headers_free(t->headers);
	curl_slist_free_all(t->connect_to);
	http_tls_unref(t->tls);
	free(t->body);
	free(t);
}

void transfer_end(struct transfer *t, CURLcode code)
{
	if (t->easy != NULL) {
		take_times(t);
		if (t->result.err.code == ERR_NONE)
			set_outcome(t, code);
	}
	if (t->calls.done != NULL)
		t->calls.done(t->arg, &t->result);
	transfer_free(t);
}

void transfer_poison(struct transfer *t)
{
	if (t->easy != NULL)
		curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
}

static bool is_connected(const struct transfer *t)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &us) == CURLE_OK && us > 0;
}

int64_t transfer_wants_by(struct transfer *t)
{
	if (!t->connected)
		t->connected = is_connected(t);
	return t->connected || t->deadline_ms < t->connect_by_ms ? t->deadline_ms
								 : t->connect_by_ms;
}
