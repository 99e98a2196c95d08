"""The API server with a kubeconfig's certificate: enough of a client for the kubelet's stand-in and for the tests."""
import base64
import json
import ssl
import tempfile
import urllib.error
import urllib.request


def kubeconfig(path):
    """(server, CA, certificate, key) of the first cluster and user; the last three as PEM bytes."""
    import yaml     # here: who only asks what the lab needs may lack it
    with open(path) as f:
        cfg = yaml.safe_load(f)
    user, cluster = cfg["users"][0]["user"], cfg["clusters"][0]["cluster"]

    def pem(where, key):
        if key + "-data" in where:
            return base64.b64decode(where[key + "-data"])
        with open(where[key], "rb") as f:
            return f.read()
    return cluster["server"], pem(cluster, "certificate-authority"), pem(user, "client-certificate"), pem(user, "client-key")


class Api:
    timeout = 3

    def __init__(self, path):
        self.url, ca, cert, key = kubeconfig(path)
        self.ctx = ssl.create_default_context(cadata=ca.decode())
        with tempfile.NamedTemporaryFile("wb", suffix=".pem") as f:
            f.write(cert + key)
            f.flush()
            self.ctx.load_cert_chain(f.name)

    def call(self, method, path, body=None, ctype="application/json", tries=3, accept=None):
        """(HTTP status, document); status 0 and a sentence when no API server answered. A hung server costs one try."""
        req = urllib.request.Request(self.url + path, method=method, data=json.dumps(body).encode() if body is not None else None, headers={"Content-Type": ctype, "Accept": accept or "application/json"})
        why = ""
        for _ in range(tries):
            try:
                with urllib.request.urlopen(req, context=self.ctx, timeout=self.timeout) as r:
                    return r.status, json.load(r)
            except urllib.error.HTTPError as e:
                return e.code, e.read().decode(errors="replace")
            except (OSError, ValueError) as e:
                why = str(e)
        return 0, why
