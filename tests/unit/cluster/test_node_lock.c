/* The lock on nodes: one file each, and the majority over them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cluster/node_lock.h"
#include "help/scene.h"

#define EVE(id)                                                                                    \
	{                                                                                          \
		id, "eve", "desk", "kubelet-restart on m2", 900                                    \
	}

static void take(struct scene *s, const struct node_lock_asked *a, struct node_lock_seen *seen)
{
	node_locks_take(&s->root.call, 1, a, seen);
	if (seen->state == NODE_LOCK_UNSEEN)
		fail_msg("%s", seen->why.text);
}

static void test_a_lock_is_taken_once_and_told_to_the_other(void **state)
{
	const struct node_lock_asked eve = EVE("run-1"), bob = {"run-2", "bob", "laptop", "", 60};

	(void)state;
	EACH_SHELL(s, shell)
	{
		struct node_lock_seen seen;

		node_locks_read(&s.root.call, 1, &eve, &seen);
		assert_int_equal(seen.state, NODE_LOCK_FREE);
		take(&s, &eve, &seen);
		assert_int_equal(seen.state, NODE_LOCK_OURS);
		assert_in_range(seen.holder.left_s, 890, 900);
		take(&s, &bob, &seen);
		assert_int_equal(seen.state, NODE_LOCK_OTHERS);
		assert_string_equal(seen.holder.owner, "eve");
		assert_string_equal(seen.holder.machine, "desk");
		assert_string_equal(seen.holder.purpose, "kubelet-restart on m2");
		assert_string_equal(seen.holder.run, "run-1");
		assert_true(seen.holder.since_ms > 1700000000000);
		node_locks_release(&s.root.call, 1, &bob, &seen); /* not his to give */
		assert_int_equal(seen.state, NODE_LOCK_OTHERS);
		take(&s, &eve, &seen); /* renewed */
		assert_int_equal(seen.state, NODE_LOCK_OURS);
		node_locks_release(&s.root.call, 1, &eve, &seen);
		assert_int_equal(seen.state, NODE_LOCK_FREE);
		take(&s, &bob, &seen);
		assert_int_equal(seen.state, NODE_LOCK_OURS);
	}
}

/* As a run leaves it that died longer ago than it asked for. */
static void put_old(struct scene *s, const char *run)
{
	char *text = str_fmt("%s\n1\n0\n1700000000\neve\ndesk\nx\n", run);

	node_root_put(&s->root, "/run/k911/lock", text);
	free(text);
}

static void test_a_lock_whose_time_is_over_goes_to_the_next(void **state)
{
	const struct node_lock_asked bob = {"run-2", "bob", "laptop", "", 60};

	(void)state;
	EACH_SHELL(s, shell)
	{
		struct node_lock_seen seen;

		put_old(&s, "run-1");
		node_locks_read(&s.root.call, 1, &bob, &seen);
		assert_int_equal(seen.state, NODE_LOCK_FREE);
		take(&s, &bob, &seen);
		assert_int_equal(seen.state, NODE_LOCK_OURS);
		assert_string_equal(seen.taken_over, "eve run-1");
	}
}

static void test_what_a_broken_file_says_is_no_lock(void **state)
{
	const struct node_lock_asked bob = {"run-2", "bob", "laptop", "", 60};

	(void)state;
	EACH_SHELL(s, shell)
	{
		struct node_lock_seen seen;

		node_root_put(&s.root, "/run/k911/lock", "");
		take(&s, &bob, &seen);
		assert_int_equal(seen.state, NODE_LOCK_OURS);
		node_root_put(&s.root, "/run/k911/lock", "x\n99999999999999999999999\n");
		take(&s, &bob, &seen);
		assert_int_equal(seen.state, NODE_LOCK_OURS);
	}
}

struct taker {
	struct scene *scene;
	struct node_lock_seen seen;
	char run[16];
	pthread_t thread;
};

static void *take_in_own_name(void *arg)
{
	struct taker *t = arg;
	const struct node_lock_asked asked = {t->run, "eve", "desk", "", 900};

	node_locks_take(&t->scene->root.call, 1, &asked, &t->seen);
	return NULL;
}

static void test_of_many_takers_at_once_one_wins(void **state)
{
	enum { TAKERS = 6 };

	(void)state;
	EACH_SHELL(s, shell)
	{
		struct taker takers[TAKERS] = {{0}};
		int ours = 0, others = 0;

		put_old(&s, "run-0");
		for (int i = 0; i < TAKERS; i++) {
			takers[i].scene = &s;
			snprintf(takers[i].run, sizeof(takers[i].run), "run-%d", i + 1);
			assert_int_equal(pthread_create(&takers[i].thread, NULL, take_in_own_name,
						 &takers[i]),
				0);
		}
		for (int i = 0; i < TAKERS; i++) {
			pthread_join(takers[i].thread, NULL);
			ours += takers[i].seen.state == NODE_LOCK_OURS;
			others += takers[i].seen.state == NODE_LOCK_OTHERS;
		}
		assert_int_equal(ours, 1);
		assert_int_equal(others, TAKERS - 1);
	}
}

static struct node_lock_seen held(enum node_lock_state state, const char *run)
{
	struct node_lock_seen s = {.state = state};

	str_copy(s.holder.run, sizeof(s.holder.run), run);
	return s;
}

static void test_a_majority_is_one_of_the_known_nodes(void **state)
{
	static const struct {
		const char *states; /* o ours, x y other runs, - not reached, f free */
		enum node_lock_verdict verdict;
		size_t other;
	} rows[] = {
		{"ooo", NODE_LOCK_HELD, 3},
		{"oo-", NODE_LOCK_HELD, 3},
		{"oox", NODE_LOCK_HELD, 3},
		{"o--", NODE_LOCK_NO_MAJORITY, 3},
		{"oo--", NODE_LOCK_NO_MAJORITY, 4}, /* half is none */
		{"ox-", NODE_LOCK_REFUSED, 1},
		{"-x-", NODE_LOCK_REFUSED, 1},
		{"oxyyo", NODE_LOCK_REFUSED, 2},
		{"ooxyo", NODE_LOCK_HELD, 5},
		{"---", NODE_LOCK_UNREACHED, 3},
		{"o", NODE_LOCK_HELD, 1},
		{"x", NODE_LOCK_REFUSED, 0},
		{"", NODE_LOCK_UNREACHED, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct node_lock_seen seen[NODE_LOCK_MAX_NODES];
		size_t n = strlen(rows[i].states), other;

		for (size_t k = 0; k < n; k++)
			switch (rows[i].states[k]) {
			case 'o':
				seen[k] = held(NODE_LOCK_OURS, "ours");
				break;
			case 'x':
				seen[k] = held(NODE_LOCK_OTHERS, "x");
				break;
			case 'y':
				seen[k] = held(NODE_LOCK_OTHERS, "y");
				break;
			default:
				seen[k] = held(NODE_LOCK_UNSEEN, "");
			}
		if (node_lock_judge(seen, n, &other) != rows[i].verdict || other != rows[i].other)
			fail_msg("%s: %d, node %zu", rows[i].states,
				(int)node_lock_judge(seen, n, &other), other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_lock_is_taken_once_and_told_to_the_other),
		cmocka_unit_test(test_a_lock_whose_time_is_over_goes_to_the_next),
		cmocka_unit_test(test_what_a_broken_file_says_is_no_lock),
		cmocka_unit_test(test_of_many_takers_at_once_one_wins),
		cmocka_unit_test(test_a_majority_is_one_of_the_known_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
