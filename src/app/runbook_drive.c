/* One thread waits for snapshots and signals; the engine's run does the work. Without a terminal
 * every consent must have been given on the command line, which is looked at on a plan before
 * anything is begun. */
#include "app/runbook_drive.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "app/runbook_print.h"
#include "app/session.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/serial.h"
#include "base/str.h"
#include "model/settled.h"

#define SETTLE_MS 10000
#define SLICE_MS  200

struct drive {
	const struct runbook_order *order;
	struct engine *en;
	struct slot *place;
	struct snapshot *now;
	int signals;
	unsigned interrupts;
	bool lost; /* a second Ctrl-C: leave at once */
	bool tty;
	uint64_t put, asked; /* the last question that was put to a person; that was answered */
	char run[ULID_SIZE];
	struct runbook_printed printed;
};

static int signals_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void send(
	struct drive *d, enum command_kind kind, const char *name, const char *text, uint32_t feed)
{
	struct command *c = command_new(kind);

	str_copy(c->name, sizeof(c->name), name);
	str_copy(c->text, sizeof(c->text), text);
	c->feed = feed;
	mailbox_answer(engine_commands(d->en), &c->letter);
}

static void interrupt(struct drive *d)
{
	struct signalfd_siginfo s;

	while (read(d->signals, &s, sizeof(s)) == (ssize_t)sizeof(s))
		d->interrupts++;
	d->lost = d->interrupts > 1;
	if (d->interrupts == 1) {
		fprintf(stderr, "k911: %s\n",
			_("it ends at the next safe point; again: leave it as it is at once"));
		send(d, COMMAND_RUN_ABORT, d->run, "", 0);
	}
}

/* The next snapshot, or a signal, or a while; also what the engine has to say. */
static void wait(struct drive *d)
{
	struct pollfd fds[] = {
		{.fd = slot_fd(d->place), .events = POLLIN}, {.fd = d->signals, .events = POLLIN}};
	struct snapshot *s;
	struct letter *l;

	poll(fds, 2, SLICE_MS);
	s = slot_take(d->place);
	if (s) {
		snapshot_unref(d->now);
		d->now = s;
	}
	while ((l = mailbox_take(engine_notices(d->en))) != NULL) {
		const struct notice *n = (const struct notice *)l;

		if (n->level != NOTICE_INFO)
			fprintf(stderr, "k911: %s\n", n->text);
		d->printed.notices += n->level != NOTICE_INFO;
		l->drop(l);
	}
	if (fds[1].revents)
		interrupt(d);
}

static void wait_settled(struct drive *d)
{
	struct instant begin = instant_now();

	while (!d->interrupts && (!d->now || !d->now->runs || !snapshot_is_settled(d->now)) &&
		instant_age_ms(begin, instant_now()) < SETTLE_MS)
		wait(d);
}

/* ---- the run ---- */

static struct run_seen *find_run(const struct drive *d, uint32_t asker)
{
	const struct run_board *b = d->now ? d->now->runs : NULL;

	for (size_t k = 0; b && k < b->n_runs; k++)
		if (b->runs[k]->here && b->runs[k]->asker == asker)
			return b->runs[k];
	return NULL;
}

static const struct ask *find_ask(const struct drive *d, const struct run_seen *r)
{
	if (r->state != RUN_ASKING || d->now->n_asks == 0)
		return NULL;
	for (size_t k = 0; k < d->now->n_asks; k++)
		if (d->now->asks[k].number == r->consent.ask)
			return &d->now->asks[k];
	return r->consent.ask == 0 ? &d->now->asks[0] : NULL;
}

static bool is_confirmed(const struct runbook_order *o, const char *word)
{
	for (size_t k = 0; k < o->n_confirms; k++)
		if (str_eq(o->confirms[k], word))
			return true;
	return false;
}

/* What the command line answers; NULL: a person is to. */
static const char *given(const struct drive *d, const struct run_seen *r, const struct ask *a)
{
	if (a->number == r->consent.ask && r->consent.word[0])
		return is_confirmed(d->order, r->consent.word) ? r->consent.word : NULL;
	if (a->number == r->consent.ask)
		return d->order->yes ? "yes" : NULL;
	if (a->n == 1)
		return is_confirmed(d->order, a->choices[0]) ? a->choices[0] : NULL;
	return d->tty ? NULL : a->choices[a->n - 1]; /* to stop */
}

static void answer_with(struct drive *d, const struct ask *a, const char *word)
{
	struct command *c = command_new(COMMAND_ANSWER);

	d->asked = a->number;
	c->ask = a->number;
	str_copy(c->text, sizeof(c->text), word);
	mailbox_answer(engine_commands(d->en), &c->letter);
}

/* A line of the terminal's, or its end. Consent that is not given ends the run. */
static void hear_person(struct drive *d, const struct run_seen *r, const struct ask *a)
{
	char line[ASK_ANSWER], word[ASK_ANSWER], why[200];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (n > 0 && ask_take(a, line, word, why)) {
		answer_with(d, a, word);
	} else if (n > 0 && a->n != 1) {
		fprintf(stderr, "k911: %s\n", why);
	} else {
		fprintf(stderr, "k911: %s\n", _("not confirmed: it ends here"));
		d->asked = a->number;
		send(d, COMMAND_RUN_ABORT, r->id, "", 0);
	}
}

/* Nobody is there to be asked, and nothing was said beforehand. */
static void tell_unanswered(const struct ask *a)
{
	if (str_eq(a->choices[0], "yes"))
		fprintf(stderr, _("k911: %s (--yes consents)\n"), a->text);
	else
		fprintf(stderr, _("k911: %s (--confirm %s consents)\n"), a->text, a->choices[0]);
}

static bool stdin_waits(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&in, 1, 0) > 0;
}

static void answer(struct drive *d, const struct run_seen *r)
{
	const struct ask *a = find_ask(d, r);
	const char *word;

	if (!a || a->number == d->asked)
		return;
	word = given(d, r, a);
	if (word) {
		answer_with(d, a, word);
	} else if (!d->tty) {
		tell_unanswered(a);
		d->asked = a->number;
		send(d, COMMAND_RUN_ABORT, r->id, "", 0);
	} else if (a->number != d->put) {
		d->put = a->number;
		tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed before is no answer to it */
		runbook_print_ask(r, a);
	} else if (stdin_waits()) {
		hear_person(d, r, a);
	}
}

/* Gives the run at its end; NULL: none began, or it was left. */
static struct run_seen *follow(struct drive *d, uint32_t asker)
{
	unsigned notices = d->printed.notices;

	while (!d->lost) {
		struct run_seen *r = find_run(d, asker);

		if (!r && (d->printed.notices > notices || d->interrupts))
			return NULL;
		if (r) {
			str_copy(d->run, sizeof(d->run), r->id);
			runbook_print_run(&d->printed, r, d->order->json);
			if (run_state_is_over(r->state))
				return run_seen_ref(r);
			answer(d, r);
		}
		wait(d);
	}
	return NULL;
}

static struct run_seen *order(struct drive *d, enum command_kind kind)
{
	uint32_t asker = (uint32_t)serial_next();
	char text[COMMAND_TEXT] = "";
	size_t used = 0;

	for (size_t k = 0; k < d->order->n_sets && used < sizeof(text); k++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
			k > 0 ? "\n" : "", d->order->sets[k]);
	memset(&d->printed, 0, sizeof(d->printed));
	send(d, kind, d->order->name, text, asker);
	return follow(d, asker);
}

/* ---- before ---- */

/* What would be asked and is answered by nothing on the command line. */
static bool lacks_consent(const struct drive *d, const struct run_seen *plan)
{
	bool lacks = false;

	for (size_t k = 0; k < plan->n_steps; k++) {
		const struct run_step_seen *s = &plan->steps[k];

		if (!s->confirm[0] || s->state == RUN_STEP_SKIPPED)
			continue;
		if (str_eq(s->confirm, "yes") ? d->order->yes : is_confirmed(d->order, s->confirm))
			continue;
		fprintf(stderr, _("k911: the step \"%s\" wants %s%s\n"), s->title,
			str_eq(s->confirm, "yes") ? "--yes" : "--confirm ",
			str_eq(s->confirm, "yes") ? "" : s->confirm);
		lacks = true;
	}
	return lacks;
}

static int code_of(const struct run_seen *r)
{
	static const int codes[] = {[RUN_PLANNED] = EXIT_OK,
		[RUN_DONE] = EXIT_OK,
		[RUN_REFUSED] = EXIT_CRITICAL,
		[RUN_FAILED] = EXIT_CRITICAL,
		[RUN_ABORTED] = EXIT_INTERRUPTED,
		[RUN_INTERRUPTED] = EXIT_INTERRUPTED};

	return codes[r->state];
}

static int end_of(const struct drive *d, struct run_seen *r)
{
	int rc = r ? code_of(r) : d->interrupts ? EXIT_INTERRUPTED : EXIT_USAGE;

	run_seen_unref(r);
	return rc;
}

static int plan(struct drive *d)
{
	struct run_seen *r = order(d, COMMAND_PLAN);

	if (r)
		runbook_print_plan(r, d->order->json);
	return end_of(d, r);
}

static int run(struct drive *d)
{
	struct run_seen *r;

	if (!d->tty && d->order->kind == COMMAND_RUN) {
		r = order(d, COMMAND_PLAN);
		if (!r)
			return end_of(d, r);
		if (lacks_consent(d, r)) {
			run_seen_unref(r);
			return EXIT_USAGE;
		}
		run_seen_unref(r);
	}
	return end_of(d, order(d, d->order->kind));
}

static int obey(struct drive *d)
{
	wait_settled(d);
	if (d->interrupts)
		return EXIT_INTERRUPTED;
	if (!d->now || !d->now->runs) {
		fprintf(stderr, "k911: %s\n",
			_("nothing can be run without a journal: name a state directory with "
			  "--state-dir"));
		return EXIT_CRITICAL;
	}
	if (d->order->kind == COMMAND_NONE) {
		runbook_print_debts(d->now->runs, d->order->json);
		return d->now->runs->n_debts > 0 ? EXIT_WARNING : EXIT_OK;
	}
	return d->order->kind == COMMAND_PLAN ? plan(d) : run(d);
}

static int drive(const struct runbook_order *o, struct session_options *s)
{
	struct drive d = {.order = o, .tty = isatty(STDIN_FILENO)};
	struct err e;
	int rc;

	d.en = engine_start(&s->engine, &e);
	if (!d.en)
		return complain(&e);
	d.place = engine_subscribe(d.en);
	d.signals = signals_fd();
	rc = obey(&d);
	snapshot_unref(d.now);
	engine_unsubscribe(d.en, d.place);
	engine_stop(d.en);
	if (d.signals >= 0)
		close(d.signals);
	return rc;
}

int runbook_drive(struct globals *g, const struct runbook_order *o)
{
	struct session_options s;
	struct err e;
	int rc;

	if (session_options_init(&s, g, &e) != 0)
		return complain(&e);
	if (session_access(g, &s, &e) != 0 || session_log(g, &s, &e) != 0) {
		session_options_done(&s);
		return complain(&e);
	}
	if (s.lost[0])
		fprintf(stderr, "k911: %s\n", s.lost);
	session_desk(g, &s, s.state_dir, false);
	rc = drive(o, &s);
	session_options_done(&s);
	log_close();
	return rc;
}
