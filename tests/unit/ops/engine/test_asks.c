/* A question goes from whoever waits to the snapshot and comes back as one reply, whatever happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ops/engine/asks.h"

#define HERE "5f0c0f7a-0000-4000-8000-00000000000a"

struct world {
	struct asks asks;
	struct mailbox *engine, *run;
	struct cluster_mark here;
	bool read_only;
	char why[GATE_WHY];
};

static int set_up(void **state)
{
	struct world *w = mem_new(struct world);

	w->engine = mailbox_new(16);
	w->run = mailbox_new(16);
	str_copy(w->here.uid, sizeof(w->here.uid), HERE);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	mailbox_free(w->engine);
	mailbox_free(w->run);
	free(w);
	return 0;
}

static struct ask question(uint64_t number)
{
	struct ask a = {.number = number, .n = 2, .choices = {"retry", "stop"}};

	str_copy(a.text, sizeof(a.text), "kubelet on m2 does not come back");
	str_copy(a.of.uid, sizeof(a.of.uid), HERE);
	return a;
}

/* As a run asks, and as the engine hears it. */
static void ask(struct world *w, const struct ask *a)
{
	const struct hearer engine = {.box = w->engine, .hear = asks_hear, .room = &w->asks};
	struct letter *l;

	ask_post(&engine, a, w->run);
	while ((l = mailbox_take(w->engine)) != NULL) {
		letter_hear(l, (struct instant){0});
		l->drop(l);
	}
}

static bool answer(struct world *w, uint64_t number, const char *text)
{
	struct command *c = command_new(COMMAND_ANSWER);
	bool taken;

	c->ask = number;
	str_copy(c->text, sizeof(c->text), text);
	taken = asks_answer(&w->asks, c, w->read_only, &w->here, w->why);
	c->letter.drop(&c->letter);
	return taken;
}

/* The one reply that came. */
static void expect(struct world *w, uint64_t number, enum ask_end end, const char *text)
{
	struct ask_reply *r = (struct ask_reply *)mailbox_take(w->run);

	assert_non_null(r);
	assert_int_equal(r->number, number);
	assert_int_equal(r->end, end);
	assert_string_equal(r->answer, text);
	r->letter.drop(&r->letter);
	assert_null(mailbox_take(w->run));
}

static void test_a_question_is_shown_until_it_is_answered(void **state)
{
	struct world *w = *state;
	struct ask a = question(7);
	struct snapshot *s = snapshot_new();

	ask(w, &a);
	asks_fill(&w->asks, s);
	assert_int_equal(s->n_asks, 1);
	assert_string_equal(s->asks[0].text, a.text);
	assert_true(answer(w, 7, "2"));
	expect(w, 7, ASK_ANSWERED, "stop");
	asks_fill(&w->asks, s);
	assert_int_equal(s->n_asks, 0);
	assert_false(answer(w, 7, "1"));
	assert_non_null(strstr(w->why, "no longer"));
	assert_null(mailbox_take(w->run));
	snapshot_unref(s);
}

static void test_what_is_no_answer_leaves_the_question(void **state)
{
	struct world *w = *state;
	struct ask a = question(7);

	ask(w, &a);
	assert_false(answer(w, 7, "3"));
	assert_false(answer(w, 7, "y"));
	assert_non_null(strstr(w->why, "choices"));
	assert_int_equal(w->asks.n, 1);
	assert_null(mailbox_take(w->run));
}

static void test_a_deadline_ends_it_and_only_it(void **state)
{
	struct world *w = *state;
	struct ask a = question(7), b = question(8);

	a.deadline.boot_ms = 5000;
	ask(w, &a);
	ask(w, &b);
	assert_false(asks_tick(&w->asks, (struct instant){.boot_ms = 4999}));
	assert_true(asks_tick(&w->asks, (struct instant){.boot_ms = 5000}));
	expect(w, 7, ASK_EXPIRED, "");
	assert_int_equal(w->asks.n, 1);
	assert_true(answer(w, 8, "Retry"));
	expect(w, 8, ASK_ANSWERED, "retry");
}

static void test_a_withdrawn_question_gets_no_reply(void **state)
{
	struct world *w = *state;
	struct ask a = question(7);
	struct mailbox *run = w->run;

	ask(w, &a);
	w->run = NULL;
	ask(w, &a);
	w->run = run;
	assert_int_equal(w->asks.n, 0);
	assert_null(mailbox_take(w->run));
}

static void test_one_too_many_is_refused_at_once(void **state)
{
	struct world *w = *state;

	for (uint64_t i = 1; i <= ASK_MAX; i++) {
		struct ask a = question(i);

		ask(w, &a);
		assert_null(mailbox_take(w->run));
	}
	ask(w, &(struct ask){.number = 99});
	expect(w, 99, ASK_REFUSED, "");
	assert_int_equal(w->asks.n, ASK_MAX);
}

static void test_an_answer_that_changes_the_cluster_passes_the_gate(void **state)
{
	struct world *w = *state;
	struct ask a = question(7), harmless = question(8);

	a.changes = true;
	ask(w, &a);
	ask(w, &harmless);
	w->read_only = true;
	assert_false(answer(w, 7, "retry"));
	assert_non_null(strstr(w->why, "--read-only"));
	assert_true(answer(w, 8, "retry"));
	expect(w, 8, ASK_ANSWERED, "retry");
	w->read_only = false;
	w->here.uid[0] = 'x';
	assert_false(answer(w, 7, "retry"));
	assert_non_null(strstr(w->why, "not the cluster"));
	w->here.uid[0] = HERE[0];
	assert_true(answer(w, 7, "retry"));
	expect(w, 7, ASK_ANSWERED, "retry");
}

/* For what cannot be undone: neither a habit nor a number confirms it. */
static void test_what_must_be_typed_is_taken_letter_by_letter(void **state)
{
	struct world *w = *state;
	struct ask a = {.number = 7, .n = 1, .choices = {"m2"}};

	ask(w, &a);
	assert_false(answer(w, 7, "y"));
	assert_false(answer(w, 7, "1"));
	assert_false(answer(w, 7, "M2"));
	assert_false(answer(w, 7, "m2 "));
	assert_true(answer(w, 7, "m2"));
	expect(w, 7, ASK_ANSWERED, "m2");
}

static void test_without_choices_any_text_will_do_but_none(void **state)
{
	struct world *w = *state;
	struct ask a = {.number = 7};

	ask(w, &a);
	assert_false(answer(w, 7, ""));
	assert_true(answer(w, 7, "the disk was swapped"));
	expect(w, 7, ASK_ANSWERED, "the disk was swapped");
}

int main(void)
{
#define ASK_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ASK_TEST(test_a_question_is_shown_until_it_is_answered),
		ASK_TEST(test_what_is_no_answer_leaves_the_question),
		ASK_TEST(test_a_deadline_ends_it_and_only_it),
		ASK_TEST(test_a_withdrawn_question_gets_no_reply),
		ASK_TEST(test_one_too_many_is_refused_at_once),
		ASK_TEST(test_an_answer_that_changes_the_cluster_passes_the_gate),
		ASK_TEST(test_what_must_be_typed_is_taken_letter_by_letter),
		ASK_TEST(test_without_choices_any_text_will_do_but_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
