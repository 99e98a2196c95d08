/* What a node is asked in more than one step: its units, its runtime, stray manifests. */
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/node_deed.h"
#include "run_parts.h"

#define STRAYS 16

static int tell(struct run_call *c, const char *node, const char *deed, const struct node_word *w,
	size_t n, struct node_answer *a, struct err *e)
{
	const struct node_words words = {.at = w, .n = n};
	struct node_call to;

	if (run_call_node(c, node, 0, &to, e) != 0)
		return -1;
	return node_deed_do(&to, node_deed_find(deed), &words, a, e);
}

/* Active, and answering for itself where that can be asked. */
enum run_answer guard_kubelet_active(struct run_call *c, char *why, size_t size)
{
	const struct node_word kubelet = {"UNIT", "kubelet"};
	const struct node_words words = {.at = &kubelet, .n = 1};
	struct node_answer a;
	struct node_call to;
	struct err e;
	bool up = false;
	int rc;

	node_answer_init(&a);
	rc = run_call_node(c, run_call_text(c, "node"), 0, &to, &e);
	rc = rc == 0 ? node_deed_done(&to, node_deed_find("unit-start"), &words, &up, &a, &e) : rc;
	node_answer_done(&a);
	if (rc != 0)
		str_copy(why, size, e.text);
	else if (!up)
		snprintf(why, size, _("systemd says that the kubelet of %.60s is not active"),
			run_call_text(c, "node"));
	return rc != 0 ? RUN_CANNOT_TELL : up ? RUN_YES : RUN_NO;
}

/* A runtime that hangs is no other fault: it does not answer. */
enum run_answer guard_runtime_answers(struct run_call *c, char *why, size_t size)
{
	const struct node_word any = {"NAME", "kube-proxy"};
	struct node_answer a;
	struct err e;
	int rc;

	node_answer_init(&a);
	rc = tell(c, run_call_text(c, "node"), "probe-containers", &any, 1, &a, &e);
	node_answer_done(&a);
	if (rc == 0)
		return RUN_YES;
	str_copy(why, size, e.text);
	return e.code == ERR_TIMEOUT || e.code == ERR_SERVER ? RUN_NO : RUN_CANNOT_TELL;
}

/* ---- stray manifests ---- */

struct strays {
	size_t n;
	char file[STRAYS][256];
};

/* The last word of "WHY POD FILE". */
static void take_stray(struct strays *s, const char *value, size_t n)
{
	size_t at = n;

	while (at > 0 && value[at - 1] != ' ')
		at--;
	if (s->n < STRAYS)
		str_copy_n(s->file[s->n++], sizeof(s->file[0]), value + at, n - at);
}

static int find_strays(struct run_call *c, const char *node, struct strays *s, struct err *e)
{
	struct node_answer a;
	const char *value;
	size_t at = 0, n;
	int rc;

	s->n = 0;
	node_answer_init(&a);
	rc = tell(c, node, "manifest-strays", NULL, 0, &a, e);
	while (rc == 0 && node_answer_next(&a, "stray", &at, &value, &n))
		take_stray(s, value, n);
	node_answer_done(&a);
	return rc;
}

static enum run_answer has_none(struct run_call *c, const char *node, char *why, size_t size)
{
	char safe[200];
	struct strays s;
	struct err e;

	if (find_strays(c, node, &s, &e) != 0) {
		str_copy(why, size, e.text);
		return RUN_CANNOT_TELL;
	}
	if (s.n == 0)
		return RUN_YES;
	text_safe(safe, sizeof(safe), s.file[0], strlen(s.file[0]));
	snprintf(why, size, _("%zu stray files in the directory of manifests, like %s"), s.n, safe);
	return RUN_NO;
}

enum run_answer guard_no_strays(struct run_call *c, char *why, size_t size)
{
	return has_none(c, run_call_text(c, "node"), why, size);
}

enum run_answer deed_no_strays(struct run_call *c, char *why, size_t size)
{
	return has_none(c, c->target, why, size);
}

int deed_strays_aside(struct run_call *c, struct err *e)
{
	struct strays s;
	int rc = find_strays(c, c->target, &s, e);

	for (size_t k = 0; rc == 0 && k < s.n; k++) {
		const struct node_word words[] = {{"FILE", s.file[k]}, {"RUN", c->attempt}};
		char safe[200];
		struct node_answer a;

		node_answer_init(&a);
		rc = tell(c, c->target, "stray-aside", words, c->attempt ? 2 : 1, &a, e);
		node_answer_done(&a);
		text_safe(safe, sizeof(safe), s.file[k], strlen(s.file[k]));
		run_call_say(c, _("moved aside: %s"), safe);
	}
	return rc;
}
