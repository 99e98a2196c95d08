/* The words of a deed, held to their kinds: what passes is safe in the script's own tests and
 * patterns too, not only behind the quotes it travels in. */
#include "cluster/node_deed.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/node_layout.h"
#include "node_deed_parts.h"

enum { NAME_MAX_BYTES = 128, PATH_MAX_BYTES = 512, LIST_MAX_BYTES = 2048, TEXT_MAX_BYTES = 200 };

static const struct kind {
	const char
		*beside; /* may stand beside letters and digits; NULL: anything that is printed */
	size_t max;
} kinds[] = {
	[NODE_WORD_NAME] = {"._-", NAME_MAX_BYTES},
	[NODE_WORD_FILE] = {"._~#@+:-", NAME_MAX_BYTES},
	[NODE_WORD_PATH] = {"._/@+:=,-", PATH_MAX_BYTES},
	[NODE_WORD_PATHS] = {"._/@+:=,- ", LIST_MAX_BYTES},
	[NODE_WORD_NAMES] = {"._/@:- ", LIST_MAX_BYTES},
	[NODE_WORD_URL] = {"._/:[]-", PATH_MAX_BYTES},
	[NODE_WORD_NUMBER] = {"", 18},
	[NODE_WORD_TEXT] = {NULL, TEXT_MAX_BYTES},
};

static bool made_of(const char *s, const char *beside)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool alnum =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (beside == NULL ? c < ' ' || c == 0x7f : !alnum && strchr(beside, c) == NULL)
			return false;
	}
	return true;
}

static bool absolute(const char *path, size_t n)
{
	static const char up[] = "/..";

	if (n == 0 || path[0] != '/')
		return false;
	for (size_t i = 0; i + 3 <= n; i++)
		if (memcmp(path + i, up, 3) == 0 && (i + 3 == n || path[i + 3] == '/'))
			return false;
	return true;
}

static bool shaped(enum node_word_kind kind, const char *s)
{
	int64_t number;

	switch (kind) {
	case NODE_WORD_PATH:
		return absolute(s, strlen(s));
	case NODE_WORD_PATHS:
		for (size_t n; *s != '\0'; s += n + strspn(s + n, " ")) {
			n = strcspn(s, " ");
			if (!absolute(s, n))
				return false;
		}
		return true;
	case NODE_WORD_NAMES:
		return strstr(s, " -") == NULL;
	case NODE_WORD_URL:
		return str_starts(s, "https://") || str_starts(s, "http://");
	case NODE_WORD_NUMBER:
		return str_i64(s, &number) && number >= 0;
	case NODE_WORD_NAME:
	case NODE_WORD_FILE:
		return strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
	case NODE_WORD_TEXT:
		return true;
	}
	return false;
}

static bool word_ok(const struct node_deed_word *w, const char *s)
{
	const struct kind *k = &kinds[w->kind];

	return s[0] != '\0' && s[0] != '-' && strnlen(s, k->max + 1) <= k->max &&
	       made_of(s, k->beside) && shaped(w->kind, s) &&
	       (w->among == NULL || node_layout_has(w->among, s, strlen(s)));
}

const struct node_deed_word node_deed_run_word = {"RUN", NODE_WORD_NAME, "", NULL};

static const struct node_deed_word *word_of(const struct node_deed *d, const char *name)
{
	for (size_t i = 0; i < NODE_DEED_WORDS && d->words[i].name != NULL; i++)
		if (strcmp(d->words[i].name, name) == 0)
			return &d->words[i];
	return strcmp(name, node_deed_run_word.name) == 0 ? &node_deed_run_word : NULL;
}

const char *node_deed_word(const struct node_words *w, const struct node_deed_word *is)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->at[i].name, is->name) == 0)
			return w->at[i].value;
	return is->otherwise;
}

static int wrong(
	const struct node_deed *d, const struct node_deed_word *w, const char *value, struct err *e)
{
	char safe[80];

	if (value == NULL)
		return err_set(e, ERR_USAGE, _("%s: %s is not said"), d->name, w->name);
	text_safe(safe, sizeof(safe), value, strnlen(value, sizeof(safe)));
	if (w->among != NULL)
		return err_set(e, ERR_USAGE, _("%s: %s may be one of %s, not '%s'"), d->name,
			w->name, w->among, safe);
	return err_set(e, ERR_USAGE, _("%s: %s may not be '%s'"), d->name, w->name, safe);
}

int node_deed_check(const struct node_deed *d, const struct node_words *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct node_deed_word *is = word_of(d, w->at[i].name);

		if (is == NULL)
			return err_set(e, ERR_USAGE, _("%s takes no %s"), d->name, w->at[i].name);
		/* Nothing where nothing may be: as if it were not told. */
		if (str_eq(w->at[i].value, is->otherwise))
			continue;
		if (w->at[i].value == NULL || !word_ok(is, w->at[i].value))
			return wrong(d, is, w->at[i].value, e);
	}
	for (size_t i = 0; i < NODE_DEED_WORDS && d->words[i].name != NULL; i++)
		if (node_deed_word(w, &d->words[i]) == NULL)
			return wrong(d, &d->words[i], NULL, e);
	return 0;
}
