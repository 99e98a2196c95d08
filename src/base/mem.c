/* Memory that is there or ends the program. The message is written with write(2):
 * when the heap is gone, stdio may be too. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
	static const char words[] = "k911: out of memory\n";

	if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
		_exit(1);
	abort();
}

void *mem_zero(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *mem_grow(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n ? n : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *mem_dup(const void *bytes, size_t n)
{
	char *p;

	if (n == SIZE_MAX)
		out_of_memory();
	p = mem_grow(NULL, n + 1, 1);
	if (n > 0)
		memcpy(p, bytes, n);
	p[n] = '\0';
	return p;
}

char *mem_str(const char *s)
{
	return s == NULL ? NULL : mem_dup(s, strlen(s));
}

void mem_wipe(void *bytes, size_t n)
{
	if (n > 0)
		explicit_bzero(bytes, n);
}

void mem_forget(char **secret)
{
	if (*secret != NULL)
		mem_wipe(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}
