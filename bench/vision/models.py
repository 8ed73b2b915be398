"""Makes what compare_vision.py measures: python models.py LITE0.pth FOLDER

A folder for each model: EfficientNet-Lite0 with its real weights as Millrace's store has them, and ViT-base, ConvNeXT-tiny
and MobileViT-small, whose weights nobody hands out without the Hub, with seeded random ones (the speed is the same). In each
model.onnx, exported from PyTorch, for ONNX Runtime and OpenVINO; and for Millrace the checkpoint as transformers writes it, or
`model`, a link to the file it came from.
"""
import pathlib
import sys

import numpy
import timm
import torch
import transformers

SEED = 7
CONFIGS = {
    "vit-base": (transformers.ViTForImageClassification, transformers.ViTConfig, transformers.ViTImageProcessorPil, {}),
    "convnext-tiny": (transformers.ConvNextForImageClassification, transformers.ConvNextConfig,
                      transformers.ConvNextImageProcessorPil, {"size": {"shortest_edge": 224}}),
    "mobilevit-small": (transformers.MobileViTForImageClassification, transformers.MobileViTConfig,
                        transformers.MobileViTImageProcessorPil, {}),
}


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).logits


def lite0(weights: pathlib.Path):
    """EfficientNet-PyTorch's state dict lists the same tensors as timm's, in the same order."""
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    stored = torch.load(weights, weights_only=True)
    own = model.state_dict()
    if [value.shape for value in stored.values()] != [value.shape for value in own.values()]:
        raise SystemExit(f"{weights} is not the state dict of an EfficientNet-Lite0")
    model.load_state_dict(dict(zip(own, stored.values())))
    return model


def settle_norms(model: torch.nn.Module, size: int) -> None:
    """Gives batch normalisations the statistics of noise: without, signals fade until rounding is all that is left."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None
    if norms:
        with torch.inference_mode():
            model.train()(torch.randn(8, 3, size, size))
    model.eval()


def export(model: torch.nn.Module, size: int, folder: pathlib.Path) -> None:
    """The graph, and a batch of pixels with PyTorch's logits for it."""
    generator = torch.Generator().manual_seed(SEED)
    pixels = torch.randn(8, 3, size, size, generator=generator)
    with torch.inference_mode():
        logits = model(pixels)
    numpy.save(folder / "pixels.npy", pixels.numpy())
    numpy.save(folder / "logits.npy", logits.numpy())
    torch.onnx.export(model, (pixels,), str(folder / "model.onnx"), input_names=["pixel_values"], output_names=["logits"],
                      dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=64)},), dynamo=True, external_data=False)


def main() -> None:
    weights, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder = out / "efficientnet-lite0"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "model.onnx").exists():
        (folder / "model").unlink(missing_ok=True)
        (folder / "model").symlink_to(weights.resolve())
        export(lite0(weights), 224, folder)
    for name, (model_class, config_class, processor_class, options) in CONFIGS.items():
        folder = out / name
        if (folder / "model.onnx").exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(SEED)
        config = config_class(num_labels=1000)
        model = model_class(config)
        settle_norms(model, config.image_size)
        model.save_pretrained(folder)
        processor_class(**options).save_pretrained(folder)
        export(Logits(model).eval(), config.image_size, folder)


if __name__ == "__main__":
    main()
