"""Writes references: what transformers computes, for `millrace verify` to compare with.

A reference is a safetensors file of tensors in.METHOD[@CASE].ARGUMENT and out.METHOD[@CASE].RESULT. Used by the
make_*.py scripts beside it, with transformers 5.23.0, torch (CPU) and safetensors.
"""

import torch
from safetensors.torch import save_file

TYPES = {torch.float32, torch.int64, torch.uint8}


class Reference:
    """Collects the cases of one model's methods."""

    def __init__(self):
        self.tensors = {}

    def add(self, method, arguments, results, case=None):
        name = method if case is None else f"{method}@{case}"
        for direction, tensors in (("in", arguments), ("out", results)):
            for key, value in tensors.items():
                value = torch.as_tensor(value).detach().contiguous()
                value = value.to(torch.uint8) if value.dtype == torch.bool else value
                assert value.dtype in TYPES, f"{name}.{key} is {value.dtype}"
                self.tensors[f"{direction}.{name}.{key}"] = value.clone()

    def save(self, path):
        save_file(self.tensors, path)


def clear_winners(logits, margin=1e-3):
    """Whether each row's largest value is so much larger than the next that rounding cannot change the choice."""
    best = logits.topk(2, dim=-1).values
    scale = logits.abs().amax(dim=-1)
    return bool(((best[..., 0] - best[..., 1]) > margin * scale).all())


def shake(model, seed, scale=0.3):
    """Gives a model random weights that are large enough for every one to matter."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if ("norm" in name or "ln_" in name) and name.endswith("weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.1 * noise)
            else:
                fan_in = parameter[0].numel() if parameter.dim() > 1 else parameter.numel()
                parameter.copy_(noise * max(scale, (2.0 / fan_in) ** 0.5))
    return model
