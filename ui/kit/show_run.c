/* How runs, their steps and debts are written. */
#include "ui/kit/show_run.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"
#include "ui/kit/show_incident.h"

struct look {
	const char *sign;
	enum role role;
};

static const struct look run_looks[] = {
	[RUN_STARTING] = {".", ROLE_ACCENT},
	[RUN_GOING] = {">", ROLE_ACCENT},
	[RUN_ASKING] = {"!", ROLE_WARN},
	[RUN_VERIFYING] = {"?", ROLE_ACCENT},
	[RUN_PLANNED] = {".", ROLE_DIM},
	[RUN_DONE] = {"ok", ROLE_OK},
	[RUN_REFUSED] = {"-", ROLE_WARN},
	[RUN_FAILED] = {"x", ROLE_BAD},
	[RUN_ABORTED] = {"-", ROLE_WARN},
	[RUN_INTERRUPTED] = {"-", ROLE_WARN},
};

static const struct look step_looks[] = {
	[RUN_STEP_WAITS] = {".", ROLE_DIM},
	[RUN_STEP_ACTS] = {">", ROLE_ACCENT},
	[RUN_STEP_VERIFIES] = {"?", ROLE_ACCENT},
	[RUN_STEP_DONE] = {"ok", ROLE_OK},
	[RUN_STEP_SO_ALREADY] = {"=", ROLE_OK},
	[RUN_STEP_SKIPPED] = {"-", ROLE_DIM},
	[RUN_STEP_FAILED] = {"x", ROLE_BAD},
};

char *show_run_state(
	const struct run_seen *r, struct instant now, char *dst, size_t size, enum role *role)
{
	const struct look *l = &run_looks[r->state];
	int64_t left_ms = r->waiting_until.boot_ms - now.boot_ms;
	char left[SHOW_SIZE], words[60] = "";

	*role = l->role;
	if (r->state == RUN_VERIFYING && r->waiting_until.boot_ms != 0)
		snprintf(words, sizeof(words), _(", %s left"),
			show_span(left_ms, left, sizeof(left)));
	snprintf(dst, size, "%s %s%s", l->sign, _(run_state_word(r->state)), words);
	return dst;
}

char *show_run_step_state(enum run_step_state s, char *dst, size_t size, enum role *role)
{
	*role = step_looks[s].role;
	snprintf(dst, size, "%s %s", step_looks[s].sign, _(run_step_state_word(s)));
	return dst;
}

char *show_run_took(int64_t began_ms, int64_t ended_ms, struct instant now, char *dst, size_t size)
{
	str_copy(dst, size, "");
	if (began_ms != 0)
		show_span((ended_ms != 0 ? ended_ms : now.wall_ms) - began_ms, dst, size);
	return dst;
}

const char *show_debt_kind(const struct run_debt *d)
{
	static const struct {
		const char *kind, *words;
	} rows[] = {
		{"cordoned", N_("cordoned")},
		{"out-of-balancer", N_("out of the balancer")},
		{"aside", N_("moved aside")},
		{"kubelet-stopped", N_("kubelet stopped")},
		{"webhook", N_("webhook suspended")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(rows[i].kind, d->kind))
			return _(rows[i].words);
	return d->kind;
}
