/* Drafts: a JSON object that grows key by key, each text without its secrets. */
#include "ops/journal/journal_draft.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/redact.h"
#include "base/str.h"

/* One ULID sequence per process, so that ids sort in the order they were made. */
static struct ulid last;
static pthread_mutex_t last_lock = PTHREAD_MUTEX_INITIALIZER;

struct journal_draft *journal_draft_new(
	const char *incident, const char *kind, const struct author *by, int64_t now_ms)
{
	struct journal_draft *d = mem_new(struct journal_draft);

	pthread_mutex_lock(&last_lock);
	ulid_next(&last, now_ms, d->id);
	pthread_mutex_unlock(&last_lock);
	str_copy(d->incident, sizeof(d->incident), incident);
	str_copy(d->kind, sizeof(d->kind), kind);
	d->author = *by;
	d->at_ms = now_ms;
	buf_init(&d->payload, JOURNAL_DRAFT_PAYLOAD_MAX);
	jsw_init(&d->to, &d->payload);
	jsw_object(&d->to, NULL);
	return d;
}

void journal_draft_free(struct journal_draft *d)
{
	if (d == NULL)
		return;
	buf_done(&d->payload);
	free(d);
}

static void put_redacted(struct journal_draft *d, const char *key, const char *text)
{
	char *clean = redact_text(text, strlen(text));

	jsw_str(&d->to, key, clean);
	free(clean);
}

void journal_draft_text(struct journal_draft *d, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		put_redacted(d, key, text);
}

void journal_draft_texts(
	struct journal_draft *d, const char *key, const char *const *texts, size_t n)
{
	if (n == 0)
		return;
	jsw_array(&d->to, key);
	for (size_t i = 0; i < n; i++)
		put_redacted(d, NULL, texts[i]);
	jsw_end_array(&d->to);
}

void journal_draft_int(struct journal_draft *d, const char *key, int64_t value)
{
	jsw_int(&d->to, key, value);
}

void journal_draft_bool(struct journal_draft *d, const char *key, bool value)
{
	jsw_bool(&d->to, key, value);
}

const char *journal_draft_payload(struct journal_draft *d)
{
	if (d->to.to != NULL) {
		jsw_end_object(&d->to);
		d->to.to = NULL;
	}
	return d->payload.over ? NULL : buf_text(&d->payload);
}
