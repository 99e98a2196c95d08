/* An HTTP server that records what it is sent and answers as told. */
#ifndef HELP_RECEIVER_H
#define HELP_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>

#define RECEIVER_HELD (-1)

struct receiver;

struct receiver_answer {
	int status;          /* 0: none at all, it hangs; RECEIVER_HELD: 200, once it may */
	const char *headers; /* "Name: value\r\n"..., or NULL */
	const char *body;    /* NULL: "ok" */
};

/* The nth request gets the nth answer, those past the last one the last. Borrowed. */
struct receiver *receiver_start(const struct receiver_answer *answers, size_t n);
struct receiver *receiver_start_at(int port, const struct receiver_answer *answers, size_t n);
void receiver_stop(struct receiver *r);
int receiver_port(const struct receiver *r);

int receiver_count(struct receiver *r); /* requests that came whole */
/* Head and body of the nth from 0; they live until it stops. */
const char *receiver_head(struct receiver *r, int n);
const char *receiver_body(struct receiver *r, int n);
void receiver_release(struct receiver *r); /* what is held may be answered */
/* Until so many came; false after 20 s. */
bool receiver_wait(struct receiver *r, int count);

#endif
