/* Workloads, Services, slices and ConfigMaps, as a server writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/intern.h"
#include "cluster/kube_decode.h"
#include "model/workload.h"

static struct intern *names;

static void decoded(kube_decoder *d, const char *json, void *row)
{
	struct err e;

	err_clear(&e);
	if (d((struct json_span){.at = json, .n = strlen(json)}, names, row, &e) != 0)
		fail_msg("%s", e.text);
}

static void test_deployment_says_its_counts_images_and_editor(void **state)
{
	struct workload_row w;

	(void)state;
	decoded(deployment_decode,
		"{\"metadata\":{\"name\":\"coredns\",\"namespace\":\"kube-system\",\"generation\":"
		"4,\"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\":{\"k8s-app\":\"kube-"
		"dns\"},\"annotations\":{\"deployment.kubernetes.io/revision\":\"3\"},"
		"\"managedFields\":[{\"manager\":\"kubeadm\",\"time\":\"2026-01-01T00:00:00Z\"},"
		"{\"manager\":\"kubectl-edit\",\"operation\":\"Update\",\"time\":\"2026-11-20T10:"
		"00:00Z\",\"fieldsV1\":{\"f:spec\":{}}},{\"manager\":\"kube-controller-manager\","
		"\"time\":\"2026-11-23T00:00:00Z\",\"subresource\":\"status\"}]},"
		"\"spec\":{\"replicas\":2,\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\","
		"\"image\":\"coredns:1.12\"},{\"name\":\"b\",\"image\":\"side:2\"}]}}},"
		"\"status\":{\"observedGeneration\":4,\"replicas\":2,\"readyReplicas\":1,"
		"\"updatedReplicas\":2,\"availableReplicas\":1,\"conditions\":[{\"type\":"
		"\"Available\",\"status\":\"False\"},{\"type\":\"Progressing\",\"status\":\"True\","
		"\"reason\":\"NewReplicaSetAvailable\"}]}}",
		&w);
	assert_int_equal(w.type, WORKLOAD_DEPLOYMENT);
	assert_string_equal(w.component, "kube-dns");
	assert_string_equal(w.images, "coredns:1.12 side:2");
	assert_string_equal(w.revision, "3");
	assert_string_equal(w.editor, "kubectl-edit");
	assert_int_equal(w.edited_ms, instant_parse("2026-11-20T10:00:00Z"));
	assert_int_equal(w.desired, 2);
	assert_int_equal(w.ready, 1);
	assert_int_equal(w.updated, 2);
	assert_int_equal(w.available, 1);
	assert_int_equal(w.generation, 4);
	assert_int_equal(w.flags, WORKLOAD_UNAVAILABLE);
}

static void test_rollouts_are_told_from_faults(void **state)
{
	struct workload_row w;

	(void)state;
	decoded(deployment_decode,
		"{\"metadata\":{\"name\":\"w\",\"generation\":2},\"spec\":{\"replicas\":4},"
		"\"status\":{\"observedGeneration\":2,\"updatedReplicas\":1,\"availableReplicas\":"
		"3,\"conditions\":[{\"type\":\"Progressing\",\"status\":\"True\",\"reason\":"
		"\"ReplicaSetUpdated\"}]}}",
		&w);
	assert_int_equal(w.flags, WORKLOAD_ROLLING);
	decoded(deployment_decode,
		"{\"metadata\":{\"name\":\"w\",\"generation\":2},\"spec\":{\"replicas\":4},"
		"\"status\":{\"observedGeneration\":2,\"updatedReplicas\":1,\"availableReplicas\":"
		"3,\"conditions\":[{\"type\":\"Progressing\",\"status\":\"False\",\"reason\":"
		"\"ProgressDeadlineExceeded\"}]}}",
		&w);
	assert_int_equal(w.flags, WORKLOAD_ROLLING | WORKLOAD_STUCK);
	decoded(stateful_set_decode,
		"{\"metadata\":{\"name\":\"db\",\"generation\":1},\"spec\":{\"replicas\":3},"
		"\"status\":{\"observedGeneration\":1,\"availableReplicas\":2,\"currentRevision\":"
		"\"db-1\",\"updateRevision\":\"db-2\"}}",
		&w);
	assert_int_equal(w.flags, WORKLOAD_ROLLING);
	assert_string_equal(w.revision, "db-2");
	assert_int_equal(w.type, WORKLOAD_STATEFULSET);
}

static void test_daemon_set_counts_in_its_own_words(void **state)
{
	struct workload_row w;

	(void)state;
	decoded(daemon_set_decode,
		"{\"metadata\":{\"name\":\"kube-proxy\",\"namespace\":\"kube-system\","
		"\"generation\":1},\"status\":{\"observedGeneration\":1,\"desiredNumberScheduled\":"
		"8,\"currentNumberScheduled\":8,\"numberReady\":7,\"updatedNumberScheduled\":8,"
		"\"numberAvailable\":7}}",
		&w);
	assert_int_equal(w.desired, 8);
	assert_int_equal(w.available, 7);
	assert_int_equal(w.ready, 7);
	assert_int_equal(w.flags, 0);
}

static void test_no_replicas_said_means_one(void **state)
{
	struct workload_row w;

	(void)state;
	decoded(deployment_decode, "{\"metadata\":{\"name\":\"w\"},\"spec\":{},\"status\":{}}", &w);
	assert_int_equal(w.desired, 1);
	decoded(deployment_decode,
		"{\"metadata\":{\"name\":\"w\"},\"spec\":{\"replicas\":0},\"status\":{}}", &w);
	assert_int_equal(w.desired, 0);
}

static void test_services_say_whether_somebody_must_stand_behind(void **state)
{
	struct service_row s;

	(void)state;
	decoded(service_decode,
		"{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{\"type\":"
		"\"NodePort\",\"selector\":{\"app\":\"web\"}}}",
		&s);
	assert_int_equal(s.flags, SERVICE_SELECTS);
	assert_string_equal(s.type, "NodePort");
	decoded(service_decode,
		"{\"metadata\":{\"name\":\"kubernetes\"},\"spec\":{\"selector\":{}}}", &s);
	assert_int_equal(s.flags, 0);
	decoded(service_decode,
		"{\"metadata\":{\"name\":\"x\"},\"spec\":{\"type\":\"ExternalName\"}}", &s);
	assert_int_equal(s.flags, SERVICE_EXTERNAL);
}

static void test_slices_count_their_ready_endpoints(void **state)
{
	struct slice_row s;

	(void)state;
	decoded(slice_decode,
		"{\"metadata\":{\"name\":\"web-1\",\"namespace\":\"shop\",\"labels\":{"
		"\"kubernetes.io/service-name\":\"web\"}},\"endpoints\":[{\"addresses\":[\"a\"],"
		"\"conditions\":{\"ready\":true}},{\"conditions\":{\"ready\":false}},"
		"{\"conditions\":{}}]}",
		&s);
	assert_string_equal(s.service, "web");
	assert_int_equal(s.all, 3);
	assert_int_equal(s.ready, 2);
	decoded(slice_decode, "{\"metadata\":{\"name\":\"x\"},\"endpoints\":null}", &s);
	assert_string_equal(s.service, "");
	assert_int_equal(s.all, 0);
}

static void test_only_the_slice_of_the_api_servers_keeps_addresses_and_only_such(void **state)
{
#define SLICE(ns, service, port)                                                                   \
	"{\"endpoints\":[{\"addresses\":[\"10.0.1.10\",\"10.0.1.99\"]},{\"addresses\":[\"local\"]" \
	"},"                                                                                       \
	"{\"addresses\":[]},{\"addresses\":[\"::ffff:10.0.1.11\"]},{\"addresses\":[\"0.0.0.0\"]}," \
	"{\"addresses\":[7]},{\"addresses\":[\"fd00::12\"],\"conditions\":{\"ready\":false}}],"    \
	"\"ports\":[{\"name\":\"https\",\"port\":" port "},{\"port\":9}],"                         \
	"\"metadata\":{\"name\":\"x\",\"namespace\":\"" ns                                         \
	"\",\"labels\":{\"kubernetes.io/service-name\":\"" service "\"}}}"
	struct slice_row s;

	(void)state;
	decoded(slice_decode, SLICE("default", "kubernetes", "7443"), &s);
	assert_string_equal(s.addresses, "10.0.1.10 10.0.1.11 fd00::12");
	assert_int_equal(s.port, 7443);
	decoded(slice_decode, SLICE("default", "kubernetes", "-1"), &s);
	assert_int_equal(s.port, 0);
	decoded(slice_decode, SLICE("default", "kubernetes", "65536"), &s);
	assert_int_equal(s.port, 0);
	decoded(slice_decode, SLICE("default", "web", "7443"), &s);
	assert_string_equal(s.addresses, "");
	assert_int_equal(s.port, 0);
	decoded(slice_decode, SLICE("shop", "kubernetes", "7443"), &s);
	assert_string_equal(s.addresses, "");
	decoded(slice_decode,
		"{\"metadata\":{\"name\":\"kubernetes\",\"namespace\":\"default\",\"labels\":{"
		"\"kubernetes.io/service-name\":\"kubernetes\"}},\"endpoints\":null}",
		&s);
	assert_string_equal(s.addresses, "");
	assert_int_equal(s.port, 0);
}

static void test_config_maps_say_who_edited_them(void **state)
{
	struct config_map_row m;

	(void)state;
	decoded(config_map_decode,
		"{\"metadata\":{\"name\":\"coredns\",\"namespace\":\"kube-system\","
		"\"managedFields\":[{\"manager\":\"kubectl-edit\",\"time\":\"2026-11-23T04:00:00Z\""
		"}]},\"data\":{\"Corefile\":\"x\"}}",
		&m);
	assert_string_equal(m.name, "coredns");
	assert_string_equal(m.editor, "kubectl-edit");
	assert_int_equal(m.edited_ms, instant_parse("2026-11-23T04:00:00Z"));
}

static void test_what_has_no_name_is_refused(void **state)
{
	static const char *const bad[] = {"{}", "[]", "{\"metadata\":{\"name\":3}}", "{", "null"};
	kube_decoder *const all[] = {deployment_decode, stateful_set_decode, daemon_set_decode,
		service_decode, slice_decode, config_map_decode};
	union {
		struct workload_row w;
		struct service_row s;
		struct slice_row e;
		struct config_map_row c;
	} row;
	struct err e;

	(void)state;
	for (size_t d = 0; d < sizeof(all) / sizeof(all[0]); d++)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			assert_int_equal(
				all[d]((struct json_span){.at = bad[i], .n = strlen(bad[i])}, names,
					&row, &e),
				-1);
}

static int setup(void **state)
{
	(void)state;
	names = intern_new(1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	intern_unref(names);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deployment_says_its_counts_images_and_editor),
		cmocka_unit_test(test_rollouts_are_told_from_faults),
		cmocka_unit_test(test_daemon_set_counts_in_its_own_words),
		cmocka_unit_test(test_no_replicas_said_means_one),
		cmocka_unit_test(test_services_say_whether_somebody_must_stand_behind),
		cmocka_unit_test(test_slices_count_their_ready_endpoints),
		cmocka_unit_test(
			test_only_the_slice_of_the_api_servers_keeps_addresses_and_only_such),
		cmocka_unit_test(test_config_maps_say_who_edited_them),
		cmocka_unit_test(test_what_has_no_name_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
