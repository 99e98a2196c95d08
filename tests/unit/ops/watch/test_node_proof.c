/* A node that only an earlier run knows shows whose it is before anything else is asked of it. ssh
 * is a script of the test's: it answers with a certificate, notes what it was asked, and else runs
 * it here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/tls_authority.h"
#include "ops/watch/node_watch.h"

#define WAIT_MS 20000

struct place {
	char dir[64];
	char *ssh, *ca, *log;
	struct node_shell *shell;
	struct pool *pool;
	struct mailbox *box;
	struct cluster_key key;
	struct tls_authority *ours, *theirs;
	struct node_watch w;
};

static struct instant at(int64_t ms)
{
	return (struct instant){.wall_ms = 1700000000000 + ms, .boot_ms = 1000000 + ms};
}

static void write_ssh(struct place *p)
{
	char *text = str_fmt("#!/bin/sh\nfor last; do :; done\ncase $last in\n"
			     "*'exec head'*) echo ca >> %s; cat %s 2>/dev/null; exit 0 ;;\n"
			     "timeout*) echo round >> %s; eval \"$last\" ;;\nesac\n",
		p->log, p->ca, p->log);

	assert_int_equal(file_write(p->ssh, text, strlen(text), 0700, NULL), 0);
	free(text);
}

static int set_up(void **state)
{
	struct place *p = mem_new(struct place);
	struct node_shell_options shell = node_shell_defaults;
	struct balancer_options o = {.haproxy_socket = ""};
	struct kube_access access = {.server = (char *)(uintptr_t) "https://127.0.0.1:6443"};

	str_copy(p->dir, sizeof(p->dir), "/tmp/k911-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->ssh = str_fmt("%s/ssh", p->dir);
	p->ca = str_fmt("%s/ca.crt", p->dir);
	p->log = str_fmt("%s/log", p->dir);
	write_ssh(p);
	p->ours = tls_authority_new("ours", NULL);
	p->theirs = tls_authority_new("theirs", NULL);
	access.ca_pem = mem_str(tls_authority_pem(p->ours));
	cluster_key_of(&access, &p->key);
	free(access.ca_pem);
	assert_int_equal(p->key.n_cas, 1);
	shell.command = p->ssh;
	p->shell = node_shell_new(&shell, NULL);
	p->pool = pool_start(1, 8);
	p->box = mailbox_new(8);
	node_watch_init(&p->w, p->pool, p->shell, p->box, &o);
	p->w.key = &p->key;
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	pool_stop(p->pool);
	node_watch_done(&p->w);
	node_shell_free(p->shell);
	mailbox_free(p->box);
	tls_authority_free(p->ours);
	tls_authority_free(p->theirs);
	unlink(p->ssh);
	unlink(p->ca);
	unlink(p->log);
	rmdir(p->dir);
	free(p->ssh), free(p->ca), free(p->log);
	free(p);
	return 0;
}

static void live_under(struct place *p, const struct tls_authority *ca)
{
	const char *pem = tls_authority_pem(ca);

	assert_int_equal(file_write(p->ca, pem, strlen(pem), 0600, NULL), 0);
}

/* One round of the remembered node; gives what ssh was asked, in one word each. */
static char *round_of(struct place *p)
{
	const struct host m1 = {.name = "m1", .address = "10.0.1.10", .remembered = true};
	struct pollfd wait = {.fd = mailbox_fd(p->box), .events = POLLIN};
	struct letter *l;
	char *text = NULL;

	node_watch_learn(&p->w, &m1);
	p->w.remembered = REMEMBERED_PROVE;
	node_watch_tick(&p->w, at(0));
	while ((l = mailbox_take(p->box)) == NULL)
		assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
	letter_hear(l, at(100));
	l->drop(l);
	assert_int_equal(file_read(p->log, 1000, &text, NULL, NULL), 0);
	return text;
}

static void test_a_node_under_our_authority_is_asked_on(void **state)
{
	struct place *p = *state;
	char *asked;

	live_under(p, p->ours);
	asked = round_of(p);
	assert_string_equal(asked, "ca\nround\n");
	assert_true(p->w.at[0].proven);
	assert_false(p->w.at[0].foreign);
	assert_null(node_watch_barred(&p->w, &p->w.at[0]));
	assert_string_equal(node_watch_host(&p->w.at[0]).name, "10.0.1.10");
	assert_non_null(p->w.at[0].report);
	free(asked);
}

static void test_another_clusters_node_is_left_at_once(void **state)
{
	struct place *p = *state;
	char *asked;

	live_under(p, p->theirs);
	asked = round_of(p);
	assert_string_equal(asked, "ca\n");
	assert_true(p->w.at[0].foreign);
	assert_string_equal(node_watch_host(&p->w.at[0]).name, "");
	node_watch_tick(&p->w, at(600000));
	assert_false(p->w.at[0].round.in_flight);
	free(asked);
}

static void test_a_node_that_cannot_show_whose_it_is_is_left_too(void **state)
{
	struct place *p = *state;
	char *asked = round_of(p);

	assert_string_equal(asked, "ca\n");
	assert_false(p->w.at[0].foreign);
	assert_string_equal(node_watch_host(&p->w.at[0]).name, "");
	assert_non_null(strstr(node_watch_barred(&p->w, &p->w.at[0]), "authority"));
	node_watch_tick(&p->w, at(600000));
	assert_false(p->w.at[0].round.in_flight);
	free(asked);
}

static void test_one_authority_of_a_rotation_is_enough(void **state)
{
	struct place *p = *state;
	char *both = str_fmt("%s%s", tls_authority_pem(p->theirs), tls_authority_pem(p->ours));
	char *asked;

	assert_int_equal(file_write(p->ca, both, strlen(both), 0600, NULL), 0);
	asked = round_of(p);
	assert_string_equal(asked, "ca\nround\n");
	assert_true(p->w.at[0].proven);
	free(asked);
	free(both);
}

static void test_a_cluster_is_told_by_its_authorities_and_by_its_url_without_any(void **state)
{
	struct place *p = *state;
	const char *one = tls_authority_pem(p->ours), *other = tls_authority_pem(p->theirs);
	char *ab = str_fmt("%s%s", one, other), *ba = str_fmt("%s%s", other, one);
	struct kube_access tunnel = {.server = (char *)(uintptr_t) "https://127.0.0.1:6443",
				   .ca_pem = ab},
			   direct = {.server = (char *)(uintptr_t) "https://10.0.1.5:6443",
				   .ca_pem = ba},
			   insecure = {.server = tunnel.server, .ca_pem = ab, .insecure = true},
			   bare = {.server = tunnel.server},
			   garbage = {.server = tunnel.server, .ca_pem = (char *)(uintptr_t) "x"};
	struct cluster_key t, d, i, b, g;

	cluster_key_of(&tunnel, &t);
	cluster_key_of(&direct, &d);
	cluster_key_of(&insecure, &i);
	cluster_key_of(&bare, &b);
	cluster_key_of(&garbage, &g);
	assert_string_equal(t.hex, d.hex);
	assert_int_equal(t.n_cas, 2);
	assert_string_not_equal(t.hex, p->key.hex);
	assert_string_not_equal(t.hex, b.hex);
	assert_string_equal(i.hex, b.hex);
	assert_string_equal(g.hex, b.hex);
	assert_int_equal(i.n_cas + b.n_cas + g.n_cas, 0);
	free(ab);
	free(ba);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(test_a_node_under_our_authority_is_asked_on),
		TEST(test_another_clusters_node_is_left_at_once),
		TEST(test_a_node_that_cannot_show_whose_it_is_is_left_too),
		TEST(test_one_authority_of_a_rotation_is_enough),
		TEST(test_a_cluster_is_told_by_its_authorities_and_by_its_url_without_any),
	};

	return cmocka_run_group_tests_name("node_proof", tests, NULL, NULL);
}
