#!/usr/bin/env python3
"""Writes detected/: the tiny model yolos with surer labels, an image processor, and detected.json: what transformers makes with
them of the project's sample pictures, every query's box (a threshold of 0) in the pictures' own pixels.

Made with transformers 5.23.0, pillow 13.0.0: python tests/golden/vision/make_detected.py
"""
import json
import pathlib

import torch
from PIL import Image
from transformers import YolosForObjectDetection
from transformers.models.yolos.image_processing_pil_yolos import YolosImageProcessorPil

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = {"size": {"shortest_edge": 40, "longest_edge": 70}, "image_std": [0.2, 0.2, 0.2]}
processor = YolosImageProcessorPil(**OPTIONS)
model = YolosForObjectDetection.from_pretrained(HERE / "yolos").eval()
with torch.no_grad():
    last = model.class_labels_classifier.layers[-1]
    last.weight *= 8
    last.bias[-1] -= 9  # nothing
folder = HERE / "detected"
model.save_pretrained(folder)
config = {"image_processor_type": "YolosImageProcessor"} | OPTIONS
(folder / "preprocessor_config.json").write_text(json.dumps(config) + "\n")
results = {}
for name in ("chelsea.png", "coffee.png"):
    image = Image.open(HERE.parents[2] / "samples" / name).convert("RGB")
    with torch.no_grad():
        outputs = model(processor(image, return_tensors="pt").pixel_values)
    found = processor.post_process_object_detection(outputs, 0, [image.size[::-1]])[0]
    order = found["scores"].argsort(descending=True).tolist()
    results[name] = [{"label": model.config.id2label[found["labels"][i].item()], "score": round(found["scores"][i].item(), 6),
                      "box": [round(x, 3) for x in found["boxes"][i].tolist()]} for i in order]
(folder / "detected.json").write_text(json.dumps(results, indent=1) + "\n")
