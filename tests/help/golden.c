/* Golden files: a mismatch prints the lines that differ, so the log alone says what changed. */
#include "help/golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/kit/canvas.h"

#define GOLDEN_MAX 1000000

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, GOLDEN_MAX + 1);

	if (f == NULL || text == NULL) {
		free(text);
		return NULL;
	}
	text[fread(text, 1, GOLDEN_MAX, f)] = '\0';
	fclose(f);
	return text;
}

static bool update(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL) {
		fprintf(stderr, "%s: cannot be written (errno %d)\n", path, errno);
		return false;
	}
	fputs(text, f);
	return fclose(f) == 0;
}

static void print_line(char mark, int line, const char *s, size_t n)
{
	fprintf(stderr, "%4d %c|%.*s\n", line, mark, (int)n, s);
}

static void print_diff(const char *path, const char *want, const char *got)
{
	fprintf(stderr, "%s differs (- saved, + now; UPDATE_GOLDEN=1 accepts):\n", path);
	for (int line = 1; *want != '\0' || *got != '\0'; line++) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");

		if (w != g || strncmp(want, got, w) != 0) {
			print_line('-', line, want, w);
			print_line('+', line, got, g);
		}
		want += w + (want[w] == '\n');
		got += g + (got[g] == '\n');
	}
}

bool golden_matches(const char *name, const char *text)
{
	const char *wish = getenv("UPDATE_GOLDEN");
	char path[200];
	char *want;
	bool same;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (wish != NULL && wish[0] == '1')
		return update(path, text);
	want = read_all(path);
	same = want != NULL && strcmp(want, text) == 0;
	if (!same)
		print_diff(path, want != NULL ? want : "", text);
	free(want);
	return same;
}

bool golden_canvas(const char *name, const struct canvas *c, bool with_roles)
{
	char *text = canvas_dump(c, with_roles);
	bool same = golden_matches(name, text);

	free(text);
	return same;
}
