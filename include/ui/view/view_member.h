/* What the etcd pane and a member's detail say alike. UI thread. */
#ifndef UI_VIEW_VIEW_MEMBER_H
#define UI_VIEW_VIEW_MEMBER_H

#include <stddef.h>

#include "model/etcd_state.h"
#include "ui/kit/canvas.h"

const char *member_role(const struct etcd_member *m); /* translated */
/* "healthy", "down 3m12s", "split brain": translated; gives its role. */
enum role member_health(const struct etcd_member *m, struct instant now, char *dst, size_t size);
/* "NOSPACE,CORRUPT"; 32 bytes are enough */
char *member_alarms(unsigned alarms, char *dst, size_t size);

#endif
