"""Writes beams.json: what transformers 5.23.0's beam search makes of toy models without weights.

    python make_beams.py

A toy's logits are a hash of the seed, the last two tokens and the next one (`toy_logit`), which the test computes
as well.
"""

import json
import random
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM
from transformers.modeling_outputs import CausalLMOutputWithPast


def toy_logit(seed, before, last, token):
    h = (seed * 0x9E3779B1 + before * 0x85EBCA77 + last * 0xC2B2AE3D + token * 0x27D4EB2F) & 0xFFFFFFFF
    for _ in range(2):
        h = ((h ^ (h >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return (h >> 8) / 2**24


class Toy(LlamaForCausalLM):
    def __init__(self, vocabulary, seed, scale):
        super().__init__(
            LlamaConfig(
                vocab_size=vocabulary, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1
            )
        )
        self.seed, self.scale = seed, scale

    def forward(self, input_ids=None, **_):
        rows = [
            [
                toy_logit(self.seed, row[-2], row[-1], token) * self.scale
                for token in range(self.config.vocab_size)
            ]
            for row in input_ids.tolist()
        ]
        return CausalLMOutputWithPast(logits=torch.tensor(rows, dtype=torch.float32).unsqueeze(1))


def main():
    rng = random.Random(3)
    cases = []
    for seed in range(240):
        vocabulary = rng.choice([30, 64])
        ends = rng.sample(range(vocabulary), rng.choice([1, 1, 2, 3]))
        options = {
            "num_beams": rng.choice([1, 2, 3, 5]),
            "length_penalty": rng.choice([1.0, 1.0, 0.0, 2.0, -1.0, 0.5]),
            "early_stopping": rng.choice([True, False, "never"]),
            "max_new_tokens": rng.choice([1, 4, 12, 25]),
            "eos_token_id": ends,
        }
        options["num_return_sequences"] = rng.randint(1, options["num_beams"])
        if rng.random() < 0.3:
            options["repetition_penalty"] = 1.3
        if rng.random() < 0.3:
            options["no_repeat_ngram_size"] = 2
        if rng.random() < 0.3:
            options["min_new_tokens"] = 3
        if options["num_beams"] == 1:
            options["num_beams"] = 2
        prompt = [rng.randrange(vocabulary) for _ in range(3)]
        scale = rng.choice([4.0, 8.0, 12.0])
        toy = Toy(vocabulary, seed, scale)
        config = GenerationConfig(
            **options, use_cache=False, pad_token_id=vocabulary - 1, output_scores=True, return_dict_in_generate=True
        )
        result = toy.generate(torch.tensor([prompt]), generation_config=config)
        sequences = []
        for row, score in zip(result.sequences.tolist(), result.sequences_scores.tolist()):
            tokens = []
            for token in row[len(prompt) :]:
                if token in ends:
                    break
                tokens.append(token)
            sequences.append([tokens[: options["max_new_tokens"]], score])
        cases.append(
            {
                "vocabulary": vocabulary,
                "seed": seed,
                "scale": scale,
                "prompt": prompt,
                "options": options,
                "sequences": sequences,
            }
        )
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_name("beams.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
