"""The side of an engine's process that talks to compare.py: a JSON object a line in, a JSON object a line out.

Each engine runs in a process of its own, keeps its model loaded and is asked in turn, so that all of them see the
same state of the machine. `transcribe(path) -> text` is timed here, from the file's name to the text.
"""
import json
import resource
import sys
import time


def serve(load) -> None:
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is not an answer
    start = time.perf_counter()
    transcribe = load()
    print(json.dumps({"ready": True, "load_seconds": time.perf_counter() - start}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        text = transcribe(request["file"])
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "text": text, "peak_mib": peak}), file=answers, flush=True)
