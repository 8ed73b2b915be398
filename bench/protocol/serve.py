"""A Python engine's end: load() gives the function that answers a request."""
import json
import resource
import sys
import time


def serve(load) -> None:
    answers = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is not an answer
    start = time.perf_counter()
    answer = load()
    print(json.dumps({"ready": True, "load_seconds": time.perf_counter() - start}), file=answers, flush=True)
    for line in sys.stdin:
        result = answer(json.loads(line))
        result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result), file=answers, flush=True)
