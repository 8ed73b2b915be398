#!/usr/bin/env python3
"""Writes small files of torch.save in both of its formats, and the same tensors as pytorch.safetensors.

Made with torch 2.15.0: python tests/golden/models/make_pytorch.py
"""
import os
import pathlib
from collections import OrderedDict

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).resolve().parent
torch.manual_seed(1)
base = torch.randn(6, 4)
tensors = OrderedDict(
    weight=torch.randn(5, 3),
    transposed=torch.randn(3, 4).t(),
    part=base[2:4],
    column=base[:, 1],
    channels_last=torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last),
    half=torch.randn(7).half(),
    bfloat=torch.randn(3).bfloat16(),
    count=torch.tensor(12),
    bytes=torch.arange(5, dtype=torch.uint8),
    parameter=torch.nn.Parameter(torch.randn(2, 2)),
)
save_file({name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()},
          HERE / "pytorch.safetensors")
torch.save(tensors, HERE / "pytorch_zip.pth")
torch.save(tensors, HERE / "pytorch_old.pth", _use_new_zipfile_serialization=False)
wrapped = {"epoch": 3, "best": 0.5, "state_dict": {"module." + name: tensor for name, tensor in tensors.items()}}
torch.save(wrapped, HERE / "pytorch_wrapped.pth")


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil_has_run",)


torch.save({"weight": tensors["weight"], "evil": Evil()}, HERE / "pytorch_evil.pth")
