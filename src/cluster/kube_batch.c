/* Letters of rows. A list's rows go out by hundreds, so that a big list is some hundred letters and
 * not one per 16 KB of network; a slow list's go out every tenth of a second, so that the screen
 * fills while it comes. A watch flushes after each chunk. */
#include "cluster/kube_batch.h"

#include <stdlib.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/vec.h"

#define ROWS_MAX 256
#define WAIT_MS  100
#define PACKED   400 /* bytes of text that a row owns beside itself, about; a pod's: the most */

static void letter_drop(struct letter *letter)
{
	struct kube_letter *l = (struct kube_letter *)(void *)letter;

	for (size_t i = 0; i < l->n; i++)
		if (!l->taken[i])
			row_unref(l->of->ops, l->rows + i * l->of->ops->size);
	intern_unref(l->names);
	free(l->deleted);
	free(l->taken);
	free(l->rows);
	free(l);
}

static struct kube_letter *letter_new(const struct kube_batch *b, enum kube_letter_kind kind)
{
	struct kube_letter *l = mem_new(struct kube_letter);

	l->letter.kind = (int)kind;
	l->letter.drop = letter_drop;
	l->letter.to = b->to;
	l->of = b->of;
	l->watch = b->watch;
	l->at = instant_now();
	l->version = b->version;
	return l;
}

void kube_batch_init(struct kube_batch *b, const struct kube_kind *of, uint64_t watch,
	struct intern *names, const struct hearer *to)
{
	*b = (struct kube_batch){.of = of, .watch = watch, .names = intern_ref(names), .to = *to};
}

/* A letter that is begun stays with the pool it was begun with. */
void kube_batch_rename(struct kube_batch *b, struct intern *names)
{
	intern_ref(names);
	intern_unref(b->names);
	b->names = names;
}

void kube_batch_forget(struct kube_batch *b)
{
	if (b->rows != NULL)
		letter_drop(&b->rows->letter);
	b->rows = NULL;
	b->cap = 0;
}

void kube_batch_done(struct kube_batch *b)
{
	kube_batch_forget(b);
	intern_unref(b->names);
	b->names = NULL;
}

static void make_room(struct kube_batch *b)
{
	struct kube_letter *l = b->rows;

	if (l->n < b->cap)
		return;
	b->cap = vec_room(b->cap, l->n + 1);
	l->rows = mem_grow(l->rows, b->cap, b->of->ops->size);
	l->deleted = mem_grow(l->deleted, b->cap, sizeof(*l->deleted));
	l->taken = mem_grow(l->taken, b->cap, sizeof(*l->taken));
}

int kube_batch_add(struct kube_batch *b, struct json_span object, bool deleted)
{
	struct kube_letter *l;
	struct err why;

	if (b->full)
		return -1;
	if (b->rows == NULL) {
		b->rows = letter_new(b, KUBE_ROWS);
		b->rows->names = intern_ref(b->names);
	}
	l = b->rows;
	make_room(b);
	if (b->of->decode(object, l->names, l->rows + l->n * b->of->ops->size, &why) == 0) {
		l->deleted[l->n] = deleted;
		l->taken[l->n] = false;
		l->n++;
	} else if (l->undecoded++ == 0) {
		l->err = why;
	}
	return l->n >= ROWS_MAX ? kube_batch_flush(b) : 0;
}

static int post(struct kube_batch *b, struct kube_letter *l)
{
	l->letter.bytes = l->n * (b->of->ops->size + PACKED);
	if (letter_post(&l->letter) == 0) {
		b->full = false;
		return 0;
	}
	letter_drop(&l->letter);
	b->full = true;
	return -1;
}

int kube_batch_flush(struct kube_batch *b)
{
	struct kube_letter *l = b->rows;

	if (b->full)
		return -1;
	if (l == NULL)
		return 0;
	b->rows = NULL;
	b->cap = 0;
	return post(b, l);
}

int kube_batch_flush_old(struct kube_batch *b)
{
	if (b->rows == NULL || instant_age_ms(b->rows->at, instant_now()) < WAIT_MS)
		return b->full ? -1 : 0;
	return kube_batch_flush(b);
}

int kube_batch_say(struct kube_batch *b, enum kube_letter_kind kind, const struct err *err)
{
	struct kube_letter *l;

	if (!b->full && kube_batch_flush(b) != 0)
		return -1;
	l = letter_new(b, kind);
	if (err != NULL)
		l->err = *err;
	return post(b, l);
}
