#!/usr/bin/env python3
"""Writes gguf_llama/: a Llama of random weights as llama.cpp's converter would write it, quantised in several ways, and
what transformers makes of it (reference.safetensors, for `millrace verify`).

Needs: gguf==0.19.0 transformers==5.23.0 torch safetensors
Usage: make_gguf_llama.py
"""
import pathlib
import sys

import gguf
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from reference import Reference, shake  # noqa: E402

OUT = FOLDER / "gguf_llama"
TYPES = {"attn_q": "Q4_0", "attn_k": "Q4_1", "attn_v": "Q8_0", "attn_output": "Q5_0", "ffn_gate": "Q5_1", "ffn_up": "Q5_1",
         "ffn_down": "Q4_1", "token_embd": "Q8_0"}  # fmt: skip
NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
         "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
         "post_attention_layernorm": "ffn_norm"}  # fmt: skip


def gguf_name(name):
    if name == "model.embed_tokens.weight":
        return "token_embd.weight"
    if name == "model.norm.weight":
        return "output_norm.weight"
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def halves_to_pairs(weight, heads):
    """Row s * D/2 + i of each head of D rows goes to 2 i + s."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def main():
    OUT.mkdir(exist_ok=True)
    config = LlamaConfig(vocab_size=96, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, intermediate_size=96, max_position_embeddings=128,
                         rms_norm_eps=1e-5, rope_theta=5000.0, tie_word_embeddings=True)  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    shake(model, 5)
    state = model.state_dict()
    writer = gguf.GGUFWriter(OUT / "model.gguf", "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(5000.0)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    for name in sorted(state):
        if name == "lm_head.weight":
            continue
        values = state[name].numpy()
        stored = gguf_name(name)
        short = stored.split(".")[-2]
        heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(short)
        if heads:
            values = halves_to_pairs(values, heads)
        if short not in TYPES:
            writer.add_tensor(stored, values)
            continue
        kind = gguf.GGMLQuantizationType[TYPES[short]]
        blocks = gguf.quants.quantize(np.ascontiguousarray(values), kind)
        writer.add_tensor(stored, blocks, raw_dtype=kind)
        values = gguf.quants.dequantize(blocks, kind)
        if heads:  # back again
            rows, columns = values.shape
            values = values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
        state[name].copy_(torch.from_numpy(np.ascontiguousarray(values)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    read = LlamaForCausalLM.from_pretrained(OUT, gguf_file="model.gguf", dtype=torch.float32).eval()
    for name, values in read.state_dict().items():
        assert torch.equal(values, state[name]), f"{name} is not what transformers reads"
    ids = torch.tensor([[3, 77, 12, 95, 0, 41, 8, 63, 30, 29, 5, 88]])
    reference = Reference()
    with torch.no_grad():
        reference.add("forward", {"input_ids": ids}, {"logits": read(ids).logits})
    reference.save(OUT / "reference.safetensors")


main()
