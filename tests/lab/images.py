"""One OCI archive with every image that the cluster runs, made around the local programs; nothing is pulled.

Images share layers by digest: a node unpacks `kube` (API server, etcd, proxy...) once. Each has a label of its own, for equal
configurations would be one image to containerd, and the names of its containers would mix."""
import hashlib
import io
import json
import os
import subprocess
import tarfile

from common import BIN
from programs import COREDNS, FLANNEL, KUBERNETES, METRICS

LAYER, CONFIG = "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.config.v1+json"
MANIFEST, INDEX = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
XTABLES = "usr/lib/x86_64-linux-gnu/xtables"
IN_KUBE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "etcd", "etcdctl", "etcdutl")
BUSYBOX = "docker.io/library/busybox:1.35"
PAUSE = "registry.k8s.io/pause:3.10.1"

# name: (layers, what its configuration says)
IMAGES = {
    f"registry.k8s.io/kube-apiserver:{KUBERNETES}": (("files", "kube"), {}),
    f"registry.k8s.io/kube-controller-manager:{KUBERNETES}": (("files", "kube"), {}),
    f"registry.k8s.io/kube-scheduler:{KUBERNETES}": (("files", "kube"), {}),
    "registry.k8s.io/etcd:3.6.6-0": (("files", "kube"), {}),
    f"registry.k8s.io/kube-proxy:{KUBERNETES}": (("files", "kube", "iptables"), {}),
    PAUSE: (("pause",), {"Entrypoint": ["/pause"], "User": "65535:65535"}),
    BUSYBOX: (("files", "busybox"), {"Cmd": ["sh"]}),
    f"registry.k8s.io/coredns/coredns:{COREDNS}": (("files", "coredns"), {"Entrypoint": ["/coredns"]}),
    f"ghcr.io/flannel-io/flannel:{FLANNEL}": (("files", "busybox", "iptables", "flanneld"), {"Entrypoint": ["/opt/bin/flanneld"]}),
    "ghcr.io/flannel-io/flannel-cni-plugin:v0.9.1": (("files", "busybox", "cni"), {}),
    f"registry.k8s.io/metrics-server/metrics-server:{METRICS}": (("files", "metrics-server"), {"Entrypoint": ["/metrics-server"], "User": "65534"}),
}


class Layer:
    """A tar in memory; a folder is in it once, before what lies in it."""
    def __init__(self):
        self.raw = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.raw, mode="w", format=tarfile.GNU_FORMAT)
        self.seen = set()

    def entry(self, path, mode):
        path = path.strip("/")
        parts = path.split("/")
        for i in range(1, len(parts)):
            self.dir("/".join(parts[:i]))
        self.seen.add(path)
        t = tarfile.TarInfo(path)
        t.mode = mode
        return t

    def dir(self, path, mode=0o755):
        if path.strip("/") not in self.seen:
            t = self.entry(path, mode)
            t.type = tarfile.DIRTYPE
            self.tar.addfile(t)

    def link(self, path, target):
        t = self.entry(path, 0o777)
        t.type, t.linkname = tarfile.SYMTYPE, target
        self.tar.addfile(t)

    def text(self, path, text):
        t = self.entry(path, 0o644)
        t.size = len(text)
        self.tar.addfile(t, io.BytesIO(text.encode()))

    def file(self, path, source):
        if path.strip("/") in self.seen:
            return
        t = self.entry(path, 0o755)
        t.size = os.path.getsize(source)
        with open(source, "rb") as f:
            self.tar.addfile(t, f)

    def blob(self):
        self.tar.close()
        return self.raw.getvalue()


# ---- layers ----

def with_libraries(layer, base, path, at=None):
    """PATH of the machines' Debian and every library that it loads."""
    real = os.path.realpath(f"{base}/{path}")
    layer.file(at or path, real)
    said = subprocess.run(["chroot", base, "ldd", "/" + os.path.relpath(real, base)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    for words in (line.split() for line in said.splitlines()):
        library = words[2] if "=>" in words else words[0] if words[0].startswith("/") else None
        if library:
            layer.file(library, os.path.realpath(f"{base}{library}"))


def files(_):
    """What every image without a distribution needs: users, /tmp."""
    y = Layer()
    y.text("etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
                         "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n")
    y.text("etc/group", "root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n")
    y.text("etc/nsswitch.conf", "hosts: files dns\n")
    y.dir("tmp", 0o1777)
    y.dir("root", 0o700)
    return y


def busybox(base):
    """Not the static one: glibc's resolver is loaded at run time, and a static wget dies of it."""
    y = Layer()
    with_libraries(y, base, "usr/bin/busybox", "bin/busybox")
    for applet in subprocess.run([f"{base}/usr/bin/busybox", "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split():
        if applet != "busybox":
            y.link(f"bin/{applet}", "busybox")
    return y


def kube(_):
    y = Layer()
    y.file("usr/local/bin/kube", f"{BIN}/kube")
    for name in IN_KUBE:
        y.link(f"usr/local/bin/{name}", "kube")
    return y


def iptables(base):
    """iptables (nft), nft, conntrack and ip, with the extensions that they load."""
    y = Layer()
    for tool in ("usr/sbin/xtables-nft-multi", "usr/sbin/nft", "usr/sbin/conntrack"):
        with_libraries(y, base, tool)
    with_libraries(y, base, "bin/ip", "usr/bin/ip")
    for name in sorted(os.listdir(f"{base}/{XTABLES}")):
        path = f"{XTABLES}/{name}"
        if os.path.islink(f"{base}/{path}"):
            y.link(path, os.readlink(f"{base}/{path}"))
        else:
            with_libraries(y, base, path)
    for name in (f"ip{family}tables{verb}" for family in ("", "6") for verb in ("", "-save", "-restore")):
        y.link(f"usr/sbin/{name}", "xtables-nft-multi")
    return y


def one(path, program):
    def layer(_):
        y = Layer()
        y.file(path, f"{BIN}/{program}")
        return y
    return layer


LAYERS = {"files": files, "busybox": busybox, "kube": kube, "iptables": iptables, "pause": one("pause", "pause"), "coredns": one("coredns", "coredns"),
          "flanneld": one("opt/bin/flanneld", "flanneld"), "cni": one("flannel", "cni/flannel"), "metrics-server": one("metrics-server", "metrics-server")}


# ---- the archive ----

class Archive:
    def __init__(self):
        self.blobs = {}

    def add(self, data, media_type, **more):
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(data), **more}

    def image(self, name, layers, says):
        config = {"Labels": {"name": name}, "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "WorkingDir": "/", **says}
        whole = {"architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z", "config": config,
                 "rootfs": {"type": "layers", "diff_ids": [x["digest"] for x in layers]}, "history": [{"created_by": "images.py"} for _ in layers]}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add(json.dumps(whole).encode(), CONFIG), "layers": layers}
        return self.add(json.dumps(manifest).encode(), MANIFEST, platform={"architecture": "amd64", "os": "linux"},
                        annotations={"io.containerd.image.name": name, "org.opencontainers.image.ref.name": name.rsplit(":", 1)[1]})

    def write(self, path, manifests):
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).encode()
        members = [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", index), *(("blobs/sha256/" + d, b) for d, b in self.blobs.items())]
        with tarfile.open(path, "w") as tar:
            for name, data in members:
                t = tarfile.TarInfo(name)
                t.size = len(data)
                tar.addfile(t, io.BytesIO(data))


def build(base, target):
    archive = Archive()
    layers = {name: archive.add(make(base).blob(), LAYER) for name, make in LAYERS.items()}
    archive.write(target, [archive.image(name, [layers[x] for x in wanted], says) for name, (wanted, says) in IMAGES.items()])
