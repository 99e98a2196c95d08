/* Files to and from a node. The sum goes ahead: the receiving side compares before anything has the
 * file's name, and a file that changed while it was read is an error, not half of each. */
#include "cluster/node_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "cluster/node_script.h"
#include "node_deed_parts.h"

enum { CHUNK = 64 << 10, SCRIPT_MAX = 64 << 10, HEAD_MAX = 4 << 10, ERRORS_MAX = 4 << 10 };

/* ---- to the node ---- */

/* The content and what it must be. */
struct sending {
	const struct node_file *file;
	int fd; /* of file->from; -1 */
	size_t at, n;
	char sha256[SHA_HEX];
};

static ssize_t send_more(void *arg, void *bytes, size_t n)
{
	struct sending *s = arg;
	ssize_t got;

	if (s->fd >= 0) {
		do
			got = read(s->fd, bytes, n);
		while (got < 0 && errno == EINTR);
		return got;
	}
	if (n > s->n - s->at)
		n = s->n - s->at;
	if (s->file->bytes == NULL || n == 0)
		return 0;
	memcpy(bytes, (const char *)s->file->bytes + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

/* Reads it once for its length and sum, and goes back to its beginning. */
static int measure(struct sending *s, struct err *e)
{
	unsigned char digest[SHA_BYTES];
	struct sha *sum = sha_new();
	char *chunk = malloc(CHUNK);
	ssize_t got = chunk != NULL ? 1 : -1;
	size_t n = 0;

	while (got > 0 && (got = send_more(s, chunk, CHUNK)) > 0) {
		sha_add(sum, chunk, (size_t)got);
		n += (size_t)got;
	}
	sha_end(sum, digest);
	sha_hex(digest, s->sha256);
	sha_free(sum);
	free(chunk);
	s->n = s->fd >= 0 ? n : s->n;
	s->at = 0;
	if (got < 0 || (s->fd >= 0 && lseek(s->fd, 0, SEEK_SET) != 0))
		return err_sys(e, errno, "%s", s->file->from);
	return 0;
}

static int sending_open(struct sending *s, const struct node_file *f, struct err *e)
{
	*s = (struct sending){.file = f, .fd = -1, .n = f->bytes != NULL ? f->n : 0};
	if (f->bytes == NULL && f->from != NULL &&
		(s->fd = open(f->from, O_RDONLY | O_CLOEXEC)) < 0)
		return errno == ENOENT ? err_set(e, ERR_MISSING, _("%s is not there"), f->from)
				       : err_sys(e, errno, "%s", f->from);
	return measure(s, e);
}

static void sending_close(struct sending *s)
{
	if (s->fd >= 0)
		close(s->fd);
}

int node_copy_put(
	const struct node_call *c, const struct node_file *f, struct node_answer *a, struct err *e)
{
	struct sending s;
	const struct proc_source source = {send_more, &s};
	char bytes[24];
	const struct node_word words[] = {{"TO", f->path}, {"MODE", f->mode}, {"OWNER", f->owner},
		{"BYTES", bytes}, {"SHA256", s.sha256}};
	const struct node_words w = {words, sizeof(words) / sizeof(words[0]), NULL, 0, &source};
	int rc = sending_open(&s, f, e);

	snprintf(bytes, sizeof(bytes), "%zu", s.n);
	if (rc == 0)
		rc = node_deed_do(c, node_deed_find("file-put"), &w, a, e);
	sending_close(&s);
	return rc;
}

int node_copy_is_put(const struct node_call *c, const struct node_file *f, bool *done,
	struct node_answer *a, struct err *e)
{
	struct sending s;
	char bytes[24];
	const struct node_word words[] = {{"TO", f->path}, {"MODE", f->mode}, {"OWNER", f->owner},
		{"BYTES", bytes}, {"SHA256", s.sha256}};
	const struct node_words w = {words, sizeof(words) / sizeof(words[0]), NULL, 0, NULL};
	int rc = sending_open(&s, f, e);

	*done = false;
	snprintf(bytes, sizeof(bytes), "%zu", s.n);
	if (rc == 0)
		rc = node_deed_done(c, node_deed_find("file-put"), &w, done, a, e);
	sending_close(&s);
	return rc;
}

/* ---- from the node ---- */

struct receiving {
	const struct proc_calls *to;
	struct buf head, errors; /* its first line, else what a refusal says */
	bool begun;
	struct sha *sum;
	int64_t n;
};

static int take_bytes(struct receiving *r, const char *bytes, size_t n)
{
	if (n == 0)
		return 0;
	sha_add(r->sum, bytes, n);
	r->n += (int64_t)n;
	return r->to->out != NULL ? r->to->out(r->to->arg, bytes, n) : 0;
}

static int hear_out(void *arg, const char *bytes, size_t n)
{
	struct receiving *r = arg;
	const char *end;

	if (r->begun)
		return take_bytes(r, bytes, n);
	end = memchr(bytes, '\n', n);
	if (end == NULL || !str_starts(r->head.len > 0 ? buf_text(&r->head) : bytes, "file ")) {
		buf_add(&r->head, bytes, n < r->head.max - r->head.len ? n : 0);
		return 0;
	}
	buf_add(&r->head, bytes, (size_t)(end - bytes));
	r->begun = true;
	return take_bytes(r, end + 1, n - (size_t)(end + 1 - bytes));
}

static int hear_errors(void *arg, const char *bytes, size_t n)
{
	struct buf *to = &((struct receiving *)arg)->errors;

	buf_add(to, bytes, n < to->max - to->len ? n : to->max - to->len);
	return 0;
}

static int judge_got(const struct node_call *c, const char *path, struct receiving *r,
	struct node_got *out, struct err *e)
{
	unsigned char digest[SHA_BYTES];
	const char *head = buf_text(&r->head);
	size_t n = r->head.len;
	char sum[SHA_HEX], length[24];
	int64_t bytes = -1;

	sha_end(r->sum, digest);
	sha_hex(digest, sum);
	if (!r->begun || !node_answer_field(head, n, "bytes", length, sizeof(length)) ||
		!str_i64(length, &bytes) ||
		!node_answer_field(head, n, "sha256", out->sha256, sizeof(out->sha256)) ||
		!node_answer_field(head, n, "mode", out->mode, sizeof(out->mode)) ||
		!node_answer_field(head, n, "owner", out->owner, sizeof(out->owner)))
		return err_set(e, ERR_INPUT, _("%s: no file came for %s"), c->host, path);
	out->bytes = bytes;
	if (bytes != r->n || strcmp(sum, out->sha256) != 0)
		return err_set(e, ERR_INPUT,
			_("%s: %s changed on its way here, or was cut off: ask again"), c->host,
			path);
	return 0;
}

/* Runs the script; the receiving has what came. */
static int receive(
	const struct node_call *c, const struct node_words *w, struct receiving *r, struct err *e)
{
	const struct node_deed *d = node_deed_find("file-get");
	const struct proc_calls calls = {hear_out, hear_errors, r};
	struct node_call mine = *c;
	struct node_answer a;
	struct buf script;
	int rc, exit_code;

	if (node_deed_check(d, w, e) != 0)
		return -1;
	if (mine.timeout_ms <= 0)
		mine.timeout_ms = d->timeout_ms;
	buf_init(&script, SCRIPT_MAX);
	node_deed_script(&script, d, d->verb, w, mine.timeout_ms);
	rc = node_shell_stream(&mine, buf_text(&script), &calls, &exit_code, e);
	buf_done(&script);
	if (rc != 0 || exit_code == NODE_DONE)
		return rc;
	node_answer_init(&a);
	a.exit = (enum node_exit)exit_code;
	buf_puts(&a.text, buf_text(&r->head));
	rc = node_deed_judge(c, d, &a, buf_text(&r->errors), e);
	node_answer_done(&a);
	return rc;
}

int node_copy_get(const struct node_call *c, const char *path, int64_t most,
	const struct proc_calls *calls, struct node_got *out, struct err *e)
{
	struct receiving r = {.to = calls, .sum = sha_new()};
	char limit[24];
	const struct node_word words[] = {{"FROM", path}, {"MOST", limit}};
	const struct node_words w = {words, 2, NULL, 0, NULL};
	int rc;

	memset(out, 0, sizeof(*out));
	snprintf(limit, sizeof(limit), "%lld", (long long)most);
	buf_init(&r.head, HEAD_MAX);
	buf_init(&r.errors, ERRORS_MAX);
	rc = receive(c, &w, &r, e);
	if (rc == 0)
		rc = judge_got(c, path, &r, out, e);
	sha_free(r.sum);
	buf_done(&r.head);
	buf_done(&r.errors);
	return rc;
}

static int write_out(void *arg, const char *bytes, size_t n)
{
	int fd = *(const int *)arg;

	while (n > 0) {
		ssize_t put = write(fd, bytes, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		n -= (size_t)put;
	}
	return 0;
}

/* The name of what lies in a directory is on the disk when the directory is. */
static void sync_directory(const char *file)
{
	char *dir = mem_str(file), *slash = strrchr(dir, '/');
	int fd;

	if (slash != NULL)
		slash[slash == dir] = '\0';
	fd = open(slash != NULL ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

int node_copy_get_file(const struct node_call *c, const char *path, int64_t most, const char *to,
	struct node_got *out, struct err *e)
{
	char *part = str_fmt("%s.part", to);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), rc;
	const struct proc_calls calls = {write_out, NULL, &fd};

	if (fd < 0)
		rc = err_sys(e, errno, "%s", part);
	else
		rc = node_copy_get(c, path, most, &calls, out, e);
	if (fd >= 0 && (fsync(fd) != 0 || close(fd) != 0) && rc == 0)
		rc = err_sys(e, errno, "%s", part);
	if (rc == 0 && rename(part, to) != 0)
		rc = err_sys(e, errno, "%s", to);
	if (rc == 0)
		sync_directory(to);
	else if (fd >= 0)
		unlink(part);
	free(part);
	return rc;
}
