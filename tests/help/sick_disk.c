/* Every call looks at what the disk has, by the path that its file has now. */
#include "help/sick_disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libc's, or a sanitizer's. */
#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	const char *under;
	enum sickness has;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

void sick_disk(const char *under, enum sickness s)
{
	pthread_mutex_lock(&disk.lock);
	disk.under = under;
	disk.has = s;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

/* 0: the call may go on; or its errno. */
static int look(const char *path, enum sickness hangs, bool changes)
{
	int failed = 0;

	pthread_mutex_lock(&disk.lock);
	if (disk.has != DISK_WELL && strncmp(path, disk.under, strlen(disk.under)) == 0) {
		while (disk.has == hangs)
			pthread_cond_wait(&disk.changed, &disk.lock);
		if (changes)
			failed = disk.has == DISK_FULL        ? ENOSPC
				 : disk.has == DISK_READ_ONLY ? EROFS
				 : disk.has == DISK_BROKEN    ? EIO
							      : 0;
	}
	pthread_mutex_unlock(&disk.lock);
	return failed;
}

static int look_fd(int fd, enum sickness hangs)
{
	char link[40], path[512];
	int saved = errno;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	errno = saved;
	return look(path, hangs, true);
}

static bool fails(int failed)
{
	if (failed != 0)
		errno = failed;
	return failed != 0;
}

/* A file that is there can be opened on a full disk. */
static int look_open(const char *path, int flags)
{
	int failed = look(path, DISK_OPEN_HANGS, (flags & O_ACCMODE) != O_RDONLY);

	return failed == ENOSPC && access(path, F_OK) == 0 ? 0 : failed;
}

#define ON_OPEN(name)                                                                              \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		mode_t mode = 0;                                                                   \
		va_list ap;                                                                        \
		va_start(ap, flags);                                                               \
		if (flags & O_CREAT)                                                               \
			mode = va_arg(ap, mode_t);                                                 \
		va_end(ap);                                                                        \
		return fails(look_open(path, flags)) ? -1 : REAL(name)(path, flags, mode);         \
	}
ON_OPEN(open)
ON_OPEN(open64)

#define ON_FD(hangs, type, name, params, args)                                                     \
	type name params                                                                           \
	{                                                                                          \
		return fails(look_fd(fd, hangs)) ? -1 : REAL(name) args;                           \
	}
ON_FD(DISK_WRITE_HANGS, ssize_t, pwrite, (int fd, const void *from, size_t n, off_t off),
	(fd, from, n, off))
ON_FD(DISK_WRITE_HANGS, ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t off),
	(fd, from, n, off))
ON_FD(DISK_WRITE_HANGS, int, ftruncate64, (int fd, off64_t n), (fd, n))
ON_FD(DISK_SYNC_HANGS, int, fsync, (int fd), (fd))
ON_FD(DISK_SYNC_HANGS, int, fdatasync, (int fd), (fd))

int mknod(const char *path, mode_t mode, dev_t device)
{
	return fails(look(path, DISK_OPEN_HANGS, true)) ? -1 : REAL(mknod)(path, mode, device);
}

#define ON_FCNTL(name)                                                                             \
	int name(int fd, int what, ...)                                                            \
	{                                                                                          \
		void *arg;                                                                         \
		va_list ap;                                                                        \
		va_start(ap, what);                                                                \
		arg = va_arg(ap, void *);                                                          \
		va_end(ap);                                                                        \
		if (what == F_SETLK || what == F_SETLKW)                                           \
			look_fd(fd, DISK_LOCK_HANGS);                                              \
		return REAL(name)(fd, what, arg);                                                  \
	}
ON_FCNTL(fcntl)
ON_FCNTL(fcntl64)
