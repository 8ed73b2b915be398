#!/usr/bin/env python3
"""Turns Silero VAD's ONNX file into models/data/silero_vad.safetensors.

usage: silero_to_safetensors.py silero_vad_16k_op15.onnx silero_vad.safetensors

The ONNX file is the one inside the Python package silero-vad 6.2.3 (MIT, sha256 below). Values stay as they are, in
float32; names lose what all have in common. Needs onnx==1.17.0, numpy, safetensors==0.5.3.
"""

import hashlib
import sys

import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

SHA256 = "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49"
NAMES = {
    "model.stft.forward_basis_buffer": "stft.weight",
    "model.decoder.rnn.weight_ih": "lstm.weight_ih",
    "model.decoder.rnn.weight_hh": "lstm.weight_hh",
    "model.decoder.rnn.bias_ih": "lstm.bias_ih",
    "model.decoder.rnn.bias_hh": "lstm.bias_hh",
    "model.decoder.decoder.2.weight": "output.weight",
    "model.decoder.decoder.2.bias": "output.bias",
}
for layer in range(4):
    for kind in ("weight", "bias"):
        NAMES[f"model.encoder.{layer}.reparam_conv.{kind}"] = f"conv.{layer}.{kind}"

source, target = sys.argv[1:]
with open(source, "rb") as file:
    data = file.read()
if hashlib.sha256(data).hexdigest() != SHA256:
    sys.exit(f"{source} is not silero_vad_16k_op15.onnx of silero-vad 6.2.3")
weights = {i.name: numpy_helper.to_array(i) for i in onnx.load_from_string(data).graph.initializer}
if set(weights) != set(NAMES):
    sys.exit(f"{source} holds other weights than expected: {sorted(set(weights) ^ set(NAMES))}")
save_file(
    {NAMES[name]: value for name, value in weights.items()},
    target,
    metadata={
        "name": "Silero VAD 6.2.3, 16 kHz",
        "author": "Silero Team",
        "license": "MIT",
        "source": "https://github.com/snakers4/silero-vad",
    },
)
