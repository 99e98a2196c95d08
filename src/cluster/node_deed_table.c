/* The rows. Behind each: what it says beside "why". */
#include "cluster/node_deed.h"

#include <string.h>

#define MINUTE 60000LL
#define KUBE   "kube-apiserver etcd kube-controller-manager kube-scheduler"
#define STATIC                                                                                     \
	{                                                                                          \
		"NAME", NODE_WORD_NAME, NULL, KUBE                                                 \
	}
#define FILE_NAME                                                                                  \
	{                                                                                          \
		"FILE", NODE_WORD_FILE, NULL, NULL                                                 \
	}
#define UNIT                                                                                       \
	{                                                                                          \
		"UNIT", NODE_WORD_NAME, NULL, "kubelet runtime haproxy keepalived"                 \
	}
#define SERVER                                                                                     \
	{"SERVER", NODE_WORD_NAME, NULL, NULL}, {"PROXY", NODE_WORD_NAME, "", NULL},               \
	{                                                                                          \
		"SOCKET_AT", NODE_WORD_PATH, "", NULL                                              \
	}
#define OWNER                                                                                      \
	{"OWNER", NODE_WORD_TEXT, NULL, NULL}, {"MACHINE", NODE_WORD_TEXT, NULL, NULL},            \
		{"PURPOSE", NODE_WORD_TEXT, "", NULL},                                             \
	{                                                                                          \
		"TTL", NODE_WORD_NUMBER, "900", NULL                                               \
	}

const struct node_deed node_deeds[] = {
	/* ---- static pods ---- */
	/* aside PATH */
	{"manifest-aside", "manifest", "aside", "is-aside", MINUTE, {STATIC}},
	/* manifest PATH. NODE_IN_WAY: another is there already */
	{"manifest-back", "manifest", "back", "is-back", MINUTE, {STATIC}},
	/* stopped IDS, started IDS; forced IDS: its container had to be stopped by hand. Aside, until
	 * its container is gone, and back */
	{"manifest-cycle", "manifest", "cycle", "cycled", 4 * MINUTE, {STATIC}},
	/* aside PATH. NODE_IN_WAY: it is no stray */
	{"stray-aside", "manifest", "stray-aside", "stray-gone", MINUTE, {FILE_NAME}},
	/* manifest PATH, sha256 HEX, pod NAME; aside PATH, aside-sha256 HEX */
	{"manifest-state", "manifest", "state", NULL, MINUTE, {STATIC}},
	/* stray WHY POD FILE, of each: leftover, unreadable, control-plane, twice */
	{"manifest-strays", "manifest", "strays", NULL, MINUTE, {{0}}},

	/* ---- units and containers ---- */
	/* before UNIT ACTIVE SUB; unit UNIT active; pid N; killed PID: it hung and was cut off, which
	 * only a runtime is */
	{"unit-restart", "unit", "restart", "restarted", 2 * MINUTE, {UNIT}},
	{"unit-start", "unit", "start", "is-up", 2 * MINUTE, {UNIT}},
	{"unit-stop", "unit", "stop", "is-down", 2 * MINUTE, {UNIT}},
	/* stopped IDS */
	{"container-stop", "container", "stop", "stopped", MINUTE,
		{{"NAME", NODE_WORD_NAME, NULL, NULL}, {"NS", NODE_WORD_NAME, "", NULL},
			{"POD", NODE_WORD_NAME, "", NULL}}},

	/* ---- haproxy ---- */
	/* NODE_IN_WAY: its configuration is refused */
	{"haproxy-check", "fence", "check", NULL, MINUTE, {{0}}},
	/* the configuration is checked first; unit UNIT active */
	{"haproxy-reload", "fence", "reload", "reloaded", MINUTE, {{0}}},
	{"haproxy-restart", "fence", "restart", "reloaded", MINUTE, {{0}}},
	/* kept PATH of the former file; server PROXY STATUS of each; unverified WHY */
	{"haproxy-fence", "fence", "fence", "fenced", MINUTE, {SERVER}},
	{"haproxy-unfence", "fence", "unfence", "unfenced", MINUTE, {SERVER}},
	/* by its socket alone: a reload forgets it */
	{"haproxy-maint", "fence", "maint", "is-maint", MINUTE, {SERVER}},
	{"haproxy-ready", "fence", "ready", "is-ready", MINUTE, {SERVER}},

	/* ---- files; see cluster/node_copy.h ---- */
	/* put PATH; kept PATH of what stood there */
	{"file-put", "put", "put", "is-put", 5 * MINUTE,
		{{"TO", NODE_WORD_PATH, NULL, NULL}, {"MODE", NODE_WORD_NUMBER, "600", NULL},
			{"OWNER", NODE_WORD_NAMES, "", NULL},
			{"BYTES", NODE_WORD_NUMBER, NULL, NULL},
			{"SHA256", NODE_WORD_NAME, NULL, NULL}}},
	{"file-get", "get", "get", NULL, 5 * MINUTE,
		{{"FROM", NODE_WORD_PATH, NULL, NULL}, {"MOST", NODE_WORD_NUMBER, NULL, NULL}}},

	/* ---- the disk ---- */
	/* used KIB DIR [etcd], the biggest first; journal KIB; aside KIB PATH; image BYTES ID NAME that
	 * nothing uses */
	{"disk-usage", "disk", "usage", NULL, MINUTE, {{"LINES", NODE_WORD_NUMBER, "20", NULL}}},
	/* freed-kib N */
	{"journal-vacuum", "disk", "journal-vacuum", "journal-small", 2 * MINUTE,
		{{"MIB", NODE_WORD_NUMBER, "200", NULL}}},
	/* removed N, freed-bytes N; none that a container, a manifest or the sandbox needs */
	{"images-prune", "disk", "images-prune", "images-pruned", 5 * MINUTE, {{0}}},
	/* freed-kib N of one PATH that disk-usage told as aside. NODE_IN_WAY: it is none */
	{"aside-drop", "disk", "aside-drop", "aside-dropped", 5 * MINUTE,
		{{"FILE", NODE_WORD_PATH, NULL, NULL}}},

	/* ---- kubeadm ---- */
	/* kept PATH of what it removes; left WHAT. NODE_IN_WAY: a control plane is here */
	{"kubeadm-reset", "kubeadm", "reset", "is-reset", 4 * MINUTE, {{0}}},
	/* a JoinConfiguration without its apiVersion comes by stdin (words->secret); joined LINE.
	 * NODE_IN_WAY: it belongs to a cluster */
	{"kubeadm-join", "kubeadm", "join", "joined", 5 * MINUTE,
		{{"IGNORE", NODE_WORD_NAMES, "", NULL}}},
	/* kept PATH; every leaf and kubeconfig of a master */
	{"certs-renew", "kubeadm", "renew", "renewed", 2 * MINUTE, {{0}}},
	/* a bootstrap kubeconfig comes by stdin; kept PATH */
	{"kubelet-bootstrap", "kubeadm", "kubelet-bootstrap", "kubelet-bootstrapped", 3 * MINUTE,
		{{0}}},
	/* authority PATH valid|ends key=fits|differs|absent END; NODE_NOT: one ends within DAYS, or its
	 * key is another's */
	{"probe-authorities", "kubeadm", "authorities", NULL, MINUTE / 2,
		{{"DAYS", NODE_WORD_NUMBER, "30", NULL}}},

	/* ---- the lock; see cluster/node_lock.h ---- */
	{"lock-take", "lock", "take", "held", MINUTE / 2, {OWNER}},
	{"lock-release", "lock", "release", "released", MINUTE / 2, {{0}}},
	{"lock-read", "lock", "read", NULL, MINUTE / 2, {{0}}},

	/* ---- probes ---- */
	/* unit WHICH id= active= sub= restarts= result= status= pid= for=SECONDS; journal WHICH LINE */
	{"probe-units", "probe", "units", NULL, MINUTE, {{"LINES", NODE_WORD_NUMBER, "10", NULL}}},
	/* container id= state=running|exited attempt= started= finished= exit= reason=, the newest
	 * first; said LINE of the last that ended */
	{"probe-containers", "probe", "containers", NULL, MINUTE,
		{{"NAME", NODE_WORD_NAME, NULL, NULL}, {"LINES", NODE_WORD_NUMBER, "20", NULL}}},
	/* image REFERENCE present|absent; NODE_NOT when one is absent. Those of the manifests NAME, in
	 * place or aside, of the sandbox, and IMAGE */
	{"probe-images", "probe", "images", NULL, MINUTE,
		{{"NAME", NODE_WORD_NAMES, KUBE, NULL}, {"IMAGE", NODE_WORD_NAMES, "", NULL}}},
	/* healthz ok|WORDS; NODE_NOT */
	{"probe-healthz", "probe", "healthz", NULL, MINUTE / 2, {{0}}},
	/* space DIR free-kib= of-kib= free-inodes=; NODE_NOT: less than KIB, or 100 inodes */
	{"probe-space", "probe", "space", NULL, MINUTE / 2,
		{{"PATHS", NODE_WORD_PATHS, "/ /var/lib /etc /run", NULL},
			{"KIB", NODE_WORD_NUMBER, "10240", NULL}}},
	/* uid N; writes DIR, not-writable DIR; NODE_NO_RIGHT: not root */
	{"probe-rights", "probe", "rights", NULL, MINUTE / 2,
		{{"PATHS", NODE_WORD_PATHS, "/etc /var/lib /run", NULL}}},
	/* tool NAME PATH|-; NODE_NOT: one is missing */
	{"probe-tools", "probe", "tools", NULL, MINUTE / 2,
		{{"TOOLS", NODE_WORD_NAMES, "systemctl sha256sum mktemp", NULL}}},
	/* server URL (the kubelet's own, or URL), balancer answers|refuses, or with NODE_NOT
	 * hangs|silent|unknown-name */
	{"probe-balancer", "probe", "balancer", NULL, MINUTE / 2,
		{{"URL", NODE_WORD_URL, "", NULL}}},
};
const size_t node_deeds_count = sizeof(node_deeds) / sizeof(node_deeds[0]);

const struct node_deed *node_deed_find(const char *name)
{
	for (size_t i = 0; i < node_deeds_count; i++)
		if (strcmp(node_deeds[i].name, name) == 0)
			return &node_deeds[i];
	return NULL;
}
