/* One actor at a time: the lock on the control-plane nodes (cluster/node_lock.h), taken before the
 * first deed, renewed while the run lives, given back at its end. One whose console died lets go by
 * its own time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/serial.h"
#include "base/str.h"
#include "cluster/node_lock.h"
#include "run_inner.h"

#define TTL_S    900
#define RENEW_MS 240000
#define ASK_MS   15000

struct run_lock {
	size_t n;
	struct node_call calls[NODE_LOCK_MAX_NODES];
	char hosts[NODE_LOCK_MAX_NODES][64], names[NODE_LOCK_MAX_NODES][64];
	struct node_lock_seen seen[NODE_LOCK_MAX_NODES];
	struct instant renewed;
};

/* The control plane's nodes as they are known: also those that do not answer count. */
static struct run_lock *lock_new(const struct run *r)
{
	struct run_lock *l = mem_new(struct run_lock);
	const struct layer_board *b = &r->now->layers;

	for (size_t k = 0; k < b->n && l->n < NODE_LOCK_MAX_NODES; k++) {
		size_t i = l->n++;

		str_copy(l->names[i], sizeof(l->names[i]), b->nodes[k].name);
		/* One that may not be logged in to is asked as nobody: unseen. */
		if (b->nodes[k].login)
			str_copy(l->hosts[i], sizeof(l->hosts[i]), b->nodes[k].address);
		l->calls[i] = (struct node_call){.shell = r->world->shell,
			.host = l->hosts[i],
			.timeout_ms = ASK_MS,
			.cancel_fd = r->stop_fd,
			.local = b->nodes[k].local};
	}
	return l;
}

static struct node_lock_asked asked(const struct run *r)
{
	return (struct node_lock_asked){.run = r->id,
		.owner = r->author.name[0] ? r->author.name : "k911",
		.machine = r->author.host[0] ? r->author.host : "unknown",
		.purpose = r->book->id,
		.ttl_s = TTL_S};
}

static bool refuse(struct run *r, const struct run_lock *l, size_t other)
{
	const struct node_lock_holder *h = &l->seen[other].holder;
	char text[400], age[32];

	snprintf(text, sizeof(text),
		_("%.60s on %.60s acts on this cluster since %s: %.60s, run %s (its lock is on "
		  "%.60s)"),
		h->owner, h->machine, span_text(h->age_s * 1000, age, sizeof(age)), h->purpose,
		h->run, l->names[other]);
	str_mend(text);
	run_why(r, text, NULL);
	return false;
}

/* Nobody can be excluded by a lock: a person must know. */
static bool vouch(struct run *r, const char *text)
{
	struct ask a = {.number = serial_next(), .n = 1, .changes = true};
	char answer[ASK_ANSWER];

	str_copy(a.text, sizeof(a.text), text);
	str_copy(a.choices[0], sizeof(a.choices[0]), "alone");
	return run_ask(r, &a, answer);
}

bool run_lock_take(struct run *r)
{
	const struct node_lock_asked a = asked(r);
	struct run_lock *l;
	size_t other;

	if (!r->world->shell || r->now->layers.n == 0)
		return vouch(r,
			_("No control-plane node is known that a lock could be put on. Type alone "
			  "if nobody else is acting on this cluster."));
	r->lock_on_nodes = l = lock_new(r);
	switch (node_locks_win(l->calls, l->n, &a, l->seen, &other)) {
	case NODE_LOCK_HELD:
		break;
	case NODE_LOCK_REFUSED:
		return refuse(r, l, other);
	case NODE_LOCK_NO_MAJORITY:
	case NODE_LOCK_UNREACHED:
		if (!vouch(r, _("No majority of the control-plane nodes could be reached for the "
				"lock. Type alone if nobody else is acting on this cluster.")))
			return false;
		break;
	}
	l->renewed = instant_now();
	return true;
}

void run_lock_keep(struct run *r)
{
	struct run_lock *l = r->lock_on_nodes;
	const struct node_lock_asked a = asked(r);

	if (!l || instant_age_ms(l->renewed, instant_now()) < RENEW_MS)
		return;
	node_locks_take(l->calls, l->n, &a, l->seen);
	l->renewed = instant_now();
}

void run_lock_give_back(struct run *r)
{
	struct run_lock *l = r->lock_on_nodes;
	const struct node_lock_asked a = asked(r);

	if (l && !run_is_stopped(r)) /* else it lets go by its time, or to who resumes */
		node_locks_release(l->calls, l->n, &a, l->seen);
	free(l);
	r->lock_on_nodes = NULL;
}
