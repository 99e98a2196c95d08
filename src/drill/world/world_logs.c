/* What containers write: lines that look like their programs', made from the pod
 * and the moment, so that the same question gets the same answer. */
#include <stdio.h>
#include <time.h>

#include "drill/world/world.h"

enum { LOG_INTERVAL_MS = 700 };

int64_t log_interval_ms(const struct sim_pod *p)
{
	return LOG_INTERVAL_MS + (int64_t)(p->number % 7) * 130;
}

void log_stamp(char stamp[32], int64_t ms)
{
	time_t s = ms / 1000;
	struct tm tm;

	gmtime_r(&s, &tm);
	snprintf(stamp, 32, "%02d%02d %02d:%02d:%02d.%03d000", tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
}

static void klog(const struct sim_pod *p, int64_t ms, uint32_t n, struct buf *out)
{
	static const char *const lines[] = {
		"I%s       1 reflector.go:904] \"Watch close\" "
		"reflector=\"k8s.io/client-go/informers/factory.go:160\" type=\"*v1.Node\" "
		"totalItems=%u",
		"I%s       1 controller.go:667] quota admission added evaluator for: "
		"endpointslices.discovery.k8s.io (%u)",
		"I%s       1 trace.go:236] Trace[%u]: \"List\" "
		"accept:application/vnd.kubernetes.protobuf,url:/api/v1/pods (total time: 512ms)",
		"W%s       1 logging.go:55] [core] [Channel #%u SubChannel #2]grpc: "
		"addrConn.createTransport failed to connect to {Addr: \"127.0.0.1:2379\"}",
		"I%s       1 garbagecollector.go:789] \"Garbage collector\" synced=true "
		"monitors=%u",
		"I%s       1 node_lifecycle_controller.go:1038] \"Controller observed a Node\" "
		"generation=%u",
	};
	char stamp[32];

	(void)p;
	log_stamp(stamp, ms);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_fmt(out, lines[n % (sizeof(lines) / sizeof(*lines))], stamp, n % 1000);
#pragma GCC diagnostic pop
}

static void json_line(const char *stamp, uint32_t n, struct buf *out)
{
	static const char *const messages[] = {
		"\"msg\":\"apply request took too "
		"long\",\"took\":\"131.2ms\",\"expected-duration\":\"100ms\"",
		"\"msg\":\"finished scheduled compaction\",\"compact-revision\":",
		"\"msg\":\"stored hash of compacted revision\",\"hash\":",
		"\"msg\":\"compact tree index\",\"revision\":"};
	uint32_t i = n % 4;

	buf_fmt(out,
		"{\"level\":\"%s\",\"ts\":\"%s\",\"caller\":\"mvcc/kvstore_compaction.go:68\",%s",
		i == 0 ? "warn" : "info", stamp, messages[i]);
	if (i > 0)
		buf_fmt(out, "%u", n % 100000);
	buf_putc(out, '}');
}

static void order_line(const char *stamp, uint32_t n, struct buf *out)
{
	static const char *const what[] = {
		"已支付", "已发货", "库存锁定成功", "等待支付", "退款完成"};

	buf_fmt(out, "%s %s [order-worker-%u] 订单 2026%07u %s，用时 %u ms", stamp,
		n % 17 == 0 ? "WARN" : "INFO", n % 4, n % 10000000, what[n % 5], n % 240 + 3);
}

static void plain_line(const struct sim_pod *p, const char *stamp, uint32_t n, struct buf *out)
{
	static const char *const verbs[] = {"GET /", "GET /api/v1/items", "POST /api/v1/cart",
		"GET /healthz", "GET /static/app.js"};

	switch (p->of->voice) {
	case VOICE_COREDNS:
		buf_fmt(out,
			"[INFO] 10.244.%u.%u:%u - %u \"A IN postgres.shop.svc.cluster.local. udp "
			"54 false 512\" NOERROR qr,aa,rd 106 0.000%03us",
			n % 8, n % 200, 30000 + n % 20000, n % 65536, n % 999);
		break;
	case VOICE_FLANNEL:
		buf_fmt(out,
			"I %s       1 vxlan_network.go:65] watching for new subnet leases (%u)",
			stamp, n % 100);
		break;
	case VOICE_POSTGRES:
		buf_fmt(out,
			"%s UTC [27] LOG:  checkpoint complete: wrote %u buffers (%u.%u%%); 0 WAL "
			"file(s) added",
			stamp, n % 900, n % 9, n % 10);
		break;
	case VOICE_METRICS:
		buf_fmt(out,
			"ts=%s level=info component=scraper msg=\"scrape finished\" targets=%u "
			"duration=%ums",
			stamp, n % 20 + 8, n % 90);
		break;
	case VOICE_KLOG:
	case VOICE_ETCD:
	case VOICE_ORDER:
	case VOICE_WEB:
		buf_fmt(out, "%s 10.244.%u.%u \"%s HTTP/1.1\" %d %u %ums", stamp, n % 8, n % 250,
			verbs[n % 5], n % 41 == 0 ? 502 : 200, n % 9000, n % 180);
		break;
	}
}

/* What a container that cannot live says last. */
static const char *dying_words(enum voice voice)
{
	switch (voice) {
	case VOICE_COREDNS:
		return "plugin/loop: Loop (127.0.0.1:34771 -> :53) detected for zone \".\", see "
		       "https://coredns.io/plugins/loop#troubleshooting";
	case VOICE_FLANNEL:
		return "E main.go:268] Failed to create SubnetManager: error retrieving pod spec: "
		       "dial tcp 10.96.0.1:443: i/o timeout";
	case VOICE_ETCD:
		return "{\"level\":\"fatal\",\"msg\":\"discovery failed\",\"error\":\"wal: crc "
		       "mismatch\"}";
	case VOICE_KLOG:
		return "E run.go:72] \"command failed\" err=\"failed to load client CA file: "
		       "permission denied\"";
	case VOICE_WEB:
	case VOICE_ORDER:
	case VOICE_POSTGRES:
	case VOICE_METRICS:
		break;
	}
	return "fatal: out of memory";
}

static bool is_noisy(const struct world *w, const struct sim_pod *p, int64_t at_wall_ms)
{
	return p->of->kind == WORK_STATIC && p->node >= 0 &&
	       w->machines[p->node].containers[p->of->container].noisy &&
	       at_wall_ms > w->now.wall_ms - WORLD_NOISE_MS;
}

static void error_line(const struct sim_pod *p, int64_t ms, uint32_t n, struct buf *out)
{
	char stamp[32];

	if (p->of->voice == VOICE_ETCD) {
		instant_rfc3339(ms, stamp, sizeof(stamp));
		buf_fmt(out,
			"{\"level\":\"error\",\"ts\":\"%s\",\"caller\":\"wal/wal.go:1\","
			"\"msg\":\"failed to write\",\"entry\":%u}",
			stamp, n % 1000);
		return;
	}
	log_stamp(stamp, ms);
	buf_fmt(out,
		"E%s       1 reflector.go:200] \"Failed to watch\" err=\"context deadline "
		"exceeded\" try=%u",
		stamp, n % 1000);
}

void log_line(const struct world *w, const struct sim_pod *p, bool previous, int64_t at_wall_ms,
	struct buf *out)
{
	uint32_t n = (uint32_t)((uint64_t)(at_wall_ms / log_interval_ms(p)) * 2654435761u) ^
		     (uint32_t)p->number * 40503u;
	char stamp[32];

	n >>= 4;
	instant_rfc3339(at_wall_ms, stamp, sizeof(stamp));
	if (is_noisy(w, p, at_wall_ms))
		error_line(p, at_wall_ms, n, out);
	else if ((p->crash || previous) && n % 5 == 0)
		buf_puts(out, dying_words(p->of->voice));
	else if (p->of->voice == VOICE_KLOG)
		klog(p, at_wall_ms, n, out);
	else if (p->of->voice == VOICE_ETCD)
		json_line(stamp, n, out);
	else if (p->of->voice == VOICE_ORDER)
		order_line(stamp, n, out);
	else
		plain_line(p, stamp, n, out);
}
