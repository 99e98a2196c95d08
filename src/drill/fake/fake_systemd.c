/* systemctl and journalctl of a simulated machine. */
#include "fake_tools.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum unit_id unit;
	const char *about;
} units[] = {
	{"kubelet", UNIT_KUBELET, "kubelet: The Kubernetes Node Agent"},
	{"containerd", UNIT_CONTAINERD, "containerd container runtime"},
	{"haproxy", UNIT_HAPROXY, "HAProxy Load Balancer"},
	{"ssh", UNIT_SSH, "OpenBSD Secure Shell server"},
	{"sshd", UNIT_SSH, "OpenBSD Secure Shell server"},
};

/* Index into units, or -1 when this machine has none of that name. */
static int unit_of(const struct machine *m, const char *word)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t n = strlen(units[i].name);

		if (strncmp(word, units[i].name, n) == 0 &&
			(word[n] == '\0' || strcmp(word + n, ".service") == 0))
			return m->units[units[i].unit].state != UNIT_ABSENT ? (int)i : -1;
	}
	return -1;
}

/* Past the largest number a process can have, and another one after each start. */
static int64_t main_pid(const struct machine *m, int i)
{
	const struct unit *u = &m->units[units[i].unit];

	return u->state != UNIT_ACTIVE ? 0 : 4300000 + u->restarts * 100 + (int)units[i].unit;
}

bool unit_kill(struct world *w, struct machine *m, int64_t pid)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (pid != 0 && main_pid(m, (int)i) == pid) {
			/* systemd restarts it */
			world_unit_set(w, m, units[i].unit, UNIT_ACTIVE);
			return true;
		}
	return false;
}

static const char *state_word(enum unit_state s)
{
	return s == UNIT_ACTIVE ? "active" : s == UNIT_FAILED ? "failed" : "inactive";
}

/* Is a property asked for? Every one is when none is named. */
static bool is_shown(const struct tool_call *t, const char *word, const char *property)
{
	if (tool_value(t, "-p", NULL) == NULL && tool_value(t, "--property", NULL) == NULL)
		return true;
	for (int k = 1; k < t->argc; k++)
		if (strstr(t->argv[k], property) != NULL && strcmp(t->argv[k], word) != 0)
			return true;
	return false;
}

static void show_property(
	struct tool_call *t, const char *word, const char *name, const char *value)
{
	if (is_shown(t, word, name))
		buf_fmt(&t->out, "%s%s%s\n", tool_flag(t, "--value") ? "" : name,
			tool_flag(t, "--value") ? "" : "=", value);
}

/* What only a unit that is there has. */
static void show_state(struct tool_call *t, const char *word, int i)
{
	const struct unit *u = &t->machine->units[units[i].unit];
	bool active = u->state == UNIT_ACTIVE, failed = u->state == UNIT_FAILED;
	int64_t since_ms = t->world->now.boot_ms - (t->world->now.wall_ms - u->since_ms);
	char pid[24], since[24], start[32];

	snprintf(pid, sizeof(pid), "%lld", (long long)main_pid(t->machine, i));
	snprintf(since, sizeof(since), "%lld", since_ms > 0 ? (long long)since_ms * 1000 : 1LL);
	/* The same as long as it runs, whatever the clocks' rounding; another after each start. */
	snprintf(start, sizeof(start), "%lld", (long long)u->since_ms * 1000 + u->restarts);
	show_property(t, word, "UnitFileState", "enabled");
	show_property(t, word, "Result", failed ? "exit-code" : "success");
	show_property(t, word, "NRestarts", failed ? "5" : "0");
	show_property(t, word, "MainPID", pid);
	show_property(t, word, "KillMode", "process");
	show_property(t, word, "ExecMainStatus", failed ? "1" : "0");
	show_property(t, word, "ExecMainStartTimestampMonotonic", start);
	show_property(t, word, "ActiveEnterTimestampMonotonic", active ? since : "0");
	show_property(t, word, "InactiveEnterTimestampMonotonic", active ? "0" : since);
}

static void show_one(struct tool_call *t, const char *word)
{
	int i = unit_of(t->machine, word);
	enum unit_state s = i >= 0 ? t->machine->units[units[i].unit].state : UNIT_INACTIVE;

	if (t->out.len > 0)
		buf_putc(&t->out, '\n');
	show_property(t, word, "Id", word);
	show_property(t, word, "LoadState", i >= 0 ? "loaded" : "not-found");
	show_property(t, word, "ActiveState", state_word(s));
	show_property(t, word, "SubState",
		s == UNIT_ACTIVE   ? "running"
		: s == UNIT_FAILED ? "failed"
				   : "dead");
	if (i >= 0)
		show_state(t, word, i);
}

static void status_one(struct tool_call *t, int i)
{
	const struct unit *u = &t->machine->units[units[i].unit];
	char since[32], age[32];

	instant_rfc3339(u->since_ms, since, sizeof(since));
	instant_age(t->world->now.wall_ms - u->since_ms, age, sizeof(age));
	buf_fmt(&t->out,
		"%s %s.service - %s\n     Loaded: loaded (/lib/systemd/system/%s.service; enabled; "
		"preset: enabled)\n",
		u->state == UNIT_ACTIVE   ? "●"
		: u->state == UNIT_FAILED ? "×"
					  : "○",
		units[i].name, units[i].about, units[i].name);
	buf_fmt(&t->out, "     Active: %s since %s; %s ago\n",
		u->state == UNIT_ACTIVE   ? "active (running)"
		: u->state == UNIT_FAILED ? "failed (Result: exit-code)"
					  : "inactive (dead)",
		since, age);
	if (u->state != UNIT_ACTIVE)
		t->rc = 3;
}

static void act_one(struct tool_call *t, const char *verb, int i)
{
	enum unit_id u = units[i].unit;

	/* systemd waits for the end of a process that does not end. */
	t->hangs = t->machine->units[u].hung && strcmp(verb, "start") != 0;
	if (t->hangs)
		return;
	if (u == UNIT_HAPROXY && strcmp(verb, "stop") != 0)
		haproxy_reread(t->world);
	if (strcmp(verb, "reload") == 0)
		return;
	if (strcmp(verb, "stop") == 0)
		world_unit_set(t->world, t->machine, u, UNIT_INACTIVE);
	else if (strcmp(verb, "start") != 0 || t->machine->units[u].state != UNIT_ACTIVE)
		world_unit_set(t->world, t->machine, u, UNIT_ACTIVE);
}

static bool ask_state(struct tool_call *t, bool active, int i)
{
	enum unit_state s = i >= 0 ? t->machine->units[units[i].unit].state : UNIT_INACTIVE;

	if (!tool_flag(t, "-q") && !tool_flag(t, "--quiet"))
		buf_fmt(&t->out, "%s\n", state_word(s));
	if (s != (active ? UNIT_ACTIVE : UNIT_FAILED))
		t->rc = i >= 0 || t->rc == 3 ? 3 : 4;
	return s == (active ? UNIT_ACTIVE : UNIT_FAILED);
}

static void no_unit(struct tool_call *t, bool act, const char *verb, const char *word)
{
	if (act)
		buf_fmt(&t->err, "Failed to %s %s.service: Unit %s.service not found.\n", verb,
			word, word);
	else
		buf_fmt(&t->err, "Unit %s.service could not be found.\n", word);
	t->rc = act ? 5 : 4;
}

static void each_unit(struct tool_call *t, const char *verb, const char *word)
{
	int i = unit_of(t->machine, word);
	bool act = strcmp(verb, "start") == 0 || strcmp(verb, "stop") == 0 ||
		   strcmp(verb, "restart") == 0 || strcmp(verb, "reload-or-restart") == 0 ||
		   strcmp(verb, "reload") == 0;

	if (strcmp(verb, "show") == 0) {
		show_one(t, word);
	} else if (strcmp(verb, "is-enabled") == 0) {
		buf_puts(&t->out, i >= 0 ? "enabled\n" : "not-found\n");
		t->rc = i >= 0 ? t->rc : 4;
	} else if (i < 0) {
		no_unit(t, act, verb, word);
	} else if (strcmp(verb, "status") == 0) {
		status_one(t, i);
	} else if (act) {
		act_one(t, verb, i);
	}
}

void tool_systemctl(struct tool_call *t)
{
	const char *verb = NULL;
	bool so = false; /* is-active and is-failed answer whether any of the units is so */

	for (int i = 1; i < t->argc; i++) {
		if (t->argv[i][0] == '-') {
			i += strcmp(t->argv[i], "-p") == 0 || strcmp(t->argv[i], "-n") == 0 ||
			     strcmp(t->argv[i], "--property") == 0;
			continue;
		}
		if (verb == NULL)
			verb = t->argv[i];
		else if (strcmp(verb, "is-active") == 0 || strcmp(verb, "is-failed") == 0)
			so |= ask_state(
				t, strcmp(verb, "is-active") == 0, unit_of(t->machine, t->argv[i]));
		else
			each_unit(t, verb, t->argv[i]);
	}
	t->rc = so ? 0 : t->rc;
	if (verb == NULL)
		buf_puts(&t->out, "  UNIT LOAD ACTIVE SUB DESCRIPTION\n");
}

/* ---- journalctl ---- */

static const char *const healthy_lines[] = {
	"\"SyncLoop UPDATE\" source=\"api\" pods=[\"shop/web-7c5dd9f8c4-x2k9p\"]",
	"\"Probe succeeded\" probeType=\"Readiness\" containerName=\"web\"",
	"\"operationExecutor.VerifyControllerAttachedVolume started for volume\"",
	"\"Observed pod startup duration\" podStartSLOduration=2.13",
	"\"No need to create a mirror pod, since the kubelet sees it\"",
};
static const char *const failed_lines[] = {
	"\"command failed\" err=\"failed to load /var/lib/kubelet/config.yaml: no such file\"",
	"kubelet.service: Main process exited, code=exited, status=1/FAILURE",
	"kubelet.service: Failed with result 'exit-code'.",
	"kubelet.service: Scheduled restart job, restart counter is at 5.",
	"kubelet.service: Start request repeated too quickly.",
};

/* "@1795408430", the only form the console uses; INT64_MIN when there is none. */
static int64_t since_ms(const struct tool_call *t)
{
	const char *since = tool_value(t, "-S", tool_value(t, "--since", ""));
	int64_t s;

	return since[0] == '@' && str_i64(since + 1, &s) && s < INT64_MAX / 1000 ? s * 1000
										 : INT64_MIN;
}

static void line_head(struct tool_call *t, const char *unit, int64_t at)
{
	const char *form = tool_value(t, "-o", tool_value(t, "--output", "short"));
	char when[32];

	if (strcmp(form, "cat") == 0)
		return;
	if (strcmp(form, "short-unix") == 0)
		snprintf(when, sizeof(when), "%lld.%03d000", (long long)(at / 1000),
			(int)(at % 1000));
	else
		instant_local(at, when, sizeof(when));
	buf_fmt(&t->out, "%s %s %s[812]: ", when, t->machine->name, unit);
}

static void noisy_line(struct tool_call *t, enum unit_id unit, int64_t at)
{
	char stamp[32];

	if (unit == UNIT_CONTAINERD) {
		instant_rfc3339(at, stamp, sizeof(stamp));
		buf_fmt(&t->out,
			"time=\"%s\" level=error msg=\"PullImage failed\" error=\"i/o timeout\"\n",
			stamp);
		return;
	}
	log_stamp(stamp, at);
	buf_fmt(&t->out,
		"E%s     812 pod_workers.go:1324] \"Error syncing pod, skipping\" "
		"err=\"CrashLoopBackOff\"\n",
		stamp);
}

void tool_journalctl(struct tool_call *t)
{
	const char *name = tool_value(t, "-u", tool_value(t, "--unit", "kubelet"));
	int i = unit_of(t->machine, name);
	const struct unit *unit;
	int64_t lines, to, since = since_ms(t);
	bool bad;

	if (i < 0) {
		if (!tool_flag(t, "-q"))
			buf_puts(&t->out, "-- No entries --\n");
		return;
	}
	if (!str_i64(tool_value(t, "-n", tool_value(t, "--lines", "200")), &lines) || lines > 5000)
		lines = since != INT64_MIN ? 5000 : 200;
	unit = &t->machine->units[units[i].unit];
	bad = unit->state != UNIT_ACTIVE;
	to = bad ? unit->since_ms : t->world->now.wall_ms;
	for (int64_t k = 0; k < lines; k++) {
		int64_t at = to + (k + 1 - lines) * 1700;
		bool last = bad && k >= lines - 5 && unit->state == UNIT_FAILED;

		if (at < since)
			continue;
		line_head(t, units[i].name, at);
		if (bad && !last && k == lines - 1)
			buf_fmt(&t->out, "Stopped %s.service - %s.\n", units[i].name,
				units[i].about);
		else if (last)
			buf_fmt(&t->out, "%s\n", failed_lines[k - (lines - 5)]);
		else if (unit->noisy && at > t->world->now.wall_ms - WORLD_NOISE_MS)
			noisy_line(t, units[i].unit, at);
		else
			buf_fmt(&t->out, "%s\n", healthy_lines[(at / 1700) % 5]);
	}
}
