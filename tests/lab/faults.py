"""What can break in the lab, as rows: each fault knows how to do it and how to undo it, and doing either twice is harmless."""
import json
import os
from collections import namedtuple

import common
from common import FAULTS, LAB, MASTERS, ask, die, kubectl, node, node_check, sh, told, wait

ETCD_CERTS = "--cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key"
MANIFESTS, ASIDE, PKI = "/etc/kubernetes/manifests", "/etc/kubernetes/aside", "/etc/kubernetes/pki"
PAIR = ("m2", "m3")     # the two whose loss ends quorum


# ---- looking ----

def containers(name):
    """{container: {"pid" (as the machine counts), "attempt", "id", "stopped"}} of what runs, asked past the network."""
    found = json.loads(told(name, "lab", "containers"))
    for which, c in list(found.items()):
        try:
            with open(f"/proc/{common.init_pid(name)}/root/proc/{c['pid']}/stat") as f:
                c["stopped"] = f.read().rpartition(")")[2].split()[0] == "T"
        except FileNotFoundError:
            del found[which]    # it ended since it was listed
    return found


def etcd_healthy(name):
    return node(name, f"timeout 3 etcdctl {ETCD_CERTS} --endpoints=https://127.0.0.1:2379 --command-timeout=2s endpoint health >/dev/null 2>&1").returncode == 0


def api_ready(name):
    """Asked from the console's side of the network."""
    return sh(f"ip netns exec lab0 curl -skf -m 3 https://{MASTERS[name]}:6443/readyz", check=False).returncode == 0


def link_up(name):
    return "state UP" in sh(f"ip -n lab-{name} link show eth0").stdout


# ---- the pieces faults are made of ----

def send(name, container, sig):
    return int(told(name, "lab", "signal", container, sig))


def unit(name, verb, which):
    told(name, "systemctl", verb, which)


def manifest_aside(name, which):
    node_check(name, f"mkdir -p {ASIDE} && if [ -e {MANIFESTS}/{which}.yaml ]; then mv {MANIFESTS}/{which}.yaml {ASIDE}/; fi")


def manifest_back(name, which):
    node_check(name, f"if [ -e {ASIDE}/{which}.yaml ]; then mv {ASIDE}/{which}.yaml {MANIFESTS}/; fi")


def restart_clients(name):
    """After etcd went back in time, the caches of what sat on it are wrong: start them anew."""
    for c in ("kube-apiserver", "kube-controller-manager", "kube-scheduler"):
        send(name, c, "KILL")


# ---- kill, stop, cut ----

def kill_container(which):
    def do(name):
        manifest_aside(name, which)     # or the kubelet would start it again at once
        send(name, which, "KILL")

    def undo(name):
        manifest_back(name, which)
    return do, undo


def pause_container(which):
    return (lambda name: send(name, which, "STOP")), (lambda name: send(name, which, "CONT"))


def unit_stop(which):
    return (lambda name: unit(name, "stop", which)), (lambda name: unit(name, "start", which))


def network_cut(name):
    sh(f"ip -n lab-{name} link set eth0 down")


def network_join(name):
    """Up again, and the route that went with the link."""
    sh(f"ip -n lab-{name} link set eth0 up && ip -n lab-{name} route replace 10.0.1.0/24 dev eth0 proto kernel scope link src {MASTERS[name]}")


def kill_on(names, which):
    """Stop the kubelets of all NAMES first, then kill: as a failed upgrade or a bad disk takes a whole layer away."""
    def do(_):
        for n in names:
            unit(n, "stop", "kubelet")
        for n in names:
            send(n, which, "KILL")

    def undo(_):
        for n in names:
            unit(n, "start", "kubelet")
    return do, undo


def hang_all(sig):
    for n in MASTERS:
        send(n, "kube-apiserver", sig)
        send(n, "etcd", sig)
    send("lb", "haproxy", sig)


# ---- wiped etcd ----

def etcd_gone(name):
    wait(f"the end of etcd on {name}", lambda: "etcd" not in containers(name), 30)


def etcd_wipe(name):
    """The data is lost and etcd starts unchanged: m1's manifest lists only itself, so a second, empty cluster boots."""
    manifest_aside(name, "etcd")
    etcd_gone(name)
    node_check(name, f"mkdir -p {LAB}/{name}/lost && if [ ! -e {LAB}/{name}/lost/member ]; then mv /var/lib/etcd/member {LAB}/{name}/lost/; fi")
    manifest_back(name, "etcd")
    wait(f"a new etcd on {name}", lambda: "etcd" in containers(name), 30)


def etcd_unwipe(name):
    manifest_aside(name, "etcd")
    etcd_gone(name)
    node_check(name, f"if [ -e {LAB}/{name}/lost/member ]; then rm -rf /var/lib/etcd/member && mv {LAB}/{name}/lost/member /var/lib/etcd/; fi")
    manifest_back(name, "etcd")
    wait(f"etcd on {name}", lambda: "etcd" in containers(name) and etcd_healthy(name), 60)
    restart_clients(name)


# ---- expired certificate ----

CA_CONFIG = """[ca]
default_ca = lab
[lab]
database = {d}/index
serial = {d}/serial
new_certs_dir = {d}
default_md = sha256
policy = any
copy_extensions = copyall
unique_subject = no
[any]
commonName = supplied
"""


def cert_expire(name):
    """The API server's serving certificate anew, same key and names, ended yesterday; then the server starts with it."""
    d = f"{LAB}/{name}/expired"
    node_check(name, f"mkdir -p {d} {ASIDE} && : > {d}/index && echo 2a > {d}/serial")
    with open(f"{d}/ca.cnf", "w") as f:
        f.write(CA_CONFIG.format(d=d))
    node_check(name, f"""set -e
      [ -e {ASIDE}/apiserver.crt ] || cp {PKI}/apiserver.crt {ASIDE}/apiserver.crt
      openssl x509 -x509toreq -copy_extensions copyall -in {ASIDE}/apiserver.crt -signkey {PKI}/apiserver.key -out {d}/req 2>{d}/err || {{ cat {d}/err; exit 1; }}
      openssl ca -batch -notext -config {d}/ca.cnf -cert {PKI}/ca.crt -keyfile {PKI}/ca.key -in {d}/req -out {d}/crt \
        -startdate $(date -u -d '2 days ago' +%Y%m%d%H%M%SZ) -enddate $(date -u -d '1 day ago' +%Y%m%d%H%M%SZ) 2>{d}/err || {{ cat {d}/err; exit 1; }}
      cp {d}/crt {PKI}/apiserver.crt""")
    send(name, "kube-apiserver", "KILL")


def cert_renew(name):
    node_check(name, f"if [ -e {ASIDE}/apiserver.crt ]; then mv {ASIDE}/apiserver.crt {PKI}/apiserver.crt; fi")
    send(name, "kube-apiserver", "KILL")


# ---- workers ----

def worker_lose(name):
    """kwok lets go of the worker, and its last word is NotReady."""
    status = {"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "container runtime is down"}]}}
    for argv in (["annotate", "node", name, "kwok.x-k8s.io/node-", "--overwrite"],
                 ["patch", "node", name, "--subresource=status", "--type=strategic", "-p", json.dumps(status)]):
        p = kubectl(argv, quiet=True)
        if p.returncode != 0:
            die(f"{name}: {p.stderr.strip()} (`lab.py addons` makes workers)")


def worker_find(name):
    kubectl(["annotate", "node", name, "kwok.x-k8s.io/node=fake", "--overwrite"], quiet=True)
    status = {"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}]}}
    kubectl(["patch", "node", name, "--subresource=status", "--type=strategic", "-p", json.dumps(status)], quiet=True)


Fault = namedtuple("Fault", "text at do undo")


def row(text, at, pair):
    return Fault(text, at, *pair)


TABLE = {
    "etcd-kill": row("one etcd is killed and stays away", "m2", kill_container("etcd")),
    "etcd-hang": row("one etcd hangs (SIGSTOP)", "m2", pause_container("etcd")),
    "kubelet-stop": row("one kubelet is stopped; its containers run on", "m2", unit_stop("kubelet")),
    "containerd-stop": row("one container runtime is stopped; its containers run on", "m2", unit_stop("containerd")),
    "apiserver-kill": row("one API server is killed and stays away", "m2", kill_container("kube-apiserver")),
    "apiserver-hang": row("one API server hangs (SIGSTOP)", "m2", pause_container("kube-apiserver")),
    "apiserver-hang-all": row("every API server hangs (SIGSTOP)", "all",
                              ((lambda _: [send(n, "kube-apiserver", "STOP") for n in MASTERS]), (lambda _: [send(n, "kube-apiserver", "CONT") for n in MASTERS]))),
    "hang-all": row("every API server, every etcd and the load balancer hang (SIGSTOP)", "all", ((lambda _: hang_all("STOP")), (lambda _: hang_all("CONT")))),
    "haproxy-stop": row("the load balancer is stopped", "lb", unit_stop("haproxy")),
    "network-cut": row("a master's network link is down", "m2", (network_cut, network_join)),
    "apiserver-all": row("all API servers are killed, the kubelets stopped before", "all", kill_on(tuple(MASTERS), "kube-apiserver")),
    "etcd-quorum": row("two of three etcds are killed, their kubelets stopped before", "+".join(PAIR), kill_on(PAIR, "etcd")),
    "etcd-wiped": row("m1's etcd data is lost and it boots as a second, empty cluster", "m1", (etcd_wipe, etcd_unwipe)),
    "cert-expired": row("one API server serves an expired certificate", "m2", (cert_expire, cert_renew)),
    "worker-notready": row("a kwok worker is NotReady", "worker-1", (worker_lose, worker_find)),
}


# ---- doing ----

def active():
    try:
        with open(FAULTS) as f:
            return json.load(f)
    except (OSError, ValueError):
        return {}


def remember(now):
    with open(FAULTS + ".new", "w") as f:
        json.dump(now, f)
    os.rename(FAULTS + ".new", FAULTS)


def find(name):
    if name not in TABLE:
        die(f"no fault `{name}`; there are:\n{listing()}")
    if not common.is_up():
        die("the lab is down; run `lab.py up`")
    return TABLE[name]


def listing():
    return "\n".join(f"  {k:20} {f.at:8} {f.text}" for k, f in TABLE.items())


def inject(name, machine=None):
    fault = find(name)
    now = active()
    at = machine or now.get(name) or fault.at
    if machine and fault.at in ("all", "lb", "m1", "+".join(PAIR)) and machine != fault.at:
        die(f"{name} is always at {fault.at}")
    if fault.at in MASTERS and at not in MASTERS:
        die(f"{name}: {at} is no master; one of {' '.join(MASTERS)}")
    if now.get(name, at) != at:
        die(f"{name} is on at {now[name]} already; heal it first")
    remember({**now, name: at})     # before the act: a fault half done must be healable
    fault.do(at)


def heal(name):
    if name == "all":
        for one in list(active()):
            heal(one)
        return
    fault = find(name)
    now = active()
    fault.undo(now.pop(name, fault.at))
    remember(now)
