/* Runbooks on the practice cluster, through the engine as the console and the command line use it:
 * a command starts one, its questions are answered by commands, and the journal tells the next
 * console what was done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/serial.h"
#include "base/str.h"
#include "help/stage.h"
#include "model/command.h"
#include "model/settled.h"

#define SOON_MS 60000 /* deadlines on a busy machine, no promises */

static uint32_t asker;

static void order(struct stage *s, enum command_kind kind, const char *name, const char *text)
{
	struct command *c = command_new(kind);

	asker = (uint32_t)serial_next();
	c->feed = asker;
	str_copy(c->name, sizeof(c->name), name);
	str_copy(c->text, sizeof(c->text), text);
	assert_int_equal(mailbox_post(engine_commands(s->engine), &c->letter), 0);
}

static const struct run_seen *ours(const struct snapshot *s)
{
	for (size_t k = 0; s->runs && k < s->runs->n_runs; k++)
		if (s->runs->runs[k]->here && s->runs->runs[k]->asker == asker)
			return s->runs->runs[k];
	return NULL;
}

static bool is_settled(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return s->runs && snapshot_is_settled(s);
}

static bool is_over(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return ours(s) && run_state_is_over(ours(s)->state);
}

static bool asks(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return is_over(s, NULL) ||
	       (ours(s) && ours(s)->state == RUN_ASKING && s->n_asks > 0 &&
		       (ours(s)->consent.ask == 0 || ours(s)->consent.ask == s->asks[0].number));
}

static bool is_not_ready(const struct snapshot *s, const void *arg)
{
	const struct node_row key = {.name = arg};
	const struct node_row *n = table_find(s->nodes, &key);

	return n && !node_is_ready(n);
}

static void answer(struct stage *s, const char *word)
{
	struct command *c = command_new(COMMAND_ANSWER);

	assert_true(stage_comes(s, asks, NULL, SOON_MS));
	assert_int_equal(ours(s->last)->state, RUN_ASKING);
	c->ask = s->last->asks[0].number;
	str_copy(c->text, sizeof(c->text), word);
	assert_int_equal(mailbox_post(engine_commands(s->engine), &c->letter), 0);
}

static void ends(struct stage *s, enum run_state state)
{
	assert_true(stage_comes(s, is_over, NULL, 3 * SOON_MS));
	if (ours(s->last)->state != state)
		print_message("%s\n", ours(s->last)->why);
	assert_int_equal(ours(s->last)->state, state);
}

/* A no to what it asks. */
static void leave(struct stage *s)
{
	struct command *c = command_new(COMMAND_RUN_ABORT);

	assert_true(stage_comes(s, asks, NULL, SOON_MS));
	str_copy(c->name, sizeof(c->name), ours(s->last)->id);
	assert_int_equal(mailbox_post(engine_commands(s->engine), &c->letter), 0);
	ends(s, RUN_ABORTED);
}

static void break_kubelet(struct stage *s, const char *node)
{
	struct err e;
	char what[40];

	snprintf(what, sizeof(what), "kubelet/%s", node);
	assert_int_equal(drill_set(s->drill, what, "stop", &e), 0);
	assert_true(stage_comes(s, is_not_ready, node, SOON_MS));
}

static void open_stage(struct stage *s)
{
	stage_open(s, "healthy", 10);
	assert_true(stage_comes(s, is_settled, NULL, SOON_MS));
}

static void test_a_stopped_kubelet_is_restarted_and_seen_ready(void **state)
{
	const struct run_seen *r;
	struct stage s;

	(void)state;
	open_stage(&s);
	break_kubelet(&s, "w2");
	order(&s, COMMAND_RUN, "kubelet-restart", ""); /* the default finds the node */
	answer(&s, "yes");
	ends(&s, RUN_DONE);
	r = ours(s.last);
	assert_string_equal(r->inputs, "node=w2");
	assert_int_equal(r->steps[0].state, RUN_STEP_DONE);
	assert_string_equal(r->author, "ana");
	assert_false(is_not_ready(s.last, "w2"));
	stage_close(&s);
}

static void test_a_plan_shows_every_step_and_changes_nothing(void **state)
{
	const struct run_seen *r;
	struct stage s;

	(void)state;
	open_stage(&s);
	break_kubelet(&s, "w2");
	order(&s, COMMAND_PLAN, "kubelet-restart", "node=w2");
	ends(&s, RUN_PLANNED);
	r = ours(s.last);
	assert_string_equal(r->steps[0].targets, "w2");
	assert_string_equal(r->steps[0].command, "ssh w2 systemctl restart kubelet");
	assert_string_equal(r->steps[0].confirm, "yes");
	assert_true(r->steps[0].changes);
	assert_true(r->steps[0].impact[0] && r->steps[0].risk[0] && r->steps[0].verify[0]);
	assert_true(is_not_ready(s.last, "w2"));
	stage_close(&s);
}

static void test_no_consent_no_deed(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s);
	break_kubelet(&s, "w2");
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w2");
	leave(&s);
	assert_true(is_not_ready(s.last, "w2"));
	stage_close(&s);
}

static void test_what_may_not_be_is_refused_before_anything_is_done(void **state)
{
	struct stage s;
	struct err e;

	(void)state;
	open_stage(&s);
	assert_int_equal(drill_set(s.drill, "machine/w3", "off", &e), 0);
	assert_true(stage_comes(&s, is_not_ready, "w3", SOON_MS));
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w3"); /* nobody is at home there */
	ends(&s, RUN_REFUSED);
	assert_non_null(strstr(ours(s.last)->why, "w3"));
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w99");
	ends(&s, RUN_REFUSED);
	stage_reopen(&s, true);
	assert_true(stage_comes(&s, is_settled, NULL, SOON_MS));
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w2"); /* read-only */
	ends(&s, RUN_REFUSED);
	stage_close(&s);
}

static bool has_interrupted(const struct snapshot *s, const void *arg)
{
	(void)arg;
	return s->runs && s->runs->n_runs == 1 && s->runs->runs[0]->state == RUN_INTERRUPTED;
}

/* The console goes while the run verifies; the next one goes on, and restarts nothing again. */
static void test_a_run_whose_console_went_is_gone_on_with(void **state)
{
	char id[ULID_SIZE];
	struct stage s;

	(void)state;
	open_stage(&s);
	break_kubelet(&s, "w2");
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w2");
	assert_true(stage_comes(&s, asks, NULL, SOON_MS)); /* nothing was begun yet */
	str_copy(id, sizeof(id), ours(s.last)->id);
	stage_reopen(&s, false);
	assert_true(stage_comes(&s, has_interrupted, NULL, SOON_MS));
	assert_true(stage_comes(&s, is_settled, NULL, SOON_MS));
	order(&s, COMMAND_RESUME, id, "");
	answer(&s, "yes");
	ends(&s, RUN_DONE);
	assert_string_equal(ours(s.last)->id, id);
	order(&s, COMMAND_RESUME, id, ""); /* it has ended: a notice, and no run */
	assert_true(stage_comes(&s, is_settled, NULL, SOON_MS));
	assert_null(ours(s.last));
	stage_close(&s);
}

/* Whoever acts on the cluster now keeps a run from going on, and does not end it. */
static void test_a_resume_that_is_refused_can_be_tried_again(void **state)
{
	char id[ULID_SIZE];
	uint32_t other;
	struct stage s;

	(void)state;
	open_stage(&s);
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w2");
	leave(&s);
	str_copy(id, sizeof(id), ours(s.last)->id);
	order(&s, COMMAND_RUN, "kubelet-restart", "node=w3"); /* it holds the lock while it asks */
	assert_true(stage_comes(&s, asks, NULL, SOON_MS));
	other = asker;
	order(&s, COMMAND_RESUME, id, "");
	ends(&s, RUN_REFUSED);
	asker = other;
	leave(&s);
	order(&s, COMMAND_RESUME, id, "");
	answer(&s, "yes");
	ends(&s, RUN_DONE);
	stage_close(&s);
}

static int tests(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_a_stopped_kubelet_is_restarted_and_seen_ready),
		cmocka_unit_test(test_a_plan_shows_every_step_and_changes_nothing),
		cmocka_unit_test(test_no_consent_no_deed),
		cmocka_unit_test(test_what_may_not_be_is_refused_before_anything_is_done),
		cmocka_unit_test(test_a_run_whose_console_went_is_gone_on_with),
		cmocka_unit_test(test_a_resume_that_is_refused_can_be_tried_again),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}

int main(int argc, char **argv)
{
	return stage_main(argc, argv, tests);
}
