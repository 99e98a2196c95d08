"""What runs on the lab's cluster besides its control plane: kwok's pretended nodes and pods."""
import json
from concurrent.futures import ThreadPoolExecutor

from common import die, kubectl, wait

BATCH = 200
WORKERS = ("worker-1", "worker-2", "worker-3")


def fake_node(name, role=None):
    size = {"cpu": "32", "memory": "256Gi", "pods": "250"}
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "type": "kwok"}
    if role:
        labels["node-role.kubernetes.io/" + role] = ""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"}, "labels": labels},
            "status": {"allocatable": size, "capacity": size}}


def fake_pod(i, j):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"app-{i:04d}-{j:03d}", "namespace": "default", "labels": {"app": f"app{j}"}},
            "spec": {"nodeName": f"w{i:04d}", "containers": [{"name": "c", "image": "busybox"}], "tolerations": [{"operator": "Exists"}]}}


def put(items, verb=("create",)):
    """One kubectl for many objects; what is there already is no error."""
    p = kubectl([*verb, "-f", "-", "-o", "name"], quiet=True, stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), timeout_s=300)
    bad = [x for x in p.stderr.splitlines() if "AlreadyExists" not in x and "Warning" not in x]
    if p.returncode != 0 and bad:
        die("kubectl: " + bad[0])


def seed(nodes, pods_per_node):
    for k in range(0, nodes, BATCH):
        put([fake_node(f"w{i:04d}") for i in range(k, min(nodes, k + BATCH))])
    flat = [fake_pod(i, j) for i in range(nodes) for j in range(pods_per_node)]
    with ThreadPoolExecutor(4) as ex:
        list(ex.map(put, [flat[k:k + BATCH] for k in range(0, len(flat), BATCH)]))


def workload(kind, name, namespace, image, spec):
    labels = {"k8s-app": name}
    pod = {"nodeSelector": {"type": "kwok"}, "tolerations": [{"operator": "Exists"}], "containers": [{"name": name, "image": image}], "priorityClassName": "system-node-critical"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {**spec, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}}


def addons():
    """Three workers and what a kubeadm cluster has on them: CoreDNS, kube-proxy and a CNI in its own namespace."""
    put([fake_node(w) for w in WORKERS] + [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-flannel"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
         "spec": {"clusterIP": "10.96.0.10", "selector": {"k8s-app": "coredns"}, "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]}},
        workload("DaemonSet", "kube-flannel-ds", "kube-flannel", "flannel:v0.26", {}),
        workload("DaemonSet", "kube-proxy", "kube-system", "kube-proxy:v1.35.4", {}),
        workload("Deployment", "coredns", "kube-system", "coredns:v1.12", {"replicas": 2})])
    wait("the add-ons' pods", addons_ready, 90)


def addons_ready():
    for what, ns in (("ds/kube-flannel-ds", "kube-flannel"), ("ds/kube-proxy", "kube-system")):
        out = kubectl(["get", what, "-n", ns, "-o", "jsonpath={.status.numberReady}"], quiet=True).stdout
        if out != str(len(WORKERS)):
            return False
    return kubectl(["get", "deploy/coredns", "-n", "kube-system", "-o", "jsonpath={.status.readyReplicas}"], quiet=True).stdout == "2"
