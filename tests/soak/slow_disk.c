/* A slow disk for the real program, and a witness of who waits for it: a library for LD_PRELOAD.
 *
 *	LD_PRELOAD=$(B)/tests/soak/slow_disk.so SLOW_DISK_LOG=/tmp/calls k911
 *
 * Delays calls that a sick disk, an NFS home or a name server can hold: open, read, write, fsync,
 * fdatasync, flock, fcntl's locks, rename, stat and their kin on regular files and directories,
 * and the lookup of a name. Terminals, sockets, pipes, eventfds, /proc, /sys and /dev are left
 * alone. Only a program called k911 is slowed, and what it starts (ssh, plugins) is not.
 *
 *	SLOW_DISK_RATE   so many of a hundred calls are delayed (20)
 *	SLOW_DISK_MS     each by 0 to so many milliseconds (5000)
 *	SLOW_DISK_SEED   which ones, and for how long (1)
 *	SLOW_DISK_UNDER  only what lies in this directory is delayed (everything)
 *	SLOW_DISK_WHILE  a file: nothing is delayed or recorded while it does not exist (always).
 *	                 Make it once the screen stands, remove it before the program is left: at
 *	                 its start and its end k911 may wait for a disk
 *	SLOW_DISK_LOG    a file that gets one line for each such call, delayed or not, of a thread
 *	                 that must never wait: "THREAD CALL PATH". THREAD is ui (the main thread),
 *	                 engine or net. It stays empty in a program that is well
 *
 * A call inside libc is not seen (getaddrinfo's reading of /etc/hosts, localtime's of its zone);
 * the lookup itself is. */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 1024
#define SLICE_MS   20

/* The next one of a name that is defined here: libc's, or a sanitizer's. */
#define REAL(name)                                                                                 \
	__extension__({                                                                            \
		static __typeof__(name) *at;                                                       \
		if (!at)                                                                           \
			at = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);                          \
		at;                                                                                \
	})

static struct {
	bool on;
	uint64_t seed, rate, most_ms;
	const char *under, *only_while;
	int log;
} set = {.log = -1};

static atomic_uint_fast64_t calls;

/* Threads by the name they have given themselves: a name alone is inherited by those they start. */
static struct {
	_Atomic(pthread_t) thread;
	const char *name;
} named[] = {{0, "engine"}, {0, "net"}};

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && text[0] ? strtoull(text, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
	const char *log = getenv("SLOW_DISK_LOG");

	set.on = strcmp(program_invocation_short_name, "k911") == 0;
	if (!set.on)
		return;
	set.seed = number("SLOW_DISK_SEED", 1);
	set.rate = number("SLOW_DISK_RATE", 20);
	set.most_ms = number("SLOW_DISK_MS", 5000);
	set.under = getenv("SLOW_DISK_UNDER");
	set.only_while = getenv("SLOW_DISK_WHILE");
	if (log)
		set.log = (int)syscall(
			SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	unsetenv("LD_PRELOAD"); /* what it starts is quick */
}

int pthread_setname_np(pthread_t thread, const char *name)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(named[i].name, name) == 0)
			named[i].thread = thread;
	return REAL(pthread_setname_np)(thread, name);
}

/* The name of a thread that must never wait; NULL for another. */
static const char *who(void)
{
	if (syscall(SYS_gettid) == getpid())
		return "ui";
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].thread && pthread_equal(named[i].thread, pthread_self()))
			return named[i].name;
	return NULL;
}

static void record(const char *call, const char *path)
{
	const char *thread = who();
	char line[PATH_BYTES + 100];
	int n;

	if (!thread || set.log < 0)
		return;
	n = snprintf(line, sizeof(line), "%s %s %s\n", thread, call, path);
	syscall(SYS_write, set.log, line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
}

static uint64_t mixed(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static bool armed(void)
{
	return set.on &&
	       (!set.only_while || syscall(SYS_faccessat, AT_FDCWD, set.only_while, F_OK) == 0);
}

/* In slices: it ends when the disk is well again. */
static void wait_a_while(void)
{
	const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000};
	uint64_t dice = mixed(set.seed + mixed(atomic_fetch_add(&calls, 1)));
	uint64_t ms = set.most_ms ? (dice >> 8) % (set.most_ms + 1) : 0;

	if ((dice & 0xff) * 100 >= set.rate * 256)
		return;
	for (; ms >= SLICE_MS && armed(); ms -= SLICE_MS)
		syscall(SYS_nanosleep, &slice, NULL);
}

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static void slow(const char *call, const char *path)
{
	int saved = errno;

	if (armed()) {
		record(call, path);
		if (!set.under || starts(path, set.under))
			wait_a_while();
	}
	errno = saved;
}

static void slow_path(const char *call, const char *path)
{
	static const char *const quick[] = {"/proc", "/sys", "/dev"};

	if (!path || !set.on)
		return;
	for (size_t i = 0; i < sizeof(quick) / sizeof(quick[0]); i++)
		if (starts(path, quick[i]))
			return;
	slow(call, path);
}

static void slow_fd(const char *call, int fd)
{
	char link[40], path[PATH_BYTES] = "";
	int saved = errno;
	struct stat st;
	long n;

	if (!set.on)
		return;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
		path[n > 0 ? n : 0] = '\0';
		slow_path(call, path);
	}
	errno = saved;
}

/* A name is looked up, an address is not. */
static void slow_name(const char *call, const char *name)
{
	unsigned char at[sizeof(struct in6_addr)];

	if (name && inet_pton(AF_INET, name, at) != 1 && inet_pton(AF_INET6, name, at) != 1)
		slow(call, name);
}

#define ON(how, what, type, name, params, args)                                                    \
	type name params                                                                           \
	{                                                                                          \
		how(#name, what);                                                                  \
		return REAL(name) args;                                                            \
	}
#define ON_PATH(type, name, params, args) ON(slow_path, path, type, name, params, args)
#define ON_FD(type, name, params, args)   ON(slow_fd, fd, type, name, params, args)
#define ON_NAME(type, name, params, args) ON(slow_name, host, type, name, params, args)

/* open's third argument is there only where a file may be made. */
#define ON_OPEN(name, params, args, last)                                                          \
	int name params                                                                            \
	{                                                                                          \
		mode_t mode = 0;                                                                   \
		va_list ap;                                                                        \
		va_start(ap, last);                                                                \
		if (last & (O_CREAT | __O_TMPFILE))                                                \
			mode = va_arg(ap, mode_t);                                                 \
		va_end(ap);                                                                        \
		slow_path(#name, path);                                                            \
		return REAL(name) args;                                                            \
	}

/* What a fortified program calls instead; libc declares them nowhere. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);
ssize_t __read_chk(int fd, void *to, size_t n, size_t room);
ssize_t __pread_chk(int fd, void *to, size_t n, off_t off, size_t room);
ssize_t __pread64_chk(int fd, void *to, size_t n, off64_t off, size_t room);
ssize_t __readlink_chk(const char *path, char *to, size_t n, size_t room);
char *__realpath_chk(const char *path, char *to, size_t room);

ON_OPEN(open, (const char *path, int flags, ...), (path, flags, mode), flags)
ON_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), flags)
ON_OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode), flags)
ON_OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode), flags)
ON_PATH(int, __open_2, (const char *path, int flags), (path, flags))
ON_PATH(int, __open64_2, (const char *path, int flags), (path, flags))
ON_PATH(int, __openat_2, (int at, const char *path, int flags), (at, path, flags))
ON_PATH(int, __openat64_2, (int at, const char *path, int flags), (at, path, flags))
ON_PATH(int, creat, (const char *path, mode_t mode), (path, mode))
ON_PATH(FILE *, fopen, (const char *path, const char *how), (path, how))
ON_PATH(FILE *, fopen64, (const char *path, const char *how), (path, how))
ON_PATH(DIR *, opendir, (const char *path), (path))
ON_PATH(int, mkstemp, (char *path), (path))
ON_PATH(char *, mkdtemp, (char *path), (path))

ON_FD(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n))
ON_FD(ssize_t, pread, (int fd, void *to, size_t n, off_t off), (fd, to, n, off))
ON_FD(ssize_t, pread64, (int fd, void *to, size_t n, off64_t off), (fd, to, n, off))
ON_FD(ssize_t, __read_chk, (int fd, void *to, size_t n, size_t room), (fd, to, n, room))
ON_FD(ssize_t, __pread_chk, (int fd, void *to, size_t n, off_t off, size_t room),
	(fd, to, n, off, room))
ON_FD(ssize_t, __pread64_chk, (int fd, void *to, size_t n, off64_t off, size_t room),
	(fd, to, n, off, room))
ON_FD(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n))
ON_FD(ssize_t, writev, (int fd, const struct iovec *from, int n), (fd, from, n))
ON_FD(ssize_t, pwrite, (int fd, const void *from, size_t n, off_t off), (fd, from, n, off))
ON_FD(ssize_t, pwrite64, (int fd, const void *from, size_t n, off64_t off), (fd, from, n, off))
ON_FD(int, fsync, (int fd), (fd))
ON_FD(int, fdatasync, (int fd), (fd))
ON_FD(int, flock, (int fd, int how), (fd, how))
ON_FD(int, ftruncate, (int fd, off_t n), (fd, n))
ON_FD(int, ftruncate64, (int fd, off64_t n), (fd, n))
ON_FD(int, fchmod, (int fd, mode_t mode), (fd, mode))

ON_PATH(int, stat, (const char *path, struct stat *st), (path, st))
ON_PATH(int, stat64, (const char *path, struct stat64 *st), (path, st))
ON_PATH(int, lstat, (const char *path, struct stat *st), (path, st))
ON_PATH(int, lstat64, (const char *path, struct stat64 *st), (path, st))
ON_PATH(int, fstatat, (int at, const char *path, struct stat *st, int flags), (at, path, st, flags))
ON_PATH(int, fstatat64, (int at, const char *path, struct stat64 *st, int flags),
	(at, path, st, flags))
ON_PATH(int, access, (const char *path, int how), (path, how))
ON_PATH(int, faccessat, (int at, const char *path, int how, int flags), (at, path, how, flags))
ON_PATH(ssize_t, readlink, (const char *path, char *to, size_t n), (path, to, n))
ON_PATH(ssize_t, __readlink_chk, (const char *path, char *to, size_t n, size_t room),
	(path, to, n, room))
ON_PATH(char *, realpath, (const char *path, char *to), (path, to))
ON_PATH(char *, __realpath_chk, (const char *path, char *to, size_t room), (path, to, room))
ON_PATH(int, rename, (const char *from, const char *path), (from, path))
ON_PATH(int, renameat, (int a, const char *from, int b, const char *path), (a, from, b, path))
ON_PATH(int, link, (const char *from, const char *path), (from, path))
ON_PATH(int, unlink, (const char *path), (path))
ON_PATH(int, unlinkat, (int at, const char *path, int flags), (at, path, flags))
ON_PATH(int, remove, (const char *path), (path))
ON_PATH(int, mkdir, (const char *path, mode_t mode), (path, mode))
ON_PATH(int, mkdirat, (int at, const char *path, mode_t mode), (at, path, mode))
ON_PATH(int, rmdir, (const char *path), (path))
ON_PATH(int, chmod, (const char *path, mode_t mode), (path, mode))
ON_PATH(void *, dlopen, (const char *path, int flags), (path, flags))
ON_PATH(int, posix_spawn,
	(pid_t * pid, const char *path, const posix_spawn_file_actions_t *files,
		const posix_spawnattr_t *attr, char *const *argv, char *const *env),
	(pid, path, files, attr, argv, env))
ON_PATH(int, posix_spawnp,
	(pid_t * pid, const char *path, const posix_spawn_file_actions_t *files,
		const posix_spawnattr_t *attr, char *const *argv, char *const *env),
	(pid, path, files, attr, argv, env))

ON_NAME(int, getaddrinfo,
	(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **list),
	(host, port, hints, list))
ON_NAME(struct hostent *, gethostbyname, (const char *host), (host))
ON(slow, "", struct passwd *, getpwuid, (uid_t uid), (uid))
ON(slow, "", int, getpwuid_r,
	(uid_t uid, struct passwd *to, char *room, size_t n, struct passwd **found),
	(uid, to, room, n, found))

/* A lock is asked of whoever keeps the file; the rest of fcntl is about the descriptor alone. */
static void slow_lock(const char *call, int fd, int what)
{
	if (what == F_SETLK || what == F_SETLKW || what == F_GETLK || what == F_OFD_SETLK ||
		what == F_OFD_SETLKW || what == F_OFD_GETLK)
		slow_fd(call, fd);
}

#define ON_FCNTL(name)                                                                             \
	int name(int fd, int what, ...)                                                            \
	{                                                                                          \
		void *arg;                                                                         \
		va_list ap;                                                                        \
		va_start(ap, what);                                                                \
		arg = va_arg(ap, void *);                                                          \
		va_end(ap);                                                                        \
		slow_lock(#name, fd, what);                                                        \
		return REAL(name)(fd, what, arg);                                                  \
	}
ON_FCNTL(fcntl)
ON_FCNTL(fcntl64)
