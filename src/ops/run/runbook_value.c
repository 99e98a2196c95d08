/* Values by their types, each a row with its own small test. */
#include "ops/run/runbook_value.h"

#include <string.h>

#include "base/i18n.h"
#include "base/instant.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/ssh_words.h"

#define LABEL_MAX     63
#define SUBDOMAIN_MAX 253

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* n bytes of a-z, 0-9 and '-', neither first nor last a '-'. */
static bool is_label(const char *s, size_t n)
{
	if (n == 0 || n > LABEL_MAX || !is_alnum(s[0]) || !is_alnum(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

/* Labels with dots between; one of them may be longer than a DNS label, as pods' names are. */
static bool is_subdomain(const char *s)
{
	if (strlen(s) > SUBDOMAIN_MAX || !is_alnum(s[0]) || !is_alnum(s[strlen(s) - 1]))
		return false;
	for (const char *at = s; *at; at++)
		if (!is_alnum(*at) && (*at != '-' && *at != '.'))
			return false;
	return !strstr(s, "..") && !strstr(s, ".-") && !strstr(s, "-.");
}

bool runbook_node_ok(const char *name)
{
	return name[0] && is_subdomain(name) && ssh_host_ok(name);
}

static bool member_ok(const char *name)
{
	return ssh_host_ok(name) && strlen(name) <= LABEL_MAX && !strpbrk(name, ":%");
}

static bool pod_ok(const char *name)
{
	const char *slash = strchr(name, '/');

	if (slash && !is_label(name, (size_t)(slash - name)))
		return false;
	name = slash ? slash + 1 : name;
	return name[0] && is_subdomain(name);
}

static bool file_ok(const char *path)
{
	return path[0] == '/' && !str_ends(path, "/");
}

static bool any_ok(const char *text)
{
	return text[strspn(text, " ")] != '\0';
}

static const struct {
	bool (*ok)(const char *value);
	const char *what; /* N_() */
} types[] = {
	[RUN_INPUT_NODE] = {runbook_node_ok,
		N_("a node's name has small letters, digits, '-' and '.'")},
	[RUN_INPUT_MEMBER] = {member_ok,
		N_("an etcd member's name has letters, digits, '.', '_' and '-'")},
	[RUN_INPUT_POD] = {pod_ok, N_("a pod is NAMESPACE/NAME, or NAME")},
	[RUN_INPUT_FILE] = {file_ok, N_("a file is an absolute path")},
	[RUN_INPUT_TEXT] = {any_ok, N_("a text must not be empty")},
	[RUN_INPUT_CHOICE] = {any_ok, N_("a choice must not be empty")},
};

static int check_choice(const struct runbook_input *in, const char *value, struct err *e)
{
	const char *near;

	for (size_t i = 0; i < in->n_choices; i++)
		if (str_eq(in->choices[i], value))
			return 0;
	near = in->n_choices > 0 ? nearest_name(value, (const char *const *)in->choices,
					   sizeof(*in->choices), in->n_choices)
				 : NULL;
	if (near)
		return err_set(e, ERR_INPUT,
			_("%s: \"%s\" is none of its choices; did you mean \"%s\"?"), in->name,
			value, near);
	return err_set(e, ERR_INPUT, _("%s: \"%s\" is none of its choices"), in->name, value);
}

int runbook_value_check(const struct runbook_input *in, const char *value, struct err *e)
{
	if (!value[0] && in->optional)
		return 0;
	if (!value[0])
		return err_set(e, ERR_INPUT, _("%s: it needs a value"), in->name);
	if (strlen(value) >= RUN_VALUE)
		return err_set(
			e, ERR_INPUT, _("%s: longer than %d bytes"), in->name, RUN_VALUE - 1);
	if (!text_is_plain(value))
		return err_set(e, ERR_INPUT,
			_("%s: it holds a control character, or what is no UTF-8"), in->name);
	if (value[0] == '-')
		return err_set(e, ERR_INPUT,
			_("%s: \"%s\" begins with '-' and could be taken for an option"), in->name,
			value);
	if (!types[in->type].ok(value))
		return err_set(e, ERR_INPUT, _("%s: not \"%s\": %s"), in->name, value,
			_(types[in->type].what));
	return in->type == RUN_INPUT_CHOICE ? check_choice(in, value, e) : 0;
}

/* ---- arguments of words ---- */

static const char *const components[] = {
	"kube-apiserver", "etcd", "kube-scheduler", "kube-controller-manager"};
static const char *const units[] = {"kubelet", "runtime", "haproxy", "keepalived"};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int check_word(
	const char *arg, const char *value, const char *const *words, size_t n, struct err *e)
{
	const char *near = nearest_name(value, words, sizeof(*words), n);

	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], value))
			return 0;
	if (near)
		return err_set(e, ERR_INPUT, _("%s: there is no \"%.60s\"; did you mean \"%s\"?"),
			arg, value, near);
	return err_set(e, ERR_INPUT, _("%s: \"%.60s\" is none of: %s, %s, %s, %s"), arg, value,
		words[0], words[1], words[2], words[3]);
}

static int check_span(const char *arg, const char *value, struct err *e)
{
	int64_t ms;

	if (span_parse(value, &ms) && ms > 0 && ms <= RUNBOOK_SPAN_MAX_MS)
		return 0;
	return err_set(e, ERR_INPUT,
		_("%s must be a length of time up to 24h, like 30s or 5m: not \"%.60s\""), arg,
		value);
}

int runbook_value_check_arg(
	const struct run_arg *arg, const struct runbook_value *value, struct err *e)
{
	const char *text = value->n > 0 ? value->at[0] : "";
	int64_t number;

	switch (arg->type) {
	case RUN_ARG_NODE:
		return runbook_node_ok(text)
			       ? 0
			       : err_set(e, ERR_INPUT, _("%s: not \"%.60s\": %s"), arg->name, text,
					 _(types[RUN_INPUT_NODE].what));
	case RUN_ARG_COMPONENT:
		return check_word(arg->name, text, components, COUNT(components), e);
	case RUN_ARG_UNIT:
		return check_word(arg->name, text, units, COUNT(units), e);
	case RUN_ARG_SPAN:
		return check_span(arg->name, text, e);
	case RUN_ARG_NUMBER:
		return str_i64(text, &number)
			       ? 0
			       : err_set(e, ERR_INPUT,
					 _("%s must be a whole number: not \"%.60s\""), arg->name,
					 text);
	case RUN_ARG_TEXT:
	case RUN_ARG_LIST:
	case RUN_ARG_SAID:
		break;
	}
	return 0;
}
