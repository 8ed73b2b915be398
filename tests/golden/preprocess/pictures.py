#!/usr/bin/env python3
"""Writes small pictures of every format to pictures/, and what Pillow reads from them to pictures.safetensors.

Made with pillow 13.0.0, numpy, safetensors: python tests/golden/preprocess/pictures.py
"""
import pathlib
import struct
import sys

import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from picture_files import bmp, bmp_lines, packed, png, run_lengths, tiff  # noqa: E402

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

# PNG: depths, transparent colours, orders of lines, orientation.
palette = np.array(image.quantize(4).getpalette()[:12], np.uint8)
few = np.array(image.quantize(4))
deep = (colours.astype(np.uint16) << 8) | colours[::-1, ::-1]
colour_table = (b"PLTE", palette.tobytes())
for depth in (1, 2, 4, 8):
    levels = (x * 15 + y * 3) % 2**depth
    png(FOLDER / f"grey_{depth}.png", levels, depth, 0)
    png(FOLDER / f"palette_{depth}.png", np.minimum(few, 2**depth - 1), depth, 3, chunks=[colour_table, (b"tRNS", b"\0\x80")])
png(FOLDER / "grey_16.png", deep[..., 0] * (x > 8), 16, 0)
png(FOLDER / "colours_16.png", deep, 16, 2, chunks=[(b"tRNS", b"\0\1\0\2\0\3")])
png(FOLDER / "grey_alpha_16.png", deep[..., :2], 16, 4)
png(FOLDER / "alpha_16.png", np.concatenate([deep, deep[..., :1]], axis=-1), 16, 6)
png(FOLDER / "adam7.png", colours, 8, 2, interlaced=True, chunks=[(b"gAMA", b"\0\0\xb1\x8f"), (b"sBIT", b"\5\5\5")])
png(FOLDER / "adam7_2.png", few, 2, 3, interlaced=True, chunks=[colour_table])
exif[0x0112] = 6
image.save(FOLDER / "turned.png", exif=exif)

# BMP: depths, runs, orders of lines.
table = b"".join(bytes(colour[::-1]) + b"\0" for colour in palette.reshape(-1, 3))
image.convert("1").save(FOLDER / "bits.bmp")
bmp(FOLDER / "palette_4.bmp", bmp_lines(few, 4), 13, 17, 4, palette=table)
image.quantize(200).save(FOLDER / "palette_8.bmp")
image.convert("L").save(FOLDER / "grey.bmp")
bmp(FOLDER / "runs_4.bmp", run_lengths(few, True), 13, 17, 4, 2, table)
bmp(FOLDER / "runs_8.bmp", run_lengths(few, False), 13, 17, 8, 1, table)
bmp(FOLDER / "os2.bmp", bmp_lines(few, 4), 13, 17, 4, palette=table, header_size=12)
fives = (x * 2) << 10 | (y * 2) << 5 | (x + y)
bmp(FOLDER / "colours_15.bmp", bmp_lines(fives.astype(">u2").byteswap(), 16), 13, 17, 16)
bmp(FOLDER / "colours_16.bmp", bmp_lines((fives * 3).astype(np.uint16).byteswap(), 16), 13, 17, 16, 3,
    masks=struct.pack("<III", 0xf800, 0x7e0, 0x1f))
alpha.save(FOLDER / "alpha.bmp")
bmp(FOLDER / "colours_32.bmp", bmp_lines(np.dstack([colours[..., ::-1], colours[..., :1]]).reshape(13, -1), 8), 13, 17, 32)
bmp(FOLDER / "downwards.bmp", bmp_lines(colours[::-1].reshape(13, -1), 8), -13, 17, 24)

# TIFF: depths, colours, compressions, places of samples, orientation.
for mode, compression in (("L", "packbits"), ("1", "group4"), ("P", "tiff_adobe_deflate"), ("CMYK", "tiff_lzw"), ("LA", "raw"),
                          ("RGBA", "tiff_deflate"), ("I;16", "raw"), ("YCbCr", "jpeg"), ("RGB", "jpeg")):
    made = Image.fromarray(deep[..., 0]) if mode == "I;16" else alpha.convert(mode) if "A" in mode else image.convert(mode)
    made.save(FOLDER / f"{mode.replace(';', '_').lower()}_{compression}.tiff", compression=compression)
size = {256: 17, 257: 13, 278: 13}
for order in "<>":
    tiff(FOLDER / f"colours_16_{'little' if order == '<' else 'big'}.tiff", deep.astype(order + "u2").tobytes(),
         size | {258: (16,) * 3, 259: 1, 262: 2, 277: 3}, order)
tiff(FOLDER / "planes.tiff", colours.transpose(2, 0, 1).tobytes(),
     size | {258: (8,) * 3, 259: 1, 262: 2, 277: 3, 284: 2}, planes=3)
tiff(FOLDER / "dark_is_white.tiff", colours[..., 0].tobytes(), size | {258: 8, 259: 1, 262: 0, 277: 1})
tiff(FOLDER / "bits_4.tiff", b"".join(packed(few * 5, 4)), size | {258: 4, 259: 1, 262: 1, 277: 1})
tiff(FOLDER / "grey_16_big.tiff", deep[..., 0].astype(">u2").tobytes(), size | {258: 16, 259: 1, 262: 1, 277: 1}, ">")
for orientation in (3, 8):
    image.save(FOLDER / f"turned_{orientation}.tiff", tiffinfo={274: orientation})

# WebP and GIF.
alpha.save(FOLDER / "alpha_lossless.webp", lossless=True)
alpha.save(FOLDER / "alpha_lossy.webp", quality=70)
exif[0x0112] = 5
image.save(FOLDER / "turned.webp", quality=90, exif=exif)
image.save(FOLDER / "moving.webp", lossless=True, save_all=True, append_images=[alpha.convert("RGB").rotate(180)])
image.save(FOLDER / "plain.gif")
image.save(FOLDER / "moving.gif", save_all=True, append_images=[image.rotate(180)], interlace=True)
alpha.save(FOLDER / "transparent.gif")

tensors = {}
for path in sorted(FOLDER.iterdir()):
    tensors[path.name] = np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
save_file(tensors, HERE / "pictures.safetensors")
