"""What runs on the lab's cluster besides its control plane: kwok's pretended nodes and pods."""
import json

import bulk
from common import die, kubectl, wait

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


def settled(kind, name, phase):
    """The object once kwok has made it PHASE."""
    found = {}

    def ready():
        p = kubectl(["get", kind, name, "--show-managed-fields", "-o", "json"], quiet=True)
        found.update(json.loads(p.stdout) if p.returncode == 0 else {})
        return phase in (found.get("status", {}).get("phase"), *(c["type"] for c in found.get("status", {}).get("conditions", []) if c["status"] == "True"))
    wait(f"{kind} {name}", ready, 60)
    return found


def seed(nodes, pods_per_node):
    """One node and one pod the way they come about, and as many like them as wanted."""
    put([fake_node("w0000"), fake_pod(0, 0)])
    node, pod = settled("node", "w0000", "Ready"), settled("pod", "app-0000-000", "Running")
    bulk.put([(f"minions/w{i:04d}", seeded_node(node, f"w{i:04d}")) for i in range(1, nodes)])
    bulk.put([(f"pods/default/app-{i:04d}-{j:03d}", seeded_pod(pod, i, j)) for i in range(nodes) for j in range(pods_per_node) if i or j])


def seeded_node(model, name):
    node = bulk.like(model, name)
    node["metadata"]["labels"]["kubernetes.io/hostname"] = name
    return node


def seeded_pod(model, i, j):
    pod = bulk.like(model, f"app-{i:04d}-{j:03d}")
    ip = f"10.{100 + i // 250}.{i % 250}.{j + 1}"
    pod["metadata"]["labels"]["app"] = f"app{j}"
    pod["spec"]["nodeName"] = f"w{i:04d}"
    pod["status"].update(podIP=ip, podIPs=[{"ip": ip}])
    return pod


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
