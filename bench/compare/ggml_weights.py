"""Turns a Hugging Face Whisper folder into whisper.cpp's file (float16).

    python ggml_weights.py HF_FOLDER OUTPUT.bin
"""
import json
import pathlib
import struct
import sys

import numpy as np
from safetensors.numpy import load_file
from transformers import WhisperFeatureExtractor

_RENAMED = [
    ("model.", ""), ("layers.", "blocks."), ("encoder_attn_layer_norm", "cross_attn_ln"),
    ("self_attn_layer_norm", "attn_ln"), ("encoder_attn.", "cross_attn."), ("self_attn.", "attn."),
    ("k_proj", "key"), ("v_proj", "value"), ("q_proj", "query"), ("out_proj", "out"), ("fc1", "mlp.0"),
    ("fc2", "mlp.2"), ("final_layer_norm", "mlp_ln"), ("encoder.layer_norm", "encoder.ln_post"),
    ("decoder.layer_norm", "decoder.ln"), ("embed_positions.weight", "positional_embedding"),
    ("decoder.embed_tokens", "decoder.token_embedding"),
]


def token_bytes(vocabulary: dict[str, int], most: int) -> list[bytes]:
    """The ordinary tokens in the order of their ids, from the printable alphabet of byte-level BPE to bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = {chr(b): b for b in shown}
    alphabet |= {chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in shown)}
    ordered = sorted((i, token) for token, i in vocabulary.items() if i < most)
    return [bytes(alphabet[c] for c in token) for _, token in ordered if all(c in alphabet for c in token)]


def convert(folder: pathlib.Path, output: pathlib.Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokens = token_bytes(tokenizer["model"]["vocab"], config["eos_token_id"])
    filters = np.asarray(WhisperFeatureExtractor.from_pretrained(folder).mel_filters, np.float32).T
    with output.open("wb") as out:
        sizes = ("vocab_size", "max_source_positions", "d_model", "encoder_attention_heads", "encoder_layers",
                 "max_target_positions", "d_model", "decoder_attention_heads", "decoder_layers", "num_mel_bins")
        out.write(struct.pack("<I11i", 0x67676D6C, *(config[key] for key in sizes), 1))
        out.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        out.write(struct.pack("<i", len(tokens)))
        for token in tokens:
            out.write(struct.pack("<i", len(token)) + token)
        for name, value in load_file(folder / "model.safetensors").items():
            for theirs, ours in _RENAMED:
                name = name.replace(theirs, ours)
            half = value.ndim >= 2 and "positional_embedding" not in name
            if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
                value = value.reshape(-1, 1)
            value = np.ascontiguousarray(value, np.float16 if half else np.float32)
            out.write(struct.pack("<3i", value.ndim, len(name), 1 if half else 0))
            out.write(struct.pack(f"<{value.ndim}i", *reversed(value.shape)) + name.encode() + value.tobytes())


if __name__ == "__main__":
    convert(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
