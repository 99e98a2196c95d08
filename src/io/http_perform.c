/* The blocking face: one transfer, driven on the caller's thread by a multi of its own,
 * so that nothing it waits for, and no connection it breaks, is anybody else's. */
#include "http_easy.h"

#include "base/i18n.h"
#include "base/instant.h"
#include "sigpipe.h"

#define IDLE_MS 60000

static int patience(struct transfer *t)
{
	int64_t left = transfer_wants_by(t) - instant_now().boot_ms;

	return left <= 0 ? 0 : left < IDLE_MS ? (int)left : IDLE_MS;
}

/* Until it ended, was cancelled or is late. */
static CURLcode drive(struct transfer *t, CURLM *multi, int cancel_fd)
{
	struct curl_waitfd cancel = {.fd = cancel_fd, .events = CURL_WAIT_POLLIN};
	CURLMsg *msg;
	int running, left;

	for (;;) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return CURLE_OUT_OF_MEMORY;
		msg = curl_multi_info_read(multi, &left);
		if (msg != NULL && msg->msg == CURLMSG_DONE)
			return msg->data.result;
		if (transfer_wants_by(t) <= instant_now().boot_ms) {
			transfer_set_timeout(t);
			return CURLE_OPERATION_TIMEDOUT;
		}
		cancel.revents = 0;
		curl_multi_poll(multi, &cancel, cancel_fd >= 0 ? 1 : 0, patience(t), NULL);
		if (cancel.revents != 0) {
			t->cancelled = true;
			return CURLE_ABORTED_BY_CALLBACK;
		}
	}
}

struct perform {
	const struct http_calls *calls;
	void *arg;
	struct http_result *result;
};

static int on_head(void *arg, const struct http_head *head)
{
	const struct perform *p = arg;

	return p->calls->head != NULL ? p->calls->head(p->arg, head) : 0;
}

static int on_data(void *arg, const char *bytes, size_t n)
{
	const struct perform *p = arg;

	return p->calls->data != NULL ? p->calls->data(p->arg, bytes, n) : 0;
}

static void on_done(void *arg, const struct http_result *result)
{
	struct perform *p = arg;

	*p->result = *result;
	if (p->calls->done != NULL)
		p->calls->done(p->arg, result);
}

int http_perform_calls(const struct http_request *r, int cancel_fd, const struct http_calls *calls,
	void *arg, struct http_result *result)
{
	static const struct http_calls own = {.head = on_head, .data = on_data, .done = on_done};
	struct perform p = {.calls = calls, .arg = arg, .result = result};
	struct transfer *t = transfer_new(r, &own, &p);
	struct sigpipe quiet;
	CURLM *multi = NULL;
	CURLcode code = CURLE_OUT_OF_MEMORY;

	sigpipe_block(&quiet);
	if (t->easy != NULL)
		multi = curl_multi_init();
	if (multi != NULL && curl_multi_add_handle(multi, t->easy) == CURLM_OK) {
		code = drive(t, multi, cancel_fd);
		curl_multi_remove_handle(multi, t->easy);
	}
	transfer_end(t, code);
	curl_multi_cleanup(multi);
	sigpipe_restore(&quiet);
	return result->err.code == ERR_NONE ? 0 : -1;
}

static int to_buf(void *arg, const char *bytes, size_t n)
{
	return buf_add(arg, bytes, n);
}

int http_perform(
	const struct http_request *r, int cancel_fd, struct buf *body, struct http_result *result)
{
	static const struct http_calls calls = {.data = to_buf};
	int rc = http_perform_calls(r, cancel_fd, &calls, body, result);

	if (rc != 0 && body->over)
		err_set(&result->err, ERR_LIMIT, _("the answer of %s is larger than %zu bytes"),
			r->url, body->max);
	return rc;
}
