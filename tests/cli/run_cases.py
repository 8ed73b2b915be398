"""Runs the command lines of .case files and compares everything they print, to the byte.

    run_cases.py FILE.case...             exit code 0 only if all is as expected
    run_cases.py --update FILE.case...    writes what the commands print now; read the difference before you commit it

A case file holds steps. The command runs under bash in an empty folder of its own, shared by the file's steps, with
`millrace` on the PATH, the project's folder in $ROOT and no network:

    # why this case is here
    ---- file bad.yaml                    a file to write first (any number)
    name: [
    ---- run
    millrace check bad.yaml
    ---- exit 3                           0 where there is none
    ---- stderr                           empty where there is none
    millrace: error: bad.yaml:1:8: [...]
    ---- stdout

[...] stands for any text within a line, and alone on a line for any lines. A file whose first line is `# needs: model`
sees the person's own model cache.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = re.compile(r"^---- (file (?P<file>\S+)|run|exit (?P<exit>\d+)|stdout|stderr)$")


class Step:
    def __init__(self):
        self.files, self.command, self.exit, self.stdout, self.stderr = {}, "", 0, "", ""


def parse(text):
    """The leading comment and the steps."""
    blocks, comment = [], []
    for line in text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"):
        header = HEADER.match(line)
        if header:
            blocks.append((header, []))
        elif blocks:
            blocks[-1][1].append(line)
        elif line.startswith("#") or not line:
            comment.append(line)
        else:
            raise SystemExit(f"not a comment before the first block: {line!r}")
    steps, files = [], {}
    for header, lines in blocks:
        body = "".join(line + "\n" for line in lines)
        kind = header.group(1).split()[0]
        if kind == "file":
            files[header["file"]] = body
        elif kind == "run":
            steps.append(Step())
            steps[-1].files, files, steps[-1].command = files, {}, body
        elif kind == "exit":
            steps[-1].exit = int(header["exit"])
        else:
            setattr(steps[-1], kind, body)
    if not steps:
        raise SystemExit("a case without a '---- run' tests nothing")
    return comment, steps


def render(comment, steps):
    out = "".join(line + "\n" for line in comment)
    for step in steps:
        for name, body in step.files.items():
            out += f"---- file {name}\n{body}"
        out += f"---- run\n{step.command}"
        if step.exit:
            out += f"---- exit {step.exit}\n"
        for kind in ("stderr", "stdout"):
            if getattr(step, kind):
                out += f"---- {kind}\n{getattr(step, kind)}"
    return out


def matches(expected, got):
    pattern = ""
    for line in expected.split("\n")[:-1]:
        if line == "[...]":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split("[...]")) + "\n"
    return re.fullmatch(pattern, got) is not None


def environment(folder, own_cache):
    env = {"PATH": f"{folder}/.bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "ROOT": str(ROOT), "TERM": "dumb"}
    if own_cache:
        env.update({k: v for k, v in os.environ.items()
                    if k == "HOME" or k.startswith(("HF_", "XDG_", "MILLRACE_", "PIP_"))})
    else:
        env.update({"HOME": f"{folder}/.home", "HF_HUB_OFFLINE": "1"})
    for name in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "MILLRACE_ISA"):
        if name in os.environ:
            env[name] = os.environ[name]
    return env


def run(step, folder, env):
    for name, body in step.files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    done = subprocess.run(["bash", "-c", step.command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=240)
    def text(raw):
        decoded = raw.decode("utf-8")  # strictly: output that is no UTF-8 fails the case
        decoded = decoded.replace(str(ROOT), "$ROOT").replace(str(folder), "$HERE")
        return decoded if not decoded or decoded.endswith("\n") else decoded + "\n"
    return done.returncode, text(done.stdout), text(done.stderr)


def run_file(path, millrace, update):
    comment, steps = parse(path.read_text())
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, ".bin").mkdir()
        Path(folder, ".home").mkdir()
        Path(folder, ".bin", "millrace").symlink_to(millrace)
        env = environment(folder, own_cache=comment[:1] == ["# needs: model"])
        for step in steps:
            code, stdout, stderr = run(step, folder, env)
            for kind, expected, got in (("stdout", step.stdout, stdout), ("stderr", step.stderr, stderr)):
                if matches(expected, got):
                    continue
                if update:
                    setattr(step, kind, got)
                    continue
                faults += 1
                print(f"{path.name}: {step.command.rstrip()}\n--- {kind} expected\n{expected}--- {kind} got\n{got}---")
            if code != step.exit:
                if not update:
                    faults += 1
                    print(f"{path.name}: {step.command.rstrip()}\nexit code {code}, expected {step.exit}; {stderr}")
                step.exit = code
    if update:
        path.write_text(render(comment, steps))
    return faults


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    paths = [Path(a) for a in arguments if a != "--update"]
    if not paths:
        raise SystemExit(__doc__)
    millrace = Path(os.environ.get("MILLRACE", ROOT / "build/release/millrace")).resolve()
    raise SystemExit(1 if sum(run_file(p, millrace, update) for p in paths) else 0)


if __name__ == "__main__":
    main()
