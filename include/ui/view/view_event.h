/* What every list of events says alike. UI thread. */
#ifndef UI_VIEW_VIEW_EVENT_H
#define UI_VIEW_VIEW_EVENT_H

#include <stddef.h>

#include "model/event.h"

char *event_object(const struct event_row *e, char *dst, size_t size); /* "pod/etcd-m1" */

#endif
