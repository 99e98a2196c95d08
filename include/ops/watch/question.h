/* One question asked again and again of one server, and what its silence means: an answer that does
 * not come is said after QUESTION_SILENT_MS and the server is called down after LIMIT_SILENCE_MS; a
 * refusal is believed at once. Every asking ends in an answer, a time-out at least; one that does
 * not was lost on our own side, which says nothing of the server: it is asked again, and the
 * silence is taken back. No clock, no I/O: whoever asks tells it the times. */
#ifndef OPS_WATCH_QUESTION_H
#define OPS_WATCH_QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/instant.h"
#include "model/layer.h"

#define QUESTION_SILENT_MS 1500
#define QUESTION_PATIENCE  5 /* so many askings in vain before it is asked more rarely */
#define QUESTION_TOTAL_MS  5000
#define QUESTION_LATE_MS   2000 /* so much later than the last moment, an answer is lost */

struct question {
	int64_t every_ms;  /* from one asking to the next */
	int64_t silent_ms; /* how long an answer may take before it is said to be missing */
	int64_t rarest_ms; /* what every_ms grows to while it is asked in vain; 0: it never does */
	unsigned vain;     /* askings in a row that brought nothing good */
	unsigned draw;     /* this asking's share of chance */
	int64_t total_ms;  /* how long an asking may take before it ends in a time-out */
	bool in_flight;
	uint64_t number;       /* of the last asking; its answer carries it */
	struct instant asked;  /* the last asking */
	struct instant held;   /* the server asked to be left alone until then */
	struct instant silent; /* since when asking has brought nothing; unset while answers come */
	int64_t before_ms;     /* how long that had been so at the last asking */
	struct instant lost;   /* when an answer was last given up; unset: never */
	struct instant heard;  /* the machine last answered in any way, be it by a refusal */
	enum err_code code;    /* of the last answer */
	struct probe probe;    /* what is known; its text is "" when the trouble is silence alone */
};

/* silent_ms: QUESTION_SILENT_MS, total_ms: QUESTION_TOTAL_MS. One whose silence counts must have a
 * total_ms that ends before LIMIT_SILENCE_MS: then no lost answer calls a server down. */
void question_init(struct question *q, int64_t every_ms);
/* From now on it is asked more and more rarely while nothing good comes, down to once in rarest_ms,
 * and up to a tenth later than its time, by chance: many who ask must not do so in step. */
void question_backs_off(struct question *q, int64_t rarest_ms);
bool question_due(const struct question *q, struct instant now); /* also when its answer is lost */
/* Gives the asking's number. An answer is this question's while question_awaits() it: whatever else
 * comes was asked by one that is gone, or has been counted already. */
uint64_t question_asked(struct question *q, struct instant now);
bool question_awaits(const struct question *q, uint64_t number);
void question_again(struct question
		*q); /* due now, unless it is on its way, as if never in vain; what is held stays */
/* The server said Retry-After: not due for so long. */
void question_hold(struct question *q, struct instant now, int64_t ms);
void question_withdraw(struct question *q); /* it could not be sent after all: due again at once */
/* What is to ask it waits in a queue of ours still: its time begins anew. */
void question_queued(struct question *q, struct instant now);
/* This console itself stood still for so long, until now: that time counts for nothing, and what is
 * under way has all of its own from now on. */
void question_woke(struct question *q, int64_t ms, struct instant now);
/* An answer came, good or bad: err ERR_NONE is OK; ERR_TIMEOUT leaves it silent; anything else is a
 * failure at once. */
void question_answered(
	struct question *q, struct instant now, const struct err *err, int64_t latency_us);
/* The server showed at that moment, in some other way, that it answers: nothing need be asked of it
 * for a period, and what is under way is not waited for. */
void question_heard(struct question *q, struct instant at);
/* Lets time pass: an asking without an answer turns silent, then failed. True when the probe
 * changed. */
bool question_wait(struct question *q, struct instant now);

#endif
