/* What the tls files share: PEM in and out, and OpenSSL's last error in words. Private to
 * src/io/tls*.c. */
#ifndef SRC_IO_TLS_X509_H
#define SRC_IO_TLS_X509_H

#include <openssl/x509.h>

#include "io/tls.h"

/* The first certificate of a text; NULL and e when there is none. */
X509 *tls_x509_first(const char *pem, struct err *e);
/* Every certificate of a text as trusted; NULL and e when there is none. */
X509_STORE *tls_x509_store(const char *pem, struct err *e);
void tls_x509_read(X509 *x, struct tls_cert *out);
/* part: NID_commonName, NID_organizationName. Made safe to show; "" when absent. */
void tls_x509_name_part(X509_NAME *name, int part, char *dst, size_t size);
char *tls_x509_pem(X509 *x); /* new */
/* "what: reason" from OpenSSL's queue. Returns -1. */
int tls_x509_fail(struct err *e, const char *what);

#endif
