/* Whether its owner lives is what a lock says, not a process id, which another process may have by
 * now. The lock is held before the file has its name, so nobody ever sees one that is not held yet.
 * Nothing is followed: every name is opened below a directory that is open already. */
#include "io/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

#define LOCK       ".lock"
#define LOCK_NEW   ".lock-new"
#define RANDOM     6 /* what mkdtemp puts behind the prefix */
#define SECRET_MAX (64u << 10)
#define DEPTH_MAX  32

/* ---- removing ---- */

static bool holds_secret(const char *text, size_t n)
{
	static const char *const signs[] = {"PRIVATE KEY", "client-key-data", "token"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (memmem(text, n, signs[i], strlen(signs[i])) != NULL)
			return true;
	return false;
}

/* A second name of the file would lose its content too, so only one that has none is overwritten.
 */
static void wipe(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text;
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
		st.st_size <= SECRET_MAX) {
		text = mem_zero(SECRET_MAX, 1);
		n = pread(fd, text, SECRET_MAX, 0);
		if (n > 0 && holds_secret(text, (size_t)n)) {
			mem_wipe(text, (size_t)n);
			if (pwrite(fd, text, (size_t)n, 0) == n)
				fdatasync(fd);
		}
		mem_wipe(text, SECRET_MAX);
		free(text);
	}
	close(fd);
}

static void empty(int dir, int depth)
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), sub;
	DIR *list = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		const char *name = entry->d_name;

		if (str_eq(name, ".") || str_eq(name, "..") || (depth == 0 && str_eq(name, LOCK)))
			continue;
		sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0) {
			if (depth < DEPTH_MAX)
				empty(sub, depth + 1);
			close(sub);
			unlinkat(dir, name, AT_REMOVEDIR);
		} else {
			wipe(dir, name);
			unlinkat(dir, name, 0);
		}
	}
	if (list != NULL)
		closedir(list);
	else if (again >= 0)
		close(again);
}

/* The lock goes last: who dies here leaves what the next one finds. */
static void remove_all(int parent, const char *name, int dir)
{
	empty(dir, 0);
	unlinkat(dir, LOCK, 0);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* ---- what others left ---- */

static bool is_ours_alone(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

/* A descriptor that holds the lock of a directory whose owner is gone; -1. */
static int take_lock(int dir)
{
	int fd = openat(dir, LOCK, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
		flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -1;
}

static void sweep_one(int parent, const char *name)
{
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int lock = -1;

	if (dir < 0)
		return;
	if (is_ours_alone(dir) && (lock = take_lock(dir)) >= 0) {
		remove_all(parent, name, dir);
		close(lock);
	}
	close(dir);
}

static bool is_named(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return str_starts(name, prefix) && strlen(name) == n + RANDOM &&
	       strspn(name + n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
		       RANDOM;
}

static void sweep(const char *parent, const char *prefix)
{
	DIR *list = opendir(parent);
	const struct dirent *entry;

	if (list == NULL)
		return;
	while ((entry = readdir(list)) != NULL)
		if (is_named(entry->d_name, prefix))
			sweep_one(dirfd(list), entry->d_name);
	closedir(list);
}

/* ---- one's own ---- */

/* Where nothing can be locked, it has no lock file: it works, but nobody will sweep it. */
static int hold_lock(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd;

	if (dir < 0)
		return -1;
	fd = openat(dir, LOCK_NEW, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 &&
		(flock(fd, LOCK_EX | LOCK_NB) != 0 || renameat(dir, LOCK_NEW, dir, LOCK) != 0)) {
		unlinkat(dir, LOCK_NEW, 0);
		close(fd);
		fd = -1;
	}
	close(dir);
	return fd;
}

int temp_dir_open(struct temp_dir *s, const char *parent, const char *prefix, struct err *e)
{
	int failed;

	sweep(parent, prefix);
	s->lock_fd = -1;
	s->path = str_fmt("%s/%sXXXXXX", parent, prefix);
	if (mkdtemp(s->path) != NULL) {
		s->lock_fd = hold_lock(s->path);
		return 0;
	}
	failed = errno;
	err_sys(e, failed, "%s", s->path);
	free(s->path);
	s->path = NULL;
	return -1;
}

void temp_dir_close(struct temp_dir *s)
{
	int dir;

	if (s->path == NULL)
		return;
	dir = open(s->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0) {
		remove_all(AT_FDCWD, s->path, dir);
		close(dir);
	}
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	s->path = NULL;
}
