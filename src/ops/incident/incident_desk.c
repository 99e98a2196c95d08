/* Entries come out of the journal's thread in their order and are folded; a draft of ours is folded
 * at once as well, so that the next step does not say it again, and its entry takes its place when
 * it comes back written. Alerts are made from what came back, for the sake of its number and its
 * hash; a disk that gives nothing back in time is not waited for, neither with what is to be told
 * nor at the start with what it holds. The same transition has the same key both times, so it is
 * sent once. */
#include "ops/incident/incident_desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sha.h"
#include "base/str.h"
#include "incident_desk_parts.h"
#include "ops/incident/entry.h"

#define STEP_MS              1000
#define HUNG_MS              5000  /* an entry is on a healthy disk long before */
#define UNTOLD_MS            10000 /* after that the team is told of what the disk holds up */
#define FULL_SAY_MS          60000 /* how long it is said that the journal's box was full */
#define ASK_MS               30000 /* how often the month is added up */
#define NOTIFICATION_LATE_MS INT64_C(600000) /* an older entry is history, not news */

/* ---- life ---- */

static char **copy_list(const char *const *list)
{
	char **to;
	size_t n = 0;

	while (list && list[n])
		n++;
	to = mem_zero(n + 1, sizeof(*to));
	for (size_t k = 0; k < n; k++)
		to[k] = mem_str(list[k]);
	return to;
}

/* A cluster's name may hold anything; a file's may not. */
static char *lock_path(const char *dir, const struct incident_cluster *c)
{
	char *both = str_fmt("%s\n%s", c->name, c->authority);
	unsigned char digest[SHA_BYTES];
	char hex[SHA_HEX];

	sha_of(both, strlen(both), digest);
	sha_hex(digest, hex);
	free(both);
	return str_fmt("%s/watch-%.16s.lock", dir, hex);
}

struct incident_desk *incident_desk_new(const struct incident_desk_options *o,
	const struct incident_cluster *cluster, int64_t hold_down_ms, struct mailbox *notices)
{
	struct incident_watch_options watch = incident_watch_defaults;
	struct incident_desk *d = mem_new(struct incident_desk);
	char *lock;

	watch.hold_down_ms = hold_down_ms;
	d->notices = notices;
	d->also = o->also;
	d->arg = o->arg;
	d->by = o->author;
	d->cluster = *cluster;
	memcpy(d->targets, o->targets, sizeof(d->targets));
	for (int l = 0; l < CHECKLIST_COUNT; l++)
		d->lists[l] = copy_list(o->lists[l]);
	incident_watch_init(&d->watch, &watch, o->author.host);
	d->hold_down_ms = hold_down_ms;
	d->is = incidents_new();
	d->book = casebook_new(0, 0);
	d->health.off = o->journal == NULL;
	str_copy(d->health.why, sizeof(d->health.why), o->journal ? "" : o->why);
	if (!o->journal)
		return d;
	lock = lock_path(o->lock_dir, cluster);
	d->lead = lead_start(lock);
	free(lock);
	d->writer = o->journal;
	d->notify = o->notify;
	d->sent = o->sent;
	return d;
}

void incident_desk_free(struct incident_desk *d)
{
	if (!d)
		return;
	for (size_t k = 0; k < d->untold.len; k++)
		free(d->untold.at[k].entry);
	vec_done(&d->untold);
	for (size_t k = 0; k < d->telling.len; k++)
		free(d->telling.at[k]);
	vec_done(&d->telling);
	incidents_free(d->is);
	incident_desk_pages_done(d);
	casebook_unref(d->book);
	for (int l = 0; l < CHECKLIST_COUNT; l++) {
		for (char **t = d->lists[l]; *t; t++)
			free(*t);
		free(d->lists[l]);
	}
	lead_stop(d->lead);
	free(d);
}

/* ---- recording ---- */

static int misfits(struct incident_desk *d, const char *incident)
{
	const struct incident *i = incidents_get(d->is, incident);

	return i ? i->misfits : 0;
}

/* True when the entry fits: else it is nobody's news. */
static bool fold(struct incident_desk *d, const struct journal_entry *en)
{
	int before = misfits(d, en->incident);

	incidents_add(d->is, en);
	incident_desk_page_changed(d, en);
	return misfits(d, en->incident) <= before;
}

/* Takes the draft: shown and counted at once, written by the journal's thread. */
bool incident_desk_record(struct incident_desk *d, struct journal_draft *draft)
{
	struct journal_entry *en;

	if (!draft)
		return false;
	if (journal_draft_payload(draft) == NULL) {
		notice_say(d->notices, NOTICE_ERROR, "%s", _("this is too long for the journal"));
		journal_draft_free(draft);
		return false;
	}
	en = entry_of_draft(draft);
	if (journal_writer_put(d->writer, draft) != 0) {
		notice_say(d->notices, NOTICE_ERROR, "%s",
			_("the journal takes no more entries: it is too far behind"));
		journal_draft_free(draft);
		free(en);
		return false;
	}
	if (fold(d, en) && d->notify)
		vec_add(&d->untold)->entry = en;
	else
		free(en);
	return true;
}

void incident_desk_record_all(struct incident_desk *d, struct journal_draft **drafts, size_t n)
{
	for (size_t k = 0; k < n; k++)
		incident_desk_record(d, drafts[k]);
}

/* ---- telling the team ---- */

static void tell(struct incident_desk *d, const struct journal_entry *en, bool heard_of)
{
	const struct incident *i = incidents_get(d->is, en->incident);
	struct notification a;

	if (!i || !incident_is_of(i, &d->cluster) || !entry_notification(&a, i, en))
		return;
	if (a.kind == NOTIFICATION_DETECTED && incident_desk_was_announced(d, i))
		return;
	incident_desk_tell(d, &a, heard_of);
}

/* ---- what came out of the journal ---- */

static void drop_untold(struct incident_desk *d, size_t k)
{
	free(d->untold.at[k].entry);
	d->untold.len--;
	memmove(d->untold.at + k, d->untold.at + k + 1,
		(d->untold.len - k) * sizeof(d->untold.at[0]));
}

static void tell_late(struct incident_desk *d, struct instant now)
{
	for (size_t k = 0; k < d->untold.len; k++)
		if (d->untold.at[k].since.boot_ms == 0)
			d->untold.at[k].since = now;
	while (d->untold.len > 0 && instant_age_ms(d->untold.at[0].since, now) >= UNTOLD_MS) {
		tell(d, d->untold.at[0].entry, false);
		drop_untold(d, 0);
	}
}

/* What nobody is to be told of need not be folded yet: at the start that is nearly everything. */
static void take(struct incident_desk *d, const struct journal_entry *en, int64_t now_ms)
{
	bool news = d->notify && now_ms - en->at_ms <= NOTIFICATION_LATE_MS &&
		    str_eq(en->host, d->by.host);
	bool heard_of = true;

	for (size_t k = 0; k < d->untold.len; k++) {
		if (!str_eq(d->untold.at[k].entry->id, en->id))
			continue;
		drop_untold(d, k--);
		heard_of = false;
	}
	if (!news) {
		incidents_add(d->is, en);
		incident_desk_page_changed(d, en);
	} else if (fold(d, en)) {
		tell(d, en, heard_of);
	}
}

static void take_state(struct incident_desk *d, const struct journal_state *s)
{
	d->health.waiting = s->waiting;
	d->health.since = s->since;
	str_copy(d->health.why, sizeof(d->health.why), s->why);
	str_copy(d->health.damage, sizeof(d->health.damage), s->damage);
	d->read = d->read || s->why[0]; /* what cannot be read is not waited for */
}

static void take_letter(struct incident_desk *d, struct letter *l, struct instant now)
{
	const struct journal_news *news = (const struct journal_news *)l;

	d->heard = now;
	switch ((enum journal_letter_kind)l->kind) {
	case JOURNAL_ENTRIES:
		for (size_t k = 0; k < news->n; k++) {
			take(d, news->entries[k], now.wall_ms);
			if (d->also)
				d->also(d->arg, news->entries[k]);
		}
		break;
	case JOURNAL_READ:
		d->read = true;
		break;
	case JOURNAL_STATE:
		take_state(d, (const struct journal_state *)l);
		break;
	case JOURNAL_AVAILABILITY:
		d->availability = ((const struct journal_availability *)l)->availability;
		d->availability_known = true;
		break;
	}
}

/* The team was told: that ticks an item, whoever asked for it. */
static void take_sent(struct incident_desk *d, const struct notify_sent *s, struct instant now)
{
	const struct entry_by a = {.by = d->watch.by, .now_ms = now.wall_ms};
	const struct incident *i = incidents_get(d->is, s->incident);
	struct journal_draft *out[CHECKLIST_ROWS];
	char text[300];

	snprintf(text, sizeof(text), _("%s took the alert"), s->to);
	if (!s->incident[0]) {
		str_copy(d->announced.sent, sizeof(d->announced.sent), text);
		i = incidents_current(d->is, &d->cluster);
		i = i && incident_desk_was_announced(d, i) ? i : NULL;
	}
	if (i)
		incident_desk_record_all(d, out, entry_saw(i, EVIDENCE_NOTIFIED, text, &a, out));
}

bool incident_desk_hear(struct incident_desk *d, struct instant now)
{
	bool any = false;
	struct letter *l;

	if (!d->writer)
		return false;
	while ((l = mailbox_take(journal_writer_results(d->writer))) != NULL) {
		take_letter(d, l, now);
		l->drop(l);
		any = true;
	}
	while ((l = mailbox_take(d->sent)) != NULL) {
		take_sent(d, (const struct notify_sent *)l, now);
		l->drop(l);
		any = true;
	}
	return any;
}

/* ---- what the checks see ---- */

static void look(struct incident_desk *d, const struct snapshot *s)
{
	d->verdict = s->verdict;
	str_copy(d->broken, sizeof(d->broken), s->layers.broken ? s->layers.first_text : "");
	d->alerts_live = s->sources[SOURCE_ALERTS].state == SOURCE_LIVE;
	d->alerts = s->alerts;
	for (size_t k = 0; k < d->verdict.n; k++)
		d->reasons[k] = d->verdict.reasons[k].text;
}

static void step_watch(struct incident_desk *d, bool leading, struct instant now)
{
	const struct incident *current = incidents_current(d->is, &d->cluster);
	size_t all = incidents_count(d->is), n_open = 0, n;
	const struct incident **open = mem_zero(all + 1, sizeof(*open));
	struct journal_draft **out;
	const struct watch_input in = {.known = d->verdict.known,
		.level = d->verdict.now,
		.reasons = d->reasons,
		.n_reasons = d->verdict.n,
		.broken = d->broken[0] ? d->broken : NULL,
		.now = now};

	for (size_t k = 0; k < all; k++) {
		const struct incident *i = incidents_at(d->is, k);

		if (i->levels.len > 0 && incident_state(i) != INCIDENT_IS_CLOSED &&
			incident_is_of(i, &d->cluster))
			open[n_open++] = i;
	}
	out = mem_zero((n_open + 1) * WATCH_DRAFTS, sizeof(struct journal_draft *));
	n = incident_watch_step(&d->watch, &in, current, open, n_open, out);
	for (size_t k = 0; k < n; k++) {
		if (leading)
			incident_desk_record(d, out[k]);
		else
			journal_draft_free(out[k]);
	}
	free(out);
	free(open);
}

/* Is the API there for those who use it: behind its load balancer, where there is one. */
static enum api_seen api_seen(const struct snapshot *s)
{
	const struct layer_board *b = &s->layers;

	if (!s->verdict.known || probe_is_bad(&b->own_link))
		return API_UNKNOWN;
	if (b->load_balancer_name[0] && b->load_balancer.state > PROBE_SKIPPED)
		return probe_is_good(&b->load_balancer) ? API_UP : API_DOWN;
	if (b->api_all == 0)
		return API_UNKNOWN;
	return b->api_live > 0 ? API_UP : API_DOWN;
}

static void step_availability(struct incident_desk *d, const struct snapshot *s, bool leading)
{
	struct watched_span spans[2];
	size_t n =
		availability_sample(&d->meter, leading ? api_seen(s) : API_UNKNOWN, s->at, spans);

	for (size_t k = 0; k < n; k++)
		journal_writer_watched(d->writer, d->cluster.name, &spans[k]);
	if (n == 0 && d->asked.boot_ms != 0 && instant_age_ms(d->asked, s->at) < ASK_MS)
		return;
	d->asked = s->at;
	journal_writer_ask_availability(d->writer, d->cluster.name, s->at.wall_ms);
}

/* A journal that is long says so by what comes of it. */
static bool is_unreadable(struct incident_desk *d, struct instant now)
{
	if (d->heard.boot_ms == 0)
		d->heard = now;
	return !d->read && instant_age_ms(d->heard, now) >= HUNG_MS;
}

static void step(struct incident_desk *d, const struct snapshot *s)
{
	bool leading;

	if (!d->writer || (!d->read && !is_unreadable(d, s->at)) ||
		(d->stepped.boot_ms != 0 && instant_age_ms(d->stepped, s->at) < STEP_MS))
		return;
	d->stepped = s->at;
	look(d, s);
	tell_late(d, s->at);
	incident_desk_tell_on(d);
	leading = lead_is_ours(d->lead, s->at);
	step_watch(d, leading, s->at);
	step_availability(d, s, leading);
	d->was_known = d->was_known || d->verdict.known;
	if (!d->verdict.dark)
		d->dark.since = (struct instant){0};
	if (!leading || !d->led)
		incident_desk_recall(d);
	d->led = leading;
	if (leading && d->notify && d->verdict.known)
		incident_desk_announce(d, s->at);
	else if (leading && d->notify && d->verdict.dark && d->was_known)
		incident_desk_announce_dark(d, s->at);
	if (leading && d->notify)
		incident_desk_leave_word(d, s->at);
	incident_desk_date_proposal(d);
}

/* Its thread may hang in the disk, and then tells nothing itself. */
static bool box_is_full(struct incident_desk *d, struct instant now)
{
	uint64_t refused = d->writer ? journal_writer_refused(d->writer) : 0;

	if (refused != d->refused)
		d->refused_at = now;
	d->refused = refused;
	return d->refused_at.boot_ms != 0 && instant_age_ms(d->refused_at, now) < FULL_SAY_MS;
}

/* What the journal's thread says of the disk; and where it says nothing, since it hangs there
 * itself, what is seen from here. */
static struct journal_writer_state health_now(struct incident_desk *d, struct instant now)
{
	size_t owed = d->writer ? journal_writer_owed(d->writer) : 0;
	struct journal_writer_state h = d->health;

	if (owed == 0 || owed < d->owed || d->owed == 0)
		d->owed_since = now;
	d->owed = owed;
	if (h.why[0] || h.off)
		return h;
	if (is_unreadable(d, now))
		h.since = d->heard;
	else if (owed > 0 && instant_age_ms(d->owed_since, now) >= HUNG_MS)
		h.since = d->owed_since;
	else
		return h;
	h.waiting = owed;
	str_copy(h.why, sizeof(h.why), N_("the disk does not answer"));
	return h;
}

static void fill_source(struct incident_desk *d, const struct journal_writer_state *h,
	struct source *src, struct instant now)
{
	bool full = box_is_full(d, now), bad = full || h->why[0];

	src->state = h->off    ? SOURCE_ABSENT
		     : bad     ? SOURCE_STALE
		     : d->read ? SOURCE_LIVE
			       : SOURCE_LOADING;
	src->good = h->why[0] ? h->since : full ? d->refused_at : now;
	str_copy(src->error, sizeof(src->error),
		full && !h->why[0] ? _("the journal takes no more entries: it is too far behind")
				   : h->why);
}

void incident_desk_fill(struct incident_desk *d, struct snapshot *s)
{
	step(d, s);
	incident_desk_make_book(d);
	casebook_unref(s->book);
	s->book = casebook_ref(d->book);
	s->proposal = d->watch.proposal;
	s->journal = health_now(d, s->at);
	s->availability_known = d->availability_known;
	s->availability = d->availability;
	fill_source(d, &s->journal, &s->sources[SOURCE_JOURNAL], s->at);
}
