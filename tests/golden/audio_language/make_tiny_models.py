#!/usr/bin/env python3
"""Makes the tiny random language models that hear beside this script, each with reference.safetensors for `millrace
verify`.

Made with transformers 5.23.0 and torch 2.15.0 (float32, eager, CPU):
    python tests/golden/audio_language/make_tiny_models.py [NAME...]
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent / "vision_language")]
import tiny_model  # noqa: E402
from adapter import load_adapted, write_adapter  # noqa: E402
from sound_models import MODELS  # noqa: E402
from tiny_model import load, make_folder, write_reference  # noqa: E402


def make(folder, model, seed):
    make_folder(folder, model["model_type"], model["config"], seed, model.get("drop", ()), model.get("rename", ()),
                adjust=model.get("adjust", lambda model: None))
    model["extractor"].save_pretrained(folder)
    if "adapter" in model:
        write_adapter(folder, seed, **model["adapter"])
    tiny_model.load = load_adapted if "adapter" in model else load
    write_reference(folder, seed, model["sounds"], embeddings=model["embeddings"], encoder="audio_encoder",
                    listed=True, more=model["preprocess"])


if __name__ == "__main__":
    for wanted in sys.argv[1:] or MODELS:
        make(HERE / wanted, MODELS[wanted], sum(map(ord, wanted)))
