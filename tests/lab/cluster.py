"""The cluster that kubeadm makes of the machines: balancers, three masters, two workers, the pod network and the metrics.

kubeadm's own words are followed: `init` on the first master, then `join` on all others at once: etcd admits one learner at a
time, and kubeadm waits for its turn. What a cgroup v1 kernel without modules needs to be told is in the rows below."""
import concurrent.futures
import json
import os
import shutil
import textwrap

import machine
from common import BALANCERS, HERE, LAB, LB, MACHINES, MASTERS, MEMBERS, die, kubectl, read, sh, wait, write
from programs import KUBERNETES

FIRST = next(iter(MASTERS))
SOCKET = "/run/haproxy/admin.sock"
TOKEN = "abcdef.0123456789abcdef"
CERTIFICATE_KEY = "0123456789abcdef" * 4
IGNORED = "SystemVerification"      # kubeadm calls cgroup v1, and a kernel without its configuration, errors
KUBEADM_API, KUBELET_API, PROXY_API = "kubeadm.k8s.io/v1beta4", "kubelet.config.k8s.io/v1beta1", "kubeproxy.config.k8s.io/v1alpha1"


def at_once(function, names):
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        for one in [pool.submit(function, n) for n in names]:
            one.result()


# ---- what the console and the operator use ----

def keys():
    """Both ssh keys and what a client needs to use them without a question."""
    if not os.path.exists(f"{LAB}/id"):
        sh(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", f"{LAB}/id"])
    key = " ".join(read(f"{machine.BASE}/etc/ssh/ssh_host_ed25519_key.pub").split()[:2])
    write(f"{LAB}/known_hosts", "".join(f"{name},{ip} {key}\n" for name, ip in MACHINES.items()))
    hosts = "".join(f"Host {name}\n  HostName {ip}\n" for name, ip in MACHINES.items())
    write(f"{LAB}/ssh_config", hosts + f"Host *\n  User root\n  IdentityFile {LAB}/id\n  IdentitiesOnly yes\n  UserKnownHostsFile {LAB}/known_hosts\n"
          "  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n", 0o600)


def console_config():
    """k911's own configuration for this lab."""
    write(f"{LAB}/k911.yaml", textwrap.dedent(f"""\
    cluster: {{kubeconfig: {LAB}/admin.conf}}
    etcd: {{credentials: auto}}
    nodes:
      ssh:
        identity: {LAB}/id
        options: ["-F", "{LAB}/ssh_config"]
    load_balancer:
      address: "{LB}:6443"
      haproxy_nodes: [{", ".join(f'"{ip}"' for ip in BALANCERS.values())}]
      haproxy_socket: {SOCKET}
    """))


# ---- balancers ----

def balancer(name):
    """As kubeadm's own guide for HA writes them: haproxy that takes a server out whose /healthz fails, keepalived that moves the address.
    What a dead server's clients hold is ended with it, or their kubelets would keep asking it."""
    etc = f"{LAB}/{name}/upper/etc"
    first = name == next(iter(BALANCERS))
    write(f"{etc}/haproxy/haproxy.cfg", textwrap.dedent(f"""\
    global
      stats socket {SOCKET} mode 600 level admin
    defaults
      mode tcp
      timeout connect 2s
      timeout check 3s
      timeout client 1h
      timeout server 1h
    frontend api
      bind *:6443
      default_backend masters
    backend masters
      default-server on-marked-down shutdown-sessions
      balance roundrobin
      option httpchk
      http-check connect ssl
      http-check send meth GET uri /healthz
      http-check expect status 200
    """) + "".join(f"  server {n} {ip}:6443 check inter 1s fall 2 rise 1 verify none\n" for n, ip in MASTERS.items()))
    write(f"{etc}/keepalived/keepalived.conf", textwrap.dedent(f"""\
    global_defs {{
      script_user root
      enable_script_security
    }}
    vrrp_script haproxy {{
      script "/usr/bin/pgrep -x haproxy"
      interval 1
      fall 2
      rise 1
      weight -50
    }}
    vrrp_instance api {{
      state {"MASTER" if first else "BACKUP"}
      interface eth0
      virtual_router_id 51
      priority {101 if first else 100}
      advert_int 1
      virtual_ipaddress {{
        {LB}/24
      }}
      track_script {{
        haproxy
      }}
    }}
    """))


# ---- kubeadm ----

def registration(name):
    return {"name": name, "criSocket": "unix:///run/containerd/containerd.sock", "imagePullPolicy": "IfNotPresent", "ignorePreflightErrors": [IGNORED]}


def init_documents(name):
    return [
        {"apiVersion": KUBEADM_API, "kind": "InitConfiguration", "bootstrapTokens": [{"token": TOKEN, "ttl": "0s"}], "certificateKey": CERTIFICATE_KEY,
         "localAPIEndpoint": {"advertiseAddress": MASTERS[name], "bindPort": 6443}, "nodeRegistration": registration(name)},
        {"apiVersion": KUBEADM_API, "kind": "ClusterConfiguration", "kubernetesVersion": KUBERNETES, "clusterName": "lab", "controlPlaneEndpoint": f"{LB}:6443",
         "networking": {"serviceSubnet": "10.96.0.0/12", "podSubnet": "10.244.0.0/16"}},
        # nobody here may lower an OOM score, and kubelet 1.35 refuses cgroup v1 unless told
        {"apiVersion": KUBELET_API, "kind": "KubeletConfiguration", "cgroupDriver": "systemd", "failCgroupV1": False, "oomScoreAdj": 0},
        {"apiVersion": PROXY_API, "kind": "KubeProxyConfiguration", "mode": "iptables", "conntrack": {"maxPerCore": 0, "min": 0}}]


def join_documents(name, master):
    said = {"apiVersion": KUBEADM_API, "kind": "JoinConfiguration", "nodeRegistration": registration(name),
            "discovery": {"bootstrapToken": {"apiServerEndpoint": f"{LB}:6443", "token": TOKEN, "unsafeSkipCAVerification": True}}}
    if master:
        said["controlPlane"] = {"localAPIEndpoint": {"advertiseAddress": MACHINES[name], "bindPort": 6443}, "certificateKey": CERTIFICATE_KEY}
    return [said]


def kubeadm(name, verb, master):
    """`kubeadm init` or `kubeadm join`: the real ones, whole."""
    documents, flags = (init_documents(name), "--upload-certs") if verb == "init" else (join_documents(name, master), "")
    write(f"{LAB}/{name}/upper/root/kubeadm.yaml", "\n---\n".join(json.dumps(d, indent=1) for d in documents) + "\n", 0o600)
    rc, said = machine.node_try(name, f"kubeadm {verb} {flags} --config /root/kubeadm.yaml -v1 >/root/kubeadm.log 2>&1 || {{ tail -n 40 /root/kubeadm.log; exit 1; }}")
    if rc != 0:
        die(f"kubeadm {verb} on {name}: {said[-4000:]}")


def offer_certificates(name):
    """By the master NAME, to one that joins: kubeadm takes them back after two hours."""
    machine.node_check(name, f"kubeadm init phase upload-certs --upload-certs --certificate-key {CERTIFICATE_KEY}")


def credentials():
    etc = f"{LAB}/{FIRST}/upper/etc/kubernetes"
    shutil.copy(f"{etc}/admin.conf", f"{LAB}/admin.conf")
    shutil.copy(f"{etc}/super-admin.conf", f"{LAB}/super.conf")


# ---- looking ----

def api_ready(name):
    """Asked from the console's side of the network."""
    return sh(["ip", "netns", "exec", "lab0", "curl", "-skf", "-m", "3", f"https://{MASTERS[name]}:6443/readyz"], check=False).returncode == 0


def nodes_ready():
    p = kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"], quiet=True)
    return p.returncode == 0 and p.stdout.split() == ["True"] * len(MEMBERS)


def deployed(what):
    return kubectl(["-n", "kube-system", "rollout", "status", what, "--timeout=10s"], quiet=True).returncode == 0


# ---- all of it ----

def make(step):
    """From blank disks; STEP is told what has been reached."""
    machine.switch()
    for name in BALANCERS:
        balancer(name)
    at_once(machine.on, list(MACHINES))
    step("machines booted")
    kubeadm(FIRST, "init", True)
    credentials()
    step("kubeadm init")
    for addon in ("flannel", "metrics-server"):
        if kubectl(["apply", "-f", f"{HERE}/manifests/{addon}.yaml"], quiet=True, timeout_s=60).returncode != 0:
            die(f"manifests/{addon}.yaml was not taken")
    at_once(lambda n: kubeadm(n, "join", n in MASTERS), [n for n in MEMBERS if n != FIRST])
    step("kubeadm join")
    wait("every node Ready", nodes_ready, 300, 0.5)
    step("nodes Ready")
    for what in ("deploy/coredns", "deploy/metrics-server"):
        wait(what, lambda w=what: deployed(w), 300, 1)
    wait("every API server's /readyz", lambda: all(api_ready(n) for n in MASTERS), 120, 0.5)
    step("add-ons available")
