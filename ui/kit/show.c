/* How numbers, times and probes are written. Short forms, because columns are narrow; one unit per
 * value, because an eye that compares rows should not have to add. */
#include "ui/kit/show.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/str.h"
#include "model/lease.h"

#define COUNTED_MS    120000
#define LISTS_NAMED   3    /* of those that are not live */
#define LIST_GRACE_MS 3000 /* a watch that is taken up again elsewhere is no news */

static char *unknown(char *dst, size_t size)
{
	str_copy(dst, size, "-");
	return dst;
}

char *show_age(int64_t age_ms, char *dst, size_t size)
{
	return instant_age(age_ms, dst, size);
}

char *show_since(int64_t wall_ms, struct instant now, char *dst, size_t size)
{
	if (wall_ms == INT64_MIN || wall_ms == 0)
		return unknown(dst, size);
	return instant_age(wall_ms < now.wall_ms ? now.wall_ms - wall_ms : 0, dst, size);
}

char *show_bytes(int64_t bytes, char *dst, size_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)bytes;
	size_t u = 0;

	if (bytes < 0)
		return unknown(dst, size);
	while (value >= 1000 && u + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		u++;
	}
	snprintf(dst, size, u > 0 && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[u]);
	return dst;
}

char *show_latency(int64_t us, char *dst, size_t size)
{
	if (us < 0)
		return unknown(dst, size);
	if (us < 9950)
		snprintf(dst, size, "%.1fms", (double)us / 1e3);
	else if (us < 999500)
		snprintf(dst, size, "%.0fms", (double)us / 1e3);
	else
		snprintf(dst, size, us < 9950000 ? "%.1fs" : "%.0fs", (double)us / 1e6);
	return dst;
}

char *show_cpu(int64_t milli, char *dst, size_t size)
{
	if (milli < 0)
		return unknown(dst, size);
	if (milli < 1000)
		snprintf(dst, size, "%dm", (int)milli);
	else
		snprintf(dst, size, milli % 1000 != 0 && milli < 100000 ? "%.1f" : "%.0f",
			(double)milli / 1e3);
	return dst;
}

int show_permille(int64_t part, int64_t whole)
{
	double share;

	if (part < 0 || whole <= 0)
		return -1;
	share = (double)part / (double)whole * 1000;
	return share > 9990 ? 9990 : (int)(share + 0.5);
}

char *show_percent(int64_t part, int64_t whole, char *dst, size_t size)
{
	int permille = show_permille(part, whole);

	if (permille < 0)
		return unknown(dst, size);
	snprintf(dst, size, "%d%%", (permille + 5) / 10);
	return dst;
}

char *show_moment(int64_t wall_ms, char *dst, size_t size)
{
	return wall_ms == INT64_MIN || wall_ms == 0 ? unknown(dst, size)
						    : instant_local(wall_ms, dst, size);
}

int64_t show_lease_ms(const struct snapshot *s, const char *node, struct instant now)
{
	const struct lease_row *l = snapshot_lease(s, "kube-node-lease", node);
	const struct source *src = &s->sources[SOURCE_NODE_LEASES];

	if (l == NULL || src->saved)
		return -1;
	return instant_age_ms(l->seen, src->state == SOURCE_LIVE ? now : src->good);
}

enum role show_lease_role(int64_t age_ms)
{
	if (age_ms < 0)
		return ROLE_DIM;
	return age_ms >= LEASE_STALE_MS ? ROLE_BAD : ROLE_TEXT;
}

static const struct {
	const char *sign;
	enum role role;
} probe_looks[] = {
	[PROBE_NEVER] = {".", ROLE_DIM},
	[PROBE_SKIPPED] = {"-", ROLE_DIM},
	[PROBE_OK] = {"ok", ROLE_OK},
	[PROBE_WARN] = {"!", ROLE_WARN},
	[PROBE_SILENT] = {"?", ROLE_BAD},
	[PROBE_FAILED] = {"x", ROLE_BAD},
};

const char *show_sign(const struct probe *p)
{
	return probe_looks[p->state].sign;
}

enum role show_probe_role(const struct probe *p)
{
	return probe_looks[p->state].role;
}

/* Seconds for as long as someone may be counting along. */
static char *silence(int64_t ms, bool down, char *dst, size_t size)
{
	char age[SHOW_SIZE];

	if (ms < COUNTED_MS)
		snprintf(dst, size,
			down ? _("down, no answer for %lld s") : _("no answer for %lld s"),
			(long long)(ms / 1000));
	else
		snprintf(dst, size, down ? _("down, no answer for %s") : _("no answer for %s"),
			show_age(ms, age, sizeof(age)));
	return dst;
}

char *show_probe(const struct probe *p, struct instant now, char *dst, size_t size)
{
	/* What a probe says when it has nothing more to tell. */
	static const char *const plain[] = {
		[PROBE_NEVER] = N_("not asked yet"),
		[PROBE_SKIPPED] = N_("not visible from here"),
		[PROBE_OK] = N_("ok"),
		[PROBE_WARN] = N_("warning"),
		[PROBE_SILENT] = N_("no answer"),
		[PROBE_FAILED] = N_("failed"),
	};
	int64_t bad_ms = instant_age_ms(p->since, now);

	if (probe_is_bad(p) && bad_ms >= 0 && (p->state == PROBE_SILENT || p->text[0] == '\0'))
		return silence(bad_ms, p->state == PROBE_FAILED, dst, size);
	str_copy(dst, size, p->text[0] != '\0' ? gettext(p->text) : gettext(plain[p->state]));
	return dst;
}

char *show_broken(const struct layer_board *b, struct instant now, char *dst, size_t size)
{
	const struct probe *p = layer_first_probe(b);
	const char *title;
	char what[200];

	str_copy(dst, size, "");
	if (p == NULL)
		return dst;
	title = gettext(layer_title(b->first));
	show_probe(p, now, what, sizeof(what));
	if (b->first_node >= 0)
		snprintf(dst, size, "%s %s: %s", b->nodes[b->first_node].name, title, what);
	else if (b->first == LAYER_LOAD_BALANCER && b->load_balancer_name[0] != '\0')
		snprintf(dst, size, "%s %s: %s", title, b->load_balancer_name, what);
	else
		snprintf(dst, size, "%s: %s", title, what);
	return dst;
}

/* What the console knows of the cluster by lists; the metrics server is a guest of it. */
static bool is_list(enum source_id id)
{
	return id <= SOURCE_CONFIG_MAPS && id != SOURCE_USAGE;
}

static bool is_known(const struct source *src, struct instant now)
{
	if (src->saved)
		return false;
	return src->state == SOURCE_LIVE || src->state == SOURCE_ABSENT ||
	       (src->state == SOURCE_STALE && instant_age_ms(src->good, now) < LIST_GRACE_MS);
}

char *show_unbroken(
	const struct snapshot *s, struct instant now, char *dst, size_t size, enum role *role)
{
	const char *well = s->layers.n > 0 ? _("control plane ok") : _("the API answers");
	struct names unknown = {0};
	const char *why = "";
	char which[NAMES_ROOM + 40];

	for (int id = 0; id < SOURCE_COUNT; id++) {
		const struct source *src = &s->sources[id];

		if (!is_list((enum source_id)id) || is_known(src, now))
			continue;
		if (unknown.n < LISTS_NAMED)
			names_add(&unknown, source_name((enum source_id)id));
		else
			unknown.n++;
		why = why[0] == '\0' ? src->error : why;
	}
	names_text(&unknown, which, sizeof(which));
	*role = unknown.n == 0 ? ROLE_OK : why[0] == '\0' ? ROLE_DIM : ROLE_WARN;
	if (unknown.n == 0)
		str_copy(dst, size, _("all layers ok"));
	else if (why[0] == '\0')
		snprintf(dst, size, _("%s; not listed yet: %s"), well, which);
	else
		snprintf(dst, size, _("%s; no live list of %s: %s"), well, which, gettext(why));
	return dst;
}
