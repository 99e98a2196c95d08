/* What is told about a transition, and what makes it this transition and no other. A key is read by
 * people who look into the queue, so it is words and not a hash. */
#include "model/alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"

static const char *const names[ALERT_KINDS] = {
	[ALERT_DETECTED] = "detected",
	[ALERT_LEVEL] = "level",
	[ALERT_ACKNOWLEDGED] = "acknowledged",
	[ALERT_WARNING] = "warning",
	[ALERT_BREACH] = "breach",
	[ALERT_RECOVERED] = "recovered",
};

void alert_init(struct alert *a, enum alert_kind kind)
{
	memset(a, 0, sizeof(*a));
	a->kind = kind;
	a->level = a->before = a->worst = LEVEL_NONE;
	a->at_ms = a->detected_ms = a->deadline_ms = ALERT_NEVER;
}

const char *alert_kind_name(enum alert_kind k)
{
	return (unsigned)k < ALERT_KINDS ? names[k] : "";
}

bool alert_kind_parse(const char *word, enum alert_kind *out)
{
	for (int k = 0; k < ALERT_KINDS; k++)
		if (str_eq(names[k], word)) {
			*out = (enum alert_kind)k;
			return true;
		}
	return false;
}

static const char *level_word(enum level l)
{
	return l == LEVEL_NONE ? "-" : level_name(l);
}

char *alert_key(const struct alert *a, char dst[ALERT_KEY])
{
	char about[sizeof(a->cluster) + 32];

	if (a->incident[0])
		str_copy(about, sizeof(about), a->incident);
	else
		snprintf(about, sizeof(about), "%s@%" PRId64, a->cluster, a->detected_ms);
	switch (a->kind) {
	case ALERT_LEVEL:
		snprintf(dst, ALERT_KEY, "%s/level/%s-%s/%u", about, level_word(a->before),
			level_word(a->level), a->serial);
		break;
	case ALERT_WARNING:
		snprintf(dst, ALERT_KEY, "%s/warning/%s-%s-%d/%u", about, a->clock,
			level_word(a->level), a->percent, a->serial);
		break;
	case ALERT_BREACH:
		snprintf(dst, ALERT_KEY, "%s/breach/%s-%s/%u", about, a->clock,
			level_word(a->level), a->serial);
		break;
	case ALERT_DETECTED:
	case ALERT_ACKNOWLEDGED:
	case ALERT_RECOVERED:
	case ALERT_KINDS:
		snprintf(dst, ALERT_KEY, "%s/%s/%u", about, alert_kind_name(a->kind), a->serial);
		break;
	}
	return dst;
}

static unsigned bit(enum level l)
{
	return l == LEVEL_NONE ? 0 : 1u << l;
}

bool alert_concerns(const struct alert *a, unsigned levels)
{
	return (levels & (bit(a->level) | bit(a->before) | bit(a->worst))) != 0;
}

bool alert_is_end(const struct alert *a)
{
	return a->kind == ALERT_RECOVERED;
}

/* ---- words ---- */

static char *when(int64_t wall_ms, char *dst, size_t size)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;

	/* The reader of a chat may sit in another zone than this machine. */
	if (wall_ms == ALERT_NEVER || localtime_r(&s, &tm) == NULL ||
		strftime(dst, size, "%F %T %z", &tm) == 0)
		str_copy(dst, size, "-");
	return dst;
}

/* What it is about: "prod (INC-0007)". */
static void put_subject(const struct alert *a, char *dst, size_t size)
{
	char cluster[sizeof(a->cluster) * 4];

	text_safe(cluster, sizeof(cluster), a->cluster, strlen(a->cluster));
	snprintf(dst, size, a->alias[0] ? "%s (%s)" : "%s", cluster, a->alias);
}

char *alert_headline(const struct alert *a, char *dst, size_t size)
{
	const char *level = level_word(a->level);
	char about[sizeof(a->cluster) * 4 + 32], title[600], who[256];
	bool respond = str_eq(a->clock, "respond");

	put_subject(a, about, sizeof(about));
	text_safe(title, sizeof(title), a->title, strlen(a->title));
	text_safe(who, sizeof(who), a->who, strlen(a->who));
	switch (a->kind) {
	case ALERT_DETECTED:
		snprintf(dst, size, _("%s in %s: %s"), level, about, title);
		break;
	case ALERT_LEVEL:
		snprintf(dst, size, _("%s, was %s, in %s: %s"), level, level_word(a->before), about,
			title);
		break;
	case ALERT_ACKNOWLEDGED:
		if (who[0])
			snprintf(dst, size, _("%s in %s acknowledged by %s: %s"), level, about, who,
				title);
		else
			snprintf(dst, size, _("%s in %s acknowledged: %s"), level, about, title);
		break;
	case ALERT_WARNING:
		snprintf(dst, size,
			respond ? _("%s in %s: %d%% of the time to respond is used: %s")
				: _("%s in %s: %d%% of the time to recover is used: %s"),
			level, about, a->percent, title);
		break;
	case ALERT_BREACH:
		snprintf(dst, size,
			respond ? _("%s in %s: not acknowledged in time: %s")
				: _("%s in %s: not recovered in time: %s"),
			level, about, title);
		break;
	case ALERT_RECOVERED:
		snprintf(dst, size, _("%s in %s recovered: %s"), level, about, title);
		break;
	case ALERT_KINDS:
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

	if (wall_ms != ALERT_NEVER)
		put_line(b, label, when(wall_ms, at, sizeof(at)));
}

char *alert_text(const struct alert *a, char dst[ALERT_TEXT])
{
	bool over = alert_is_end(a);
	char line[ALERT_TEXT];
	struct buf b;

	buf_init(&b, (size_t)8 * ALERT_TEXT);
	buf_puts(&b, alert_headline(a, line, sizeof(line)));
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
	str_copy(dst, ALERT_TEXT, buf_text(&b));
	buf_done(&b);
	return dst;
}
