"""How often the likeliest label is right: python top1.py WORKER LITE0.pth FOLDER [--weights float32 int8 …]

FOLDER holds photographs of ImageNet whose names begin with their class (n01440764_tench.JPEG), of all 1,000 classes.
EfficientNet-Lite0 in Millrace, from the file to the label, beside timm's with Pillow on the same files.
"""
import argparse
import pathlib

import timm
import timm.data
import torch
from PIL import Image, ImageOps

import models
from compare_vision import ImageEngine


def timm_labels(weights: pathlib.Path, files: list[pathlib.Path]) -> list[int]:
    model = models.lite0(weights)
    transform = timm.data.create_transform(**timm.data.resolve_data_config(model.pretrained_cfg, model=model))
    labels = []
    with torch.inference_mode():
        for first in range(0, len(files), 25):
            pictures = [ImageOps.exif_transpose(Image.open(path)).convert("RGB") for path in files[first:first + 25]]
            labels += model(torch.stack([transform(picture) for picture in pictures])).argmax(1).tolist()
    return labels


def millrace_labels(worker: str, weights: pathlib.Path, kind: str, files: list[pathlib.Path]) -> list[int]:
    engine = ImageEngine(f"Millrace {kind}", [worker, str(weights), kind, "2"])
    engine.classify([str(path) for path in files], batch=8)
    engine.close()
    return engine.labels


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("worker")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--weights", nargs="*", default=["float32", "bfloat16", "int8"])
    args = parser.parse_args()
    files = sorted(path for path in args.folder.iterdir() if path.name.startswith("n"))
    classes = sorted({path.name.split("_")[0] for path in files})
    if len(classes) != 1000:
        raise SystemExit(f"{args.folder} has pictures of {len(classes)} classes, not of 1,000")
    truth = [classes.index(path.name.split("_")[0]) for path in files]

    def report(name: str, labels: list[int]) -> None:
        right = sum(a == b for a, b in zip(labels, truth))
        same = sum(a == b for a, b in zip(labels, reference))
        print(f"{name}: {right} of {len(files)} right, {same} as timm", flush=True)

    reference = timm_labels(args.model, files)
    report("timm float32", reference)
    for kind in args.weights:
        report(f"Millrace {kind}", millrace_labels(args.worker, args.model, kind, files))


if __name__ == "__main__":
    main()
