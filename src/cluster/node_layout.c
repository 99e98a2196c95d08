/* The rows, and their way into the shell. A distribution with other places is a row more; what a
 * script may ask of it is a field more. */
#include "cluster/node_layout.h"

#include <string.h>

#define RANCHER(name)                                                                              \
	.marks = "/var/lib/rancher/" name "/agent /var/lib/rancher/" name "/server",               \
	.manifests = "/var/lib/rancher/" name "/agent/pod-manifests",                              \
	.ca = "/var/lib/rancher/" name "/server/tls/server-ca.crt "                                \
	      "/var/lib/rancher/" name "/agent/server-ca.crt",                                     \
	.certs = "/var/lib/rancher/" name "/server/tls/*.crt "                                     \
		 "/var/lib/rancher/" name "/server/tls/etcd/*.crt",                                \
	.kubelet_certs = "/var/lib/rancher/" name "/agent/serving-kubelet.crt "                    \
			 "/var/lib/rancher/" name "/agent/client-kubelet.crt",                     \
	.kubelet_conf = "/var/lib/rancher/" name "/agent/kubelet.kubeconfig",                      \
	.confs = "/etc/rancher/" name "/" name ".yaml",                                            \
	.etcd_pki = "/var/lib/rancher/" name "/server/tls/etcd", .etcd_ca = "server-ca.crt",       \
	.etcd_pairs = "client server-client", .etcd_metrics = "2381",                              \
	.sockets = "/run/k3s/containerd/containerd.sock"

const struct node_layout node_layouts[] = {
	{
		.name = "kubeadm",
		.kubelet = "kubelet.service",
		.runtime = "containerd.service crio.service cri-docker.service docker.service",
		.marks = "/etc/kubernetes/kubelet.conf "
			 "/etc/kubernetes/manifests/kube-apiserver.yaml",
		.manifests = "/etc/kubernetes/manifests",
		.ca = "/etc/kubernetes/pki/ca.crt",
		.certs = "/etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt",
		.kubelet_certs = "/var/lib/kubelet/pki/kubelet.crt "
				 "/var/lib/kubelet/pki/kubelet-client-current.pem",
		.kubelet_conf = "/etc/kubernetes/kubelet.conf",
		.confs = "/etc/kubernetes/*.conf",
		.stores = "etcd=/var/lib/etcd",
		.etcd_pki = "/etc/kubernetes/pki/etcd",
		.etcd_ca = "ca.crt",
		.etcd_pairs = "healthcheck-client server",
		.etcd_metrics = "2381",
		.crictl = "crictl",
		.sockets = "/run/containerd/containerd.sock /run/crio/crio.sock "
			   "/run/cri-dockerd.sock",
	},
	{
		RANCHER("rke2"),
		.name = "rke2",
		.kubelet = "rke2-server.service rke2-agent.service",
		.runtime = "rke2-server.service rke2-agent.service",
		.stores = "etcd=/var/lib/rancher/rke2/server/db/etcd",
		.crictl = "/var/lib/rancher/rke2/bin/crictl",
	},
	{
		RANCHER("k3s"),
		.name = "k3s",
		.kubelet = "k3s.service k3s-agent.service",
		.runtime = "k3s.service k3s-agent.service",
		.stores = "etcd=/var/lib/rancher/k3s/server/db/etcd "
			  "sqlite=/var/lib/rancher/k3s/server/db/state.db",
		.crictl = "k3s crictl",
	},
	{
		.name = "microk8s",
		.kubelet = "snap.microk8s.daemon-kubelite.service "
			   "snap.microk8s.daemon-kubelet.service",
		.runtime = "snap.microk8s.daemon-containerd.service",
		.marks = "/var/snap/microk8s/current/args",
		.manifests = "",
		.ca = "/var/snap/microk8s/current/certs/ca.crt",
		.certs = "/var/snap/microk8s/current/certs/*.crt",
		.kubelet_certs = "",
		.kubelet_conf = "/var/snap/microk8s/current/credentials/kubelet.config",
		.confs = "/var/snap/microk8s/current/credentials/*.config",
		.stores = "dqlite=/var/snap/microk8s/current/var/kubernetes/backend",
		.etcd_pki = "",
		.etcd_ca = "ca.crt",
		.etcd_pairs = "healthcheck-client server",
		.etcd_metrics = "",
		.crictl = "crictl",
		.sockets = "/var/snap/microk8s/common/run/containerd.sock",
	},
};
const size_t node_layouts_count = sizeof(node_layouts) / sizeof(node_layouts[0]);

const struct node_layout *node_layout_named(const char *name)
{
	for (size_t i = 0; i < node_layouts_count; i++)
		if (strcmp(node_layouts[i].name, name) == 0)
			return &node_layouts[i];
	return &node_layouts[0];
}

bool node_layout_has(const char *words, const char *word, size_t n)
{
	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t len = strcspn(words, " ");

		if (len == n && memcmp(words, word, n) == 0)
			return true;
		words += len;
	}
	return false;
}

#define FIELD(shell, member)                                                                       \
	{                                                                                          \
		shell, offsetof(struct node_layout, member)                                        \
	}
static const struct field {
	const char *shell;
	size_t offset;
} fields[] = {
	FIELD("LAYOUT", name),
	FIELD("KUBELET", kubelet),
	FIELD("RUNTIME", runtime),
	FIELD("MARKS", marks),
	FIELD("MANIFESTS", manifests),
	FIELD("CA", ca),
	FIELD("CERTS", certs),
	FIELD("KUBELET_CERTS", kubelet_certs),
	FIELD("KUBELET_CONF", kubelet_conf),
	FIELD("CONFS", confs),
	FIELD("STORES", stores),
	FIELD("ETCD_PKI", etcd_pki),
	FIELD("ETCD_CA", etcd_ca),
	FIELD("ETCD_PAIRS", etcd_pairs),
	FIELD("ETCD_METRICS", etcd_metrics),
	FIELD("CRICTL", crictl),
	FIELD("SOCKETS", sockets),
};

static void put_row(struct buf *to, const struct node_layout *l)
{
	buf_fmt(to, "%s)\n", l->name);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *value = *(const char *const *)((const char *)l + fields[i].offset);

		buf_fmt(to, "%s='%s'\n", fields[i].shell, value);
	}
	buf_puts(to, ";;\n");
}

void node_layout_puts(struct buf *to)
{
	buf_puts(to, "LAYOUTS='");
	for (size_t i = 0; i < node_layouts_count; i++)
		buf_fmt(to, "%s%s", i > 0 ? " " : "", node_layouts[i].name);
	buf_puts(to, "'\nUNITS='");
	for (size_t i = 0; i < node_layouts_count; i++) {
		const struct node_layout *l = &node_layouts[i];

		buf_fmt(to, "%s%s", i > 0 ? " " : "", l->runtime);
		if (strcmp(l->kubelet, l->runtime) != 0)
			buf_fmt(to, " %s", l->kubelet);
	}
	buf_puts(to, "'\nlayout() { case $1 in\n");
	for (size_t i = 0; i < node_layouts_count; i++)
		put_row(to, &node_layouts[i]);
	buf_puts(to, "esac; }\n");
}
