#!/usr/bin/env python3
"""The console in a long outage, beside a script that knows what is true.

    make soak MINUTES=30 SEED=1 FAULT=all

Two real consoles share a state directory and watch one practice cluster, whose servers
(tests/soak/drill_server) run in a process of their own. This script breaks the cluster, the disk
and the consoles by turns, and compares what it knows with what they say: the level on both
screens ten times a second, `k911 check` now and then, and the alerts that arrive at a webhook.

Each fault is a row of FAULTS: what breaks it, the level that is then true, and how long the
consoles may take to say so (rise) and to take it back (clear); no serious level but that one may
show or be sent in between, and none at all at other times. What is asked of the whole run stands
in the summary at its end; exit code 0 means that all of it held.
"""
import argparse
import contextlib
import http.server
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.dirname(os.path.abspath(os.environ.get("K911", "build/release/k911")))
K911 = os.path.join(BUILD, "k911")
TERMCTL = os.path.join(BUILD, "tests/term/termctl")
DRILL = os.path.join(BUILD, "tests/soak/drill_server")
SLOW_DISK = os.path.join(BUILD, "tests/soak/slow_disk.so")

SERIOUS = ("P0", "P1")
ALERT_AFTER = 15  # seconds of patience with whoever sits at the console, as k911 has it
ALERT_LATE = 15  # and what a busy machine may add until the webhook has it
RSS_MAX = 200 << 10  # KiB
RSS_SLOPE = 512  # KiB a minute, over the second half of a run of ten minutes or more
FDS_DRIFT = 8
CALM = 20  # seconds of health before the first fault
CALM_AFTER = 4  # and so long after a fault its traces are in the figures


class Fault:
    """One row. level: what is true while it lasts; None: nothing serious, at no moment. worst: what
    is true for a moment after it breaks or is mended. While etcd elects a leader no API server is
    ready, and the practice cluster's load balancer, which looks every second, refuses everybody.
    seen: it can be told from this machine's own link's end. Where nothing at all answers it cannot:
    the screens name the own link, `k911 check` is not asked, and the alert, which a console sends
    that saw the cluster before and whose receivers answer, holds the doubt in words."""

    def __init__(self, name, level, breaks, heals, hold=40, rise=30, clear=60, worst=None, seen=True):
        self.name, self.level, self.breaks, self.heals = name, level, breaks, heals
        self.hold, self.rise, self.clear, self.worst = hold, rise, clear, worst or level
        self.seen = seen


# ---- what runs ----


class Drill:
    """The practice cluster in a process of its own."""

    def __init__(self, where):
        self.dir = os.path.join(where, "cluster")
        self.process = subprocess.Popen(
            [DRILL, self.dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit("the practice cluster does not start")
        self.kubeconfig = os.path.join(self.dir, "admin.conf")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise SystemExit(f"drill: {line}: {answer}")

    def signal(self, sig):
        self.process.send_signal(sig)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait()


class Webhook:
    """Records each alert with the moment it came; answers ok."""

    def __init__(self):
        self.came, self.lock = [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with outer.lock:
                    outer.came.append((time.monotonic(), json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def all(self):
        with self.lock:
            return list(self.came)


class Console:
    """k911 on a terminal of termctl's."""

    LEVEL = re.compile(r"^ (P[0-3]) ")

    def __init__(self, name, soak, slow=False):
        self.name, self.soak, self.slow = name, soak, slow
        self.samples = []  # (moment, rss KiB, descriptors, in calm); of this process
        self.stopped, self.since = False, 0
        self.start()

    def start(self):
        env = {"HOME": self.soak.home, "LANG": "C.UTF-8", "TERM": "xterm-256color",
               "NO_COLOR": None, "K911_CORE": "1"}
        if self.slow:
            env.update({"LD_PRELOAD": SLOW_DISK, "SLOW_DISK_UNDER": self.soak.state,
                        "SLOW_DISK_WHILE": self.soak.slow_switch, "SLOW_DISK_LOG": self.soak.slow_log,
                        "SLOW_DISK_SEED": str(self.soak.seed)})
        self.termctl = subprocess.Popen(
            [TERMCTL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        answer = self.ask(do="start", argv=[K911] + self.soak.args, env=env, rows=40, cols=140)
        self.pid, self.samples, self.since = answer["pid"], [], time.monotonic()

    def ask(self, **command):
        self.termctl.stdin.write(json.dumps(command) + "\n")
        self.termctl.stdin.flush()
        return json.loads(self.termctl.stdout.readline())

    def screen(self):
        return self.ask(do="screen")["lines"]

    def level(self, lines):
        """The level in the header; None: none, or the screen does not stand yet."""
        match = self.LEVEL.match(lines[1])
        return match.group(1) if match else None

    def signal(self, sig):
        self.stopped = sig == signal.SIGSTOP
        self.since = time.monotonic()
        os.kill(self.pid, sig)

    def sample(self, calm):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as f:
                rss = int(re.search(r"VmRSS:\s*(\d+)", f.read()).group(1))
            fds = len(os.listdir(f"/proc/{self.pid}/fd"))
            self.samples.append((time.monotonic(), rss, fds, calm))

    def ended(self):
        answer = self.ask(do="exit", ms=0)
        return answer if answer["ok"] else None

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.ask(do="exit", ms=5000)
        self.close()

    def close(self):
        self.ask(do="stop")
        self.termctl.stdin.close()
        self.termctl.wait()

    def quit(self):
        self.ask(do="keys", keys="q")
        answer = self.ask(do="exit", ms=20000)
        self.close()
        return answer


class Writers:
    """`k911 incident note` again and again, every other one killed at a random moment."""

    def __init__(self, soak):
        self.soak, self.told, self.tried, self.killed = soak, set(), 0, 0
        self.random = random.Random(soak.seed)
        answer = self.run("open", "--level", "P3", "--title", "soak", "--cluster", "elsewhere")
        self.id = re.search(r"INC-\d+", answer.stdout).group(0)

    def run(self, *args):
        return subprocess.run([K911, "--state-dir", self.soak.state, "incident", *args],
                              env=self.soak.env, capture_output=True, text=True, timeout=120)

    def write(self):
        self.tried += 1
        text = f"note-{self.tried:06}"
        p = subprocess.Popen([K911, "--state-dir", self.soak.state, "incident", "note", self.id, text],
                             env=self.soak.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self.tried % 2:
            time.sleep(self.random.uniform(0, 0.15))
            p.kill()
            self.killed += 1
        out, _ = p.communicate(timeout=120)
        if p.returncode == 0 or (out and p.returncode < 0):
            self.told.add(text)

    def verdict(self):
        with sqlite3.connect(f"file:{self.soak.state}/journal.db?mode=ro", uri=True) as db:
            rows = [json.loads(p).get("text", "")
                    for (p,) in db.execute("select payload from entry where kind = 'note'")]
            whole = db.execute("pragma integrity_check").fetchone()[0]
        notes = [r for r in rows if r.startswith("note-")]
        verify = self.run("verify")
        return {"tried": self.tried, "killed": self.killed, "acknowledged": len(self.told),
                "kept": len(notes), "lost": len(self.told - set(notes)),
                "doubled": len(notes) - len(set(notes)), "integrity": whole, "verify": verify.returncode}


# ---- the run ----


class Soak:
    def __init__(self, args):
        self.seed, self.random = args.seed, random.Random(args.seed)
        self.dir = tempfile.mkdtemp(prefix="k911-soak-")
        self.home, self.state = os.path.join(self.dir, "home"), os.path.join(self.dir, "state")
        self.slow_switch, self.slow_log = os.path.join(self.dir, "slow"), os.path.join(self.dir, "slow.log")
        os.makedirs(self.home)
        self.env = dict(os.environ, HOME=self.home, LANG="C.UTF-8")
        self.broken, self.checks, self.samples = [], [], {}
        self.false_levels = 0
        self.drill, self.webhook = Drill(self.dir), Webhook()
        config = os.path.join(self.drill.dir, "k911.yaml")
        url = os.path.join(self.home, "url")
        with open(url, "w", encoding="utf-8") as f:
            f.write(f"http://127.0.0.1:{self.webhook.port}/\n")
        with open(config, "a", encoding="utf-8") as f:
            f.write("thresholds: {hold_down: 5s}\n"
                    f"notify: [{{kind: webhook, url_file: {url}, levels: [P0, P1]}}]\n")
        self.args = ["--config", config, "--state-dir", self.state]
        self.began = time.monotonic()
        self.fault, self.phase, self.phase_since = None, "calm", self.began
        self.windows = []  # (level, from, to, fault name) in which an alert must come, and may
        self.consoles = [Console("one", self), Console("two", self, slow=True)]
        self.writers = Writers(self)

    def at(self):
        return f"{time.monotonic() - self.began:7.1f} s"

    def say(self, text):
        print(f"{self.at()}  {text}", flush=True)

    def fail(self, text, console=None):
        self.broken.append(f"{self.at()}  {text}")
        self.say("FAILED: " + text)
        if console is not None:
            path = os.path.join(self.dir, f"screen-{len(self.broken)}")
            with open(path, "w", encoding="utf-8") as f:
                f.write("\n".join(console.screen()))

    # -- what may be seen now --

    def enter(self, phase):
        self.phase, self.phase_since = phase, time.monotonic()

    def allowed(self, console):
        """The serious levels that this console may show now; "" stands for none."""
        now = time.monotonic()
        age = now - max(self.phase_since, console.since if self.phase != "clear" else 0)
        level = self.fault.level if self.fault else None
        if self.phase == "calm" or level is None:
            return {""}
        worse_not = {"", level, self.fault.worst} if level == "P1" else {"", "P0", "P1"}
        if self.phase == "broken" and not self.fault.seen:
            # One after another falls silent, and for a moment one master alone has.
            return {"", "P0", "P1"} if age < self.fault.rise else {"", level}
        if self.phase == "broken":
            return worse_not if age < self.fault.rise else {level}
        return worse_not if now - self.phase_since < self.fault.clear else {""}

    def look(self):
        seen = []
        for console in self.consoles:
            end = console.ended()
            if end is not None:
                self.fail(f"console {console.name} ended: {end}")
                console.close()
                console.start()
                continue
            if console.stopped:
                continue
            lines = console.screen()
            level = console.level(lines)
            serious = level if level in SERIOUS else ""
            seen.append(serious)
            if serious not in self.allowed(console) and not getattr(console, "told", False):
                console.told = True
                self.false_levels += 1
                what = self.fault.name if self.fault else "nothing"
                self.fail(f"console {console.name} says {level or 'nothing'} in {self.phase} of {what}: "
                          f"{lines[1].strip()[:110]} | {lines[2].strip()[:90]}", console)
            elif serious in self.allowed(console):
                console.told = False
        return seen

    def wait(self, seconds, until=None):
        """Looks all the while; until(seen) ends it early."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = self.look()
            if until is not None and seen and until(seen):
                return True
            for console in self.consoles:
                if not console.samples or time.monotonic() - console.samples[-1][0] > 2:
                    console.sample(self.phase == "calm" and time.monotonic() - self.phase_since > CALM_AFTER)
            time.sleep(0.1)
        return until is None

    def check(self, level):
        """`k911 check` says the same; asked only while what is true does not change."""
        out = subprocess.run([K911, *self.args[:2], "check", "-o", "json"], env=self.env,
                             capture_output=True, text=True, timeout=60)
        said = json.loads(out.stdout).get("level") if out.stdout else "no answer"
        serious = said if said in SERIOUS else None
        self.checks.append((level, said, out.returncode))
        if serious != level or (level is not None) != (out.returncode == 2):
            self.fail(f"check says {said} (exit {out.returncode}), true is {level}: {out.stdout[:300]}")

    # -- faults --

    def all_say(self, fault, seen):
        """The level; or the own link, where none can be known."""
        return all(level == fault.level or not fault.seen and "own link" in console.screen()[1]
                   for level, console in zip(seen, [c for c in self.consoles if not c.stopped]))

    def any_dark(self, fault):
        """Without a level because nothing answers yet, rather than because all is well."""
        return not fault.seen and any("own link" in c.screen()[1] for c in self.consoles if not c.stopped)

    def suffer(self, fault):
        self.say(f"{fault.name}: {fault.level or 'nothing serious'}")
        begin = time.monotonic()
        self.fault = fault
        self.enter("broken")
        for act in fault.breaks:
            act(self)
        if fault.level is None:
            self.wait(fault.hold)
        else:
            if not self.wait(fault.rise, lambda seen: self.all_say(fault, seen)):
                self.fail(f"{fault.name}: not {fault.level} on every screen within {fault.rise} s")
            took = time.monotonic() - begin
            self.say(f"    seen after {took:.1f} s: {self.consoles[0].screen()[1].strip()[:100]}")
            self.wait(max(fault.hold - took, ALERT_AFTER + 5))
        if fault.seen and self.random.random() < 0.5 and not any(c.stopped for c in self.consoles) \
                and not os.path.exists(self.slow_switch):
            self.check(fault.level)
        for act in fault.heals:
            act(self)
        healed = time.monotonic()
        self.enter("clear")
        if not self.wait(fault.clear, lambda seen: set(seen) == {""} and not self.any_dark(fault)):
            self.fail(f"{fault.name}: still serious {fault.clear} s after it was mended")
        if fault.level is not None:
            self.say(f"    gone after {time.monotonic() - healed:.1f} s")
            self.windows.append((fault.level, begin, time.monotonic() + ALERT_LATE, fault.name))
        self.fault = None
        self.enter("calm")
        self.wait(self.random.uniform(5, 12))

    # -- the end --

    def judge_alerts(self):
        came, keys = self.webhook.all(), set()
        serious = [(t, a) for t, a in came if a["level"] in SERIOUS]
        told = {"came": len(came), "false": 0, "missed": 0, "twice": 0}
        for t, a in serious:
            key = (a["kind"], a["detected"], a["level"], a.get("serial"), a["incident"].get("id"))
            if key in keys:
                told["twice"] += 1
                self.fail(f"an alert was sent twice: {key}")
            keys.add(key)
            if a["kind"] not in ("detected", "level"):
                continue
            if not any(f <= t <= to and (a["level"] == level or level == "P0")
                       for level, f, to, _ in self.windows):
                told["false"] += 1
                self.fail(f"false alert at {t - self.began:.1f} s: {a['level']} {a['reasons']}")
        left = last_words(came, time.monotonic(), time.monotonic())
        if left & set(SERIOUS):
            self.fail(f"the team was left with {left} as the last word")
        for level, begin, end, name in self.windows:
            if level not in last_words(came, begin, end):
                told["missed"] += 1
                self.fail(f"no alert came for {name} ({level})")
        return told

    def judge_growth(self, console):
        s = console.samples
        calm = [x for x in s if x[3]]  # while a fault lasts, its lists without end fill the tables
        half = calm[len(calm) // 2:]
        row = {"console": console.name, "minutes": (s[-1][0] - s[0][0]) / 60 if s else 0,
               "rss_max": max((x[1] for x in s), default=0), "slope": slope(half, 1),
               "fds": (calm[0][2], calm[-1][2]) if calm else (0, 0), "fds_slope": slope(half, 2)}
        if row["rss_max"] > RSS_MAX:
            self.fail(f"console {console.name} took {row['rss_max']} KiB")
        if row["minutes"] >= 10 and row["slope"] > RSS_SLOPE:
            self.fail(f"console {console.name} grows by {row['slope']:.0f} KiB a minute")
        if row["minutes"] >= 10 and row["fds_slope"] * row["minutes"] / 2 > FDS_DRIFT:
            self.fail(f"console {console.name} gains {row['fds_slope']:.2f} descriptors a minute")
        return row

    def finish(self):
        growth = [self.judge_growth(c) for c in self.consoles]
        self.wait(ALERT_AFTER + ALERT_LATE)
        for console in self.consoles:
            end = console.quit()
            if not end["ok"] or end["code"] != 0 or end["mess"]:
                self.fail(f"console {console.name} left with {end}")
        self.drill.stop()
        notes, alerts = self.writers.verdict(), self.judge_alerts()
        for name in ("lost", "doubled", "verify"):
            if notes[name]:
                self.fail(f"journal: {name} {notes[name]}")
        if notes["integrity"] != "ok":
            self.fail("journal: " + notes["integrity"])
        with contextlib.suppress(FileNotFoundError):
            with open(self.slow_log, encoding="utf-8", errors="replace") as f:
                for line in sorted(set(f)):
                    self.fail("waited for the disk: " + line.strip())
        self.summary(growth, notes, alerts)

    def summary(self, growth, notes, alerts):
        print(f"\nseed {self.seed}, {(time.monotonic() - self.began) / 60:.1f} minutes, "
              f"{len(self.windows)} serious faults\n")
        print(f"{'false or missing levels on a screen':44} {self.false_levels}")
        print(f"{'alerts: came, false, missed, twice':44} "
              f"{alerts['came']}, {alerts['false']}, {alerts['missed']}, {alerts['twice']}")
        print(f"{'k911 check: asked':44} {len(self.checks)}")
        print(f"{'notes: tried, killed, acknowledged, lost':44} {notes['tried']}, {notes['killed']}, "
              f"{notes['acknowledged']}, {notes['lost']}")
        print(f"{'journal: integrity, verify':44} {notes['integrity']}, {notes['verify']}")
        for row in growth:
            print(f"console {row['console']:36} {row['minutes']:.1f} min, RSS at most "
                  f"{row['rss_max'] / 1024:.1f} MiB, {row['slope']:+.0f} KiB/min; descriptors "
                  f"{row['fds'][0]} -> {row['fds'][1]}, {row['fds_slope']:+.2f}/min")
        print(f"\n{'ok' if not self.broken else 'FAILED'}")
        for line in self.broken:
            print("  " + line)


def last_words(came, begin, end):
    """The levels that the team has had as the last word at some moment in between. Where trouble
    stands on at a lesser level (elections are remembered for a quarter of an hour) and grows again
    before that was told, nothing is told anew: what was said before still holds."""
    words, word = set(), None
    for t, a in sorted(came, key=lambda pair: pair[0]):
        if t > end:
            break
        if t >= begin:
            words.add(word)
        if a["kind"] in ("detected", "level", "recovered"):
            word = a["level"] if a["kind"] != "recovered" else None
        if t >= begin:
            words.add(word)
    return words | {word}


def slope(samples, column):
    """Least squares, a minute."""
    if len(samples) < 3:
        return 0.0
    t0 = samples[0][0]
    xs, ys = [(s[0] - t0) / 60 for s in samples], [s[column] for s in samples]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    under = sum((x - mx) ** 2 for x in xs)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / under if under else 0.0


# ---- the table of faults ----


def drill(*lines):
    return [lambda soak, line=line: soak.drill.say(line) for line in lines]


def sig(which, number):
    return [lambda soak: soak.drill.signal(number) if which is None
            else soak.consoles[which].signal(number)]


def pause(seconds):
    return [lambda soak: soak.wait(seconds)]


def kill_console(soak):
    soak.consoles[1].kill()
    soak.consoles[1].start()


def slow(on):
    def act(soak):
        if on:
            open(soak.slow_switch, "w", encoding="ascii").close()
        else:
            os.unlink(soak.slow_switch)
    return [act]


def write(times):
    def act(soak):
        for _ in range(times):
            soak.writers.write()
            soak.look()
    return [act]


def lies(*lines):
    """Lists are answered so from now on, and are asked for: every watch is too old."""
    return drill(*(f"set answers/{line}" for line in lines), "set watches expire")


HEALED = drill("scenario healthy")
STOP, CONT = signal.SIGSTOP, signal.SIGCONT
FAULTS = [
    Fault("etcd-hangs", "P1", drill("set etcd/m2 hang"), HEALED, worst="P0"),
    Fault("api-hangs", "P1", drill("set api/m1 hang"), HEALED),
    Fault("api-crashes", "P1", drill("scenario apiserver-down"), HEALED, clear=120),
    Fault("master-off", "P1", drill("scenario master-down"), HEALED, clear=120, worst="P0"),
    Fault("partition", "P1", drill("scenario partition"), HEALED, hold=60, rise=60, clear=120,
          worst="P0"),
    Fault("balancer-hangs", "P0", drill("set vip hang"), HEALED),
    Fault("quorum-lost", "P0", drill("scenario etcd-quorum-lost"), HEALED, clear=120),
    Fault("all-apis-down", "P0", drill("scenario all-apiservers-down"), HEALED, clear=120),
    Fault("all-stopped", "P0", sig(None, STOP), sig(None, CONT), hold=60, clear=90, seen=False),
    Fault("all-stopped-briefly", None, sig(None, STOP) + pause(4) + sig(None, CONT), [], hold=15),
    Fault("api-hangs-briefly", None, drill("set api/m2 hang") + pause(4) + HEALED, [], hold=15),
    Fault("watches-expire", None, drill("set watches expire"), [], hold=10),
    Fault("flood", None, drill("set events flood"), HEALED, hold=25),
    Fault("flood-failover", "P1", drill("set events flood", "set api/m2 hang"), HEALED),
    Fault("flood-balancer", "P0", drill("set events flood", "set vip reset"), HEALED),
    Fault("hostile-endless", None, lies("nodes endless", "pods endless-names", "events endless",
          "deployments endless-object", "services past-ceiling", "configmaps deep"), HEALED, hold=70),
    Fault("hostile-pages", None, lies("nodes goes-on-crumbs", "pods goes-on-itself", "events drip",
          "statefulsets silent", "daemonsets goes-on-empty", "services names"), HEALED, hold=45),
    Fault("hostile-nonsense", None, lies("nodes html", "pods array", "events gzip-cut", "leases null",
          "deployments others", "services length-long", "configmaps redirect"), HEALED, hold=45),
    Fault("hostile-refusals", None, lies("lists 503-huge"), HEALED, hold=40),
    Fault("hostile-watches", None, lies("watches empty"), HEALED, hold=30),
    Fault("hostile-haproxy", None, drill("set answers/haproxy endless-text"), HEALED, hold=30),
    Fault("hostile-etcd", "P1", drill("set answers/etcd/m2 frame-endless"), HEALED),
    Fault("hostile-flood", "P1", drill("set events flood") + lies("events endless", "pods endless") +
          drill("set api/m2 hang"), HEALED, clear=90,
          worst="P0"),  # the practice cluster's one thread makes whole lists of the flood then
    Fault("console-stopped", None, sig(0, STOP) + pause(25) + sig(0, CONT), [], hold=20),
    Fault("console-stopped-in-fault", "P1", drill("set api/m2 hang") + sig(0, STOP) + pause(20) +
          sig(0, CONT), HEALED),
    Fault("console-killed", None, [kill_console], [], hold=15),
    Fault("console-killed-in-fault", "P1", drill("set etcd/m3 hang") + [kill_console], HEALED,
          worst="P0"),
    Fault("slow-disk", "P1", slow(True) + drill("set etcd/m1 hang"), HEALED + slow(False),
          worst="P0"),
    Fault("writers", None, write(20), [], hold=5),
    Fault("slow-disk-writers", None, slow(True) + write(8), slow(False), hold=5),
]


def chosen(args, rng):
    """Rounds of all faults, each round in an order of its own; or of those named."""
    rows = [f for f in FAULTS if args.fault == "all" or any(
        f.name.startswith(word) for word in args.fault.split(","))]
    if not rows:
        raise SystemExit("no such fault; there are: " + " ".join(f.name for f in FAULTS))
    while True:
        yield from rng.sample(rows, len(rows))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--minutes", type=float, default=30)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--fault", default="all", help="all, or beginnings of names, by commas")
    args = p.parse_args()
    soak = Soak(args)
    try:
        soak.wait(CALM)
        for fault in chosen(args, soak.random):
            if time.monotonic() - soak.began > args.minutes * 60:
                break
            soak.suffer(fault)
        soak.finish()
    finally:
        for c in soak.consoles:
            with contextlib.suppress(ProcessLookupError, ValueError, BrokenPipeError):
                os.kill(c.pid, signal.SIGKILL)
                c.termctl.kill()
        soak.drill.process.kill()
    if not soak.broken:
        shutil.rmtree(soak.dir, ignore_errors=True)
    else:
        print(f"\nwhat was left lies in {soak.dir}")
    sys.exit(1 if soak.broken else 0)


if __name__ == "__main__":
    main()
