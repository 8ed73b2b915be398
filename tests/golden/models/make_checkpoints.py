#!/usr/bin/env python3
"""Writes the small checkpoints that tests/models reads, with the peers' own libraries.

Needs: ctranslate2==4.8.5 safetensors==0.8.0 torch (for bfloat16) numpy
Usage: make_checkpoints.py [FOLDER]   (default: beside this script)
"""
import pathlib
import sys

import numpy as np
import torch
from ctranslate2.specs import common_spec, model_spec
from safetensors.torch import save_file

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__ + "/..").resolve()


class TinySpec(model_spec.ModelSpec):
    """An embedding tied to an output layer, a convolution, a norm, a flag."""

    def __init__(self, rng):
        super().__init__()
        self.embeddings = common_spec.EmbeddingsSpec()
        self.embeddings.weight = rng.standard_normal((7, 6), dtype=np.float32)
        self.projection = common_spec.LinearSpec()
        self.projection.weight = self.embeddings.weight.copy()
        self.conv = common_spec.Conv1DSpec()
        self.conv.weight = rng.standard_normal((6, 5, 3), dtype=np.float32)
        self.conv.bias = rng.standard_normal(6, dtype=np.float32)
        self.norm = common_spec.LayerNormSpec()
        self.norm.gamma = rng.standard_normal(6, dtype=np.float32)
        self.norm.beta = rng.standard_normal(6, dtype=np.float32)
        self.pre_norm = True
        self.num_heads = np.dtype("int16").type(2)

    @property
    def name(self):
        return "TinySpec"

    @property
    def revision(self):
        return 3


def write_ctranslate2(quantization):
    spec = TinySpec(np.random.default_rng(7))
    spec.validate()
    spec.optimize(quantization=quantization)
    name = quantization or "float32"
    spec.save(str(FOLDER))
    (FOLDER / "model.bin").rename(FOLDER / f"{name}.ct2.bin")
    variables = spec.variables()
    expected = {}
    for key, value in variables.items():
        target = value if isinstance(value, str) else key
        array = variables[target].to("float32").numpy()
        if target + "_scale" in variables:
            scale = variables[target + "_scale"].numpy()
            array = array / scale.reshape([-1] + [1] * (array.ndim - 1)) if scale.ndim else array / scale
        expected[key] = torch.from_numpy(np.array(array, dtype=np.float32))
    save_file(expected, FOLDER / f"{name}.ct2.safetensors")


def write_safetensors():
    """Every type the engine has, and one that it has not; values small whole numbers, so exact in all."""
    types = {
        "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "int8": torch.int8,
        "uint8": torch.uint8, "int16": torch.int16, "int32": torch.int32, "int64": torch.int64,
        "float64": torch.float64, "float8": torch.float8_e4m3fn,
    }
    tensors = {name: torch.arange(6).reshape(2, 3).to(kind) for name, kind in types.items()}
    tensors["boolean"] = torch.tensor([True, False, True])
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros((0, 4))
    tensors["名前 \"quoted\""] = torch.tensor([1.0])
    save_file(tensors, FOLDER / "all_types.safetensors", metadata={"format": "pt", "author": "Zoë"})


for kind in (None, "float16", "bfloat16", "int8", "int8_float16", "int16"):
    write_ctranslate2(kind)
write_safetensors()
