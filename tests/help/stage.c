#include "help/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "app/check_report.h"
#include "app/drill_session.h"
#include "base/str.h"
#include "drill/fake/fake_node.h"
#include "model/settled.h"

#define LEVEL_MS 60000 /* a healed pod still sits out its back-off */

static char self[4096];

int stage_main(int argc, char **argv, int (*tests)(void))
{
	int rc;

	if (fake_node_main(argc, argv, &rc))
		return rc;
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	return tests();
}

static void open_drill(struct stage *s, const char *scenario, int speed)
{
	const struct drill_options options = {
		.scenario = scenario, .self_path = self, .at_once = true, .speed = speed};
	struct err e;

	memset(s, 0, sizeof(*s));
	scratch_init(&s->scratch);
	assert_int_equal(drill_start(&options, &s->drill, &e), 0);
}

static void open_engine(struct stage *s, bool ssh)
{
	struct engine_options o = engine_defaults;
	struct drill_session session = {0};
	struct err e;

	drill_session_describe(&o, &session, drill_config(s->drill));
	if (!ssh)
		o.shell = NULL;
	o.limits = limits_default;
	o.limits.hold_down_ms = 2000;
	o.journal = s->scratch.path;
	o.read_only = s->read_only;
	o.runbooks = runbook_set_load(&runbook_files, NULL);
	str_copy(o.desk.author.name, sizeof(o.desk.author.name), "ana");
	str_copy(o.desk.author.host, sizeof(o.desk.author.host), "ops1");
	o.desk.lock_dir = s->scratch.dir;
	memcpy(o.desk.targets, level_targets, sizeof(o.desk.targets));
	assert_int_equal(kubeconfig_load(drill_kubeconfig(s->drill), NULL, &o.access, &e), 0);
	s->engine = engine_start(&o, &e);
	runbook_set_unref(o.runbooks);
	assert_non_null(s->engine);
	s->snapshots = engine_subscribe(s->engine);
}

void stage_open(struct stage *s, const char *scenario, int speed)
{
	open_drill(s, scenario, speed);
	open_engine(s, true);
}

void stage_open_without_ssh(struct stage *s, const char *scenario, int speed)
{
	open_drill(s, scenario, speed);
	open_engine(s, false);
}

void stage_open_broken(
	struct stage *s, void (*breaks)(struct drill *d, const void *arg), const void *arg)
{
	open_drill(s, "healthy", 1);
	breaks(s->drill, arg);
	open_engine(s, false);
}

void stage_reopen(struct stage *s, bool read_only)
{
	snapshot_unref(s->last);
	s->last = NULL;
	s->read_only = read_only;
	assert_int_equal(engine_stop(s->engine), 0);
	open_engine(s, true);
}

void stage_close(struct stage *s)
{
	snapshot_unref(s->last);
	assert_int_equal(engine_stop(s->engine), 0);
	drill_stop(s->drill);
	scratch_done(&s->scratch);
}

/* What was there when the wanted did not come. */
static void print_last(const struct snapshot *s)
{
	struct checks h;
	struct buf out;

	buf_init(&out, 1 << 20);
	checks_run(&h, s);
	check_report_text(&out, s, &h, false);
	print_message("%s\n", buf_text(&out));
	for (size_t i = 0; i < s->layers.n; i++) {
		print_message("%s:", s->layers.nodes[i].name);
		for (int l = 0; l < LAYER_NODE_COUNT; l++)
			print_message(" %s=%d%s", layer_name((enum layer_id)l),
				(int)s->layers.nodes[i].layer[l].state,
				s->layers.nodes[i].layer[l].text);
		print_message("\n");
	}
	for (size_t i = 0; i < s->n_feeds; i++)
		print_message("feed %d: %s, %zu lines\n", (int)s->feeds[i]->state,
			s->feeds[i]->error, s->feeds[i]->n);
	checks_done(&h);
	buf_done(&out);
}

bool stage_comes(struct stage *s, bool (*wanted)(const struct snapshot *s, const void *arg),
	const void *arg, int64_t ms)
{
	struct instant begin = instant_now();
	struct pollfd p = {.fd = slot_fd(s->snapshots), .events = POLLIN};

	do {
		struct snapshot *now = slot_take(s->snapshots);

		if (now) {
			snapshot_unref(s->last);
			s->last = now;
			if (wanted(now, arg))
				return true;
		}
		poll(&p, 1, 100);
	} while (instant_age_ms(begin, instant_now()) < ms);
	if (s->last)
		print_last(s->last);
	return false;
}

struct wanted_level {
	enum level level;
	const char *rule;
};

static bool is_well(const struct snapshot *s)
{
	for (size_t i = 0; i < s->verdict.n; i++)
		if (!str_eq(rule_name(s->verdict.reasons[i].rule), "event-burst"))
			return false;
	return s->verdict.known && snapshot_is_settled(s) &&
	       (s->verdict.level == LEVEL_NONE || s->verdict.level == LEVEL_P3);
}

static bool is_of_level(const struct snapshot *s, const void *arg)
{
	const struct wanted_level *want = arg;

	if (want->level == LEVEL_NONE)
		return is_well(s);
	for (size_t i = 0; i < s->verdict.n; i++)
		if (str_eq(rule_name(s->verdict.reasons[i].rule), want->rule))
			return s->verdict.known && s->verdict.level == want->level &&
			       s->proposal.kind == PROPOSE_OPEN && s->proposal.level == want->level;
	return false;
}

bool stage_level_comes_in(struct stage *s, enum level level, const char *rule, int64_t ms)
{
	const struct wanted_level want = {level, rule};

	return stage_comes(s, is_of_level, &want, ms);
}

bool stage_level_comes(struct stage *s, enum level level, const char *rule)
{
	return stage_level_comes_in(s, level, rule, LEVEL_MS);
}
