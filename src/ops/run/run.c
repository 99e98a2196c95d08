/* The life of a run: what it is given, its thread, its end. */
#include "ops/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/wake.h"
#include "ops/run/runbook_value.h"
#include "run_inner.h"

static void *run_main(void *arg)
{
	struct run *r = arg;
	enum run_state s = run_walk(r);

	if (r->mark_fd >= 0)
		close(r->mark_fd);
	r->mark_fd = -1;
	/* Its end is not known where a deed may be under way. */
	run_state_set(r, run_is_stopped(r) && s != RUN_PLANNED ? RUN_INTERRUPTED : s);
	return NULL;
}

/* ---- inputs ---- */

static int take_input(struct run *r, const char *pair, struct err *e)
{
	const char *eq = strchr(pair, '=');
	const struct runbook_input *in;
	size_t k = r->n_inputs;

	if (!eq || (size_t)(eq - pair) >= sizeof(r->names[0]))
		return err_set(e, ERR_INPUT, _("\"%.100s\" is no NAME=VALUE"), pair);
	if (k == RUNBOOK_INPUTS)
		return err_set(e, ERR_LIMIT, "%s", _("too many inputs"));
	str_copy_n(r->names[k], sizeof(r->names[0]), pair, (size_t)(eq - pair));
	in = runbook_input_named(r->book, r->names[k]);
	if (!in)
		return err_set(e, ERR_INPUT, _("the runbook %s has no input \"%.60s\""),
			r->book->id, r->names[k]);
	if (runbook_value_check(in, eq + 1, e) != 0)
		return -1;
	r->inputs[k] = mem_str(pair);
	r->n_inputs++;
	runbook_values_set(&r->values, r->names[k], strchr(r->inputs[k], '=') + 1);
	return 0;
}

static int take_inputs(struct run *r, const char *const *inputs, size_t n, struct err *e)
{
	for (size_t k = 0; k < n; k++)
		if (take_input(r, inputs[k], e) != 0)
			return -1;
	for (size_t k = 0; k < r->book->n_inputs; k++) {
		const struct runbook_input *in = &r->book->inputs[k];

		if (runbook_values_get(&r->values, in->name))
			continue;
		if (!in->optional)
			return err_set(e, ERR_INPUT, _("the input %s is missing: %s"), in->name,
				said_text(&in->ask));
		runbook_values_set(&r->values, in->name, "");
	}
	return 0;
}

/* ---- life ---- */

static void show_begin(struct run *r, uint32_t asker)
{
	struct run_seen *s = run_seen_new(r->book->n_steps, RUN_LINES);
	size_t used = 0;

	s->n_lines = 0; /* there is room for RUN_LINES */
	s->asker = asker;
	s->here = true;
	s->began_ms = r->past ? r->past->began_ms : instant_now().wall_ms;
	str_copy(s->id, sizeof(s->id), r->id);
	str_copy(s->runbook, sizeof(s->runbook), r->book->id);
	str_copy(s->title, sizeof(s->title), said_text(&r->book->title));
	str_copy(s->author, sizeof(s->author), r->author.name);
	str_copy(s->host, sizeof(s->host), r->author.host);
	for (size_t k = 0; k < r->n_inputs && used < sizeof(s->inputs); k++)
		used += (size_t)snprintf(s->inputs + used, sizeof(s->inputs) - used, "%s%s",
			k > 0 ? " " : "", r->inputs[k]);
	str_mend(s->inputs);
	for (size_t k = 0; k < r->book->n_steps; k++)
		str_copy(s->steps[k].id, sizeof(s->steps[k].id), r->book->steps[k].id);
	r->seen = s;
}

static struct run *run_new(const struct run_options *o)
{
	struct run *r = mem_new(struct run);
	struct ulid ulids = {.bytes = {0}};

	r->world = o->world;
	r->book = o->book;
	r->past = o->past;
	r->plan = o->plan;
	r->read_only = o->read_only;
	r->place = o->place;
	r->news = o->news;
	r->author = o->author;
	r->mark_fd = -1;
	r->abort_fd = wake_open();
	r->stop_fd = wake_open();
	r->replies = mailbox_new(0); /* answers alone */
	pthread_mutex_init(&r->lock, NULL);
	str_copy(r->incident, sizeof(r->incident), o->incident ? o->incident : "");
	if (r->past)
		str_copy(r->id, sizeof(r->id), r->past->id);
	else
		ulid_next(&ulids, instant_now().wall_ms, r->id);
	runbook_values_set(&r->values, "run", r->id);
	return r;
}

static void destroy(struct run *r)
{
	runbook_unref(r->book);
	run_past_free(r->past);
	snapshot_unref(r->now);
	run_seen_unref(r->seen);
	mailbox_free(r->replies);
	for (size_t k = 0; k < r->n_inputs; k++)
		free(r->inputs[k]);
	pthread_mutex_destroy(&r->lock);
	close(r->abort_fd);
	close(r->stop_fd);
	free(r);
}

struct run *run_start(const struct run_options *o, struct err *e)
{
	struct run *r = run_new(o);
	int rc;

	if (take_inputs(r, o->inputs, o->n_inputs, e) != 0)
		goto fail;
	show_begin(r, o->asker);
	rc = thread_start(&r->thread, "run", run_main, r);
	if (rc == 0)
		return r;
	err_sys(e, rc, "%s", _("starting the run's thread"));
fail:
	destroy(r);
	return NULL;
}

const char *run_id(const struct run *r)
{
	return r->id;
}

void run_abort(struct run *r)
{
	wake_set(r->abort_fd);
}

void run_free(struct run *r)
{
	if (!r)
		return;
	wake_set(r->stop_fd);
	pthread_join(r->thread, NULL);
	destroy(r);
}
