/* Base64 as kubeconfigs hold certificates and tokens hold claims: both alphabets are read, one is
 * written. */
#include "base/base64.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	const char *at = strchr(alphabet, c);

	if (c == '-')
		return 62;
	if (c == '_')
		return 63;
	return c == '\0' || at == NULL ? -1 : (int)(at - alphabet);
}

char *base64_decode(const char *text, size_t n, size_t *out_n)
{
	char *out = mem_zero(n / 4 * 3 + 4, 1);
	uint32_t bits = 0;
	size_t len = 0, digits = 0, pads = 0;

	for (size_t i = 0; i < n; i++) {
		int v = value_of(text[i]);

		if (isspace((unsigned char)text[i]))
			continue;
		if (text[i] == '=' && ++pads <= 2)
			continue;
		if (v < 0 || pads > 0)
			goto bad;
		bits = (bits << 6) | (uint32_t)v;
		if (++digits % 4 != 1)
			out[len++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	if (digits % 4 == 1 || (pads > 0 && (digits + pads) % 4 != 0))
		goto bad;
	if (out_n != NULL)
		*out_n = len;
	return out;
bad:
	mem_wipe(out, len);
	free(out);
	return NULL;
}

char *base64_encode(const void *bytes, size_t n)
{
	const unsigned char *in = bytes;
	char *out = mem_zero((n + 2) / 3 * 4 + 1, 1);
	size_t len = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t b = (uint32_t)in[i] << 16 | (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0) |
			     (i + 2 < n ? (uint32_t)in[i + 2] : 0);

		out[len++] = alphabet[b >> 18];
		out[len++] = alphabet[(b >> 12) & 63];
		out[len++] = (char)(i + 1 < n ? alphabet[(b >> 6) & 63] : '=');
		out[len++] = (char)(i + 2 < n ? alphabet[b & 63] : '=');
	}
	return out;
}
