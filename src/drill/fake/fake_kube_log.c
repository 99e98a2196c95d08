/* A pod's log as the API server fetches it from the kubelet: whole, a tail, the
 * previous container's, or followed line by line. */
#include "fake_kube_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LOG_LINES_MAX = 5000, LOG_BYTES_MAX = 8 << 20 };

struct follower {
	struct fake_kube *kube;
	struct exchange *x;
	char ns[64], name[80];
	uint64_t number; /* of the pod: its successor is another */
	int restarts;
	bool stamps;
	int64_t next_wall_ms;
	struct follower *next;
};

static void follower_drop(struct follower *f)
{
	for (struct follower **at = &f->kube->followers; *at != NULL; at = &(*at)->next)
		if (*at == f) {
			*at = f->next;
			break;
		}
	free(f);
}

static void follower_gone(void *arg)
{
	follower_drop(arg);
}

static void add_line(const struct world *w, const struct sim_pod *p, bool previous, bool stamps,
	int64_t at_ms, struct buf *out)
{
	char stamp[32];

	if (stamps) {
		instant_rfc3339(at_ms, stamp, sizeof(stamp));
		buf_fmt(out, "%.19s.%03d417123Z ", stamp, (int)(at_ms % 1000));
	}
	log_line(w, p, previous, at_ms, out);
	buf_putc(out, '\n');
}

static int64_t query_int(const struct exchange *x, const char *key, int64_t otherwise)
{
	char text[24];
	int64_t value;

	return exchange_query(x, key, text, sizeof(text)) && str_i64(text, &value) && value >= 0
		       ? value
		       : otherwise;
}

/* 0 when there is a log to give; else answered. */
static int log_refused(
	struct fake_kube *k, struct exchange *x, const struct route *r, const struct sim_pod *p)
{
	const struct machine *m;
	char container[80] = "";
	const char *own;

	if (p == NULL) {
		kube_not_found(x, r);
		return -1;
	}
	own = p->of->kind == WORK_STATIC ? container_name(p->of->container) : p->of->name;
	if (exchange_query(x, "container", container, sizeof(container)) && container[0] != '\0' &&
		strcmp(container, own) != 0) {
		kube_status(x, 400, "BadRequest", NULL, "container %s is not valid for pod %s",
			container, p->name);
		return -1;
	}
	if (p->state == SIM_PENDING || p->state == SIM_CREATING) {
		kube_status(x, 400, "BadRequest", NULL,
			"container \"%s\" in pod \"%s\" is waiting to start: ContainerCreating",
			own, p->name);
		return -1;
	}
	if (exchange_query_true(x, "previous") && p->restarts == 0) {
		kube_status(x, 400, "BadRequest", NULL,
			"previous terminated container \"%s\" in pod \"%s\" not found", own,
			p->name);
		return -1;
	}
	m = &k->world->machines[p->node];
	if (!world_unit_up(m, UNIT_KUBELET) ||
		!world_reach(k->world, m, &k->world->machines[WORLD_LB])) {
		kube_status(x, 500, NULL, "{}",
			"Get \"https://%s:10250/containerLogs/%s/%s/%s\": dial tcp %s:10250: "
			"connect: %s",
			m->address, p->of->ns, p->name, own, m->address,
			m->off ? "no route to host" : "connection refused");
		return -1;
	}
	return 0;
}

void kube_log(struct fake_kube *k, struct exchange *x, const struct route *r)
{
	const struct sim_pod *p = pods_find(k->world, r->ns, r->name);
	bool previous = exchange_query_true(x, "previous"),
	     stamps = exchange_query_true(x, "timestamps");
	int64_t now = k->world->now.wall_ms, step, tail, from, to;
	struct buf out;
	struct follower *f;

	if (log_refused(k, x, r, p) != 0)
		return;
	step = log_interval_ms(p);
	to = previous || p->state == SIM_WAITING || p->state == SIM_DONE ? p->finished_wall_ms
									 : now;
	from = to - step * query_int(x, "tailLines", LOG_LINES_MAX);
	tail = now - query_int(x, "sinceSeconds", 1 << 30) * 1000;
	from = from < tail ? tail : from;
	if (!previous && p->state == SIM_RUNNING && from < p->started_wall_ms)
		from = p->started_wall_ms;
	if (from < to - step * LOG_LINES_MAX)
		from = to - step * LOG_LINES_MAX;
	buf_init(&out, LOG_BYTES_MAX);
	for (int64_t at = (from / step + 1) * step; at <= to; at += step)
		add_line(k->world, p, previous, stamps, at, &out);
	exchange_head(x, 200, "text/plain");
	exchange_send(x, buf_text(&out), out.len);
	buf_done(&out);
	if (!exchange_query_true(x, "follow") || previous) {
		exchange_end(x);
		return;
	}
	f = mem_new(struct follower);
	*f = (struct follower){k, x, .number = p->number, .restarts = p->restarts, .stamps = stamps,
		.next_wall_ms = (now / step + 1) * step, .next = k->followers};
	str_copy(f->ns, sizeof(f->ns), r->ns);
	str_copy(f->name, sizeof(f->name), r->name);
	k->followers = f;
	exchange_on_gone(x, follower_gone, f);
}

static void follower_end(struct follower *f)
{
	struct exchange *x = f->x;

	exchange_on_gone(x, NULL, NULL);
	follower_drop(f);
	exchange_end(x);
}

static void follower_tick(struct follower *f)
{
	const struct world *w = f->kube->world;
	const struct sim_pod *p = pods_find(w, f->ns, f->name);
	struct buf out;
	int rc;

	if (p == NULL || p->number != f->number || p->restarts != f->restarts) {
		follower_end(f);
		return;
	}
	if (p->state != SIM_RUNNING || f->next_wall_ms > w->now.wall_ms)
		return;
	buf_init(&out, LOG_BYTES_MAX);
	for (; f->next_wall_ms <= w->now.wall_ms; f->next_wall_ms += log_interval_ms(p))
		add_line(w, p, false, f->stamps, f->next_wall_ms, &out);
	rc = exchange_send(f->x, buf_text(&out), out.len);
	buf_done(&out);
	if (rc != 0)
		follower_end(f);
}

void kube_log_tick(struct fake_kube *k)
{
	struct follower *next;

	for (struct follower *f = k->followers; f != NULL; f = next) {
		next = f->next;
		follower_tick(f);
	}
}
