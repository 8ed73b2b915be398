#!/usr/bin/env python3
"""Writes gguf_FAMILY/: a model of random weights of each family as llama.cpp's converter would write it, in Q8_0, and
what transformers makes of the same values (reference.safetensors, for `millrace verify`).

Needs: gguf==0.19.0 transformers==5.23.0 torch safetensors
Usage: make_gguf_families.py [FAMILY…]
"""
import pathlib
import sys

import gguf
import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from reference import Reference, shake  # noqa: E402

SIZES = {"vocab_size": 96, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "intermediate_size": 96, "max_position_embeddings": 128, "pad_token_id": 0}  # fmt: skip
# What differs from SIZES; whether the converter rearranges queries and keys; keys of its own.
FAMILIES = {
    "qwen2": ({}, False, {}),
    "qwen3": ({"head_dim": 32}, False, {}),
    "gemma": ({"head_dim": 32}, False, {}),
    "gemma2": ({"num_hidden_layers": 26, "hidden_size": 32, "intermediate_size": 32, "head_dim": 32, "sliding_window": 6,
                "num_attention_heads": 1, "num_key_value_heads": 1, "query_pre_attn_scalar": 256,
                "attn_logit_softcapping": 5.0, "final_logit_softcapping": 4.0},
               False,
               {"attn_logit_softcapping": 5.0, "final_logit_softcapping": 4.0, "attention.sliding_window": 6}),
    "granite": ({"embedding_multiplier": 3.0, "attention_multiplier": 0.3, "residual_multiplier": 0.5,
                 "logits_scaling": 2.0},
                True,
                {"embedding_scale": 3.0, "attention.scale": 0.3, "residual_scale": 0.5, "logit_scale": 2.0}),
    "olmo2": ({}, False, {}),
    "starcoder2": ({}, False, {}),
    "smollm3": ({"num_hidden_layers": 4}, True, {}),
}  # fmt: skip


def halves_to_pairs(values, heads):
    """Row s * D/2 + i of each head of D rows goes to 2 i + s."""
    return values.reshape(heads, 2, len(values) // heads // 2, -1).swapaxes(1, 2).reshape(values.shape)


def pairs_to_halves(values, heads):
    return values.reshape(heads, len(values) // heads // 2, 2, -1).swapaxes(1, 2).reshape(values.shape)


def write(family, changes, permuted, keys):
    out = FOLDER / f"gguf_{family}"
    out.mkdir(exist_ok=True)
    config = AutoConfig.for_model(family, **{**SIZES, **changes})
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32).eval()
    shake(model, 5)
    if config.tie_word_embeddings:
        model.tie_weights()
    state = model.state_dict()
    writer = gguf.GGUFWriter(out / "model.gguf", family)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if getattr(config, "head_dim", None):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if hasattr(config, "rms_norm_eps"):
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    else:
        writer.add_layer_norm_eps(config.norm_epsilon)
    writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
    for key, value in keys.items():
        name = f"{family}.{key}"
        writer.add_uint32(name, value) if isinstance(value, int) else writer.add_float32(name, value)
    architecture = next(a for a, name in gguf.MODEL_ARCH_NAMES.items() if name == family)
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    kind = gguf.GGMLQuantizationType.Q8_0
    for name in sorted(state):
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        stored = names.get_name(name, try_suffixes=(".weight", ".bias"))
        values = state[name].numpy().copy()
        heads = 0
        if permuted and ".attn_q." in stored:
            heads = config.num_attention_heads
        if permuted and ".attn_k." in stored:
            heads = config.num_key_value_heads
        if heads:
            values = halves_to_pairs(values, heads)
        if family.startswith("gemma") and "norm" in stored:
            values = values + 1
        if values.ndim == 1:
            writer.add_tensor(stored, values)
            continue
        blocks = gguf.quants.quantize(np.ascontiguousarray(values), kind)
        writer.add_tensor(stored, blocks, raw_dtype=kind)
        values = gguf.quants.dequantize(blocks, kind)
        state[name].copy_(torch.from_numpy(np.ascontiguousarray(pairs_to_halves(values, heads) if heads else values)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    ids = torch.tensor([[3, 77, 12, 95, 0, 41, 8, 63, 30, 29, 5, 88]])
    reference = Reference()
    with torch.no_grad():
        reference.add("forward", {"input_ids": ids}, {"logits": model(ids).logits})
    reference.save(out / "reference.safetensors")
    for file in out.iterdir():
        file.chmod(0o644)


def main():
    for family, (changes, permuted, keys) in FAMILIES.items():
        if len(sys.argv) == 1 or family in sys.argv:
            write(family, changes, permuted, keys)


main()
