#!/usr/bin/env python3
"""lab.py - a real HA Kubernetes control plane in network namespaces. See README.md.

  lab.py build                 make the binaries (once; cached by the hash of their sources)
  lab.py up | down | status
  lab.py sh MACHINE CMD...     run CMD on m1, m2, m3 or lb
  lab.py kubectl ARGS...
  lab.py addons                three kwok workers, kube-flannel, kube-proxy, coredns
  lab.py seed NODES PODS       kwok nodes, each with PODS pods
  lab.py fault NAME [MACHINE]  break something; `lab.py fault` lists what
  lab.py heal NAME|all         undo it"""
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import common
import faults
import workloads
from common import BIN, GATE, HERE, LAB, LB, MACHINES, MASTERS, PRIVATE, die, kubectl, node, node_check, node_path, sh, told, wait

KWOK = "sigs.k8s.io/kwok@v0.8.0"
NAMES = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet.real", "kubeadm", "kubectl", "etcd", "etcdctl", "etcdutl"]
NEEDS = {"ip": "iproute2", "nsenter": "util-linux", "unshare": "util-linux", "mount": "mount", "haproxy": "haproxy", "ssh-keygen": "openssh-client",
         "sshd": "openssh-server", "openssl": "openssl", "pgrep": "procps", "curl": "curl"}
SOCKET = "/run/haproxy/admin.sock"


# ---- build ----

def sources_hash():
    h = hashlib.sha256(KWOK.encode())
    for f in ("go.mod", "go.sum", "main.go"):
        with open(f"{HERE}/{f}", "rb") as src:
            h.update(src.read())
    return h.hexdigest()


def built():
    try:
        with open(f"{BIN}/sources") as f:
            same = f.read().strip() == sources_hash()
    except OSError:
        return False
    return same and all(os.path.exists(f"{BIN}/{x}") for x in NAMES + ["kube", "kwok", "stages"])


def build():
    """Two Go builds into $LAB/bin: `kube`, which is every binary by the name it is called, and kwok. About six minutes cold on two cores."""
    os.makedirs(BIN, exist_ok=True)
    with open(f"{BIN}/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # a build in the background is waited for, not repeated
        if not built():
            build_now()


def build_now():
    if common.is_up():
        die("the sources of the binaries changed while the lab is up; run `lab.py down` first")
    print("lab: building kube and kwok, some minutes when cold", file=sys.stderr, flush=True)
    env = dict(os.environ, CGO_ENABLED="0", GOBIN=BIN, GOFLAGS="-buildvcs=false")
    version = " ".join("-X k8s.io/component-base/version." + v for v in ("gitVersion=v1.35.4", "gitMajor=1", "gitMinor=35"))
    for argv in (["go", "build", "-ldflags", "-s -w " + version, "-o", f"{BIN}/kube", "."], ["go", "install", "sigs.k8s.io/kwok/cmd/" + KWOK.split("/")[-1]]):
        try:
            done = subprocess.run(argv, cwd=HERE, env=env).returncode == 0
        except FileNotFoundError:
            die("no go on PATH; the lab's Kubernetes needs Go 1.26 or newer (https://go.dev/dl; Debian 12 has none)")
        if not done:
            die(" ".join(argv[:2]) + " failed; its words are above")
    finish_build(env)


def finish_build(env):
    """Names, kwok's stage files (they ship in its module), and the hash that says the cache is whole: last."""
    for n in NAMES:
        if not os.path.lexists(f"{BIN}/{n}"):
            os.symlink("kube", f"{BIN}/{n}")
    cache = sh(["go", "env", "GOMODCACHE"], env=env).stdout.strip()
    shutil.rmtree(f"{BIN}/stages", ignore_errors=True)
    shutil.copytree(f"{cache}/{KWOK}/kustomize/stage", f"{BIN}/stages")
    sh(["chmod", "-R", "u+w", f"{BIN}/stages"])
    with open(f"{BIN}/sources", "w") as f:
        f.write(sources_hash() + "\n")


# ---- up ----

def cannot():
    """Why the lab cannot run here, or None."""
    if os.geteuid() != 0:
        return "it needs root, for network namespaces and mounts"
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    gone = sorted({pkg for tool, pkg in NEEDS.items() if shutil.which(tool, path=path) is None})
    if importlib.util.find_spec("yaml") is None:
        gone.append("python3-yaml")
    if gone:
        return "missing Debian packages: " + " ".join(gone)
    if not built() and shutil.which("go") is None:
        return "no go on PATH to build its Kubernetes (Go 1.26 or newer, https://go.dev/dl; Debian 12 has none)"
    return None


def write(path, text, mode=0o644):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def machine_net(name, ip):
    sh(f"ip netns add lab-{name} && ip link add v-{name} netns lab0 type veth peer name eth0 netns lab-{name} && "
       f"ip -n lab0 link set v-{name} master br0 up && ip -n lab-{name} addr add {ip}/24 dev eth0 && "
       f"ip -n lab-{name} link set eth0 up && ip -n lab-{name} link set lo up")


def kubeadm_yaml(name, ip):
    cluster = ",".join(f"{n}=https://{i}:2380" for n, i in MASTERS.items())
    return textwrap.dedent(f"""\
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    localAPIEndpoint: {{advertiseAddress: {ip}, bindPort: 6443}}
    nodeRegistration: {{name: {name}, criSocket: "unix:///run/containerd/containerd.sock"}}
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    kubernetesVersion: v1.35.4
    clusterName: lab
    controlPlaneEndpoint: "{LB}:6443"
    networking: {{serviceSubnet: 10.96.0.0/12, podSubnet: 10.244.0.0/16}}
    etcd:
      local:
        dataDir: /var/lib/etcd
        extraArgs:
        - {{name: initial-cluster, value: "{cluster}"}}
        - {{name: initial-cluster-state, value: new}}
    """)


def boot(name, ip):
    """One machine: its network, its private folders, and node.py as its pid 1."""
    machine_net(name, ip)
    for d in PRIVATE:
        os.makedirs(f"{LAB}/{name}{d}", exist_ok=True)
    with open(f"{LAB}/{name}/init.log", "w") as log:
        p = subprocess.Popen(["ip", "netns", "exec", f"lab-{name}", "unshare", "-m", "-u", "-p", "-f", "--mount-proc", "--propagation", "private",
                              sys.executable, f"{HERE}/node.py", name, ip, LAB, *PRIVATE],
                             env=dict(os.environ, PATH=node_path(), PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1"),
                             stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    wait(f"machine {name} (see {LAB}/{name}/init.log)", lambda: p.poll() is not None or os.path.exists(f"{LAB}/{name}/run/lab/sock"), 20, 0.05)
    kids = sh(["pgrep", "-P", str(p.pid)], check=False).stdout.split()
    if not kids:
        with open(f"{LAB}/{name}/init.log") as log:
            die(f"machine {name} ended at once: {log.read().strip()[-800:]}")
    write(f"{LAB}/{name}/init.pid", kids[0])


def keys():
    """Both ssh keys and what a client needs to use them without a question."""
    sh(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", f"{LAB}/id"])
    sh(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab-host", "-f", f"{LAB}/hostkey"])
    with open(f"{LAB}/hostkey.pub") as f:
        key = " ".join(f.read().split()[:2])
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
      haproxy_nodes: ["{LB}"]
      haproxy_socket: {SOCKET}
    """))


def haproxy_config():
    """As kubeadm's own guide for HA writes it: a server whose /healthz fails is taken out."""
    text = textwrap.dedent(f"""\
    global
      stats socket {SOCKET} mode 600 level admin
    defaults
      mode tcp
      timeout connect 2s
      timeout check 3s
      timeout client 1h
      timeout server 1h
    frontend api
      bind {LB}:6443
      default_backend masters
    backend masters
      balance roundrobin
      option httpchk
      http-check connect ssl
      http-check send meth GET uri /healthz
      http-check expect status 200
    """)
    write(f"{LAB}/haproxy.cfg", text + "".join(f"  server {n} {ip}:6443 check inter 1s fall 2 rise 1 verify none\n" for n, ip in MASTERS.items()))


def masters():
    first = next(iter(MASTERS))
    for name, ip in MASTERS.items():
        boot(name, ip)
        write(f"{LAB}/{name}/kubeadm.yaml", kubeadm_yaml(name, ip))
        if name != first:
            pki, theirs = f"{LAB}/{first}/etc/kubernetes/pki", f"{LAB}/{name}/etc/kubernetes/pki"
            sh(f"mkdir -p {theirs}/etcd && cd {pki} && cp ca.* sa.* front-proxy-ca.* {theirs}/ && cp etcd/ca.* {theirs}/etcd/")
        phases = "certs all", "kubeconfig all", "etcd local", "control-plane all"
        node_check(name, f"set -e; for p in '{phases[0]}' '{phases[1]}' '{phases[2]}' '{phases[3]}'; do kubeadm init phase $p --config {LAB}/{name}/kubeadm.yaml; done > {LAB}/{name}/kubeadm.log 2>&1"
                         f" || {{ tail -5 {LAB}/{name}/kubeadm.log; exit 1; }}")
        told(name, "systemctl", "start", "containerd", "kubelet")
    shutil.copy(f"{LAB}/{first}/etc/kubernetes/super-admin.conf", f"{LAB}/super.conf")
    shutil.copy(f"{LAB}/{first}/etc/kubernetes/admin.conf", f"{LAB}/admin.conf")


def register():
    """What `kubeadm init` does through the API once it answers."""
    wait("the API behind the load balancer", lambda: kubectl(["get", "--raw", "/readyz"], quiet=True).returncode == 0, 120)
    kubectl(["create", "clusterrolebinding", "kubeadm:cluster-admins", "--clusterrole=cluster-admin", "--group=kubeadm:cluster-admins"], quiet=True)
    wait("the masters' registration", lambda: kubectl(["get", "node", *MASTERS], quiet=True).returncode == 0, 60)
    kubectl(["label", "node", *MASTERS, "node-role.kubernetes.io/control-plane="], quiet=True)


def as_kubeadm_left_it():
    """Give the etcd manifests the shape kubeadm's init and joins leave: the first master lists only itself, without a state; the others list who was there."""
    known, state = [], "--initial-cluster-state="
    for name, ip in MASTERS.items():
        known.append(f"{name}=https://{ip}:2380")
        path = f"{LAB}/{name}/etc/kubernetes/manifests/etcd.yaml"
        with open(path) as f:
            lines = f.read().split("\n")
        lines = [x.split("--initial-cluster=")[0] + "--initial-cluster=" + ",".join(known) if "--initial-cluster=" in x else x for x in lines]
        lines = [x.replace(state + "new", state + "existing") for x in lines if len(known) > 1 or state not in x]
        was = faults.containers(name)["etcd"]["id"]
        fresh = f"{LAB}/{name}/etc/kubernetes/etcd.yaml"    # not in manifests/: the kubelet would run a second file too
        write(fresh, "\n".join(lines), 0o600)
        os.rename(fresh, path)
        faults.send(name, "etcd", "KILL")       # it would take its time to say goodbye
        wait("etcd on " + name, lambda n=name, w=was: faults.containers(n).get("etcd", {"id": w})["id"] != w and faults.etcd_healthy(n), 60)


def kwok():
    folders = [f"{BIN}/stages/{d}" for d in ("node/fast", "node/heartbeat-with-lease", "pod/fast")]
    stages = [f"--config={d}/{f}" for d in folders for f in sorted(os.listdir(d)) if f.endswith(".yaml") and f != "kustomization.yaml"]
    with open(f"{LAB}/kwok.log", "w") as log:
        p = subprocess.Popen(["ip", "netns", "exec", "lab0", f"{BIN}/kwok", f"--kubeconfig={LAB}/super.conf", "--manage-all-nodes=false",
                              "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake", "--node-lease-duration-seconds=40"] + stages,
                             stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    write(f"{LAB}/kwok.pid", str(p.pid))


def up():
    why = cannot()
    if why:
        die(why)
    build()
    if common.is_up() and all(alive(n) for n in MACHINES):
        print(f"lab: up already; kubeconfig {LAB}/admin.conf")
        return
    down()
    t0 = time.monotonic()
    os.makedirs(LAB, exist_ok=True)
    write(f"{LAB}/made", "\n".join(d for d in PRIVATE if not os.path.isdir(d)))
    for d in PRIVATE:
        os.makedirs(d, exist_ok=True)
    sh(f"ip netns add lab0 && ip -n lab0 link set lo up && ip -n lab0 link add br0 type bridge && ip -n lab0 link set br0 up && ip -n lab0 addr add {GATE}/24 dev br0")
    keys()
    haproxy_config()
    console_config()
    boot("lb", LB)
    told("lb", "systemctl", "start", "haproxy")
    masters()
    register()
    as_kubeadm_left_it()
    kwok()
    wait("every API server's /readyz", lambda: all(faults.api_ready(n) for n in MASTERS), 90)
    write(f"{LAB}/up", "")
    print(f"lab: up in {time.monotonic() - t0:.0f} s\n  kubeconfig  {LAB}/admin.conf\n  k911 config {LAB}/k911.yaml\n  ssh         ssh -F {LAB}/ssh_config m1\n"
          f"  console     ip netns exec lab0 k911 --config {LAB}/k911.yaml")


# ---- down ----

def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def end(pidfile):
    """SIGKILL the process that this lab started and noted in PIDFILE; a pid that is someone else's by now is left alone."""
    try:
        with open(pidfile) as f:
            pid = int(f.read())
    except (OSError, ValueError):
        return
    if LAB not in command_of(pid):
        return
    os.kill(pid, signal.SIGKILL)
    limit = time.monotonic() + 10
    while LAB in command_of(pid) and time.monotonic() < limit:
        time.sleep(0.05)


def alive(name):
    try:
        with open(f"{LAB}/{name}/init.pid") as f:
            return LAB in command_of(int(f.read()))
    except (OSError, ValueError):
        return False


def down():
    """Also what a half-made lab needs: every step holds where there is nothing to undo."""
    end(f"{LAB}/kwok.pid")
    for n in MACHINES:
        end(f"{LAB}/{n}/init.pid")
    for ns in [f"lab-{n}" for n in MACHINES] + ["lab0"]:
        if os.path.exists(f"/run/netns/{ns}"):
            sh(["ip", "netns", "del", ns])
    if not os.path.isdir(LAB):
        return
    if os.path.exists(f"{LAB}/made"):
        with open(f"{LAB}/made") as f:
            for d in f.read().split():
                if os.path.isdir(d) and not os.listdir(d):
                    os.rmdir(d)
    for f in os.listdir(LAB):
        if f != "bin":
            p = f"{LAB}/{f}"
            shutil.rmtree(p) if os.path.isdir(p) else os.unlink(p)


# ---- status ----

def status():
    if not common.is_up():
        print("lab: down")
        return
    for name in MASTERS:
        units = " ".join(f"{u} {ask_state(name, u)}" for u in ("kubelet", "containerd"))
        runs = " ".join(f"{c}#{v['attempt']}" + ("(stopped)" if v["stopped"] else "") for c, v in sorted(faults.containers(name).items()))
        link = "up" if faults.link_up(name) else "cut"
        print(f"{name} {MASTERS[name]}  link {link}  {units}  etcd {'ok' if faults.etcd_healthy(name) else 'DOWN'}  api {'ok' if faults.api_ready(name) else 'DOWN'}  runs {runs or 'nothing'}")
    print(f"lb {LB}  haproxy {ask_state('lb', 'haproxy')}  kwok {'runs' if LAB in command_of(pid_in(f'{LAB}/kwok.pid')) else 'DOWN'}")
    print("faults: " + (" ".join(f"{k} ({v})" for k, v in faults.active().items()) or "none"))
    print(f"kubeconfig {LAB}/admin.conf")


def pid_in(path):
    with open(path) as f:
        return int(f.read())


def ask_state(name, unit):
    return common.ask(name, "systemctl", "is-active", unit)["out"].strip()


def main():
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    cmd, args = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    plain = {"build": build, "up": up, "down": down, "status": status, "addons": workloads.addons}
    if cmd in plain and not args:
        return plain[cmd]()
    if cmd == "sh" and len(args) > 1:
        return sys.exit(node(args[0], " ".join(args[1:])).returncode)
    if cmd == "kubectl":
        return sys.exit(kubectl(args).returncode)
    if cmd == "seed" and len(args) == 2:
        return workloads.seed(int(args[0]), int(args[1]))
    if cmd == "fault" and not args:
        return print(faults.listing())
    if cmd == "fault" and len(args) <= 2:
        return faults.inject(*args)
    if cmd == "heal" and len(args) == 1:
        return faults.heal(args[0])
    if cmd == "faults" and args == ["--json"]:
        return print(json.dumps(faults.active()))
    sys.exit(__doc__)


if __name__ == "__main__":
    main()
