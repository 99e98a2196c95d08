/* SHA-256 by OpenSSL's EVP. It fails only where memory does, and ends likewise. */
#include "base/sha.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct sha {
	EVP_MD_CTX *md;
};

static void must(int ok)
{
	if (ok == 1)
		return;
	fputs("k911: OpenSSL gives no SHA-256\n", stderr);
	abort();
}

struct sha *sha_new(void)
{
	struct sha *s = mem_new(struct sha);

	s->md = EVP_MD_CTX_new();
	must(s->md != NULL && EVP_DigestInit_ex(s->md, EVP_sha256(), NULL) == 1);
	return s;
}

void sha_free(struct sha *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->md);
	free(s);
}

void sha_add(struct sha *s, const void *bytes, size_t n)
{
	must(EVP_DigestUpdate(s->md, bytes, n));
}

void sha_end(struct sha *s, unsigned char digest[SHA_BYTES])
{
	must(EVP_DigestFinal_ex(s->md, digest, NULL));
	must(EVP_DigestInit_ex(s->md, EVP_sha256(), NULL));
}

void sha_of(const void *bytes, size_t n, unsigned char digest[SHA_BYTES])
{
	must(EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL));
}

void sha_hmac(
	const void *key, size_t key_n, const void *bytes, size_t n, unsigned char digest[SHA_BYTES])
{
	must(key_n <= INT_MAX &&
		HMAC(EVP_sha256(), key, (int)key_n, bytes, n, digest, NULL) != NULL);
}

char *sha_hex(const unsigned char digest[SHA_BYTES], char hex[SHA_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[SHA_HEX - 1] = '\0';
	return hex;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sha_parse(const char *hex, unsigned char digest[SHA_BYTES])
{
	if (hex == NULL || strlen(hex) != SHA_HEX - 1)
		return false;
	for (size_t i = 0; i < SHA_BYTES; i++) {
		int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
