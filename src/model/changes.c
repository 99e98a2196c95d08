/* The kinds of changes, in words. */
#include "model/changes.h"

#include "base/i18n.h"

static const char *const titles[] = {
	[ALTERED_IMAGE] = N_("image"),
	[ALTERED_ROLLOUT] = N_("rollout"),
	[ALTERED_SCALED] = N_("scaled"),
	[ALTERED_EDITED] = N_("edited"),
	[ALTERED_CREATED] = N_("created"),
	[ALTERED_DELETED] = N_("deleted"),
	[ALTERED_FILE] = N_("file"),
};

const char *alteration_title(enum alteration_kind k)
{
	return (unsigned)k <= ALTERED_FILE ? titles[k] : "";
}
