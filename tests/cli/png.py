"""Reads the PNG files that the command writes, with Python's own library alone."""
import struct
import zlib


def read_png(data):
    """(width, height, bits, rows): each row a list of levels (grey) or of triples (red, green, blue)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    position, compressed = 8, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position:position + 8])
        body = data[position + 8:position + 8 + length]
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", body[:10])
        if kind == b"IDAT":
            compressed += body
        position += length + 12
    channels = {0: 1, 2: 3}[colour]
    step = channels * bits // 8
    stride, raw, above, rows = width * step, zlib.decompress(compressed), bytes(width * step), []
    for y in range(height):
        start = y * (stride + 1)
        above = unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + stride]), above, step)
        levels = list(above) if bits == 8 else list(struct.unpack(f">{stride // 2}H", above))
        rows.append(levels if channels == 1 else [tuple(levels[i:i + 3]) for i in range(0, len(levels), 3)])
    return width, height, bits, rows


def unfiltered(kind, line, above, step):
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = above[i]
        elif kind == 3:
            guess = (left + above[i]) // 2
        elif kind == 4:
            guess = min((left, above[i], corner), key=lambda one: abs(left + above[i] - corner - one))
        else:
            guess = 0
        line[i] = (line[i] + guess) & 255
    return bytes(line)
