"""The comparison's end of an engine's process."""
import json
import subprocess


class Engine:
    def __init__(self, name: str, command: list[str], log: str | None = None, cwd=None):
        self.name, self.log = name, log
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd,
                                        stderr=open(log, "w") if log else None)
        self.peak_mib = 0.0
        self.load_seconds = self.receive()["load_seconds"]

    def receive(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended" + (f"; see {self.log}" if self.log else ""))
        return json.loads(line)

    def ask(self, **request) -> dict:
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = self.receive()
        self.peak_mib = max(self.peak_mib, answer["peak_mib"])
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
