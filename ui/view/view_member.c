/* An etcd member in words: what its row and its page have in common. */
#include "ui/view/view_member.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "ui/kit/show.h"

const char *member_role(const struct etcd_member *m)
{
	if (m->learner)
		return _("learner");
	if (m->health == ETCD_UNKNOWN || m->health == ETCD_SILENT || m->health == ETCD_DOWN)
		return "-";
	return m->leader ? _("leader") : _("follower");
}

enum role member_health(const struct etcd_member *m, struct instant now, char *dst, size_t size)
{
	int64_t silent_ms = instant_age_ms(m->silent_since, now);
	char age[SHOW_SIZE];

	if (m->foreign || m->rolled_back) {
		str_copy(dst, size, m->foreign ? _("split brain") : _("rolled back"));
		return ROLE_BAD;
	}
	str_copy(dst, size, gettext(etcd_health_word(m->health)));
	if (!etcd_answers(m) && m->health != ETCD_UNKNOWN && silent_ms >= 0)
		snprintf(dst, size, "%s %s", gettext(etcd_health_word(m->health)),
			show_age(silent_ms, age, sizeof(age)));
	if (m->health == ETCD_HEALTHY)
		return ROLE_OK;
	return m->health == ETCD_UNKNOWN ? ROLE_DIM : ROLE_BAD;
}

char *member_alarms(unsigned alarms, char *dst, size_t size)
{
	snprintf(dst, size, "%s%s%s", alarms & ETCD_ALARM_NOSPACE ? "NOSPACE" : "",
		(alarms & ETCD_ALARM_NOSPACE) && (alarms & ETCD_ALARM_CORRUPT) ? "," : "",
		alarms & ETCD_ALARM_CORRUPT ? "CORRUPT" : "");
	return dst;
}
