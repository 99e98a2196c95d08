/* Workers know jobs, rooms know letters: an errand is both, so that none need be made by hand, and
 * what becomes of one that is lost on our own side is settled here. */
#include "ops/watch/errand.h"

#include "base/i18n.h"

static void run(void *job, int cancel_fd)
{
	struct errand *x = job;

	err_clear(&x->err);
	x->run(x, cancel_fd);
}

static void come_back(void *job)
{
	struct errand *x = job;

	letter_answer(&x->letter);
}

void errand_init(struct errand *x, const struct errand_kind *kind, struct mailbox *box, void *room)
{
	x->letter.drop = kind->drop;
	x->letter.to = (struct hearer){.box = box, .hear = kind->hear, .room = room};
	x->run = kind->run;
	err_set(&x->err, ERR_CANCELLED, "%s", _("not asked yet"));
}

int errand_send(struct errand *x, struct pool *pool)
{
	int rc = pool_add(pool, run, come_back, x);

	if (rc != 0)
		x->letter.drop(&x->letter);
	return rc;
}

int errand_ask(struct errand *x, struct pool *pool, struct question *q, struct instant now)
{
	x->asking = question_asked(q, now);
	if (errand_send(x, pool) == 0)
		return 0;
	question_withdraw(q);
	return -1;
}

void errand_wait(struct pool *pool, struct question *q, struct instant now)
{
	if (!pool_has_begun(pool, q->number))
		question_queued(q, now);
}
