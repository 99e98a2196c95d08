/* The process reads its own memory by way of the kernel, as a debugger or a core dump would: no
 * sanitizer and no valgrind minds that what is read was freed. */
#include "help/residue.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAP_MAX ((uint64_t)256 << 20) /* what is larger is a sanitizer's own */
#define RUN     8

static char letter(size_t i)
{
	return (char)('A' + (i * 7 + 3 + i / 26) % 26);
}

void residue_secret(char secret[RESIDUE_BYTES])
{
	for (size_t i = 0; i < RESIDUE_BYTES - 1; i++)
		secret[i] = letter(i);
	secret[RESIDUE_BYTES - 1] = '\0';
}

static bool is_residue(const char *at)
{
	for (size_t from = 0; from + RUN < RESIDUE_BYTES; from += RUN) {
		size_t n = 0;

		while (n < RUN && at[n] == letter(from + n))
			n++;
		if (n == RUN)
			return true;
	}
	return false;
}

static int count_in(int memory, uint64_t from, uint64_t to)
{
	static char page[4096 + RUN];
	int found = 0;

	for (; from < to; from += 4096) {
		ssize_t got = pread(memory, page, sizeof(page), (off_t)from);

		for (ssize_t i = 0; i + RUN <= got && i < 4096; i++)
			found += is_residue(page + i);
		memset(page, 0, sizeof(page));
	}
	return found;
}

int residue_count(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC), found = 0;
	uint64_t from, to;
	char line[512], may[5];
	bool watched = false;

	while (maps != NULL && memory >= 0 && !watched && fgets(line, sizeof(line), maps) != NULL) {
		watched = watched || strstr(line, "/valgrind/") != NULL;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, may) != 3 ||
			may[0] != 'r' || may[1] != 'w' || to - from > MAP_MAX ||
			strchr(line, '/') != NULL || strstr(line, "[stack]") != NULL)
			continue;
		found += count_in(memory, from, to);
	}
	if (maps != NULL)
		fclose(maps);
	if (memory >= 0)
		close(memory);
	return maps != NULL && memory >= 0 && !watched ? found : -1;
}
