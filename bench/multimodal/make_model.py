"""Makes a full-size SmolVLM-256M with seeded random weights: for speed and memory, where the real ones cannot be had.

    python make_model.py FOLDER [--seed 0]

Sizes are those of the published configuration (HuggingFaceTB/SmolVLM-256M-Instruct); the tokenizer knows bytes and the
special tokens, in their published places. transformers 5.23.0, torch, bfloat16 weights.
"""
import argparse
import json
import pathlib

import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

TEXT = dict(model_type="llama", hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
            num_key_value_heads=3, head_dim=64, vocab_size=49280, rms_norm_eps=1e-5, max_position_embeddings=8192,
            rope_parameters={"rope_type": "default", "rope_theta": 100000.0}, tie_word_embeddings=False)
VISION = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, image_size=512,
              patch_size=16, hidden_act="gelu_pytorch_tanh")
CONFIG = dict(text_config=TEXT, vision_config=VISION, scale_factor=4, image_token_id=49190, tie_word_embeddings=False)
PREPROCESSOR = dict(image_processor_type="Idefics3ImageProcessor", do_convert_rgb=True, do_resize=True, size={"longest_edge": 2048},
                    resample=1, do_image_splitting=True, max_image_size={"longest_edge": 512}, do_rescale=True,
                    rescale_factor=1 / 255, do_normalize=True, image_mean=[0.5] * 3, image_std=[0.5] * 3, do_pad=True)
TEMPLATE = ("<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
            "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% else %} {{ part['text'] }}{% endif %}"
            "{% endfor %}<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}")


def special_tokens():
    places = {1: "<|im_start|>", 2: "<|im_end|>", 49152: "<global-img>", 49189: "<fake_token_around_image>", 49190: "<image>",
              49279: "<end_of_utterance>"}
    cells = [(row, column) for row in range(1, 7) for column in range(1, 7)]
    return places | {49153 + i: f"<row_{row}_col_{column}>" for i, (row, column) in enumerate(cells)}


def make_tokenizer(folder):
    special = special_tokens()
    letters = iter(sorted(pre_tokenizers.ByteLevel.alphabet()))
    words = {}
    for place in range(TEXT["vocab_size"]):
        words[special.get(place) or next(letters, None) or f"<word {place}>"] = place
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for _, text in sorted(special.items())])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|im_start|>", "eos_token": "<end_of_utterance>",
         "pad_token": "<|im_end|>", "chat_template": TEMPLATE}, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    config = transformers.AutoConfig.for_model("idefics3", **CONFIG)
    model = transformers.AutoModelForImageTextToText.from_config(config, dtype=torch.bfloat16)
    model.generation_config = transformers.GenerationConfig(eos_token_id=49279, pad_token_id=2)
    model.save_pretrained(options.folder)
    make_tokenizer(options.folder)
    (options.folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2))
    (options.folder / "processor_config.json").write_text(json.dumps({"processor_class": "Idefics3Processor", "image_seq_len": 64}))
    print(f"{options.folder}: {sum(p.numel() for p in model.parameters()) / 1e6:.0f} million weights")


if __name__ == "__main__":
    main()
