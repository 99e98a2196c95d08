/* haproxy's admin socket on the load balancer: show stat, and taking a server out and back. */
#include "fake_tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"

enum { SPOILT_MAX = 3 << 20, CONFIG_MAX = 1 << 20 };

static char *read_config(const struct machine *m, const char *path)
{
	char at[400], *text = NULL;

	snprintf(at, sizeof(at), "%s%s", m->root, path);
	return file_read(at, CONFIG_MAX, &text, NULL, NULL) == 0 ? text : NULL;
}

/* The next line of a configuration as words: how many, cut at its comment; -1 at the end. */
static int config_line(char **at, char *words[], int max)
{
	char *line = *at, *save = NULL;
	int n = 0;

	if (line == NULL || *line == '\0')
		return -1;
	*at = strchr(line, '\n');
	if (*at != NULL)
		*(*at)++ = '\0';
	line[strcspn(line, "#")] = '\0';
	for (char *w = strtok_r(line, " \t\r", &save); w != NULL && n < max;
		w = strtok_r(NULL, " \t\r", &save))
		words[n++] = w;
	return n;
}

static bool is_disabled(char *const words[], int n)
{
	for (int i = 3; i < n; i++)
		if (strcmp(words[i], "disabled") == 0)
			return true;
	return false;
}

void haproxy_reread(struct world *w)
{
	char *text = read_config(&w->machines[WORLD_LB], "/etc/haproxy/haproxy.cfg"), *at = text,
	     *words[32];
	struct machine *m;
	int n;

	while ((n = config_line(&at, words, 32)) >= 0)
		if (n > 2 && strcmp(words[0], "server") == 0 &&
			(m = world_machine(w, words[1])) != NULL)
			m->lb_maint = is_disabled(words, n);
	free(text);
}

/* haproxy -c -f FILE...: is each line's first word one that haproxy knows? */
static void check_file(struct tool_call *t, const char *path)
{
	static const char known[] =
		" global defaults frontend backend listen stats mode timeout bind "
		"default_backend use_backend option server balance log maxconn "
		"default-server http-check http-request acl user group daemon ";
	char *text = read_config(t->machine, path), *at = text, *words[32], word[64];
	int n;

	if (text == NULL) {
		t->rc = 1;
		buf_fmt(&t->err,
			"[ALERT]    (812) : Cannot open configuration file/directory %s : "
			"No such file or directory\n",
			path);
	}
	for (int line = 1; (n = config_line(&at, words, 32)) >= 0; line++) {
		if (n == 0)
			continue;
		snprintf(word, sizeof(word), " %.40s ", words[0]);
		if (strstr(known, word) != NULL)
			continue;
		t->rc = 1;
		buf_fmt(&t->err,
			"[ALERT]    (812) : config : parsing [%s:%d] : unknown keyword "
			"'%s'\n",
			path, line, words[0]);
	}
	free(text);
}

void tool_haproxy(struct tool_call *t)
{
	for (int i = 1; i + 1 < t->argc; i++)
		if (strcmp(t->argv[i], "-f") == 0)
			check_file(t, t->argv[i + 1]);
	if (t->rc != 0)
		buf_puts(&t->err, "[ALERT]    (812) : config : Fatal errors found in "
				  "configuration.\n");
	else if (!tool_flag(t, "-q"))
		buf_puts(&t->out, "Configuration file is valid\n");
}

static void stat_row(struct tool_call *t, const char *server, const char *status, const char *check,
	const char *last, const char *address)
{
	/* pxname svname ... status(17) ... check_status(36) ... last_chk(56) ... addr(73) */
	buf_fmt(&t->out,
		"masters,%s,0,0,2,9,,4211,0,0,,0,,0,0,0,0,%s,1,1,0,0,0,873,0,,1,3,1,,4211,,2,0,,9,%"
		"s,200,2,,,,,,,0,0,,,,,0,,%s,,0,0,1,9,%s,\n",
		server, status, check, last, address);
}

static void show_stat(struct tool_call *t)
{
	struct world *w = t->world;
	int up = 0;

	buf_puts(&t->out, "# "
			  "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,"
			  "econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,"
			  "downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,"
			  "rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,"
			  "hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,"
			  "req_tot,cli_abrt,srv_abrt,comp_in,comp_out,last_chk,last_agt,qtime,"
			  "ctime,rtime,ttime,addr,\n");
	for (int i = 0; i < WORLD_MASTERS; i++) {
		const struct machine *m = &w->machines[i];
		bool reached = world_reach(w, &w->machines[WORLD_LB], m),
		     refused = !m->containers[CONTAINER_APISERVER].up;
		char address[48];

		snprintf(address, sizeof(address), "%s:%d", m->address, w->api_port);
		if (m->lb_maint)
			stat_row(t, m->name, "MAINT", "", "", address);
		else if (m->lb_bad < 2)
			stat_row(t, m->name, "UP", "L7OK", "", address);
		else if (!reached || m->off)
			stat_row(t, m->name, "DOWN", "L4TOUT", "Layer4 timeout", address);
		else
			stat_row(t, m->name, "DOWN", refused ? "L4CON" : "L7STS",
				refused ? "Connection refused" : "Internal Server Error", address);
		up += !m->lb_maint && m->lb_bad < 2;
	}
	stat_row(t, "BACKEND", up > 0 ? "UP" : "DOWN", "", "", "");
}

static void set_server(struct tool_call *t, const char *what)
{
	char server[64], state[16];
	struct machine *m;

	if (sscanf(what, "set server masters/%63s state %15s", server, state) != 2 ||
		(m = world_machine(t->world, server)) == NULL) {
		buf_puts(&t->out, "No such server.\n");
		return;
	}
	m->lb_maint = strcmp(state, "ready") != 0;
	buf_putc(&t->out, '\n');
}

void tool_socat(struct tool_call *t)
{
	const struct hostile_row *spoilt = t->world->answers[HOSTILE_HAPROXY];

	if (!world_unit_up(t->machine, UNIT_HAPROXY)) {
		buf_puts(&t->err, "socat[812] E connect(, AF=1 \"/run/haproxy/admin.sock\", 25): "
				  "Connection refused\n");
		t->rc = 1;
	} else if (str_starts(t->in, "show stat") && spoilt != NULL) {
		hostile_body(spoilt, SPOILT_MAX, &t->out);
	} else if (str_starts(t->in, "show stat")) {
		show_stat(t);
	} else if (str_starts(t->in, "set server ")) {
		set_server(t, t->in);
	} else {
		buf_puts(&t->out, "Unknown command. Please enter one of: show stat, set server\n");
	}
}
