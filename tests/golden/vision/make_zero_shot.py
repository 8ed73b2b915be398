#!/usr/bin/env python3
"""Gives the tiny models clip and siglip tokenizers and image processors, and writes zero_shot.json: which of some labels
transformers finds on the project's sample pictures with them.

Made with transformers 5.23.0, sentencepiece 0.2.3, pillow 13.0.0, after make_image_text_models.py:
    python tests/golden/vision/make_zero_shot.py
"""
import json
import pathlib
import string

import sentencepiece
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor, CLIPTokenizer, SiglipModel, SiglipTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

HERE = pathlib.Path(__file__).resolve().parent
WORDS = 54  # in both vocabularies
LABELS = ["cat", "cup of coffee", "teapot", "otter", "a quite remarkably long-winded hippopotamus, isn't it"]
PROMPT = "a photo of a {}"


def clip():
    letters = list(string.ascii_lowercase)
    tokens = letters + [letter + "</w>" for letter in letters] + ["<|startoftext|>", "<|endoftext|>"]
    assert len(tokens) == WORDS
    tokenizer = CLIPTokenizer(vocab={token: i for i, token in enumerate(tokens)}, merges=[], model_max_length=20)
    images = CLIPImageProcessorPil(size={"shortest_edge": 24}, crop_size={"height": 20, "width": 20})
    CLIPProcessor(images, tokenizer).save_pretrained(HERE / "clip")
    return CLIPModel, tokenizer, images, dict(padding=True, truncation=True)


def siglip():
    folder = HERE / "siglip"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a photo of a cat", "the quick brown fox jumps over a lazy dog", string.ascii_lowercase]),
        model_prefix=str(folder / "spiece"), vocab_size=WORDS, model_type="unigram", character_coverage=1.0, minloglevel=2,
        normalization_rule_name="identity", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False)
    (folder / "spiece.vocab").unlink()
    config = {"tokenizer_class": "SiglipTokenizer", "model_input_names": ["input_ids"], "model_max_length": 24}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    images = {"size": {"height": 20, "width": 20}}
    config = {"image_processor_type": "SiglipImageProcessor"} | images
    (folder / "preprocessor_config.json").write_text(json.dumps(config) + "\n")
    tokenizer = SiglipTokenizer.from_pretrained(folder)
    return SiglipModel, tokenizer, SiglipImageProcessorPil(**images), dict(padding="max_length", max_length=24, truncation=True)


results = {}
for make in (clip, siglip):
    model_class, tokenizer, images, padding = make()
    model = model_class.from_pretrained(HERE / make.__name__, attn_implementation="eager").eval()
    texts = tokenizer([PROMPT.replace("{}", label) for label in LABELS], return_tensors="pt", **padding)
    found = results[make.__name__] = {}
    for name in ("chelsea.png", "coffee.png"):
        image = Image.open(HERE.parents[2] / "samples" / name).convert("RGB")
        with torch.no_grad():
            logits = model(**texts, **images(image, return_tensors="pt")).logits_per_image
        scores = (logits.softmax(-1) if make is clip else logits.sigmoid())[0]
        order = scores.argsort(descending=True).tolist()
        found[name] = [{"label": LABELS[i], "score": round(scores[i].item(), 6)} for i in order]
(HERE / "zero_shot.json").write_text(json.dumps({"labels": LABELS, "prompt": PROMPT} | results, indent=1) + "\n")
