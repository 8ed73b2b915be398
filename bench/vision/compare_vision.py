"""Runs Millrace, ONNX Runtime and OpenVINO side by side on the same weights and prints a table.

    bench/vision/run.sh          # sets everything up, then calls this
    python compare_vision.py --worker WORKER --models FOLDER [--pictures FOLDER] [--rounds 5] [--only NAME …]

Two threads each. Milliseconds a picture of the model alone, for one picture and for eight together, the best of the rounds,
which go through all engines in turn; and, of the pictures of a folder, from the file to the label. Beside them the largest
difference of a logit from PyTorch's, relative to the largest logit.
"""
import argparse
import pathlib
import sys

import numpy

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from protocol.engine import Engine  # noqa: E402

BATCHES = (1, 8)


class ImageEngine(Engine):
    def __init__(self, name: str, command: list[str]):
        super().__init__(name, command)
        self.best: dict[str, float] = {}
        self.error = 0.0
        self.labels: list[int] = []

    def note(self, name: str, seconds: float, pictures: int) -> None:
        self.best[name] = min(1000 * seconds / pictures, self.best.get(name, 1e9))

    def forward(self, pixels: pathlib.Path, shape: list[int], expected: numpy.ndarray) -> None:
        answer = self.ask(op="forward", pixels=str(pixels), shape=shape, repeats=6 if shape[0] == 1 else 3)
        self.note(f"model {shape[0]}", answer["seconds"], shape[0])
        logits = numpy.array(answer["logits"]).reshape(shape[0], -1)
        wanted = expected[:shape[0]]
        self.error = max(self.error, float(numpy.abs(logits - wanted).max() / numpy.abs(wanted).max()))

    def classify(self, files: list[str], batch: int) -> None:
        answer = self.ask(op="classify", files=files, batch=batch)
        self.note(f"files {batch}", answer["seconds"], len(files))
        self.labels = answer["labels"]


def compare(folder: pathlib.Path, args, pictures: list[str]) -> None:
    model = folder / "model" if (folder / "model").exists() else folder
    commands = {f"Millrace {weights}": [args.worker, str(model.resolve()), weights, args.threads]
                for weights in ("float32", "bfloat16", "int8")}
    for peer, title in (("onnxruntime", "ONNX Runtime"), ("openvino", "OpenVINO")):
        commands[title] = [sys.executable, str(HERE / "peer_engine.py"), peer, str(folder), args.threads]
    engines = [ImageEngine(name, command) for name, command in commands.items() if not args.only or name in args.only]
    pixels, expected = numpy.load(folder / "pixels.npy"), numpy.load(folder / "logits.npy")
    raw = folder / "pixels.f32"
    pixels.tofile(raw)
    for _ in range(args.rounds):
        for batch in BATCHES:
            for engine in engines:
                engine.forward(raw, [batch, *pixels.shape[1:]], expected)
                if pictures:
                    engine.classify(pictures, batch)
    print(f"\n**{folder.name}**\n")
    names = [f"{what} {batch}" for what in (("model", "files") if pictures else ("model",)) for batch in BATCHES]
    print("| engine | " + " | ".join(names) + " | error | same labels | peak memory |")
    print("| --- |" + " ---: |" * (len(names) + 3))
    for engine in engines:
        times = " | ".join(f"{engine.best[name]:.2f}" for name in names)
        same = sum(a == b for a, b in zip(engine.labels, engines[0].labels))
        print(f"| {engine.name} | {times} | {engine.error:.1e} | {same} of {len(pictures)} | {engine.peak_mib:.0f} MiB |", flush=True)
        engine.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--model", nargs="*", default=[])
    parser.add_argument("--only", nargs="*", default=[])
    args = parser.parse_args()
    pictures = sorted(str(path) for path in args.pictures.iterdir()) if args.pictures else []
    for folder in sorted(args.models.iterdir()):
        if not args.model or folder.name in args.model:
            compare(folder, args, pictures)


if __name__ == "__main__":
    main()
