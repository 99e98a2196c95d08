/* TLS credentials: PEM texts shared by every request to an endpoint. curl is given
 * the bytes themselves, without a copy, so a transfer holds a reference; the key is
 * wiped with the last one. */
#include "http_easy.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct http_tls {
	atomic_int refs;
	char *ca, *cert, *key;
	bool insecure;
};

struct http_tls *http_tls_new(const char *ca_pem, const char *cert_pem, const char *key_pem)
{
	struct http_tls *t = mem_new(struct http_tls);

	atomic_init(&t->refs, 1);
	t->ca = mem_str(ca_pem);
	t->cert = mem_str(cert_pem);
	t->key = mem_str(key_pem);
	return t;
}

struct http_tls *http_tls_insecure(struct http_tls *t)
{
	t->insecure = true;
	return t;
}

struct http_tls *http_tls_ref(struct http_tls *t)
{
	if (t != NULL)
		atomic_fetch_add(&t->refs, 1);
	return t;
}

void http_tls_unref(struct http_tls *t)
{
	if (t == NULL || atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	mem_forget(&t->key);
	free(t->ca);
	free(t->cert);
	free(t);
}

static void set_blob(CURL *easy, CURLoption option, char *pem)
{
	struct curl_blob blob = {.data = pem, .flags = CURL_BLOB_NOCOPY};

	if (pem == NULL)
		return;
	blob.len = strlen(pem);
	curl_easy_setopt(easy, option, &blob);
}

void http_tls_apply(const struct http_tls *tls, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (tls == NULL)
		return;
	set_blob(easy, CURLOPT_CAINFO_BLOB, tls->ca);
	if (tls->ca != NULL)
		curl_easy_setopt(easy, CURLOPT_CAPATH,
			NULL); /* the system's authorities do not speak for a cluster */
	set_blob(easy, CURLOPT_SSLCERT_BLOB, tls->cert);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, tls->key);
	/* Without one OpenSSL would ask on the terminal, and curl 7.88 reads a NULL. */
	curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	if (tls->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}
