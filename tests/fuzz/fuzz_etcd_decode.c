/* etcd's answers from whoever listens on its ports: the first byte chooses the decoder. Texts come
 * out printable and whole, counts within their rooms. */
#include <locale.h>
#include <stdlib.h>

#include "cluster/etcd_decode.h"
#include "fuzz/fuzz.h"
#include "help/printable.h"

static void check_text(const char *s, size_t room)
{
	if (!is_printable(s, room))
		abort();
}

static void check_members(const struct etcd_members_answer *a)
{
	if (a->n > ETCD_MAX_MEMBERS)
		abort();
	for (size_t i = 0; i < a->n; i++) {
		check_text(a->members[i].name, sizeof(a->members[i].name));
		check_text(a->members[i].peer_url, sizeof(a->members[i].peer_url));
		check_text(a->members[i].client_url, sizeof(a->members[i].client_url));
	}
}

static void check_metrics(const char *text, size_t n)
{
	struct etcd_metrics m;

	etcd_metrics_parse(text, n, &m);
	if (m.fsync.n > ETCD_MAX_BUCKETS || m.fsync_p99_us < -1 ||
		etcd_histogram_p99_us(&m.fsync, &m.fsync) < -1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct etcd_answer a;

	if (n == 0 || setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 0;
	n--;
	switch (*bytes++) {
	case 's':
		etcd_status_decode(bytes, n, &a, NULL);
		check_text(a.status.version, sizeof(a.status.version));
		check_text(a.status.errors, sizeof(a.status.errors));
		break;
	case 'm':
		etcd_members_decode(bytes, n, &a, NULL);
		check_members(&a.members);
		break;
	case 'p':
		etcd_peer_members_decode(bytes, n, &a, NULL);
		check_members(&a.members);
		break;
	case 'a':
		etcd_alarms_decode(bytes, n, &a, NULL);
		if (a.alarms.n > ETCD_MAX_MEMBERS)
			abort();
		break;
	case 'h':
		etcd_hash_decode(bytes, n, &a, NULL);
		break;
	case 'r':
		etcd_range_decode(bytes, n, &a, NULL);
		break;
	default:
		check_metrics((const char *)bytes, n);
	}
	return 0;
}
