"""A low-rank adapter beside a tiny model, in PEFT's files, and the model with it, without PEFT."""
import json

import torch
from safetensors.torch import load_file, save_file
from tiny_model import load


def adapted_layers(model, names):
    """Linear layers of the decoder, by the names that transformers 4 gave them."""
    for path, layer in model.model.language_model.named_modules():
        if path.split(".")[-1] in names:
            yield f"base_model.model.language_model.model.{path}", layer


def write_adapter(folder, seed, rank, alpha, names):
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for path, layer in adapted_layers(load(folder), names):
        outputs, inputs = layer.weight.shape
        tensors[f"{path}.lora_A.weight"] = 0.3 * torch.randn((rank, inputs), generator=generator)
        tensors[f"{path}.lora_B.weight"] = 0.3 * torch.randn((outputs, rank), generator=generator)
    save_file(tensors, folder / "adapter_model.safetensors")
    config = dict(peft_type="LORA", r=rank, lora_alpha=alpha, target_modules=names, bias="none", use_dora=False,
                  use_rslora=False, fan_in_fan_out=False, modules_to_save=None, alpha_pattern={}, rank_pattern={})
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def load_adapted(folder):
    """With the adapter in force for sounds and for embeddings, and not for text alone, as generate() has it."""
    model = load(folder)
    config = json.loads((folder / "adapter_config.json").read_text())
    tensors = load_file(folder / "adapter_model.safetensors")
    scale = config["lora_alpha"] / config["r"]
    state = dict(on=False, generating=False)

    def add(down, up):
        return lambda layer, given, out: out + scale * (given[0] @ down.T @ up.T) if state["on"] else out

    for path, layer in adapted_layers(model, config["target_modules"]):
        layer.register_forward_hook(add(tensors[f"{path}.lora_A.weight"], tensors[f"{path}.lora_B.weight"]))

    def decide(module, given, arguments):
        if not state["generating"]:
            state["on"] = arguments.get("input_features") is not None or arguments.get("input_ids") is None

    model.register_forward_pre_hook(decide, with_kwargs=True)
    plain_generate = model.generate

    def generate(*given, **arguments):
        state.update(on=arguments.get("input_features") is not None, generating=True)
        return plain_generate(*given, **arguments)

    model.generate = generate
    return model
