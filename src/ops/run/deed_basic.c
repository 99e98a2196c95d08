/* Deeds that touch nothing. */
#include <poll.h>

#include "base/i18n.h"
#include "run_parts.h"

int deed_wait(struct run_call *c, struct err *e)
{
	struct pollfd cancel = {.fd = c->cancel_fd, .events = POLLIN};
	int64_t ms = run_call_span(c, "for", 0);

	if (poll(&cancel, c->cancel_fd >= 0, (int)ms) != 0)
		return err_set(e, ERR_CANCELLED, _("it was told to leave off"));
	return 0;
}

int deed_by_hand(struct run_call *c, struct err *e)
{
	(void)c;
	(void)e;
	return 0;
}
