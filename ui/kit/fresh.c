/* Old data are shown, always with their age and the reason. The age of live data runs on BOOTTIME;
 * what an earlier run saved can only be told by the wall. */
#include "ui/kit/fresh.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"

bool fresh_is_live(const struct source *src)
{
	return (src->state == SOURCE_LIVE || src->state == SOURCE_ABSENT) && !src->saved;
}

static char *with_error(const struct source *src, char *dst, size_t size)
{
	size_t n = strlen(dst);

	if (src->error[0] != '\0' && n < size)
		snprintf(dst + n, size - n, ": %s", gettext(src->error));
	return dst;
}

char *fresh_note(const struct source *src, struct instant now, char *dst, size_t size)
{
	char age[SHOW_SIZE];
	int64_t age_ms = instant_age_ms(src->good, now);

	str_copy(dst, size, "");
	if (src->saved) {
		snprintf(dst, size, _("saved %s ago"),
			show_age(now.wall_ms > src->good.wall_ms ? now.wall_ms - src->good.wall_ms
								 : 0,
				age, sizeof(age)));
		return with_error(src, dst, size);
	}
	switch (src->state) {
	case SOURCE_LIVE:
	case SOURCE_ABSENT:
		return dst;
	case SOURCE_NEVER:
		if (src->error[0] != '\0') {
			str_copy(dst, size, _("no data yet"));
			return with_error(src, dst, size);
		}
		str_copy(dst, size, _("loading..."));
		return dst;
	case SOURCE_LOADING:
		str_copy(dst, size, _("loading..."));
		return with_error(src, dst, size);
	case SOURCE_STALE:
		break;
	}
	snprintf(dst, size, _("stale %s"), show_age(age_ms, age, sizeof(age)));
	return with_error(src, dst, size);
}

void fresh_head(
	const struct source *src, struct instant now, char *dst, size_t size, enum role *role)
{
	char note[300];
	size_t n = strlen(dst);

	fresh_note(src, now, note, sizeof(note));
	if (note[0] == '\0' || n >= size)
		return;
	snprintf(dst + n, size - n, "%s%s", n > 0 ? _(", ") : "", note);
	*role = ROLE_STALE;
}

char *fresh_empty(const struct source *src, bool filtered, const char *none, char *dst, size_t size)
{
	if (filtered) {
		str_copy(dst, size, _("nothing matches the filter"));
		return dst;
	}
	switch (src->state) {
	case SOURCE_NEVER:
	case SOURCE_LOADING:
		str_copy(dst, size, src->error[0] != '\0' ? _("no data yet") : _("loading..."));
		return with_error(src, dst, size);
	case SOURCE_LIVE:
	case SOURCE_STALE:
	case SOURCE_ABSENT:
		break;
	}
	str_copy(dst, size, none);
	return dst;
}
