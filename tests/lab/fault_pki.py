"""Faults of certificates and keys: expired, exchanged, or an encryption of Secrets that one API server does not share with the others."""
import base64
import json

import machine
from cluster import FIRST, api_ready, at_once
from common import BIN, LAB, MASTERS, MEMBERS, read, sh, wait
from fault import PKI, Fault, command_of, edit, flags, keep, kept, node_check, node_try, path, put, put_back, restart_static, unedit, unit

WORK = "/root/expired"
CA_CONFIG = f"""[ca]
default_ca = lab
[lab]
database = {WORK}/index
serial = {WORK}/serial
new_certs_dir = {WORK}
default_md = sha256
policy = any
copy_extensions = copyall
unique_subject = no
[any]
organizationName = optional
commonName = supplied
"""
CLUSTER_CA, FRONT_CA, ETCD_CA = f"{PKI}/ca", f"{PKI}/front-proxy-ca", f"{PKI}/etcd/ca"
SERVING = {f"{PKI}/apiserver": CLUSTER_CA}
ETCD = {f"{PKI}/etcd/server": ETCD_CA, f"{PKI}/etcd/peer": ETCD_CA, f"{PKI}/etcd/healthcheck-client": ETCD_CA, f"{PKI}/apiserver-etcd-client": ETCD_CA}
MASTER = {**SERVING, **ETCD, f"{PKI}/apiserver-kubelet-client": CLUSTER_CA, f"{PKI}/front-proxy-client": FRONT_CA}
KUBECONFIGS = tuple(f"/etc/kubernetes/{c}.conf" for c in ("admin", "controller-manager", "scheduler"))
KUBELET_PEM = "/var/lib/kubelet/pki/kubelet-client-current.pem"
STATIC = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


# ---- signing anew ----

def sign(name, cert, key, ca, target):
    """The same names and key, ended yesterday."""
    when = "-startdate $(date -u -d '2 days ago' +%Y%m%d%H%M%SZ) -enddate $(date -u -d '1 day ago' +%Y%m%d%H%M%SZ)"
    node_check(name, f"""set -e
      rm -rf {WORK}; mkdir -p {WORK}; : >{WORK}/index; echo 2a >{WORK}/serial
      openssl x509 -x509toreq -copy_extensions copyall -in {cert} -signkey {key} -out {WORK}/req""")
    put(name, f"{WORK}/ca.cnf", CA_CONFIG)
    node_check(name, f"openssl ca -batch -notext -preserveDN -config {WORK}/ca.cnf -cert {ca}.crt -keyfile {ca}.key -in {WORK}/req -out {target} {when} "
                     f"2>{WORK}/err || {{ cat {WORK}/err; exit 1; }}")


def expired(name, pem):
    """Whether the first certificate of a file has ended."""
    rc, said = node_try(name, f"openssl x509 -noout -checkend 0 -in {pem}")
    return rc == 1 and "will expire" in said


def expire_files(name, files):
    for cert, ca in files.items():
        keep(name, cert + ".crt")
        sign(name, kept(cert + ".crt"), cert + ".key", ca, f"{WORK}/crt")
        node_check(name, f"cp {WORK}/crt {cert}.crt")


def expire_kubeconfig(name, conf):
    """Its client certificate is in its text."""
    keep(name, conf)
    text = read(path(name, kept(conf)))
    words = {k: line.split(": ")[1].strip() for line in text.splitlines() for k in ("client-certificate-data", "client-key-data") if f" {k}: " in line}
    node_check(name, f"mkdir -p {WORK}.in")
    for k, data in words.items():
        put(name, f"{WORK}.in/{k}", base64.b64decode(data).decode())
    sign(name, f"{WORK}.in/client-certificate-data", f"{WORK}.in/client-key-data", CLUSTER_CA, f"{WORK}/crt")
    fresh = base64.b64encode(read(path(name, f"{WORK}/crt")).encode()).decode()
    put(name, conf, text.replace(words["client-certificate-data"], fresh))


def expire(name, files, kubeconfigs=()):
    expire_files(name, files)
    for conf in kubeconfigs:
        expire_kubeconfig(name, conf)


def unexpire(name, files, kubeconfigs=()):
    """True when anything was put back. What an operator renewed stays: its key is another one too."""
    for cert in files:
        if not expired(name, cert + ".crt"):
            node_check(name, f"rm -f {kept(cert + '.crt')}")
    return put_back(name, *(c + ".crt" for c in files), *kubeconfigs)


def all_expired(name, files):
    return all(expired(name, c + ".crt") for c in files)


def renew(name):
    """By kubeadm, as its guide has it, and everything started anew."""
    node_check(name, "kubeadm certs renew all")
    restart_static(name, programs=STATIC)


def certificates(text, files, programs, kubeconfigs=()):
    def do(name):
        expire(name, files, kubeconfigs)
        restart_static(name, programs=programs)

    def undo(name):
        if unexpire(name, files, kubeconfigs):
            restart_static(name, programs=programs)
    return Fault(text, "m2", do, undo, lambda name: all_expired(name, files), renew)


# ---- a kubelet's ----

def expire_kubelet(name):
    """Signed by a master, for a worker has no key of the cluster's authority."""
    signer = name if name in MASTERS else FIRST
    keep(name, KUBELET_PEM)
    whole = node_check(name, f"cat {kept(KUBELET_PEM)}")      # a link, which only the machine itself can follow
    node_check(signer, f"mkdir -p {WORK}.in")
    put(signer, f"{WORK}.in/kubelet.pem", whole)
    sign(signer, f"{WORK}.in/kubelet.pem", f"{WORK}.in/kubelet.pem", CLUSTER_CA, f"{WORK}/crt")
    key = whole[whole.index("-----BEGIN EC PRIVATE KEY"):] if "EC PRIVATE" in whole else whole[whole.index("PRIVATE KEY") - 16:]
    put(name, KUBELET_PEM, read(path(signer, f"{WORK}/crt")) + key)


def kubelet_do(name):
    expire_kubelet(name)
    node_try(name, "systemctl restart kubelet")


def kubelet_undo(name):
    if put_back(name, KUBELET_PEM):
        unit(name, "restart", "kubelet")


# ---- all of them ----

def everything_do(_):
    """A year after the installation, found after a power cut: no kubelet starts, and so nothing that it would start."""
    at_once(lambda n: expire(n, MASTER, KUBECONFIGS), list(MASTERS))
    for name in MEMBERS:
        expire_kubelet(name)
    at_once(lambda n: restart_static(n, programs=STATIC if n in MASTERS else ()), list(MEMBERS))


def everything_undo(_):
    """Everywhere before anything is started: an etcd alone waits for the others."""
    changed = [unexpire(n, MASTER, KUBECONFIGS) for n in MASTERS] + [put_back(n, KUBELET_PEM) for n in MEMBERS]
    if any(changed):
        at_once(lambda n: restart_static(n, programs=STATIC if n in MASTERS else ()), list(MEMBERS))


def everything_shows(_):
    return all(expired(n, KUBELET_PEM) for n in MEMBERS) and all(all_expired(n, MASTER) for n in MASTERS) and not any(api_ready(n) for n in MASTERS)


# ---- the keys that service account tokens are signed with ----

SA = (f"{PKI}/sa.key", f"{PKI}/sa.pub")
SIGNERS = ("kube-apiserver", "kube-controller-manager")


def sa_sum(name):
    return node_check(name, f"openssl pkey -in {SA[0]} -pubout | sha256sum")


def sa_do(name):
    if node_try(name, f"test -e {kept(SA[0])}")[0] == 0:
        return
    keep(name, *SA)
    node_check(name, f"openssl genrsa -out {SA[0]} 2048 2>/dev/null && openssl rsa -in {SA[0]} -pubout -out {SA[1]} 2>/dev/null")
    restart_static(name, programs=SIGNERS)


def sa_undo(name):
    if put_back(name, *SA):
        restart_static(name, programs=SIGNERS)


# ---- an encryption that one API server has alone ----

ENCRYPTION = f"{PKI}/encryption.yaml"
SECRET = "lab-encrypted"
KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def encryption(first):
    """The providers; the first one writes, all of them read."""
    rows = {"aescbc": {"aescbc": {"keys": [{"name": "lab", "secret": KEY}]}}, "identity": {"identity": {}}}
    return json.dumps({"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration",
                       "resources": [{"resources": ["secrets"], "providers": [rows[first], rows["identity" if first == "aescbc" else "aescbc"]]}]})


def encrypts(name):
    return f"--encryption-provider-config={ENCRYPTION}" in command_of(name, "kube-apiserver")


def at(name, *args, text=None):
    """kubectl at one API server, past the balancer."""
    server = f"--server=https://{MASTERS[name]}:6443"
    return sh(["ip", "netns", "exec", "lab0", f"{BIN}/kubectl", f"--kubeconfig={LAB}/super.conf", server, *args], check=False, input=text)


def encryption_do(name):
    if not encrypts(name):
        put(name, ENCRYPTION, encryption("aescbc"))
        edit(name, "kube-apiserver", flags(f"--encryption-provider-config={ENCRYPTION}"))
        wait(f"the encrypting API server on {name}", lambda: encrypts(name) and api_ready(name), 180)
    at(name, "create", "secret", "generic", SECRET, "--from-literal=a=b")


def encryption_undo(name):
    """Every Secret is written in the clear again before its key goes."""
    if not encrypts(name):
        return unedit(name, "kube-apiserver")
    put(name, ENCRYPTION, encryption("identity"))
    machine.send(name, "kube-apiserver", "KILL")
    wait(f"the API server on {name}", lambda: encrypts(name) and api_ready(name), 180)
    at(name, "delete", "secret", SECRET, "--ignore-not-found")
    at(name, "replace", "-f", "-", text=at(name, "get", "secrets", "-A", "-o", "json").stdout)
    unedit(name, "kube-apiserver")
    wait(f"the API server on {name}", lambda: not encrypts(name) and api_ready(name), 180)
    return node_check(name, f"rm -f {ENCRYPTION}")


def unreadable(name):
    """What it wrote, another master cannot read."""
    other = next(n for n in MASTERS if n != name)
    return encrypts(name) and at(other, "get", "secret", SECRET).returncode != 0 and at(name, "get", "secret", SECRET).returncode == 0


ROWS = {
    "cert-expired": certificates("one API server serves an expired certificate", SERVING, ("kube-apiserver",)),
    "certs-expired-etcd": certificates("all certificates of one etcd have expired", ETCD, ("etcd", "kube-apiserver")),
    "certs-expired-master": certificates("all certificates of a master have expired", MASTER, STATIC, KUBECONFIGS),
    "certs-expired-all": Fault("every certificate of the cluster has expired, the kubelets' too", "all", everything_do, everything_undo, everything_shows),
    "kubelet-cert-expired": Fault("a kubelet's client certificate has expired", "w1", kubelet_do, kubelet_undo, lambda n: expired(n, KUBELET_PEM)),
    "sa-key-swapped": Fault("a master signs service account tokens with a key of its own", "m2", sa_do, sa_undo,
                            lambda n: sa_sum(n) != sa_sum(FIRST if n != FIRST else "m3")),
    "encryption-changed": Fault("one API server encrypts Secrets as no other can read them", "m2", encryption_do, encryption_undo, unreadable),
}
