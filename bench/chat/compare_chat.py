"""Runs Millrace and llama.cpp side by side on one GGUF file and prints a table.

    bench/chat/run.sh            # sets everything up, then calls this
    python compare_chat.py --millrace MILLRACE --worker WORKER --model FILE.gguf --text FILE [--rounds 3] [--only NAME …]

Two threads each. A prompt of 512 tokens of the text is read and 128 are written after it, by one sequence and by four at
once; tokens per second are of all sequences together, the best of the rounds, which go through all engines in turn.
Perplexity is of 1023 tokens of the text.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from protocol.engine import Engine  # noqa: E402


class ChatEngine(Engine):
    def __init__(self, name: str, command: list[str]):
        super().__init__(name, command)
        self.best: dict[str, float] = {}

    def generate(self, tokens: list[int], sequences: int, count: int) -> None:
        answer = self.ask(op="generate", tokens=tokens, sequences=sequences, count=count)
        rates = {f"read {sequences}": len(tokens) * sequences / answer["read_seconds"],
                 f"write {sequences}": (count - 1) * sequences / answer["write_seconds"]}
        for name, rate in rates.items():
            self.best[name] = max(rate, self.best.get(name, 0))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--millrace", required=True)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()

    text = json.dumps(args.text.read_text()) + "\n"
    ids = subprocess.run([args.millrace, "tokenize", "--model", args.model], input=text, capture_output=True, text=True,
                         check=True).stdout
    tokens = json.loads(ids)[:1023]
    commands = {"llama.cpp": [sys.executable, str(HERE / "llama_cpp_engine.py"), args.model, args.threads]}
    for weights in ("file", "int8", "bfloat16", "float32"):
        commands[f"millrace {weights}"] = [args.worker, args.model, weights, args.threads]
    engines = [ChatEngine(name, command) for name, command in commands.items() if not args.only or name in args.only]
    for _ in range(args.rounds):
        for sequences in (1, 4):
            for engine in engines:
                engine.generate(tokens[:512], sequences, 128)
    print("| engine | read, 1 | write, 1 | read, 4 | write, 4 | perplexity | peak memory |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for engine in engines:
        peak = engine.peak_mib
        perplexity = math.exp(engine.ask(op="surprise", tokens=tokens)["surprise"])
        rates = " | ".join(f"{engine.best[name]:.0f}" for name in ("read 1", "write 1", "read 4", "write 4"))
        print(f"| {engine.name} | {rates} | {perplexity:.3f} | {peak:.0f} MiB |")


if __name__ == "__main__":
    main()
