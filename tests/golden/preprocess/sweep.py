#!/usr/bin/env python3
"""Makes random image processors, each in a folder with a tiny model and a reference of the method `preprocess`.

With transformers 5.23.0, torch, pillow:
    python tests/golden/preprocess/sweep.py --out DIR --count 200 [--processor ViT] [--seed 0]
    for i in DIR/*; do millrace verify $i $i/reference.safetensors || echo $i; done
"""

import importlib
import json
import pathlib
import shutil
import sys

import numpy as np
import torch
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import variants  # noqa: E402
from reference import Reference  # noqa: E402

MODEL = HERE.parent / "vision" / "vit_pooler"
PROCESSORS = {"ViT": "vit", "DeiT": "deit", "Beit": "beit", "Bit": "bit", "CLIP": "clip", "Siglip": "siglip", "ConvNext": "convnext",
              "Pvt": "pvt", "PoolFormer": "poolformer", "Segformer": "segformer", "MobileNetV2": "mobilenet_v2",
              "MobileViT": "mobilevit", "EfficientNet": "efficientnet", "DPT": "dpt", "Detr": "detr", "Yolos": "yolos"}
OWN = {"MobileViT": ["do_flip_channel_order"], "EfficientNet": ["rescale_offset", "include_top"],
       "DPT": ["keep_aspect_ratio"]}


class Choice(variants.Choice):
    def edge(self, most=60):
        return self.randint(1, most)

    def size(self, forms):
        form = self.choice(forms)
        if form == "int":
            return self.edge()
        if form == "exact":
            return {"height": self.edge(), "width": self.edge()}
        if form == "square":
            return dict.fromkeys(("height", "width"), self.edge())
        if form == "shortest":
            return {"shortest_edge": self.edge(40)}
        if form == "edges":
            short = self.edge(40)
            return {"shortest_edge": short, "longest_edge": short + self.randint(0, 40)}
        if form == "within":
            return {"max_height": self.edge(), "max_width": self.edge()}
        return {"longest_edge": self.edge()}

    def colours(self):
        if self.flag(0.2):
            return self.choice([0.5, 0.25])
        return [round(self.uniform(0.05, 0.9), 3) for _ in range(3)]


def options(r, prefix):
    config = {}

    def maybe(key, value, likely=0.5):
        if r.flag(likely):
            config[key] = value

    detects = prefix in ("Detr", "Yolos")
    forms = ["int", "exact", "square", "shortest", "edges", "within"]
    maybe("size", r.size(["int", "exact", "edges", "edges", "within"] if detects else forms), 1 if detects else 0.9)
    maybe("do_resize", r.flag(0.8), 0.3)
    maybe("resample", r.randint(0, 5))
    maybe("default_to_square", r.flag(), 0.2)
    maybe("do_center_crop", r.choice([True, True, False, None]))
    maybe("crop_size", r.size(["int", "exact", "square"]), 0.7)
    maybe("do_rescale", r.choice([True, False, None]), 0.3)
    maybe("rescale_factor", r.choice([1 / 127.5, 0.01, 1.0, 1 / 256]), 0.4)
    maybe("do_normalize", r.choice([True, False, None]), 0.3)
    maybe("image_mean", r.colours())
    maybe("image_std", r.colours())
    maybe("do_convert_rgb", r.choice([True, False, None]), 0.3)
    maybe("crop_pct", r.choice([0.5, 0.875, 0.9, 1.0, 0.95]), 0.5 if prefix in ("ConvNext", "PoolFormer") else 0.1)
    maybe("do_pad", r.choice([True, False]), 0.3)
    maybe("pad_size", dict(height=80 + r.edge(9), width=80 + r.edge(9)), 0.2)
    maybe("do_reduce_labels", True, 0.1)
    for key in OWN.get(prefix, ()):
        maybe(key, r.flag(), 0.7)
    if prefix == "DPT":
        maybe("ensure_multiple_of", r.choice([1, 7, 14, 32, 5]), 0.7)
        maybe("size_divisor", r.choice([8, 14, 1]), 0.4)
    if detects:
        maybe("max_size", r.edge(70), 0.3)
        maybe("pad_and_return_pixel_mask", r.flag(), 0.2)
    return config


def picture(r, seed):
    """Noise over waves; tiny, long and larger ones."""
    height, width = r.choice([(1, 1), (3, 200), (200, 3), (1, r.edge()), (r.edge(), 1), (r.edge(120), r.edge(120)),
                              (r.edge(120), r.edge(120)), (r.edge(20), r.edge(20))])
    noise = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = 127 + 120 * np.sin(y[..., None] / np.array([3, 7, 11]) + x[..., None] / np.array([5, 4, 9]))
    return np.where(noise.random((height, width, 1)) < 0.5, waves, noise.integers(0, 256, (height, width, 3))).astype(np.uint8)


def make(folder, r, prefix, seed):
    shutil.copytree(MODEL, folder)
    (folder / "reference.safetensors").unlink()
    name = f"{prefix}ImageProcessor"
    config = {r.choice(["image_processor_type"] * 3 + ["feature_extractor_type"]): name + r.choice(["", "", "Fast", "Pil"])}
    if "feature_extractor_type" in config:
        config = {"feature_extractor_type": f"{prefix}FeatureExtractor"}
    config |= options(r, prefix)
    if r.flag(0.3):
        config = {key: value for key, value in config.items() if key.endswith("_type")} | dict(
            size=config.get("size", 20))
    module = importlib.import_module(f"transformers.models.{PROCESSORS[prefix]}.image_processing_pil_{PROCESSORS[prefix]}")
    (folder / "preprocessor_config.json").write_text(json.dumps(config) + "\n")
    processor = getattr(module, f"{prefix}ImageProcessorPil").from_pretrained(folder)
    reference = Reference()
    for case in range(3):
        image = picture(r, 10 * seed + case)
        try:
            made = processor(Image.fromarray(image), return_tensors="np")
        except Exception as error:  # what transformers cannot do either
            print(f"  {json.dumps(config)}: {image.shape}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
            continue
        values = torch.from_numpy(made["pixel_values"].astype(np.float32))
        if values.numel() == 0 or not torch.isfinite(values).all():
            continue
        results = {"pixel_values": values}
        if "pixel_mask" in made:
            results["pixel_mask"] = torch.from_numpy(made["pixel_mask"]).to(torch.int64)
        reference.add("preprocess", {"image": torch.from_numpy(image)}, results, f"c{case}_{image.shape[0]}x{image.shape[1]}")
    if not reference.tensors:
        raise ValueError("no picture could be computed")
    reference.save(folder / "reference.safetensors")


if __name__ == "__main__":
    variants.sweep(__doc__, PROCESSORS, make, Choice, what="processor")
