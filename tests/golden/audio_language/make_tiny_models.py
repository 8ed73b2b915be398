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
from sound_models import MODELS  # noqa: E402
from tiny_model import make_folder, write_reference  # noqa: E402


def make(name):
    model = MODELS[name]
    folder = HERE / name
    seed = sum(map(ord, name))
    make_folder(folder, model["model_type"], model["config"], seed, model.get("drop", ()), model.get("rename", ()))
    model["extractor"].save_pretrained(folder)
    write_reference(folder, seed, model["sounds"], embeddings=model["embeddings"], encoder="audio_encoder",
                    listed=model.get("listed", True), more=lambda reference: model["preprocess"](reference))


if __name__ == "__main__":
    for wanted in sys.argv[1:] or MODELS:
        make(wanted)
