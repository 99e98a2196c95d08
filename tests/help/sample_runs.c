/* Boards made by hand, as a run of kubelet-restart and its like would leave them. */
#include "help/sample_runs.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "help/sample_book.h"
#include "help/samples.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

#define PUT(field, text) str_copy(field, sizeof(field), text)

static int64_t ago(int64_t ms)
{
	return sample_now().wall_ms - ms;
}

static struct run_board *board(size_t cards, size_t runs, size_t debts)
{
	struct run_board *b = mem_new(struct run_board);

	b->refs = 1;
	b->cards = mem_zero(cards + 1, sizeof(*b->cards));
	b->runs = mem_zero(runs + 1, sizeof(struct run_seen *));
	b->debts = mem_zero(debts + 1, sizeof(*b->debts));
	return b;
}

/* ---- the menu ---- */

static struct run_input_card *inputs(struct runbook_card *card, size_t n)
{
	card->n_inputs = n;
	card->inputs = mem_zero(n, sizeof(*card->inputs));
	return card->inputs;
}

static void input(struct run_input_card *in, const char *name, enum run_input_type type,
	const char *ask, const char *value)
{
	PUT(in->name, name);
	PUT(in->ask, ask);
	PUT(in->value, value);
	in->type = type;
}

static struct runbook_card *card(
	struct run_board *b, const char *id, const char *title, const char *about, const char *why)
{
	struct runbook_card *c = &b->cards[b->n_cards++];

	PUT(c->id, id);
	PUT(c->title, title);
	PUT(c->about, about);
	PUT(c->why, why);
	c->builtin = true;
	c->fits = why[0] != '\0';
	return c;
}

static void fill_cards(struct run_board *b)
{
	struct run_input_card *in;
	struct runbook_card *c;

	c = card(b, "kubelet-restart", "Restart a node's kubelet",
		"Containers keep running; pods are reported again after it.",
		"m2 kubelet: connection refused");
	input(inputs(c, 1), "node", RUN_INPUT_NODE, "Which node?", "m2");
	c = card(b, "worker-replace", "Replace a worker", "Cordon, drain, delete, join anew.",
		"w3 is not ready");
	in = inputs(c, 4);
	input(&in[0], "node", RUN_INPUT_NODE, "Which worker?", "w3");
	input(&in[1], "dead", RUN_INPUT_CHOICE, "Is the machine off?", "no");
	in[1].n_choices = 2;
	in[1].choices = mem_zero(2, sizeof(*in[1].choices));
	PUT(in[1].choices[0], "no");
	PUT(in[1].choices[1], "yes");
	input(&in[2], "labels", RUN_INPUT_FILE, "Labels to put back?", "");
	in[2].optional = true;
	input(&in[3], "reason", RUN_INPUT_TEXT, "Why?", "");
	c = card(b, "cni-restart", "Restart the CNI's pods",
		"One node at a time, with a pod-to-pod check.", "");
	input(inputs(c, 1), "node", RUN_INPUT_NODE, "Which node?", "");
	c = card(b, "shop-failover", "Move the shop to the other site", "Ours: wiki/shop.", "");
	c->builtin = false;
	PUT(b->trouble, "/home/alice/.config/k911/runbooks/dns.yaml:12:3: unknown key \"setps\": "
			"did you mean \"steps\"?");
}

static struct snapshot *with(struct run_board *b)
{
	struct snapshot *s = sample_incident();

	s->runs = b;
	return s;
}

struct snapshot *sample_menu(void)
{
	struct run_board *b = board(4, 0, 0);

	fill_cards(b);
	return with(b);
}

/* ---- a run ---- */

static void step(struct run_step_seen *s, const char *id, const char *title, const char *targets,
	const char *command)
{
	PUT(s->id, id);
	PUT(s->title, title);
	PUT(s->targets, targets);
	PUT(s->command, command);
}

static struct run_seen *run(struct run_board *b, const char *id, size_t lines)
{
	struct run_seen *r = run_seen_new(3, lines);
	struct run_step_seen *s = r->steps;

	PUT(r->id, id);
	PUT(r->runbook, "kubelet-restart");
	PUT(r->title, "Restart a node's kubelet");
	PUT(r->author, "alice");
	PUT(r->host, "ops-1");
	PUT(r->inputs, "node=m2");
	r->here = true;
	r->began_ms = ago(72 * SECOND);
	step(&s[0], "balancer", "No balancer accepts and hangs", "", "");
	PUT(s[0].verify, "each balancer refuses or answers");
	step(&s[1], "restart", "Restart kubelet", "m2", "ssh m2 systemctl restart kubelet");
	s[1].changes = true;
	PUT(s[1].impact, "Containers keep running.");
	PUT(s[1].risk, "Static pods are started again where their manifests have changed.");
	PUT(s[1].undo, "none");
	PUT(s[1].verify, "kubelet is active on m2, within 1m");
	PUT(s[1].confirm, "yes");
	step(&s[2], "ready", "The node is Ready", "m2", "kubectl get node m2");
	PUT(s[2].verify, "node m2 is Ready, within 2m");
	b->runs[b->n_runs++] = r;
	return r;
}

static void at(struct run_step_seen *s, enum run_step_state state, int64_t began, int64_t ended)
{
	s->state = state;
	s->began_ms = began != 0 ? ago(began) : 0;
	s->ended_ms = ended != 0 ? ago(ended) : 0;
}

static struct run_seen *newest(struct run_board *b, enum run_state state, size_t lines)
{
	struct run_seen *r = run(b, SAMPLE_RUN, lines);

	r->asker = SAMPLE_ASKER;
	r->state = state;
	for (size_t i = 0; i < lines; i++)
		snprintf(r->lines[i], RUN_LINE, "m2: line %zu of what systemctl said", i + 1);
	return r;
}

static struct snapshot *one(
	struct run_board **b, struct run_seen **r, enum run_state state, size_t lines)
{
	*b = board(4, 3, 2);
	fill_cards(*b);
	*r = newest(*b, state, lines);
	return with(*b);
}

struct snapshot *sample_planned(void)
{
	struct run_board *b;
	struct run_seen *r;
	struct snapshot *s = one(&b, &r, RUN_PLANNED, 0);

	PUT(r->steps[1].confirm, "m2");
	PUT(r->steps[2].against, "node m2 is NotReady: its lease is 3m old");
	return s;
}

struct snapshot *sample_acting(void)
{
	struct run_board *b;
	struct run_seen *r;
	struct snapshot *s = one(&b, &r, RUN_GOING, 30);

	at(&r->steps[0], RUN_STEP_DONE, 70 * SECOND, 68 * SECOND);
	at(&r->steps[1], RUN_STEP_ACTS, 12 * SECOND, 0);
	return s;
}

struct snapshot *sample_verifying(void)
{
	struct run_board *b;
	struct run_seen *r;
	struct snapshot *s = one(&b, &r, RUN_VERIFYING, 3);

	at(&r->steps[0], RUN_STEP_SO_ALREADY, 70 * SECOND, 68 * SECOND);
	at(&r->steps[1], RUN_STEP_VERIFIES, 12 * SECOND, 0);
	PUT(r->waiting, "kubelet is active on m2");
	r->waiting_until = sample_now();
	r->waiting_until.boot_ms += 42 * SECOND;
	return s;
}

struct snapshot *sample_failed(void)
{
	struct run_board *b;
	struct run_seen *r;
	struct snapshot *s = one(&b, &r, RUN_FAILED, 3);

	at(&r->steps[0], RUN_STEP_SKIPPED, 70 * SECOND, 68 * SECOND);
	at(&r->steps[1], RUN_STEP_FAILED, 65 * SECOND, 3 * SECOND);
	PUT(r->steps[1].result, "kubelet is not active: exit code 1, open /var/lib/kubelet/"
				"config.yaml: no such file or directory");
	PUT(r->why, "the verification of \"Restart kubelet\" did not hold within 1m");
	PUT(r->offer, "worker-replace");
	r->ended_ms = ago(3 * SECOND);
	return s;
}

struct snapshot *sample_done(void)
{
	struct run_board *b;
	struct run_seen *r;
	struct snapshot *s = one(&b, &r, RUN_DONE, 3);

	for (size_t i = 0; i < 3; i++)
		at(&r->steps[i], RUN_STEP_DONE, 60 * SECOND - (int64_t)i, 20 * SECOND);
	r->ended_ms = ago(20 * SECOND);
	return s;
}

/* ---- consent ---- */

static struct snapshot *asks(const char *word)
{
	struct run_board *b;
	struct run_seen *r;
	struct snapshot *s = one(&b, &r, RUN_ASKING, 3);
	struct ask *a = &s->asks[s->n_asks++];

	at(&r->steps[0], RUN_STEP_DONE, 70 * SECOND, 68 * SECOND);
	a->number = r->consent.ask = SAMPLE_ASK;
	PUT(a->text, "kubelet-restart: Restart kubelet on m2?");
	a->n = word[0] != '\0' ? 1 : 2;
	PUT(a->choices[0], word[0] != '\0' ? word : "yes");
	PUT(a->choices[1], "no");
	a->deadline = sample_now();
	a->deadline.boot_ms += 10 * MINUTE;
	PUT(r->consent.target, "m2, a control-plane node");
	PUT(r->consent.what, "kubelet is stopped and started again on m2; its containers run on.");
	PUT(r->consent.risk, "Static pods are started again where their manifests have changed.");
	PUT(r->consent.oracle, "etcd 2 of 3, may lose 0: stopping m2 ends the cluster");
	PUT(r->consent.undo, "none: a restart is not taken back");
	PUT(r->consent.command, "ssh m2 systemctl restart kubelet");
	PUT(r->consent.word, word);
	return s;
}

struct snapshot *sample_consents(void)
{
	return asks("");
}

struct snapshot *sample_consents_typed(void)
{
	return asks("m2");
}

/* ---- what is owed ---- */

static void debt(struct run_board *b, const char *id, const char *kind, const char *target,
	const char *text, int64_t since)
{
	struct run_debt *d = &b->debts[b->n_debts++];

	PUT(d->id, id);
	PUT(d->kind, kind);
	PUT(d->target, target);
	PUT(d->text, text);
	PUT(d->run, SAMPLE_RUN);
	d->since_ms = ago(since);
}

struct snapshot *sample_debts(void)
{
	struct snapshot *s = sample_verifying();
	struct run_board *b = s->runs;
	struct run_seen *old = run(b, "01K911SAMPLERUN00000000003", 0);
	struct run_seen *gone = run(b, "01K911SAMPLERUN00000000002", 0);

	old->state = RUN_DONE;
	old->began_ms = ago(40 * MINUTE);
	old->ended_ms = ago(38 * MINUTE);
	PUT(old->author, "bob");
	at(&old->steps[0], RUN_STEP_DONE, 40 * MINUTE, 40 * MINUTE);
	at(&old->steps[1], RUN_STEP_DONE, 39 * MINUTE, 39 * MINUTE);
	at(&old->steps[2], RUN_STEP_DONE, 38 * MINUTE, 38 * MINUTE);
	gone->state = RUN_INTERRUPTED;
	gone->here = false;
	gone->began_ms = ago(100 * MINUTE);
	at(&gone->steps[0], RUN_STEP_DONE, 100 * MINUTE, 99 * MINUTE);
	at(&gone->steps[1], RUN_STEP_FAILED, 99 * MINUTE, 98 * MINUTE);
	debt(b, SAMPLE_DEBT, "cordoned", "w3", "kubectl uncordon w3", 95 * MINUTE);
	debt(b, "01K911SAMPLEDEBT0000000002", "out-of-balancer", "m2", "enable server k8s/m2",
		2 * MINUTE);
	return s;
}

/* ---- hostile ---- */

#define EVIL                                                                                       \
	"\x1b]0;owned\a\x1b[31m \xe2\x80\xae"                                                      \
	"drow \xe2\x80\x8bzero\xff "

static void evil(char *dst, size_t size)
{
	size_t n = sizeof(EVIL) - 1;

	for (size_t used = 0; used + n < size; used += n)
		memcpy(dst + used, EVIL, n + 1);
}

#define SPOIL(field) evil(field, sizeof(field))

static void spoil_run(struct run_seen *r)
{
	SPOIL(r->runbook);
	SPOIL(r->title);
	SPOIL(r->author);
	SPOIL(r->host);
	SPOIL(r->inputs);
	SPOIL(r->why);
	SPOIL(r->waiting);
	SPOIL(r->consent.target);
	SPOIL(r->consent.what);
	SPOIL(r->consent.risk);
	SPOIL(r->consent.oracle);
	SPOIL(r->consent.undo);
	SPOIL(r->consent.command);
	for (size_t i = 0; i < r->n_lines; i++)
		SPOIL(r->lines[i]);
	for (size_t i = 0; i < r->n_steps; i++) {
		struct run_step_seen *s = &r->steps[i];

		SPOIL(s->title);
		SPOIL(s->targets);
		SPOIL(s->command);
		SPOIL(s->impact);
		SPOIL(s->risk);
		SPOIL(s->undo);
		SPOIL(s->verify);
		SPOIL(s->confirm);
		SPOIL(s->against);
		SPOIL(s->result);
	}
}

struct snapshot *sample_runs_evil(void)
{
	struct snapshot *s = sample_consents_typed();
	struct run_board *b = s->runs;

	debt(b, SAMPLE_DEBT, "cordoned", "w3", "", MINUTE);
	at(&b->runs[0]->steps[1], RUN_STEP_FAILED, 12 * SECOND, SECOND);
	spoil_run(b->runs[0]);
	SPOIL(s->asks[0].text);
	SPOIL(s->asks[0].choices[0]);
	SPOIL(b->debts[0].kind);
	SPOIL(b->debts[0].target);
	SPOIL(b->debts[0].text);
	SPOIL(b->trouble);
	for (size_t i = 0; i < b->n_cards; i++) {
		struct runbook_card *c = &b->cards[i];

		SPOIL(c->title);
		SPOIL(c->about);
		if (c->fits)
			SPOIL(c->why);
		for (size_t k = 0; k < c->n_inputs; k++) {
			SPOIL(c->inputs[k].ask);
			SPOIL(c->inputs[k].value);
		}
	}
	return s;
}
