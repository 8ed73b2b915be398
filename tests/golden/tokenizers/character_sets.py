"""Writes tokenizers/character_sets.inc: the sets of characters that components of the `tokenizers` library go by.

The library's parts follow different versions of Unicode (from 8 to 17), so the sets are asked of it.

    pip install tokenizers==0.23.3
    python tests/golden/tokenizers/character_sets.py
"""

import pathlib

from tokenizers import normalizers, pre_tokenizers

characters = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
digits = pre_tokenizers.Digits(individual_digits=True)
punctuation = pre_tokenizers.Punctuation()
options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
clean = normalizers.BertNormalizer(**{**options, "clean_text": True})
accents = normalizers.BertNormalizer(**{**options, "strip_accents": True})
marks = normalizers.StripAccents()

SETS = {
    "kNumeric": lambda c: len(digits.pre_tokenize_str("a" + c)) == 2,
    "kPunctuation": lambda c: len(punctuation.pre_tokenize_str("a" + c)) == 2,
    "kControl": lambda c: c not in "\0\ufffd" and clean.normalize_str("a" + c) == "a",
    "kNonspacingMarks": lambda c: accents.normalize_str("a" + c) == "a",
    "kMarks": lambda c: marks.normalize_str("a" + c) == "a",
}

text = "// Written by tests/golden/tokenizers/character_sets.py: first and last of each range.\n"
for name, holds in SETS.items():
    ranges = []
    for c in map(ord, filter(holds, characters)):
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    text += f"constexpr Range {name}[] = {{\n"
    for i in range(0, len(ranges), 5):
        text += "    " + " ".join("{0x%X, 0x%X}," % tuple(r) for r in ranges[i : i + 5]) + "\n"
    text += "};\n"

# Characters that UnicodeScripts keeps together have one number; those that belong anywhere are left out.
scripts = pre_tokenizers.UnicodeScripts()
members, ranges, latest = [], [], 0
for character in characters:
    if not scripts.pre_tokenize_str(character):
        continue
    for number in [latest, *range(len(members))] if members else []:
        if len(scripts.pre_tokenize_str(members[number] + character)) == 1:
            latest = number
            break
    else:
        latest = len(members)
        members.append(character)
    code = ord(character)
    if ranges and ranges[-1][1] == code - 1 and ranges[-1][2] == latest + 1:
        ranges[-1][1] = code
    else:
        ranges.append([code, code, latest + 1])
text += "constexpr ScriptRange kScripts[] = {\n"
for i in range(0, len(ranges), 4):
    text += "    " + " ".join("{0x%X, 0x%X, %d}," % tuple(r) for r in ranges[i : i + 4]) + "\n"
text += "};\n"
(pathlib.Path(__file__).parents[3] / "tokenizers" / "character_sets.inc").write_text(text)
