/* A handful of files each: looked for one by one. */
#include "base/embedded_file.h"

#include <string.h>

const struct embedded_file *embedded_file_find(const struct embedded_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++)
		if (strcmp(files->at[i].name, name) == 0)
			return &files->at[i];
	return NULL;
}
