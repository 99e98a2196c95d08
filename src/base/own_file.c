/* Files of our own in directories that others may write to: a link, or somebody else's file, put
 * where ours should be is refused, never followed. */
#include "base/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"

static int look(const char *path, const struct stat *st, struct err *e)
{
	if (S_ISLNK(st->st_mode))
		return err_set(e, ERR_INPUT, _("%s is a link: remove it"), path);
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_INPUT, _("%s is no regular file: remove it"), path);
	if (st->st_uid != geteuid())
		return err_set(e, ERR_INPUT, _("%s belongs to another user (uid %u): remove it"),
			path, (unsigned)st->st_uid);
	if (st->st_nlink > 1)
		return err_set(e, ERR_INPUT,
			_("%s has a second name, under which another file would be written: remove "
			  "it"),
			path);
	return 0;
}

int own_file_open(const char *path, int flags, struct err *e)
{
	/* Not blocking, or a pipe in its place would hold us. */
	int fd = open(path, flags | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return own_file_look(path, e);
	if (fd < 0)
		return err_sys(e, errno, "%s", path);
	if (fstat(fd, &st) == 0 && look(path, &st, e) == 0)
		return fd;
	close(fd);
	return -1;
}

int own_file_look(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : err_sys(e, errno, "%s", path);
	return look(path, &st, e);
}
