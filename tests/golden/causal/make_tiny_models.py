#!/usr/bin/env python3
"""Makes the tiny random decoder-only language models beside this script, each with reference.safetensors.

Made with transformers 5.23.0, torch 2.15.0 (float32, eager, CPU):
    python tests/golden/causal/make_tiny_models.py [NAME...]
"""

import pathlib
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from tiny_model import make_folder, write_reference  # noqa: E402


def dims(width=24, layers=2, heads=2, kv=None, ffn=28, vocab=67, positions=64, **more):
    """The sizes, in the spelling that most families share."""
    out = dict(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=ffn,
               vocab_size=vocab, max_position_embeddings=positions)
    out |= {"num_key_value_heads": kv} | more
    return {key: value for key, value in out.items() if value is not None or key == "sliding_window"}


def rope(kind="default", theta=10000.0, **more):
    return dict(rope_type=kind, rope_theta=theta, **more)


def scaled_llama(**parameters):
    return "llama", dims(width=24, heads=2, kv=1, rope_parameters=rope(**parameters))


LLAMA3 = dict(kind="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16)
SHORT, LONG = [1.0, 1.1, 1.3, 1.6, 2.0, 2.5], [1.0, 2.0, 4.5, 8.0, 13.0, 21.0]
NORMED = dict(rms_norm_eps=1e-5)

# name: (model_type, config) or (model_type, config, how it is stored)
MODELS = {
    "llama2": ("llama", dims(width=24, heads=2, ffn=36, vocab=97, tie_word_embeddings=False)),
    "llama3": ("llama", dims(width=24, heads=4, kv=2, rope_parameters=rope(theta=500000.0, **LLAMA3)),
               dict(spelling=4, dtype=torch.bfloat16)),
    "llama_biased": ("llama", dims(width=21, heads=3, kv=1, head_dim=12, attention_bias=True, mlp_bias=True,
                                   tie_word_embeddings=True), dict(dtype=torch.float16)),
    "llama_sharded": ("llama", dims(width=36, layers=2, heads=6, kv=3, ffn=31, hidden_act="gelu"),
                      dict(shard="12KB", dtype=torch.bfloat16)),
    "llama_linear": scaled_llama(kind="linear", factor=4.0),
    "llama_dynamic": ("llama", dims(positions=9, rope_parameters=rope("dynamic", factor=4.0)), dict(spelling=4)),
    "llama_yarn": ("llama", dims(rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=16)),
                   dict(spelling=4)),
    "llama_yarn_mscale": scaled_llama(kind="yarn", factor=4.0, original_max_position_embeddings=16, mscale=0.707,
                                      mscale_all_dim=1.1, beta_fast=4.0, beta_slow=0.5, truncate=False),
    "llama_yarn_attention_factor": scaled_llama(kind="yarn", factor=8.0, original_max_position_embeddings=8,
                                                attention_factor=1.3, beta_fast=2.0, beta_slow=1),
    "llama_longrope": scaled_llama(kind="longrope", short_factor=SHORT, long_factor=LONG, factor=4.0,
                                   original_max_position_embeddings=9),
    "mistral": ("mistral", dims(heads=4, kv=2, sliding_window=5)),
    "mistral_full": ("mistral", dims(heads=2, kv=1, head_dim=20, sliding_window=None, tie_word_embeddings=True),
                     dict(spelling=4)),
    "mixtral": ("mixtral", dims(heads=4, kv=2, ffn=14, num_local_experts=5, num_experts_per_tok=2)),
    "qwen2": ("qwen2", dims(heads=4, kv=2, rope_parameters=rope(theta=1e6), tie_word_embeddings=True),
              dict(spelling=4)),
    "qwen2_sliding": ("qwen2", dims(heads=3, kv=3, layers=3, use_sliding_window=True, sliding_window=4,
                                    max_window_layers=1)),
    "qwen3": ("qwen3", dims(width=20, heads=3, kv=1, head_dim=12, attention_bias=True, tie_word_embeddings=True)),
    "qwen3_moe": ("qwen3_moe", dims(heads=4, kv=2, layers=4, head_dim=10, ffn=18, moe_intermediate_size=10,
                                    num_experts=5, num_experts_per_tok=2, norm_topk_prob=True, decoder_sparse_step=2,
                                    mlp_only_layers=[3])),
    "qwen3_moe_sliding": ("qwen3_moe", dims(heads=2, kv=2, head_dim=12, moe_intermediate_size=9, num_experts=4,
                                            num_experts_per_tok=3, norm_topk_prob=False, use_sliding_window=True,
                                            sliding_window=4), dict(dtype=torch.bfloat16)),
    "gemma": ("gemma", dims(heads=3, kv=1, head_dim=20), dict(dtype=torch.bfloat16)),
    "gemma2": ("gemma2", dims(heads=4, kv=2, layers=3, head_dim=10, query_pre_attn_scalar=7, sliding_window=4,
                              final_logit_softcapping=9.0, attn_logit_softcapping=5.0)),
    "gemma3": ("gemma3_text", dims(heads=2, kv=1, layers=4, head_dim=12, query_pre_attn_scalar=9, sliding_window=5,
                                   sliding_window_pattern=3, rope_parameters={
                                       "sliding_attention": rope(theta=10000.0),
                                       "full_attention": rope("linear", 1e6, factor=8.0)})),
    "gemma3_old": ("gemma3_text", dims(width=20, heads=4, kv=2, layers=3, head_dim=6, query_pre_attn_scalar=6,
                                       sliding_window=4, sliding_window_pattern=2, final_logit_softcapping=7.0),
                   dict(spelling=4, dtype=torch.bfloat16)),
    "phi": ("phi", dims(heads=2, rope_parameters=rope(partial_rotary_factor=0.5)), dict(spelling=4)),
    "phi_normed": ("phi", dims(width=40, heads=4, kv=2, qk_layernorm=True, ffn=30,
                               rope_parameters=rope(partial_rotary_factor=0.4))),
    "phi3": ("phi3", dims(heads=4, kv=2, vocab=61, pad_token_id=0, sliding_window=6), dict(spelling=4)),
    "phi3_longrope": ("phi3", dims(heads=2, vocab=61, pad_token_id=0, original_max_position_embeddings=9,
                                   tie_word_embeddings=True,
                                   rope_parameters=rope("longrope", short_factor=SHORT, long_factor=LONG)),
                      dict(spelling=4)),
    "phi3_partial": ("phi3", dims(heads=2, kv=1, width=32, vocab=61, pad_token_id=0,
                                  original_max_position_embeddings=64,
                                  rope_parameters=rope("longrope", short_factor=SHORT, long_factor=LONG,
                                                       partial_rotary_factor=0.75))),
    "smollm3": ("smollm3", dims(heads=4, kv=2, layers=4, no_rope_layers=[1, 0, 1, 0], pad_token_id=0)),
    "smollm3_sliding": ("smollm3", dims(heads=2, kv=2, layers=3, no_rope_layer_interval=2, use_sliding_window=True,
                                        sliding_window=4, attention_bias=True, mlp_bias=True, pad_token_id=0,
                                        tie_word_embeddings=False), dict(dtype=torch.bfloat16)),
    "olmo": ("olmo", dims(heads=2, kv=1, clip_qkv=1.5)),
    "olmo_biased": ("olmo", dims(heads=4, attention_bias=True, tie_word_embeddings=True), dict(spelling=4)),
    "olmo2": ("olmo2", dims(heads=4, kv=2)),
    "olmo3": ("olmo3", dims(heads=2, kv=2, layers=4, sliding_window=4, rope_parameters={
        "sliding_attention": rope(theta=500000.0),
        "full_attention": rope("yarn", 500000.0, factor=4.0, original_max_position_embeddings=16)})),
    "granite": ("granite", dims(heads=4, kv=2, attention_bias=True, embedding_multiplier=3.0, logits_scaling=2.5,
                                residual_multiplier=0.4, attention_multiplier=0.2, tie_word_embeddings=True)),
    "granitemoe": ("granitemoe", dims(heads=2, kv=1, ffn=12, num_local_experts=5, num_experts_per_tok=3,
                                      embedding_multiplier=2.0, logits_scaling=1.5, residual_multiplier=0.6,
                                      attention_multiplier=0.15)),
    "cohere": ("cohere", dims(heads=4, kv=2, logit_scale=0.25)),
    "cohere_normed": ("cohere", dims(heads=2, kv=1, use_qk_norm=True, attention_bias=True, tie_word_embeddings=False,
                                     rope_parameters=rope(theta=500000.0)), dict(spelling=4)),
    "cohere2": ("cohere2", dims(heads=4, kv=2, layers=4, sliding_window=4, sliding_window_pattern=3)),
    "glm": ("glm", dims(heads=3, kv=1, head_dim=12, pad_token_id=0, eos_token_id=[1, 2]), dict(spelling=4)),
    "glm4": ("glm4", dims(heads=4, kv=2, head_dim=10, pad_token_id=0, attention_bias=False,
                          rope_parameters=rope(partial_rotary_factor=0.6))),
    "lfm2": ("lfm2", dims(heads=4, kv=2, layers=4, ffn=30, block_multiple_of=8, conv_L_cache=3,
                          layer_types=["conv", "full_attention", "conv", "conv"])),
    "lfm2_old": ("lfm2", dims(heads=2, kv=1, layers=3, conv_bias=True, conv_L_cache=4, block_auto_adjust_ff_dim=False,
                              full_attn_idxs=[1], tie_word_embeddings=False), dict(spelling=4, drop=["layer_types"])),
    "stablelm": ("stablelm", dims(width=32, heads=2, kv=2)),
    "stablelm_parallel": ("stablelm", dims(width=36, heads=3, kv=1, ffn=20, use_parallel_residual=True,
                                           use_qkv_bias=True, qk_layernorm=True, tie_word_embeddings=True,
                                           rope_parameters=rope(partial_rotary_factor=0.5)), dict(spelling=4)),
    "stablelm_normed": ("stablelm", dims(width=32, heads=4, kv=2, qk_layernorm=True,
                                         rope_parameters=rope(partial_rotary_factor=0.25)),
                        dict(dtype=torch.float16)),
    "starcoder2": ("starcoder2", dims(heads=4, kv=1, sliding_window=5)),
    "starcoder2_unbiased": ("starcoder2", dims(heads=2, kv=2, use_bias=False, tie_word_embeddings=False),
                            dict(spelling=4)),
    "falcon": ("falcon", dims(ffn=None, heads=4, layers=2), dict(spelling=4)),
    "falcon_new": ("falcon", dims(ffn=None, width=32, heads=4, num_kv_heads=2, new_decoder_architecture=True)),
    "falcon_new_one_norm": ("falcon", dims(ffn=None, heads=4, num_kv_heads=2, new_decoder_architecture=True,
                                           bias=True, num_ln_in_parallel_attn=1, tie_word_embeddings=False)),
    "falcon_alibi": ("falcon", dims(ffn=None, heads=6, alibi=True, multi_query=False, parallel_attn=False,
                                    bias=True)),
    "gpt2": ("gpt2", dict(n_embd=24, n_layer=2, n_head=2, n_positions=32, vocab_size=67)),
    "gpt2_scaled": ("gpt2", dict(n_embd=20, n_layer=3, n_head=5, n_positions=29, vocab_size=67, n_inner=31,
                                 scale_attn_by_inverse_layer_idx=True, activation_function="gelu",
                                 reorder_and_upcast_attn=True, tie_word_embeddings=False), dict(spelling=4)),
    "gpt_neo": ("gpt_neo", dict(hidden_size=24, num_layers=4, num_heads=2, vocab_size=67, window_size=4,
                                max_position_embeddings=32, intermediate_size=30,
                                attention_types=[[["global", "local"], 2]])),
    "gptj": ("gptj", dict(n_embd=36, n_layer=2, n_head=3, rotary_dim=8, n_positions=64, vocab_size=67, n_inner=30)),
    "gpt_neox": ("gpt_neox", dims(width=32, heads=2, rope_parameters=rope(partial_rotary_factor=0.25))),
    "gpt_neox_sequential": ("gpt_neox", dims(width=36, heads=3, use_parallel_residual=False, attention_bias=False,
                                             tie_word_embeddings=True, hidden_act="gelu_new",
                                             rope_parameters=rope(theta=20000.0, partial_rotary_factor=0.5)),
                            dict(spelling=4)),
    "bloom": ("bloom", dict(hidden_size=24, n_layer=2, n_head=4, vocab_size=67)),
    "bloom_post": ("bloom", dict(hidden_size=36, n_layer=2, n_head=6, vocab_size=61, tie_word_embeddings=False,
                                 apply_residual_connection_post_layernorm=True), dict(dtype=torch.bfloat16)),
    "opt": ("opt", dict(hidden_size=24, num_hidden_layers=2, ffn_dim=30, num_attention_heads=2, vocab_size=67,
                        max_position_embeddings=32)),
    "opt_post": ("opt", dict(hidden_size=24, num_hidden_layers=2, ffn_dim=30, num_attention_heads=4, vocab_size=67,
                             max_position_embeddings=32, do_layer_norm_before=False, word_embed_proj_dim=14)),
    "opt_bare": ("opt", dict(hidden_size=24, num_hidden_layers=2, ffn_dim=30, num_attention_heads=3, vocab_size=67,
                             max_position_embeddings=32, enable_bias=False, layer_norm_elementwise_affine=False,
                             tie_word_embeddings=False, activation_function="gelu"), dict(spelling=4)),
    "ernie4_5": ("ernie4_5", dims(heads=3, kv=1, head_dim=12)),
    "ernie4_5_biased": ("ernie4_5", dims(heads=2, kv=2, head_dim=10, use_bias=True, tie_word_embeddings=False),
                        dict(spelling=4)),
    "ernie4_5_moe": ("ernie4_5_moe", dims(heads=4, kv=2, layers=3, moe_intermediate_size=10, moe_k=2,
                                          moe_num_experts=5, moe_num_shared_experts=2, ffn=18)),
    "olmoe": ("olmoe", dims(heads=4, kv=2, ffn=12, num_experts=5, num_experts_per_tok=2)),
    "qwen2_moe": ("qwen2_moe", dims(heads=4, kv=2, layers=3, ffn=18, moe_intermediate_size=10,
                                    shared_expert_intermediate_size=14, num_experts=5, num_experts_per_tok=2,
                                    mlp_only_layers=[1])),
}

# Stored as bfloat16, so that the repository stays small.
HALVED = """cohere2 falcon_alibi falcon_new falcon_new_one_norm gemma2 gemma3 glm4 gpt2 gpt_neo gpt_neox
    gpt_neox_sequential gptj granitemoe lfm2 lfm2_old llama2 olmo3 phi3_partial phi_normed qwen2_sliding qwen3_moe
    smollm3 stablelm stablelm_parallel bloom ernie4_5_moe olmoe qwen2_moe""".split()


@torch.no_grad()
def main():
    names = sys.argv[1:] or MODELS
    for seed, (name, (model_type, config, *stored)) in enumerate(MODELS.items()):
        if name not in names:
            continue
        folder = HERE / name
        how = {"dtype": torch.bfloat16} if name in HALVED else {}
        make_folder(folder, model_type, config, seed, **(stored[0] if stored else {}), **how)
        expected = write_reference(folder, seed, length=17)
        print(name, sum(f.stat().st_size for f in folder.iterdir()), "bytes,", len(expected.tensors), "tensors")


if __name__ == "__main__":
    main()
