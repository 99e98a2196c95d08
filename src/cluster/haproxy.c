/* haproxy's own view of the API servers: `show stat` over the admin socket, which listens on its
 * machine only and so is forwarded by ssh. Where ssh may not forward (sshd forbids it, or the
 * socket belongs to root and we log in as somebody else), whatever is there that can speak to a
 * unix socket does it on the machine. */
#include "cluster/haproxy.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/str.h"
#include "cluster/node_script.h"

enum { STAT_MAX = 2 << 20, SCRIPT_MAX = 4 << 10 };

/* Waits until fd can be read. */
static int wait_for(int fd, int64_t until_ms, int cancel_fd, struct err *e)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = cancel_fd, .events = POLLIN}};
	int64_t left;
	int rc;

	do {
		left = until_ms - instant_now().boot_ms;
		if (left <= 0)
			return err_set(
				e, ERR_TIMEOUT, _("haproxy's socket did not answer in time"));
		rc = poll(fds, 2, left > 60000 ? 60000 : (int)left);
	} while (rc == 0 || (rc < 0 && errno == EINTR));
	if (rc < 0)
		return err_sys(e, errno, "poll");
	return fds[1].revents != 0 ? err_set(e, ERR_CANCELLED, _("cancelled")) : 0;
}

static int read_answer(int fd, int64_t until_ms, int cancel_fd, struct buf *answer, struct err *e)
{
	char chunk[16384];
	ssize_t got;

	for (;;) {
		if (wait_for(fd, until_ms, cancel_fd, e) != 0)
			return -1;
		got = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got < 0)
			return err_sys(e, errno, _("haproxy's socket"));
		if (got == 0)
			return 0;
		if (buf_add(answer, chunk, (size_t)got) != 0)
			return err_set(e, ERR_LIMIT,
				_("haproxy's statistics are larger than %d bytes"), STAT_MAX);
	}
}

static int ask_socket(
	const char *path, int64_t until_ms, int cancel_fd, struct buf *answer, struct err *e)
{
	static const char request[] = "show stat\n";
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int rc = -1, fd;

	if (!str_copy(to.sun_path, sizeof(to.sun_path), path))
		return err_set(e, ERR_LIMIT, _("the path of haproxy's socket is too long"));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, errno, "socket");
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 ||
		send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
		err_sys(e, errno, _("haproxy's socket"));
	else
		rc = read_answer(fd, until_ms, cancel_fd, answer, e);
	close(fd);
	return rc;
}

static int ask_on_node(
	const struct node_call *c, const char *socket_path, struct buf *answer, struct err *e)
{
	struct buf script, errors;
	int exit_code, rc = -1;

	buf_init(&script, SCRIPT_MAX);
	buf_init(&errors, SCRIPT_MAX);
	node_script_set(&script, "S", socket_path);
	node_script_add(&script, "socket");
	node_script_add(&script, "haproxy");
	if (node_shell_run(c, buf_text(&script), answer, &errors, &exit_code, e) != 0)
		goto out;
	rc = exit_code == 0 && answer->len > 0 ? 0 : -1;
	if (rc != 0 && exit_code == 127)
		err_set(e, ERR_UNSUPPORTED,
			_("%s: ssh may not forward %s, and neither socat, perl nor python3 is "
			  "there to ask it"),
			c->host, socket_path);
	else if (rc != 0)
		err_set(e, ERR_MISSING,
			_("%s: haproxy does not answer at %s: is it running, and `stats socket` "
			  "configured there?"),
			c->host, socket_path);
out:
	buf_done(&script);
	buf_done(&errors);
	return rc;
}

int haproxy_stat(
	const struct node_call *c, const char *socket, struct haproxy_report *out, struct err *e)
{
	int64_t until_ms = instant_now().boot_ms + c->timeout_ms;
	struct node_call rest = *c;
	struct err why = {0};
	struct buf answer;
	char path[128];
	int rc;

	memset(out, 0, sizeof(*out));
	buf_init(&answer, STAT_MAX);
	rc = node_shell_forward(c, socket, path, sizeof(path), &why);
	if (rc == 0)
		rc = ask_socket(path, until_ms, c->cancel_fd, &answer, &why);
	rest.timeout_ms = until_ms - instant_now().boot_ms;
	if (((rc == 0 && answer.len == 0) || why.code == ERR_UNSUPPORTED) && rest.timeout_ms > 0) {
		buf_clear(&answer);
		rc = ask_on_node(&rest, socket, &answer, &why);
	}
	if (rc == 0)
		rc = haproxy_parse(buf_text(&answer), answer.len, out, &why);
	if (rc != 0 && e != NULL)
		*e = why;
	buf_done(&answer);
	return rc;
}
