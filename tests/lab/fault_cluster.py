"""Faults of what runs on the cluster: its DNS, its pod network, its webhooks and aggregated APIs."""
import json

from common import kubectl
from fault import Fault, keep, kept, node_check, node_try, ready, taken
from images import BUSYBOX

WEBHOOK = "lab-closed"
METRICS = "v1beta1.metrics.k8s.io"
FORWARD, LOOP = "forward . /etc/resolv.conf", "forward . 127.0.0.1:53"
SUBNET = "/run/flannel/subnet.env"
CNI = "/etc/cni/net.d/10-flannel.conflist"
VXLAN = "flannel.1"
POOL = "/var/lib/cni/networks/cbr0"
TAKEN_BY = "lab"        # what stands in an address that nobody has


# ---- webhooks and aggregated APIs ----

def webhook(_):
    taken(["apply", "-f", "-"], json.dumps({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": WEBHOOK},
        "webhooks": [{"name": "closed.lab.test", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"], "timeoutSeconds": 5,
                      "clientConfig": {"service": {"name": "nobody", "namespace": "default", "path": "/"}},
                      "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}]}))


def refused(_):
    """A pod that would be taken is not."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lab-refused", "namespace": "default"}, "spec": {"containers": [{"name": "c", "image": BUSYBOX}]}}
    p = kubectl(["create", "--dry-run=server", "-f", "-"], quiet=True, stdin=json.dumps(pod))
    return p.returncode != 0 and "closed.lab.test" in p.stderr


def scale(to):
    return lambda _: taken(["-n", "kube-system", "scale", "deploy/metrics-server", f"--replicas={to}"])


def unavailable(_):
    return "False" == kubectl(["get", "apiservice", METRICS, "-o", 'jsonpath={.status.conditions[?(@.type=="Available")].status}'], quiet=True).stdout


# ---- DNS ----

def corefile():
    return json.loads(taken(["-n", "kube-system", "get", "cm", "coredns", "-o", "json"]))["data"]["Corefile"]


def forward(was, now):
    def do(_):
        text = corefile()
        if was in text:
            patch = json.dumps({"data": {"Corefile": text.replace(was, now)}})
            taken(["-n", "kube-system", "patch", "cm", "coredns", "--type=merge", "-p", patch])
            taken(["-n", "kube-system", "rollout", "restart", "deploy/coredns"])
    return do


def loops(_):
    """A CoreDNS ended because it heard itself."""
    pods = json.loads(taken(["-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "json"]))["items"]
    return LOOP in corefile() and any(s.get("restartCount", 0) and not s["ready"] for p in pods for s in p["status"].get("containerStatuses", []))


# ---- the pod network ----

def restarted_unless(there):
    """flanneld makes what is missing when it starts; one that is on its way already is none to end."""
    def undo(name):
        if node_try(name, there)[0] != 0:
            node_try(name, "pkill -KILL -x flanneld")
    return undo


def no_network_do(name):
    keep(name, CNI)
    node_check(name, f"rm -f {CNI}")


def no_network_undo(name):
    """Written, for a containerd does not hear of a file that was moved there. What an operator's flannel wrote meanwhile is the same."""
    node_try(name, f"[ -e {kept(CNI)} ] && cp {kept(CNI)} {CNI} && rm {kept(CNI)}")


def fill_pool(name):
    node_check(name, f"""mkdir -p {POOL}; . {SUBNET}; for i in $(seq 2 254); do
      ip=${{FLANNEL_SUBNET%.*}}.$i; [ -e {POOL}/$ip ] || printf {TAKEN_BY} >{POOL}/$ip; done""")


def free_pool(name):
    node_check(name, f"grep -lx {TAKEN_BY} {POOL}/* 2>/dev/null | xargs -r rm -f")


def pool_is_full(name):
    return node_try(name, f"ls {POOL} 2>/dev/null | grep -c '^[0-9]'")[1].strip() == "253"


ROWS = {
    "webhook-closed": Fault("a webhook that fails closed has no server, and no pod can be made", "all", webhook,
                            lambda _: taken(["delete", "validatingwebhookconfiguration", WEBHOOK, "--ignore-not-found"]), refused),
    "apiservice-down": Fault("the metrics API has no server", "all", scale(0), scale(1), unavailable),
    "coredns-loop": Fault("CoreDNS asks itself, and ends for it", "all", forward(FORWARD, LOOP), forward(LOOP, FORWARD), loops),
    "flannel-subnet-gone": Fault("a node's subnet file is gone, and no new pod gets a network", "w1", lambda n: node_check(n, f"rm -f {SUBNET}"),
                                 restarted_unless(f"test -e {SUBNET}"), lambda n: node_try(n, f"test -e {SUBNET}")[0] != 0),
    "flannel-link-gone": Fault("a node's vxlan device is gone, and its pods reach no other node's", "w1", lambda n: node_try(n, f"ip link del {VXLAN}"),
                               restarted_unless(f"ip link show {VXLAN}"), lambda n: node_try(n, f"ip link show {VXLAN}")[0] != 0),
    "cni-config-gone": Fault("a node's network configuration is gone, and it turns NotReady", "w1", no_network_do, no_network_undo,
                             lambda n: node_try(n, f"test -e {CNI}")[0] != 0 and not ready(n)),
    "cni-pool-empty": Fault("a node has no address left for a new pod", "w1", fill_pool, free_pool, pool_is_full),
}
