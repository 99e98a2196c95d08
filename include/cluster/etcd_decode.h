/* etcd's answers, from bytes to plain values. Pure; any thread. Each fills its member of the
 * answer's union (cluster/etcd.h). Hostile bytes fail with ERR_INPUT and leave it as it was
 * cleared; text inside is made safe to show. */
#ifndef CLUSTER_ETCD_DECODE_H
#define CLUSTER_ETCD_DECODE_H

#include "base/err.h"
#include "cluster/etcd.h"

int etcd_status_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e);
int etcd_members_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e);
int etcd_alarms_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e);
int etcd_hash_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e);
int etcd_range_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e);
/* The JSON of the peer port's /members: ids are numbers past INT64_MAX. It does not name the
 * cluster: cluster_id is 0. */
int etcd_peer_members_decode(
	const unsigned char *bytes, size_t n, struct etcd_answer *answer, struct err *e);

#endif
