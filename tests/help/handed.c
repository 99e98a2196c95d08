/* A practice cluster and a deed on it, for the drill's tests. */
#include "help/handed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/instant.h"
#include "base/str.h"

#define SOON_MS 20000
#define STEP_MS 50

void handed_open(struct handed *h, int speed)
{
	const struct drill_options o = {.at_once = true, .speed = speed};
	struct kube_access *access = NULL;
	struct err e = {0};

	memset(h, 0, sizeof(*h));
	if (drill_start(&o, &h->drill, &e) != 0 ||
		kubeconfig_load(drill_kubeconfig(h->drill), NULL, &access, &e) != 0)
		fail_msg("%s", e.text);
	h->pool = pool_start(1, 10);
	h->deed = (struct kube_deed){
		.client = kube_client_new(access, h->pool), .cancel_fd = -1, .within_ms = SOON_MS};
	kube_client_server(h->deed.client, &h->deed.at);
}

void handed_close(struct handed *h)
{
	pool_stop(h->pool);
	kube_client_unref(h->deed.client);
	drill_stop(h->drill);
}

void handed_set(struct handed *h, const char *what, const char *to)
{
	struct err e = {0};

	if (drill_set(h->drill, what, to, &e) != 0)
		fail_msg("%s", e.text);
}

static bool is_so(struct handed *h, const struct kube_ref *r, const char *path, const char *wanted)
{
	struct kube_reply reply;
	struct buf text;
	struct jsw j;
	bool is = false;

	buf_init(&text, 1 << 20);
	jsw_init(&j, &text);
	if (kube_deed_get(&h->deed, r, &reply, NULL) == 0) {
		const struct js *v = js_at(reply.json, path);

		if (js_str(v) != NULL || v == NULL)
			buf_puts(&text, v != NULL ? js_str(v) : "");
		else
			jsw_copy(&j, NULL, v);
		is = strcmp(buf_text(&text), wanted) == 0;
	}
	kube_reply_done(&reply);
	buf_done(&text);
	return is;
}

bool handed_is(struct handed *h, const struct kube_ref *r, const char *path, const char *wanted)
{
	int64_t until = instant_now().boot_ms + SOON_MS;

	while (!is_so(h, r, path, wanted)) {
		if (instant_now().boot_ms >= until)
			return false;
		kube_deed_pause(&h->deed, STEP_MS);
	}
	return true;
}

bool handed_gone(struct handed *h, const struct kube_ref *r)
{
	int64_t until = instant_now().boot_ms + SOON_MS;
	struct err e = {0};

	for (;;) {
		struct kube_reply reply;
		int rc = kube_deed_get(&h->deed, r, &reply, &e);

		kube_reply_done(&reply);
		if (rc != 0 && e.code == ERR_MISSING)
			return true;
		if (instant_now().boot_ms >= until)
			return false;
		kube_deed_pause(&h->deed, STEP_MS);
	}
}

void handed_create(struct handed *h, const struct kube_ref *r, const char *body)
{
	struct kube_reply reply;
	struct err e = {0};

	if (kube_deed_create(&h->deed, r, body, &reply, &e) != KUBE_DONE)
		fail_msg("%s", e.text);
	kube_reply_done(&reply);
}

static bool find_pod(struct handed *h, const char *ns, const char *begins, struct handed_pod *out)
{
	const struct kube_ref r = {.plural = "pods", .ns = ns};
	const struct kube_select all = {.labels = NULL};
	struct kube_items pods;
	struct err e = {0};
	bool found = false;

	if (kube_deed_list(&h->deed, &r, &all, &pods, &e) != 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < pods.at.len && !found; i++) {
		const struct js *meta = js_get(pods.at.at[i], "metadata");

		found = str_starts(js_text_or(meta, "name", ""), begins) &&
			js_get(meta, "deletionTimestamp") == NULL &&
			str_eq(js_text(js_get(pods.at.at[i], "status"), "phase"), "Running");
		if (!found)
			continue;
		str_copy(out->ns, sizeof(out->ns), ns);
		str_copy(out->name, sizeof(out->name), js_text(meta, "name"));
		str_copy(out->uid, sizeof(out->uid), js_text(meta, "uid"));
		str_copy(out->node, sizeof(out->node),
			js_text_or(js_get(pods.at.at[i], "spec"), "nodeName", ""));
	}
	kube_items_done(&pods);
	return found;
}

void handed_pod(struct handed *h, const char *ns, const char *begins, struct handed_pod *out)
{
	int64_t until = instant_now().boot_ms + SOON_MS;

	while (!find_pod(h, ns, begins, out)) {
		if (instant_now().boot_ms >= until)
			fail_msg("no pod %s of %s runs", begins, ns);
		kube_deed_pause(&h->deed, STEP_MS);
	}
}
