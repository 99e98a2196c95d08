/* A directory is safe when it is ours and only we write to it, and when each one above it is root's
 * or ours and lets nobody else rename what is in it: others may not write there, unless the sticky
 * bit keeps them from what is not theirs, as in /tmp. The group of a user is mostly that user
 * alone, so above the directory it may write. */
#include "io/own_dir.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "io/file.h"

static int check_own(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return err_sys(e, errno, "%s", path);
	if (st.st_uid != geteuid())
		return err_set(e, ERR_INPUT,
			_("%s belongs to another user (uid %u): choose a directory of your own"),
			path, (unsigned)st.st_uid);
	if ((st.st_mode & 022) != 0)
		return err_set(e, ERR_INPUT,
			_("%s may be written by its group or by others: chmod go-w it, or choose "
			  "another directory"),
			path);
	return 0;
}

static bool others_rename(const struct stat *st)
{
	if ((st->st_mode & S_ISVTX) != 0)
		return false;
	return (st->st_mode & S_IWOTH) != 0 ||
	       ((st->st_mode & S_IWGRP) != 0 && st->st_gid != getegid() && st->st_gid != 0);
}

static int check_above(const char *above, const char *path, struct err *e)
{
	struct stat st;

	if (lstat(above, &st) != 0)
		return err_sys(e, errno, "%s", above);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, ERR_INPUT,
			_("%s, above %s, belongs to another user (uid %u), who could replace it: "
			  "choose another directory"),
			above, path, (unsigned)st.st_uid);
	if (others_rename(&st))
		return err_set(e, ERR_INPUT,
			_("%s, above %s, may be written by others, who could replace it: chmod "
			  "go-w "
			  "it, or choose another directory"),
			above, path);
	return 0;
}

static int check_all_above(const char *real, struct err *e)
{
	char *above = mem_str(real), *slash;
	int rc = 0;

	while (rc == 0 && (slash = strrchr(above, '/')) != NULL && slash != above) {
		*slash = '\0';
		rc = check_above(above, real, e);
	}
	if (rc == 0)
		rc = check_above("/", real, e);
	free(above);
	return rc;
}

int own_dir_make(const char *path, char **real, struct err *e)
{
	*real = NULL;
	if (file_make_dirs(path, 0700, e) != 0)
		return -1;
	*real = realpath(path, NULL);
	if (*real == NULL)
		return err_sys(e, errno, "%s", path);
	if (check_own(*real, e) == 0 && check_all_above(*real, e) == 0)
		return 0;
	free(*real);
	*real = NULL;
	return -1;
}
