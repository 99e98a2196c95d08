/* The lock over several nodes: one thread a node, and the majority counted afterwards. What could
 * not be asked counts as not ours: two halves of a partition each reach a majority of what they
 * reach, but only one can of what is known. */
#include "cluster/node_lock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "base/thread.h"
#include "cluster/node_deed.h"

enum node_lock_verdict node_lock_judge(
	const struct node_lock_seen *seen, size_t n_known, size_t *other)
{
	size_t ours = 0, others = 0, most = 0;

	*other = n_known;
	for (size_t i = 0; i < n_known; i++) {
		size_t same = 0;

		ours += seen[i].state == NODE_LOCK_OURS;
		if (seen[i].state != NODE_LOCK_OTHERS)
			continue;
		others++;
		for (size_t k = 0; k < n_known; k++)
			same += seen[k].state == NODE_LOCK_OTHERS &&
				strcmp(seen[k].holder.run, seen[i].holder.run) == 0;
		if (same > most) {
			most = same;
			*other = i;
		}
	}
	if (ours > n_known / 2) {
		*other = n_known;
		return NODE_LOCK_HELD;
	}
	if (others > 0)
		return NODE_LOCK_REFUSED;
	return ours > 0 ? NODE_LOCK_NO_MAJORITY : NODE_LOCK_UNREACHED;
}

static void safe_field(const struct node_answer *a, const char *key, char *out, size_t size)
{
	char raw[256];

	node_answer_get(a, key, raw, sizeof(raw));
	text_safe(out, size, raw, strlen(raw));
}

/* What a node said of its lock. */
static void read_seen(const struct node_answer *a, const struct node_lock_asked *asked,
	struct node_lock_seen *out)
{
	struct node_lock_holder *h = &out->holder;

	safe_field(a, "taken-over", out->taken_over, sizeof(out->taken_over));
	safe_field(a, "lock", h->run, sizeof(h->run));
	if (h->run[0] == '\0' || strcmp(h->run, "none") == 0) {
		h->run[0] = '\0';
		out->state = NODE_LOCK_FREE;
		return;
	}
	safe_field(a, "owner", h->owner, sizeof(h->owner));
	safe_field(a, "machine", h->machine, sizeof(h->machine));
	safe_field(a, "purpose", h->purpose, sizeof(h->purpose));
	h->since_ms = node_answer_number(a, "since", 0) * 1000;
	h->age_s = node_answer_number(a, "age", 0);
	h->left_s = node_answer_number(a, "left", 0);
	if (h->left_s <= 0)
		out->state = NODE_LOCK_FREE;
	else
		out->state = strcmp(h->run, asked->run) == 0 ? NODE_LOCK_OURS : NODE_LOCK_OTHERS;
}

struct errand {
	const char *deed;
	const struct node_call *call;
	const struct node_lock_asked *asked;
	struct node_lock_seen *seen;
	pthread_t thread;
	bool started;
};

static void run_errand(struct errand *r)
{
	const struct node_deed *d = node_deed_find(r->deed);
	const struct node_lock_asked *a = r->asked;
	char ttl[24];
	struct node_word words[] = {{"RUN", a->run}, {"OWNER", a->owner}, {"MACHINE", a->machine},
		{"PURPOSE", a->purpose}, {"TTL", ttl}};
	bool take = d->words[0].name != NULL;
	struct node_words w = {words, take ? sizeof(words) / sizeof(words[0]) : 1, NULL, 0, NULL};
	struct node_answer answer;

	snprintf(ttl, sizeof(ttl), "%lld", (long long)a->ttl_s);
	memset(r->seen, 0, sizeof(*r->seen));
	node_answer_init(&answer);
	if (node_deed_do(r->call, d, &w, &answer, &r->seen->why) == 0 || answer.exit == NODE_HELD) {
		read_seen(&answer, a, r->seen);
		err_clear(&r->seen->why);
	}
	node_answer_done(&answer);
}

static void *errand_main(void *arg)
{
	run_errand(arg);
	return NULL;
}

static void send_all(const char *deed, const struct node_call *calls, size_t n,
	const struct node_lock_asked *a, struct node_lock_seen *seen)
{
	struct errand errands[NODE_LOCK_MAX_NODES];

	assert(n <= NODE_LOCK_MAX_NODES);
	for (size_t i = 0; i < n; i++) {
		errands[i] = (struct errand){
			.deed = deed, .call = &calls[i], .asked = a, .seen = &seen[i]};
		errands[i].started = thread_start(&errands[i].thread, "k911-lock", errand_main,
					     &errands[i]) == 0;
		if (!errands[i].started)
			run_errand(&errands[i]); /* one after the other then */
	}
	for (size_t i = 0; i < n; i++)
		if (errands[i].started)
			pthread_join(errands[i].thread, NULL);
}

void node_locks_take(const struct node_call *calls, size_t n, const struct node_lock_asked *a,
	struct node_lock_seen *seen)
{
	send_all("lock-take", calls, n, a, seen);
}

void node_locks_release(const struct node_call *calls, size_t n, const struct node_lock_asked *a,
	struct node_lock_seen *seen)
{
	send_all("lock-release", calls, n, a, seen);
}

void node_locks_read(const struct node_call *calls, size_t n, const struct node_lock_asked *a,
	struct node_lock_seen *seen)
{
	send_all("lock-read", calls, n, a, seen);
}

enum node_lock_verdict node_locks_win(const struct node_call *calls, size_t n,
	const struct node_lock_asked *a, struct node_lock_seen *seen, size_t *other)
{
	struct node_lock_seen after[NODE_LOCK_MAX_NODES];
	enum node_lock_verdict v;

	node_locks_take(calls, n, a, seen);
	v = node_lock_judge(seen, n, other);
	if (v == NODE_LOCK_REFUSED)
		node_locks_release(calls, n, a, after);
	return v;
}
