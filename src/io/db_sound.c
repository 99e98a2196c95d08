/* Moving a database that others may have open: they go on with the file they have, see at their
 * next use that another one lies at its path (db_has_moved), and come here. SQLite deletes no log
 * of a file that has moved, so theirs goes with them. The log is moved first: a file without its
 * log is older, a log without its file is lost. */
#include "io/db_sound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/str.h"
#include "io/file.h"

#define TURN_MS  5000
#define PAUSE_MS 5

/* Gives the descriptor that holds the turn; closing it ends the turn. */
static int take_turn(const char *path, struct err *e)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	char *lock = str_fmt("%s.lock", path);
	int fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		err_sys(e, errno, "%s", lock);
	for (int ms = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0; ms += PAUSE_MS) {
		if (ms < TURN_MS && (errno == EWOULDBLOCK || errno == EINTR)) {
			nanosleep(&pause, NULL);
			continue;
		}
		if (errno == EWOULDBLOCK)
			err_set(e, ERR_BUSY, _("%s is in use by another process"), path);
		else
			err_sys(e, errno, "%s", lock);
		close(fd);
		fd = -1;
	}
	free(lock);
	return fd;
}

static int move(const char *path, const char *to, const char *suffix, struct err *e)
{
	char *from_name = str_fmt("%s%s", path, suffix), *to_name = str_fmt("%s%s", to, suffix);
	int rc = 0;

	if (file_exists(to_name))
		rc = err_sys(e, EEXIST, "%s", to_name);
	else if (rename(from_name, to_name) != 0 && (errno != ENOENT || suffix[0] == '\0'))
		rc = err_sys(e, errno, "%s", from_name);
	free(from_name);
	free(to_name);
	return rc;
}

static char *move_aside(const char *path, int64_t now_ms, struct err *e)
{
	static const char *const suffixes[] = {"-wal", "-shm", ""};
	char stamp[32];
	char *to = str_fmt("%s.damaged-%s", path, instant_rfc3339(now_ms, stamp, sizeof(stamp)));

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (move(path, to, suffixes[i], e) != 0) {
			free(to);
			return NULL;
		}
	return to;
}

static struct db *open_checked(const char *path, struct err *e)
{
	struct db *d = db_open(path, DB_WRITE, e);

	if (d != NULL && db_check(d, e) == 0)
		return d;
	db_close(d);
	return NULL;
}

struct db *db_open_sound(const char *path, int64_t now_ms, struct db_aside *aside, struct err *e)
{
	struct err why = {.code = ERR_NONE};
	int turn = take_turn(path, e);
	struct db *d = NULL;

	*aside = (struct db_aside){.path = NULL};
	if (turn < 0)
		return NULL;
	d = open_checked(path, &why);
	if (d == NULL && why.code == ERR_INPUT) {
		aside->damage = why;
		aside->path = move_aside(path, now_ms, &why);
		if (aside->path != NULL)
			d = open_checked(path, &why);
	}
	close(turn);
	if (d == NULL && e != NULL)
		*e = why;
	return d;
}
