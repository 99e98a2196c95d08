/* Incidents made by hand. They are what entries would have folded to: the tests of ops see to
 * that. */
#include "help/sample_book.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "help/samples.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static int64_t ago(int64_t ms)
{
	return sample_now().wall_ms - ms;
}

static struct rstr *words(const char *text)
{
	return rstr_new(text, strlen(text));
}

/* ---- an incident, piece by piece ---- */

static struct incident *incident(
	const char *id, int number, const char *title, enum level level, int64_t detected_ms)
{
	static const char *const *const none[CHECKLIST_COUNT] = {NULL};
	struct incident *i = incident_new(id);
	struct incident_level *l = vec_add(&i->levels);

	i->number = number;
	snprintf(i->alias, sizeof(i->alias), "INC-%04d", number);
	str_copy(i->cluster, sizeof(i->cluster), "prod-a");
	i->title = words(title);
	i->level = level;
	i->time[INCIDENT_STARTED].at_ms = detected_ms - 20000;
	i->time[INCIDENT_DETECTED].at_ms = detected_ms;
	l->time.at_ms = detected_ms;
	l->level = level;
	l->target = level_targets[level];
	str_copy(l->author, sizeof(l->author), "alice");
	l->reason = words("");
	checklist_init(&i->lists, none);
	return i;
}

static void at(struct incident *i, enum incident_moment m, int64_t at_ms)
{
	i->time[m].at_ms = at_ms;
	str_copy(i->time[m].host, sizeof(i->time[m].host), "ops-1");
}

static void level(
	struct incident *i, enum level to, int64_t at_ms, const char *who, const char *why)
{
	struct incident_level *l = vec_add(&i->levels);

	i->level = l->level = to;
	l->time.at_ms = at_ms;
	l->target = level_targets[to];
	str_copy(l->author, sizeof(l->author), who);
	l->reason = words(why);
}

static void tick(struct incident *i, size_t item, int64_t at_ms, const char *who, const char *seen)
{
	struct checklist_item *k = &i->lists.items.at[item];

	k->ticked = true;
	k->by_hand = seen == NULL;
	k->at_ms = at_ms;
	str_copy(k->by, sizeof(k->by), who);
	k->evidence_text = seen != NULL ? words(seen) : NULL;
}

static void note(struct incident *i, int64_t at_ms, const char *who, bool starred, const char *text)
{
	struct incident_note *n = vec_add(&i->notes);

	snprintf(n->id, sizeof(n->id), "01K911NOTE%016zu", i->notes.len);
	n->at_ms = at_ms;
	str_copy(n->author, sizeof(n->author), who);
	n->starred = starred;
	n->text = words(text);
}

static void event(
	struct incident *i, int64_t at_ms, const char *who, const char *kind, const char *text)
{
	struct incident_event *e = vec_add(&i->events);

	snprintf(e->id, sizeof(e->id), "01K911EVENT%015zu", i->events.len);
	str_copy(e->kind, sizeof(e->kind), kind);
	str_copy(e->author, sizeof(e->author), who);
	e->at_ms = at_ms;
	e->text = words(text);
}

static void role(struct incident *i, const char *name, const char *who)
{
	struct incident_role *r = vec_add(&i->roles);

	str_copy(r->role, sizeof(r->role), name);
	str_copy(r->who, sizeof(r->who), who);
}

static void link_to(struct incident *i, const char *what, const char *name, int64_t at_ms)
{
	struct incident_link *l = vec_add(&i->links);

	str_copy(l->what, sizeof(l->what), what);
	l->at_ms = at_ms;
	l->name = words(name);
}

static void action(struct incident *i, const char *state, const char *title, const char *command,
	const char *result, int64_t at_ms, int64_t end_ms)
{
	struct incident_action *a = vec_add(&i->actions);

	snprintf(a->id, sizeof(a->id), "run-%zu", i->actions.len);
	str_copy(a->state, sizeof(a->state), state);
	str_copy(a->author, sizeof(a->author), "alice");
	a->at_ms = at_ms;
	a->end_ms = end_ms;
	a->title = words(title);
	a->command = words(command);
	a->result = words(result);
}

static struct incident *fresh(enum level l, int64_t detected_ms)
{
	struct incident *i = incident(SAMPLE_INCIDENT, 7, "single master down", l, detected_ms);
	char opened[60];

	i->broken = words("m2 kubelet: kubelet is not running (inactive)");
	*vec_add(&i->reasons) = words("m2: the node is down");
	*vec_add(&i->reasons) = words("m2: etcd: connection refused");
	event(i, detected_ms, "k911", "health",
		"health green → P1; first broken layer: m2 kubelet");
	snprintf(opened, sizeof(opened), "%s opened: single master down", level_name(l));
	event(i, detected_ms + 30000, "alice", "opened", opened);
	return i;
}

static struct incident *midst(void)
{
	struct incident *i = fresh(LEVEL_P2, ago(19 * MINUTE + 20000));
	int64_t start_ms = i->time[INCIDENT_DETECTED].at_ms;

	at(i, INCIDENT_ACKNOWLEDGED, start_ms + 3 * MINUTE + 12000);
	event(i, start_ms + 3 * MINUTE + 12000, "alice", "acknowledged", "acknowledged");
	level(i, LEVEL_P1, start_ms + 5 * MINUTE, "alice", "it is a master, not a worker");
	event(i, start_ms + 5 * MINUTE, "alice", "level",
		"level P2 → P1: it is a master, not a worker");
	role(i, "scribe", "carol");
	role(i, "commander", "alice");
	tick(i, 0, start_ms + 4 * MINUTE, "alice", NULL);
	tick(i, 1, start_ms + 2 * MINUTE, "k911", "a message went out by slack");
	tick(i, 2, start_ms + 7 * MINUTE, "k911",
		"k911-bundle-20261123T043130Z.tar.gz, 41 MiB, sha256 9f86d081");
	tick(i, 5, start_ms + 7 * MINUTE, "k911",
		"k911-bundle-20261123T043130Z.tar.gz, 41 MiB, sha256 9f86d081");
	event(i, start_ms + 7 * MINUTE, "k911", "tick",
		"done: Begin to collect logs (seen: k911-bundle-20261123T043130Z.tar.gz)");
	i->lists.items.at[6].by_hand = true;
	i->lists.items.at[6].at_ms = start_ms + 9 * MINUTE;
	str_copy(i->lists.items.at[6].by, sizeof(i->lists.items.at[6].by), "bob");
	note(i, start_ms + 6 * MINUTE, "bob", false,
		"the rack's PDU was serviced this night, the node may simply have lost power");
	note(i, start_ms + 11 * MINUTE, "alice", true,
		"kubelet was stopped by unattended-upgrades at 04:21, containerd is fine");
	note(i, start_ms + 15 * MINUTE, "carol", false, "users see nothing so far");
	event(i, start_ms + 11 * MINUTE, "alice", "note",
		"kubelet was stopped by unattended-upgrades at 04:21, containerd is fine");
	link_to(i, "bundle", "/root/k911-bundle-20261123T043130Z.tar.gz", start_ms + 7 * MINUTE);
	link_to(i, "ticket", "https://tickets.example.com/OPS-4411", start_ms + 8 * MINUTE);
	action(i, "failed", "Restart a node's kubelet", "ssh m2 systemctl restart kubelet",
		"Failed to restart kubelet.service: Unit kubelet.service is masked.",
		start_ms + 13 * MINUTE, start_ms + 13 * MINUTE + 4000);
	action(i, "running", "Restart a node's kubelet", "ssh m2 systemctl unmask --now kubelet",
		"", start_ms + 18 * MINUTE, INCIDENT_NEVER);
	event(i, start_ms + 13 * MINUTE, "alice", "action",
		"Restart a node's kubelet: failed: Unit kubelet.service is masked.");
	return i;
}

static struct incident *closed(void)
{
	struct incident *i =
		incident(SAMPLE_OLD, 6, "shop's pods do not start", LEVEL_P2, ago(9 * DAY));

	at(i, INCIDENT_ACKNOWLEDGED, ago(9 * DAY) + 20 * MINUTE);
	at(i, INCIDENT_MITIGATED, ago(9 * DAY) + 2 * HOUR);
	at(i, INCIDENT_RECOVERED, ago(9 * DAY) + 5 * HOUR);
	at(i, INCIDENT_CLOSED, ago(7 * DAY));
	return i;
}

/* ---- the book ---- */

static void fill_line(
	struct casebook_line *line, const struct incident *i, const struct incident_event *e)
{
	if (i != NULL) {
		str_copy(line->incident, sizeof(line->incident), i->id);
		str_copy(line->alias, sizeof(line->alias), i->alias);
	}
	str_copy(line->id, sizeof(line->id), e->id);
	str_copy(line->kind, sizeof(line->kind), e->kind);
	str_copy(line->author, sizeof(line->author), e->author);
	str_copy(line->host, sizeof(line->host), "ops-1");
	line->at_ms = e->at_ms;
	line->kept = e->kept;
	line->text = rstr_ref(e->text);
}

/* Takes the current one; NULL: there is none, only the old one. */
static struct casebook *casebook_of(struct incident *current)
{
	struct incident *old = closed();
	size_t events = current != NULL ? current->events.len : 0, n = 0;
	struct incident_event between = {.kind = "health",
		.author = "k911",
		.at_ms = ago(3 * DAY),
		.text = words("health green → P3")};
	struct incident_event last = {.kind = "closed",
		.author = "bob",
		.at_ms = ago(7 * DAY),
		.text = words(_("closed"))};
	struct casebook *b = casebook_new(current != NULL ? 2 : 1, events + 2);

	b->number = 1;
	if (current != NULL)
		b->incidents[n++] = current;
	b->incidents[n] = old;
	b->current = current;
	for (size_t k = 0; k < events; k++)
		fill_line(&b->lines[k], current, &current->events.at[events - 1 - k]);
	str_copy(between.id, sizeof(between.id), "01K911EVENTBETWEEN00000000");
	str_copy(last.id, sizeof(last.id), "01K911EVENTLAST00000000000");
	fill_line(&b->lines[events], NULL, &between);
	fill_line(&b->lines[events + 1], old, &last);
	rstr_unref(between.text);
	rstr_unref(last.text);
	return b;
}

static void fire(struct snapshot *s, const char *name, const char *severity, const char *labels,
	const char *summary, int64_t since_ms)
{
	struct alert_row f = {.name = words(name),
		.severity = words(severity),
		.labels = words(labels),
		.summary = words(summary),
		.since_ms = since_ms};

	snprintf(f.fingerprint, sizeof(f.fingerprint), "%016zx", table_count(s->firing));
	table_put(s->firing, &f);
}

static void alter(struct changes *c, enum alteration_kind kind, int64_t at_ms, const char *what,
	const char *text)
{
	struct alteration *a = &c->at[c->n++];

	a->kind = kind;
	a->at_ms = at_ms;
	str_copy(a->what, sizeof(a->what), what);
	str_copy(a->text, sizeof(a->text), text);
}

/* The broken cluster, judged. */
static struct snapshot *judged(void)
{
	struct snapshot *s = sample_broken();
	struct verdict *v = &s->verdict;

	impact_take(&s->impact, s, NULL, NULL);
	severity_judge(v, s);
	v->level = v->now;
	v->since = (struct instant){
		ago(19 * MINUTE + 20000), sample_now().boot_ms - 19 * MINUTE - 20000};
	names_add(&s->impact.workloads_failing, "shop/web 41/60");
	names_add(&s->impact.services_dark, "shop/cart");
	s->impact.workloads = 12;
	s->impact.services = 9;
	s->changes.since_ms = ago(2 * HOUR);
	s->changes.since_healthy = true;
	alter(&s->changes, ALTERED_IMAGE, ago(31 * MINUTE), "Deployment kube-system/coredns",
		"coredns:v1.11.3 → coredns:v1.12.1");
	alter(&s->changes, ALTERED_FILE, ago(52 * MINUTE), "m2 /etc/kubernetes/manifests/etcd.yaml",
		"");
	s->availability_known = true;
	s->availability = (struct availability){.elapsed_ms = 22 * DAY + 5 * HOUR,
		.watched_ms = 14 * DAY,
		.down_ms = 12 * MINUTE + 24000,
		.budget_ms = 43 * MINUTE + 12000,
		.left_ms = 30 * MINUTE + 48000,
		.percent = 99.938,
		.watched_percent = 63.1};
	str_copy(s->context, sizeof(s->context), "admin@prod-a");
	str_copy(s->server, sizeof(s->server), "https://10.0.1.5:6443");
	str_copy(s->version, sizeof(s->version), "v1.36.3");
	str_copy(s->sources[SOURCE_ALERTS].via, sizeof(s->sources[SOURCE_ALERTS].via),
		"alerts.example.com:9093");
	return s;
}

static struct snapshot *with(struct incident *current)
{
	struct snapshot *s = judged();

	casebook_unref(s->book);
	s->book = casebook_of(current);
	fire(s, "KubeNodeNotReady", "warning", "node=m2, job=kube-state-metrics",
		"m2 has been unready for more than 15 minutes.", ago(4 * MINUTE));
	fire(s, "etcdMembersDown", "critical", "job=etcd, namespace=kube-system",
		"etcd cluster members are down.", ago(16 * MINUTE));
	fire(s, "Watchdog", "none", "", "An alert that always fires.", ago(41 * DAY));
	fire(s, "DiskWillFill", "", "instance=w4:9100, mountpoint=/var", "will be full in 4 hours",
		INT64_MIN);
	return s;
}

struct snapshot *sample_proposal(void)
{
	struct snapshot *s = with(NULL);

	s->proposal = (struct proposal){PROPOSE_OPEN, s->verdict.level, s->verdict.since.wall_ms};
	return s;
}

struct snapshot *sample_quiet(void)
{
	struct snapshot *s = sample_healthy();

	casebook_unref(s->book);
	s->book = casebook_of(NULL);
	s->verdict.known = true;
	s->verdict.level = s->verdict.now = LEVEL_NONE;
	return s;
}

struct snapshot *sample_incident(void)
{
	return with(midst());
}

struct snapshot *sample_unanswered(void)
{
	return with(fresh(LEVEL_P1, ago(2 * MINUTE + 12000)));
}

struct snapshot *sample_breached(void)
{
	struct incident *i = fresh(LEVEL_P1, ago(35 * MINUTE + 12000));
	struct snapshot *s;

	level(i, LEVEL_P2, ago(MINUTE), "bob", "only one of three, and users feel nothing");
	event(i, ago(5 * MINUTE + 12000), "k911", "breach", "the time to respond is over (P1)");
	i->misfits = 1;
	s = with(i);
	s->proposal = (struct proposal){PROPOSE_RAISE, LEVEL_P0, ago(2 * MINUTE)};
	return s;
}

static void recover(struct incident *i)
{
	at(i, INCIDENT_MITIGATED, ago(6 * MINUTE));
	at(i, INCIDENT_RECOVERED, ago(4 * MINUTE));
	i->time[INCIDENT_MITIGATED].given = true;
	i->reopened = 1;
	event(i, ago(6 * MINUTE), "bob", "mitigated", "mitigated");
	event(i, ago(4 * MINUTE), "k911", "recovered", "recovered");
	for (size_t k = 0; k < 10; k++)
		if (!i->lists.items.at[k].ticked)
			tick(i, k, ago(3 * MINUTE), "alice", NULL);
	i->actions.at[1].end_ms = ago(5 * MINUTE);
	str_copy(i->actions.at[1].state, sizeof(i->actions.at[1].state), "done");
}

struct snapshot *sample_recovered(void)
{
	struct incident *i = midst();

	recover(i);
	return with(i);
}

struct snapshot *sample_broken_again(void)
{
	struct snapshot *s = sample_recovered();

	s->proposal = (struct proposal){PROPOSE_REOPEN, LEVEL_P1, ago(MINUTE)};
	return s;
}

struct snapshot *sample_team(void)
{
	static const char *const emergency[] = {"给值班经理打电话", "notify-teams",
		"Freeze every deployment (say it in #releases, and ask the pipeline's owner)",
		NULL};
	static const char *const *const team[CHECKLIST_COUNT] = {emergency, NULL, NULL};
	struct incident *i = fresh(LEVEL_P1, ago(12 * MINUTE));

	checklist_done(&i->lists);
	checklist_init(&i->lists, team);
	tick(i, 0, ago(3 * MINUTE), "王芳", NULL);
	return with(i);
}

struct snapshot *sample_evil(void)
{
	struct incident *i = midst();
	struct snapshot *s;
	char flood[2000];

	memset(flood, 'A', sizeof(flood) - 1);
	flood[sizeof(flood) - 1] = '\0';
	rstr_unref(i->title);
	i->title = words(
		"\x1b[2J\x1b]0;owned\x07 \xe2\x80\xaeretsam 主节点宕机：整个机房的电源都断了");
	str_copy(i->cluster, sizeof(i->cluster), "生产\x1b[31m-集群");
	str_copy(i->roles.at[1].who, sizeof(i->roles.at[1].who), "al\x1b[7mice\r\n");
	note(i, ago(MINUTE), "m\xc3\xa9l\xff", true,
		"\x1b]8;;http://evil\x07"
		"click\x1b]8;;\x07 \xe2\x80\x8bhere");
	note(i, ago(MINUTE), "bob", false, flood);
	link_to(i, "\x1b[5mticket",
		"javascript:\x9b"
		"31malert(1)",
		ago(MINUTE));
	action(i, "failed", "\x1b[2Jtitle", "rm\r\n-rf", flood, ago(MINUTE), ago(1000));
	event(i, ago(MINUTE), "eve\x1b[1m", "note", "\xe2\x80\xaekcab\xe2\x80\xac \x1b[31mred");
	tick(i, 3, ago(MINUTE), "eve\x1b[1m", "seen\x1b[2J \xff");
	s = with(i);
	fire(s, "Evil\x1b[2J", "critical\x07", "pod=\xe2\x80\xaex", flood, ago(MINUTE));
	alter(&s->changes, ALTERED_EDITED, ago(MINUTE), "Deployment \x1b[31mx",
		"by \xe2\x80\xaetoor");
	str_copy(s->server, sizeof(s->server), "https://\x1b[31mevil");
	str_copy(s->sources[SOURCE_NODES].error, sizeof(s->sources[SOURCE_NODES].error),
		"\x1b[2Jno");
	return s;
}

struct snapshot *sample_disk_full(void)
{
	struct incident *i = midst();
	struct snapshot *s;

	for (size_t k = i->events.len - 2; k < i->events.len; k++)
		i->events.at[k].kept = true;
	s = with(i);
	s->journal = (struct journal_writer_state){.waiting = 2,
		.since = {ago(3 * MINUTE + 12000), sample_now().boot_ms - 3 * MINUTE - 12000}};
	str_copy(s->journal.why, sizeof(s->journal.why), "the disk is full");
	s->sources[SOURCE_JOURNAL].state = SOURCE_STALE;
	s->sources[SOURCE_JOURNAL].good = s->journal.since;
	str_copy(s->sources[SOURCE_JOURNAL].error, sizeof(s->sources[SOURCE_JOURNAL].error),
		s->journal.why);
	s->keeping[KEEPING_STATE].since = s->journal.since;
	str_copy(s->keeping[KEEPING_STATE].why, sizeof(s->keeping[KEEPING_STATE].why),
		"~/.local/state/k911/last/84c3f0eee321fe64.json.part: No space left on device");
	s->keeping[KEEPING_LOG].since = (struct instant){
		s->journal.since.wall_ms + MINUTE, s->journal.since.boot_ms + MINUTE};
	str_copy(s->keeping[KEEPING_LOG].why, sizeof(s->keeping[KEEPING_LOG].why),
		"the disk does not answer");
	return s;
}

struct snapshot *sample_crowded(void)
{
	struct snapshot *s = judged();

	str_copy(s->uid, sizeof(s->uid), "0b1f\033[31m-4c2d\u202e");
	s->names_bytes = (size_t)200 << 20;
	s->names_max = (size_t)256 << 20;
	return s;
}

struct snapshot *sample_untold(void)
{
	struct snapshot *s = judged();

	s->uid_untold = true;
	s->names_bytes = (size_t)100 << 20;
	s->names_max = (size_t)256 << 20;
	return s;
}

struct snapshot *sample_no_journal(void)
{
	struct snapshot *s = judged();

	s->journal.off = true;
	s->availability_known = false;
	s->sources[SOURCE_JOURNAL].state = SOURCE_ABSENT;
	s->sources[SOURCE_ALERTS].state = SOURCE_ABSENT;
	return s;
}
