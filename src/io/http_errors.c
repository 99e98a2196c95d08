/* What went wrong, as a sentence an operator can act on. curl's codes say in which of
 * its own functions a transfer ended; what matters is which layer of the cluster that
 * points at: nobody listens, no way there, certificates, credentials, or silence. */
#include "http_easy.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/i18n.h"
#include "base/text.h"

#define LOST_ALERT_US 1000000

/* OpenSSL's X509_V_ERR_*, as curl passes them on. */
enum verify {
	VERIFY_NO_ISSUER = 2,
	VERIFY_SIGNATURE = 7,
	VERIFY_NOT_YET = 9,
	VERIFY_EXPIRED = 10,
	VERIFY_SELF_SIGNED = 18,
	VERIFY_SELF_SIGNED_IN_CHAIN = 19,
	VERIFY_NO_ISSUER_HERE = 20,
	VERIFY_NO_CHAIN = 21,
	VERIFY_REVOKED = 23,
	VERIFY_KEY_MISMATCH = 30,
	VERIFY_NAME = 62
};

static void detail_of(const struct transfer *t, CURLcode code, char *dst, size_t size)
{
	const char *text = t->errbuf[0] != '\0' ? t->errbuf : curl_easy_strerror(code);

	text_safe(dst, size, text, strlen(text));
}

static void set_connect_err(struct transfer *t, CURLcode code)
{
	struct err *e = &t->result.err;
	char room[128];
	long os = 0;

	(void)code;
	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os);
	if (os == ECONNREFUSED)
		err_set(e, ERR_REFUSED, _("connection refused by %s"), t->where);
	else if (os == EHOSTUNREACH || os == ENETUNREACH)
		err_set(e, ERR_UNREACHABLE, _("no route to %s"), t->where);
	else if (os == ETIMEDOUT)
		err_set(e, ERR_TIMEOUT, _("no answer from %s: the network gave up"), t->where);
	else if (os != 0)
		err_set(e, ERR_UNREACHABLE, _("cannot connect to %s: %s"), t->where,
			strerror_r((int)os, room, sizeof(room)));
	else
		err_set(e, ERR_UNREACHABLE, _("cannot connect to %s"), t->where);
}

/* Whether the socket it opened is connected: curl itself says so only after the TLS handshake. */
static bool is_tcp_connected(const struct transfer *t)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	return t->fd >= 0 && getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	       info.tcpi_state == TCP_ESTABLISHED;
}

void transfer_set_timeout(struct transfer *t)
{
	struct err *e = &t->result.err;
	double s = (double)(t->connected || t->deadline_ms < t->connect_by_ms ? t->total_ms
									      : t->connect_ms) /
		   1000;

	if (t->connected && t->result.status != 0)
		err_set(e, ERR_TIMEOUT, _("the answer of %s did not end within %g s"), t->where, s);
	else if (t->connected)
		err_set(e, ERR_TIMEOUT, _("no answer from %s within %g s"), t->where, s);
	else if (is_tcp_connected(t))
		err_set(e, ERR_TIMEOUT,
			_("no answer from %s within %g s: it takes connections, but no TLS "
			  "handshake"),
			t->where, s);
	else
		err_set(e, ERR_TIMEOUT, _("no answer from %s within %g s: no connection"), t->where,
			s);
}

static void set_connect_timeout(struct transfer *t, CURLcode code)
{
	(void)code;
	err_set(&t->result.err, ERR_TIMEOUT, _("no answer from %s within %g s"), t->where,
		(double)t->connect_ms / 1000);
}

static void set_verify_err(struct transfer *t, CURLcode code)
{
	struct err *e = &t->result.err;
	char detail[200];
	long verify = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
	/* The name is curl's own check, before OpenSSL's result is looked at. */
	if (strstr(t->errbuf, "subject name") != NULL)
		verify = VERIFY_NAME;
	switch (verify) {
	case VERIFY_EXPIRED:
		err_set(e, ERR_TLS, _("the certificate of %s has expired"), t->where);
		break;
	case VERIFY_NOT_YET:
		err_set(e, ERR_TLS,
			_("the certificate of %s is not valid yet, or this machine's clock is "
			  "wrong"),
			t->where);
		break;
	case VERIFY_REVOKED:
		err_set(e, ERR_TLS, _("the certificate of %s was revoked"), t->where);
		break;
	case VERIFY_NO_ISSUER:
	case VERIFY_SIGNATURE:
	case VERIFY_SELF_SIGNED:
	case VERIFY_SELF_SIGNED_IN_CHAIN:
	case VERIFY_NO_ISSUER_HERE:
	case VERIFY_NO_CHAIN:
	case VERIFY_KEY_MISMATCH:
		err_set(e, ERR_TLS,
			_("the certificate of %s was issued by another CA than the one we trust"),
			t->where);
		break;
	case VERIFY_NAME:
		err_set(e, ERR_TLS, _("the certificate of %s is made out to other names"),
			t->where);
		break;
	default:
		detail_of(t, code, detail, sizeof(detail));
		err_set(e, ERR_TLS, _("the certificate of %s was not accepted: %s"), t->where,
			detail);
	}
}

/* A server that refuses our certificate says so in an alert, which under TLS 1.3 comes
 * after the handshake: as a failed read or write. */
static bool is_refused_certificate(const struct transfer *t)
{
	static const char *const alerts[] = {"alert bad certificate", "alert certificate required",
		"alert unknown ca", "alert certificate expired", "alert certificate revoked",
		"alert certificate unknown", "alert unsupported certificate",
		"alert access denied"};
	size_t i;

	for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (strstr(t->errbuf, alerts[i]) != NULL)
			return true;
	return false;
}

static void set_tls_err(struct transfer *t, CURLcode code)
{
	struct err *e = &t->result.err;
	char detail[200];

	detail_of(t, code, detail, sizeof(detail));
	if (is_refused_certificate(t))
		err_set(e, ERR_AUTH, _("%s refused our client certificate, or wants one (%s)"),
			t->where, detail);
	else if (strstr(t->errbuf, "unsupported protocol") != NULL || /* we say so, or it does */
		 strstr(t->errbuf, "alert protocol version") != NULL)
		err_set(e, ERR_TLS, _("%s speaks no TLS that is safe, which begins at 1.2 (%s)"),
			t->where, detail);
	else
		err_set(e, ERR_TLS, _("no TLS with %s: %s"), t->where, detail);
}

static void set_own_certificate_err(struct transfer *t, CURLcode code)
{
	char detail[200];

	detail_of(t, code, detail, sizeof(detail));
	err_set(&t->result.err, ERR_TLS,
		_("the certificate, key or CA meant for %s cannot be used: %s"), t->where, detail);
}

/* Under TLS 1.3 the alert is often overtaken by the reset that follows it. A new connection
 * that ends at once after its handshake, before a byte was answered, is taken for such. */
static bool is_lost_alert(const struct transfer *t)
{
	return t->fd >= 0 && t->result.tls_us >= 0 && t->result.status == 0 &&
	       t->result.total_us - t->result.tls_us < LOST_ALERT_US;
}

static void set_lost_alert_err(struct transfer *t, CURLcode code)
{
	char detail[200];

	detail_of(t, code, detail, sizeof(detail));
	err_set(&t->result.err, ERR_AUTH,
		_("%s broke the connection right after the TLS handshake, as when it refuses our "
		  "client certificate or wants one: %s"),
		t->where, detail);
}

static void set_broken_err(struct transfer *t, CURLcode code)
{
	char detail[200];

	detail_of(t, code, detail, sizeof(detail));
	if (strstr(t->errbuf, "alert") != NULL)
		set_tls_err(t, code);
	else if ((code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) && is_lost_alert(t))
		set_lost_alert_err(t, code);
	else
		err_set(&t->result.err, ERR_UNREACHABLE, _("the connection to %s broke: %s"),
			t->where, detail);
}

static void set_silent_err(struct transfer *t, CURLcode code)
{
	if (is_lost_alert(t))
		set_lost_alert_err(t, code);
	else
		err_set(&t->result.err, ERR_UNREACHABLE,
			_("%s closed the connection without an answer"), t->where);
}

static void set_name_err(struct transfer *t, CURLcode code)
{
	(void)code;
	err_set(&t->result.err, ERR_UNREACHABLE, _("no address is known for %s (DNS)"), t->where);
}

static void set_no_http_err(struct transfer *t, CURLcode code)
{
	char detail[200];

	detail_of(t, code, detail, sizeof(detail));
	err_set(&t->result.err, ERR_INPUT, _("what %s answered is no proper HTTP: %s"), t->where,
		detail);
}

static void set_url_err(struct transfer *t, CURLcode code)
{
	char detail[200];

	/* curl uses one code for a scheme it does not know and for an answer it does not. */
	if (strstr(t->errbuf, "HTTP/0.9") != NULL) {
		set_no_http_err(t, code);
		return;
	}
	detail_of(t, code, detail, sizeof(detail));
	err_set(&t->result.err, ERR_USAGE, _("%s is no usable address: %s"), t->where, detail);
}

void http_curl_err(struct transfer *t, CURLcode code)
{
	static const struct {
		CURLcode code;
		void (*set)(struct transfer *t, CURLcode code);
	} rows[] = {
		{CURLE_COULDNT_CONNECT, set_connect_err},
		{CURLE_OPERATION_TIMEDOUT, set_connect_timeout},
		{CURLE_PEER_FAILED_VERIFICATION, set_verify_err},
		{CURLE_SSL_CONNECT_ERROR, set_tls_err},
		{CURLE_USE_SSL_FAILED, set_tls_err},
		{CURLE_SSL_CLIENTCERT, set_tls_err},
		{CURLE_SSL_INVALIDCERTSTATUS, set_tls_err},
		{CURLE_SSL_ISSUER_ERROR, set_tls_err},
		{CURLE_SSL_CERTPROBLEM, set_own_certificate_err},
		{CURLE_SSL_CACERT_BADFILE, set_own_certificate_err},
		{CURLE_SEND_ERROR, set_broken_err},
		{CURLE_RECV_ERROR, set_broken_err},
		{CURLE_PARTIAL_FILE, set_broken_err},
		{CURLE_HTTP2, set_broken_err},
		{CURLE_HTTP2_STREAM, set_broken_err},
		{CURLE_PROXY, set_broken_err},
		{CURLE_GOT_NOTHING, set_silent_err},
		{CURLE_COULDNT_RESOLVE_HOST, set_name_err},
		{CURLE_COULDNT_RESOLVE_PROXY, set_name_err},
		{CURLE_WEIRD_SERVER_REPLY, set_no_http_err},
		{CURLE_BAD_CONTENT_ENCODING, set_no_http_err},
		{CURLE_UNSUPPORTED_PROTOCOL, set_url_err},
		{CURLE_URL_MALFORMAT, set_url_err},
	};
	char detail[200];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].code == code) {
			rows[i].set(t, code);
			return;
		}
	}
	detail_of(t, code, detail, sizeof(detail));
	err_set(&t->result.err, ERR_SYSTEM, _("the request to %s failed: %s"), t->where, detail);
}
