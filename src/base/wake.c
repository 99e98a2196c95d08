/* A wake-up that stays. The count in the eventfd has no meaning beyond zero or
 * not: its writes cannot block before 2^64 - 1 of them went unread. */
#include "base/wake.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

int wake_open(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0) {
		perror("k911: eventfd");
		abort();
	}
	return fd;
}

void wake_set(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return; /* full: it is readable already */
}

void wake_clear(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return; /* it was clear */
}
