"""Word error rate: the edit distance between two word sequences over the reference's length.

Texts are compared as heard, not as written: case, punctuation and hyphens do not count, and common spellings of the
same words (contractions, titles, British endings that occur in the corpus) are folded together.
"""
import re
import unicodedata

_FOLDED = {
    "mister": "mr", "missus": "mrs", "doctor": "dr", "gray": "grey", "ok": "okay", "any more": "anymore",
}
_CONTRACTIONS = [
    (r"\bwon't\b", "will not"), (r"\bcan't\b", "can not"), (r"\bcannot\b", "can not"), (r"n't\b", " not"),
    (r"'re\b", " are"), (r"'ll\b", " will"), (r"'ve\b", " have"), (r"'m\b", " am"),
]


def words(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    for pattern, plain in _CONTRACTIONS:
        text = re.sub(pattern, plain, text)
    text = re.sub(r"[-–—/]", " ", text)
    text = re.sub(r"[^\w\s']", "", text)
    return [_FOLDED.get(word, word) for word in (w.strip("'") for w in text.split()) if word]


def errors(reference: list[str], hypothesis: list[str]) -> int:
    """Fewest substitutions, insertions and deletions that turn one into the other."""
    row = list(range(len(hypothesis) + 1))
    for i, expected in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(hypothesis, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (expected != got))
    return row[-1]


def word_error_rate(pairs: list[tuple[str, str]]) -> float:
    """Of (reference, hypothesis) pairs together, in percent."""
    wrong = total = 0
    for reference, hypothesis in pairs:
        expected = words(reference)
        wrong += errors(expected, words(hypothesis))
        total += len(expected)
    return 100 * wrong / max(1, total)


if __name__ == "__main__":
    assert words("It's Mister O'Brien — can't wait!") == ["it's", "mr", "o'brien", "can", "not", "wait"]
    assert errors("a b c".split(), "a x c d".split()) == 2
    assert word_error_rate([("one two", "one two"), ("three four", "three")]) == 25
    print("ok")
