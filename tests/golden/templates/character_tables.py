"""Writes tokenizers/jinja/character_tables.inc: what Python's string methods know of characters beyond the general category
and one-to-one case mappings. Run with the Python whose Unicode the tables shall follow."""

import sys
import unicodedata
from pathlib import Path

OUT = Path(__file__).resolve().parents[3] / "tokenizers" / "jinja" / "character_tables.inc"
CODES = [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]


def ranges(name, test):
    found = []
    for code in CODES:
        if not test(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    body = ", ".join(f"{{0x{a:X}, 0x{b:X}}}" for a, b in found)
    return f"constexpr Range {name}[] = {{{body}}};\n"


def mapping(name, method):
    rows = [(c, method(chr(c))) for c in CODES if len(method(chr(c))) > 1]
    body = ", ".join(f'{{0x{c:X}, U"' + "".join(f"\\U{ord(x):08X}" for x in text) + '"}' for c, text in rows)
    return f"constexpr Expansion {name}[] = {{{body}}};\n"


def category(character):
    return unicodedata.category(character)


def main():
    OUT.write_text(
        f"// Written by tests/golden/templates/character_tables.py from Unicode {unicodedata.unidata_version}.\n"
        "// clang-format off\n"
        + ranges("kOtherLowercase", lambda x: x.islower() and category(x) != "Ll")
        + ranges("kOtherUppercase", lambda x: x.isupper() and category(x) != "Lu")
        + ranges("kOtherDigits", lambda x: x.isdigit() and category(x) != "Nd")
        + ranges("kOtherNumeric", lambda x: x.isnumeric() and category(x)[0] != "N")
        + mapping("kUpper", str.upper)
        + mapping("kTitle", str.title)
        + "// clang-format on\n")


if __name__ == "__main__":
    main()
