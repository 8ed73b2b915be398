#!/usr/bin/env python3
"""Makes the tiny random Whispers of awkward sizes beside this script, each with reference.safetensors.

Made with transformers 5.23.0, torch 2.15.0 (float32, eager, CPU), ctranslate2 4.8.5:
    python tests/golden/speech/make_tiny_whispers.py
"""

import json
import math
import pathlib
import shutil
import sys

import ctranslate2.converters.transformers
import torch
from safetensors.torch import load_file, save_file
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from reference import Reference, clear_winners, shake  # noqa: E402

START, END = 1, 2
SMALL = dict(decoder_start_token_id=START, bos_token_id=END, eos_token_id=END, pad_token_id=END,
             begin_suppress_tokens=[3, END], suppress_tokens=[4, 5])

MODELS = {
    # Heads of 12, more encoder than decoder layers; scale_embedding, which transformers ignores.
    "heads_of_12": dict(config=dict(d_model=24, encoder_layers=3, decoder_layers=2, encoder_attention_heads=2,
                                    decoder_attention_heads=2, encoder_ffn_dim=52, decoder_ffn_dim=44, vocab_size=101,
                                    max_source_positions=21, max_target_positions=24, scale_embedding=True),
                        seconds=1),
    # 128 bands, heads of 20 and of 10, another GELU, stored as float16.
    "bands_128": dict(config=dict(d_model=40, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2,
                                  decoder_attention_heads=4, encoder_ffn_dim=37, decoder_ffn_dim=41, vocab_size=67,
                                  num_mel_bins=128, max_source_positions=19, max_target_positions=13,
                                  activation_function="gelu_new"),
                      seconds=1, dtype=torch.float16),
    # A head of its own, ReLU, random encoder positions, several files.
    "untied_sharded": dict(config=dict(d_model=30, encoder_layers=1, decoder_layers=3, encoder_attention_heads=3,
                                       decoder_attention_heads=5, encoder_ffn_dim=64, decoder_ffn_dim=31,
                                       vocab_size=131, max_source_positions=17, max_target_positions=19,
                                       activation_function="relu", tie_word_embeddings=False),
                           shard="60KB", random_positions=True),
    # One head, stored as bfloat16 without the encoder's positions, which are sines then; wide ffn; 1 layer each.
    "bfloat16": dict(config=dict(d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=1,
                                 decoder_attention_heads=1, encoder_ffn_dim=130, decoder_ffn_dim=129, vocab_size=83,
                                 max_source_positions=23, max_target_positions=16, activation_function="silu"),
                     dtype=torch.bfloat16, drop=["model.encoder.embed_positions.weight"]),
    # An encoder without layers, heads of 1, and nothing but a config.json of transformers 4 beside the weights.
    "layerless": dict(config=dict(d_model=6, encoder_layers=0, decoder_layers=1, encoder_attention_heads=3,
                                  decoder_attention_heads=6, encoder_ffn_dim=5, decoder_ffn_dim=7, vocab_size=53,
                                  num_mel_bins=23, max_source_positions=9, max_target_positions=8,
                                  activation_function="quick_gelu"), transformers4=True),
}


def make_model(spec, seed):
    config = WhisperConfig(**SMALL, **spec["config"], attn_implementation="eager")
    model = WhisperForConditionalGeneration(config).eval()
    positions = model.model.encoder.embed_positions.weight.detach().clone()
    shake(model, seed)
    if not spec.get("random_positions"):
        model.model.encoder.embed_positions.weight.data.copy_(positions)
    if dtype := spec.get("dtype"):  # what the file will hold
        for name, parameter in model.named_parameters():
            if name not in spec.get("drop", []):
                parameter.data.copy_(parameter.data.to(dtype).float())
    return model


def extractor(spec):
    return WhisperFeatureExtractor(feature_size=spec["config"].get("num_mel_bins", 80),
                                   chunk_length=spec.get("seconds", 30))


def greedy(model, features, count):
    """The likeliest tokens one by one, or None where rounding could change one."""
    states = model.model.encoder(features)
    ids = torch.full((features.shape[0], 1), START)
    for _ in range(count):
        logits = model(encoder_outputs=states, decoder_input_ids=ids).logits[:, -1]
        if not clear_winners(logits):
            return None
        ids = torch.cat([ids, logits.argmax(-1, keepdim=True)], dim=1)
    return ids[:, 1:]


def reference(model, spec):
    config = model.config
    frames = 2 * config.max_source_positions
    generator = torch.Generator().manual_seed(11)

    def features(batch):
        return torch.randn(batch, config.num_mel_bins, frames, generator=generator)

    result = Reference()
    for case, batch in ((None, 1), ("b2", 2)):
        given = features(batch)
        result.add("encoder", {"input_features": given},
                   {"last_hidden_state": model.model.encoder(given).last_hidden_state}, case)
    for case, batch, length in ((None, 1, 1), ("b2", 2, 7), ("full", 1, config.max_target_positions)):
        ids = torch.randint(0, config.vocab_size, (batch, length), generator=generator)
        states = torch.randn(batch, config.max_source_positions, config.d_model, generator=generator)
        logits = model(encoder_outputs=BaseModelOutput(states), decoder_input_ids=ids).logits
        result.add("text_decoder", {"decoder_input_ids": ids, "encoder_hidden_states": states}, {"logits": logits},
                   case)
    given, ids = features(2), torch.randint(0, config.vocab_size, (2, 3), generator=generator)
    out = model(input_features=given, decoder_input_ids=ids)
    result.add("forward", {"input_features": given, "decoder_input_ids": ids},
               {"logits": out.logits, "encoder_last_hidden_state": out.encoder_last_hidden_state})
    for _ in range(50):
        given = features(2)
        ids = greedy(model, given, config.max_target_positions - 1)
        if ids is not None:
            result.add("generate", {"input_features": given}, {"sequences": ids})
            break
    if "seconds" in spec:
        for case, samples in ((None, 5003), ("b2", 900))[: 2 if config.num_mel_bins == 80 else 1]:
            time = torch.arange(samples) / 16000
            wave = 0.3 * torch.sin(2 * math.pi * (300 + 900 * time) * time)
            wave += 0.02 * torch.randn(samples, generator=generator)
            if case:
                wave = torch.stack([wave, wave.flip(0)])
            given = extractor(spec)(list(wave.numpy()) if case else wave.numpy(), sampling_rate=16000,
                                    return_tensors="pt").input_features
            result.add("preprocess", {"waveform": wave}, {"input_features": given}, case)
    return result


def save(model, spec, folder):
    shutil.rmtree(folder, ignore_errors=True)
    stored = {} if "dtype" not in spec else {"dtype": spec["dtype"]}
    to_save = model if not stored else WhisperForConditionalGeneration(model.config).to(spec["dtype"])
    to_save.load_state_dict(model.state_dict())
    to_save.save_pretrained(folder, max_shard_size=spec.get("shard", "5GB"))
    if drop := spec.get("drop"):
        weights = load_file(folder / "model.safetensors")
        save_file({k: v for k, v in weights.items() if k not in drop}, folder / "model.safetensors",
                  metadata={"format": "pt"})
    if not spec.get("transformers4"):
        extractor(spec).save_pretrained(folder)
        return
    (folder / "generation_config.json").unlink()
    config = json.loads((folder / "config.json").read_text())
    config |= {"torch_dtype": config.pop("dtype", None), "transformers_version": "4.38.0",
               "num_hidden_layers": config["encoder_layers"]}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def save_ctranslate2(model, folder):
    """The converter's own way, without a tokenizer; its config.json holds lists that generation uses."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    loader = ctranslate2.converters.transformers.WhisperLoader()
    spec = loader.get_model_spec(model)
    spec.register_vocabulary([f"<{i}>" for i in range(model.config.vocab_size)])
    spec.validate()
    spec.optimize(quantization="float32")
    spec.save(str(folder))
    (folder / "vocabulary.json").unlink()
    config = {"suppress_ids": [4, 5], "suppress_ids_begin": [3, END], "alignment_heads": [[1, 0], [1, 1]],
              "lang_ids": [6, 7], "decoder_start_token_id": START}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


@torch.no_grad()
def main():
    for seed, (name, spec) in enumerate(MODELS.items()):
        model = make_model(spec, seed)
        save(model, spec, HERE / name)
        expected = reference(model, spec)
        expected.save(HERE / name / "reference.safetensors")
        if name == "heads_of_12":
            save_ctranslate2(model, HERE / "heads_of_12_ctranslate2")  # of the same reference
            extractor(spec).save_pretrained(HERE / "heads_of_12_ctranslate2")
        print(name, sum(f.stat().st_size for f in (HERE / name).iterdir()), "bytes,", len(expected.tensors), "tensors")


if __name__ == "__main__":
    main()
