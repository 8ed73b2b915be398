#!/usr/bin/env python3
"""Writes chats/: a tokenizer and chat templates for the models beside this script, and chats.json, what transformers'
processors and models make of conversations with pictures.

Made with transformers 5.23.0, torch on the CPU and Pillow, after make_tiny_models.py:
    python tests/golden/vision_language/make_chats.py
"""
import base64
import io
import json
import pathlib
import sys

import torch
import transformers
from PIL import Image
from tokenizers import Tokenizer, decoders, models, processors
from transformers import AutoModelForImageTextToText, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make_prompts import CASES  # noqa: E402
from tiny_model import picture  # noqa: E402

FOLDER = HERE / "chats"
SPECIAL = {"<bos>": 1, "<end_of_utterance>": 2, "<unk>": 3, "<fake_token_around_image>": 46, "<global-img>": 47,
           "<start_of_image>": 48, "<end_of_image>": 49, "<image>": 50, "<image_soft_token>": 60}
LETTERS = "abcdefghijklmnopqrstuvwxyz .,?:\n0123456789"
LOOP = ("{%% for message in messages %%}{{ message.role[0] }}: {%% for part in message.content %%}"
        "{%% if part.type == 'image' %%}%s{%% else %%}{{ part.text }}{%% endif %%}{%% endfor %%}\n{%% endfor %%}"
        "{%% if add_generation_prompt %%}a: {%% endif %%}")
TEMPLATES = {"llava": LOOP % "<image>\n", "idefics3": LOOP % "<image>",
             "gemma3": "{{ bos_token }}" + LOOP % "<start_of_image>"}


def tokenizer(name):
    """A token for each letter; a text begins with <bos>."""
    vocabulary = SPECIAL | {letter: i for i, letter in enumerate(LETTERS, 4)}
    inner = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    inner.add_special_tokens(list(SPECIAL))
    inner.decoder = decoders.Fuse()
    inner.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A $B", special_tokens=[("<bos>", 1)])
    special = dict(boi_token="<start_of_image>", eoi_token="<end_of_image>", image_token="<image_soft_token>")
    return PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<bos>", eos_token="<end_of_utterance>",
                                   unk_token="<unk>", extra_special_tokens=special if name == "gemma3" else {})


def uri(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def conversation(sizes):
    pictures = [Image.fromarray(picture(*size, sum(size))) for size in sizes]
    parts = [{"type": "image_url", "image_url": {"url": uri(one)}} for one in pictures]
    return pictures, [
        {"role": "user", "content": [parts[0], {"type": "text", "text": "what is it?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "a cat."}]},
        {"role": "user", "content": [{"type": "text", "text": "and "}, parts[1], {"type": "text", "text": " this?"}]}]


def make(name):
    class_name, arguments, _, sizes = CASES[name]
    config = json.loads((HERE / name / "preprocessor_config.json").read_text())
    images = getattr(transformers, config.pop("image_processor_type") + "Pil")(**config)
    words = tokenizer(name)
    processor = getattr(transformers, class_name)(images, words, chat_template=TEMPLATES[name], **arguments)
    model = AutoModelForImageTextToText.from_pretrained(HERE / name, attn_implementation="eager", dtype=torch.float32)
    cuts = {key: value for key, value in config.items() if "pan_and_scan" in key}
    cases = []
    for count in (1, 3):
        pictures, messages = conversation(sizes)
        messages, pictures = messages[:count], pictures[:1 if count == 1 else 2]
        plain = [{**m, "content": [{"type": "image"} if p["type"] != "text" else p for p in m["content"]]} for m in messages]
        text = processor.apply_chat_template(plain, add_generation_prompt=True)
        special = {} if not text.startswith("<bos>") else dict(add_special_tokens=False)
        given = processor(text=[text], images=[pictures], return_tensors="pt", **cuts, **special)
        given = {key: value for key, value in given.items() if key != "num_crops"}
        made = model.generate(**given, do_sample=False, max_new_tokens=12, min_new_tokens=12, use_cache=True)
        cases.append({"messages": messages, "prompt_ids": given["input_ids"][0].tolist(),
                      "generated": made[0, given["input_ids"].shape[1]:].tolist()})
    return cases


if __name__ == "__main__":
    tokenizer(None).save_pretrained(FOLDER)
    (FOLDER / "templates.json").write_text(json.dumps(TEMPLATES, indent=1) + "\n")
    (FOLDER / "chats.json").write_text(json.dumps({name: make(name) for name in TEMPLATES}, indent=1) + "\n")
