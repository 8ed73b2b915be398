#!/usr/bin/env python3
"""Makes random variants of the families of make_tiny_models.py: other sizes, options, lengths and scalings.

With transformers 5.23.0 and torch:
    python tests/golden/causal/sweep.py --out DIR --count 200 [--family llama] [--seed 0]
    for i in DIR/*; do millrace verify $i $i/reference.safetensors || echo $i; done
"""

import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import variants  # noqa: E402
from tiny_model import make_folder, write_reference  # noqa: E402

LENGTHS = 48  # at least what a reference needs


class Choice(variants.Choice):
    def sizes(self, head_dims=(4, 6, 8, 10, 12, 16, 18, 20, 32), free_head_dim=False, grouped=True, layers=(1, 4)):
        """The sizes, in the spelling that most families share, and the width of a head."""
        kv = self.choice([1, 1, 2, 3]) if grouped else 1
        heads = kv * self.choice([1, 2, 3, 4] if grouped else [1, 2, 3, 5, 6, 8])
        head_dim = self.choice(head_dims)
        while heads * head_dim > 100:
            head_dim = self.choice(head_dims)
        out = dict(hidden_size=heads * head_dim, num_hidden_layers=self.randint(*layers), num_attention_heads=heads,
                   intermediate_size=self.randint(5, 70), vocab_size=self.randint(31, 131),
                   max_position_embeddings=self.choice([LENGTHS, 64, 100, 2048]),
                   tie_word_embeddings=self.flag())
        if grouped:
            out["num_key_value_heads"] = kv
        if free_head_dim:
            out["hidden_size"] = heads * self.randint(3, 12)
            out["head_dim"] = head_dim
        return out, head_dim

    def epsilon(self):
        return self.choice([1e-5, 1e-6, 1e-3])

    def activation(self):
        return self.choice(["silu", "silu", "gelu", "gelu_new", "gelu_pytorch_tanh", "relu"])

    def rope(self, config, rotary_dim, scalings=("linear", "dynamic", "yarn", "llama3", "longrope"), **more):
        """rope_parameters, for `rotary_dim` dimensions that are rotated."""
        out = dict(rope_type="default", rope_theta=self.choice([10000.0, 500000.0, 1e6, 100.0]), **more)
        kind = self.choice([None, *scalings])
        if kind is None or rotary_dim < 4 or self.flag():
            return out
        out["rope_type"] = kind
        out["factor"] = self.choice([2.0, 4.0, 8.0, 1.5])
        original = self.choice([8, 16, 32])
        if kind == "dynamic":
            config["max_position_embeddings"] = self.choice([9, 20, LENGTHS])
            out["factor"] = 8.0
        elif kind == "llama3":
            out |= dict(low_freq_factor=self.choice([1.0, 0.5]), high_freq_factor=4.0,
                        original_max_position_embeddings=original)
        elif kind == "yarn":
            out["original_max_position_embeddings"] = original
            if self.flag():
                out |= dict(mscale=0.8, mscale_all_dim=self.choice([0.5, 1.0]))
            elif self.flag():
                out["attention_factor"] = 1.2
            if self.flag():
                out |= dict(beta_fast=self.choice([4.0, 16.0]), beta_slow=self.choice([0.5, 2]))
            if self.flag():
                out["truncate"] = False
        elif kind == "longrope":
            half = rotary_dim // 2
            # Short of `original` everywhere or beyond it: a cache of both is transformers' own peculiarity.
            out |= dict(short_factor=[1 + 0.2 * self.random() for _ in range(half)],
                        long_factor=[1 + 9 * self.random() for _ in range(half)],
                        original_max_position_embeddings=self.choice([3, 64]))
            if self.flag():
                out["attention_factor"] = 1.1
            elif self.flag():
                out.pop("factor")
        return out

    def layer_types(self, count, kinds=("full_attention", "sliding_attention")):
        return [self.choice(kinds) for _ in range(count)]


def llama(r):
    c, d = r.sizes(free_head_dim=r.flag())
    return "llama", c | dict(attention_bias=r.flag(), mlp_bias=r.flag(), rms_norm_eps=r.epsilon(),
                             hidden_act=r.activation(), rope_parameters=r.rope(c, d))


def mistral(r):
    c, d = r.sizes(free_head_dim=r.flag())
    return "mistral", c | dict(sliding_window=r.choice([None, 2, 3, 6, 30]), rope_parameters=r.rope(c, d))


def mixtral(r):
    c, d = r.sizes(free_head_dim=r.flag())
    experts = r.randint(2, 7)
    return "mixtral", c | dict(num_local_experts=experts, num_experts_per_tok=r.randint(1, min(3, experts)),
                               intermediate_size=r.randint(4, 20), sliding_window=r.choice([None, 4]),
                               rope_parameters=r.rope(c, d))


def qwen2(r):
    c, d = r.sizes()
    return "qwen2", c | dict(use_sliding_window=r.flag(), sliding_window=r.choice([2, 5]),
                             max_window_layers=r.randint(0, 3), rms_norm_eps=r.epsilon(),
                             rope_parameters=r.rope(c, d))


def qwen3(r):
    c, d = r.sizes(free_head_dim=True)
    return "qwen3", c | dict(attention_bias=r.flag(), use_sliding_window=r.flag(), sliding_window=r.choice([2, 5]),
                             max_window_layers=r.randint(0, 3), rope_parameters=r.rope(c, d))


def qwen3_moe(r):
    c, d = r.sizes(free_head_dim=r.flag())
    experts = r.randint(2, 7)
    return "qwen3_moe", c | dict(num_experts=experts, num_experts_per_tok=r.randint(1, min(3, experts)),
                                 moe_intermediate_size=r.randint(4, 14), norm_topk_prob=r.flag(),
                                 decoder_sparse_step=r.choice([1, 1, 2, 3]), mlp_only_layers=r.choice([[], [0], [1, 2]]),
                                 use_sliding_window=r.flag(), sliding_window=4, attention_bias=r.flag(),
                                 rope_parameters=r.rope(c, d))


def gemma(r):
    c, d = r.sizes(free_head_dim=True)
    return "gemma", c | dict(attention_bias=r.flag(), rms_norm_eps=r.epsilon(), rope_parameters=r.rope(c, d))


def gemma2(r):
    c, d = r.sizes(free_head_dim=True)
    more = {} if r.flag() else {"layer_types": r.layer_types(c["num_hidden_layers"])}
    return "gemma2", c | more | dict(query_pre_attn_scalar=r.randint(4, 30), sliding_window=r.randint(2, 9),
                                     final_logit_softcapping=r.choice([None, 5.0]), attention_bias=r.flag(),
                                     attn_logit_softcapping=r.choice([None, 3.0]), rope_parameters=r.rope(c, d))


def gemma3(r):
    c, d = r.sizes(free_head_dim=True)
    more = {"sliding_window_pattern": r.randint(1, 3)} if r.flag() else {
        "layer_types": r.layer_types(c["num_hidden_layers"])}
    return "gemma3_text", c | more | dict(
        query_pre_attn_scalar=r.randint(4, 30), sliding_window=r.randint(2, 9), attention_bias=r.flag(),
        final_logit_softcapping=r.choice([None, 5.0]),
        rope_parameters={"sliding_attention": dict(rope_type="default", rope_theta=r.choice([10000.0, 500.0])),
                         "full_attention": r.rope(c, d, scalings=("linear",))})


def phi(r):
    c, d = r.sizes(head_dims=(8, 12, 16, 20))
    part = r.choice([0.5, 0.4, 1.0])
    return "phi", c | dict(qk_layernorm=r.flag(), layer_norm_eps=r.epsilon(),
                           rope_parameters=r.rope(c, int(d * part), scalings=("linear", "dynamic", "yarn", "llama3"),
                                                  partial_rotary_factor=part))


def phi3(r):
    c, d = r.sizes(head_dims=(8, 16, 24))
    part = r.choice([1.0, 0.75, 0.5])
    original = r.choice([4, 9, 64])
    rope = r.rope(c, int(d * part), scalings=("longrope",), partial_rotary_factor=part)
    if rope["rope_type"] == "longrope":
        rope.pop("original_max_position_embeddings")
    return "phi3", c | dict(pad_token_id=0, original_max_position_embeddings=original,
                            sliding_window=r.choice([None, 5]), rope_parameters=rope)


def smollm3(r):
    c, d = r.sizes()
    more = {} if r.flag() else {"no_rope_layers": [r.randint(0, 1) for _ in range(c["num_hidden_layers"])]}
    return "smollm3", c | more | dict(pad_token_id=0, no_rope_layer_interval=r.randint(1, 4),
                                      use_sliding_window=r.flag(), sliding_window=r.choice([None, 4]),
                                      attention_bias=r.flag(), mlp_bias=r.flag(), rope_parameters=r.rope(c, d))


def olmo(r):
    c, d = r.sizes()
    return "olmo", c | dict(clip_qkv=r.choice([None, 1.0, 2.5]), attention_bias=r.flag(), hidden_act=r.activation(),
                            rope_parameters=r.rope(c, d))


def olmo2(r):
    c, d = r.sizes()
    return "olmo2", c | dict(attention_bias=r.flag(), rms_norm_eps=r.epsilon(), rope_parameters=r.rope(c, d))


def olmo3(r):
    c, d = r.sizes()
    more = {} if r.flag() else {"layer_types": r.layer_types(c["num_hidden_layers"])}
    return "olmo3", c | more | dict(
        attention_bias=r.flag(), sliding_window=r.randint(2, 9),
        rope_parameters={"sliding_attention": dict(rope_type="default", rope_theta=500000.0),
                         "full_attention": r.rope(c, d, scalings=("linear", "yarn"))})


def multipliers(r):
    return dict(embedding_multiplier=r.choice([1.0, 12.0, 0.5]), logits_scaling=r.choice([1.0, 3.0]),
                residual_multiplier=r.choice([1.0, 0.3]), attention_multiplier=r.choice([1.0, 0.1]))


def granite(r):
    c, d = r.sizes()
    return "granite", c | multipliers(r) | dict(attention_bias=r.flag(), mlp_bias=r.flag(),
                                                rope_parameters=r.rope(c, d))


def granitemoe(r):
    c, d = r.sizes()
    experts = r.randint(2, 7)
    return "granitemoe", c | multipliers(r) | dict(num_local_experts=experts, attention_bias=r.flag(),
                                                   num_experts_per_tok=r.randint(1, min(3, experts)),
                                                   intermediate_size=r.randint(4, 14), rope_parameters=r.rope(c, d))


def cohere(r):
    c, d = r.sizes()
    return "cohere", c | dict(logit_scale=r.choice([0.0625, 1.0, 2.0]), use_qk_norm=r.flag(), attention_bias=r.flag(),
                              layer_norm_eps=r.epsilon(), rope_parameters=r.rope(c, d))


def cohere2(r):
    c, d = r.sizes()
    more = {"sliding_window_pattern": r.randint(1, 3)} if r.flag() else {
        "layer_types": r.layer_types(c["num_hidden_layers"])}
    return "cohere2", c | more | dict(logit_scale=0.5, attention_bias=r.flag(), sliding_window=r.randint(2, 9),
                                      rope_parameters=r.rope(c, d))


def glm(r, name="glm"):
    c, d = r.sizes(free_head_dim=True, head_dims=(8, 12, 16, 20))
    part = r.choice([0.5, 1.0, 0.4])
    rope = r.rope(c, int(d * part), scalings=("linear", "yarn"), partial_rotary_factor=part)
    return name, c | dict(pad_token_id=0, eos_token_id=[1, 2], attention_bias=r.flag(), rms_norm_eps=r.epsilon(),
                          rope_parameters=rope)


def glm4(r):
    return glm(r, "glm4")


def lfm2(r):
    c, d = r.sizes(layers=(2, 4))
    c["layer_types"] = ["full_attention"] + r.layer_types(c["num_hidden_layers"] - 1, ("full_attention", "conv"))
    r.shuffle(c["layer_types"])
    return "lfm2", c | dict(conv_L_cache=r.randint(2, 5), conv_bias=r.flag(), block_auto_adjust_ff_dim=r.flag(),
                            block_multiple_of=r.choice([4, 7]), block_ffn_dim_multiplier=r.choice([1.0, 0.7]),
                            norm_eps=r.epsilon(), rope_parameters=r.rope(c, d, scalings=("linear", "llama3")))


def stablelm(r):
    c, d = r.sizes(head_dims=(8, 12, 16, 20))
    part = r.choice([0.25, 0.5, 1.0])
    return "stablelm", c | dict(use_qkv_bias=r.flag(), qk_layernorm=r.flag(), use_parallel_residual=r.flag(),
                                layer_norm_eps=r.epsilon(),
                                rope_parameters=r.rope(c, int(d * part), scalings=("linear", "dynamic"),
                                                       partial_rotary_factor=part))


def starcoder2(r):
    c, d = r.sizes()
    return "starcoder2", c | dict(use_bias=r.flag(), sliding_window=r.choice([None, 4]), norm_epsilon=r.epsilon(),
                                  hidden_act=r.activation(), rope_parameters=r.rope(c, d))


def falcon(r):
    c, d = r.sizes(grouped=True)
    new = r.flag()
    kv = c.pop("num_key_value_heads")
    parallel = new or r.flag()
    out = c | dict(new_decoder_architecture=new, multi_query=r.flag(), parallel_attn=parallel, bias=r.flag(),
                   alibi=r.flag(), ffn_hidden_size=r.randint(5, 60), activation=r.choice(["gelu", "relu", "gelu_new"]))
    if new:
        out |= dict(num_kv_heads=kv, num_ln_in_parallel_attn=r.choice([None, 1, 2]))
    if not out["alibi"]:
        out["rope_parameters"] = r.rope(out, d)
    out.pop("intermediate_size")
    return "falcon", out


def gpt2(r):
    c, d = r.sizes(grouped=False, head_dims=(3, 5, 8, 12, 16))
    return "gpt2", dict(n_embd=c["hidden_size"], n_layer=c["num_hidden_layers"], n_head=c["num_attention_heads"],
                        n_positions=LENGTHS, vocab_size=c["vocab_size"], n_inner=r.choice([None, 31]),
                        scale_attn_weights=r.random() < 0.8, scale_attn_by_inverse_layer_idx=r.flag(),
                        reorder_and_upcast_attn=r.flag(), layer_norm_epsilon=r.epsilon(),
                        activation_function=r.activation(), tie_word_embeddings=c["tie_word_embeddings"])


def gpt_neo(r):
    c, d = r.sizes(grouped=False, head_dims=(3, 5, 8, 12), layers=(1, 2))
    kinds = [r.choice(["global", "local"]) for _ in range(c["num_hidden_layers"])]
    return "gpt_neo", dict(hidden_size=c["hidden_size"], num_layers=2 * len(kinds), attention_types=[[kinds, 2]],
                           num_heads=c["num_attention_heads"], vocab_size=c["vocab_size"], window_size=r.randint(1, 8),
                           max_position_embeddings=LENGTHS, intermediate_size=r.choice([None, 29]),
                           activation_function=r.activation(), tie_word_embeddings=c["tie_word_embeddings"])


def gptj(r):
    c, d = r.sizes(grouped=False, head_dims=(8, 12, 16))
    return "gptj", dict(n_embd=c["hidden_size"], n_layer=c["num_hidden_layers"], n_head=c["num_attention_heads"],
                        n_positions=LENGTHS, rotary_dim=r.choice([4, 8, d]), vocab_size=c["vocab_size"],
                        n_inner=r.choice([None, 31]), activation_function=r.activation())


def gpt_neox(r):
    c, d = r.sizes(grouped=False, head_dims=(8, 12, 16, 20))
    part = r.choice([0.25, 0.5, 1.0])
    return "gpt_neox", c | dict(use_parallel_residual=r.flag(), attention_bias=r.flag(), layer_norm_eps=r.epsilon(),
                                hidden_act=r.activation(),
                                rope_parameters=r.rope(c, int(d * part), scalings=("linear", "dynamic"),
                                                       partial_rotary_factor=part))


def bloom(r):
    c, d = r.sizes(grouped=False, head_dims=(3, 4, 6, 8))
    return "bloom", dict(hidden_size=c["hidden_size"], n_layer=c["num_hidden_layers"],
                         n_head=c["num_attention_heads"], vocab_size=c["vocab_size"], layer_norm_epsilon=r.epsilon(),
                         apply_residual_connection_post_layernorm=r.flag(),
                         tie_word_embeddings=c["tie_word_embeddings"])


def opt(r):
    c, d = r.sizes(grouped=False, head_dims=(3, 4, 6, 8, 12))
    c["ffn_dim"] = c.pop("intermediate_size")
    return "opt", c | dict(max_position_embeddings=LENGTHS, do_layer_norm_before=r.flag(), enable_bias=r.flag(),
                           word_embed_proj_dim=r.choice([None, 14]), layer_norm_elementwise_affine=r.random() < 0.7,
                           activation_function=r.choice(["relu", "gelu"]), _remove_final_layer_norm=r.random() < 0.3)


def ernie4_5(r):
    c, d = r.sizes(free_head_dim=True)
    return "ernie4_5", c | dict(use_bias=r.flag(), rms_norm_eps=r.epsilon(), rope_parameters=r.rope(c, d))


def ernie4_5_moe(r):
    c, d = r.sizes()
    experts = r.randint(2, 7)
    return "ernie4_5_moe", c | dict(moe_intermediate_size=r.randint(4, 14), moe_k=r.randint(1, min(3, experts)),
                                    moe_num_experts=experts, moe_num_shared_experts=r.randint(0, 2),
                                    moe_layer_start_index=r.randint(0, 1), moe_layer_interval=r.randint(1, 2),
                                    moe_layer_end_index=r.choice([-1, 1]), use_bias=False,
                                    rope_parameters=r.rope(c, d))


FAMILIES = {f.__name__: f for f in (
    llama, mistral, mixtral, qwen2, qwen3, qwen3_moe, gemma, gemma2, gemma3, phi, phi3, smollm3, olmo, olmo2, olmo3,
    granite, granitemoe, cohere, cohere2, glm, glm4, lfm2, stablelm, starcoder2, falcon, gpt2, gpt_neo, gptj, gpt_neox,
    bloom, opt, ernie4_5, ernie4_5_moe)}


@torch.no_grad()
def make(folder, r, family, seed):
    model_type, config = FAMILIES[family](r)
    make_folder(folder, model_type, config, seed, dtype=r.choice([None, None, torch.bfloat16, torch.float16]),
                shard=r.choice(["5GB", "5GB", "20KB"]), spelling=r.choice([4, 5]))
    write_reference(folder, seed, length=r.randint(1, 21), short=r.randint(3, 9), batch=r.randint(1, 3),
                    count=r.randint(3, 14), prompt=r.randint(3, 7))


if __name__ == "__main__":
    torch.set_num_threads(1)
    variants.sweep(__doc__, FAMILIES, make, Choice)
