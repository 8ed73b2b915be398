#!/usr/bin/env python3
"""Writes what Pillow and transformers' Pillow image processors make of pictures: resize.safetensors (pictures in other
sizes, by filter) and image_processors/NAME.{json,safetensors} (a preprocessor_config.json and a reference of the method
`preprocess`, for each processor).

Made with transformers 5.23.0, pillow 13.0.0, torch 2.15.0, torchvision: python tests/golden/preprocess/images.py
"""
import importlib
import json
import pathlib
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from reference import Reference  # noqa: E402

FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
SIZES = [((1, 1), (3, 2)), ((1, 37), (5, 9)), ((37, 1), (4, 6)), ((5, 3), (31, 17)), ((41, 29), (7, 11)),
         ((23, 31), (23, 8)), ((23, 31), (9, 31)), ((60, 50), (1, 1)), ((40, 20), (17, 23)), ((50, 20), (15, 9)), ((19, 19), (20, 18)), ((3, 80), (80, 3)),
         ((10, 91), (64, 13))]


def picture(height, width, seed):
    """Noise over waves: levels of 0 and 255 beside each other, and slopes."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = 127 + 120 * np.sin(y[..., None] / np.array([3, 7, 11]) + x[..., None] / np.array([5, 4, 9]))
    noise = random.integers(0, 256, (height, width, 3))
    return np.where(random.random((height, width, 1)) < 0.5, waves, noise).astype(np.uint8)


def write_resized():
    tensors = {}
    for number, ((height, width), (to_height, to_width)) in enumerate(SIZES):
        image = picture(height, width, number)
        tensors[f"{number}.in"] = image
        for name, code in FILTERS.items():
            tensors[f"{number}.{name}"] = np.array(Image.fromarray(image).resize((to_width, to_height), resample=code))
    save_file(tensors, HERE / "resize.safetensors")


# name: (module, class, options)
PROCESSORS = {
    "vit": ("vit", "ViT", {"size": {"height": 17, "width": 23}}),
    "vit_number": ("vit", "ViT", {"size": 16, "resample": 3, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}),
    "vit_raw": ("vit", "ViT", {"size": 8, "do_rescale": False, "do_normalize": False}),
    "vit_unnormalised": ("vit", "ViT", {"size": 8, "rescale_factor": 0.01, "do_normalize": False}),
    "deit": ("deit", "DeiT", {"size": {"height": 20, "width": 20}, "crop_size": {"height": 17, "width": 15}}),
    "beit": ("beit", "Beit", {"size": 14, "do_center_crop": True, "crop_size": 11}),
    "bit": ("bit", "Bit", {"size": {"shortest_edge": 18}, "crop_size": {"height": 15, "width": 15}}),
    "clip": ("clip", "CLIP", {"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}}),
    "clip_small": ("clip", "CLIP", {"do_resize": False, "crop_size": {"height": 30, "width": 64}}),
    "siglip": ("siglip", "Siglip", {"size": {"height": 19, "width": 13}}),
    "convnext": ("convnext", "ConvNext", {"size": {"shortest_edge": 16}}),
    "convnext_pct": ("convnext", "ConvNext", {"size": {"shortest_edge": 15}, "crop_pct": 0.7}),
    "pvt": ("pvt", "Pvt", {"size": {"height": 12, "width": 12}}),
    "poolformer": ("poolformer", "PoolFormer", {"size": {"shortest_edge": 16}, "crop_size": {"height": 14, "width": 14}}),
    "poolformer_square": ("poolformer", "PoolFormer", {"size": {"height": 15, "width": 15}, "crop_pct": 0.95,
                                                       "crop_size": {"height": 14, "width": 14}}),
    "segformer": ("segformer", "Segformer", {"size": {"height": 13, "width": 21}}),
    "mobilenet_v2": ("mobilenet_v2", "MobileNetV2", {"size": {"shortest_edge": 19}, "crop_size": {"height": 16, "width": 16}}),
    "mobilevit": ("mobilevit", "MobileViT", {"size": {"shortest_edge": 18}, "crop_size": {"height": 16, "width": 24}}),
    "efficientnet": ("efficientnet", "EfficientNet", {"size": {"height": 17, "width": 17}}),
    "efficientnet_offset": ("efficientnet", "EfficientNet", {"size": {"height": 17, "width": 19}, "rescale_offset": True,
                                                             "rescale_factor": 0.00784313725490196, "include_top": False,
                                                             "do_center_crop": True, "crop_size": {"height": 20, "width": 12}}),
    "edges": ("vit", "ViT", {"size": {"shortest_edge": 16, "longest_edge": 24}}),
    "within": ("vit", "ViT", {"size": {"max_height": 12, "max_width": 20}}),
    "vit_nulls": ("vit", "ViT", {"size": 9, "do_normalize": None, "do_pad": None}),
    "vit_padded": ("vit", "ViT", {"size": {"shortest_edge": 11}, "do_pad": True, "pad_size": {"height": 23, "width": 24}}),
    "vit_foreign": ("vit", "ViT", {"size": 9, "do_flip_channel_order": True, "include_top": True, "keep_aspect_ratio": True}),
    "segformer_uncropped": ("segformer", "Segformer", {"size": 9, "do_center_crop": True, "crop_size": 5}),
    "convnext_edges": ("convnext", "ConvNext", {"size": {"shortest_edge": 14, "longest_edge": 15}}),
    "poolformer_whole": ("poolformer", "PoolFormer", {"size": {"shortest_edge": 13}, "crop_pct": None, "crop_size": 12}),
    "detr": ("detr", "Detr", {"size": {"shortest_edge": 17, "longest_edge": 26}}),
    "detr_number": ("detr", "Detr", {"size": 15, "max_size": 22, "pad_size": {"height": 24, "width": 25}}),
    "detr_old": ("detr", "Detr", {"size": {"height": 9, "width": 12}, "pad_and_return_pixel_mask": False}),
    "yolos": ("yolos", "Yolos", {"size": {"shortest_edge": 33, "longest_edge": 52}, "pad_size": 53}),
    "dpt": ("dpt", "DPT", {"size": {"height": 19, "width": 14}}),
    "dpt_multiples": ("dpt", "DPT", {"size": 25, "keep_aspect_ratio": True, "ensure_multiple_of": 14}),
    "dpt_padded": ("dpt", "DPT", {"size": 18, "keep_aspect_ratio": True, "do_pad": True, "size_divisor": 8}),
}


def write_processors():
    folder = HERE / "image_processors"
    folder.mkdir(exist_ok=True)
    for name, (module, prefix, options) in PROCESSORS.items():
        module = importlib.import_module(f"transformers.models.{module}.image_processing_pil_{module}")
        config = {"image_processor_type": f"{prefix}ImageProcessor"} | options
        (folder / f"{name}.json").write_text(json.dumps(config) + "\n")
        with tempfile.TemporaryDirectory() as model:  # nulls count in a file, not as arguments
            pathlib.Path(model, "preprocessor_config.json").write_text(json.dumps(config))
            processor = getattr(module, f"{prefix}ImageProcessorPil").from_pretrained(model)
        reference = Reference()
        for case, (height, width) in enumerate([(31, 43), (40, 20), (7, 9)]):
            image = picture(height, width, case)
            made = processor(Image.fromarray(image), return_tensors="np")
            results = {"pixel_values": torch.from_numpy(made["pixel_values"].astype(np.float32))}
            if "pixel_mask" in made:
                results["pixel_mask"] = torch.from_numpy(made["pixel_mask"])
            reference.add("preprocess", {"image": torch.from_numpy(image)}, results, f"{height}x{width}")
        reference.save(folder / f"{name}.safetensors")


def write_timm():
    """timm's transforms for evaluation, written out: torchvision on Pillow's pictures."""
    from torchvision import transforms
    folder = HERE / "image_processors"
    config = {"input_size": [3, 24, 24], "crop_pct": 0.875, "interpolation": "bicubic", "crop_mode": "center",
              "mean": [0.5, 0.4, 0.3], "std": [0.5, 0.6, 0.7]}
    (folder / "timm.json").write_text(json.dumps(config) + "\n")
    transform = transforms.Compose([
        transforms.Resize(int(24 / 0.875), transforms.InterpolationMode.BICUBIC), transforms.CenterCrop(24),
        transforms.ToTensor(), transforms.Normalize(config["mean"], config["std"])])
    reference = Reference()
    for case, (height, width) in enumerate([(31, 44), (63, 40), (9, 8)]):
        image = picture(height, width, case)
        reference.add("preprocess", {"image": torch.from_numpy(image)},
                      {"pixel_values": transform(Image.fromarray(image))[None]}, f"{height}x{width}")
    reference.save(folder / "timm.safetensors")


write_resized()
write_processors()
write_timm()
