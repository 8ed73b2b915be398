#!/usr/bin/env python3
"""Writes classified.json: what transformers makes of the project's sample pictures with the tiny model vit and
the image processor that it is given here.

Made with transformers 5.23.0, pillow 13.0.0: python tests/golden/vision/make_classified.py
"""
import json
import pathlib

import torch
from PIL import Image
from transformers import ViTForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = {"size": {"height": 24, "width": 24}, "resample": 3, "image_std": [0.7, 0.8, 0.9]}
folder = HERE / "vit"
config = {"image_processor_type": "ViTImageProcessor"} | OPTIONS
(folder / "preprocessor_config.json").write_text(json.dumps(config) + "\n")
processor = ViTImageProcessorPil(**OPTIONS)
model = ViTForImageClassification.from_pretrained(folder).eval()
results = {}
for name in ("chelsea.png", "coffee.png"):
    image = Image.open(HERE.parents[2] / "samples" / name).convert("RGB")
    with torch.no_grad():
        scores = model(**processor(image, return_tensors="pt")).logits.softmax(-1)[0]
    order = scores.argsort(descending=True).tolist()
    results[name] = [{"label": model.config.id2label[i], "score": round(scores[i].item(), 6)} for i in order]
(HERE / "classified.json").write_text(json.dumps(results, indent=1) + "\n")
