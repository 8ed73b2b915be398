#!/usr/bin/env python3
"""Writes segmented/: the tiny model segformer_segmentation with its labels made equally likely, an image processor, and what
transformers makes with them of a piece of a sample picture. picture.png is the piece, classes.png its labels' indices in its
own size, coarse.png those of the model's size.

Made with transformers 5.23.0, pillow 13.0.0: python tests/golden/vision/make_segmented.py
"""
import json
import pathlib

import torch
from PIL import Image
from transformers import SegformerForSemanticSegmentation
from transformers.models.segformer.image_processing_pil_segformer import SegformerImageProcessorPil

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = {"size": {"height": 45, "width": 62}, "resample": 2, "image_std": [0.1, 0.1, 0.1]}
processor = SegformerImageProcessorPil(**OPTIONS)
model = SegformerForSemanticSegmentation.from_pretrained(HERE / "segformer_segmentation").eval()
image = Image.open(HERE.parents[2] / "samples" / "coffee.png").convert("RGB").crop((200, 60, 331, 157))
pixels = processor(image, return_tensors="pt")
folder = HERE / "segmented"
with torch.no_grad():
    logits = model(**pixels).logits
    classifier = model.decode_head.classifier
    spread = logits.std(dim=(0, 2, 3))
    classifier.weight /= spread[:, None, None, None]
    classifier.bias -= logits.mean(dim=(0, 2, 3))
    classifier.bias /= spread
    outputs = model(**pixels)
model.save_pretrained(folder)
config = {"image_processor_type": "SegformerImageProcessor"} | OPTIONS
(folder / "preprocessor_config.json").write_text(json.dumps(config) + "\n")
image.save(folder / "picture.png")
for name, size in {"classes": [image.size[::-1]], "coarse": None}.items():
    classes = processor.post_process_semantic_segmentation(outputs, size)[0]
    Image.fromarray(classes.numpy().astype("uint8")).save(folder / f"{name}.png")
