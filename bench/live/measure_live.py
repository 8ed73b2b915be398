"""Latency and accuracy of live captions: plays recordings into `millrace listen` as if they were spoken now.

    python bench/live/measure_live.py [--millrace build/release/millrace] [--load] [--references CLIPS.json] FILE... [-- OPTION...]

For each recording: the median and the 95th percentile of the latency of partial and of final text, in seconds behind the
speech (from a text's end in the recording, as it was played, to the line on standard output), and the word error rate of the
final text against what `millrace transcribe` makes of the same file, and against what was said where CLIPS.json (see
bench/compare/clips.py) says it. Latencies are measured here, not by the program under test: the recording's time 0 is taken
from the first event, whose own latency says how long ago its text ended. --load keeps one core busy meanwhile. What follows
`--` goes to `millrace listen`.
"""
import argparse
import json
import multiprocessing
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))
from wer import word_error_rate  # noqa: E402


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else float("nan")


def listen(millrace, file, options):
    """The final text, the latencies by type of event, and the last line on standard error."""
    process = subprocess.Popen([millrace, "listen", "--format", "json", "--input", file, *options],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    began, latencies, text = None, {"partial": [], "final": []}, []
    for line in process.stdout:
        now, event = time.monotonic(), json.loads(line)
        if event["type"] == "gap":
            print(f"{file}: gap from {event['start']} to {event['end']}: {event['text']}", file=sys.stderr)
            continue
        if began is None:
            began = now - event["latency"] - event["end"]
        latencies[event["type"]].append(now - began - event["end"])
        if event["type"] == "final":
            text.append(event["text"])
    errors = process.stderr.read().strip().splitlines()
    if process.wait() != 0:
        raise SystemExit(f"{file}: {errors}")
    return " ".join(text), latencies, errors[-1] if errors else ""


def transcribe(millrace, file, options):
    done = subprocess.run([millrace, "transcribe", "-q", "--format", "json", *options, file], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)["text"]


def busy():
    while True:
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--millrace", default="build/release/millrace")
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--language", default="en")
    parser.add_argument("--references")
    parser.add_argument("files", nargs="+")
    own, more = (sys.argv[1:], [])
    if "--" in own:
        at = own.index("--")
        own, more = own[:at], own[at + 1:]
    options = parser.parse_args(own)
    said = {}
    if options.references:
        manifest = json.loads(pathlib.Path(options.references).read_text())
        said = {clip["file"]: clip["text"] for clip in manifest["clips"] + manifest["long"]}
    if options.load:
        multiprocessing.Process(target=busy, daemon=True).start()

    language = ["--language", options.language]
    pairs, spoken, written = [], [], []
    everything = {"partial": [], "final": []}
    for file in options.files:
        text, latencies, last = listen(options.millrace, file, [*language, *more])
        whole = transcribe(options.millrace, file, language)
        pairs.append((whole, text))
        if file in said:
            spoken.append((said[file], text))
            written.append((said[file], whole))
        for kind, values in latencies.items():
            everything[kind] += values
        print(f"{pathlib.Path(file).name}: {last}", flush=True)
    for kind, values in everything.items():
        print(f"{kind}s: {len(values)}, median {percentile(values, 0.5):.2f} s, 95 % within {percentile(values, 0.95):.2f} s")
    print(f"word error rate of the finals against millrace transcribe: {word_error_rate(pairs):.2f} %")
    if spoken:
        print(f"against what was said: finals {word_error_rate(spoken):.2f} %, millrace transcribe "
              f"{word_error_rate(written):.2f} %")


if __name__ == "__main__":
    main()
