/* A throwaway certificate authority, for the practice cluster and the tests: P-256 keys
 * that live in memory and end with the process. */
#include "io/tls_authority.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tls_x509.h"

#define CA_DAYS      3650
#define DAY_S        86400
#define SERIAL_BYTES 16
#define NAMES_MAX    4096

struct tls_authority {
	X509 *cert;
	EVP_PKEY *key;
	char *pem;
};

static int add_name(X509_NAME *name, const char *part, const char *value)
{
	return value == NULL || X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
					(const unsigned char *)value, -1, -1, 0) == 1;
}

static int add_extension(X509 *x, X509 *issuer, int which, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	int ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, which, value);
	ok = ext != NULL && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static int set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *n;
	int ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return 0;
	bytes[0] &= 0x7f;
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

/* A certificate without extensions and signature. */
static X509 *blank(EVP_PKEY *key, const char *cn, const char *org, time_t from, time_t to)
{
	X509 *x = X509_new();
	X509_NAME *name;

	if (x == NULL)
		return NULL;
	name = X509_get_subject_name(x);
	if (X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
		X509_set_pubkey(x, key) == 1 &&
		X509_time_adj_ex(X509_getm_notBefore(x), 0, 0, &from) != NULL &&
		X509_time_adj_ex(X509_getm_notAfter(x), 0, 0, &to) != NULL &&
		add_name(name, "O", org) && add_name(name, "CN", cn))
		return x;
	X509_free(x);
	return NULL;
}

struct tls_authority *tls_authority_new(const char *name, struct err *e)
{
	struct tls_authority *ca = mem_new(struct tls_authority);
	time_t now = time(NULL);

	ERR_clear_error();
	ca->key = EVP_EC_gen("P-256");
	if (ca->key != NULL)
		ca->cert = blank(ca->key, name, NULL, now - DAY_S, now + (time_t)CA_DAYS * DAY_S);
	if (ca->cert == NULL ||
		X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) != 1 ||
		!add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE") ||
		!add_extension(ca->cert, ca->cert, NID_key_usage,
			"critical,keyCertSign,cRLSign,digitalSignature") ||
		!add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash") ||
		X509_sign(ca->cert, ca->key, EVP_sha256()) == 0) {
		tls_x509_fail(e, "CA");
		tls_authority_free(ca);
		return NULL;
	}
	ca->pem = tls_x509_pem(ca->cert);
	return ca;
}

void tls_authority_free(struct tls_authority *ca)
{
	if (ca == NULL)
		return;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	free(ca->pem);
	free(ca);
}

const char *tls_authority_pem(const struct tls_authority *ca)
{
	return ca->pem;
}

/* "IP:10.0.0.1,DNS:m1" */
static int add_names(X509 *x, X509 *issuer, const char *const *names)
{
	unsigned char address[16];
	struct buf list;
	bool ip;
	int ok;

	buf_init(&list, NAMES_MAX);
	for (; *names != NULL; names++) {
		ip = inet_pton(AF_INET, *names, address) == 1 ||
		     inet_pton(AF_INET6, *names, address) == 1;
		buf_fmt(&list, "%s%s:%s", list.len > 0 ? "," : "", ip ? "IP" : "DNS", *names);
	}
	ok = !list.over && add_extension(x, issuer, NID_subject_alt_name, buf_text(&list));
	buf_done(&list);
	return ok;
}

static char *key_pem_of(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes, *pem;
	long n;

	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	n = BIO_get_mem_data(bio, &bytes);
	pem = mem_dup(bytes, (size_t)n);
	mem_wipe(bytes, (size_t)n);
	BIO_free(bio);
	return pem;
}

int tls_authority_issue(struct tls_authority *ca, const struct tls_issue *what, char **cert_pem,
	char **key_pem, struct err *e)
{
	EVP_PKEY *key;
	X509 *x = NULL;
	int rc = -1;

	*cert_pem = *key_pem = NULL;
	ERR_clear_error();
	key = EVP_EC_gen("P-256");
	if (key != NULL)
		x = blank(key, what->cn, what->org, (time_t)(what->not_before_ms / 1000),
			(time_t)(what->not_after_ms / 1000));
	if (x != NULL && X509_set_issuer_name(x, X509_get_subject_name(ca->cert)) == 1 &&
		add_extension(x, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
		add_extension(x, ca->cert, NID_key_usage, "critical,digitalSignature") &&
		add_extension(x, ca->cert, NID_ext_key_usage,
			what->names != NULL ? "serverAuth,clientAuth" : "clientAuth") &&
		add_extension(x, ca->cert, NID_authority_key_identifier, "keyid") &&
		(what->names == NULL || add_names(x, ca->cert, what->names)) &&
		X509_sign(x, ca->key, EVP_sha256()) != 0) {
		*cert_pem = tls_x509_pem(x);
		*key_pem = key_pem_of(key);
		rc = 0;
	} else {
		tls_x509_fail(e, what->cn);
	}
	X509_free(x);
	EVP_PKEY_free(key);
	return rc;
}
