/* The console on a disk that takes its time: state, log, journal and outbox lie on it, and so do
 * the credentials. Nothing of that may hold the screen, the engine or the network; whoever waits is
 * named by the library that makes the disk slow (tests/soak/slow_disk.c). */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/instant.h"
#include "drill/drill.h"
#include "drill/fake/fake_node.h"
#include "help/console.h"
#include "help/receiver.h"
#include "io/file.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* Their runtime wants to be the first library, and this test's is preloaded before it. What runs
 * beside a slow disk is seen by them all the same: unit/base/test_chore,
 * unit/ops/test_state_keeper, test_lead, test_journal_writer and test_notify hold their disks up
 * without a library. */
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define LATE_MS 60000 /* a deadline where each step may have waited for the disk */

static char self[PATH_MAX];

struct stage {
	struct drill *drill;
	struct receiver *receiver;
	struct console c;
};

static const struct receiver_answer fine = {.status = 200};

/* What the operator of the practice cluster would have in config.yaml. */
static void configure(struct stage *s)
{
	const struct drill_config *d = drill_config(s->drill);
	char text[8192], url[100];
	size_t n = 0;

	n += (size_t)snprintf(text + n, sizeof(text) - n,
		"cluster: {kubeconfig: %s}\n"
		"etcd: {cacert: %s, cert: %s, key: %s, endpoints: [%s, %s, %s]}\n"
		"load_balancer: {address: '%s', haproxy_nodes: [%s]}\n"
		"notify: [{kind: webhook, url_file: %s/hook.url}]\n"
		"nodes:\n  ssh: {command: %s}\n  control_plane:\n",
		d->kubeconfig, d->etcd_ca, d->etcd_cert, d->etcd_key, d->masters[0].etcd_url,
		d->masters[1].etcd_url, d->masters[2].etcd_url, d->load_balancer, d->haproxy_node,
		s->c.home, d->ssh_command);
	for (size_t i = 0; i < d->n_masters; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
			"  - {name: %s, address: %s, api_port: %s}\n", d->masters[i].name,
			d->masters[i].address, strrchr(d->masters[i].api, ':') + 1);
	assert_true(n < sizeof(text));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/hook", receiver_port(s->receiver));
	console_file(&s->c, "hook.url", url);
	console_file(&s->c, ".config/k911/config.yaml", text);
}

/* rate: so many of a hundred calls on files below the home are held, each for up to ms. */
static void begin(struct stage *s, int rate, int ms)
{
	const char *library = getenv("K911_SLOW_DISK");
	char preload[PATH_MAX + 20], only_while[100], calls[100], under[100], rates[40], most[40];
	const char *env[] = {preload, only_while, calls, under, rates, most, NULL};
	struct drill_options o = {.self_path = self, .at_once = true};
	char path[PATH_MAX];
	struct err e;

	if (SANITIZED)
		skip();
	if (!library || !realpath(library, path))
		fail_msg("K911_SLOW_DISK names no library: %s", library);
	if (drill_start(&o, &s->drill, &e) != 0)
		fail_msg("%s", e.text);
	s->receiver = receiver_start(&fine, 1);
	console_home(&s->c);
	configure(s);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", path);
	snprintf(only_while, sizeof(only_while), "SLOW_DISK_WHILE=%s/slow", s->c.home);
	snprintf(calls, sizeof(calls), "SLOW_DISK_LOG=%s/calls", s->c.home);
	snprintf(under, sizeof(under), "SLOW_DISK_UNDER=%s", s->c.home);
	snprintf(rates, sizeof(rates), "SLOW_DISK_RATE=%d", rate);
	snprintf(most, sizeof(most), "SLOW_DISK_MS=%d", ms);
	console_start(&s->c, &(struct console_options){.env = env, .rows = 50, .cols = 180});
	console_sees(&s->c, "1 nodes");
	console_file(&s->c, "slow", "");
}

/* The disk is itself again, the console is left, and none of its three threads had waited. */
static void finish(struct stage *s)
{
	char path[PATH_MAX], *calls = NULL;

	snprintf(path, sizeof(path), "%s/slow", s->c.home);
	unlink(path);
	console_keys(&s->c, "q");
	console_exits(&s->c, 0, CONSOLE_SOON);
	snprintf(path, sizeof(path), "%s/calls", s->c.home);
	assert_int_equal(file_read(path, 1 << 20, &calls, NULL, NULL), 0);
	if (calls[0])
		fprintf(stderr, "these waited for the disk:\n%s", calls);
	assert_string_equal(calls, "");
	free(calls);
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	if (s) {
		console_end(&s->c);
		if (s->receiver)
			receiver_stop(s->receiver);
		drill_stop(s->drill);
	}
	return 0;
}

static bool is_saved(struct stage *s)
{
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/.local/state/k911/last/*.json", s->c.home);
	if (glob(pattern, 0, NULL, &found) != 0)
		return false;
	globfree(&found);
	return true;
}

static bool is_told(struct stage *s)
{
	return receiver_count(s->receiver) > 0;
}

static void wait_until(struct stage *s, bool (*is)(struct stage *s), const char *what)
{
	int64_t until_ms = instant_now().boot_ms + LATE_MS;

	while (!is(s)) {
		if (instant_now().boot_ms > until_ms)
			fail_msg("not within %d s: %s", LATE_MS / 1000, what);
		term_pump(s->c.t, 50);
	}
}

static void break_it(struct stage *s, const char *scenario)
{
	struct err e;

	if (drill_scenario(s->drill, scenario, &e) != 0)
		fail_msg("%s", e.text);
}

static void test_screen_keys_probes_and_alerts_go_on_while_the_disk_is_slow(void **state)
{
	static struct stage s;

	*state = &s;
	begin(&s, 20, 500);
	console_sees(&s.c, "all layers ok");
	break_it(&s, "etcd-member-down");
	console_sees(&s.c, "first broken layer: m3 etcd");
	console_keys(&s.c, "?");
	console_sees(&s.c, "any other key closes");
	console_keys(&s.c, "xtH");
	console_sees(&s.c, "Where the data come from");
	console_keys(&s.c, "q");
	wait_until(&s, is_told, "the team is told");
	wait_until(&s, is_saved, "the last good state is saved");
	break_it(&s, "healthy");
	console_sees(&s.c, "all layers ok");
	finish(&s);
}

static void test_what_the_disk_does_not_take_is_said_while_all_goes_on(void **state)
{
	static struct stage s;

	*state = &s;
	begin(&s, 100, 60000);
	console_sees(&s.c, "all layers ok");
	console_keys(&s.c, "H");
	console_sees(
		&s.c, "the last good state cannot be saved for [0-9]+s: the disk does not answer");
	console_keys(&s.c, "q");
	break_it(&s, "etcd-member-down");
	console_sees(&s.c, "first broken layer: m3 etcd");
	wait_until(&s, is_told, "the team is told past the disk");
	console_sees(&s.c, "outbox not writable for [0-9]+s: sent past it: the disk does not");
	finish(&s);
	assert_int_equal(receiver_count(s.receiver), 1); /* not again once the disk is back */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			test_screen_keys_probes_and_alerts_go_on_while_the_disk_is_slow, tear_down),
		cmocka_unit_test_teardown(
			test_what_the_disk_does_not_take_is_said_while_all_goes_on, tear_down),
	};
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int rc;

	/* The practice cluster's stand-ins for ssh and a node's tools call this program back. */
	if (fake_node_main(argc, argv, &rc))
		return rc;
	assert_true(n > 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
