/* A client's key and certificate, looked at when they are read: what OpenSSL would only say in the
 * middle of a handshake, or ask for on the terminal, is said here, once, in words. */
#include "io/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/i18n.h"
#include "tls_x509.h"

/* OpenSSL's own would prompt over the screen. The key is encrypted, or this was not called. */
/* NOLINTNEXTLINE(readability-non-const-parameter): as OpenSSL calls it */
static int refuse_pass_phrase(char *dst, int size, int writing, void *asked)
{
	(void)dst;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static EVP_PKEY *read_key(const char *pem, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	bool asked = false;
	EVP_PKEY *key;

	ERR_clear_error();
	key = PEM_read_bio_PrivateKey(bio, NULL, refuse_pass_phrase, &asked);
	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL && asked)
		err_set(e, ERR_INPUT,
			_("the client key is encrypted: decrypt it first (openssl pkey -in KEY "
			  "-out NEW)"));
	else if (key == NULL)
		err_set(e, ERR_INPUT,
			_("the client key is no private key in PEM that can be read (see openssl "
			  "pkey -in KEY)"));
	return key;
}

int tls_check_pair(const char *cert_pem, const char *key_pem, struct err *e)
{
	EVP_PKEY *key = read_key(key_pem, e);
	X509 *cert = key != NULL ? tls_x509_first(cert_pem, NULL) : NULL;
	int rc = -1;

	if (key != NULL && cert == NULL)
		err_set(e, ERR_INPUT,
			_("the client certificate is none in PEM that can be read (see openssl "
			  "x509 -in CERT)"));
	else if (key != NULL && X509_check_private_key(cert, key) != 1)
		err_set(e, ERR_INPUT,
			_("the client key belongs to another certificate than the one beside it: "
			  "take both from one issue"));
	else if (key != NULL)
		rc = 0;
	ERR_clear_error();
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}
