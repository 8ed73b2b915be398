"""Makes a tiny random language model that reads pictures or hears sounds in a folder, with what transformers computes with it.

Used by make_tiny_models.py and sweep.py, and by ../audio_language, with transformers 5.23.0, torch and Pillow (float32, eager, CPU).
"""

import json
import pathlib
import shutil
import sys

import numpy
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForMultimodalLM, GenerationConfig

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from reference import Reference, clear_winners, shake  # noqa: E402


def make_folder(folder, model_type, config, seed, drop=(), rename=(), add=None, weights=(), adjust=lambda model: None):
    """Writes config.json and the weights, after `adjust`. `drop` and `rename` change keys of the config,
    "text_config.dtype"; `add` is put into it; `weights` are pairs of what names of weights begin with and what they begin
    with instead."""
    shutil.rmtree(folder, ignore_errors=True)
    settings = AutoConfig.for_model(model_type, **config)
    model = AutoModelForMultimodalLM.from_config(settings, attn_implementation="eager")
    shake(model.eval(), seed)
    adjust(model)
    model.save_pretrained(folder)
    for file in [folder / "generation_config.json", *folder.glob("*.md")]:
        file.unlink(missing_ok=True)
    path = folder / "config.json"
    values = json.loads(path.read_text())
    for key, new in [*((key, None) for key in drop), *rename]:
        *parts, last = key.split(".")
        inner = values
        for part in parts:
            inner = inner[part]
        value = inner.pop(last)
        if new is not None:
            inner[new] = value
    for key, value in (add or {}).items():
        values[key] = values[key] | value if key in ("text_config", "vision_config") else value
    path.write_text(json.dumps(values, indent=2) + "\n")
    rename_weights(folder / "model.safetensors", weights)


def rename_weights(path, rules):
    if not rules:
        return
    renamed = {}
    for name, value in load_file(path).items():
        old, new = next((rule for rule in rules if name.startswith(rule[0])), ("", ""))
        renamed[new + name[len(old):]] = value
    save_file(renamed, path, metadata={"format": "pt"})


def load(folder):
    model = AutoModelForMultimodalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def picture(height, width, seed):
    """Smooth colours with some noise, as levels [height, width, 3]."""
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float32)
    noise = numpy.random.default_rng(seed).integers(0, 40, (height, width, 3))
    waves = [numpy.sin(x / (3 + channel) + seed) + numpy.cos(y / (4 - channel)) for channel in range(3)]
    return (numpy.stack(waves, -1) * 50 + 108 + noise - 20).clip(0, 255).astype(numpy.uint8)


def image_processor(folder, class_name, config):
    """Writes preprocessor_config.json and gives the processor that it describes."""
    values = {"image_processor_type": class_name} | config
    (folder / "preprocessor_config.json").write_text(json.dumps(values, indent=2) + "\n")
    return getattr(transformers, class_name + "Pil")(**config)


def add_preprocess(reference, processor, sizes, **more):
    for height, width in sizes:
        levels = picture(height, width, height + width)
        out = processor(Image.fromarray(levels), return_tensors="pt", **more)
        results = {key: value for key, value in out.items() if isinstance(value, torch.Tensor)}
        reference.add("preprocess", {"image": levels}, results, f"{height}x{width}")


def greedy(folder, arguments, count):
    """The new ids alone, or None where rounding could change one."""
    model = load(folder)
    model.generation_config = GenerationConfig()  # without the config's end tokens
    config = GenerationConfig(do_sample=False, max_new_tokens=count, pad_token_id=0, output_logits=True,
                              return_dict_in_generate=True)
    given = {"attention_mask": torch.ones_like(arguments["input_ids"])} | arguments
    with torch.no_grad():
        out = model.generate(**given, generation_config=config)
    new = out.sequences[:, arguments["input_ids"].shape[1]:]
    assert new.shape[1] == count
    return new if clear_winners(torch.stack(out.logits)) else None


class Prompts:
    """Random tokens with places for pictures or sounds between them."""

    def __init__(self, config, seed):
        self.config, self.generator = config, torch.Generator().manual_seed(seed)
        self.image_token = config.image_token_id if hasattr(config, "image_token_id") else config.audio_token_id
        self.words = config.get_text_config().vocab_size

    def text(self, length):
        ids = torch.randint(1, self.words, (length,), generator=self.generator)
        ids[ids == self.image_token] = 0
        return ids

    def with_pictures(self, counts, before=3, after=4):
        """Of pictures that take counts[i] places each."""
        parts = [self.text(before)]
        for count in counts:
            parts += [torch.full((count,), self.image_token), self.text(2)]
        return torch.cat([*parts, self.text(after)])[None]


def padded(rows, left=True):
    """Prompts [1, T] of several lengths as input_ids and attention_mask."""
    length = max(row.shape[1] for row in rows)
    ids, mask = torch.zeros((len(rows), length), dtype=torch.int64), torch.zeros((len(rows), length), dtype=torch.int64)
    for i, row in enumerate(rows):
        part = slice(length - row.shape[1], None) if left else slice(None, row.shape[1])
        ids[i, part], mask[i, part] = row[0], 1
    return {"input_ids": ids, "attention_mask": mask}


@torch.no_grad()
def write_reference(folder, seed, pictures, processor=None, sizes=(), count=8, embeddings=None, types=None,
                    types_name="token_type_ids", encoder="vision_encoder", listed=False, more=lambda reference: None):
    """`pictures(generator, n)` makes the arguments for n pictures (or sounds, of another `encoder`); `embeddings(model,
    arguments)` gives a list of the embeddings of each, of which the encoder's result are all rows where they are `listed`;
    `types(model, input_ids, whole)` makes token_type_ids (`types_name`), of a `whole` text or of a question; `more` adds
    further cases.
    Prompts have a picture, two, none, and two pictures in two rows of different lengths."""
    model = load(folder)
    generator = torch.Generator().manual_seed(seed)
    embeddings = embeddings or (lambda model, given: list(model.get_image_features(**given).pooler_output))
    reference = Reference()
    prompts = Prompts(model.config, seed)

    def typed(words, whole=True):
        return words | ({types_name: types(model, words["input_ids"], whole)} if types else {})

    def embedded(given):
        parts = embeddings(model, given)
        same = (len({part.shape for part in parts}) == 1 and not {"image_sizes", "image_grid_thw"} & given.keys()
                and not listed)
        return torch.stack(parts) if same else torch.cat(parts), [part.shape[0] for part in parts]

    for case, number in (("one", 1), ("two", 2)):
        given = pictures(generator, number)
        result, counts = embedded(given)
        reference.add(encoder, given, {"embeddings": result}, case)
        words = typed({"input_ids": prompts.with_pictures(counts)} | given)
        reference.add("forward", words, {"logits": load(folder)(**words).logits}, case)
        if types_name in words and types_name == "token_type_ids" and case == "two":
            del words[types_name]
            reference.add("forward", words, {"logits": load(folder)(**words).logits}, "untyped")
    if number == 2 and counts:
        rows = [prompts.with_pictures(counts[:1], before=6), prompts.with_pictures(counts[1:])]
        for case, left in (("left", True), ("right", False)):
            words = typed(padded(rows, left) | given)
            reference.add("forward", words, {"logits": load(folder)(**words).logits}, case)
    ids = prompts.text(7)[None]
    reference.add("forward", {"input_ids": ids}, {"logits": load(folder)(input_ids=ids).logits}, "text")
    embeds = model.get_input_embeddings()(ids)
    reference.add("token_embedding", {"input_ids": ids}, {"embeds": embeds})
    reference.add("text_decoder", {"inputs_embeds": embeds, "cache_position": torch.arange(7)},
                  {"logits": load(folder)(inputs_embeds=embeds).logits})
    merged = prompts.with_pictures(counts)
    whole = model.get_input_embeddings()(torch.where(merged == prompts.image_token, 0, merged))
    whole[merged == prompts.image_token] = result.reshape(-1, whole.shape[-1])
    reference.add("token_embedding", {"input_ids": merged, "embeddings": result}, {"embeds": whole}, "merged")
    for case in ("one", "left"):
        for _ in range(40):
            given = pictures(generator, 1 if case == "one" else 2)
            counts = embedded(given)[1]
            if case == "one":
                words = {"input_ids": prompts.with_pictures(counts)}
            else:
                words = padded([prompts.with_pictures(counts[:1], before=6), prompts.with_pictures(counts[1:])])
            words = typed(words | given, whole=False)
            new = greedy(folder, words, count)
            if new is not None:
                reference.add("generate", words, {"sequences": new}, case)
                break
    if processor is not None:
        add_preprocess(reference, processor, sizes)
    more(reference)
    reference.save(folder / "reference.safetensors")
    print(folder.name, sum(file.stat().st_size for file in folder.iterdir()) // 1024, "KB", flush=True)
