"""Makes a tiny random decoder-only language model in a folder, with what transformers computes with it.

Used by make_tiny_models.py and sweep.py, with transformers 5.23.0 and torch (float32, eager, CPU).
"""

import json
import pathlib
import shutil
import sys

import torch
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from reference import Reference, clear_winners, shake  # noqa: E402


def old_rope(config, rope):
    """What transformers 4 calls the flat rope_parameters of transformers 5."""
    base, part = ("rotary_emb_base", "rotary_pct") if config["model_type"] == "gpt_neox" else (
        "rope_theta", "partial_rotary_factor")
    renamed = {"rope_theta": base, "partial_rotary_factor": part}
    out = {renamed[key]: rope.pop(key) for key in list(rope) if key in renamed}
    kind = rope.pop("rope_type", "default")
    if kind != "default":
        out["rope_scaling"] = {"type" if kind in ("linear", "dynamic", "longrope") else "rope_type": kind} | rope
    return out


def spell_as_transformers_4(config):
    """config.json as transformers 4 wrote it."""
    config = dict(config)
    rope = config.pop("rope_parameters", None)
    if rope and "full_attention" in rope:
        config |= old_rope(config, dict(rope["full_attention"]))
        if config["model_type"] == "gemma3_text":
            config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
    elif rope:
        config |= old_rope(config, dict(rope))
    if "dtype" in config:
        config["torch_dtype"] = config.pop("dtype")
    if config.get("layer_types") and "sliding_window" in config:
        types = config.pop("layer_types")
        if config["model_type"] in ("gemma3_text", "cohere2") and "full_attention" in types:
            config["sliding_window_pattern"] = types.index("full_attention") + 1
    config["transformers_version"] = "4.51.3"
    return config


def make_folder(folder, model_type, config, seed, dtype=None, shard="5GB", spelling=5, drop=()):
    """Writes config.json and the weights. `drop` names keys of the config to leave out."""
    shutil.rmtree(folder, ignore_errors=True)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **config), attn_implementation="eager")
    shake(model.eval(), seed)
    if dtype is not None:
        model = model.to(dtype)
    model.save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    path = folder / "config.json"
    values = json.loads(path.read_text())
    if spelling == 4:
        values = spell_as_transformers_4(values)
    values = {key: value for key, value in values.items() if key not in drop}
    path.write_text(json.dumps(values, indent=2) + "\n")


def load(folder):
    # Anew for each case: some of transformers' rotary embeddings remember the longest sequence.
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                experts_implementation="eager").eval()


def padding_mask(batch, length, left):
    """Each row has two tokens less than the row before, but one at least."""
    mask = torch.ones(batch, length, dtype=torch.int64)
    for row in range(1, batch):
        missing = min(2 * row, length - 1)
        if left:
            mask[row, :missing] = 0
        else:
            mask[row, length - missing :] = 0
    return mask


def greedy(folder, arguments, count):
    """The new ids alone, or None where rounding could change one."""
    model = load(folder)
    model.generation_config = GenerationConfig()  # without the config's end tokens
    config = GenerationConfig(do_sample=False, max_new_tokens=count, pad_token_id=0, output_logits=True,
                              return_dict_in_generate=True)
    # Without a mask, transformers takes the tokens that look like padding for padding.
    mask = arguments.get("attention_mask", torch.ones_like(arguments["input_ids"]))
    out = model.generate(arguments["input_ids"], attention_mask=mask, generation_config=config)
    new = out.sequences[:, arguments["input_ids"].shape[1] :]
    assert new.shape[1] == count
    return new if clear_winners(torch.stack(out.logits)) else None


def write_reference(folder, seed, length=13, short=7, batch=2, count=12, prompt=5):
    """Writes reference.safetensors: forward, token_embedding, text_decoder and generate."""
    model = load(folder)
    vocabulary = model.get_input_embeddings().num_embeddings
    generator = torch.Generator().manual_seed(seed)

    def ids(rows, columns):
        return torch.randint(0, vocabulary, (rows, columns), generator=generator)

    result = Reference()
    given = {"input_ids": ids(1, length)}
    result.add("forward", given, {"logits": load(folder)(**given).logits})
    for case in ("left", "right"):
        given = {"input_ids": ids(batch, short), "attention_mask": padding_mask(batch, short, case == "left")}
        result.add("forward", given, {"logits": load(folder)(**given).logits}, case)
    given = {"input_ids": ids(1, 5)}
    embeds = model.get_input_embeddings()(given["input_ids"])
    result.add("token_embedding", given, {"embeds": embeds})
    given = {"inputs_embeds": embeds, "cache_position": torch.arange(5)}
    result.add("text_decoder", given, {"logits": load(folder)(inputs_embeds=embeds).logits})
    # There, the frequencies of all rows of a batch depend on the longest.
    independent = (getattr(model.config, "rope_parameters", None) or {}).get("rope_type") not in ("dynamic", "longrope")
    for case in (None, "left") if independent else (None,):
        for _ in range(40):
            given = {"input_ids": ids(batch, prompt)}
            if case:
                given["attention_mask"] = padding_mask(batch, prompt, True)
            new = greedy(folder, given, count)
            if new is not None:
                result.add("generate", given, {"sequences": new}, case)
                break
    result.save(folder / "reference.safetensors")
    return result
