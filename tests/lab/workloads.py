"""A big cluster beside the real one: kwok's pretended nodes and pods, which kwok on the second balancer keeps alive."""
import json
import shutil

import bulk
import fault
import machine
from common import LAB, MASTERS, die, kubectl, wait

KWOK_AT = "lb2"
STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
ONE_API_FROM = 3000     # nodes that three API servers have no memory for on a small machine


def kwok():
    """A unit of the machine: it ends with it."""
    if fault.active(KWOK_AT, "kwok"):
        return
    shutil.copy(f"{LAB}/super.conf", fault.path(KWOK_AT, "/root/super.conf"))
    configs = f"$(find {' '.join('/usr/share/kwok/' + s for s in STAGES)} -name '*.yaml' ! -name kustomization.yaml -printf '--config=%p ')"
    machine.node_check(KWOK_AT, "systemd-run --quiet --collect --unit=kwok kwok --kubeconfig=/root/super.conf --manage-all-nodes=false "
                       f"--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake --node-lease-duration-seconds=40 {configs}")


def one_api():
    """The first master's API server alone; the others' manifests wait beside."""
    for name in list(MASTERS)[1:]:
        fault.aside(name, "kube-apiserver")
    for name in list(MASTERS)[1:]:
        fault.gone(name, "kube-apiserver", 180)


def fake_node(name):
    """No DaemonSet of the real cluster comes here, for it has no operating system; nor a Deployment, for the taint."""
    size = {"cpu": "32", "memory": "256Gi", "pods": "250"}
    return {"apiVersion": "v1", "kind": "Node", "spec": {"taints": [{"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}]},
            "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"}, "labels": {"kubernetes.io/hostname": name, "type": "kwok"}},
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
    if nodes >= ONE_API_FROM:
        one_api()
    kwok()
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
