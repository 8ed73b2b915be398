"""Turns a CTranslate2 Whisper folder into a Hugging Face one, so that every engine runs the very same weights.

    python ct2_weights.py CT2_FOLDER HF_FOLDER
"""
import json
import pathlib
import struct
import sys

import numpy as np
from safetensors.numpy import save_file

_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def read(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The variables of a model.bin of version 6: names, shapes, types, bytes, little-endian."""
    data = path.read_bytes()
    at = 0

    def take(form: str):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    def text() -> str:
        nonlocal at
        (size,) = take("H")
        at += size
        return data[at - size:at - 1].decode()

    (version,) = take("I")
    if version != 6:
        raise SystemExit(f"{path}: version {version}; 6 is understood")
    text()
    take("I")
    variables = {}
    for _ in range(take("I")[0]):
        name = text()
        shape = take(f"{take('B')[0]}I")
        dtype = _TYPES[take("B")[0]]
        (size,) = take("I")
        variables[name] = np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, at).reshape(shape)
        at += size
    for _ in range(take("I")[0]):
        alias = text()
        variables[alias] = variables[text()]
    return variables


def to_hugging_face(source: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same weights under the names of transformers' WhisperForConditionalGeneration."""
    out = {}

    def put(name: str, of: str):
        for theirs, ours in (("weight", "weight"), ("bias", "bias"), ("gamma", "weight"), ("beta", "bias")):
            if f"{of}/{theirs}" in source:
                out[f"{name}.{ours}"] = np.ascontiguousarray(source[f"{of}/{theirs}"])

    def split(names: list[str], of: str):
        weights = np.split(source[f"{of}/weight"], len(names))
        biases = np.split(source[f"{of}/bias"], len(names))
        for name, weight, bias in zip(names, weights, biases):
            out[f"{name}.weight"] = np.ascontiguousarray(weight)
            if not name.endswith("k_proj"):  # transformers' keys have no bias; it is zero here
                out[f"{name}.bias"] = np.ascontiguousarray(bias)

    for side in ("encoder", "decoder"):
        out[f"model.{side}.embed_positions.weight"] = source[f"{side}/position_encodings/encodings"]
        put(f"model.{side}.layer_norm", f"{side}/layer_norm")
        layer = 0
        while f"{side}/layer_{layer}/ffn/linear_0/weight" in source:
            here, there = f"model.{side}.layers.{layer}", f"{side}/layer_{layer}"
            split([f"{here}.self_attn.{x}_proj" for x in "qkv"], f"{there}/self_attention/linear_0")
            put(f"{here}.self_attn.out_proj", f"{there}/self_attention/linear_1")
            put(f"{here}.self_attn_layer_norm", f"{there}/self_attention/layer_norm")
            if side == "decoder":
                put(f"{here}.encoder_attn.q_proj", f"{there}/attention/linear_0")
                split([f"{here}.encoder_attn.{x}_proj" for x in "kv"], f"{there}/attention/linear_1")
                put(f"{here}.encoder_attn.out_proj", f"{there}/attention/linear_2")
                put(f"{here}.encoder_attn_layer_norm", f"{there}/attention/layer_norm")
            put(f"{here}.fc1", f"{there}/ffn/linear_0")
            put(f"{here}.fc2", f"{there}/ffn/linear_1")
            put(f"{here}.final_layer_norm", f"{there}/ffn/layer_norm")
            layer += 1
    put("model.encoder.conv1", "encoder/conv1")
    put("model.encoder.conv2", "encoder/conv2")
    out["model.decoder.embed_tokens.weight"] = source["decoder/embeddings/weight"]
    return out


def config(source: dict[str, np.ndarray]) -> dict:
    layers = {side: sum(f"{side}/layer_{i}/ffn/linear_0/weight" in source for i in range(99))
              for side in ("encoder", "decoder")}
    vocabulary, width = source["decoder/embeddings/weight"].shape
    first_special = 50258 if vocabulary >= 51865 else 50257
    return {
        "model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"],
        "activation_function": "gelu", "d_model": width, "vocab_size": vocabulary,
        "encoder_layers": layers["encoder"], "decoder_layers": layers["decoder"],
        "encoder_attention_heads": int(source["encoder/num_heads"]),
        "decoder_attention_heads": int(source["decoder/num_heads"]),
        "encoder_ffn_dim": source["encoder/layer_0/ffn/linear_0/weight"].shape[0],
        "decoder_ffn_dim": source["decoder/layer_0/ffn/linear_0/weight"].shape[0],
        "num_mel_bins": source["encoder/conv1/weight"].shape[1],
        "max_source_positions": source["encoder/position_encodings/encodings"].shape[0],
        "max_target_positions": source["decoder/position_encodings/encodings"].shape[0],
        "scale_embedding": False, "tie_word_embeddings": True, "is_encoder_decoder": True,
        "bos_token_id": 50257, "eos_token_id": 50257, "pad_token_id": 50257,
        "decoder_start_token_id": first_special, "torch_dtype": "float32",
    }


def generation_config(tokenizer: dict, alignment_heads: list, suppress: list[int]) -> dict:
    ids = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    languages = {name: i for name, i in ids.items()
                 if name.startswith("<|") and len(name) in (6, 7) and ids["<|startoftranscript|>"] < i < ids["<|translate|>"]}
    return {
        "alignment_heads": alignment_heads, "begin_suppress_tokens": [220, 50257], "bos_token_id": 50257,
        "decoder_start_token_id": ids["<|startoftranscript|>"], "eos_token_id": 50257, "pad_token_id": 50257,
        "forced_decoder_ids": [[1, None], [2, ids["<|transcribe|>"]]], "is_multilingual": True,
        "lang_to_id": languages, "max_initial_timestamp_index": 50, "max_length": 448,
        "no_timestamps_token_id": ids["<|notimestamps|>"],
        "prev_sot_token_id": ids["<|startofprev|>"], "return_timestamps": False, "suppress_tokens": suppress,
        "task_to_id": {"transcribe": ids["<|transcribe|>"], "translate": ids["<|translate|>"]},
    }


def feature_extractor(bands: int) -> dict:
    return {"feature_extractor_type": "WhisperFeatureExtractor", "processor_class": "WhisperProcessor",
            "feature_size": bands, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400, "chunk_length": 30,
            "n_samples": 480000, "nb_max_frames": 3000, "padding_side": "right", "padding_value": 0.0,
            "return_attention_mask": False}


# Heads whose cross-attention follows the sound, of the multilingual base model (openai/whisper-base).
BASE_ALIGNMENT_HEADS = [[3, 1], [4, 2], [4, 3], [4, 7], [5, 1], [5, 2], [5, 4], [5, 6]]


def convert(ct2: pathlib.Path, target: pathlib.Path) -> None:
    from faster_whisper.tokenizer import Tokenizer as SpeechTokenizer
    from tokenizers import Tokenizer

    source = read(ct2 / "model.bin")
    target.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.astype(np.float32) for name, value in to_hugging_face(source).items()}
    save_file(tensors, target / "model.safetensors", {"format": "pt"})
    tokenizer = json.loads((ct2 / "tokenizer.json").read_text())
    (target / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))
    speech = SpeechTokenizer(Tokenizer.from_file(str(ct2 / "tokenizer.json")), True, task="transcribe", language="en")
    specials = [speech.transcribe, speech.translate, speech.sot, speech.sot_prev, speech.sot_lm, speech.no_speech]
    suppress = sorted({*speech.non_speech_tokens, *specials})
    files = {
        "config.json": config(source),
        "generation_config.json": generation_config(tokenizer, BASE_ALIGNMENT_HEADS, suppress),
        "preprocessor_config.json": feature_extractor(source["encoder/conv1/weight"].shape[1]),
        "tokenizer_config.json": {"tokenizer_class": "WhisperTokenizer", "bos_token": "<|endoftext|>",
                                  "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
                                  "unk_token": "<|endoftext|>", "model_max_length": 1024},
    }
    for name, content in files.items():
        (target / name).write_text(json.dumps(content, indent=1, ensure_ascii=False, default=int) + "\n")


if __name__ == "__main__":
    convert(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
