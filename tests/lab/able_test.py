#!/usr/bin/env python3
"""Where the lab cannot run its tests are skipped with one line that says what is missing, and with E2E_REQUIRED=1 they fail.

    tests/lab/able_test.py

Needs no root; with root it becomes an ordinary user for the cases of one. Nothing but Python's own library and what Debian's
minimal system has is on the PATH of a case, so that it lacks the same wherever it runs."""
import os
import shutil
import subprocess
import tempfile

NOBODY = 65534
SYSTEM = ("sh", "readlink", "dirname")     # what the script itself uses
PYTHON = "/usr/bin/python3"     # one that every user may run


def path_of(folder, *more):
    """A PATH with these programs and no other; `which` leaves a whole path as it is."""
    os.mkdir(folder)
    for program in (*SYSTEM, *more):
        os.symlink(shutil.which(program, path="/usr/bin:/bin"), f"{folder}/{os.path.basename(program)}")
    return folder


def run(lab, path, user=None, **env):
    """(exit code, what it printed)"""
    become = {"user": user, "group": user, "extra_groups": []} if user and os.geteuid() == 0 else {}
    done = subprocess.run([f"{lab}/able", "e2e", "sh", "-c", "echo it ran"], env={"PATH": path, "LAB": f"{lab}/none", **env}, cwd="/", text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **become)
    return done.returncode, done.stdout


def skips(said, *words):
    code, text = said
    assert code == 0, said
    assert text.startswith("  skip  e2e: ") and text.count("\n") == 1, text
    assert all(w in text for w in words), text


def fails(said, *words):
    code, text = said
    assert code == 1, said
    assert text.startswith("  FAIL  e2e: ") and text.count("\n") == 1, text
    assert all(w in text for w in words), text


def main():
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        lab = shutil.copytree("tests/lab", f"{top}/lab", ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["chmod", "-R", "a+rX", lab], check=True)
        bare, python = path_of(f"{top}/bare"), path_of(f"{top}/python", PYTHON)
        skips(run(lab, python, NOBODY), "it needs root", "missing Debian packages:", "mmdebstrap", "no go on PATH")
        skips(run(lab, python), "no go on PATH")
        skips(run(lab, bare, NOBODY), "missing Debian packages: python3")
        fails(run(lab, python, NOBODY, E2E_REQUIRED="1"), "it needs root")
        fails(run(lab, python, E2E_REQUIRED="1"), "no go on PATH")
        fails(run(lab, bare, E2E_REQUIRED="1"), "missing Debian packages: python3")
        with open(f"{lab}/lab.py", "w") as f:
            f.write("import nothing_of_this_name\n")
        code, text = run(lab, python)
        assert code == 1 and "nothing_of_this_name" in text, (code, text)     # a fault of its own is no reason to skip
        with open(f"{lab}/lab.py", "w") as f:
            f.write("")
        assert run(lab, python) == (0, "it ran\n")


if __name__ == "__main__":
    main()
