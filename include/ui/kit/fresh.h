/* How fresh a pane's data are, in words: what stands beside the title and in an empty pane. UI
 * thread. */
#ifndef UI_KIT_FRESH_H
#define UI_KIT_FRESH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/instant.h"
#include "model/source.h"
#include "ui/kit/canvas.h"

bool fresh_is_live(const struct source *src); /* rows of any other are painted ROLE_STALE */
/* "", "loading...", "stale 3m12s: connection refused", "saved 2h ago" */
char *fresh_note(const struct source *src, struct instant now, char *dst, size_t size);
/* Appends the note to a head's text; a note makes the role ROLE_STALE. */
void fresh_head(
	const struct source *src, struct instant now, char *dst, size_t size, enum role *role);
/* The sentence for a pane without rows: why. `none` (translated) is for a live source that simply
 * has nothing. */
char *fresh_empty(
	const struct source *src, bool filtered, const char *none, char *dst, size_t size);

#endif
