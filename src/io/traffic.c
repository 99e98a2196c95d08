/* Names are written as the API servers' and members' are: "10.0.1.10:6443", "[fd00::1]:6443". */
#include "traffic.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/instant.h"
#include "base/meter.h"

static void count(const char *ip, int port, enum meter_what what)
{
	char host[ADDRESS_ROOM], name[METER_NAME];

	if (address_of(ip, host) == ADDRESS_NONE)
		return;
	snprintf(name, sizeof(name), strchr(host, ':') != NULL ? "[%s]:%d" : "%s:%d", host, port);
	meter_count(METER_SERVER, name, what, instant_now().boot_ms);
}

void traffic_connects(const struct sockaddr *to)
{
	char ip[INET6_ADDRSTRLEN];
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (to->sa_family == AF_INET) {
		memcpy(&four, to, sizeof(four));
		inet_ntop(AF_INET, &four.sin_addr, ip, sizeof(ip));
		count(ip, ntohs(four.sin_port), METER_CONNECTIONS);
	} else if (to->sa_family == AF_INET6) {
		memcpy(&six, to, sizeof(six));
		inet_ntop(AF_INET6, &six.sin6_addr, ip, sizeof(ip));
		count(ip, ntohs(six.sin6_port), METER_CONNECTIONS);
	}
}

void traffic_asks(const char *ip, int port)
{
	count(ip, port, METER_REQUESTS);
}
