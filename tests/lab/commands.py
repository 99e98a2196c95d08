"""systemctl, journalctl and crictl as one lab machine answers them: argv in, (exit code, stdout, stderr) out.

They print what the real tools print for what k911 asks; an option they do not know is refused, as the real ones do."""
import json
import re
import signal
import time


class Usage(Exception):
    pass


def options(argv, flags, valued):
    """Split argv into ({option: [values]}, [positional]). FLAGS and VALUED map every spelling to one name."""
    opts, rest, i = {}, [], 0
    while i < len(argv):
        a = argv[i]
        key, eq, val = a.partition("=")
        if a == "--":
            rest += argv[i + 1:]
            break
        if a in flags:
            opts.setdefault(flags[a], []).append(True)
        elif eq and key in valued:
            opts.setdefault(valued[key], []).append(val)
        elif a in valued:
            i += 1
            if i == len(argv):
                raise Usage(f"option requires an argument -- '{a}'")
            opts.setdefault(valued[a], []).append(argv[i])
        elif re.match(r"-[a-z]\S", a) and a[:2] in valued:
            opts.setdefault(valued[a[:2]], []).append(a[2:])
        elif a.startswith("-") and len(a) > 1:
            raise Usage(f"unrecognized option '{a}'")
        else:
            rest.append(a)
        i += 1
    return opts, rest


# ---- systemctl ----

def stamp(at):
    return time.strftime("%a %Y-%m-%d %H:%M:%S UTC", time.gmtime(at)) if at else ""


def properties(unit, name):
    active = unit.state()
    return {"Type": "notify", "Restart": "always", "MainPID": str(unit.pid() if active == "active" else 0), "Result": "success", "Id": name + ".service",
            "LoadState": "loaded", "ActiveState": active, "SubState": {"active": "running", "failed": "failed"}.get(active, "dead"), "UnitFileState": "enabled",
            "ActiveEnterTimestamp": stamp(unit.entered), "InactiveEnterTimestamp": stamp(unit.left), "NRestarts": "0"}


def status_text(m, name):
    u = m.units[name]
    p = properties(u, name)
    mark = {"active": "●", "failed": "×"}.get(p["ActiveState"], "○")
    since = u.entered if p["ActiveState"] == "active" else u.left
    out = [f"{mark} {name}.service - {u.title}", f"     Loaded: loaded (/lib/systemd/system/{name}.service; enabled; preset: enabled)",
           f"     Active: {p['ActiveState']} ({p['SubState']}) since {stamp(since)}; {max(0, int(time.time() - (since or time.time())))}s ago"]
    if p["ActiveState"] == "active":
        out.append(f"   Main PID: {p['MainPID']} ({name})")
    return "\n".join(out + [""] + [line(m, e, "short") for e in u.log[-10:]]) + "\n"


def show_text(m, names, opts):
    wanted = [x for v in opts.get("property", []) for x in v.split(",")]
    blocks = []
    for n in names:
        p = properties(m.units[n], n) if n in m.units else {"Id": n + ".service", "LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead", "MainPID": "0"}
        blocks.append("".join((f"{v}\n" if "value" in opts else f"{k}={v}\n") for k, v in p.items() if not wanted or k in wanted))
    return "\n".join(blocks)


def systemctl(m, argv):
    opts, rest = options(argv, {"--no-pager": "x", "--full": "x", "-l": "x", "--quiet": "quiet", "-q": "quiet", "--value": "value", "--now": "x", "--no-block": "x",
                                "--plain": "x", "--no-legend": "x", "--no-ask-password": "x"},
                         {"-p": "property", "--property": "property", "-n": "lines", "--lines": "lines", "-o": "x", "--output": "x", "-t": "x", "--type": "x"})
    verb, names = (rest[0] if rest else "list-units"), [n.removesuffix(".service") for n in rest[1:]]
    if verb in ("daemon-reload", "reset-failed", "enable", "list-units"):
        return 0, "", ""
    if verb == "is-active":
        states = [m.units[n].state() if n in m.units else "inactive" for n in names]
        return (0 if "active" in states else 3), "" if "quiet" in opts else "".join(s + "\n" for s in states), ""
    if verb == "is-enabled":
        return 0, "enabled\n" * len(names), ""
    if verb == "show":
        return 0, show_text(m, names, opts), ""
    if verb == "status":
        gone = [n for n in names if n not in m.units]
        if gone:
            return 4, "", f"Unit {gone[0]}.service could not be found.\n"
        return (0 if all(m.units[n].state() == "active" for n in names) else 3), "\n".join(status_text(m, n) for n in names), ""
    if verb in ("start", "stop", "restart", "reload"):
        for n in names:
            if n not in m.units:
                return 5, "", f"Failed to {verb} {n}.service: Unit {n}.service not found.\n"
            m.units[n].turn(verb)
        return 0, "", ""
    return 1, "", f"Unknown command verb {verb}.\n"


# ---- journalctl ----

def since_seconds(text):
    """The start that --since names, as seconds since 1970."""
    step = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}
    now = time.time()
    found = re.fullmatch(r"-?\s*(\d+)\s*([a-z]+?)s?(\s+ago)?", text.strip()) or re.fullmatch(r"-?\s*(\d+)\s*(s)(\s+ago)?", text.strip())
    if found and found.group(2) in step and (found.group(3) or text.strip().startswith("-")):
        return now - int(found.group(1)) * step[found.group(2)]
    if text.startswith("@"):
        return float(text[1:])
    if text == "today":
        return now - now % 86400
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return time.mktime(time.strptime(text.removesuffix(" UTC"), form))
        except ValueError:
            continue
    raise Usage(f"Failed to parse timestamp: {text}")


def line(m, entry, form):
    at, unit, text = entry
    who = f"{m.name} {unit}[{m.units[unit].pid()}]: {text}"
    if form == "cat":
        return text
    if form == "json":
        return json.dumps({"__REALTIME_TIMESTAMP": str(int(at * 1e6)), "_HOSTNAME": m.name, "_SYSTEMD_UNIT": unit + ".service", "SYSLOG_IDENTIFIER": unit, "MESSAGE": text})
    if form == "short-unix":
        return f"{at:.6f} {who}"
    shape = {"short": "%b %d %H:%M:%S", "short-iso": "%Y-%m-%dT%H:%M:%S%z", "short-full": "%a %Y-%m-%d %H:%M:%S %Z"}
    if form not in shape:
        raise Usage(f"Unknown output format '{form}'.")
    return f"{time.strftime(shape[form], time.localtime(at))} {who}"


def journalctl(m, argv):
    opts, rest = options(argv, {"--no-pager": "x", "-q": "x", "--quiet": "x", "-r": "reverse", "--reverse": "reverse", "-x": "x", "-e": "x", "-b": "x", "--utc": "x", "--no-hostname": "x"},
                         {"-u": "unit", "--unit": "unit", "-n": "lines", "--lines": "lines", "-S": "since", "--since": "since", "-U": "until", "--until": "until",
                          "-o": "form", "--output": "form", "-p": "x", "--priority": "x"})
    if rest:
        raise Usage(f"Failed to add match '{rest[0]}': Invalid argument")
    names = [n.removesuffix(".service") for n in opts.get("unit", list(m.units))]
    entries = sorted((e for n in names if n in m.units for e in list(m.units[n].log)), key=lambda e: e[0])
    if "since" in opts:
        start = since_seconds(opts["since"][-1])
        entries = [e for e in entries if e[0] >= start]
    if "until" in opts:
        end = since_seconds(opts["until"][-1])
        entries = [e for e in entries if e[0] <= end]
    if "lines" in opts and opts["lines"][-1] != "all":
        entries = entries[-int(opts["lines"][-1]):]
    if "reverse" in opts:
        entries.reverse()
    form = opts.get("form", ["short"])[-1]
    return 0, "".join(line(m, e, form) + "\n" for e in entries) or "-- No entries --\n", ""


# ---- crictl ----

def ago(at):
    s = int(time.time() - at)
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if s >= size:
            n = s // size
            return f"{n} {word}{'s' if n > 1 else ''} ago"
    return f"{s} second{'s' if s != 1 else ''} ago"


def table(rows):
    wide = [max(len(r[i]) for r in rows) + 4 for i in range(len(rows[0]))]
    return "".join("".join(x.ljust(w) for x, w in zip(r, wide)).rstrip() + "\n" for r in rows)


def crictl_ps(m, argv):
    opts, _ = options(argv, {"-a": "all", "--all": "all", "-q": "quiet", "--quiet": "quiet", "--no-trunc": "x"},
                      {"--name": "name", "-o": "form", "--output": "form", "-s": "state", "--state": "state", "--namespace": "ns", "--label": "label"})
    cs = [c for c in reversed(m.runtime.list()) if "all" in opts or "state" in opts or c.running()]
    if "state" in opts:
        cs = [c for c in cs if ("running" if c.running() else "exited") == opts["state"][-1].lower()]
    if "name" in opts:
        cs = [c for c in cs if re.search(opts["name"][-1], c.name)]
    if "ns" in opts:
        cs = [c for c in cs if c.namespace == opts["ns"][-1]]
    for want in opts.get("label", []):
        cs = [c for c in cs if c.cri()["labels"].get(want.partition("=")[0]) == want.partition("=")[2]]
    form = opts.get("form", ["table"])[-1]
    if "quiet" in opts:
        return 0, "".join(c.id + "\n" for c in cs), ""
    if form == "json":
        return 0, json.dumps({"containers": [c.cri() for c in cs]}, indent=2) + "\n", ""
    if form != "table":
        raise Usage(f"unsupported output format {form}")
    rows = [("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD")]
    rows += [(c.id[:13], c.cri()["imageRef"][7:20], ago(c.created), "Running" if c.running() else "Exited", c.name, str(c.attempt), c.sandbox[:13], c.pod) for c in cs]
    return 0, table(rows), ""


def crictl_logs(m, argv):
    opts, rest = options(argv, {"-t": "stamps", "--timestamps": "stamps"}, {"--tail": "tail", "--since": "x"})
    c = m.runtime.find(rest[0]) if rest else None
    if c is None:
        return 1, "", f'E rpc error: code = NotFound desc = an error occurred when try to find container "{rest[0] if rest else ""}": not found\n'
    with open(c.log, errors="replace") as f:
        lines = [x.rstrip("\n").split(" ", 3) for x in f]
    lines = [x for x in lines if len(x) == 4]
    tail = int(opts.get("tail", ["-1"])[-1])
    lines = lines[-tail:] if tail > 0 else lines[:0] if tail == 0 else lines
    text = "".join((x[0] + " " if "stamps" in opts else "") + x[3] + "\n" for x in lines)
    return 0, "", text     # the streams of static pods are stderr, and crictl keeps them apart


def crictl_stop(m, argv):
    _, rest = options(argv, {}, {"-t": "x", "--timeout": "x"})
    for prefix in rest:
        c = m.runtime.find(prefix)
        if c is None:
            return 1, "", f'FATA[0000] stopping the container "{prefix}": rpc error: code = NotFound\n'
        c.stop()
    return 0, "".join(x + "\n" for x in rest), ""


def crictl(m, argv):
    g = {"-r": "x", "--runtime-endpoint": "x", "-i": "x", "--image-endpoint": "x", "-t": "x", "--timeout": "x", "-c": "x", "--config": "x"}
    while argv and argv[0].startswith("-"):
        if argv[0] in g:
            argv = argv[2:]
        elif argv[0].partition("=")[0] in g:
            argv = argv[1:]
        else:
            raise Usage(f"flag provided but not defined: {argv[0]}")
    verb = argv[0] if argv else ""
    if "containerd" not in m.units or m.units["containerd"].state() != "active":
        return 1, "", ('FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": '
                       'rpc error: code = Unavailable desc = connection error: dial unix /run/containerd/containerd.sock: connect: connection refused\n')
    if verb == "version":
        return 0, "Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  1.7.24\nRuntimeApiVersion:  v1\n", ""
    if verb == "info":
        conds = [{"type": t, "status": True, "reason": "", "message": ""} for t in ("RuntimeReady", "NetworkReady")]
        return 0, json.dumps({"status": {"conditions": conds}}, indent=2) + "\n", ""
    act = {"ps": crictl_ps, "logs": crictl_logs, "stop": crictl_stop}.get(verb)
    if act is None:
        raise Usage(f"No help topic for '{verb}'")
    return act(m, argv[1:])


# ---- the lab's own faults ----

def lab(m, argv):
    """signal CONTAINER NAME: to the running container's process (or haproxy), past the kubelet. containers: what runs, as JSON."""
    if argv[:1] == ["signal"]:
        hit = [c for c in m.runtime.list() if c.name == argv[1] and c.running()]
        hit += [u for u in m.units.values() if u.name == argv[1] and getattr(u, "proc", None)]
        for c in hit:
            c.proc.send_signal(getattr(signal, "SIG" + argv[2]))
            if argv[2] == "KILL":
                c.proc.wait()
        return 0, f"{len(hit)}\n", ""
    if argv == ["containers"]:
        return 0, json.dumps({c.name: {"pid": c.proc.pid, "attempt": c.attempt, "id": c.id} for c in m.runtime.list() if c.running()}), ""
    raise Usage(f"lab: {argv}")


PROGRAMS = {"systemctl": systemctl, "journalctl": journalctl, "crictl": crictl, "lab": lab}


def run(m, request):
    try:
        rc, out, err = PROGRAMS[request["name"]](m, request["argv"])
    except Usage as e:
        rc, out, err = 1, "", f"{request['name']}: {e}\n"
    return {"rc": rc, "out": out, "err": err}
