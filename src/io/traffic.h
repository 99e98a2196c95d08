/* Counts on base/meter what leaves this program over TCP, by the address that is really spoken to:
 * a load balancer and a proxy are counted as themselves. Private to src/io. Any thread. */
#ifndef SRC_IO_TRAFFIC_H
#define SRC_IO_TRAFFIC_H

#include <sys/socket.h>

void traffic_connects(const struct sockaddr *to); /* a unix socket is no server: not counted */
void traffic_asks(const char *ip, int port);

#endif
