/* Files, as the rest of the house wants them: read whole or not at all, replaced
 * whole or not at all. A write goes to PATH.part, is flushed to the disk and then
 * renamed over the old one, so that a crash leaves either the old or the new. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

/* ssh refuses a control path over 107 bytes and appends 58 of its own. */
#define RUNTIME_DIR_MAX 48
#define READ_CHUNK      65536

static int fail(struct err *e, int errnum, const char *path)
{
	err_sys(e, errnum, "%s", path);
	if (e != NULL && (errnum == ENOENT || errnum == ENOTDIR))
		e->code = ERR_MISSING;
	return -1;
}

/* What cannot be read is bad input, whoever's fault it is. */
static int unreadable(struct err *e, int errnum, const char *path)
{
	fail(e, errnum, path);
	if (e != NULL && e->code == ERR_SYSTEM && (errnum == EISDIR || errnum == EACCES))
		e->code = ERR_INPUT;
	return -1;
}

static int read_all(int fd, size_t max, struct buf *into, const char *path, struct err *e)
{
	char chunk[READ_CHUNK];
	ssize_t got;

	for (;;) {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return unreadable(e, errno, path);
		if (got == 0)
			return 0;
		if (buf_add(into, chunk, (size_t)got) != 0)
			return err_set(e, ERR_LIMIT, _("%s is larger than %zu bytes"), path, max);
	}
}

/* A pipe was made by who wrote the command line. */
static int check_secret(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return unreadable(e, errno, path);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, ERR_INPUT,
			_("%s belongs to another user (uid %u), who could change it"), path,
			(unsigned)st.st_uid);
	if ((st.st_mode & 022) != 0)
		return err_set(e, ERR_INPUT,
			_("%s may be written by its group or by others: chmod go-w it"), path);
	return 0;
}

static int read_file(
	const char *path, bool secret, size_t max, char **text, size_t *n, struct err *e)
{
	struct buf b;
	int fd, rc = -1;

	*text = NULL;
	if (n != NULL)
		*n = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return unreadable(e, errno, path);
	buf_init(&b, max);
	if (secret && check_secret(fd, path, e) != 0)
		goto out;
	if (read_all(fd, max, &b, path, e) != 0)
		goto out;
	if (n != NULL)
		*n = b.len;
	*text = buf_take(&b);
	rc = 0;
out:
	buf_done(&b);
	close(fd);
	return rc;
}

int file_read(const char *path, size_t max, char **text, size_t *n, struct err *e)
{
	return read_file(path, false, max, text, n, e);
}

int file_read_secret(const char *path, size_t max, char **text, size_t *n, struct err *e)
{
	return read_file(path, true, max, text, n, e);
}

static int write_all(int fd, const char *bytes, size_t n)
{
	ssize_t put;

	while (n > 0) {
		put = write(fd, bytes, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes += put;
		n -= (size_t)put;
	}
	return 0;
}

static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_str(".");
	return slash == path ? mem_str("/") : mem_dup(path, (size_t)(slash - path));
}

static int sync_directory_of(const char *path, struct err *e)
{
	char *dir = directory_of(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	/* Some file systems cannot flush a directory and say EINVAL: nothing more can be done
	 * there. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rc = fail(e, errno, dir);
	if (fd >= 0)
		close(fd);
	free(dir);
	return rc;
}

static int write_part(const char *part, const void *bytes, size_t n, mode_t mode, struct err *e)
{
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	int failed;

	if (fd < 0)
		return fail(e, errno, part);
	/* fchmod, since a .part left by a crash keeps its old mode. */
	failed =
		fchmod(fd, mode) != 0 || write_all(fd, bytes, n) != 0 || fsync(fd) != 0 ? errno : 0;
	if (close(fd) != 0 && failed == 0)
		failed = errno;
	return failed == 0 ? 0 : fail(e, failed, part);
}

int file_write(const char *path, const void *bytes, size_t n, mode_t mode, struct err *e)
{
	char *part = str_fmt("%s.part", path);
	int rc = -1;

	if (write_part(part, bytes, n, mode, e) != 0)
		goto out;
	if (rename(part, path) != 0) {
		fail(e, errno, path);
		goto out;
	}
	rc = sync_directory_of(path, e);
out:
	if (rc != 0)
		unlink(part);
	free(part);
	return rc;
}

static int make_dir(const char *path, mode_t mode, struct err *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return fail(e, errno, path);
	if (stat(path, &st) != 0)
		return fail(e, errno, path);
	return S_ISDIR(st.st_mode) ? 0 : fail(e, ENOTDIR, path);
}

int file_make_dirs(const char *path, mode_t mode, struct err *e)
{
	char *copy = mem_str(path);
	char *at;
	int rc = 0;

	for (at = copy; rc == 0 && *at != '\0'; at++) {
		if (*at != '/' || at == copy)
			continue;
		*at = '\0';
		rc = make_dir(copy, mode, e);
		*at = '/';
	}
	if (rc == 0)
		rc = make_dir(copy, mode, e);
	free(copy);
	return rc;
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

char *file_expand(const char *path)
{
	const char *home = getenv("HOME");

	if (path[0] != '~' || (path[1] != '\0' && path[1] != '/') || home == NULL)
		return mem_str(path);
	return str_fmt("%s%s", home, path + 1);
}

char *file_beside(const char *file, const char *relative)
{
	char *dir, *path;

	if (relative[0] == '/')
		return mem_str(relative);
	dir = directory_of(file);
	path = str_fmt("%s/%s", dir, relative);
	free(dir);
	return path;
}

/* The base directory specification: a variable that is not absolute is ignored. */
static char *xdg_dir(const char *variable, const char *under_home)
{
	const char *dir = getenv(variable);
	const char *home = getenv("HOME");

	if (dir != NULL && dir[0] == '/')
		return str_fmt("%s/k911", dir);
	if (home == NULL || home[0] == '\0')
		return NULL;
	return str_fmt("%s/%s/k911", home, under_home);
}

char *file_config_dir(void)
{
	return xdg_dir("XDG_CONFIG_HOME", ".config");
}

char *file_state_dir(void)
{
	return xdg_dir("XDG_STATE_HOME", ".local/state");
}

/* Ours alone: another user's directory there could catch our sockets. */
static bool is_private_dir(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return false;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       chmod(path, 0700) == 0;
}

char *file_runtime_dir(void)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	char *dir;

	if (run != NULL && run[0] == '/' && strlen(run) + strlen("/k911") <= RUNTIME_DIR_MAX) {
		dir = str_fmt("%s/k911", run);
		if (is_private_dir(dir))
			return dir;
		free(dir);
	}
	return NULL;
}
