"""Writes files of pictures that Pillow reads but does not write: depths, compressions and orders of lines."""

import struct
import zlib

import numpy as np

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def packed(lines, depth):
    """Lines of samples in so many bits each, every line in whole bytes."""
    if depth == 16:
        return [line.astype(">u2").tobytes() for line in lines]
    if depth == 8:
        return [line.astype(np.uint8).tobytes() for line in lines]
    bits = (lines[..., None] >> np.arange(depth - 1, -1, -1)) & 1
    return [np.packbits(line.reshape(-1)).tobytes() for line in bits]


def png(path, samples, depth, colour, interlaced=False, chunks=()):
    """samples [height, width] or [height, width, channels]; colour is PNG's number; chunks before the pixels."""
    height, width = samples.shape[:2]

    def lines(part):
        return b"".join(b"\0" + line for line in packed(part.reshape(part.shape[0], -1), depth))

    passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [samples]
    data = b"".join(lines(part) for part in passes if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    out = b"\x89PNG\r\n\x1a\n"
    for name, body in ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")):
        out += struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    path.write_bytes(out)


def bmp(path, body, height, width, bits, compression=0, palette=b"", masks=b"", header_size=40):
    """`body`: the lines as they stand in the file; `palette`: blue, green, red, 0 of each."""
    head = struct.pack("<IiiHHIIiiII", header_size, width, height, 1, bits, compression, len(body), 0, 0, len(palette) // 4, 0)
    head += masks + b"\0" * (header_size - 40 - len(masks)) if header_size > 40 else masks
    if header_size == 12:  # of OS/2, whose palette has three bytes of each
        head = struct.pack("<IHHHH", 12, width, height, 1, bits)
        palette = b"".join(palette[i:i + 3] for i in range(0, len(palette), 4))
    start = 14 + len(head) + len(palette)
    path.write_bytes(b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + head + palette + body)


def bmp_lines(lines, depth):
    """From below, each in whole words of four bytes."""
    out = b""
    for line in packed(lines, depth)[::-1]:
        out += line + b"\0" * (-len(line) % 4)
    return out


def run_lengths(lines, nibbles):
    """BMP's compression: runs, stretches as they are, a jump, and ends of lines."""
    out = b""
    for line in lines[::-1]:
        line = [int(value) for value in line]
        x = 0
        while x < len(line):
            run = 1
            while x + run < len(line) and line[x + run] == line[x] and run < 255:
                run += 1
            rest = line[x:x + 5]
            if run == 1 and len(rest) == 5:
                data = bytes(rest) if not nibbles else bytes((a << 4) | b for a, b in zip(rest[::2], rest[1::2] + [0]))
                out += bytes([0, 5]) + data + b"\0" * (len(data) % 2)
                x += 5
            else:
                out += bytes([run, line[x] * 17 if nibbles else line[x]])
                x += run
        out += b"\0\0"
    return out + b"\0\1"


def values(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def kind_of(number, value):
    return "I" if number in (273, 279) or max(value) > 65535 else "H"


def field_size(number, value):
    return len(value) * (4 if kind_of(number, value) == "I" else 2)


def tiff(path, body, tags, order="<", planes=1):
    """A strip for each plane; tags: {number: value or values}, of 2 bytes where they fit into them."""
    entries, more = b"", b""
    strip = len(body) // planes
    tags = dict(sorted((tags | {273: [i * strip for i in range(planes)], 279: [strip] * planes}).items()))
    start = 8 + 2 + 12 * len(tags) + 4
    pixels = start + sum(size for size in (field_size(number, values(value)) for number, value in tags.items()) if size > 4)
    for number, value in tags.items():
        value = values(value)
        if number == 273:
            value = [pixels + place for place in value]
        kind = kind_of(number, value)
        data = struct.pack(order + kind * len(value), *value)
        entries += struct.pack(order + "HHI", number, 4 if kind == "I" else 3, len(value))
        entries += data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(order + "I", start + len(more))
        more += data if len(data) > 4 else b""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    path.write_bytes(mark + struct.pack(order + "I", 8) + struct.pack(order + "H", len(tags)) + entries +
                     struct.pack(order + "I", 0) + more + body)
