"""The console on a test terminal, driven through termctl: what the e2e tests and the benchmark share."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
K911 = os.path.join(ROOT, os.environ.get("K911") or "build/release/k911")
TERMCTL = os.path.join(os.path.dirname(K911), "tests/term/termctl")


class Failed(AssertionError):
    """What the operator would have seen, and did not."""


def missing():
    """A sentence when the binaries are not there, else None."""
    for path in (K911, TERMCTL):
        if not os.access(path, os.X_OK):
            return f"{os.path.relpath(path, ROOT)} is not built; run `make e2e`"
    return None


class Console:
    """One program on one terminal. Times are seconds of time.monotonic(), which is termctl's clock too."""
    def __init__(self, args, rows=50, cols=180, netns="lab0", env=None, program=K911, state_dir=None):
        self.home = tempfile.mkdtemp(prefix="k911-")
        self.rows = rows
        prefix = ["ip", "netns", "exec", netns] if netns else []
        self.ctl = subprocess.Popen(prefix + [TERMCTL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        locale = os.environ.get("K911_LOCALE")
        given = {"LANG": "C.UTF-8", "LC_ALL": None, "LANGUAGE": None, "NO_COLOR": None, "KUBECONFIG": None, "HOME": self.home, "XDG_STATE_HOME": None,
                 "XDG_CONFIG_HOME": None, "XDG_RUNTIME_DIR": None, "K911_LOCALE": os.path.join(ROOT, locale) if locale else None, **(env or {})}
        self.state_dir = state_dir or f"{self.home}/state"
        argv = [program, *args]
        if program == K911:
            argv += ["--state-dir", self.state_dir]
        started = self.do("start", argv=argv, env=given, rows=rows, cols=cols)
        self.pid, self.started = started["pid"], started["at"]

    def ask(self, what, **args):
        self.ctl.stdin.write(json.dumps({"do": what, **args}) + "\n")
        self.ctl.stdin.flush()
        line = self.ctl.stdout.readline()
        if not line:
            raise Failed("termctl ended")
        return json.loads(line)

    def do(self, what, **args):
        reply = self.ask(what, **args)
        if not reply["ok"]:
            raise Failed(f"{what}: {reply['error']}")
        return reply

    def lines(self):
        return self.ask("screen").get("lines", [])

    def text(self):
        return "\n".join(self.lines())

    def keys(self, keys):
        self.do("keys", keys=keys)

    def sees(self, pattern, within, since=None, gone=False):
        """Wait until PATTERN shows (or is gone), within seconds of SINCE; gives when it was, after SINCE."""
        since = time.monotonic() if since is None else since
        left = max(0, since + within - time.monotonic())
        r = self.ask("wait", **{"for": pattern, "ms": int(left * 1000), "gone": gone})
        if not r["ok"]:
            raise Failed(f"{'still' if gone else 'not'} on screen after {within} s: {pattern}")
        return max(0, r["at"] - since)

    def change_ms(self, keys, within_ms=1000, rows=None):
        """From the key to the first changed cell."""
        return self.do("change", keys=keys, ms=within_ms, rows=rows or [0, self.rows])["ms"]

    def quit(self, keys="q"):
        """Leave as the operator does: exit code 0 and the terminal as it was."""
        self.keys(keys)
        end = self.do("exit", ms=5000)
        if end["mess"]:
            raise Failed("after quit " + end["mess"])
        if end["code"] != 0 or end["signal"]:
            raise Failed(f"quit ended with code {end['code']}, signal {end['signal']}")

    def svg(self, path, title=None):
        self.do("svg", path=path, title=title)

    def close(self):
        """Also for a console in any state."""
        self.ctl.stdin.close()
        try:
            self.ctl.wait(10)
        except subprocess.TimeoutExpired:
            self.ctl.send_signal(signal.SIGKILL)
            self.ctl.wait()
        self.ctl.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
