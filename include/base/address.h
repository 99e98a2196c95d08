/* What a cluster calls an address: of its nodes, its endpoints, its etcd members. Hostile until it
 * was looked at here; only what passes is ever connected to. Pure; any thread. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_ROOM 64

enum address_kind {
	ADDRESS_NONE,     /* no IP address: a name, an option, brackets, a zone, nothing */
	ADDRESS_NOWHERE,  /* unspecified, broadcast, multicast, link-local: no one machine's */
	ADDRESS_LOOPBACK, /* the machine that asks, whoever says it */
	ADDRESS_HOST      /* one machine's */
};

/* Judges the text, and writes the address as inet_ntop does, an IPv4 one inside an IPv6 one as
 * IPv4: equal addresses give equal texts. "" in out for ADDRESS_NONE; out may be NULL. */
enum address_kind address_of(const char *text, char out[ADDRESS_ROOM]);

/* May ssh log in there? Not to a loopback address: that is the operator's own machine, or a
 * tunnel's end. */
bool address_may_log_in(const char *text);

/* http or https, an IP address or a strict DNS name, a port, and nothing else: what an etcd member
 * may advertise. host (may be NULL) is given without brackets, an IP address as address_of writes
 * it, and "" when it is refused; so is port, 0. */
bool address_url(const char *url, char host[ADDRESS_ROOM], int *port);

#endif
