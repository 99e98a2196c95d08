/* The system tools of a simulated machine, as one table: enough for what k911's
 * rounds, runbooks and an operator looking around ask. Unknown ones are not there. */
#include "fake_tools.h"

#include <stdio.h>
#include <string.h>

#include "drill/fake/fake_etcd.h"
#include "drill/world/drill_files.h"
#include "drill/world/raft.h"

/* ---- what is measured ---- */

static const char *const mounts[] = {"/", "/var/lib/etcd", "/var/lib/containerd"};
enum { MOUNTS = sizeof(mounts) / sizeof(*mounts) };

/* Where a path lies. */
static size_t mount_of(const char *path)
{
	size_t best = 0;

	for (size_t m = 1; m < MOUNTS; m++) {
		size_t n = strlen(mounts[m]);

		if (strncmp(path, mounts[m], n) == 0 && (path[n] == '\0' || path[n] == '/'))
			best = m;
	}
	return best;
}

static bool df_letter(const struct tool_call *t, char letter)
{
	for (int k = 1; k < t->argc; k++)
		if (t->argv[k][0] == '-' && strchr(t->argv[k], letter) != NULL)
			return true;
	return false;
}

static void df_row(struct tool_call *t, size_t m)
{
	int percent = 31 + (world_index(t->world, t->machine) * 7 + (int)m * 11) % 40;

	if (df_letter(t, 'h'))
		buf_fmt(&t->out, "/dev/sda%zu        97G   %dG   %dG  %d%% %s\n", m + 1, percent,
			97 - percent, percent, mounts[m]);
	else if (df_letter(t, 'i'))
		buf_fmt(&t->out, "/dev/sda%zu        6553600 %8d  %8d      %d%% %s\n", m + 1,
			6 * 65536, 94 * 65536, 6, mounts[m]);
	else
		buf_fmt(&t->out, "/dev/sda%zu        101430960 %8d  %8d      %d%% %s\n", m + 1,
			percent * 1014309, (100 - percent) * 1014309, percent, mounts[m]);
}

static void df(struct tool_call *t)
{
	bool wanted[MOUNTS] = {false}, named = false;

	buf_puts(
		&t->out, df_letter(t, 'h') ? "Filesystem      Size  Used Avail Use% Mounted on\n"
			 : df_letter(t, 'i')
				 ? "Filesystem      Inodes   IUsed     IFree IUse% Mounted on\n"
				 : "Filesystem     1024-blocks     Used Available Capacity Mounted "
				   "on\n");
	for (int k = 1; k < t->argc; k++)
		if (t->argv[k][0] == '/')
			named = wanted[mount_of(t->argv[k])] = true;
	for (size_t m = 0; m < MOUNTS; m++)
		if (wanted[m] || !named)
			df_row(t, m);
}

static void free_tool(struct tool_call *t)
{
	int64_t cpu, mem, all = t->machine->mem_bytes >> 10;

	machine_usage(t->world, t->machine, &cpu, &mem);
	mem >>= 10;
	buf_puts(&t->out, "               total        used        free      shared  buff/cache   "
			  "available\n");
	buf_fmt(&t->out, "Mem:    %12lld%12lld%12lld%12d%12lld%12lld\nSwap:   %12d%12d%12d\n",
		(long long)all, (long long)mem, (long long)(all - mem) / 2, 1180,
		(long long)(all - mem) / 2, (long long)(all - mem), 0, 0, 0);
}

static void uptime(struct tool_call *t)
{
	int64_t cpu, mem;

	machine_usage(t->world, t->machine, &cpu, &mem);
	buf_fmt(&t->out, " up 9 days,  1 user,  load average: %.2f, %.2f, %.2f\n",
		(double)cpu / 1000, (double)cpu / 1070, (double)cpu / 1140);
}

static void top(struct tool_call *t)
{
	uptime(t);
	free_tool(t);
}

static void uname_tool(struct tool_call *t)
{
	if (tool_flag(t, "-r"))
		buf_puts(&t->out, "6.1.0-28-amd64\n");
	else if (t->argc == 1)
		buf_puts(&t->out, "Linux\n");
	else
		buf_fmt(&t->out,
			"Linux %s 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 x86_64 "
			"GNU/Linux\n",
			t->machine->name);
}

static void id(struct tool_call *t)
{
	buf_puts(&t->out, tool_flag(t, "-u") ? "0\n" : "uid=0(root) gid=0(root) groups=0(root)\n");
}

static void hostname(struct tool_call *t)
{
	buf_fmt(&t->out, "%s\n",
		tool_flag(t, "-I") || tool_flag(t, "-i") ? t->machine->address : t->machine->name);
}

/* ---- the network ---- */

static void ip(struct tool_call *t)
{
	const char *a = t->machine->address;
	bool one = tool_flag(t, "-o");
	int net = world_index(t->world, t->machine);

	for (int i = 1; i < t->argc; i++)
		if (str_starts(t->argv[i], "r") && !str_starts(t->argv[i], "-")) {
			buf_fmt(&t->out,
				"default via 127.0.0.1 dev eth0\n10.244.%d.0/24 dev cni0 proto "
				"kernel scope link src 10.244.%d.1\n",
				net, net);
			return;
		}
	if (one)
		buf_fmt(&t->out,
			"1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever "
			"preferred_lft forever\n"
			"2: eth0    inet %s/24 brd 127.255.255.255 scope global eth0\\       "
			"valid_lft forever preferred_lft forever\n",
			a);
	else
		buf_fmt(&t->out,
			"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN\n    inet "
			"127.0.0.1/8 scope host lo\n"
			"2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP\n    inet "
			"%s/24 brd 127.255.255.255 scope global eth0\n",
			a);
}

static void iptables(struct tool_call *t)
{
	buf_puts(&t->out, "Chain INPUT (policy ACCEPT)\ntarget     prot opt source               "
			  "destination\nKUBE-FIREWALL  all  --  0.0.0.0/0            0.0.0.0/0\n\n"
			  "Chain FORWARD (policy ACCEPT)\nFLANNEL-FWD  all  --  0.0.0.0/0          "
			  "  0.0.0.0/0\n");
}

static void ss(struct tool_call *t)
{
	const struct machine *m = t->machine;

	buf_puts(&t->out, "State   Recv-Q  Send-Q   Local Address:Port    Peer Address:Port\n");
	if (world_unit_up(m, UNIT_KUBELET))
		buf_puts(
			&t->out, "LISTEN  0       4096         127.0.0.1:10248        0.0.0.0:*\n");
	if (m->containers[CONTAINER_APISERVER].up)
		buf_fmt(&t->out, "LISTEN  0       4096     %s:%d        0.0.0.0:*\n", m->address,
			t->world->api_port);
	if (m->containers[CONTAINER_ETCD].up)
		buf_fmt(&t->out, "LISTEN  0       4096     %s:%d        0.0.0.0:*\n", m->address,
			t->world->client_port);
}

static void curl_answer(struct tool_call *t, int code, const char *word, const char *body)
{
	if (tool_flag(t, "-i") || tool_flag(t, "--include"))
		buf_fmt(&t->out, "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\n\r\n", code, word,
			strlen(body));
	if (code >= 400 && (tool_flag(t, "-f") || tool_flag(t, "--fail")))
		t->rc = 22;
	else
		buf_puts(&t->out, body);
}

/* The balancer, as -w '%{http_code} %{time_connect} %{time_appconnect}' tells of it. */
static void curl_balancer(struct tool_call *t)
{
	const struct world *w = t->world;
	const struct machine *lb = &w->machines[WORLD_LB];
	bool silent = lb->off || w->vip_fault == FAULT_CUT || !world_reach(w, t->machine, lb);
	bool refuses = !world_unit_up(lb, UNIT_HAPROXY) || w->vip_fault == FAULT_REFUSE;
	bool hangs = !silent && !refuses && w->vip_fault == FAULT_HANG;
	/* 35: no server behind it, and it hangs up */
	int fault = silent || hangs ? 28 : refuses ? 7 : world_api_from(w, t->machine) ? 0 : 35;

	t->rc = fault;
	if (tool_value(t, "-w", NULL) != NULL)
		buf_fmt(&t->out, "%03d %s %s", fault == 0 ? 200 : 0,
			fault == 0 || hangs ? "0.000412" : "0.000000",
			fault == 0 ? "0.003120" : "0.000000");
}

static void curl_etcd(struct tool_call *t, const char *url, int master)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	if (strstr(url, "/metrics") != NULL)
		etcd_metrics(t->world, master, &text);
	else
		buf_puts(&text, raft_has_leader(t->world, master) ? "{\"health\":\"true\"}"
								  : "{\"health\":\"false\"}");
	curl_answer(t, 200, "OK", buf_text(&text));
	buf_done(&text);
}

static void curl_api(struct tool_call *t, const char *url, int master)
{
	bool ok = world_etcd_ok(t->world, master) || strstr(url, "exclude=etcd") != NULL;

	curl_answer(t, ok ? 200 : 500, ok ? "OK" : "Internal Server Error",
		ok ? "ok" : "[-]etcd failed: reason withheld\n");
}

/* The ports that listen on the machine's localhost only, and the balancer. */
static void curl(struct tool_call *t)
{
	const struct machine *m = t->machine;
	const char *url = t->argv[t->argc - 1];
	int master = world_index(t->world, m);

	for (int i = 1; i < t->argc; i++)
		if (str_starts(t->argv[i], "http"))
			url = t->argv[i];
	if (strstr(url, t->world->vip_address) != NULL) {
		curl_balancer(t);
	} else if (strstr(url, ":10248/") != NULL && world_unit_up(m, UNIT_KUBELET)) {
		curl_answer(t, 200, "OK", "ok");
	} else if (strstr(url, ":2381/") != NULL && m->containers[CONTAINER_ETCD].up &&
		   m->etcd_fault == FAULT_NONE) {
		curl_etcd(t, url, master);
	} else if (strstr(url, ":6443/") != NULL && world_api_up(t->world, master)) {
		curl_api(t, url, master);
	} else {
		t->rc = 7;
		if (!tool_flag(t, "-s"))
			buf_fmt(&t->err,
				"curl: (7) Failed to connect to %s: Couldn't connect to server\n",
				url);
	}
}

/* ---- processes and power ---- */

static void ps(struct tool_call *t)
{
	const struct machine *m = t->machine;

	buf_puts(&t->out,
		"USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n");
	for (int c = 0; c < CONTAINER_COUNT; c++)
		if (m->containers[c].state == CONTAINER_RUNNING)
			buf_fmt(&t->out,
				"root     42000%02d  4.1  6.0 1511928 412000 ?      Ssl  Nov14  "
				"91:02 %s --config\n",
				c + 10, container_name(c));
	if (world_unit_up(m, UNIT_KUBELET))
		buf_puts(&t->out,
			"root     4200001  1.9  1.1 2111928  98000 ?      Ssl  Nov14 "
			"212:41 /usr/bin/kubelet --config=/var/lib/kubelet/config.yaml\n");
	if (world_unit_up(m, UNIT_CONTAINERD))
		buf_puts(&t->out, "root     4200002  0.8  0.9 1811928  76000 ?      Ssl  Nov14 "
				  "101:07 /usr/bin/containerd\n");
}

static void pgrep(struct tool_call *t)
{
	const char *name = t->argv[t->argc - 1];

	t->rc = 1;
	for (int c = 0; c < CONTAINER_COUNT; c++)
		if (strstr(name, container_name(c)) != NULL &&
			t->machine->containers[c].state == CONTAINER_RUNNING) {
			/* Past the largest number a process can have: no real one is ever meant. */
			buf_fmt(&t->out, "42000%02d\n", c + 10);
			t->rc = 0;
		}
}

static void kill_tool(struct tool_call *t)
{
	int64_t pid;

	for (int i = 1; i < t->argc; i++) {
		if (t->argv[i][0] == '-' || !str_i64(t->argv[i], &pid))
			continue;
		if (unit_kill(t->world, t->machine, pid))
			continue;
		if (pid >= 4200010 && pid < 4200010 + CONTAINER_COUNT) {
			static_exit(t->world, t->machine, (enum container_id)(pid - 4200010),
				"signal: killed");
		} else {
			buf_fmt(&t->err, "kill: (%s) - No such process\n", t->argv[i]);
			t->rc = 1;
		}
	}
}

static void pkill(struct tool_call *t)
{
	const char *name = t->argv[t->argc - 1];

	t->rc = 1;
	for (int c = 0; c < CONTAINER_COUNT; c++)
		if (strstr(name, container_name(c)) != NULL &&
			t->machine->containers[c].state == CONTAINER_RUNNING) {
			static_exit(t->world, t->machine, c, "signal: killed");
			t->rc = 0;
		}
}

static void reboot(struct tool_call *t)
{
	for (int u = 0; u < UNIT_COUNT; u++)
		if (t->machine->units[u].state != UNIT_ABSENT)
			world_unit_set(t->world, t->machine, u, UNIT_ACTIVE);
	for (int c = 0; c < CONTAINER_COUNT; c++)
		if (t->machine->containers[c].state == CONTAINER_RUNNING)
			static_exit(t->world, t->machine, c, "the machine was restarted");
}

/* ---- kubeadm ---- */

static void kubeadm_join(struct tool_call *t)
{
	buf_puts(&t->out,
		"[preflight] Running pre-flight checks\n[kubelet-start] Starting the kubelet\n"
		"[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap\n\nThis node "
		"has joined the cluster:\n"
		"* Certificate signing request was sent to apiserver and a response was "
		"received.\n");
	world_unit_set(t->world, t->machine, UNIT_CONTAINERD, UNIT_ACTIVE);
	world_unit_set(t->world, t->machine, UNIT_KUBELET, UNIT_ACTIVE);
	for (int c = 0; t->machine->master && c < CONTAINER_COUNT; c++)
		files_manifest(t->world, t->machine, c, NULL);
}

static void kubeadm_reset(struct tool_call *t)
{
	char path[300];

	buf_puts(&t->out, "[reset] Stopping the kubelet service\n[reset] Deleting contents of "
			  "directories: [/etc/kubernetes/manifests /var/lib/kubelet]\n");
	world_unit_set(t->world, t->machine, UNIT_KUBELET, UNIT_INACTIVE);
	snprintf(path, sizeof(path), "%s/etc/kubernetes/manifests", t->machine->root);
	files_remove(path);
	snprintf(path, sizeof(path), "%s/var/lib/etcd", t->machine->root);
	files_remove(path);
}

static void kubeadm(struct tool_call *t)
{
	const char *verb = t->argc > 1 ? t->argv[1] : "";

	if (strcmp(verb, "join") == 0)
		kubeadm_join(t);
	else if (strcmp(verb, "reset") == 0)
		kubeadm_reset(t);
	else if (strcmp(verb, "version") == 0)
		buf_puts(&t->out, WORLD_VERSION "\n");
	else {
		buf_fmt(&t->err,
			"the practice cluster's kubeadm knows join, reset and version, not "
			"\"%s\"\n",
			verb);
		t->rc = 1;
	}
}

static void nothing(struct tool_call *t)
{
	(void)t;
}

/* Only masters and workers have these. */
static bool node_only(const char *tool)
{
	return strcmp(tool, "crictl") == 0 || strcmp(tool, "kubeadm") == 0;
}

static const struct {
	const char *name;
	void (*fn)(struct tool_call *t);
} tools[] = {
	{"systemctl", tool_systemctl},
	{"journalctl", tool_journalctl},
	{"crictl", tool_crictl},
	{"socat", tool_socat},
	{"df", df},
	{"free", free_tool},
	{"uptime", uptime},
	{"top", top},
	{"uname", uname_tool},
	{"hostname", hostname},
	{"id", id},
	{"haproxy", tool_haproxy},
	{"ip", ip},
	{"iptables", iptables},
	{"ss", ss},
	{"curl", curl},
	{"ps", ps},
	{"pgrep", pgrep},
	{"pkill", pkill},
	{"kill", kill_tool},
	{"reboot", reboot},
	{"kubeadm", kubeadm},
	{"swapoff", nothing},
	{"modprobe", nothing},
	{"sysctl", nothing},
};

const char *const tool_names[] = {"systemctl", "journalctl", "crictl", "socat", "df", "free",
	"uptime", "top", "uname", "hostname", "id", "haproxy", "ip", "iptables", "ss", "curl", "ps",
	"pgrep", "pkill", "kill", "reboot", "kubeadm", "swapoff", "modprobe", "sysctl", NULL};

bool tool_run(struct tool_call *t)
{
	if (world_index(t->world, t->machine) == WORLD_LB ? node_only(t->argv[0])
							  : strcmp(t->argv[0], "haproxy") == 0)
		return false;
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++)
		if (strcmp(tools[i].name, t->argv[0]) == 0) {
			tools[i].fn(t);
			return true;
		}
	return false;
}
