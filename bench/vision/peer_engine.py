"""ONNX Runtime and OpenVINO: python peer_engine.py onnxruntime|openvino FOLDER THREADS

Answers the requests of compare_vision.py. Pictures are decoded and resized by Pillow, two at a time, as the processor of the
model's folder says; what timm does for EfficientNet-Lite0.
"""
import concurrent.futures
import json
import pathlib
import sys
import time

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from protocol.serve import serve  # noqa: E402


def read_steps(folder: pathlib.Path) -> dict:
    path = folder / "preprocessor_config.json"
    config = json.loads(path.read_text()) if path.exists() else {}
    if not config:  # EfficientNet-Lite0
        return {"shortest": 256, "crop": 224, "filter": 3, "mean": [0.5] * 3, "std": [0.5] * 3}
    size = config["size"]
    steps = {"filter": config.get("resample", 2), "mean": config.get("image_mean") or [0] * 3,
             "std": config.get("image_std") or [1] * 3, "flip": config.get("do_flip_channel_order", False)}
    if not config.get("do_normalize", False):
        steps["mean"], steps["std"] = [0] * 3, [1] * 3
    if "height" in size:
        return steps | {"exact": (size["width"], size["height"])}
    if "crop_pct" in config:
        return steps | {"shortest": int(size["shortest_edge"] / config["crop_pct"]), "crop": size["shortest_edge"]}
    return steps | {"shortest": size["shortest_edge"], "crop": config["crop_size"]["height"]}


class Preprocessor:
    def __init__(self, folder: pathlib.Path):
        self.steps = read_steps(folder)
        mean, std = (numpy.array(self.steps[key], numpy.float32) for key in ("mean", "std"))
        self.scale, self.shift = 1 / (255 * std), -mean / std

    def __call__(self, path: str) -> numpy.ndarray:
        steps = self.steps
        image = Image.open(path).convert("RGB")
        if "exact" in steps:
            image = image.resize(steps["exact"], steps["filter"])
        else:
            width, height = image.size
            short, crop = steps["shortest"], steps["crop"]
            size = (short, int(short * height / width)) if width <= height else (int(short * width / height), short)
            image = image.resize(size, steps["filter"])
            left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
            image = image.crop((left, top, left + crop, top + crop))
        values = numpy.asarray(image, numpy.float32) * self.scale + self.shift
        if steps.get("flip"):
            values = values[..., ::-1]
        return values.transpose(2, 0, 1)


def onnxruntime_model(path: pathlib.Path, threads: int):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda pixels: session.run(None, {"pixel_values": pixels})[0]


def openvino_model(path: pathlib.Path, threads: int):
    import openvino
    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    model = core.compile_model(core.read_model(str(path)), "CPU", settings)
    request = model.create_infer_request()

    def run(pixels):
        return request.infer({0: pixels}, share_inputs=True)[0]

    return run


def load():
    kind, folder, threads = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    run = {"onnxruntime": onnxruntime_model, "openvino": openvino_model}[kind](folder / "model.onnx", threads)
    preprocess = Preprocessor(folder)
    pool = concurrent.futures.ThreadPoolExecutor(threads)

    def forward(pixels: str, shape: list[int], repeats: int) -> dict:
        values = numpy.fromfile(pixels, numpy.float32, int(numpy.prod(shape))).reshape(shape)
        best = 1e9
        for _ in range(repeats):
            start = time.perf_counter()
            logits = run(values)
            best = min(best, time.perf_counter() - start)
        return {"seconds": best, "logits": logits.ravel().tolist()}

    def classify(files: list[str], batch: int) -> dict:
        labels, start = [], time.perf_counter()
        for first in range(0, len(files), batch):
            pixels = list(pool.map(preprocess, files[first:first + batch]))
            labels += run(numpy.stack(pixels)).argmax(1).tolist()
        return {"seconds": time.perf_counter() - start, "labels": labels}

    operations = {"forward": forward, "classify": classify}
    return lambda request: operations[request.pop("op")](**request)


serve(load)
