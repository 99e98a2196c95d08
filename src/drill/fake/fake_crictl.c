/* crictl of a simulated machine: the control plane's containers and the pods'. */
#include "fake_tools.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "io/json.h"

struct row {
	char id[65];
	const char *name, *pod, *ns, *image;
	bool running;
	int attempt;
	int64_t created_wall_ms;
	struct sim_pod *sim;
	int container; /* enum container_id, or -1 */
};

static void row_id(char id[65], uint64_t number, int attempt)
{
	snprintf(id, 65, "%016llx%08x%040llx", (unsigned long long)(number * 0x9e3779b97f4a7c15ULL),
		(unsigned)attempt * 2654435761u, (unsigned long long)number);
}

/* The newest container of a pod first, then the one before it, which ended. */
static size_t rows_of(const struct tool_call *t, struct sim_pod *p, struct row out[2])
{
	const struct container *c =
		p->of->kind == WORK_STATIC ? &t->machine->containers[p->of->container] : NULL;
	int attempt = c != NULL ? c->attempt : p->restarts;
	bool running = c != NULL ? c->state == CONTAINER_RUNNING
				 : p->state == SIM_RUNNING || p->state == SIM_TERMINATING;
	size_t n = 0;

	if (p->state == SIM_CREATING || p->state == SIM_PENDING ||
		(c != NULL && c->state == CONTAINER_NONE))
		return 0;
	for (int back = 0; back < 2 && attempt - back >= 0; back++) {
		struct row *r = &out[n++];

		*r = (struct row){
			.name = c != NULL ? container_name(p->of->container) : p->of->name,
			.pod = p->name,
			.ns = p->of->ns,
			.image = p->of->image,
			.running = back == 0 && running,
			.attempt = attempt - back,
			.sim = p,
			.container = c != NULL ? (int)p->of->container : -1,
			.created_wall_ms = (c != NULL ? c->started_wall_ms : p->started_wall_ms) -
					   (int64_t)back * 30000};
		row_id(r->id, p->number, r->attempt);
	}
	return n;
}

/* --label KEY=VALUE, as often as it is given: all must hold. */
static bool labels_hold(const struct tool_call *t, const struct row *r)
{
	const struct {
		const char *key, *value;
	} labels[] = {{"io.kubernetes.pod.name=", r->pod}, {"io.kubernetes.pod.namespace=", r->ns},
		{"io.kubernetes.container.name=", r->name}};

	for (int i = 1; i + 1 < t->argc; i++) {
		if (strcmp(t->argv[i], "--label") != 0)
			continue;
		for (size_t k = 0; k < sizeof(labels) / sizeof(*labels); k++)
			if (str_starts(t->argv[i + 1], labels[k].key) &&
				strcmp(t->argv[i + 1] + strlen(labels[k].key), labels[k].value) !=
					0)
				return false;
	}
	return true;
}

static bool row_wanted(const struct tool_call *t, const struct row *r, const regex_t *name)
{
	const char *state = tool_value(t, "--state", tool_value(t, "-s", ""));

	if (!r->running && !tool_flag(t, "-a") && !tool_flag(t, "--all"))
		return false;
	if (state[0] != '\0' && (str_has_case(state, "run") != r->running))
		return false;
	if (!labels_hold(t, r))
		return false;
	return name == NULL || regexec(name, r->name, 0, NULL, 0) == 0;
}

static void row_json(const struct row *r, struct jsw *j)
{
	char nanos[32];

	snprintf(nanos, sizeof(nanos), "%lld000000", (long long)r->created_wall_ms);
	jsw_object(j, NULL);
	jsw_str(j, "id", r->id);
	jsw_str(j, "podSandboxId", r->id + 8);
	jsw_object(j, "metadata");
	jsw_str(j, "name", r->name);
	jsw_int(j, "attempt", r->attempt);
	jsw_end_object(j);
	jsw_object(j, "image");
	jsw_str(j, "image", r->image);
	jsw_end_object(j);
	jsw_str(j, "imageRef", r->image);
	jsw_str(j, "state", r->running ? "CONTAINER_RUNNING" : "CONTAINER_EXITED");
	jsw_str(j, "createdAt", nanos);
	jsw_object(j, "labels");
	jsw_str(j, "io.kubernetes.container.name", r->name);
	jsw_str(j, "io.kubernetes.pod.name", r->pod);
	jsw_str(j, "io.kubernetes.pod.namespace", r->ns);
	jsw_end_object(j);
	jsw_end_object(j);
}

static void row_text(struct tool_call *t, const struct row *r)
{
	char age[32];

	if (tool_flag(t, "-q") || tool_flag(t, "--quiet")) {
		buf_fmt(&t->out, "%s\n", r->id);
		return;
	}
	instant_age(t->world->now.wall_ms - r->created_wall_ms, age, sizeof(age));
	buf_fmt(&t->out, "%.13s  %.13s  %-12s  %-9s  %-26s  %d  %.13s  %s\n", r->id, r->image, age,
		r->running ? "Running" : "Exited", r->name, r->attempt, r->id + 8, r->pod);
}

static void each_row(struct tool_call *t,
	void (*fn)(struct tool_call *t, const struct row *r, void *arg), void *arg)
{
	const char *pattern = tool_value(t, "--name", NULL);
	int node = world_index(t->world, t->machine);
	regex_t name;
	bool have = pattern != NULL && regcomp(&name, pattern, REG_EXTENDED | REG_NOSUB) == 0;

	for (size_t i = 0; i < t->world->pods.len; i++) {
		struct row rows[2];
		size_t n = t->world->pods.at[i]->node == node && !t->world->pods.at[i]->gone
				   ? rows_of(t, t->world->pods.at[i], rows)
				   : 0;

		for (size_t k = 0; k < n; k++)
			if (row_wanted(t, &rows[k], have ? &name : NULL))
				fn(t, &rows[k], arg);
	}
	if (have)
		regfree(&name);
}

static void one_json(struct tool_call *t, const struct row *r, void *arg)
{
	(void)t;
	row_json(r, arg);
}

static void one_text(struct tool_call *t, const struct row *r, void *arg)
{
	(void)arg;
	row_text(t, r);
}

static void ps(struct tool_call *t)
{
	struct jsw j;

	if (strcmp(tool_value(t, "-o", tool_value(t, "--output", "")), "json") != 0) {
		if (!tool_flag(t, "-q") && !tool_flag(t, "--quiet"))
			buf_puts(&t->out, "CONTAINER      IMAGE          CREATED       STATE      "
					  "NAME                        ATTEMPT  POD ID  POD\n");
		each_row(t, one_text, NULL);
		return;
	}
	jsw_init(&j, &t->out);
	jsw_object(&j, NULL);
	jsw_array(&j, "containers");
	each_row(t, one_json, &j);
	jsw_end_array(&j);
	jsw_end_object(&j);
	buf_putc(&t->out, '\n');
}

/* ---- what names a container ---- */

struct search {
	const char *id;
	struct row found;
	bool any;
};

static void match(struct tool_call *t, const struct row *r, void *arg)
{
	struct search *s = arg;

	(void)t;
	if (!s->any && str_starts(r->id, s->id)) {
		s->found = *r;
		s->any = true;
	}
}

static bool find(struct tool_call *t, const char *id, struct row *out)
{
	struct search s = {.id = id};
	char *all[64], **own = t->argv;
	int argc = t->argc;

	/* Ended ones too: as if -a had been said. */
	memcpy(all, own, sizeof(all));
	t->argv[t->argc++] = (char *)(uintptr_t) "-a";
	each_row(t, match, &s);
	memcpy(own, all, sizeof(all));
	t->argc = argc;
	*out = s.found;
	if (!s.any) {
		buf_fmt(&t->err,
			"E1123 remote_runtime.go:366] \"ContainerStatus from runtime service "
			"failed\" err=\"container with ID starting with %s not found\"\n",
			id);
		t->rc = 1;
	}
	return s.any;
}

static void logs(struct tool_call *t, const struct row *r)
{
	int64_t lines, step = log_interval_ms(r->sim),
		       to = r->running ? t->world->now.wall_ms : r->created_wall_ms + 2000;

	if (!str_i64(tool_value(t, "--tail", "200"), &lines) || lines > 5000)
		lines = 200;
	for (int64_t at = (to / step - lines + 1) * step; at <= to; at += step) {
		log_line(t->world, r->sim, !r->running, at, &t->out);
		buf_putc(&t->out, '\n');
	}
	if (!r->running && r->container >= 0 && t->machine->containers[r->container].why != NULL)
		buf_fmt(&t->out, "%s\n", t->machine->containers[r->container].why);
}

static void nanos_time(int64_t ms, char text[48])
{
	char second[32];

	instant_rfc3339(ms, second, sizeof(second));
	second[strcspn(second, "Z.")] = '\0';
	snprintf(text, 48, "%s.%03d000000Z", second, (int)(ms % 1000));
}

/* As crictl prints it: a field a line, two blanks a level. */
static void inspect(struct tool_call *t, const struct row *r)
{
	char started[48], finished[48];

	nanos_time(r->created_wall_ms, started);
	nanos_time(r->running ? 0 : r->created_wall_ms + 2000, finished);
	buf_fmt(&t->out,
		"{\n  \"status\": {\n    \"id\": \"%s\",\n    \"metadata\": {\n      \"attempt\": "
		"%d,\n      \"name\": \"%s\"\n    },\n    \"state\": \"%s\",\n    \"createdAt\": "
		"\"%s\",\n    \"startedAt\": \"%s\",\n    \"finishedAt\": \"%s\",\n    "
		"\"exitCode\": %d,\n    \"imageRef\": \"%s\",\n    \"reason\": \"%s\",\n    "
		"\"message\": \"\"\n  },\n  \"info\": {}\n}\n",
		r->id, r->attempt, r->name, r->running ? "CONTAINER_RUNNING" : "CONTAINER_EXITED",
		started, started, finished, r->running ? 0 : 1, r->image,
		r->running ? "" : "Error");
}

/* ---- images ---- */

#define PAUSE "registry.k8s.io/pause:3.10.1"

static bool image_there(const struct tool_call *t, const char *image)
{
	if (strcmp(image, PAUSE) == 0)
		return true;
	for (size_t i = 0; i < n_workloads; i++)
		if (strcmp(workloads[i].image, image) == 0)
			return workloads[i].kind != WORK_STATIC ||
			       !t->machine->containers[workloads[i].container].no_image;
	return false;
}

static void image_row(struct tool_call *t, const char *image)
{
	const char *tag = strrchr(image, ':');

	if (image_there(t, image))
		buf_fmt(&t->out, "%-50.*s %-12s %.13s 25MB\n", (int)(tag - image), image, tag + 1,
			"0123456789abc");
}

static void images(struct tool_call *t)
{
	buf_puts(&t->out, "IMAGE                                              TAG          IMAGE "
			  "ID      SIZE\n");
	image_row(t, PAUSE);
	for (size_t i = 0; i < n_workloads; i++)
		image_row(t, workloads[i].image);
}

static void inspect_image(struct tool_call *t, const char *image)
{
	if (image_there(t, image)) {
		buf_fmt(&t->out,
			"{\n  \"status\": {\n    \"repoTags\": [\n      \"%s\"\n    ]\n  "
			"}\n}\n",
			image);
		return;
	}
	t->rc = 1;
	buf_fmt(&t->err, "FATA[0000] no such image \"%s\" present\n", image);
}

static void info(struct tool_call *t)
{
	buf_puts(&t->out, "{\n  \"status\": {\n    \"conditions\": []\n  },\n  \"config\": {\n    "
			  "\"sandboxImage\": \"" PAUSE "\"\n  }\n}\n");
}

static void stop(struct tool_call *t, const struct row *r)
{
	if (r->container >= 0 && r->running)
		static_exit(
			t->world, t->machine, (enum container_id)r->container, "stopped by crictl");
	buf_fmt(&t->out, "%s\n", r->id);
}

static void no_verb(struct tool_call *t, const char *verb)
{
	t->rc = 1;
	buf_fmt(&t->err, "No help topic for '%s'\n", verb);
}

void tool_crictl(struct tool_call *t)
{
	static const char *const with_value[] = {"-r", "-i", "-t", "-n", "-o", "-s", "-p",
		"--runtime-endpoint", "--timeout", "--name", "--tail", "--state", "--output",
		"--label", "--pod"};
	const char *verb = NULL, *id = NULL;
	struct row r;

	if (t->machine->units[UNIT_CONTAINERD].hung) {
		t->hangs = true;
		return;
	}
	for (int i = 1; i < t->argc; i++) {
		bool skip = false;

		for (size_t k = 0; k < sizeof(with_value) / sizeof(*with_value); k++)
			skip = skip || strcmp(t->argv[i], with_value[k]) == 0;
		i += skip;
		if (skip || t->argv[i][0] == '-')
			continue;
		if (verb == NULL)
			verb = t->argv[i];
		else if (id == NULL)
			id = t->argv[i];
	}
	if (!world_unit_up(t->machine, UNIT_CONTAINERD)) {
		buf_puts(&t->err,
			"FATA[0000] validate service connection: validate CRI v1 runtime API for "
			"endpoint \"unix:///run/containerd/containerd.sock\": "
			"rpc error: code = Unavailable desc = connection error: desc = "
			"\"transport: Error while dialing: dial unix "
			"/run/containerd/containerd.sock: connect: connection refused\"\n");
		t->rc = 1;
	} else if (verb == NULL || strcmp(verb, "ps") == 0) {
		ps(t);
	} else if (strcmp(verb, "info") == 0) {
		info(t);
	} else if (strcmp(verb, "images") == 0) {
		images(t);
	} else if (strcmp(verb, "version") == 0) {
		buf_puts(&t->out, "RuntimeName:  containerd\nRuntimeVersion:  "
				  "v1.7.24\nRuntimeApiVersion:  v1\n");
	} else if (id == NULL) {
		t->rc = 1;
		buf_fmt(&t->err, "crictl: %s: ID cannot be empty\n", verb);
	} else if (strcmp(verb, "inspecti") == 0) {
		inspect_image(t, id);
	} else if (find(t, id, &r)) {
		if (strcmp(verb, "logs") == 0)
			logs(t, &r);
		else if (strcmp(verb, "inspect") == 0)
			inspect(t, &r);
		else if (strcmp(verb, "stop") == 0)
			stop(t, &r);
		else
			no_verb(t, verb);
	}
}
