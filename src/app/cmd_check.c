/* `k911 check`: the engine without a screen, for one pass. It waits until everything that was asked
 * has answered or failed, or until the deadline; what hangs then is reported as hanging. */
#include "commands.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/check_report.h"
#include "app/session.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/settled.h"

#define DEADLINE_MS 7500 /* and the engine's start and end within the rest of ten seconds */
#define SILENCE_MS  5000 /* one pass cannot wait for longer: what says nothing so long is down */
#define REPORT_MAX  (64u << 20)

struct wanted {
	bool json, wrong;
};

static void take(void *to, const char *name, const char *value)
{
	struct wanted *w = to;

	if (!str_eq(name, "output"))
		return;
	w->json = str_eq(value, "json");
	w->wrong = !w->json && !str_eq(value, "text");
}

static int signals_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The snapshot to report; NULL when it was interrupted. */
static struct snapshot *wait_settled(struct engine *en)
{
	struct instant begin = instant_now();
	struct slot *place = engine_subscribe(en);
	struct pollfd fds[] = {
		{.fd = slot_fd(place), .events = POLLIN}, {.fd = signals_fd(), .events = POLLIN}};
	struct snapshot *last = NULL, *next;

	for (;;) {
		next = slot_take(place);
		if (next) {
			snapshot_unref(last);
			last = next;
		}
		if (last && (snapshot_is_settled(last) ||
				    instant_age_ms(begin, instant_now()) >= DEADLINE_MS))
			break;
		poll(fds, 2, 100);
		if (fds[1].revents) {
			snapshot_unref(last);
			last = NULL;
			break;
		}
	}
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	engine_unsubscribe(en, place);
	return last;
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"); /* NOLINT(concurrency-mt-unsafe) */

	return isatty(STDOUT_FILENO) && (!no || !no[0]);
}

static int report(const struct snapshot *s, bool json)
{
	static const int codes[] = {[CHECK_OK] = EXIT_OK,
		[CHECK_WARNING] = EXIT_WARNING,
		[CHECK_CRITICAL] = EXIT_CRITICAL,
		[CHECK_UNKNOWN] = EXIT_UNKNOWN};
	struct checks h;
	struct buf out;
	int rc = codes[checks_overall(s)];

	buf_init(&out, REPORT_MAX);
	checks_run(&h, s);
	if (json)
		check_report_json(&out, s, &h);
	else
		check_report_text(&out, s, &h, wants_colour());
	fwrite(buf_text(&out), 1, out.len, stdout);
	fflush(stdout); /* what does not get through, main says */
	checks_done(&h);
	buf_done(&out);
	return rc;
}

static int run(struct globals *g, struct session_options *o, bool json)
{
	struct snapshot *s;
	struct engine *en;
	struct err e;
	int rc;

	if (session_log(g, o, &e) != 0) {
		kube_access_free(o->engine.access);
		return complain(&e);
	}
	if (o->lost[0])
		fprintf(stderr, "k911: %s\n", o->lost);
	o->engine.limits.silence_ms = SILENCE_MS;
	en = engine_start(&o->engine, &e);
	if (!en) {
		log_close();
		return complain(&e);
	}
	s = wait_settled(en);
	rc = s ? report(s, json) : EXIT_INTERRUPTED;
	snapshot_unref(s);
	engine_stop(en);
	log_close();
	return rc;
}

int command_check(struct globals *g, const struct command_row *self, int argc, char **argv)
{
	struct wanted wanted = {.json = false};
	struct session_options o;
	struct err e;
	int first, rc = options_read(g, self, argc, argv, take, &wanted, &first);

	if (rc != 0)
		return rc - 1;
	if (wanted.wrong)
		return usage_error("%s", _("-o takes text or json"));
	if (first < argc)
		return usage_error(_("check takes no argument: \"%s\""), argv[first]);
	if (session_options_init(&o, g, &e) != 0)
		return complain(&e);
	rc = session_access(g, &o, &e) == 0 ? run(g, &o, wanted.json) : complain(&e);
	session_options_done(&o);
	return rc;
}
