"""Latency and accuracy of live captions: plays recordings into `millrace listen` as if they were spoken now.

    python bench/live/measure_live.py [--millrace build/release/millrace] [--load] [--references CLIPS.json] FILE... [-- OPTION...]

For each recording: the median and the 95th percentile of the latency of partial and of final text, in seconds behind the
speech (from when the last sample of a text was given to the program to the line on standard output), and the word error rate
of the final text against what `millrace transcribe` makes of the same file, and against what was said where CLIPS.json (see
bench/compare/clips.py) says it. Latencies are measured here, not by the program under test: the recording is written to its
standard input, a fiftieth of a second at a time, once it has begun to read (what is no WAV file of 16 kHz, mono, needs
ffmpeg). --load keeps one core busy meanwhile. What follows `--` goes to `millrace listen`.
"""
import argparse
import fcntl
import json
import multiprocessing
import pathlib
import struct
import subprocess
import sys
import termios
import threading
import time
import wave

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))
from wer import word_error_rate  # noqa: E402


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else float("nan")


RATE, BLOCK = 16000, 320


def samples_of(file):
    """16-bit samples of one channel, RATE a second."""
    try:
        with wave.open(file) as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2):
                return sound.readframes(sound.getnframes())
    except (wave.Error, EOFError):
        pass
    return subprocess.run(["ffmpeg", "-v", "error", "-i", file, "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-"],
                          capture_output=True, check=True).stdout


class Speaker(threading.Thread):
    """Plays samples into a pipe at their own speed, from when its reader has begun."""

    def __init__(self, samples, pipe):
        super().__init__(daemon=True)
        self.samples, self.pipe = samples, pipe
        self.began = None

    def run(self):
        size = 0xFFFFFFFF  # of what has no end yet
        self.pipe.write(b"RIFF" + struct.pack("<I", size) + b"WAVEfmt " +
                        struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16) + b"data" + struct.pack("<I", size))
        self.pipe.flush()
        while struct.unpack("i", fcntl.ioctl(self.pipe, termios.FIONREAD, b"    "))[0] > 0:
            time.sleep(0.005)
        self.began = time.monotonic()
        try:
            for first in range(0, len(self.samples), 2 * BLOCK):
                block = self.samples[first:first + 2 * BLOCK]
                due = self.began + (first + len(block)) / (2 * RATE)
                time.sleep(max(0, due - time.monotonic()))
                self.pipe.write(block)
                self.pipe.flush()
            self.pipe.close()
        except BrokenPipeError:
            pass


def listen(millrace, file, options):
    """The final text, the latencies by type of event, and the last line on standard error."""
    process = subprocess.Popen([millrace, "listen", "--format", "json", "--input", "-", *options],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    speaker = Speaker(samples_of(file), process.stdin)
    speaker.start()
    latencies, text = {"partial": [], "final": []}, []
    for line in process.stdout:
        now, event = time.monotonic(), json.loads(line)
        if event["type"] == "gap":
            print(f"{file}: gap from {event['start']} to {event['end']}: {event['text']}", file=sys.stderr)
            continue
        latencies[event["type"]].append(now - speaker.began - event["end"])
        if event["type"] == "final":
            text.append(event["text"])
    errors = process.stderr.read().decode().strip().splitlines()
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
