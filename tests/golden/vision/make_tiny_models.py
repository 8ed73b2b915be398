#!/usr/bin/env python3
"""Makes the tiny random vision models beside this script, each with reference.safetensors for `millrace verify`.

Made with transformers 5.23.0, torch 2.15.0 (float32, eager, CPU):
    python tests/golden/vision/make_tiny_models.py [NAME...]
"""
import pathlib
import sys

import torch
import transformers
from transformers import AutoConfig

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from reference import Reference, shake  # noqa: E402


def vit(width=24, layers=2, heads=3, ffn=36, image=(24, 24), patch=8, **more):
    return dict(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=ffn,
                image_size=list(image) if image[0] != image[1] else image[0], patch_size=patch) | more


LABELS = dict(id2label={0: "cat", 1: "dog", 2: "teapot", 3: "otter", 4: "none of these"},
              label2id={"cat": 0, "dog": 1, "teapot": 2, "otter": 3, "none of these": 4})

# name: (model_type, class, config, sizes of the pictures [(batch, height, width), ...])
MODELS = {
    "vit": ("vit", "ViTForImageClassification", vit(**LABELS), [(2, 24, 24)]),
    "vit_bare": ("vit", "ViTModel", vit(width=20, heads=2, image=(16, 24), hidden_act="relu", qkv_bias=False,
                                        pooler_output_size=14), [(1, 16, 24)]),
    "deit": ("deit", "DeiTForImageClassification", vit(**LABELS), [(1, 24, 24)]),
    "deit_distilled": ("deit", "DeiTForImageClassificationWithTeacher", vit(width=30, heads=2, **LABELS),
                       [(2, 24, 24)]),
    "deit_bare": ("deit", "DeiTModel", vit(), [(1, 24, 24)]),
    "beit": ("beit", "BeitForImageClassification", vit(use_relative_position_bias=True, **LABELS),
             [(2, 24, 24), (1, 32, 32), (1, 16, 40)]),
    "beit_shared": ("beit", "BeitModel", vit(use_shared_relative_position_bias=True, use_mean_pooling=False,
                                             layer_scale_init_value=0.0,
                                             image=(16, 24)), [(1, 16, 24)]),
    "dit": ("beit", "BeitForImageClassification", vit(use_absolute_position_embeddings=True, use_mask_token=True,
                                                      **LABELS), [(1, 24, 24), (1, 40, 24)]),
    "dinov2": ("dinov2", "Dinov2Model", vit(patch=7, image=(21, 21), mlp_ratio=3), [(2, 21, 21), (1, 30, 44)]),
    "dinov2_gated": ("dinov2", "Dinov2ForImageClassification", vit(use_swiglu_ffn=True, patch=7, image=(21, 21),
                                                                   **LABELS), [(1, 21, 28)]),
    "dinov2_registers": ("dinov2_with_registers", "Dinov2WithRegistersForImageClassification",
                         vit(num_register_tokens=3, image=(24, 24), **LABELS), [(2, 24, 24), (1, 32, 16)]),
}
RESULTS = ("logits", "last_hidden_state", "pooler_output")


def make(name):
    model_type, class_name, config, sizes = MODELS[name]
    config.pop("intermediate_size", None) if "dinov2" in model_type else None
    torch.manual_seed(len(name))
    settings = AutoConfig.for_model(model_type, **config)
    settings.architectures = [class_name]
    model = getattr(transformers, class_name)._from_config(settings, attn_implementation="eager").eval()
    shake(model, seed=len(name))
    for key, buffer in model.named_buffers():
        if key.endswith("running_mean"):
            buffer.copy_(0.3 * torch.randn(buffer.shape))
        elif key.endswith("running_var"):
            buffer.copy_(0.5 + torch.rand(buffer.shape))
    folder = HERE / name
    model.save_pretrained(folder)
    for file in folder.glob("*.md"):
        file.unlink()
    reference = Reference()
    for case, (batch, height, width) in enumerate(sizes):
        generator = torch.Generator().manual_seed(case)
        pixels = torch.randn((batch, settings.num_channels, height, width), generator=generator)
        with torch.no_grad():
            out = model(pixel_values=pixels)
        results = {key: out[key] for key in RESULTS if out.get(key) is not None}
        reference.add("forward", {"pixel_values": pixels}, results, None if len(sizes) == 1 else f"c{case}")
    reference.save(folder / "reference.safetensors")
    print(name, sum(file.stat().st_size for file in folder.iterdir()) // 1024, "KB", flush=True)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or MODELS:
        make(wanted)
