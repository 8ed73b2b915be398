"""Writes tokenizers/unicode_additions.inc: the characters that joined Unicode after version 14.

PCRE2 10.42 knows Unicode 14 and utf8proc 2.8 knows 15; the regular expressions of the `tokenizers` library (Oniguruma)
know 16. The categories are asked of that library, so that Millrace splits text where it does.

    pip install tokenizers==0.23.3     (Python 3.11, whose unicodedata is version 14.0.0)
    python tests/golden/tokenizers/unicode_additions.py
"""

import pathlib
import unicodedata

from tokenizers import Regex, normalizers

CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()

assert unicodedata.unidata_version == "14.0.0"
characters = "".join(chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)
category = {}
for name in CATEGORIES:
    for c in normalizers.Replace(Regex(r"[^\p{%s}]" % name), "").normalize_str(characters):
        category[ord(c)] = name

ranges = []
for c in map(ord, characters):
    name = category.get(c, "Cn")
    if name == unicodedata.category(chr(c)):
        continue
    if ranges and ranges[-1][1] == c - 1 and ranges[-1][2] == name:
        ranges[-1][1] = c
    else:
        ranges.append([c, c, name])

out = pathlib.Path(__file__).parents[3] / "tokenizers" / "unicode_additions.inc"
out.write_text(
    "// Written by tests/golden/tokenizers/unicode_additions.py: first, last, general category.\n"
    + "".join('{0x%X, 0x%X, "%s"},\n' % tuple(r) for r in ranges)
)
