"""Runs Millrace and its peers side by side and prints a table.

    bench/compare/run.sh            # sets everything up, then calls this
    python compare.py --millrace WORKER --weights FOLDER --clips MANIFEST.json [--rounds 3] [--only NAME …] [--json FILE]

Every engine has the same weights (converted from one checkpoint), the same files, two threads and greedy decoding
(without the text before as context, which without a second try at a higher temperature ends in loops, anyone's),
keeps its model loaded, and is asked in turn: file by file, round by round, all engines one after the other, so that a
busy neighbour hits all alike. A figure is the minimum over the rounds. MANIFEST.json holds
{"clips": [{"file": …, "text": …}], "long": [...]}: short clips for accuracy, long recordings for speed.
"""
import argparse
import json
import pathlib
import sys
import time

from wer import word_error_rate

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from protocol.engine import Engine  # noqa: E402


class SpeechEngine(Engine):
    def __init__(self, name: str, command: list[str]):
        super().__init__(name, command, log=f"/tmp/compare-{name.replace(' ', '-').replace('/', '-')}.log", cwd=HERE / "engines")
        self.seconds: dict[str, float] = {}
        self.texts: dict[str, str] = {}

    def transcribe(self, file: str) -> None:
        answer = self.ask(file=file)
        self.seconds[file] = min(answer["seconds"], self.seconds.get(file, 1e9))
        self.texts[file] = answer["text"]


def commands(weights: pathlib.Path, threads: int, millrace: str) -> dict[str, list[str]]:
    python = sys.executable
    ct2, ggml, ov = weights / "ct2", weights / "ggml-f16.bin", weights / "openvino"
    threads_ = str(threads)
    table = {}
    for weight in ("float32", "bfloat16", "int8"):
        table[f"millrace {weight}"] = [millrace, str(ct2), weight, threads_, "sequential"]
        table[f"millrace {weight} batched"] = [millrace, str(ct2), weight, threads_, "batched"]
    for kind in ("float32", "int8"):
        for mode in ("sequential", "batched"):
            name = f"faster-whisper {kind}" + (" batched" if mode == "batched" else "")
            table[name] = [python, "faster_whisper_engine.py", str(ct2), kind, threads_, mode]
    table["whisper.cpp f16"] = [python, "whisper_cpp_engine.py", str(ggml), threads_]
    for kind in ("fp16", "int8"):
        for precision in ("f32", "bf16"):
            table[f"openvino {kind}/{precision}"] = [python, "openvino_engine.py", str(ov / kind), precision, threads_]
    table["transformers float32"] = [python, "transformers_engine.py", str(weights / "hf"), "float32", threads_]
    return table


def duration(file: str) -> float:
    import soundfile
    return soundfile.info(file).duration


def table(title: str, engines: list[SpeechEngine], entries: list[dict], base: str) -> list[dict]:
    files = [entry["file"] for entry in entries]
    seconds_of_sound = sum(duration(file) for file in files)
    reference = next((e for e in engines if e.name == base), engines[0])
    base_total = sum(reference.seconds[f] for f in files)
    print(f"\n### {title}: {len(files)} file{'s' * (len(files) > 1)}, {seconds_of_sound:.0f} s of sound\n")
    print(f"| engine | seconds | times real time | against {reference.name} | word errors | peak memory |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    rows = []
    for engine in sorted(engines, key=lambda e: sum(e.seconds[f] for f in files)):
        total = sum(engine.seconds[f] for f in files)
        wer = word_error_rate([(entry["text"], engine.texts[entry["file"]]) for entry in entries])
        print(f"| {engine.name} | {total:.2f} | {seconds_of_sound / total:.1f} | {base_total / total:.2f} "
              f"| {wer:.2f} % | {engine.peak_mib:.0f} MiB |")
        rows.append({"table": title, "engine": engine.name, "seconds": total, "wer": wer,
                     "peak_mib": engine.peak_mib, "load_seconds": engine.load_seconds})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=lambda path: pathlib.Path(path).resolve(), required=True)
    parser.add_argument("--clips", type=pathlib.Path, required=True)
    parser.add_argument("--millrace", type=lambda path: str(pathlib.Path(path).resolve()), required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="engines whose names begin so")
    parser.add_argument("--base", default="faster-whisper float32")
    parser.add_argument("--short", type=int, default=None, help="only so many of the clips")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()

    manifest = json.loads(args.clips.read_text())
    clips, long = manifest["clips"][:args.short], manifest["long"]
    engines = []
    for name, command in commands(args.weights, args.threads, args.millrace).items():
        if args.only and not any(name.startswith(prefix) for prefix in args.only):
            continue
        engines.append(SpeechEngine(name, command))
        print(f"{name}: loaded in {engines[-1].load_seconds:.2f} s", file=sys.stderr)
    for round_number in range(args.rounds):
        for entry in [*clips, *long]:
            for engine in engines:
                engine.transcribe(entry["file"])
                time.sleep(0.25)  # thread pools that spin after their work must not slow the next one down
        print(f"round {round_number + 1} of {args.rounds} done", file=sys.stderr)
    rows = []
    if clips:
        rows += table("short clips", engines, clips, args.base)
    for entry in long:
        rows += table(pathlib.Path(entry["file"]).stem, engines, [entry], args.base)
    for engine in engines:
        engine.close()
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
