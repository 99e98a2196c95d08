/* The structured log. A line is built outside the lock and leaves in one write(2),
 * so lines of several threads never mix; what a message holds is masked, then
 * made printable, so that no cluster string forges a line of its own. */
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

#include "base/instant.h"
#include "base/mem.h"
#include "base/redact.h"
#include "base/str.h"
#include "base/text.h"

#define ROTATE_BYTES ((off_t)10 * 1024 * 1024)
#define LINE_BYTES   4096

static struct {
	pthread_mutex_t lock;
	int fd; /* -1: stderr, warnings only */
	char *path;
	off_t size;
	atomic_int least;
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .least = LOG_WARN};

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static off_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_size : 0;
}

void log_close(void)
{
	pthread_mutex_lock(&sink.lock);
	if (sink.fd >= 0)
		close(sink.fd);
	free(sink.path);
	sink.fd = -1;
	sink.path = NULL;
	sink.least = LOG_WARN;
	pthread_mutex_unlock(&sink.lock);
}

int log_open(const char *path, enum log_level least, struct err *e)
{
	int fd;

	if (path == NULL || path[0] == '\0') {
		log_close();
		return 0;
	}
	fd = open_file(path);
	if (fd < 0)
		return err_sys(e, errno, "cannot open the log file %s", path);
	log_close();
	pthread_mutex_lock(&sink.lock);
	sink.fd = fd;
	sink.path = mem_str(path);
	sink.size = size_of(fd);
	sink.least = (int)least;
	pthread_mutex_unlock(&sink.lock);
	return 0;
}

/* FILE becomes FILE.1. Where that fails, the old descriptor goes on. */
static void rotate(void)
{
	char *older = str_fmt("%s.1", sink.path);
	int fd;

	sink.size = 0;
	if (rename(sink.path, older) == 0 && (fd = open_file(sink.path)) >= 0) {
		close(sink.fd);
		sink.fd = fd;
	}
	free(older);
}

static void write_line(const char *line, size_t n)
{
	pthread_mutex_lock(&sink.lock);
	if (sink.fd >= 0 && sink.size > 0 && sink.size + (off_t)n > ROTATE_BYTES)
		rotate();
	if (write(sink.fd >= 0 ? sink.fd : STDERR_FILENO, line, n) > 0)
		sink.size += (off_t)n;
	pthread_mutex_unlock(&sink.lock);
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
	write_line(line, n);
	free(masked);
	errno = saved;
}
