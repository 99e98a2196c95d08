/* Queries of the API's paths. Tokens and resource versions are opaque, so every value is encoded.
 */
#include "cluster/kube_query.h"

#include <stdio.h>
#include <string.h>

void kube_query_escape(struct buf *path, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			buf_putc(path, *text);
		else
			buf_fmt(path, "%%%02X", (unsigned)(unsigned char)*text);
	}
}

void kube_query_add(struct buf *path, const char *key, const char *value)
{
	buf_fmt(path, "%c%s=", strchr(buf_text(path), '?') != NULL ? '&' : '?', key);
	kube_query_escape(path, value);
}

void kube_query_int(struct buf *path, const char *key, long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", value);
	kube_query_add(path, key, text);
}
