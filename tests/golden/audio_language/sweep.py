#!/usr/bin/env python3
"""Makes random variants of the families of make_tiny_models.py: other sizes, decoders and options.

With transformers 5.23.0 and torch:
    python tests/golden/audio_language/sweep.py --out DIR --count 30 [--family voxtral] [--seed 0]
    for i in DIR/*; do millrace verify $i $i/reference.safetensors || echo $i; done
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import make_tiny_models  # noqa: E402
import sound_models as tiny  # noqa: E402
import variants  # noqa: E402


class Choice(variants.Choice):
    def text(self, *families, **more):
        kv, head_dim = self.choice([1, 2]), self.choice([6, 8, 10, 12])
        heads = kv * self.choice([1, 2, 3])
        return tiny.text(self.choice(families), width=heads * head_dim, layers=self.randint(1, 3), heads=heads, kv=kv,
                         ffn=self.randint(5, 40), words=self.randint(40, 80), positions=256, head_dim=head_dim,
                         rms_norm_eps=self.choice([1e-5, 1e-6])) | more

    def act(self):
        return self.choice(["gelu", "relu", "silu", "gelu_new", "quick_gelu"])


def qwen2_audio(r):
    positions, heads = r.randint(8, 40), r.choice([1, 2, 3])
    width = heads * r.choice([6, 7, 9, 16])
    return tiny.qwen2_audio([r.randint(3, 2 * positions) for _ in range(2)], audio_token_index=r.choice([3, 39]),
                            text_config=r.text("qwen2", "llama", "mistral", tie_word_embeddings=False),
                            encoder=dict(max_source_positions=positions, d_model=width, encoder_attention_heads=heads,
                                         encoder_layers=r.randint(1, 3), encoder_ffn_dim=r.randint(5, 40),
                                         num_mel_bins=r.randint(3, 9), activation_function=r.act()))


def flamingo(r):
    made = qwen2_audio(r)["config"]
    encoder = {key: made["audio_config"][key] for key in ("num_mel_bins", "max_source_positions", "activation_function")}
    encoder |= dict(hidden_size=made["audio_config"]["d_model"], intermediate_size=made["audio_config"]["encoder_ffn_dim"],
                    num_attention_heads=made["audio_config"]["encoder_attention_heads"],
                    num_hidden_layers=made["audio_config"]["encoder_layers"])
    return tiny.flamingo([r.randint(3, 2 * encoder["max_source_positions"]) for _ in range(2)], encoder=encoder,
                         text_config=made["text_config"], audio_token_id=39, projector_bias=r.flag(),
                         projector_hidden_act=r.act())


def voxtral(r):
    heads, together = r.choice([1, 2, 3]), r.choice([1, 2, 4])
    width = heads * r.choice([6, 7, 9, 16])
    return tiny.voxtral(r.choice([[1, 1], [1, 2], [3, 1]]), audio_token_id=r.choice([3, 24]), projector_hidden_act=r.act(),
                        text_config=r.text("llama", "mistral", "ministral" if r.flag() else "llama"),
                        encoder=dict(max_source_positions=together * r.randint(3, 9), hidden_size=width,
                                     num_attention_heads=heads, num_hidden_layers=r.randint(1, 3),
                                     intermediate_size=width * together, num_mel_bins=r.randint(3, 9),
                                     activation_function=r.act()))


def glm(r):
    kv, head_dim = r.choice([1, 2]), r.choice([4, 6, 8, 10])
    heads = kv * r.choice([1, 2])
    width, frames = heads * head_dim, 8 * r.randint(2, 8)
    return tiny.glm([r.randint(8, frames) for _ in range(2)], frames=frames, audio_token_id=r.choice([3, 39]),
                    projector_hidden_act=r.act(), text_config=r.text("llama", "qwen2"), tie_word_embeddings=False,
                    encoder=dict(hidden_size=width, num_attention_heads=heads, num_key_value_heads=kv,
                                 num_hidden_layers=r.randint(1, 3), intermediate_size=4 * width,
                                 num_mel_bins=r.randint(3, 9), hidden_act=r.act(),
                                 rope_parameters=dict(rope_type="default", rope_theta=r.choice([1e4, 5e5]),
                                                      partial_rotary_factor=r.choice([0.5, 1.0]))))


def granite(r):
    heads, rate, queries = r.choice([1, 2, 3]), r.choice([1, 2, 3]), r.randint(1, 3)
    context = r.randint(3, 12)
    projector_heads = r.choice([1, 2, 3])
    return tiny.granite(
        rows=(r.randint(3, 30), r.randint(3, 30)), window=rate * queries, rate=rate, audio_token_index=r.choice([3, 99]),
        text_config=r.text("granite", "llama", "granite"), tie_word_embeddings=r.flag(),
        encoder=dict(input_dim=2 * r.randint(2, 6), num_layers=r.randint(1, 4), hidden_dim=heads * r.choice([6, 7, 10]),
                     num_heads=heads, dim_head=r.choice([None, 5, 8]), feedforward_mult=r.randint(1, 4),
                     output_dim=r.randint(3, 9), context_size=context, max_pos_emb=context + r.randint(0, 4),
                     conv_kernel_size=r.randint(1, 9), conv_expansion_factor=r.randint(1, 3)),
        projector=dict(hidden_size=projector_heads * r.choice([4, 6, 9]), num_attention_heads=projector_heads,
                       num_hidden_layers=r.randint(1, 3), intermediate_size=r.randint(5, 30), hidden_act=r.act(),
                       cross_attention_frequency=r.choice([1, 2]), layer_norm_eps=r.choice([1e-12, 1e-5])))


FAMILIES = {"qwen2_audio": qwen2_audio, "audioflamingo3": flamingo, "voxtral": voxtral, "glmasr": glm, "granite_speech": granite}

def make(folder, r, family, seed):
    make_tiny_models.make(folder, FAMILIES[family](r), seed)


if __name__ == "__main__":
    variants.sweep(__doc__, FAMILIES, make, Choice)
