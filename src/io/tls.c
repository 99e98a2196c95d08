/* Certificates as values. OpenSSL's names are hostile strings like any other from the
 * cluster, so they are made safe to show on the way out. */
#include "io/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/sha.h"
#include "base/str.h"
#include "base/text.h"
#include "tls_x509.h"

int tls_x509_fail(struct err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return err_set(e, ERR_TLS, "%s: %s", what, reason != NULL ? reason : "OpenSSL");
}

static BIO *bio_of(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);

	ERR_clear_error();
	return bio;
}

X509 *tls_x509_first(const char *pem, struct err *e)
{
	BIO *bio = bio_of(pem);
	X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	if (x == NULL)
		tls_x509_fail(e, _("no readable certificate"));
	ERR_clear_error();
	return x;
}

X509_STORE *tls_x509_store(const char *pem, struct err *e)
{
	BIO *bio = bio_of(pem);
	X509_STORE *store = X509_STORE_new();
	int n = 0;
	X509 *x;

	while ((x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		X509_STORE_add_cert(store, x);
		X509_free(x);
		n++;
	}
	BIO_free(bio);
	ERR_clear_error();
	if (n > 0) {
		X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
		return store;
	}
	X509_STORE_free(store);
	err_set(e, ERR_TLS, _("no readable certificate in the CA text"));
	return NULL;
}

void tls_x509_name_part(X509_NAME *name, int part, char *dst, size_t size)
{
	int at = X509_NAME_get_index_by_NID(name, part, -1);
	unsigned char *text = NULL;
	int n;

	dst[0] = '\0';
	if (at < 0)
		return;
	n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0)
		text_safe(dst, size, (const char *)text, (size_t)n);
	OPENSSL_free(text);
}

static void read_name(X509_NAME *name, char *dst, size_t size)
{
	char line[200];

	tls_x509_name_part(name, NID_commonName, dst, size);
	if (dst[0] != '\0')
		return;
	X509_NAME_oneline(name, line, sizeof(line));
	text_safe(dst, size, line, strlen(line));
}

static int64_t read_time(const ASN1_TIME *at)
{
	struct tm tm;

	return ASN1_TIME_to_tm(at, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : INT64_MIN;
}

/* One alternative name as text; "" for the kinds nobody uses here. */
static void name_text(const GENERAL_NAME *name, char *dst, size_t size)
{
	const ASN1_STRING *s;
	int family;

	dst[0] = '\0';
	if (name->type == GEN_DNS) {
		s = name->d.dNSName;
		text_safe(dst, size, (const char *)ASN1_STRING_get0_data(s),
			(size_t)ASN1_STRING_length(s));
	} else if (name->type == GEN_IPADD) {
		s = name->d.iPAddress;
		family = ASN1_STRING_length(s) == 4 ? AF_INET : AF_INET6;
		if (ASN1_STRING_length(s) == 4 || ASN1_STRING_length(s) == 16)
			inet_ntop(family, ASN1_STRING_get0_data(s), dst, (socklen_t)size);
	}
}

static void read_alternatives(X509 *x, char *dst, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	char one[256];
	size_t used = 0;
	int i;

	dst[0] = '\0';
	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		name_text(sk_GENERAL_NAME_value(names, i), one, sizeof(one));
		if (one[0] == '\0' || used + strlen(one) + 2 > size)
			continue;
		if (used > 0)
			dst[used++] = ' ';
		str_copy(dst + used, size - used, one);
		used += strlen(one);
	}
	GENERAL_NAMES_free(names);
}

void tls_x509_read(X509 *x, struct tls_cert *out)
{
	unsigned n = sizeof(out->sha256);

	memset(out, 0, sizeof(*out));
	read_name(X509_get_subject_name(x), out->subject, sizeof(out->subject));
	read_name(X509_get_issuer_name(x), out->issuer, sizeof(out->issuer));
	read_alternatives(x, out->names, sizeof(out->names));
	out->not_before_ms = read_time(X509_get0_notBefore(x));
	out->not_after_ms = read_time(X509_get0_notAfter(x));
	out->is_ca = X509_check_ca(x) > 0;
	X509_digest(x, EVP_sha256(), out->sha256, &n);
	ERR_clear_error();
}

char *tls_x509_pem(X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes, *pem;
	long n;

	PEM_write_bio_X509(bio, x);
	n = BIO_get_mem_data(bio, &bytes);
	pem = mem_dup(bytes, (size_t)n);
	BIO_free(bio);
	return pem;
}

int tls_read_pem(const char *pem, size_t n, struct tls_cert *out, int max, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)n);
	int count = 0;
	X509 *x;

	ERR_clear_error();
	while (count < max && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		tls_x509_read(x, &out[count++]);
		X509_free(x);
	}
	BIO_free(bio);
	if (count == 0 && max > 0)
		return tls_x509_fail(e, _("no readable certificate"));
	ERR_clear_error();
	return count;
}

int tls_signed_by(const char *cert_pem, const char *ca_pem, struct err *e)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *cert = tls_x509_first(cert_pem, e);
	X509_STORE *store = cert != NULL ? tls_x509_store(ca_pem, e) : NULL;
	int rc = -1;

	if (store != NULL && X509_STORE_CTX_init(ctx, store, cert, NULL) == 1) {
		rc = X509_verify_cert(ctx) == 1 ? 1 : 0;
		if (rc == 0)
			err_set(e, ERR_TLS, "%s",
				X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	}
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(cert);
	ERR_clear_error();
	return rc;
}

int tls_ca_hash(const char *ca_pem, char hex[65], struct err *e)
{
	unsigned char digest[SHA_BYTES];
	unsigned char *der = NULL;
	X509 *x = tls_x509_first(ca_pem, e);
	int n;

	hex[0] = '\0';
	if (x == NULL)
		return -1;
	n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	X509_free(x);
	if (n <= 0)
		return tls_x509_fail(e, _("the CA's public key"));
	sha_of(der, (size_t)n, digest);
	sha_hex(digest, hex);
	OPENSSL_free(der);
	return 0;
}
