/* One small file of the drill's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "drill/world/drill_files.h"

/* Without the fsyncs of file_write: nothing here outlives the drill. */
int files_put(const char *path, const char *text, mode_t mode, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	size_t n = strlen(text);
	bool whole;

	if (fd < 0)
		return err_sys(e, errno, "writing %s", path);
	whole = write(fd, text, n) == (ssize_t)n;
	close(fd);
	return whole ? 0 : err_set(e, ERR_SYSTEM, "writing %s: the disk is full", path);
}
