/* Words for ssh. Two parsers stand between a name and what happens: ssh's own options (a host
 * "-oProxyCommand=..." runs a program here) and the shell of the other side, which parses the
 * joined words again. Hosts and users are therefore held to what names are made of, and scripts
 * travel as one single-quoted word. */
#include "cluster/ssh_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	HOST_MAX = 255,
	USER_MAX = 64,
	COMMAND_MAX = 120 << 10 /* the kernel's limit for one argument is 128 KiB */
};

void ssh_words_give(struct ssh_words *w, char *word)
{
	*vec_add(&w->v) = word;
}

void ssh_words_add(struct ssh_words *w, const char *word)
{
	ssh_words_give(w, mem_str(word));
}

void ssh_words_split(struct ssh_words *w, const char *text)
{
	static const char blanks[] = " \t\n";

	for (size_t n; *(text += strspn(text, blanks)) != '\0'; text += n) {
		n = strcspn(text, blanks);
		ssh_words_give(w, mem_dup(text, n));
	}
}

const char *const *ssh_words_argv(struct ssh_words *w)
{
	if (w->v.len == 0 || w->v.at[w->v.len - 1] != NULL)
		ssh_words_give(w, NULL);
	return (const char *const *)w->v.at;
}

void ssh_words_done(struct ssh_words *w)
{
	for (size_t i = 0; i < w->v.len; i++)
		free(w->v.at[i]);
	vec_done(&w->v);
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool made_of(const char *s, const char *beside)
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!is_alnum(*s) && strchr(beside, *s) == NULL)
			return false;
	return true;
}

static bool is_name(const char *s, size_t max, const char *beside)
{
	return s != NULL && s[0] != '-' && strnlen(s, max + 1) <= max && made_of(s, beside);
}

bool ssh_host_ok(const char *host)
{
	return is_name(host, HOST_MAX, "._:%-");
}

bool ssh_user_ok(const char *user)
{
	return is_name(user, USER_MAX, "._@+-");
}

void ssh_quote(struct buf *to, const char *s)
{
	buf_putc(to, '\'');
	for (size_t n; *s != '\0'; s += n) {
		n = strcspn(s, "'");
		buf_add(to, s, n);
		if (s[n] == '\'') {
			buf_puts(to, "'\\''");
			n++;
		}
	}
	buf_putc(to, '\'');
}

void ssh_quote_if_needed(struct buf *to, const char *s)
{
	if (made_of(s, "._:%-/=@,+"))
		buf_puts(to, s);
	else
		ssh_quote(to, s);
}

int64_t ssh_remote_seconds(int64_t timeout_ms)
{
	return timeout_ms < 2500 ? 1 : (timeout_ms - 500) / 1000;
}

char *ssh_remote_command(const char *become, const char *script, int64_t timeout_ms)
{
	struct buf b;

	buf_init(&b, COMMAND_MAX);
	if (become != NULL && become[0] != '\0')
		buf_fmt(&b, "%s -n ", become);
	buf_fmt(&b, "timeout -k 2 %lld sh -c ", (long long)ssh_remote_seconds(timeout_ms));
	ssh_quote(&b, script);
	if (!b.over)
		return buf_take(&b);
	buf_done(&b);
	return NULL;
}
