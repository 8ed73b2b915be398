"""Makes films for the tests of the command: AVI files of JPEG pictures, with Python's own library alone."""
import struct


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def jpeg_size(jpeg):
    """(width, height) from the first frame header."""
    position = 2
    while True:
        marker, length = jpeg[position + 1], struct.unpack(">H", jpeg[position + 2:position + 4])[0]
        if 0xC0 <= marker <= 0xC3:
            height, width = struct.unpack(">HH", jpeg[position + 5:position + 9])
            return width, height
        position += 2 + length


def avi(jpegs, rate):
    """A film of the JPEG files, `rate` of them a second."""
    width, height = jpeg_size(jpegs[0])
    count = len(jpegs)
    main = struct.pack("<14I", 1_000_000 // rate, 0, 0, 0x10, count, 0, 1, 0, width, height, 0, 0, 0, 0)
    stream = b"vidsMJPG" + struct.pack("<10I4H", 0, 0, 0, 1, rate, 0, count, 0, 0xFFFFFFFF, 0, 0, 0, width, height)
    form = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
    header = chunk(b"LIST", b"hdrl" + chunk(b"avih", main) +
                   chunk(b"LIST", b"strl" + chunk(b"strh", stream) + chunk(b"strf", form)))
    movie, index, offset = b"", b"", 4
    for jpeg in jpegs:
        part = chunk(b"00dc", jpeg)
        index += struct.pack("<4sIII", b"00dc", 0x10, offset, len(jpeg))
        movie += part
        offset += len(part)
    return chunk(b"RIFF", b"AVI " + header + chunk(b"LIST", b"movi" + movie) + chunk(b"idx1", index))
