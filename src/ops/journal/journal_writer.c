/* One loop: take what came, write all that waits in one transaction, then read what is new in the
 * file, one's own and others' alike, so that there is one way for an entry to come out. When a
 * write fails the drafts stay at the head of the queue, in order; what is announced from memory is
 * announced again when it has a row.
 *
 * A caller that waits shares a reference-counted `waiter` with the thread, so it may time out
 * first. */
#include "ops/journal/journal_writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/thread.h"
#include "base/wake.h"

#define IN_MAX      20000 /* letters on their way in, and entries in memory */
#define RESULTS_MAX 4096
#define BATCH       256
#define TICK_MS     1000 /* so often the file is looked at, and a failed write tried again */

enum in_kind { IN_DRAFT, IN_SPAN, IN_ASK };

/* Somebody waits for his entry. */
struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int refs; /* under lock: the one who waits, the thread */
	bool written;
	char why[400];
};

struct in_letter {
	struct letter letter;
	struct journal_draft *draft;
	struct waiter *waiter; /* or NULL */
	bool told;             /* announced from memory */
	char cluster[80];      /* IN_SPAN, IN_ASK */
	struct watched_span span;
	int64_t now_ms; /* IN_ASK */
};

struct journal_writer {
	char *path;
	struct mailbox *in, *results;
	int stop_fd;
	pthread_t thread;
	size_t lost;
	atomic_size_t owed; /* given and not on the disk yet */
	/* the thread's own */
	struct journal *journal;
	int64_t row; /* the last one that was announced */
	bool read;   /* JOURNAL_READ was sent */
	bool checked;
	VEC(struct in_letter *) waiting;
	VEC(struct letter *) unsent; /* results that found no room */
	struct journal_state state;
};

/* ---- waiting ---- */

static struct waiter *waiter_new(void)
{
	struct waiter *w = mem_new(struct waiter);
	pthread_condattr_t attr;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &attr);
	pthread_condattr_destroy(&attr);
	w->refs = 2;
	return w;
}

static void waiter_unref(struct waiter *w)
{
	bool last;

	pthread_mutex_lock(&w->lock);
	last = --w->refs == 0;
	pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void waiter_tell(struct waiter *w, bool written, const char *why)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->written = written;
	str_copy(w->why, sizeof(w->why), why);
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

/* ---- letters ---- */

static void drop_in(struct letter *l)
{
	struct in_letter *in = (struct in_letter *)l;

	if (in->waiter)
		waiter_unref(in->waiter);
	journal_draft_free(in->draft);
	free(in);
}

static void drop_news(struct letter *l)
{
	struct journal_news *news = (struct journal_news *)l;

	for (size_t k = 0; k < news->n; k++)
		free(news->entries[k]);
	free(news->entries);
	free(news);
}

/* In their order: nothing overtakes what found no room. */
static void send(struct journal_writer *w, struct letter *l)
{
	if (w->unsent.len > 0 || mailbox_post(w->results, l) != 0)
		*vec_add(&w->unsent) = l;
}

static void send_again(struct journal_writer *w)
{
	size_t sent = 0;

	while (sent < w->unsent.len && mailbox_post(w->results, w->unsent.at[sent]) == 0)
		sent++;
	w->unsent.len -= sent;
	if (sent > 0)
		memmove(w->unsent.at, w->unsent.at + sent, w->unsent.len * sizeof(*w->unsent.at));
}

static struct journal_news *news_new(size_t room)
{
	struct journal_news *news = mem_new(struct journal_news);

	news->letter.kind = JOURNAL_ENTRIES;
	news->letter.drop = drop_news;
	news->entries = mem_zero(room ? room : 1, sizeof(struct journal_entry *));
	return news;
}

static void send_state(struct journal_writer *w)
{
	struct journal_state *s = mem_dup(&w->state, sizeof(w->state));

	s->letter = (struct letter){.kind = JOURNAL_STATE, .drop = letter_free};
	send(w, &s->letter);
}

/* Says how it stands, when that is news. */
static void tell_state(struct journal_writer *w, const char *why)
{
	size_t waiting = w->waiting.len;

	if (waiting == w->state.waiting && str_eq(why, w->state.why))
		return;
	if (why[0] == '\0')
		w->state.since = (struct instant){0, 0};
	else if (w->state.why[0] == '\0')
		w->state.since = instant_now();
	if (why[0] && !str_eq(why, w->state.why))
		log_put(LOG_WARN, "journal", "cannot write: %s", why);
	w->state.waiting = waiting;
	str_copy(w->state.why, sizeof(w->state.why), why);
	send_state(w);
}

/* ---- reading what is new ---- */

struct reading {
	struct journal_writer *w;
	struct journal_news *news;
};

static int take_entry(void *to, const struct journal_entry *en)
{
	struct reading *r = to;

	r->news->entries[r->news->n++] = entry_copy(en);
	r->w->row = en->row;
	return r->news->n == BATCH;
}

static void follow(struct journal_writer *w)
{
	struct reading r = {.w = w};
	size_t n = BATCH;

	/* The receiver is behind: what is in the file is not going away. */
	while (w->journal && n == BATCH && w->unsent.len == 0) {
		r.news = news_new(BATCH);
		journal_each(w->journal, w->row, take_entry, &r, NULL);
		n = r.news->n;
		if (n > 0)
			send(w, &r.news->letter);
		else
			drop_news(&r.news->letter);
	}
	if (w->journal && n < BATCH && !w->read) {
		struct letter *done = mem_new(struct letter);

		*done = (struct letter){.kind = JOURNAL_READ, .drop = letter_free};
		send(w, done);
		w->read = true;
	}
}

/* ---- can it be trusted? ---- */

static void say_fault(const struct journal_verdict *v, char *dst, size_t size)
{
	const struct journal_fault *f = &v->faults.at[0];
	char alias[JOURNAL_ALIAS];

	if (f->seq > 0)
		snprintf(dst, size, _("%s, entry %lld of %s: %s"),
			journal_alias(f->number, alias, sizeof(alias)), (long long)f->seq,
			f->origin, f->text);
	else if (f->number > 0)
		snprintf(dst, size, "%s: %s", journal_alias(f->number, alias, sizeof(alias)),
			f->text);
	else
		str_copy(dst, size, f->text);
}

/* Once, and after all of it was given out: nobody waits for this to see what there is. */
static void check(struct journal_writer *w)
{
	struct journal_verdict v = {0};
	struct err e;

	if (w->checked || !w->read)
		return;
	w->checked = true;
	if (journal_verify(w->journal, NULL, &v, &e) != 0)
		str_copy(w->state.damage, sizeof(w->state.damage), e.text);
	else if (v.faults.len > 0)
		say_fault(&v, w->state.damage, sizeof(w->state.damage));
	journal_verdict_done(&v);
	if (w->state.damage[0] == '\0')
		return;
	log_put(LOG_ERROR, "journal", "it cannot be trusted: %s", w->state.damage);
	send_state(w);
}

/* ---- writing ---- */

/* What is in memory only is shown all the same, once. */
static void tell_kept(struct journal_writer *w)
{
	struct journal_news *news = news_new(w->waiting.len);

	for (size_t k = 0; k < w->waiting.len; k++) {
		struct in_letter *in = w->waiting.at[k];

		if (in->told)
			continue;
		in->told = true;
		news->entries[news->n++] = entry_of_draft(in->draft);
		waiter_tell(in->waiter, false, w->state.why);
	}
	if (news->n > 0)
		send(w, &news->letter);
	else
		drop_news(&news->letter);
}

static void forget_written(struct journal_writer *w, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		waiter_tell(w->waiting.at[k]->waiter, true, "");
		w->waiting.at[k]->letter.drop(&w->waiting.at[k]->letter);
	}
	w->owed -= n;
	w->waiting.len -= n;
	memmove(w->waiting.at, w->waiting.at + n, w->waiting.len * sizeof(*w->waiting.at));
}

static int write_batch(struct journal_writer *w, struct err *e)
{
	struct journal_draft *drafts[BATCH];
	size_t n = w->waiting.len < BATCH ? w->waiting.len : BATCH;

	for (size_t k = 0; k < n; k++)
		drafts[k] = w->waiting.at[k]->draft;
	if (journal_append(w->journal, drafts, n, e) != 0)
		return -1;
	forget_written(w, n);
	return 0;
}

static void write_all(struct journal_writer *w)
{
	struct err e = {.code = ERR_NONE};

	if (w->journal == NULL)
		w->journal = journal_open(w->path, DB_WRITE, &e);
	while (w->journal && w->waiting.len > 0 && e.code == ERR_NONE)
		write_batch(w, &e);
	if (e.code == ERR_NONE) {
		tell_state(w, "");
		return;
	}
	tell_state(w, e.text);
	tell_kept(w);
}

static void write_span(struct journal_writer *w, const struct in_letter *in)
{
	struct err e;

	if (w->journal && journal_watched_put(w->journal, in->cluster, &in->span, &e) != 0)
		log_put(LOG_INFO, "journal", "a measurement is lost: %s", e.text);
}

static void answer(struct journal_writer *w, const struct in_letter *in)
{
	struct journal_availability *a;
	struct watched_span *spans = NULL;
	int64_t from, to;
	size_t n = 0;
	struct err e;

	availability_month(in->now_ms, &from, &to);
	if (!w->journal ||
		journal_watched_get(w->journal, in->cluster, from, to, &spans, &n, &e) != 0)
		return;
	a = mem_new(struct journal_availability);
	a->letter = (struct letter){.kind = JOURNAL_AVAILABILITY, .drop = letter_free};
	a->availability = availability_of(spans, n, from, in->now_ms);
	free(spans);
	send(w, &a->letter);
}

static void take_all(struct journal_writer *w)
{
	struct letter *l;

	while ((l = mailbox_take(w->in)) != NULL) {
		struct in_letter *in = (struct in_letter *)l;

		if (l->kind == IN_DRAFT) {
			*vec_add(&w->waiting) = in;
			continue;
		}
		if (l->kind == IN_SPAN)
			write_span(w, in);
		else
			answer(w, in);
		l->drop(l);
	}
}

static bool wait_for_more(struct journal_writer *w)
{
	struct pollfd p[] = {
		{.fd = w->stop_fd, .events = POLLIN}, {.fd = mailbox_fd(w->in), .events = POLLIN}};

	/* With memory full to its ceiling nothing is taken in until the next try. */
	poll(p, w->state.waiting >= IN_MAX ? 1 : 2, TICK_MS);
	return p[0].revents == 0;
}

static void *run(void *arg)
{
	struct journal_writer *w = arg;
	bool on = true;

	while (on) {
		write_all(w);
		follow(w);
		check(w);
		on = wait_for_more(w);
		send_again(w);
		if (w->waiting.len < IN_MAX)
			take_all(w);
	}
	take_all(w);
	write_all(w);
	w->lost = w->waiting.len;
	for (size_t k = 0; k < w->waiting.len; k++)
		log_put(LOG_ERROR, "journal", "lost: %s of %s by %s: %s",
			w->waiting.at[k]->draft->kind, w->waiting.at[k]->draft->incident,
			w->waiting.at[k]->draft->author.name,
			journal_draft_payload(w->waiting.at[k]->draft));
	return NULL;
}

/* ---- from outside ---- */

struct journal_writer *journal_writer_start(const char *path)
{
	struct journal_writer *w = mem_new(struct journal_writer);

	w->path = mem_str(path);
	w->in = mailbox_new(IN_MAX);
	w->results = mailbox_new(RESULTS_MAX);
	w->stop_fd = wake_open();
	if (thread_start(&w->thread, "journal", run, w) != 0)
		abort(); /* a console without threads has nothing to show either */
	return w;
}

size_t journal_writer_stop(struct journal_writer *w)
{
	size_t lost;

	if (w == NULL)
		return 0;
	wake_set(w->stop_fd);
	pthread_join(w->thread, NULL);
	lost = w->lost;
	for (size_t k = 0; k < w->waiting.len; k++)
		w->waiting.at[k]->letter.drop(&w->waiting.at[k]->letter);
	for (size_t k = 0; k < w->unsent.len; k++)
		w->unsent.at[k]->drop(w->unsent.at[k]);
	vec_done(&w->waiting);
	vec_done(&w->unsent);
	mailbox_free(w->in);
	mailbox_free(w->results);
	journal_close(w->journal);
	close(w->stop_fd);
	free(w->path);
	free(w);
	return lost;
}

struct mailbox *journal_writer_results(struct journal_writer *w)
{
	return w->results;
}

uint64_t journal_writer_refused(struct journal_writer *w)
{
	return mailbox_load(w->in).refused;
}

static int post_draft(struct journal_writer *w, struct journal_draft *d, struct waiter *waiter)
{
	struct in_letter *in;

	if (journal_draft_payload(d) == NULL)
		return -1; /* it would never be written, and hold up all behind it */
	in = mem_new(struct in_letter);
	in->letter = (struct letter){.kind = IN_DRAFT, .drop = drop_in};
	in->draft = d;
	in->waiter = waiter;
	w->owed++;
	if (mailbox_post(w->in, &in->letter) == 0)
		return 0;
	w->owed--;
	free(in);
	return -1;
}

size_t journal_writer_owed(const struct journal_writer *w)
{
	return w->owed;
}

int journal_writer_put(struct journal_writer *w, struct journal_draft *d)
{
	return post_draft(w, d, NULL);
}

static struct timespec deadline(int wait_ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += wait_ms / 1000;
	t.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

int journal_writer_append(
	struct journal_writer *w, struct journal_draft *d, int wait_ms, struct err *e)
{
	struct timespec until = deadline(wait_ms);
	struct waiter *waiter = waiter_new();
	char why[400];
	bool written;

	if (post_draft(w, d, waiter) != 0) {
		waiter->refs = 1; /* the thread never had it */
		waiter_unref(waiter);
		journal_draft_free(d);
		return err_set(e, ERR_BUSY,
			_("the journal takes no more entries: it is too far behind, "
			  "or the entry is too long"));
	}
	pthread_mutex_lock(&waiter->lock);
	while (!waiter->written && waiter->why[0] == '\0' &&
		pthread_cond_timedwait(&waiter->changed, &waiter->lock, &until) != ETIMEDOUT)
		;
	written = waiter->written;
	str_copy(why, sizeof(why), waiter->why);
	pthread_mutex_unlock(&waiter->lock);
	waiter_unref(waiter);
	if (written)
		return 0;
	return err_set(e, ERR_LIMIT, _("the entry is in memory only: %s"),
		why[0] ? why : _("the disk does not answer in time"));
}

static void post_about(
	struct journal_writer *w, enum in_kind kind, const char *cluster, struct in_letter *in)
{
	in->letter = (struct letter){.kind = (int)kind, .drop = drop_in};
	str_copy(in->cluster, sizeof(in->cluster), cluster);
	if (mailbox_post(w->in, &in->letter) != 0)
		drop_in(&in->letter);
}

void journal_writer_watched(
	struct journal_writer *w, const char *cluster, const struct watched_span *span)
{
	struct in_letter *in = mem_new(struct in_letter);

	in->span = *span;
	post_about(w, IN_SPAN, cluster, in);
}

void journal_writer_ask_availability(struct journal_writer *w, const char *cluster, int64_t now_ms)
{
	struct in_letter *in = mem_new(struct in_letter);

	in->now_ms = now_ms;
	post_about(w, IN_ASK, cluster, in);
}
