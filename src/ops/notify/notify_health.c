/* What notify says of itself: a notice when trouble begins and when it ends, and how it stands for
 * the screen. A disk that hangs says nothing, so that is seen by the time that somebody has waited
 * for it. */

#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "model/command.h"
#include "notify_parts.h"

static void say(struct notify *n, struct notice *notice)
{
	log_put(notice->level == NOTICE_INFO ? LOG_INFO : LOG_WARN, "notify", "%s", notice->text);
	if (n->notices)
		notice_post(n->notices, notice);
	else
		notice->letter.drop(&notice->letter);
}

/* True when it is news. */
static bool begin_trouble(struct notify *n, struct trouble *t, enum trouble_kind kind,
	struct instant since, const char *why)
{
	bool news;

	pthread_mutex_lock(&n->lock);
	news = t->kind == TROUBLE_NONE;
	if (news)
		t->since = since;
	t->kind = kind;
	str_copy(t->why, sizeof(t->why), why);
	pthread_mutex_unlock(&n->lock);
	return news;
}

/* True when there was some. */
static bool end_trouble(struct notify *n, struct trouble *t)
{
	bool had;

	pthread_mutex_lock(&n->lock);
	had = t->kind != TROUBLE_NONE;
	t->kind = TROUBLE_NONE;
	pthread_mutex_unlock(&n->lock);
	return had;
}

void notify_say_trouble(struct notify_way *w, enum trouble_kind kind, const struct err *e)
{
	if (begin_trouble(w->of, &w->of->at[w->at].trouble, kind, instant_now(), e->text))
		say(w->of, notice_new(NOTICE_WARN, _("alerts to %s do not get through: %s"),
				   notify_lane_name(w->lane), e->text));
}

void notify_say_well(struct notify_way *w)
{
	if (end_trouble(w->of, &w->of->at[w->at].trouble))
		say(w->of, notice_new(NOTICE_INFO, _("alerts to %s get through again"),
				   notify_lane_name(w->lane)));
}

/* An outbox that was moved aside is told once, by whichever thread comes by first. */
void notify_say_damage(struct notify *n)
{
	char damage[OUTBOX_DAMAGE];
	bool news;

	if (outbox_damage(n->box, damage)[0] == '\0')
		return;
	pthread_mutex_lock(&n->lock);
	news = !str_eq(n->damage, damage);
	if (news) {
		str_copy(n->damage, sizeof(n->damage), damage);
		n->damaged = instant_now();
	}
	pthread_mutex_unlock(&n->lock);
	if (news)
		say(n, notice_new(NOTICE_ERROR, _("the outbox was damaged: %s"), damage));
}

void notify_count_lost(struct notify *n)
{
	pthread_mutex_lock(&n->lock);
	n->lost++;
	pthread_mutex_unlock(&n->lock);
}

/* ---- the disk ---- */

static void note_disk(struct notify *n, struct trouble *t, int rc, const struct err *why)
{
	enum trouble_kind kind = rc < 0 && why->code == ERR_LIMIT ? TROUBLE_TAKING : TROUBLE_QUEUE;

	if (rc >= 0)
		end_trouble(n, t);
	else if (begin_trouble(n, t, kind, instant_now(), why->text))
		say(n, notice_new(NOTICE_WARN,
			       _("outbox not writable: alerts are sent past it: %s"), why->text));
}

void notify_note_claim(struct notify_way *w, int rc, const struct err *why)
{
	note_disk(w->of, &w->of->at[w->at].queue, rc, why);
}

void notify_note_put(struct notify *n, int rc, const struct err *why)
{
	note_disk(n, &n->putting, rc, why);
	notify_say_damage(n);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Since when somebody waits for the disk, longer than a disk that is well lets him; unset: nobody. */
static struct instant hung_since(struct notify *n)
{
	struct instant now = instant_now();
	int64_t since_ms = notify_ledger_unput_ms(n->ledger);

	pthread_mutex_lock(&n->lock);
	since_ms = earlier(since_ms, n->checking_ms);
	for (size_t i = 0; i < n->n; i++)
		if (n->at[i].queue.kind == TROUBLE_NONE) /* else it answers, if badly */
			since_ms = earlier(since_ms, n->at[i].ways[LEDGER_DISK].disk_ms);
	pthread_mutex_unlock(&n->lock);
	if (since_ms == 0 || now.boot_ms - since_ms < n->patience_ms)
		return (struct instant){0};
	return (struct instant){now.wall_ms - (now.boot_ms - since_ms), since_ms};
}

void notify_note_hang(struct notify *n)
{
	bool hangs = hung_since(n).boot_ms != 0, news;

	pthread_mutex_lock(&n->lock);
	news = hangs && !n->hangs;
	n->hangs = hangs;
	pthread_mutex_unlock(&n->lock);
	if (news)
		say(n, notice_new(NOTICE_WARN,
			       _("outbox not writable: alerts are sent past it: %s"),
			       _("the disk does not answer")));
}

/* ---- how it stands ---- */

static void add_trouble(struct notify_health *out, const struct trouble *t, const char *to)
{
	if (t->kind == TROUBLE_NONE)
		return;
	if (out->failing++ > 0 && t->since.boot_ms >= out->since.boot_ms)
		return;
	out->since = t->since;
	str_copy(out->to, sizeof(out->to), to);
	str_copy(out->why, sizeof(out->why), t->why);
}

static void add_unkept(struct notify_health *out, struct instant since, const char *why)
{
	if (since.boot_ms == 0 ||
		(out->unkept.boot_ms != 0 && out->unkept.boot_ms <= since.boot_ms))
		return;
	out->unkept = since;
	str_copy(out->unkept_why, sizeof(out->unkept_why), why);
}

void notify_health(struct notify *n, struct notify_health *out)
{
	struct instant hung = hung_since(n);

	*out = (struct notify_health){.failing = 0};
	add_unkept(out, hung, _("the disk does not answer"));
	pthread_mutex_lock(&n->lock);
	if (n->putting.kind != TROUBLE_NONE)
		add_unkept(out, n->putting.since, n->putting.why);
	for (size_t i = 0; i < n->n; i++) {
		struct notify_receiver *r = &n->at[i];

		if (r->queue.kind != TROUBLE_NONE)
			add_unkept(out, r->queue.since, r->queue.why);
		add_trouble(out, &r->trouble, notify_lane_name(r->ways[LEDGER_DISK].lane));
	}
	out->lost = n->lost;
	str_copy(out->damage, sizeof(out->damage), n->damage);
	out->damaged = n->damaged;
	pthread_mutex_unlock(&n->lock);
}
