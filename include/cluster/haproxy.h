/* haproxy's `show stat` over its admin socket (doc/management.txt 9.1 and 9.3). Blocking; for
 * workers. */
#ifndef CLUSTER_HAPROXY_H
#define CLUSTER_HAPROXY_H

#include <stdbool.h>
#include <stddef.h>

#include "cluster/node_shell.h"

enum { HAPROXY_MAX_SERVERS = 32 };

struct haproxy_server {
	char proxy[64], name[64];
	char address[64]; /* addr column, "" on old versions */
	char status[24];  /* UP, DOWN, MAINT, no check ... */
	char check[24];   /* L4OK, L4CON, L7STS ... */
	char last[96];    /* last_chk: "Connection refused" */
	bool backend;     /* the BACKEND row */
};
struct haproxy_report {
	size_t n;
	/* servers and BACKEND rows, in haproxy's order */
	struct haproxy_server servers[HAPROXY_MAX_SERVERS];
	bool more; /* there were more */
};
/* Any thread. ERR_INPUT: no `show stat` output. */
int haproxy_parse(const char *csv, size_t n, struct haproxy_report *out, struct err *e);
int haproxy_stat(
	const struct node_call *c, const char *socket, struct haproxy_report *out, struct err *e);

#endif
