/* The drill's files. kubeadm's layout, with throwaway keys: what k911 reads over ssh
 * on a real master is there to be read. */
#include "drill/world/drill_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/tls_authority.h"
#include "io/tls_server.h"

enum {
	DAY_S = 86400,
	CLUSTER_DAYS = 9,
	LOG_BACK_MS = 3600000,
	LOG_STEP_MS = 5000,
	LOGS_EVERY_MS = 30000
};

static int64_t days_from_now(int days)
{
	return instant_now().wall_ms + (int64_t)days * DAY_S * 1000;
}

static int write_in(const char *dir, const char *name, const char *text, mode_t mode, struct err *e)
{
	char path[600], *slash;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (file_make_dirs(path, 0700, e) != 0)
		return -1;
	*slash = '/';
	return files_put(path, text, mode, e);
}

/* ---- certificates ---- */

struct leaf {
	const char *file; /* below pki, without .crt */
	const char *cn, *org;
	bool server; /* with the cluster's names */
	int days;
	enum { BY_KUBE, BY_ETCD, BY_FRONT } by;
};

static const struct leaf leaves[] = {
	{"apiserver", "kube-apiserver", NULL, true, 356, BY_KUBE},
	{"apiserver-kubelet-client", "kube-apiserver-kubelet-client", "kubeadm:cluster-admins",
		false, 356, BY_KUBE},
	{"apiserver-etcd-client", "kube-apiserver-etcd-client", NULL, false, 356, BY_ETCD},
	{"front-proxy-client", "front-proxy-client", NULL, false, 356, BY_FRONT},
	{"etcd/server", "etcd-server", NULL, true, 356, BY_ETCD},
	{"etcd/peer", "etcd-peer", NULL, true, 356, BY_ETCD},
	{"etcd/healthcheck-client", "kube-etcd-healthcheck-client", NULL, false, 356, BY_ETCD},
	{"admin", "kubernetes-admin", "kubeadm:cluster-admins", false, 356, BY_KUBE},
	{"controller-manager", "system:kube-controller-manager", NULL, false, 356, BY_KUBE},
	{"scheduler", "system:kube-scheduler", NULL, false, 356, BY_KUBE},
	{"kubelet", "system:node:m1", "system:nodes", false, 240, BY_KUBE},
	{"nobody", "nobody", NULL, false, 356, BY_KUBE},
	{"expired", "kube-apiserver", NULL, true, -1, BY_KUBE},
};

static struct tls_authority *authority(const struct drill_pki *p, const struct leaf *l)
{
	return l->by == BY_KUBE ? p->kube : l->by == BY_ETCD ? p->etcd : p->front;
}

static int leaf_make(const struct drill_pki *p, const struct leaf *l, const struct world *w,
	const char *dir, struct err *e)
{
	const char *names[WORLD_MACHINES * 2 + 8];
	struct tls_issue what = {.cn = l->cn,
		.org = l->org,
		.not_before_ms = days_from_now(-9 - (l->days < 0 ? 365 : 0)),
		.not_after_ms = days_from_now(l->days)};
	char *cert = NULL, *key = NULL, file[100];
	size_t n = 0;
	int rc;

	for (int i = 0; i < WORLD_MACHINES; i++)
		if (i < WORLD_MASTERS || i == WORLD_LB) {
			names[n++] = w->machines[i].address;
			names[n++] = w->machines[i].name;
		}
	names[n++] = "kubernetes";
	names[n++] = "kubernetes.default.svc";
	names[n++] = "localhost";
	names[n++] = "127.0.0.1";
	names[n++] = "10.96.0.1";
	names[n] = NULL;
	what.names = l->server ? names : NULL;
	rc = tls_authority_issue(authority(p, l), &what, &cert, &key, e);
	if (rc == 0) {
		snprintf(file, sizeof(file), "pki/%s.crt", l->file);
		rc = write_in(dir, file, cert, 0644, e);
	}
	if (rc == 0) {
		snprintf(file, sizeof(file), "pki/%s.key", l->file);
		rc = write_in(dir, file, key, 0600, e);
	}
	free(cert);
	free(key);
	return rc;
}

static char *read_pki(const char *dir, const char *name, const char *kind)
{
	char path[600], *text = NULL;

	snprintf(path, sizeof(path), "%s/pki/%s.%s", dir, name, kind);
	return file_read(path, 1 << 16, &text, NULL, NULL) == 0 ? text : mem_str("");
}

static struct tls_server *server_of(
	const char *dir, const char *name, const char *client_ca, bool required, struct err *e)
{
	char *cert = read_pki(dir, name, "crt"), *key = read_pki(dir, name, "key");
	struct tls_server *s = tls_server_new(cert, key, client_ca, required, e);

	free(cert);
	free(key);
	return s;
}

int pki_make(struct drill_pki *p, const struct world *w, const char *dir, struct err *e)
{
	memset(p, 0, sizeof(*p));
	p->kube = tls_authority_new("kubernetes", e);
	p->etcd = tls_authority_new("etcd-ca", e);
	p->front = tls_authority_new("front-proxy-ca", e);
	if (p->kube == NULL || p->etcd == NULL || p->front == NULL ||
		write_in(dir, "pki/ca.crt", tls_authority_pem(p->kube), 0644, e) != 0 ||
		write_in(dir, "pki/etcd/ca.crt", tls_authority_pem(p->etcd), 0644, e) != 0 ||
		write_in(dir, "pki/front-proxy-ca.crt", tls_authority_pem(p->front), 0644, e) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(leaves) / sizeof(*leaves); i++)
		if (leaf_make(p, &leaves[i], w, dir, e) != 0)
			return -1;
	p->api = server_of(dir, "apiserver", tls_authority_pem(p->kube), false, e);
	p->expired = server_of(dir, "expired", tls_authority_pem(p->kube), false, e);
	p->client = server_of(dir, "etcd/server", tls_authority_pem(p->etcd), true, e);
	p->peer = server_of(dir, "etcd/peer", tls_authority_pem(p->etcd), true, e);
	return p->api != NULL && p->expired != NULL && p->client != NULL && p->peer != NULL ? 0
											    : -1;
}

void pki_free(struct drill_pki *p)
{
	tls_server_free(p->api);
	tls_server_free(p->expired);
	tls_server_free(p->client);
	tls_server_free(p->peer);
	tls_authority_free(p->kube);
	tls_authority_free(p->etcd);
	tls_authority_free(p->front);
}

/* ---- kubeconfigs ---- */

static char *kubeconfig_text(const struct world *w, const struct drill_pki *p, const char *dir,
	const char *leaf, const char *user)
{
	char *cert = read_pki(dir, leaf, "crt"), *key = read_pki(dir, leaf, "key");
	char *ca64 = base64_encode(tls_authority_pem(p->kube), strlen(tls_authority_pem(p->kube))),
	     *cert64 = base64_encode(cert, strlen(cert)), *key64 = base64_encode(key, strlen(key));
	char *text = str_fmt("apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    "
			     "certificate-authority-data: %s\n    server: https://%s:%d\n"
			     "  name: drill\ncontexts:\n- context:\n    cluster: drill\n    user: "
			     "%s\n  name: %s@drill\ncurrent-context: %s@drill\n"
			     "preferences: {}\nusers:\n- name: %s\n  user:\n    "
			     "client-certificate-data: %s\n    client-key-data: %s\n",
		ca64, w->vip_address, w->api_port, user, user, user, user, cert64, key64);

	mem_wipe(key, strlen(key));
	mem_forget(&key64);
	free(cert);
	free(key);
	free(ca64);
	free(cert64);
	return text;
}

static int kubeconfig_write(const struct world *w, const struct drill_pki *p, const char *dir,
	const char *to, const char *leaf, const char *user, struct err *e)
{
	char *text = kubeconfig_text(w, p, dir, leaf, user);
	int rc = write_in(dir, to, text, 0600, e);

	free(text);
	return rc;
}

int files_kubeconfig(
	const struct world *w, const struct drill_pki *p, const char *dir, struct err *e)
{
	return kubeconfig_write(w, p, dir, "admin.conf", "admin", "kubernetes-admin", e);
}

/* ---- the machines' file systems ---- */

static int copy_pki(const char *dir, const struct machine *m, const char *name, struct err *e)
{
	static const char *const kinds_of[] = {"crt", "key"};
	char to[160];
	int rc = 0;

	for (size_t i = 0; i < 2 && rc == 0; i++) {
		char *text = read_pki(dir, name, kinds_of[i]);

		snprintf(to, sizeof(to), "etc/kubernetes/pki/%s.%s", name, kinds_of[i]);
		if (text[0] != '\0')
			rc = write_in(m->root, to, text, i == 0 ? 0644 : 0600, e);
		free(text);
	}
	return rc;
}

static int master_files(const struct world *w, const struct drill_pki *p, const char *dir,
	const struct machine *m, struct err *e)
{
	static const char *const certs[] = {"ca", "apiserver", "apiserver-kubelet-client",
		"apiserver-etcd-client", "front-proxy-ca", "front-proxy-client", "etcd/ca",
		"etcd/server", "etcd/peer", "etcd/healthcheck-client"};
	static const char *const confs[][2] = {{"admin", "kubernetes-admin"},
		{"controller-manager", "system:kube-controller-manager"},
		{"scheduler", "system:kube-scheduler"}, {"kubelet", "default-auth"}};
	char relative[300];

	for (size_t i = 0; i < sizeof(certs) / sizeof(*certs); i++)
		if (copy_pki(dir, m, certs[i], e) != 0)
			return -1;
	for (size_t i = 0; i < sizeof(confs) / sizeof(*confs); i++) {
		snprintf(relative, sizeof(relative), "nodes/%s/etc/kubernetes/%s.conf", m->name,
			confs[i][0]);
		if (kubeconfig_write(w, p, dir, relative, confs[i][0], confs[i][1], e) != 0)
			return -1;
	}
	for (int c = 0; c < CONTAINER_COUNT; c++)
		if (files_manifest(w, m, c, e) != 0)
			return -1;
	return 0;
}

static int worker_files(const struct world *w, const struct drill_pki *p, const char *dir,
	const struct machine *m, struct err *e)
{
	char relative[300];

	snprintf(relative, sizeof(relative), "nodes/%s/etc/kubernetes/kubelet.conf", m->name);
	return copy_pki(dir, m, "ca", e) != 0
		       ? -1
		       : kubeconfig_write(w, p, dir, relative, "kubelet", "default-auth", e);
}

static void manifest_command(
	const struct world *w, const struct machine *m, enum container_id c, struct buf *out)
{
	const struct machine *all = w->machines;

	if (c == CONTAINER_APISERVER)
		buf_fmt(out,
			"    - --advertise-address=%s\n    - "
			"--etcd-servers=https://127.0.0.1:2379\n    - --secure-port=%d\n",
			m->address, w->api_port);
	else if (c == CONTAINER_ETCD)
		buf_fmt(out,
			"    - --advertise-client-urls=https://%s:%d\n    - "
			"--cert-file=/etc/kubernetes/pki/etcd/server.crt\n"
			"    - --data-dir=/var/lib/etcd\n    - "
			"--initial-advertise-peer-urls=https://%s:%d\n"
			"    - "
			"--initial-cluster=m1=https://%s:%d,m2=https://%s:%d,m3=https://%s:%d\n    "
			"- --initial-cluster-state=existing\n"
			"    - --listen-metrics-urls=http://127.0.0.1:2381\n    - --name=%s\n",
			m->address, w->client_port, m->address, w->peer_port, all[0].address,
			w->peer_port, all[1].address, w->peer_port, all[2].address, w->peer_port,
			m->name);
	else
		buf_fmt(out,
			"    - --kubeconfig=/etc/kubernetes/%s.conf\n    - --leader-elect=true\n",
			c == CONTAINER_KCM ? "controller-manager" : "scheduler");
}

int files_manifest(
	const struct world *w, const struct machine *m, enum container_id c, struct err *e)
{
	const char *what = container_name(c);
	struct buf text;
	char name[80];
	int rc;

	buf_init(&text, 1 << 16);
	buf_puts(&text, "apiVersion: v1\nkind: Pod\nmetadata:\n");
	if (c == CONTAINER_APISERVER)
		buf_fmt(&text,
			"  annotations:\n    "
			"kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: %s:%d\n",
			m->address, w->api_port);
	if (c == CONTAINER_ETCD)
		buf_fmt(&text,
			"  annotations:\n    kubeadm.kubernetes.io/etcd.advertise-client-urls: "
			"https://%s:%d\n",
			m->address, w->client_port);
	buf_fmt(&text,
		"  labels:\n    component: %s\n    tier: control-plane\n  name: %s\n  namespace: "
		"kube-system\nspec:\n  containers:\n  - command:\n    - %s\n",
		what, what, what);
	manifest_command(w, m, c, &text);
	buf_fmt(&text,
		"    image: %s\n    name: %s\n  hostNetwork: true\n  priorityClassName: "
		"system-node-critical\n",
		workloads[c].image, what);
	snprintf(name, sizeof(name), "etc/kubernetes/manifests/%s.yaml", what);
	rc = write_in(m->root, name, buf_text(&text), 0600, e);
	buf_done(&text);
	return rc;
}

void files_proc(const struct world *w, const struct machine *m)
{
	int64_t cpu, mem;
	char text[300];
	double load;

	machine_usage(w, m, &cpu, &mem);
	load = (double)cpu / 1000;
	snprintf(text, sizeof(text), "%.2f %.2f %.2f 2/531 %d\n", load, load * 0.93, load * 0.88,
		20000 + (int)(w->now.boot_ms / 1000 % 9000));
	write_in(m->root, "proc/loadavg", text, 0644, NULL);
	snprintf(text, sizeof(text),
		"MemTotal:       %lld kB\nMemFree:        %lld kB\nMemAvailable:   %lld kB\n",
		(long long)(m->mem_bytes >> 10), (long long)((m->mem_bytes - mem) >> 11),
		(long long)((m->mem_bytes - mem) >> 10));
	write_in(m->root, "proc/meminfo", text, 0644, NULL);
	snprintf(text, sizeof(text), "cpu  1 1 1 1\nbtime %lld\n",
		(long long)(m->units[UNIT_SSH].since_ms / 1000));
	write_in(m->root, "proc/stat", text, 0644, NULL);
}

/* The last hour in CRI's format; fewer lines than crictl shows, and enough to count in. */
static void pod_log(const struct world *w, const struct machine *m, const struct sim_pod *p)
{
	int64_t to = w->now.wall_ms / LOG_STEP_MS * LOG_STEP_MS;
	char name[420], stamp[32];
	struct buf text;

	buf_init(&text, 1 << 20);
	for (int64_t at = to - LOG_BACK_MS - LOG_STEP_MS; at <= to; at += LOG_STEP_MS) {
		buf_fmt(&text, "%s stderr F ", instant_rfc3339(at, stamp, sizeof(stamp)));
		log_line(w, p, false, at, &text);
		buf_putc(&text, '\n');
	}
	snprintf(name, sizeof(name), "var/log/pods/kube-system_%s_%016llx/%s/0.log", p->name,
		(unsigned long long)p->number, container_name(p->of->container));
	write_in(m->root, name, buf_text(&text), 0640, NULL);
	buf_done(&text);
}

void files_logs(const struct world *w, struct machine *m)
{
	if (!m->master || (m->logged_ms != 0 && w->now.boot_ms - m->logged_ms < LOGS_EVERY_MS))
		return;
	m->logged_ms = w->now.boot_ms;
	for (int c = 0; c < CONTAINER_COUNT; c++) {
		const struct sim_pod *p = pods_static(w, world_index(w, m), c);

		if (p != NULL)
			pod_log(w, m, p);
	}
}

/* Time since boot goes on while a script runs. */
static int clock_link(const struct machine *m, struct err *e)
{
	char path[300];
	int rc;

	snprintf(path, sizeof(path), "%s/proc", m->root);
	rc = file_make_dirs(path, 0700, e);
	snprintf(path, sizeof(path), "%s/proc/uptime", m->root);
	unlink(path);
	if (rc == 0 && symlink("/proc/uptime", path) != 0)
		rc = err_sys(e, errno, "linking %s", path);
	return rc;
}

int files_balancer(const struct world *w, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, 1 << 14);
	buf_fmt(&text,
		"global\n  stats socket /run/haproxy/admin.sock mode 600 level admin\n"
		"defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 1h\n"
		"  timeout server 1h\nfrontend api\n  bind %s:%d\n  default_backend masters\n"
		"backend masters\n  option httpchk GET /readyz\n",
		w->vip_address, w->api_port);
	for (int i = 0; i < WORLD_MASTERS; i++)
		buf_fmt(&text, "  server %s %s:%d check check-ssl verify none\n",
			w->machines[i].name, w->machines[i].address, w->api_port);
	rc = write_in(
		w->machines[WORLD_LB].root, "etc/haproxy/haproxy.cfg", buf_text(&text), 0644, e);
	buf_done(&text);
	return rc;
}

void files_boot(const struct machine *m)
{
	char *run = str_fmt("%s/run/k911", m->root);

	files_remove(run);
	free(run);
}

static int machine_files(const struct world *w, const struct machine *m, struct err *e)
{
	static const char *const dirs[] = {"root", "tmp", "run/containerd", "var/log/pods",
		"var/lib/containerd", "var/lib/kubelet", "backup"};
	char path[300];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", m->root, dirs[i]);
		if (file_make_dirs(path, 0700, e) != 0)
			return -1;
	}
	if (write_in(m->root, "etc/hostname", m->name, 0644, e) != 0 || clock_link(m, e) != 0)
		return -1;
	if (m->units[UNIT_KUBELET].state == UNIT_ABSENT)
		return files_balancer(w, e);
	return write_in(m->root, "etc/crictl.yaml",
		       "runtime-endpoint: unix:///run/containerd/containerd.sock\n", 0644,
		       e) != 0 ||
			       write_in(m->root, "var/lib/kubelet/config.yaml",
				       "kind: KubeletConfiguration\nstaticPodPath: "
				       "/etc/kubernetes/manifests\n",
				       0644, e) != 0 ||
			       write_in(m->root, "etc/cni/net.d/10-flannel.conflist",
				       "{\"name\":\"cbr0\",\"cniVersion\":\"0.3.1\",\"plugins\":[{"
				       "\"type\":\"flannel\"},{\"type\":\"portmap\"}]}\n",
				       0644, e) != 0
		       ? -1
		       : 0;
}

/* Calls each for every file below dir, and each_dir for every directory when it is left. */
static void walk(const char *dir, void (*each)(const char *path, const void *arg),
	void (*each_dir)(const char *path), const void *arg)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	struct stat st;

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		char *path;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		path = str_fmt("%s/%s", dir, entry->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(path, each, each_dir, arg);
		else
			each(path, arg);
		free(path);
	}
	closedir(d);
	if (each_dir)
		each_dir(dir);
}

static void set_age(const char *path, const void *times)
{
	utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static void remove_file(const char *path, const void *arg)
{
	(void)arg;
	unlink(path);
}

static void remove_dir(const char *path)
{
	rmdir(path);
}

int files_roots(const struct world *w, const struct drill_pki *p, const char *dir, struct err *e)
{
	const struct timespec then = {.tv_sec = days_from_now(-CLUSTER_DAYS) / 1000};

	for (int i = 0; i < WORLD_MACHINES; i++) {
		const struct machine *m = &w->machines[i];

		if (machine_files(w, m, e) != 0 ||
			(m->master && master_files(w, p, dir, m, e) != 0) ||
			(!m->master && i < WORLD_NODES && worker_files(w, p, dir, m, e) != 0))
			return -1;
		/* a file of today would look like what somebody has changed */
		walk(m->root, set_age, NULL, (const struct timespec[2]){then, then});
		files_proc(w, m);
	}
	return 0;
}

void files_remove(const char *dir)
{
	walk(dir, remove_file, remove_dir, NULL);
}
