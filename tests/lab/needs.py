"""What the lab needs of the machine that it runs on. Nothing here may ask for more than Python's own library."""
import importlib.util
import os
import shutil

import build

TOOLS = {"ip": "iproute2", "nsenter": "util-linux", "unshare": "util-linux", "mount": "mount", "ssh-keygen": "openssh-client", "curl": "curl",
         "mmdebstrap": "mmdebstrap", "cc": "gcc"}
MODULES = {"yaml": "python3-yaml"}


def packages():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return sorted({pkg for tool, pkg in TOOLS.items() if shutil.which(tool, path=path) is None} |
                  {pkg for module, pkg in MODULES.items() if importlib.util.find_spec(module) is None})


def missing():
    """All of it in one line, or nothing: who mends one thing should not learn of the next only then."""
    gone = packages()
    reasons = (
        (os.geteuid() != 0, "it needs root, for machines of its own"),
        (gone, "missing Debian packages: " + " ".join(gone)),
        (not os.path.isdir("/sys/fs/cgroup/freezer"), "the kernel gives no cgroup v1 hierarchies, which the machines are made of"),
        (shutil.which("go") is None and build.unmade(), "no go on PATH to build its Kubernetes (Go 1.26 or newer, https://go.dev/dl; Debian 12 has none)"),
    )
    return "; ".join(text for so, text in reasons if so)
