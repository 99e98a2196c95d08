/* ssh says everything that goes wrong with one exit code, 255, and a line on stderr. The rows
 * below turn that line into a code and into what the operator can do about it; the first row whose
 * words stand there wins, so what is more special comes first. */
#include "cluster/ssh_failure.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/text.h"

static const struct row {
	const char *words; /* as OpenSSH spells them, any case */
	enum err_code code;
	const char *text;
} rows[] = {
	{"HOST IDENTIFICATION HAS CHANGED", ERR_TLS,
		N_("its ssh host key has changed: make sure it is the same machine, then remove "
		   "the old key (ssh-keygen -R) and connect once by hand")},
	{"host key verification failed", ERR_TLS,
		N_("its ssh host key is not known here: connect once by hand and compare the "
		   "fingerprint, or add it to known_hosts")},
	{"host key is known for", ERR_TLS,
		N_("its ssh host key is not known here: connect once by hand and compare the "
		   "fingerprint, or add it to known_hosts")},
	{"too many authentication failures", ERR_AUTH,
		N_("ssh offered too many keys: name the right one in nodes.ssh.identity")},
	{"permission denied (", ERR_AUTH,
		N_("it refuses our ssh key: check nodes.ssh.user and nodes.ssh.identity, and that "
		   "the agent holds the key")},
	{"bad configuration option", ERR_USAGE,
		N_("ssh does not accept its options: check nodes.ssh.options and ~/.ssh/config")},
	{"unknown option", ERR_USAGE,
		N_("ssh does not accept its options: check nodes.ssh.options and ~/.ssh/config")},
	{"usage: ssh", ERR_USAGE,
		N_("ssh does not accept its options: check nodes.ssh.options and ~/.ssh/config")},
	{"can't open user config file", ERR_USAGE,
		N_("ssh cannot read its config file: check nodes.ssh.options")},
	{"could not resolve hostname", ERR_UNREACHABLE,
		N_("its name is not known here: check the node's address, or DNS")},
	{"connection refused", ERR_REFUSED,
		N_("it refuses ssh connections: is sshd running there, and the port right?")},
	{"timed out", ERR_TIMEOUT,
		N_("it does not answer ssh: it may be off, hung or cut away from here")},
	{"timeout, server", ERR_TIMEOUT,
		N_("it stopped answering ssh: it may be off, hung or cut away from here")},
	{"no route to host", ERR_UNREACHABLE,
		N_("there is no route to it: it may be off, or a network between is broken")},
	{"network is unreachable", ERR_UNREACHABLE,
		N_("there is no network towards it: check this machine's own link")},
	{"unable to negotiate", ERR_UNSUPPORTED,
		N_("this ssh and its sshd have no algorithm in common: see nodes.ssh.options")},
	{"connection closed", ERR_UNREACHABLE,
		N_("sshd closed the connection: it may be overloaded (MaxStartups) or restarting")},
	{"connection reset", ERR_UNREACHABLE,
		N_("the ssh connection was reset: sshd may be overloaded or restarting")},
	{"closed by remote host", ERR_UNREACHABLE,
		N_("sshd closed the connection: it may be overloaded (MaxStartups) or restarting")},
	{"broken pipe", ERR_UNREACHABLE,
		N_("the ssh connection broke: the machine may have gone down")},
};

void ssh_last_line(const char *text, char *dst, size_t size)
{
	size_t n = strlen(text), from;

	while (n > 0 && strchr("\r\n \t", text[n - 1]) != NULL)
		n--;
	for (from = n; from > 0 && text[from - 1] != '\n'; from--)
		;
	text_safe(dst, size, text + from, n - from);
}

int ssh_failure(const char *host, const char *errors, struct err *e)
{
	char last[160];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_has_case(errors, rows[i].words))
			return err_set(e, rows[i].code, "%s: %s", host, _(rows[i].text));
	ssh_last_line(errors, last, sizeof(last));
	if (last[0] == '\0')
		return err_set(e, ERR_UNREACHABLE,
			_("%s: ssh failed without a word: try it by hand"), host);
	return err_set(e, ERR_UNREACHABLE, _("%s: ssh failed: %s"), host, last);
}
