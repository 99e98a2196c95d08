/* inet_pton is strict where getaddrinfo, and with it ssh and curl, is generous: "127.1",
 * "0x7f000001" and "2130706433" all mean this machine to them, "local" and "-oProxyCommand=x" mean
 * worse to others. So an address is what inet_pton takes, and a name what cannot be a number. */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define NAME_MAX_BYTES  253
#define LABEL_MAX_BYTES 63

static enum address_kind kind4(const struct in_addr *a)
{
	uint32_t ip = ntohl(a->s_addr);

	if (ip >> 24 == 127)
		return ADDRESS_LOOPBACK;
	if (ip >> 24 == 0 || ip >> 28 == 14 || ip >> 16 == 0xa9fe || ip == 0xffffffff)
		return ADDRESS_NOWHERE;
	return ADDRESS_HOST;
}

static enum address_kind kind6(const struct in6_addr *a)
{
	if (IN6_IS_ADDR_LOOPBACK(a))
		return ADDRESS_LOOPBACK;
	if (IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_MULTICAST(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
		IN6_IS_ADDR_V4COMPAT(a))
		return ADDRESS_NOWHERE;
	return ADDRESS_HOST;
}

enum address_kind address_of(const char *text, char out[ADDRESS_ROOM])
{
	char own[ADDRESS_ROOM];
	struct in6_addr a6;
	struct in_addr a4;

	out = out != NULL ? out : own;
	out[0] = '\0';
	if (text == NULL)
		return ADDRESS_NONE;
	if (inet_pton(AF_INET6, text, &a6) == 1 && !IN6_IS_ADDR_V4MAPPED(&a6)) {
		inet_ntop(AF_INET6, &a6, out, ADDRESS_ROOM);
		return kind6(&a6);
	}
	if (inet_pton(AF_INET6, text, &a6) == 1)
		memcpy(&a4, &a6.s6_addr[12], sizeof(a4));
	else if (inet_pton(AF_INET, text, &a4) != 1)
		return ADDRESS_NONE;
	inet_ntop(AF_INET, &a4, out, ADDRESS_ROOM);
	return kind4(&a4);
}

bool address_may_log_in(const char *text)
{
	return address_of(text, NULL) == ADDRESS_HOST;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *s, size_t n)
{
	if (n == 0 || n > LABEL_MAX_BYTES || s[0] == '-' || s[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(s[i]) && s[i] != '-' && s[i] != '_')
			return false;
	return true;
}

/* "7", "0x7f": resolvers read a name that ends so as a number. */
static bool is_number(const char *s)
{
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return s[2 + strspn(s + 2, "0123456789abcdefABCDEF")] == '\0';
	return s[strspn(s, "0123456789")] == '\0';
}

/* Letters, digits, '-' and '_' in labels, and nothing that a resolver would take for a number. */
static bool is_name(const char *text)
{
	const char *label = text;

	if (text == NULL || strnlen(text, NAME_MAX_BYTES + 1) > NAME_MAX_BYTES)
		return false;
	for (;; label += strcspn(label, ".") + 1) {
		size_t n = strcspn(label, ".");

		if (!is_label(label, n))
			return false;
		if (label[n] == '\0')
			return !is_number(label);
	}
}

/* Cuts the host out of what stands behind "://" and gives the rest, or NULL. */
static const char *cut_host(const char *at, char host[ADDRESS_ROOM])
{
	bool bracket = *at == '[';
	size_t n = strcspn(at += bracket, bracket ? "]" : ":/");
	char text[ADDRESS_ROOM];
	enum address_kind kind;

	if (!str_copy_n(text, sizeof(text), at, n) || (bracket && at[n] != ']'))
		return NULL;
	kind = address_of(text, host);
	if (kind == ADDRESS_NOWHERE || bracket != (strchr(text, ':') != NULL))
		return NULL;
	if (kind == ADDRESS_NONE) {
		if (!is_name(text))
			return NULL;
		str_copy(host, ADDRESS_ROOM, text);
	}
	return at + n + bracket;
}

/* ":2379" or ":2379/" */
static bool is_port(const char *at, int *port)
{
	size_t n = *at == ':' ? strspn(at + 1, "0123456789") : 0;
	const char *end = at + 1 + n;

	if (n == 0 || n > 5 || (end[0] != '\0' && (end[0] != '/' || end[1] != '\0')))
		return false;
	*port = 0;
	for (size_t i = 1; i <= n; i++)
		*port = *port * 10 + (at[i] - '0');
	return *port >= 1 && *port <= 65535;
}

bool address_url(const char *url, char host[ADDRESS_ROOM], int *port)
{
	char own[ADDRESS_ROOM];
	const char *at = NULL;
	int own_port = 0;

	host = host != NULL ? host : own;
	port = port != NULL ? port : &own_port;
	if (url != NULL && str_starts(url, "https://"))
		at = cut_host(url + 8, host);
	else if (url != NULL && str_starts(url, "http://"))
		at = cut_host(url + 7, host);
	if (at != NULL && is_port(at, port))
		return true;
	host[0] = '\0';
	*port = 0;
	return false;
}
