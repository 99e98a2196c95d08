/* The decoders say of an object what kubectl says of it, and survive whatever comes in its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cluster/kube_decode.h"
#include "cluster/kube_quantity.h"
#include "cluster/kube_usage.h"
#include "cluster/kube_watch.h"
#include "model/event.h"
#include "model/lease.h"
#include "model/node.h"
#include "model/pod.h"

static struct intern *names;

static struct json_span span_of(const char *json)
{
	return (struct json_span){.at = json, .n = strlen(json)};
}

static int open_names(void **state)
{
	(void)state;
	names = intern_new(1 << 20);
	return 0;
}

static int close_names(void **state)
{
	(void)state;
	intern_unref(names);
	return 0;
}

static struct system_pod_row pod_of(const char *json)
{
	struct system_pod_row row;
	struct err e;

	err_clear(&e);
	if (pod_decode(span_of(json), names, &row, &e) != 0)
		fail_msg("%s", e.text);
	return row;
}

/* What kubectl prints for these: READY, STATUS, RESTARTS. The status part of the JSON; the spec has
 * containers a and b, or what is said. */
struct column_row {
	const char *spec, *status, *deleted;
	const char *ready, *word;
	unsigned restarts;
};

#define TWO  "\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"
#define ONE  "\"containers\":[{\"name\":\"a\"}]"
#define INIT "\"initContainers\":[{\"name\":\"i1\"},{\"name\":\"i2\"}]," TWO
#define SIDE                                                                                       \
	"\"initContainers\":[{\"name\":\"i1\"},{\"name\":\"s\",\"restartPolicy\":\"Always\"}]"     \
	"," ONE
#define RUNS       "\"ready\":true,\"state\":{\"running\":{}}"
#define READY_TRUE "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]"
#define DEAD       "\"2026-01-01T00:00:00Z\""

static const struct column_row columns[] = {
	{TWO,
		"\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"a\",\"restartCount\":"
		"3," RUNS "},{\"name\":\"b\",\"restartCount\":4}]",
		NULL, "1/2", "Running", 7},
	{TWO, "\"phase\":\"Pending\"", NULL, "0/2", "Pending", 0},
	{ONE,
		"\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"a\",\"state\":{"
		"\"waiting\":{\"reason\":\"ImagePullBackOff\"}}}]",
		NULL, "0/1", "ImagePullBackOff", 0},
	{ONE,
		"\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"a\",\"restartCount\":42,"
		"\"state\":{\"waiting\":{\"reason\":"
		"\"CrashLoopBackOff\"}},\"lastState\":{\"terminated\":{\"exitCode\":1}}}]",
		NULL, "0/1", "CrashLoopBackOff", 42},
	{ONE,
		"\"phase\":\"Succeeded\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
		"\"reason\":\"Completed\",\"exitCode\":0}}}]",
		NULL, "0/1", "Completed", 0},
	{ONE,
		"\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
		"\"exitCode\":137}}}]",
		NULL, "0/1", "ExitCode:137", 0},
	{ONE,
		"\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
		"\"signal\":9,\"exitCode\":137}}}]",
		NULL, "0/1", "Signal:9", 0},
	{TWO,
		"\"phase\":\"Running\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
		"\"reason\":\"Completed\"}}},{" RUNS "}]," READY_TRUE,
		NULL, "1/2", "Running", 0},
	{TWO,
		"\"phase\":\"Running\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
		"\"reason\":\"Completed\"}}},{" RUNS "}]",
		NULL, "1/2", "NotReady", 0},
	{TWO,
		"\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{"
		"\"reason\":\"Completed\"}}},{\"state\":{\"terminated\":{"
		"\"reason\":\"OOMKilled\",\"exitCode\":137}}}]",
		NULL, "0/2", "OOMKilled", 0},
	{ONE, "\"phase\":\"Failed\",\"reason\":\"Evicted\"", NULL, "0/1", "Evicted", 0},
	{ONE,
		"\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":"
		"\"False\",\"reason\":\"SchedulingGated\"}]",
		NULL, "0/1", "SchedulingGated", 0},
	{INIT,
		"\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i1\",\"state\":{"
		"\"running\":{}}},{\"name\":\"i2\"}]",
		NULL, "0/2", "Init:0/2", 0},
	{INIT,
		"\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i1\","
		"\"restartCount\":2,\"state\":{\"terminated\":{\"exitCode\":0}}},"
		"{\"name\":\"i2\",\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}}]",
		NULL, "0/2", "Init:1/2", 2},
	{INIT,
		"\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i1\","
		"\"restartCount\":5,\"state\":{\"waiting\":{\"reason\":"
		"\"CrashLoopBackOff\"}}}],\"containerStatuses\":[{\"restartCount\":9}]",
		NULL, "0/2", "Init:CrashLoopBackOff", 5},
	{INIT,
		"\"phase\":\"Failed\",\"initContainerStatuses\":[{\"name\":\"i1\",\"state\":{"
		"\"terminated\":{\"reason\":\"Error\",\"exitCode\":1}}}]",
		NULL, "0/2", "Init:Error", 0},
	{INIT,
		"\"phase\":\"Failed\",\"initContainerStatuses\":[{\"name\":\"i1\",\"state\":{"
		"\"terminated\":{\"exitCode\":3}}}]",
		NULL, "0/2", "Init:ExitCode:3", 0},
	{INIT,
		"\"phase\":\"Failed\",\"initContainerStatuses\":[{\"name\":\"i1\",\"state\":{"
		"\"terminated\":{\"signal\":6,\"exitCode\":3}}}]",
		NULL, "0/2", "Init:Signal:6", 0},
	/* Restarts of init containers no longer count once the pod is initialised. */
	{INIT,
		"\"phase\":\"Running\",\"initContainerStatuses\":[{\"name\":\"i1\","
		"\"restartCount\":5,\"state\":{\"terminated\":{\"exitCode\":0}}}],"
		"\"containerStatuses\":[{\"restartCount\":1," RUNS "}]",
		NULL, "1/2", "Running", 1},
	/* A running sidecar is no unfinished init container; it and its restarts count. */
	{SIDE,
		"\"phase\":\"Running\",\"initContainerStatuses\":[{\"name\":\"i1\",\"state\":{"
		"\"terminated\":{\"exitCode\":0}}},{\"name\":\"s\","
		"\"restartCount\":2,\"started\":true," RUNS
		"}],\"containerStatuses\":[{\"restartCount\":1," RUNS "}]",
		NULL, "2/2", "Running", 3},
	{SIDE,
		"\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i1\",\"state\":{"
		"\"terminated\":{\"exitCode\":0}}},{\"name\":\"s\","
		"\"started\":false,\"state\":{\"running\":{}}}]",
		NULL, "0/2", "Init:1/2", 0},
	/* Initialized again after a restart of the sandbox: the containers are what counts. */
	{INIT,
		"\"phase\":\"Running\",\"conditions\":[{\"type\":\"Initialized\",\"status\":"
		"\"True\"}],\"initContainerStatuses\":[{\"name\":\"i1\","
		"\"state\":{\"running\":{}}}],\"containerStatuses\":[{" RUNS "},{" RUNS "}]",
		NULL, "2/2", "Init:0/2", 0},
	{ONE, "\"phase\":\"Running\",\"containerStatuses\":[{" RUNS "}]", DEAD, "1/1",
		"Terminating", 0},
	{ONE, "\"phase\":\"Running\",\"reason\":\"NodeLost\",\"containerStatuses\":[{" RUNS "}]",
		DEAD, "1/1", "Unknown", 0},
	{ONE, "\"phase\":\"Succeeded\"", DEAD, "0/1", "Succeeded", 0},
	{ONE, "\"phase\":\"\"", NULL, "0/1", "Unknown", 0},
};

static void test_pod_columns_are_kubectls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const struct column_row *c = &columns[i];
		struct system_pod_row row;
		char json[2048], ready[32];

		snprintf(json, sizeof(json),
			"{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\",\"deletionTimestamp\":%"
			"s},\"spec\":{%s},\"status\":{%s}}",
			c->deleted != NULL ? c->deleted : "null", c->spec, c->status);
		row = pod_of(json);
		snprintf(ready, sizeof(ready), "%u/%u", row.pod.ready, row.pod.containers);
		if (strcmp(row.pod.status, c->word) != 0 || strcmp(ready, c->ready) != 0 ||
			row.pod.restarts != c->restarts)
			fail_msg("row %zu: %s %s %u, not %s %s %u", i, ready, row.pod.status,
				row.pod.restarts, c->ready, c->word, c->restarts);
		assert_null(row.detail);
	}
}

static void test_a_system_pod_has_its_detail(void **state)
{
	struct system_pod_row row = pod_of(
		"{\"metadata\":{\"name\":\"etcd-m1\",\"namespace\":\"kube-system\",\"uid\":\"u1\","
		"\"creationTimestamp\":\"2026-01-02T03:04:05Z\","
		"\"labels\":{\"component\":\"etcd\",\"tier\":\"control-plane\"},\"annotations\":{"
		"\"kubernetes.io/config.mirror\":\"abc\"},"
		"\"ownerReferences\":[{\"kind\":\"Node\",\"name\":\"m1\",\"controller\":true}]},"
		"\"spec\":{\"nodeName\":\"m1\",\"priorityClassName\":\"system-node-critical\","
		"\"initContainers\":[{\"name\":\"wait\"}],"
		"\"containers\":[{\"name\":\"etcd\",\"image\":\"etcd:3.5\"},{\"name\":\"new\","
		"\"image\":\"x:1\"}]},"
		"\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.1.10\",\"hostIP\":\"10.0.1."
		"10\",\"qosClass\":\"Burstable\",\"message\":\"m\","
		"\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"reason\":"
		"\"ContainersNotReady\",\"message\":\"etcd \\u003cdown\\u003e\"}],"
		"\"containerStatuses\":[{\"name\":\"etcd\",\"restartCount\":7,\"image\":\"registry/"
		"etcd:3.5\",\"state\":{\"waiting\":{\"reason\":"
		"\"CrashLoopBackOff\",\"message\":\"back-off "
		"5m0s\"}},\"lastState\":{\"terminated\":{\"exitCode\":2,\"reason\":\"Error\","
		"\"finishedAt\":\"2026-01-02T04:00:00Z\"}}}]}}");
	const struct pod_detail *d = row.detail;

	(void)state;
	assert_non_null(d);
	assert_int_equal(
		row.pod.flags & (POD_SYSTEM | POD_MIRROR | POD_READY), POD_SYSTEM | POD_MIRROR);
	assert_string_equal(pod_name(&row.pod), "etcd-m1");
	assert_string_equal(row.pod.node, "m1");
	assert_true(row.pod.created_ms == 1767323045000);
	assert_string_equal(d->owner, "Node/m1");
	assert_string_equal(d->component, "etcd");
	assert_string_equal(d->priority_class, "system-node-critical");
	assert_int_equal(d->n_containers, 3);
	assert_true(d->containers[0].init);
	assert_string_equal(d->containers[1].name, "etcd");
	assert_string_equal(d->containers[1].image, "registry/etcd:3.5");
	assert_string_equal(d->containers[1].state, "Waiting");
	assert_string_equal(d->containers[1].reason, "CrashLoopBackOff");
	assert_string_equal(d->containers[1].message, "back-off 5m0s");
	assert_int_equal(d->containers[1].exit_code, 2);
	assert_string_equal(d->containers[1].last_reason, "Error");
	assert_true(d->containers[1].last_finished_ms == 1767326400000);
	assert_int_equal(d->containers[1].restarts, 7);
	assert_string_equal(d->containers[2].image, "x:1"); /* no status yet */
	assert_int_equal(d->containers[2].exit_code, -1);
	assert_string_equal(d->conditions[0].message, "etcd <down>");
	row_unref(&system_pod_ops, &row);
}

static void test_the_cni_is_known_by_any_of_its_labels(void **state)
{
	struct system_pod_row row =
		pod_of("{\"metadata\":{\"name\":\"c\",\"namespace\":\"net\",\"labels\":{"
		       "\"component\":\"agent\",\"k8s-app\":\"cilium\"}}}");

	(void)state;
	assert_true((row.pod.flags & POD_CNI) != 0);
	assert_non_null(row.detail);
	assert_string_equal(row.detail->component, "agent");
	row_unref(&system_pod_ops, &row);
}

static void test_long_pod_names_stay_whole(void **state)
{
	char name[254], json[400];
	struct system_pod_row row;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(json, sizeof(json), "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"n\"}}", name);
	row = pod_of(json);
	assert_string_equal(pod_name(&row.pod), name);
}

static struct node_row node_of(const char *json)
{
	struct node_row row;
	struct err e;

	err_clear(&e);
	if (node_decode(span_of(json), names, &row, &e) != 0)
		fail_msg("%s", e.text);
	return row;
}

static void test_a_node_reads_as_kubectl_shows_it(void **state)
{
	struct node_row row =
		node_of("{\"metadata\":{\"name\":\"m1\",\"creationTimestamp\":\"2026-01-02T03:04:"
			"05Z\",\"labels\":{\"node-role.kubernetes.io/worker\":\"\","
			"\"node-role.kubernetes.io/control-plane\":\"\",\"kubernetes.io/"
			"role\":\"worker\",\"zone\":\"a\"}},"
			"\"spec\":{\"unschedulable\":true,\"podCIDR\":\"10.244.0.0/"
			"24\",\"taints\":[{\"key\":\"k\",\"effect\":\"NoSchedule\"}]},"
			"\"status\":{\"allocatable\":{\"cpu\":\"3920m\",\"memory\":\"7911Mi\","
			"\"pods\":\"110\"},\"addresses\":[{\"type\":\"Hostname\",\"address\":"
			"\"m1.local\"},{\"type\":\"InternalIP\",\"address\":\"10.0.1.10\"},{"
			"\"type\":\"InternalIP\",\"address\":\"fd00::1\"}],"
			"\"conditions\":[{\"type\":\"MemoryPressure\",\"status\":\"True\"},{"
			"\"type\":\"DiskPressure\",\"status\":\"False\"},{\"type\":\"Ready\","
			"\"status\":\"Unknown\",\"reason\":\"NodeStatusUnknown\",\"message\":"
			"\"Kubelet stopped posting node status.\",\"lastTransitionTime\":"
			"\"2026-01-02T04:00:00Z\"}],\"nodeInfo\":{\"kubeletVersion\":\"v1.36.3\","
			"\"osImage\":\"Debian 12\",\"kernelVersion\":\"6.1\","
			"\"architecture\":\"amd64\"}}}");
	char status[64];

	(void)state;
	assert_string_equal(
		node_status(&row, status, sizeof(status)), "NotReady,SchedulingDisabled");
	assert_string_equal(row.roles, "control-plane,worker");
	assert_string_equal(row.version, "v1.36.3");
	assert_string_equal(row.internal_ip, "10.0.1.10");
	assert_string_equal(row.external_ip, "<none>");
	assert_string_equal(row.os_image, "Debian 12");
	assert_string_equal(row.runtime, "<unknown>");
	assert_int_equal(row.flags, NODE_CONTROL_PLANE | NODE_CORDONED | NODE_MEM_PRESSURE);
	assert_int_equal(row.cpu_milli, 3920);
	assert_true(row.mem_bytes == INT64_C(7911) * 1024 * 1024);
	assert_int_equal(row.pods_max, 110);
	assert_int_equal(row.detail->n_conditions, 3);
	assert_int_equal(row.detail->n_labels, 4);
	assert_string_equal(row.detail->taints[0].value, "");
	assert_string_equal(row.detail->hostname, "m1.local");
	assert_string_equal(row.detail->pod_cidr, "10.244.0.0/24");
	row_unref(&node_ops, &row);
}

static void test_a_node_without_a_ready_condition_is_unknown(void **state)
{
	struct node_row row = node_of("{\"metadata\":{\"name\":\"w1\"}}");
	char status[64];

	(void)state;
	assert_string_equal(node_status(&row, status, sizeof(status)), "Unknown");
	assert_string_equal(row.roles, "<none>");
	row_unref(&node_ops, &row);
}

static struct event_row event_of(const char *json)
{
	struct event_row row;
	struct err e;

	err_clear(&e);
	if (event_decode(span_of(json), names, &row, &e) != 0)
		fail_msg("%s", e.text);
	return row;
}

static void test_old_and_new_events_read_alike(void **state)
{
	static const char *const shapes[] = {
		/* by an old client */
		"{\"metadata\":{\"name\":\"e\",\"namespace\":\"default\",\"uid\":\"u\","
		"\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},\"involvedObject\":{"
		"\"kind\":\"Pod\",\"name\":\"p\",\"namespace\":\"default\"},\"reason\":\"BackOff\","
		"\"message\":\"back-off\",\"source\":{\"component\":\"kubelet\"},"
		"\"firstTimestamp\":\"2026-01-01T00:00:00Z\",\"lastTimestamp\":\"2026-01-01T01:00:"
		"00Z\",\"count\":4,\"type\":\"Warning\",\"eventTime\":null,"
		"\"reportingComponent\":\"\"}",
		/* by a new client, read through core v1 */
		"{\"metadata\":{\"name\":\"e\",\"namespace\":\"default\",\"uid\":\"u\","
		"\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},\"involvedObject\":{"
		"\"kind\":\"Pod\",\"name\":\"p\",\"namespace\":\"default\"},\"reason\":\"BackOff\","
		"\"message\":\"back-off\",\"source\":{},\"firstTimestamp\":null,"
		"\"lastTimestamp\":null,\"type\":\"Warning\",\"eventTime\":\"2026-01-01T00:00:00."
		"000000Z\",\"series\":{\"count\":4,\"lastObservedTime\":"
		"\"2026-01-01T01:00:00.000000Z\"},\"reportingComponent\":\"kubelet\"}",
		/* events.k8s.io/v1 */
		"{\"metadata\":{\"name\":\"e\",\"namespace\":\"default\",\"uid\":\"u\"},"
		"\"regarding\":{\"kind\":\"Pod\",\"name\":\"p\",\"namespace\":\"default\"},"
		"\"reason\":\"BackOff\",\"note\":\"back-off\",\"eventTime\":null,"
		"\"deprecatedFirstTimestamp\":\"2026-01-01T00:00:00Z\","
		"\"deprecatedLastTimestamp\":\"2026-01-01T01:00:00Z\",\"deprecatedCount\":4,"
		"\"type\":\"Warning\",\"reportingController\":\"kubelet\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct event_row row = event_of(shapes[i]);

		assert_string_equal(row.uid, "u");
		assert_string_equal(row.ns, "default");
		assert_string_equal(row.kind, "Pod");
		assert_string_equal(row.name, "p");
		assert_string_equal(row.reason, "BackOff");
		assert_string_equal(row.source, "kubelet");
		assert_true(event_is_warning(&row));
		assert_true(row.first_ms == 1767225600000);
		assert_true(row.last_ms == 1767229200000);
		assert_int_equal(row.count, 4);
		assert_string_equal(rstr_text(row.message), "back-off");
		row_unref(&event_ops, &row);
	}
}

static void test_an_event_without_times_is_as_old_as_itself(void **state)
{
	struct event_row row = event_of(
		"{\"metadata\":{\"name\":\"e\",\"creationTimestamp\":\"2026-01-01T00:00:00Z\"}}");

	(void)state;
	assert_true(row.last_ms == 1767225600000);
	assert_int_equal(row.count, 1);
	assert_string_equal(row.uid, "e");
	row_unref(&event_ops, &row);
}

static void test_a_lease_reads(void **state)
{
	static const char json[] = "{\"metadata\":{\"name\":\"kube-scheduler\",\"namespace\":"
				   "\"kube-system\"},\"spec\":{\"holderIdentity\":\"m1_x\","
				   "\"leaseDurationSeconds\":15,\"leaseTransitions\":3,"
				   "\"renewTime\":\"2026-01-01T00:00:00.123456Z\"}}";
	struct lease_row row;

	(void)state;
	assert_int_equal(lease_decode(span_of(json), names, &row, NULL), 0);
	assert_string_equal(row.name, "kube-scheduler");
	assert_string_equal(row.holder, "m1_x");
	assert_true(row.renew_ms == 1767225600123);
	assert_int_equal(row.duration_s, 15);
	assert_int_equal(row.transitions, 3);
	assert_int_equal(row.seen.boot_ms, 0);
}

static void test_node_usage_reads(void **state)
{
	static const char json[] =
		"{\"kind\":\"NodeMetricsList\",\"items\":[{\"metadata\":{\"name\":\"m1\"},"
		"\"timestamp\":\"x\",\"usage\":{\"cpu\":\"156340113n\","
		"\"memory\":\"1024Ki\"}},{\"metadata\":{}},\"nonsense\",{\"metadata\":{\"name\":"
		"\"m2\"}}]}";
	struct table *t = table_new(&usage_ops);
	const struct usage_row *row;
	struct usage_row key = {.node = "m1"};

	(void)state;
	assert_int_equal(
		kube_usage_decode(json, strlen(json), names, t, (struct instant){1, 2}, NULL), 0);
	assert_int_equal(table_count(t), 2);
	row = table_find(t, &key);
	assert_int_equal(row->cpu_milli, 157); /* rounded up */
	assert_int_equal(row->mem_bytes, 1024 * 1024);
	assert_int_equal(row->at.boot_ms, 2);
	assert_int_equal(kube_usage_decode("[]", 2, names, t, (struct instant){1, 2}, NULL), -1);
	assert_int_equal(kube_usage_decode(json, 100, names, t, (struct instant){1, 2}, NULL), -1);
	table_free(t);
}

static int64_t quantity(const char *s)
{
	return kube_quantity((struct json_span){.at = s, .n = strlen(s)}, -77);
}

static int64_t milli(const char *s)
{
	return kube_quantity_milli((struct json_span){.at = s, .n = strlen(s)}, -77);
}

static void test_quantities(void **state)
{
	static const char *const bad[] = {
		"", "m", "1.2.3", "1x", "1KiB", "e3", "--1", " 1", "1 ", "1e", "1e999", "0x10"};

	(void)state;
	assert_int_equal(milli("250m"), 250);
	assert_int_equal(milli("2"), 2000);
	assert_int_equal(milli("0.1"), 100);
	assert_int_equal(milli("1.5"), 1500);
	assert_int_equal(milli("100u"), 1);
	assert_int_equal(milli("1n"), 1);
	assert_int_equal(milli("1k"), 1000000);
	assert_true(quantity("16Gi") == INT64_C(16) << 30);
	assert_true(quantity("1.5Gi") == INT64_C(3) << 29);
	assert_true(quantity("1e3") == 1000);
	assert_true(quantity("1E3") == 1000);
	assert_true(quantity("1E") == INT64_C(1000000000000000000));
	assert_true(quantity("128974848000m") == 128974848);
	assert_true(quantity("-5") == -5);
	assert_true(quantity("100E") == INT64_MAX);
	assert_true(quantity("3145728k") == INT64_C(3145728000));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (quantity(bad[i]) != -77)
			fail_msg("taken: '%s'", bad[i]);
}

static void decode_any(const char *bytes, size_t n)
{
	static const struct kube_kind *const kinds[] = {&kube_pods, &kube_nodes, &kube_events,
		&kube_node_leases, &kube_deployments, &kube_stateful_sets, &kube_daemon_sets,
		&kube_services, &kube_slices, &kube_config_maps};

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		char *copy = malloc(
			n); /* exactly as long, so that a sanitizer sees a read past the end */
		unsigned char row[1024];

		memcpy(copy, bytes, n);
		assert_true(kinds[k]->ops->size <= sizeof(row));
		for (int proto = 0; proto < 2; proto++)
			if (kinds[k]->decode((struct json_span){.at = copy, .n = n, .proto = proto},
				    names, row, NULL) == 0)
				row_unref(kinds[k]->ops, row);
		free(copy);
	}
}

static void test_wrong_types_everywhere_do_no_harm(void **state)
{
	static const char *const values[] = {"null", "1", "-1", "true", "\"x\"", "[]", "{}", "[[]]",
		"[{}]", "{\"a\":{}}", "[1,\"x\",null]", "1e400", "\"\""};
	static const char *const shapes[] = {
		"{\"metadata\":%s}",
		"{\"metadata\":{\"name\":%s}}",
		"{\"metadata\":{\"name\":\"n\",\"namespace\":%s,\"labels\":%s,\"annotations\":%s,"
		"\"ownerReferences\":%s,\"creationTimestamp\":%s}}",
		"{\"metadata\":{\"name\":\"n\"},\"spec\":%s,\"status\":%s,\"series\":%s,\"source\":"
		"%s,\"involvedObject\":%s}",
		"{\"metadata\":{\"name\":\"n\"},\"spec\":{\"containers\":%s,\"initContainers\":%s,"
		"\"nodeName\":%s,\"taints\":%s,\"unschedulable\":%s}}",
		"{\"metadata\":{\"name\":\"n\"},\"status\":{\"phase\":%s,\"conditions\":%s,"
		"\"containerStatuses\":%s,\"addresses\":%s,\"allocatable\":%s}}",
		"{\"metadata\":{\"name\":\"n\"},\"status\":{\"containerStatuses\":[{\"name\":%s,"
		"\"state\":%s,\"lastState\":%s,\"restartCount\":%s,\"ready\":%s}]}}",
		"{\"metadata\":{\"name\":\"n\",\"namespace\":\"kube-system\"},\"status\":{"
		"\"containerStatuses\":[{\"state\":{\"terminated\":%s,\"waiting\":%s,"
		"\"running\":%s}}],\"initContainerStatuses\":%s,\"nodeInfo\":%s}}",
	};

	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			char json[1024];
			struct buf b;
			const char *at = shapes[s], *hole;

			buf_init(&b, sizeof(json));
			while ((hole = strstr(at, "%s")) != NULL) {
				buf_add(&b, at, (size_t)(hole - at));
				buf_puts(&b, values[v]);
				at = hole + 2;
			}
			buf_puts(&b, at);
			decode_any(b.at, b.len);
			buf_done(&b);
		}
}

static void test_half_an_object_is_an_error_that_names_it(void **state)
{
	static const char json[] =
		"{\"metadata\":{\"namespace\":\"kube-system\",\"name\":\"dns\\u001b[2J\"},\"spec\":"
		"{\"containers\":[{\"name\":\"a\"}]}}";
	struct system_pod_row row;
	struct err e;

	(void)state;
	for (size_t n = 0; n < sizeof(json) - 1; n++) {
		char *half = malloc(n + 1);

		memcpy(half, json, n);
		assert_int_equal(
			pod_decode((struct json_span){.at = half, .n = n}, names, &row, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		free(half);
	}
	assert_non_null(strstr(e.text, "pod kube-system/dns"));
	assert_null(strchr(e.text, '\x1b'));
}

static void test_a_string_of_five_megabytes_does_no_harm(void **state)
{
	size_t n = 5 << 20;
	char *text = malloc(n + 1);
	struct buf b;

	(void)state;
	memset(text, 'x', n);
	text[n] = '\0';
	for (int escaped = 0; escaped < 2; escaped++) {
		buf_init(&b, 64 << 20);
		buf_fmt(&b,
			"{\"metadata\":{\"name\":\"%s\",\"namespace\":\"kube-system\",\"uid\":\"%"
			"s\"},\"message\":\"",
			"n", escaped ? "\\u0041" : "A");
		buf_puts(&b, text);
		buf_puts(&b, "\",\"reason\":\"");
		buf_puts(&b, text);
		buf_puts(&b, "\",\"status\":{\"phase\":\"");
		buf_puts(&b, text);
		buf_puts(&b, escaped ? "\\n\",\"message\":\"\\n" : "\",\"message\":\"");
		buf_puts(&b, text);
		buf_puts(&b, "\"}}");
		decode_any(b.at, b.len);
		buf_done(&b);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pod_columns_are_kubectls),
		cmocka_unit_test(test_a_system_pod_has_its_detail),
		cmocka_unit_test(test_the_cni_is_known_by_any_of_its_labels),
		cmocka_unit_test(test_long_pod_names_stay_whole),
		cmocka_unit_test(test_a_node_reads_as_kubectl_shows_it),
		cmocka_unit_test(test_a_node_without_a_ready_condition_is_unknown),
		cmocka_unit_test(test_old_and_new_events_read_alike),
		cmocka_unit_test(test_an_event_without_times_is_as_old_as_itself),
		cmocka_unit_test(test_a_lease_reads),
		cmocka_unit_test(test_node_usage_reads),
		cmocka_unit_test(test_quantities),
		cmocka_unit_test(test_wrong_types_everywhere_do_no_harm),
		cmocka_unit_test(test_half_an_object_is_an_error_that_names_it),
		cmocka_unit_test(test_a_string_of_five_megabytes_does_no_harm),
	};

	return cmocka_run_group_tests(tests, open_names, close_names);
}
