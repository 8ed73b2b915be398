"""Makes tests/golden/chat/tiny: a Llama of random weights that has all that a conversation needs.

    python make_tiny_chat.py          (transformers 5.23.0, tokenizers, torch on the CPU)

Its tokenizer is byte-level with two merges; its chat template is ChatML's.
"""
import pathlib
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from reference import shake  # noqa: E402

FOLDER = pathlib.Path(__file__).parent / "tiny"
SPECIAL = ["<|im_start|>", "<|im_end|>"]
TEMPLATE = """{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\n' }}
{%- endif %}
"""


def main():
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*SPECIAL, *alphabet, "he", "ll"])}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[("h", "e"), ("l", "l")]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    raw.add_special_tokens(SPECIAL)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token=SPECIAL[0], eos_token=SPECIAL[1])
    tokenizer.chat_template = TEMPLATE
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=512, bos_token_id=0, eos_token_id=1))
    shake(model, seed=5)
    model.generation_config.eos_token_id = 1
    model.to(torch.bfloat16).save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)


if __name__ == "__main__":
    main()
