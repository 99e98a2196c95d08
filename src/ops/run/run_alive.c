/* A name in the abstract space is bound by one socket at a time, and free when that is closed. */
#include "ops/run/run_alive.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static socklen_t name_of(const char *run, struct sockaddr_un *to)
{
	int n;

	memset(to, 0, sizeof(*to));
	to->sun_family = AF_UNIX;
	n = snprintf(to->sun_path + 1, sizeof(to->sun_path) - 1, "k911-run-%s", run);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

int run_alive_hold(const char *run)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name;
	socklen_t n = name_of(run, &name);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&name, n) == 0)
		return fd;
	close(fd);
	return -1;
}

bool run_alive_is(const char *run)
{
	int fd = run_alive_hold(run);

	if (fd < 0)
		return true;
	close(fd);
	return false;
}
