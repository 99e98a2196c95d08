/* The STATUS column of kubectl get pods, step by step as the API server's printer works it out: the
 * phase, overridden by the pod's reason, a scheduling gate, the first init container that is not
 * done, then the containers from the last to the first, and the deletion. Operators read these
 * words by heart, so they must be the same to the letter. */

#include "cluster/kube_pod_status.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void set_reason(struct pod_columns *out, const char *prefix, struct json_span reason)
{
	size_t n = strlen(prefix);

	str_copy(out->status, sizeof(out->status), prefix);
	json_span_copy(reason, out->status + n, sizeof(out->status) - n);
	str_mend(out->status);
}

static void set_exit(struct pod_columns *out, const char *prefix, const struct pod_term *t)
{
	if (t->reason.n > 0)
		set_reason(out, prefix, t->reason);
	else if (t->signal != 0)
		snprintf(out->status, sizeof(out->status), "%sSignal:%lld", prefix,
			(long long)t->signal);
	else
		snprintf(out->status, sizeof(out->status), "%sExitCode:%lld", prefix,
			(long long)t->exit_code);
}

bool pod_condition_true(const struct pod_scan *pod, const char *type)
{
	for (size_t i = 0; i < pod->conditions.len; i++)
		if (json_span_is(pod->conditions.at[i].type, type))
			return json_span_is(pod->conditions.at[i].status, "True");
	return false;
}

static bool same_text(struct json_span a, struct json_span b)
{
	return a.at != NULL && b.at != NULL && a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

static bool is_sidecar(const struct pod_scan *pod, struct json_span name)
{
	for (size_t i = 0; i < pod->inits.len; i++)
		if (same_text(pod->inits.at[i].name, name))
			return json_span_is(pod->inits.at[i].restart_policy, "Always");
	return false;
}

static uint32_t restarts_of(const struct pod_container_status *s)
{
	return s->restarts < 0 || s->restarts > INT32_MAX ? 0 : (uint32_t)s->restarts;
}

static void begin(const struct pod_scan *pod, struct pod_columns *out)
{
	set_reason(out, "", pod->reason.n > 0 ? pod->reason : pod->phase);
	for (size_t i = 0; i < pod->conditions.len; i++)
		if (json_span_is(pod->conditions.at[i].type, "PodScheduled") &&
			json_span_is(pod->conditions.at[i].reason, "SchedulingGated"))
			str_copy(out->status, sizeof(out->status), "SchedulingGated");
	out->containers = (uint32_t)pod->containers.len;
	for (size_t i = 0; i < pod->inits.len; i++)
		if (json_span_is(pod->inits.at[i].restart_policy, "Always"))
			out->containers++;
}

/* True when an init container is not done yet, which the status then says. */
static bool walk_inits(
	const struct pod_scan *pod, struct pod_columns *out, uint32_t *sidecar_restarts)
{
	for (size_t i = 0; i < pod->init_statuses.len; i++) {
		const struct pod_container_status *s = &pod->init_statuses.at[i];
		bool sidecar = is_sidecar(pod, s->name);

		out->restarts += restarts_of(s);
		if (sidecar)
			*sidecar_restarts += restarts_of(s);
		if (s->terminated.there && s->terminated.exit_code == 0)
			continue;
		if (sidecar && s->started) {
			if (s->ready)
				out->ready++;
			continue;
		}
		if (s->terminated.there)
			set_exit(out, "Init:", &s->terminated);
		else if (s->waiting.there && s->waiting.reason.n > 0 &&
			 !json_span_is(s->waiting.reason, "PodInitializing"))
			set_reason(out, "Init:", s->waiting.reason);
		else
			snprintf(out->status, sizeof(out->status), "Init:%zu/%zu", i,
				pod->inits.len);
		return true;
	}
	return false;
}

static void walk_containers(const struct pod_scan *pod, struct pod_columns *out)
{
	char failed[sizeof(out->status)] = "";
	bool running = false;

	for (size_t i = pod->container_statuses.len; i-- > 0;) {
		const struct pod_container_status *s = &pod->container_statuses.at[i];

		out->restarts += restarts_of(s);
		if (s->waiting.there && s->waiting.reason.n > 0) {
			set_reason(out, "", s->waiting.reason);
		} else if (s->terminated.there) {
			set_exit(out, "", &s->terminated);
			if (s->terminated.exit_code != 0)
				str_copy(failed, sizeof(failed), out->status);
		} else if (s->ready && s->running.there) {
			running = true;
			out->ready++;
		}
	}
	if (strcmp(out->status, "Completed") != 0)
		return;
	if (running && pod_condition_true(pod, "Ready"))
		str_copy(out->status, sizeof(out->status), "Running");
	else if (failed[0] != '\0')
		str_copy(out->status, sizeof(out->status), failed);
	else if (running)
		str_copy(out->status, sizeof(out->status), "NotReady");
}

void pod_columns(const struct pod_scan *pod, struct pod_columns *out)
{
	uint32_t sidecar_restarts = 0;
	bool over = json_span_is(pod->phase, "Succeeded") || json_span_is(pod->phase, "Failed");

	memset(out, 0, sizeof(*out));
	begin(pod, out);
	if (!walk_inits(pod, out, &sidecar_restarts) || pod_condition_true(pod, "Initialized")) {
		out->restarts = sidecar_restarts;
		walk_containers(pod, out);
	}
	if (pod->meta.deleted.n > 0 && json_span_is(pod->reason, "NodeLost"))
		str_copy(out->status, sizeof(out->status), "Unknown");
	else if (pod->meta.deleted.n > 0 && !over)
		str_copy(out->status, sizeof(out->status), "Terminating");
}
