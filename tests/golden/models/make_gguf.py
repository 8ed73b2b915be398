"""Makes ggml_types.gguf, one tensor of random blocks for each of GGML's types, and ggml_types.safetensors, the same as
gguf.quants.dequantize (gguf 0.19.0) has them in float32.

    pip install gguf==0.19.0 safetensors numpy
    python tests/golden/models/make_gguf.py
"""

from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

FOLDER = Path(__file__).parent
ROWS = 2
# Where a block's float16 scales and minima begin: any bits will do for the rest.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0],
}  # fmt: skip
PLAIN = {"F32": np.float32, "F16": np.float16, "F64": np.float64, "I8": np.int8, "I16": np.int16, "I32": np.int32}


def main():
    random = np.random.default_rng(7)
    writer = gguf.GGUFWriter(FOLDER / "ggml_types.gguf", "llama")
    writer.add_block_count(1)
    writer.add_rope_freq_base(10000.0)
    writer.add_token_list(["a", "b"])
    expected = {}
    for name, offsets in SCALES.items():
        kind = gguf.GGMLQuantizationType[name]
        values, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = random.integers(0, 256, (ROWS * 2, size), dtype=np.uint8)
        for offset in offsets:
            scales = random.normal(0, 0.01, (ROWS * 2, 1)).astype(np.float16)
            blocks[:, offset : offset + 2] = scales.view(np.uint8)
        data = blocks.reshape(ROWS, 2 * size)
        writer.add_tensor(name, data, raw_dtype=kind)
        expected[name] = gguf.quants.dequantize(data, kind).reshape(ROWS, 2 * values).copy()
    for name, dtype in PLAIN.items():
        data = (random.normal(0, 30, (ROWS, 3))).astype(dtype)
        writer.add_tensor(name, data)
        expected[name] = data.astype(np.float32)
    half = random.integers(0, 1 << 14, (ROWS, 3), dtype=np.uint16)
    writer.add_tensor("BF16", half.view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)
    expected["BF16"] = (half.astype(np.uint32) << 16).view(np.float32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, FOLDER / "ggml_types.safetensors")


main()
