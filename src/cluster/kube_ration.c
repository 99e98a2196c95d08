/* One row for each server there is, found by its address; the one not asked for longest gives its
 * place to a new one. Moments are milliseconds of BOOTTIME, 0 for never. */
#include "cluster/kube_ration.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/mem.h"
#include "base/str.h"

#define SERVERS    40
#define FIRST_MS   500  /* a connection that broke is soon made anew */
#define NEXT_MS    2000 /* then the rest doubles */
#define LONGEST_MS 60000

struct ration {
	int64_t listed_ms, before_ms; /* the last list's begin, and the one's before */
	int64_t whole_ms;             /* the last one's end */
	int64_t failed_ms, rest_ms;   /* the last failure; when what failed may be tried again */
	unsigned failures;            /* in a row */
};

struct server {
	char label[80];
	uint64_t used; /* the last use's number; 0: free */
	int64_t held_ms;
	struct ration kinds[SOURCE_COUNT];
};

struct kube_rations {
	pthread_mutex_t lock;
	int64_t floor_ms;
	uint64_t uses;
	char balancer[80];
	struct {
		char version[64];
		int64_t left_ms;
	} left[SOURCE_COUNT]; /* by the last watch of each kind that ended */
	struct server servers[SERVERS];
};

struct kube_rations *kube_rations_new(void)
{
	struct kube_rations *r = mem_new(struct kube_rations);

	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void kube_rations_free(struct kube_rations *r)
{
	if (r == NULL)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void kube_rations_set_floor(struct kube_rations *r, int64_t floor_ms)
{
	pthread_mutex_lock(&r->lock);
	r->floor_ms = floor_ms;
	pthread_mutex_unlock(&r->lock);
}

/* With the lock held. */
static struct server *server_of(struct kube_rations *r, const char *label)
{
	struct server *found = &r->servers[0];

	for (size_t i = 0; i < SERVERS; i++) {
		if (str_eq(r->servers[i].label, label)) {
			found = &r->servers[i];
			break;
		}
		if (r->servers[i].used < found->used)
			found = &r->servers[i];
	}
	if (!str_eq(found->label, label)) {
		memset(found, 0, sizeof(*found));
		str_copy(found->label, sizeof(found->label), label);
	}
	found->used = ++r->uses;
	return found;
}

void kube_rations_forget(struct kube_rations *r)
{
	pthread_mutex_lock(&r->lock);
	memset(r->servers, 0, sizeof(r->servers));
	memset(r->left, 0, sizeof(r->left));
	pthread_mutex_unlock(&r->lock);
}

void kube_rations_set_balancer(struct kube_rations *r, const char *server)
{
	pthread_mutex_lock(&r->lock);
	str_copy(r->balancer, sizeof(r->balancer), server);
	pthread_mutex_unlock(&r->lock);
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When the server was last listed, by whichever way. With the lock held. */
static int64_t last_list_ms(
	const struct kube_rations *r, const struct server *s, enum source_id kind)
{
	int64_t ms = s->kinds[kind].listed_ms;
	bool balancer = str_eq(s->label, r->balancer);

	for (size_t i = 0; i < SERVERS && r->balancer[0] != '\0'; i++)
		if (balancer || str_eq(r->servers[i].label, r->balancer))
			ms = later(ms, r->servers[i].kinds[kind].whole_ms);
	return ms;
}

int64_t kube_ration_wait_ms(struct kube_rations *r, const char *server, enum source_id kind,
	bool list, struct instant now)
{
	const struct ration *x;
	struct server *s;
	int64_t until, listed;

	pthread_mutex_lock(&r->lock);
	s = server_of(r, server);
	x = &s->kinds[kind];
	until = later(s->held_ms, x->rest_ms);
	listed = last_list_ms(r, s, kind);
	if (list && listed != 0)
		until = later(until, listed + r->floor_ms);
	pthread_mutex_unlock(&r->lock);
	return until > now.boot_ms ? until - now.boot_ms : 0;
}

void kube_ration_listed(
	struct kube_rations *r, const char *server, enum source_id kind, struct instant now)
{
	struct ration *x;

	pthread_mutex_lock(&r->lock);
	x = &server_of(r, server)->kinds[kind];
	x->before_ms = x->listed_ms;
	x->listed_ms = now.boot_ms;
	pthread_mutex_unlock(&r->lock);
}

void kube_ration_whole(
	struct kube_rations *r, const char *server, enum source_id kind, struct instant now)
{
	pthread_mutex_lock(&r->lock);
	server_of(r, server)->kinds[kind].whole_ms = now.boot_ms;
	pthread_mutex_unlock(&r->lock);
}

void kube_ration_spared(struct kube_rations *r, const char *server, enum source_id kind)
{
	struct ration *x;

	pthread_mutex_lock(&r->lock);
	x = &server_of(r, server)->kinds[kind];
	x->listed_ms = x->before_ms;
	pthread_mutex_unlock(&r->lock);
}

void kube_ration_failed(struct kube_rations *r, const char *server, enum source_id kind,
	int64_t least_ms, struct instant now)
{
	struct ration *x;
	int64_t ms = NEXT_MS;

	pthread_mutex_lock(&r->lock);
	x = &server_of(r, server)->kinds[kind];
	for (unsigned i = 1; i < x->failures && ms < LONGEST_MS; i++)
		ms *= 2;
	if (x->failures++ == 0)
		ms = FIRST_MS;
	ms = ms < LONGEST_MS ? ms : LONGEST_MS;
	x->failed_ms = now.boot_ms;
	x->rest_ms = now.boot_ms + chance_spread_ms(later(ms, least_ms));
	pthread_mutex_unlock(&r->lock);
}

void kube_ration_worked(struct kube_rations *r, const char *server, enum source_id kind)
{
	struct ration *x;

	pthread_mutex_lock(&r->lock);
	x = &server_of(r, server)->kinds[kind];
	x->failures = 0;
	x->rest_ms = 0;
	pthread_mutex_unlock(&r->lock);
}

void kube_ration_wake(struct kube_rations *r, const char *server, enum source_id kind,
	int64_t after_ms, struct instant now)
{
	int64_t spread = chance_spread_ms(after_ms);
	struct ration *x;

	pthread_mutex_lock(&r->lock);
	x = &server_of(r, server)->kinds[kind];
	if (x->rest_ms > x->failed_ms + spread)
		x->rest_ms = later(x->failed_ms + spread, now.boot_ms);
	pthread_mutex_unlock(&r->lock);
}

void kube_ration_leave(
	struct kube_rations *r, enum source_id kind, const char *version, struct instant now)
{
	pthread_mutex_lock(&r->lock);
	str_copy(r->left[kind].version, sizeof(r->left[kind].version), version);
	r->left[kind].left_ms = now.boot_ms;
	pthread_mutex_unlock(&r->lock);
}

bool kube_ration_resume(
	struct kube_rations *r, enum source_id kind, char *version, size_t size, struct instant now)
{
	bool fresh;

	pthread_mutex_lock(&r->lock);
	fresh = r->left[kind].version[0] != '\0' &&
		now.boot_ms - r->left[kind].left_ms <= r->floor_ms;
	if (fresh)
		str_copy(version, size, r->left[kind].version);
	r->left[kind].version[0] = '\0';
	pthread_mutex_unlock(&r->lock);
	return fresh;
}

void kube_ration_hold(struct kube_rations *r, const char *server, int64_t ms, struct instant now)
{
	struct server *s;

	if (ms <= 0)
		return;
	pthread_mutex_lock(&r->lock);
	s = server_of(r, server);
	s->held_ms = later(s->held_ms, now.boot_ms + chance_spread_ms(ms));
	pthread_mutex_unlock(&r->lock);
}

int64_t kube_ration_held_ms(struct kube_rations *r, const char *server, struct instant now)
{
	int64_t left;

	pthread_mutex_lock(&r->lock);
	left = server_of(r, server)->held_ms - now.boot_ms;
	pthread_mutex_unlock(&r->lock);
	return left > 0 ? left : 0;
}
