/* The structured log. Who has something to say builds the line and leaves it in a queue: a disk
 * that hangs, or fills, costs lines, which are counted, and holds nobody. A thread of the log's own
 * takes all that waits and writes it at once, so lines of several threads never mix; what a message
 * holds is masked, then made printable, so that no cluster string forges a line of its own. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/chore.h"
#include "base/mem.h"
#include "base/own_file.h"
#include "base/redact.h"
#include "base/str.h"
#include "base/text.h"

#define ROTATE_BYTES ((off_t)10 * 1024 * 1024)
#define LINE_BYTES   4096
#define QUEUE_BYTES  (256u << 10)

/* An open log file. Its thread may outlive log_close, so it is counted. */
struct log_file {
	atomic_int refs;
	int fd;
	char *path;
	off_t size;
	atomic_bool writing;

	pthread_mutex_t lock; /* of what follows */
	struct buf waiting;
	size_t dropped; /* lines that found no room behind what waits */
	int failed;     /* errno of the last write; 0: it went well */
	struct instant failing_since;
};

static struct {
	pthread_mutex_t lock;
	struct log_file *file; /* NULL: stderr, warnings only */
	struct chore *writer;
	atomic_int least;
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER, .least = LOG_WARN};

/* ---- on the log's thread ---- */

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_size : 0;
}

/* FILE becomes FILE.1. Where that fails, the old descriptor goes on. */
static void rotate(struct log_file *f)
{
	char *older = str_fmt("%s.1", f->path);
	int fd;

	f->size = 0;
	if (rename(f->path, older) == 0 &&
		(fd = own_file_open(f->path, O_WRONLY | O_APPEND, NULL)) >= 0) {
		close(f->fd);
		f->fd = fd;
	}
	free(older);
}

/* 0, or errno. */
static int write_all(struct log_file *f, const char *at, size_t n)
{
	ssize_t put;

	if (f->size > 0 && f->size + (off_t)n > ROTATE_BYTES)
		rotate(f);
	while (n > 0) {
		put = write(f->fd, at, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno;
		f->size += put;
		at += put;
		n -= (size_t)put;
	}
	return 0;
}

static void take_waiting(struct log_file *f, struct buf *out)
{
	char ts[32];

	pthread_mutex_lock(&f->lock);
	*out = f->waiting;
	buf_init(&f->waiting, QUEUE_BYTES);
	out->max += LINE_BYTES;
	if (f->dropped > 0)
		buf_fmt(out, "%s warn log %zu lines were lost here: the disk was too slow\n",
			instant_rfc3339(instant_now().wall_ms, ts, sizeof(ts)), f->dropped);
	f->dropped = 0;
	pthread_mutex_unlock(&f->lock);
}

static void write_waiting(void *arg)
{
	struct log_file *f = arg;
	struct buf text;
	int failed;

	take_waiting(f, &text);
	f->writing = true;
	failed = write_all(f, buf_text(&text), text.len);
	f->writing = false;
	buf_done(&text);
	pthread_mutex_lock(&f->lock);
	if (failed != 0 && f->failed == 0)
		f->failing_since = instant_now();
	f->failed = failed;
	pthread_mutex_unlock(&f->lock);
}

static void file_unref(void *arg)
{
	struct log_file *f = arg;

	if (atomic_fetch_sub(&f->refs, 1) > 1)
		return;
	close(f->fd);
	free(f->path);
	buf_done(&f->waiting);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* ---- on any thread ---- */

/* Lines behind a lost one are lost too, so that the gap stands where it is said. */
static void put_line(struct log_file *f, const char *line, size_t n)
{
	pthread_mutex_lock(&f->lock);
	if (f->dropped > 0 || buf_add(&f->waiting, line, n) != 0)
		f->dropped++;
	pthread_mutex_unlock(&f->lock);
}

static void leave_line(const char *line, size_t n)
{
	bool to_stderr;

	pthread_mutex_lock(&sink.lock);
	to_stderr = sink.file == NULL;
	if (!to_stderr) {
		put_line(sink.file, line, n);
		sink.file->refs++;
		chore_put(sink.writer, sink.file);
	}
	pthread_mutex_unlock(&sink.lock);
	if (to_stderr && write(STDERR_FILENO, line, n) < 0)
		return; /* nobody is left to be told */
}

bool log_close(void)
{
	struct log_file *f;
	struct chore *writer;
	bool written;

	pthread_mutex_lock(&sink.lock);
	f = sink.file;
	writer = sink.writer;
	sink.file = NULL;
	sink.writer = NULL;
	sink.least = LOG_WARN;
	pthread_mutex_unlock(&sink.lock);
	written = chore_stop(writer, LOG_CLOSE_MS);
	if (f != NULL)
		file_unref(f);
	return written;
}

static struct log_file *file_new(const char *path, struct err *e)
{
	struct log_file *f;
	int fd = own_file_open(path, O_WRONLY | O_APPEND, e);

	if (fd < 0)
		return NULL;
	f = mem_new(struct log_file);
	f->refs = 1;
	f->fd = fd;
	f->path = mem_str(path);
	f->size = size_of(fd);
	pthread_mutex_init(&f->lock, NULL);
	buf_init(&f->waiting, QUEUE_BYTES);
	return f;
}

int log_open(const char *path, enum log_level least, struct err *e)
{
	struct chore *writer;
	struct log_file *f;

	if (path == NULL || path[0] == '\0') {
		log_close();
		return 0;
	}
	f = file_new(path, e);
	if (f == NULL)
		return -1;
	log_close();
	writer = chore_start("log", write_waiting, file_unref);
	if (writer == NULL) {
		file_unref(f);
		return err_set(e, ERR_SYSTEM, "no thread for the log file %s", path);
	}
	pthread_mutex_lock(&sink.lock);
	sink.file = f;
	sink.writer = writer;
	sink.least = (int)least;
	pthread_mutex_unlock(&sink.lock);
	return 0;
}

bool log_is_kept(struct instant now, struct log_trouble *out)
{
	struct log_file *f;
	int64_t busy = -1;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&sink.lock);
	f = sink.file;
	if (f != NULL) {
		busy = chore_busy_ms(sink.writer, now.boot_ms);
		pthread_mutex_lock(&f->lock);
		out->failed = f->failed;
		out->since = f->failing_since;
		pthread_mutex_unlock(&f->lock);
	}
	pthread_mutex_unlock(&sink.lock);
	if (out->failed == 0)
		out->since = (struct instant){now.wall_ms - busy, now.boot_ms - busy};
	return out->failed == 0 && busy < LOG_LATE_MS;
}

/* Takes no lock: the thread that died may hold it. */
__attribute__((no_sanitize_thread)) void log_last_words(void)
{
	const struct log_file *f = sink.file;

	if (f != NULL && !f->writing && f->failed == 0 && f->waiting.len > 0 &&
		write(f->fd, f->waiting.at, f->waiting.len) < 0)
		return;
}

void log_put(enum log_level level, const char *module, const char *fmt, ...)
{
	static const char *const words[] = {"debug", "info", "warn", "error"};
	int saved = errno;
	char line[LINE_BYTES], raw[LINE_BYTES], ts[32], *masked;
	size_t n;
	va_list args;

	if ((int)level < sink.least)
		return;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	str_mend(raw);
	masked = redact_text(raw, strlen(raw));
	n = (size_t)snprintf(line, sizeof(line) / 2, "%s %s %s ",
		instant_rfc3339(instant_now().wall_ms, ts, sizeof(ts)), words[level], module);
	if (n > sizeof(line) / 2 - 1)
		n = sizeof(line) / 2 - 1;
	n += text_safe(line + n, sizeof(line) - n - 1, masked, strlen(masked));
	line[n++] = '\n';
	leave_line(line, n);
	free(masked);
	errno = saved;
}
