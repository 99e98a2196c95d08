/* The gate knows no deed: whoever does one asks here first, with the cluster it was asked for. */
#include "model/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "model/snapshot.h"

void cluster_mark_of(const struct snapshot *s, struct cluster_mark *out)
{
	str_copy(out->uid, sizeof(out->uid), s->uid);
	str_copy(out->authority, sizeof(out->authority), s->authority);
}

static enum gate judge_cluster(
	const struct cluster_mark *asked, const struct cluster_mark *now, char why[GATE_WHY])
{
	char was[80], is[80];

	if (asked->uid[0] != '\0' && now->uid[0] != '\0') {
		if (str_eq(asked->uid, now->uid))
			return GATE_OPEN;
		text_safe(was, sizeof(was), asked->uid, strlen(asked->uid));
		text_safe(is, sizeof(is), now->uid, strlen(now->uid));
		snprintf(why, GATE_WHY,
			_("this is not the cluster it was asked for: its uid was %s and is %s"),
			was, is);
		return GATE_OTHER_CLUSTER;
	}
	if (asked->authority[0] == '\0' || now->authority[0] == '\0') {
		str_copy(why, GATE_WHY,
			_("nothing tells which cluster this is: no server says its uid, and no "
			  "certificate authority proves it"));
		return GATE_UNPROVEN;
	}
	if (str_eq(asked->authority, now->authority))
		return GATE_OPEN;
	str_copy(why, GATE_WHY,
		_("this is not the cluster it was asked for: another certificate authority is "
		  "trusted now"));
	return GATE_OTHER_CLUSTER;
}

enum gate gate_judge(bool read_only, const struct cluster_mark *asked,
	const struct cluster_mark *now, char why[GATE_WHY])
{
	why[0] = '\0';
	if (!read_only)
		return judge_cluster(asked, now, why);
	str_copy(why, GATE_WHY, _("this console changes nothing: it was started with --read-only"));
	return GATE_READ_ONLY;
}
