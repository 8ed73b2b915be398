#!/usr/bin/env python3
"""Writes prompts.json: what transformers' processors make of prompts with pictures for the models beside this script.

Made with transformers 5.23.0 and Pillow, after make_tiny_models.py:
    python tests/golden/vision_language/make_prompts.py
"""
import json
import pathlib
import sys

import transformers
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from tiny_model import picture  # noqa: E402

# name: (processor, its arguments, what a prompt calls a picture, sizes)
CASES = {
    "llava": ("LlavaProcessor", dict(patch_size=4, vision_feature_select_strategy="default", num_additional_image_tokens=1),
              "<image>", [(23, 31), (16, 9)]),
    "llava_next": ("LlavaNextProcessor", dict(patch_size=4, vision_feature_select_strategy="default",
                                              num_additional_image_tokens=1), "<image>", [(23, 31), (29, 9)]),
    "llava_onevision": ("LlavaOnevisionProcessor", dict(
        num_image_tokens=9, vision_feature_select_strategy="full", vision_aspect_ratio="anyres_max_2"),
        "<image>", [(30, 35), (13, 40), (9, 9)]),
    "idefics3": ("Idefics3Processor", dict(image_seq_len=4), "<image>", [(23, 31), (40, 9), (9, 9)]),
    "smolvlm": ("Idefics3Processor", dict(image_seq_len=1), "<image>", [(23, 31)]),
    "gemma3": ("Gemma3Processor", dict(image_seq_length=4), "<start_of_image>", [(23, 31), (40, 12)]),
    "internvl": ("InternVLProcessor", dict(image_seq_length=4), "<IMG_CONTEXT>", [(23, 31), (40, 9), (9, 9)]),
    "paligemma": ("PaliGemmaProcessor", {}, "<image>", [(23, 31)]),
    "qwen2_vl": ("Qwen2VLProcessor", {}, "<|vision_start|><|image_pad|><|vision_end|>", [(13, 21), (60, 25)]),
    "qwen3_vl": ("Qwen3VLProcessor", {}, "<|vision_start|><|image_pad|><|vision_end|>", [(13, 21), (60, 25)]),
}
SPECIAL = ["<bos>", "<image>", "<fake_token_around_image>", "<end_of_utterance>", "<global-img>", "<start_of_image>",
           "<end_of_image>", "<image_soft_token>", "<|vision_start|>", "<|image_pad|>", "<|vision_end|>", "<|video_pad|>", "<img>",
           "</img>", "<IMG_CONTEXT>", *(f"<row_{i}_col_{j}>" for i in range(1, 7) for j in range(1, 7))]


def tokenizer(name):
    """A token for each byte, so that the ids tell the text."""
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner = Tokenizer(models.BPE({letter: i for i, letter in enumerate(sorted(alphabet))}, []))
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    special = {
        "gemma3": dict(boi_token="<start_of_image>", eoi_token="<end_of_image>", image_token="<image_soft_token>"),
        "internvl": dict(start_image_token="<img>", end_image_token="</img>", context_image_token="<IMG_CONTEXT>",
                         video_token="<video>")}.get(name, {})
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<bos>", eos_token="<end_of_utterance>",
                                   additional_special_tokens=SPECIAL, extra_special_tokens=special)


def make(name):
    class_name, arguments, marker, sizes = CASES[name]
    config = json.loads((HERE / name / "preprocessor_config.json").read_text())
    images = getattr(transformers, config.pop("image_processor_type") + "Pil")(**config)
    if class_name == "PaliGemmaProcessor":
        images.image_seq_length = 9
    words = tokenizer(name)
    if name in ("internvl", "llava_onevision") or class_name.startswith("Qwen"):
        arguments = arguments | dict(video_processor=getattr(transformers, class_name.replace("Proc", "VideoProc"))())
    processor = getattr(transformers, class_name)(images, words, **arguments)
    cases = []
    for chosen in (sizes[:1], sizes):
        prompt = "".join(f"Look at {marker} " for _ in chosen) + "and tell."
        pictures = [Image.fromarray(picture(*size, sum(size))) for size in chosen]
        # Gemma 3's processor cuts only when it is told to, whatever its image processor's config says.
        cuts = {key: value for key, value in config.items() if "pan_and_scan" in key}
        # Of pictures in one list, each is taken apart.
        given = pictures if name == "llava_onevision" else [pictures]
        out = processor(text=[prompt], images=given, return_tensors="pt", **cuts)
        text = words.decode(out["input_ids"][0], skip_special_tokens=False)
        cases.append({"prompt": prompt, "sizes": chosen, "text": text})
    return cases


if __name__ == "__main__":
    made = {name: make(name) for name in CASES if (HERE / name).exists()}
    (HERE / "prompts.json").write_text(json.dumps(made, indent=1) + "\n")
