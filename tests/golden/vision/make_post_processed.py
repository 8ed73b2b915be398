#!/usr/bin/env python3
"""Writes post_processed.json beside this script: what transformers makes of detectors' and depth models' results.

Made with transformers 5.23.0, torch 2.15.0 (float32, CPU):
    python tests/golden/vision/make_post_processed.py
"""
import json
import pathlib
from types import SimpleNamespace

import torch
from transformers import DetrImageProcessor, DPTImageProcessor

HERE = pathlib.Path(__file__).resolve().parent
SIZES = [(37, 53), (480, 7)]  # height and width of the pictures


def rounded(tensor):
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def main():
    torch.manual_seed(1)
    logits, boxes = 2 * torch.randn(2, 6, 4), torch.rand(2, 6, 4)
    found = DetrImageProcessor().post_process_object_detection(
        SimpleNamespace(logits=logits, pred_boxes=boxes), threshold=0.5, target_sizes=SIZES)
    assert all(0 < len(one["scores"]) < 6 for one in found)
    depth = torch.rand(2, 5, 6)
    sizes = [(3, 9), (11, 4)]
    resized = DPTImageProcessor().post_process_depth_estimation(SimpleNamespace(predicted_depth=depth), target_sizes=sizes)
    result = {
        "boxes": {"logits": rounded(logits), "pred_boxes": rounded(boxes), "sizes": SIZES, "threshold": 0.5,
                  "found": [{key: value.tolist() if key == "labels" else rounded(value) for key, value in one.items()} for one in found]},
        "depth": {"predicted_depth": rounded(depth), "sizes": sizes, "resized": [rounded(one["predicted_depth"]) for one in resized]},
    }
    (HERE / "post_processed.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
