#!/usr/bin/env python3
"""Makes the tiny random models of pictures and texts beside this script, each with reference.safetensors for
`millrace verify`.

Made with transformers 5.23.0, torch 2.15.0 (float32, eager, CPU):
    python tests/golden/vision/make_image_text_models.py [NAME...]
"""
import pathlib
import sys

import torch
import transformers
from transformers import AutoConfig

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from reference import Reference, shake  # noqa: E402


def image(width=24, layers=2, heads=3, ffn=28, size=20, patch=6, **more):
    return dict(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=ffn,
                image_size=size, patch_size=patch) | more


def text(width=20, layers=2, heads=2, ffn=28, words=54, positions=24, **more):
    return dict(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=ffn,
                vocab_size=words, max_position_embeddings=positions) | more


LABELS = dict(id2label={0: "cat", 1: "dog", 2: "teapot"}, label2id={"cat": 0, "dog": 1, "teapot": 2})
END = 53  # of a text

# name: (model_type, class, config)
MODELS = {
    "clip": ("clip", "CLIPModel", dict(projection_dim=14, vision_config=image(), text_config=text(eos_token_id=END))),
    # Texts end at the highest id, where the config has what was once wrong in all of them.
    "clip_highest": ("clip", "CLIPModel", dict(projection_dim=9, vision_config=image(layers=1, hidden_act="gelu", layer_norm_eps=1e-3),
                                               text_config=text(hidden_act="gelu", eos_token_id=2))),
    "clip_classifier": ("clip", "CLIPForImageClassification",
                        dict(vision_config=image(size=18), text_config=text(layers=1), **LABELS)),
    "clip_vision": ("clip_vision_model", "CLIPVisionModel", image(width=30, heads=2, num_channels=1)),
    "clip_vision_projected": ("clip_vision_model", "CLIPVisionModelWithProjection", image(projection_dim=10)),
    "clip_text": ("clip_text_model", "CLIPTextModel", text(eos_token_id=END)),
    "clip_text_projected": ("clip_text_model", "CLIPTextModelWithProjection", text(projection_dim=10, eos_token_id=END)),
    "siglip": ("siglip", "SiglipModel", dict(vision_config=image(width=20, heads=4), text_config=text(heads=4))),
    "siglip_narrow": ("siglip", "SiglipModel", dict(vision_config=image(layers=1, patch=7, hidden_act="relu"),
                                                    text_config=text(projection_size=24, hidden_act="gelu"))),
    "siglip_classifier": ("siglip", "SiglipForImageClassification",
                          dict(vision_config=image(), text_config=text(layers=1), **LABELS)),
    "siglip_vision": ("siglip_vision_model", "SiglipVisionModel", image()),
    "siglip_vision_headless": ("siglip_vision_model", "SiglipVisionModel", image(vision_use_head=False)),
    "siglip_text": ("siglip_text_model", "SiglipTextModel", text(projection_size=7)),
}
RESULTS = ("logits", "logits_per_image", "logits_per_text", "text_embeds", "image_embeds", "last_hidden_state",
           "pooler_output")


def results_of(out):
    return {key: out[key] for key in RESULTS if out.get(key) is not None}


def texts_of(config, batch, length, generator):
    ids = torch.randint(3, END, (batch, length), generator=generator)
    for i in range(batch):
        ids[i, length - 1 - 2 * i:] = END  # and padding by the same token
    return ids


def inputs_of(config, seed):
    """Pictures, texts, texts of another length with a mask, as the model takes them."""
    generator = torch.Generator().manual_seed(seed)
    vision = getattr(config, "vision_config", config)
    pixels = torch.randn((2, getattr(vision, "num_channels", 3), vision.image_size, vision.image_size),
                         generator=generator) if hasattr(vision, "image_size") else None
    words = getattr(config, "text_config", config)
    if not hasattr(words, "vocab_size"):
        return pixels, []
    mask = torch.ones((2, 7), dtype=torch.int64)
    mask[1, 4:] = 0
    return pixels, [dict(input_ids=texts_of(words, 3, 12, generator)),
                    dict(input_ids=texts_of(words, 2, 7, generator), attention_mask=mask)]


def make(name):
    model_type, class_name, config = MODELS[name]
    torch.manual_seed(len(name))
    settings = AutoConfig.for_model(model_type, **config)
    settings.architectures = [class_name]
    model = getattr(transformers, class_name)._from_config(settings, attn_implementation="eager").eval()
    shake(model, seed=len(name))
    with torch.no_grad():
        for parameter in ("logit_scale", "logit_bias"):
            if hasattr(model, parameter):
                getattr(model, parameter).copy_(torch.tensor(1.3 if parameter == "logit_scale" else -2.1))
    folder = HERE / name
    model.save_pretrained(folder)
    for file in folder.glob("*.md"):
        file.unlink()
    reference = Reference()
    pixels, texts = inputs_of(settings, seed=len(name))
    classifies = class_name.endswith("Classification")
    texts = [] if classifies else texts
    with torch.no_grad():
        if pixels is not None and texts:
            for case, words in enumerate(texts):
                given = dict(pixel_values=pixels) | words
                reference.add("forward", given, results_of(model(**given)), f"c{case}")
                reference.add("text_model", words, results_of(model.text_model(**words)), f"c{case}")
        elif texts:
            for case, words in enumerate(texts):
                reference.add("forward", words, results_of(model(**words)), f"c{case}")
        else:
            reference.add("forward", dict(pixel_values=pixels), results_of(model(pixel_values=pixels)))
        if pixels is not None:
            encoder = getattr(model, "vision_model", model)
            reference.add("vision_model", dict(pixel_values=pixels), results_of(encoder(pixel_values=pixels)))
    reference.save(folder / "reference.safetensors")
    print(name, sum(file.stat().st_size for file in folder.iterdir()) // 1024, "KB", flush=True)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or MODELS:
        make(wanted)
