/* The words of an ssh command line, and of the command that the other side's shell will parse
 * again. Pure; any thread. What could be taken for an option or for shell syntax is refused or
 * quoted here and nowhere else. */
#ifndef CLUSTER_SSH_WORDS_H
#define CLUSTER_SSH_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"

struct ssh_words {
	VEC(char *) v; /* the last is NULL once ssh_words_argv was asked */
};
void ssh_words_add(struct ssh_words *w, const char *word);   /* copies */
void ssh_words_give(struct ssh_words *w, char *word);        /* takes */
void ssh_words_split(struct ssh_words *w, const char *text); /* at blanks; no quoting */
const char *const *ssh_words_argv(struct ssh_words *w);      /* lives until the next change */
void ssh_words_done(struct ssh_words *w);

/* A name or an address: no leading '-', no shell characters, no user@ */
bool ssh_host_ok(const char *host);
bool ssh_user_ok(const char *user);
void ssh_quote(struct buf *to, const char *s); /* 'as one word of a POSIX shell' */
void ssh_quote_if_needed(struct buf *to, const char *s);

/* `sudo -n timeout -k 2 N sh -c '...'`: what the node's login shell is given. New string; NULL when
 * the script is over 120 KiB. */
char *ssh_remote_command(const char *become, const char *script, int64_t timeout_ms);
/* N, at least 1: a little less than our own wait, so that a slow command is ended over there and
 * told from a dead link. */
int64_t ssh_remote_seconds(int64_t timeout_ms);

#endif
