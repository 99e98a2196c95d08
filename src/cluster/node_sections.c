/* Sections of a node's answer. See the header for why the marks carry a nonce. */
#include "cluster/node_sections.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/i18n.h"
#include "base/str.h"

int node_nonce(char nonce[NODE_NONCE_HEX], struct err *e)
{
	unsigned char bytes[NODE_NONCE_HEX / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_sys(e, errno, _("cannot read the system's random source"));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

void node_sections_begin(struct node_sections *it, const char *text, size_t n, const char *nonce)
{
	*it = (struct node_sections){.at = text, .left = n};
	snprintf(it->mark, sizeof(it->mark), "\n@@%s ", nonce);
}

/* A mark begins a line: the text's first line has no newline before it. */
static const char *find_mark(const struct node_sections *it, size_t *len)
{
	size_t all = strlen(it->mark);

	*len = all;
	if (!it->begun && it->left >= all - 1 && memcmp(it->at, it->mark + 1, all - 1) == 0) {
		*len = all - 1;
		return it->at;
	}
	return it->left > 0 ? memmem(it->at, it->left, it->mark, all) : NULL;
}

static void skip_to(struct node_sections *it, const char *to)
{
	it->left -= (size_t)(to - it->at);
	it->at = to;
}

bool node_sections_next(
	struct node_sections *it, char name[NODE_SECTION_NAME], const char **text, size_t *n)
{
	const char *mark, *end;
	size_t len;

	mark = find_mark(it, &len);
	if (mark == NULL)
		return false;
	it->begun = true;
	skip_to(it, mark + len);
	end = memchr(it->at, '\n', it->left);
	if (end == NULL)
		return false; /* cut inside its name */
	str_copy_n(name, NODE_SECTION_NAME, it->at, (size_t)(end - it->at));
	/* The newline before the next mark may be the one behind this name: keep it in sight. */
	skip_to(it, end);
	mark = find_mark(it, &len);
	*text = end + 1;
	if (mark == NULL)
		*n = it->left - 1;
	else
		*n = mark > end ? (size_t)(mark - end) - 1 : 0;
	return true;
}
