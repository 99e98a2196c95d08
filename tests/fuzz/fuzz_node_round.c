/* What a node prints for a round: every text comes out printable and within its room, every number
 * in its range. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/node_round.h"
#include "fuzz/fuzz.h"
#include "help/printable.h"

static void check_text(const char *s, size_t room)
{
	if (!is_printable(s, room))
		abort();
}

#define check(field) check_text((field), sizeof(field))

static void check_percent(int percent)
{
	if (percent < -1 || percent > 100)
		abort();
}

static void check_report(const struct host_report *r)
{
	check(r->runtime_unit);
	check(r->runtime);
	check(r->runtime_error);
	check(r->kubelet);
	check(r->kubelet_last);
	check(r->manifests);
	check_percent(r->disk_percent_root);
	check_percent(r->disk_percent_etcd);
	check_percent(r->disk_percent_containerd);
	if (r->n_containers > HOST_MAX_CONTAINERS || r->n_certs > HOST_MAX_CERTS ||
		strnlen(r->etcd_metrics, sizeof(r->etcd_metrics)) == sizeof(r->etcd_metrics))
		abort();
	for (size_t i = 0; i < r->n_containers; i++) {
		check(r->containers[i].name);
		check(r->containers[i].pod);
		check(r->containers[i].state);
	}
	for (size_t i = 0; i < r->n_certs; i++)
		check(r->certs[i].path);
	for (size_t i = 0; i < HOST_LOGS; i++)
		if (r->logs[i].back_s < 0 || r->logs[i].back_s > HOST_LOG_BACK_S ||
			r->logs[i].recent < 0 || r->logs[i].before < 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct node_round_asked a = {.nonce = "0",
		.vip = "10.0.1.10",
		.with_slow = true,
		.sent_ms = 1763880000000,
		.got_ms = 1763880000200};
	struct host_report *r = malloc(sizeof(*r));

	if (r == NULL || setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		abort();
	node_round_parse((const char *)bytes, n, &a, r, NULL);
	check_report(r);
	free(r);
	return 0;
}
