/* What is told about a transition, and what makes it this transition and no other. A key is read by
 * people who look into the queue, so it is words and not a hash. */
#include "model/notification.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"

static const char *const names[NOTIFICATION_KINDS] = {
	[NOTIFICATION_DETECTED] = "detected",
	[NOTIFICATION_LEVEL] = "level",
	[NOTIFICATION_ACKNOWLEDGED] = "acknowledged",
	[NOTIFICATION_WARNING] = "warning",
	[NOTIFICATION_BREACH] = "breach",
	[NOTIFICATION_RECOVERED] = "recovered",
};

void notification_init(struct notification *a, enum notification_kind kind)
{
	memset(a, 0, sizeof(*a));
	a->kind = kind;
	a->level = a->before = a->worst = LEVEL_NONE;
	a->at_ms = a->detected_ms = a->deadline_ms = NOTIFICATION_NEVER;
}

const char *notification_kind_name(enum notification_kind k)
{
	return (unsigned)k < NOTIFICATION_KINDS ? names[k] : "";
}

bool notification_kind_parse(const char *word, enum notification_kind *out)
{
	for (int k = 0; k < NOTIFICATION_KINDS; k++)
		if (str_eq(names[k], word)) {
			*out = (enum notification_kind)k;
			return true;
		}
	return false;
}

static const char *level_word(enum level l)
{
	return l == LEVEL_NONE ? "-" : level_name(l);
}

char *notification_key(const struct notification *a, char dst[NOTIFICATION_KEY])
{
	char about[sizeof(a->cluster) + 32];

	if (a->incident[0])
		str_copy(about, sizeof(about), a->incident);
	else
		snprintf(about, sizeof(about), "%s@%" PRId64, a->cluster, a->detected_ms);
	switch (a->kind) {
	case NOTIFICATION_LEVEL:
		snprintf(dst, NOTIFICATION_KEY, "%s/level/%s-%s/%u", about, level_word(a->before),
			level_word(a->level), a->serial);
		break;
	case NOTIFICATION_WARNING:
		snprintf(dst, NOTIFICATION_KEY, "%s/warning/%s-%s-%d/%u", about, a->clock,
			level_word(a->level), a->percent, a->serial);
		break;
	case NOTIFICATION_BREACH:
		snprintf(dst, NOTIFICATION_KEY, "%s/breach/%s-%s/%u", about, a->clock,
			level_word(a->level), a->serial);
		break;
	case NOTIFICATION_DETECTED:
	case NOTIFICATION_ACKNOWLEDGED:
	case NOTIFICATION_RECOVERED:
	case NOTIFICATION_KINDS:
		snprintf(dst, NOTIFICATION_KEY, "%s/%s/%u", about, notification_kind_name(a->kind),
			a->serial);
		break;
	}
	return dst;
}

static unsigned bit(enum level l)
{
	return l == LEVEL_NONE ? 0 : 1u << l;
}

bool notification_concerns(const struct notification *a, unsigned levels)
{
	return (levels & (bit(a->level) | bit(a->before) | bit(a->worst))) != 0;
}

bool notification_is_end(const struct notification *a)
{
	return a->kind == NOTIFICATION_RECOVERED;
}

/* ---- words ---- */

static char *when(int64_t wall_ms, char *dst, size_t size)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;

	/* The reader of a chat may sit in another zone than this machine. */
	if (wall_ms == NOTIFICATION_NEVER || localtime_r(&s, &tm) == NULL ||
		strftime(dst, size, "%F %T %z", &tm) == 0)
		str_copy(dst, size, "-");
	return dst;
}

/* What it is about: "prod (INC-0007)". */
static void put_subject(const struct notification *a, char *dst, size_t size)
{
	char cluster[sizeof(a->cluster) * 4];

	text_safe(cluster, sizeof(cluster), a->cluster, strlen(a->cluster));
	snprintf(dst, size, a->alias[0] ? "%s (%s)" : "%s", cluster, a->alias);
}

char *notification_headline(const struct notification *a, char *dst, size_t size)
{
	const char *level = level_word(a->level);
	char about[sizeof(a->cluster) * 4 + 32], title[600], who[256];
	bool respond = str_eq(a->clock, "respond");

	put_subject(a, about, sizeof(about));
	text_safe(title, sizeof(title), a->title, strlen(a->title));
	text_safe(who, sizeof(who), a->who, strlen(a->who));
	switch (a->kind) {
	case NOTIFICATION_DETECTED:
		snprintf(dst, size, _("%s in %s: %s"), level, about, title);
		break;
	case NOTIFICATION_LEVEL:
		snprintf(dst, size, _("%s, was %s, in %s: %s"), level, level_word(a->before), about,
			title);
		break;
	case NOTIFICATION_ACKNOWLEDGED:
		if (who[0])
			snprintf(dst, size, _("%s in %s acknowledged by %s: %s"), level, about, who,
				title);
		else
			snprintf(dst, size, _("%s in %s acknowledged: %s"), level, about, title);
		break;
	case NOTIFICATION_WARNING:
		snprintf(dst, size,
			respond ? _("%s in %s: %d%% of the time to respond is used: %s")
				: _("%s in %s: %d%% of the time to recover is used: %s"),
			level, about, a->percent, title);
		break;
	case NOTIFICATION_BREACH:
		snprintf(dst, size,
			respond ? _("%s in %s: not acknowledged in time: %s")
				: _("%s in %s: not recovered in time: %s"),
			level, about, title);
		break;
	case NOTIFICATION_RECOVERED:
		snprintf(dst, size, _("%s in %s recovered: %s"), level, about, title);
		break;
	case NOTIFICATION_KINDS:
		dst[0] = '\0';
		break;
	}
	str_mend(dst);
	return dst;
}

static void put_line(struct buf *b, const char *label, const char *text)
{
	char safe[1000];

	if (!text[0])
		return;
	text_safe(safe, sizeof(safe), text, strlen(text));
	buf_fmt(b, "\n%s%s", label, safe);
}

static void put_moment(struct buf *b, const char *label, int64_t wall_ms)
{
	char at[64];

	if (wall_ms != NOTIFICATION_NEVER)
		put_line(b, label, when(wall_ms, at, sizeof(at)));
}

char *notification_text(const struct notification *a, char dst[NOTIFICATION_TEXT])
{
	bool over = notification_is_end(a);
	char line[NOTIFICATION_TEXT];
	struct buf b;

	buf_init(&b, (size_t)8 * NOTIFICATION_TEXT);
	buf_puts(&b, notification_headline(a, line, sizeof(line)));
	put_line(&b, _("Why: "), a->why);
	for (size_t i = 0; !over && i < a->n_reasons; i++)
		put_line(&b, "- ", a->reasons[i]);
	if (!over)
		put_line(&b, _("First broken layer: "), a->broken);
	put_moment(&b, _("Detected: "), a->detected_ms);
	if (over)
		put_moment(&b, _("Recovered: "), a->at_ms);
	else
		put_moment(&b,
			str_eq(a->clock, "respond") ? _("Acknowledge by: ") : _("Recover by: "),
			a->deadline_ms);
	put_line(&b, _("Anchor: "), a->anchor);
	str_copy(dst, NOTIFICATION_TEXT, buf_text(&b));
	buf_done(&b);
	return dst;
}
