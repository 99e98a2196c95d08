/* What changed, from three witnesses: rows that differ from those they replace, the times objects
 * carry themselves (managedFields), and the times of the files that make the control plane. */
#include "ops/watch/change_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

#define LEAD_MS (15 * 60000LL) /* a bad change shows some minutes later */
#define DAY_MS  (24 * 3600000LL)

static bool is_there(const struct change_log *log, int64_t at_ms, const char *what)
{
	for (size_t i = 0; i < log->n; i++)
		if (log->at[i].at_ms == at_ms && str_eq(log->at[i].what, what))
			return true;
	return false;
}

static void add(struct change_log *log, const struct alteration *c)
{
	size_t i = 0;

	if (c->at_ms <= 0 || is_there(log, c->at_ms, c->what))
		return;
	while (i < log->n && log->at[i].at_ms > c->at_ms)
		i++;
	if (i == CHANGE_LOG_KEEP)
		return;
	if (log->n < CHANGE_LOG_KEEP)
		log->n++;
	memmove(&log->at[i + 1], &log->at[i], (log->n - i - 1) * sizeof(log->at[0]));
	log->at[i] = *c;
}

static void say(struct alteration *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct alteration *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
	str_mend(c->text);
}

static void say_editor(struct alteration *c, const char *editor)
{
	if (editor[0] != '\0')
		say(c, _("by %s"), editor);
}

/* What is different; false when nothing an operator did is. */
static bool compare(
	struct alteration *c, const struct workload_row *old, const struct workload_row *fresh)
{
	if (!str_eq(old->images, fresh->images)) {
		c->kind = ALTERED_IMAGE;
		say(c, "%.70s → %.70s", old->images, fresh->images);
	} else if (!str_eq(old->revision, fresh->revision)) {
		c->kind = ALTERED_ROLLOUT;
		say(c, "%.60s → %.60s", old->revision, fresh->revision);
	} else if (old->desired != fresh->desired && fresh->type != WORKLOAD_DAEMONSET) {
		c->kind = ALTERED_SCALED;
		say(c, "%d → %d", old->desired, fresh->desired);
	} else if (old->generation != fresh->generation) {
		c->kind = ALTERED_EDITED;
		say_editor(c, fresh->editor);
	} else {
		return false;
	}
	return true;
}

void change_log_workload(struct change_log *log, const struct workload_row *old,
	const struct workload_row *fresh, bool listed, int64_t wall_ms)
{
	const struct workload_row *w = fresh != NULL ? fresh : old;
	struct alteration c = {.at_ms = wall_ms};

	if (w == NULL)
		return;
	snprintf(c.what, sizeof(c.what), "%s %.50s/%.50s",
		workload_type_name((enum workload_type)w->type), w->ns, w->name);
	if (fresh == NULL) {
		c.kind = ALTERED_DELETED;
	} else if (old == NULL && listed) {
		c.kind = ALTERED_EDITED;
		c.at_ms = fresh->edited_ms;
		say_editor(&c, fresh->editor);
	} else if (old == NULL) {
		c.kind = ALTERED_CREATED;
		say(&c, "%.150s", fresh->images);
	} else if (!compare(&c, old, fresh)) {
		return;
	}
	add(log, &c);
}

void change_log_config_map(struct change_log *log, const struct config_map_row *old,
	const struct config_map_row *fresh)
{
	struct alteration c = {.kind = ALTERED_EDITED, .at_ms = fresh->edited_ms};

	if (old != NULL && old->edited_ms == fresh->edited_ms)
		return;
	snprintf(c.what, sizeof(c.what), "ConfigMap %.50s/%.60s", fresh->ns, fresh->name);
	say_editor(&c, fresh->editor);
	add(log, &c);
}

static int64_t time_in(const struct host_report *r, const char *path)
{
	for (size_t i = 0; r != NULL && i < r->n_files; i++)
		if (str_eq(r->files[i].path, path))
			return r->files[i].changed_ms;
	return 0;
}

void change_log_files(struct change_log *log, const char *node, const struct host_report *old,
	const struct host_report *fresh)
{
	for (size_t i = 0; i < fresh->n_files; i++) {
		struct alteration c = {.kind = ALTERED_FILE, .at_ms = fresh->files[i].changed_ms};

		if (time_in(old, fresh->files[i].path) == c.at_ms)
			continue;
		snprintf(c.what, sizeof(c.what), "%.40s %.80s", node, fresh->files[i].path);
		add(log, &c);
	}
}

void change_log_fill(const struct change_log *log, struct changes *out, int64_t wall_ms)
{
	out->n = 0;
	out->since_healthy = log->healthy_ms > 0;
	out->since_ms = out->since_healthy ? log->healthy_ms - LEAD_MS : wall_ms - DAY_MS;
	for (size_t i = 0; i < log->n && out->n < CHANGES_SHOWN; i++)
		if (log->at[i].at_ms >= out->since_ms)
			out->at[out->n++] = log->at[i];
}
