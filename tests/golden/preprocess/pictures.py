#!/usr/bin/env python3
"""Writes small pictures of every format to pictures/, and what Pillow reads from them to pictures.safetensors.

Made with pillow 13.0.0, numpy, safetensors: python tests/golden/preprocess/pictures.py
"""
import pathlib

import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "pictures"
FOLDER.mkdir(exist_ok=True)
y, x = np.mgrid[0:13, 0:17]
colours = np.stack([x * 15, y * 19, 255 - x * 7 - y * 8], axis=-1).astype(np.uint8)
image = Image.fromarray(colours)
alpha = Image.fromarray(np.dstack([colours, (x * 15).astype(np.uint8)]), "RGBA")
exif = Image.Exif()

image.save(FOLDER / "plain.png", icc_profile=b"not a profile")
alpha.save(FOLDER / "alpha.png")
image.quantize(16).save(FOLDER / "palette.png")
image.convert("L").save(FOLDER / "grey.png")
alpha.convert("LA").save(FOLDER / "grey_alpha.png")
image.convert("1").save(FOLDER / "bits.png")
image.save(FOLDER / "interlaced.png")
image.save(FOLDER / "plain.bmp")
image.save(FOLDER / "plain.tiff")
image.save(FOLDER / "lzw.tiff", compression="tiff_lzw")
image.save(FOLDER / "lossless.webp", lossless=True)
image.save(FOLDER / "lossy.webp", quality=80)
image.save(FOLDER / "baseline.jpg", quality=90)
image.save(FOLDER / "progressive.jpg", quality=90, progressive=True)
for orientation in range(2, 9):
    exif[0x0112] = orientation
    image.save(FOLDER / f"turned_{orientation}.jpg", quality=90, exif=exif)
image.convert("CMYK").save(FOLDER / "inks.jpg", quality=90)
image.save(FOLDER / "halved.jpg", quality=90, subsampling="4:2:0")
image.convert("L").save(FOLDER / "grey.jpg", quality=90)
tensors = {}
for path in sorted(FOLDER.iterdir()):
    tensors[path.name] = np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
save_file(tensors, HERE / "pictures.safetensors")
