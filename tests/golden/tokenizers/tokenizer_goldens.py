"""Writes the goldens of the tokenizers: small tokenizers trained here, and what Hugging Face's library makes of awkward
texts with them.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python tests/golden/tokenizers/tokenizer_goldens.py                      everything below this folder
    python tests/golden/tokenizers/tokenizer_goldens.py TOKENIZER.JSON NAME  cases of a tokenizer that is not kept here

NAME/tokenizer.json is a tokenizer, NAME/cases.json a list of
    {"bytes": hex, "ids": [...], "plain_ids": [without what the post-processor adds]}   bytes read as UTF-8, errors U+FFFD
    {"ids": [...], "text": special tokens left out, "full_text": special tokens kept}
components.json holds normalizers, pre-tokenizers and decoders alone, each with its inputs and outputs.
"""

import io
import json
import pathlib
import random
import sys
import tempfile

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent

TRAINING = """
The quick brown fox jumps over the lazy dog, and the dog doesn't mind; it's used to it by now. They'll say we've seen
1234567890 of them in 2023, or 3.14 times 2,000! "Quoted", (bracketed) [text] {here} <there> - dash -- dashes --- more.
def function(self, value=None):\n    return self.value + value  # a comment\n\tif x == y: pass\n\n\n
Der schnelle braune Fuchs springt über den faulen Hund. Größe, Straße, Äpfel. Le renard brun saute par-dessus le chien
paresseux; ça va, où est l'été? El zorro marrón rápido salta sobre el perro perezoso, ¿verdad? ¡Sí!
Быстрая коричневая лиса прыгает через ленивую собаку. Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.
敏捷的棕色狐狸跳过了懒狗。素早い茶色の狐がのろまな犬を飛び越える。カタカナ と ひらがな。 빠른 갈색 여우가 게으른 개를 뛰어넘는다.
الثعلب البني السريع يقفز فوق الكلب الكسول. השועל החום המהיר קופץ מעל הכלב העצלן. तेज़ भूरी लोमड़ी आलसी कुत्ते पर कूदती है।
I'm sure you're right, he'd go, she'll stay; we're here. DON'T SHOUT, I'LL GO. http://example.org/path?query=1&b=2
""".strip().split("\n")

SPACES = "\t\n\r\x0b\x0c \x1c\x85\xa0\u1680\u180e\u2000\u2003\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
FIXED = [
    "", " ", "  ", "a", " a", "a ", "\n", "\r\n", "\t\t", "a  b", "a   b", " \n \n ", "\n\n\na", "   a\n   b",
    "Hello, world!", "it's they'll we've I'm you're he'd don't 'tis ''s 's", "IT'S THEY'LL WE'VE I'M YOU'RE HE'D",
    "it\u2019s", "\u017ft'\u017f K\u212a \u212b", "0 12 345 6789 01234567890", "\u00bd \u00b2\u00b3 \u2167 \u0663\u0664 \u0967\u0968 \U0001d7d8\U0001d7d9",
    "x1y2z3 a_b __init__ CamelCase camelCase HTTPServer", "!!! ??? ... --- ***bold*** `code` $x^2$ #tag @user 50% a/b\\c",
    "caf\u00e9 cafe\u0301 \u1e9b\u0323 \ufb01 \u01c5 \u0130stanbul \u0131 \u00df \u1e9e \u03a3\u03c3\u03c2", "e\u0301\u0302\u0303 \u0300 \u0300\u0301",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea 1\ufe0f\u20e3 \u2764\ufe0f",
    "\u4f60\u597d\u4e16\u754c\u3002\u65e5\u672c\u8a9e\u306e\u30c6\u30b9\u30c8\uff0c\uff11\uff12\uff13\uff01", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd \u0928\u092e\u0938\u094d\u0924\u0947", "\u0000\u0001\u0002\u001f\u007f\u0080\u009f",
    "\ufffd \ufffe \uffff \U0010ffff \ue000 \ufdd0", "a\u00a0b\u2003c\u3000d\u180ee\u200bf\ufeffg", "".join(SPACES), "a" + "a".join(SPACES) + "a",
    # characters after Unicode 14: letters, a mark, digits, a symbol, ideographs
    "\u0897 \u1c89\u1c8a \ua7cb \U0001e030 \U00031350\U000323af \U0002ebf0 \U0001e4f0\U0001e4f9 \U0001fae8 \U0001faef x\U00010d4ay \U00011f50",
    "a" * 200, " " * 200, "ab" * 100, "\n" * 50, "x" + " " * 63 + "y", "1" * 100, "\u00e9" * 60, "\U0001f600" * 30, "." * 77,
]
BROKEN = [b"\x80", b"a\xffb", b"\xc3", b"\xc3 \xa9", b"\xe2\x82", b"\xe2\x82 \xac", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\xaf",
          b"\xf4\x90\x80\x80", b"caf\xe9 na\xefve", b"\xfe\xff\x00a", b" \xf0\x9f <s>"]


def random_text(rng, special):
    parts = []
    words = " ".join(TRAINING).split(" ")
    for _ in range(int(2 ** rng.uniform(0, 4.5))):
        kind = rng.random()
        if kind < 0.3:
            parts.append(rng.choice(words) + rng.choice([" ", " ", ""]))
        elif kind < 0.42:
            parts.append(rng.choice(SPACES) * rng.choice([1, 1, 2, 5]))
        elif kind < 0.5:
            code = rng.randrange(0x110000)
            parts.append(chr(code) if not 0xD800 <= code < 0xE000 else "?")
        elif kind < 0.6:
            parts.append(chr(rng.choice([rng.randrange(0x80), rng.randrange(0x800), rng.randrange(0xD800)])))
        elif kind < 0.66:
            parts.append(chr(rng.choice(list(range(0x300, 0x340)) + [0xFE0F, 0x200D, 0x20E3])))
        elif kind < 0.76 and special:
            text = rng.choice(special)
            parts.append(text if rng.random() < 0.8 else text[: rng.randrange(len(text)) + 1])
        elif kind < 0.9:
            parts.append("".join(rng.choice("abcdefghij0123456789") for _ in range(rng.randrange(1, 9))))
        else:
            parts.append(rng.choice("'.,!?-_()[]{}<>|\"$%&/=+*~^`") * rng.choice([1, 1, 3]))
    return "".join(parts)


def cases_of(tokenizer, count, seed=0):
    rng = random.Random(seed)
    added = [t.content for t in tokenizer.get_added_tokens_decoder().values()]
    texts = [t.encode() for t in FIXED] + BROKEN
    for token in added[:16]:
        texts += [t.encode() for t in (token, f" {token} ", f"a{token}b", f"{token}{token}", f"x  {token}  y", token.upper())]
    texts += [random_text(rng, added).encode() for _ in range(count)]
    cases = []
    for raw in texts:
        text = raw.decode("utf-8", errors="replace")
        cases.append({"bytes": raw.hex(), "ids": tokenizer.encode(text).ids,
                      "plain_ids": tokenizer.encode(text, add_special_tokens=False).ids})
    size = tokenizer.get_vocab_size()
    lists = [c["ids"] for c in cases[::3]] + [[rng.randrange(size + 2) for _ in range(rng.randrange(1, 12))] for _ in range(count)]
    for ids in lists:
        cases.append({"ids": ids, "text": tokenizer.decode(ids), "full_text": tokenizer.decode(ids, skip_special_tokens=False)})
    return cases


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(v, separators=(",", ":")) for v in value)
    path.write_text("[\n" + rows + "\n]\n")


SPECIAL = [AddedToken("<s>", special=True, normalized=False), AddedToken("</s>", special=True, normalized=False),
           AddedToken("<mask>", special=True, normalized=False, lstrip=True),
           AddedToken("<right>", special=True, normalized=False, rstrip=True)]
PLAIN = [AddedToken("Word", single_word=True, normalized=False), AddedToken("<|plain|>", normalized=False),
         AddedToken("<|plain|>s", normalized=False), AddedToken("Norm\u00c9", normalized=True), AddedToken("  ", normalized=False),
         AddedToken("\u597d", normalized=True)]


def bpe(size, unk=None, **options):
    model = models.BPE(unk_token=unk, **options)
    prefix = {k: v for k, v in options.items() if k in ("continuing_subword_prefix", "end_of_word_suffix")}
    return Tokenizer(model), dict(vocab_size=size, show_progress=False, **prefix)


def train(tokenizer, trainer, added=True):
    tokenizer.train_from_iterator(TRAINING, trainer)
    if added:
        tokenizer.add_special_tokens(SPECIAL)
        tokenizer.add_tokens(PLAIN)
    return tokenizer


def template(tokenizer, single="<s> $A </s>"):
    names = [t for t in ("<s>", "</s>") if t in single]
    return processors.TemplateProcessing(single=single, pair=single + " $B", special_tokens=[(t, tokenizer.token_to_id(t)) for t in names])


def gpt2():
    t, options = bpe(700)
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    train(t, trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **options))
    t.post_processor = template(t)
    return t


PATTERNS = {
    "cl100k": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "gpt4_possessive": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "deepseek": "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
    "kimi": r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+|\p{N}{1,3}|\s+|.",
    "bloom": r" ?[^(\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+",
    "clip": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    "classes": r"[[:alpha:]_]+|[[:digit:]]{2}|[[:^space:]&&[:punct:]]|[\w&&[^\d_]]+|\h{2}|[^\W\d]|\W",
    "boundaries": r"\b\w|\w\b|\B.|^\s|\s$",
    "properties": r"\p{Alpha}+|\p{Punct}+|\p{Alnum}|\p{^L}|\P{N}",
    "lookaround": r"(?<=\s)\S+|(?<!\S)\d|(?=\p{Lu})|a(?!b)",
    "dotall": r"(?m:a.b)|^.+$|\x41\x{e9}|\u00e9[^\x00-\x7f]",
    "empty": r"x*",
    "intervals": r"\d{,2}|(?:ab){2}+|[a-c]{2,3}+x|{|}",
}


def llama3():
    t, options = bpe(600, ignore_merges=True)
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERNS["cl100k"]), "isolated"),
                                               pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    train(t, trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **options))
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template(t, "<s> $A")])
    return t


def llama2():
    t, options = bpe(700, "<unk>", byte_fallback=True, fuse_unk=True)
    t.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    t.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")  # for training: words, not lines
    train(t, trainers.BpeTrainer(special_tokens=["<unk>"], limit_alphabet=80, **options), added=False)
    document = json.loads(t.to_str())
    document["pre_tokenizer"] = None
    for token in bytes_:
        document["model"]["vocab"][token] = len(document["model"]["vocab"])
    t = Tokenizer.from_str(json.dumps(document))
    t.add_special_tokens(SPECIAL)
    t.add_tokens(PLAIN)
    t.post_processor = template(t, "<s> $A")
    return t


def clip():
    t, options = bpe(600, "<unk>", end_of_word_suffix="</w>", fuse_unk=False)
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERNS["clip"]), "removed", invert=True),
                                               pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.decoder = decoders.BPEDecoder(suffix="</w>")
    train(t, trainers.BpeTrainer(special_tokens=["<unk>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **options))
    t.post_processor = processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")))
    return t


def prefixed():
    t, options = bpe(500, "<unk>", continuing_subword_prefix="##", fuse_unk=True)
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(), normalizers.StripAccents()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)])
    t.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    train(t, trainers.BpeTrainer(special_tokens=["<unk>"], limit_alphabet=60, **options))
    return t


def bert():
    t = Tokenizer(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=30))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    train(t, trainers.WordPieceTrainer(vocab_size=500, special_tokens=["<unk>"], limit_alphabet=90, show_progress=False))
    t.post_processor = processors.BertProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")))
    return t


def unigram(byte_fallback=False):
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    t.decoder = decoders.Metaspace(prepend_scheme="first")
    train(t, trainers.UnigramTrainer(vocab_size=300, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False), added=False)
    document = json.loads(t.to_str())
    if byte_fallback:
        document["model"]["byte_fallback"] = True
        document["model"]["vocab"] += [[f"<0x{b:02X}>", 0.0] for b in range(256)]
        document["decoder"] = {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, document["decoder"]]}
    t = Tokenizer.from_str(json.dumps(document))
    t.add_special_tokens(SPECIAL)
    t.add_tokens(PLAIN)
    t.post_processor = template(t, "$A </s>")
    return t


def words():
    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    train(t, trainers.WordLevelTrainer(vocab_size=120, special_tokens=["<unk>"], show_progress=False))
    return t


TOKENIZERS = {"bert": bert, "unigram": unigram, "unigram_bytes": lambda: unigram(True), "words": words, "gpt2": gpt2, "llama3": llama3, "llama2": llama2, "clip": clip, "prefixed": prefixed}

COMPONENT_TEXTS = [t for t in FIXED if t and len(t) < 150] + ["The Quick-Brown fox's 3.5 na\u00efve \u0391\u03b8\u03ae\u03bd\u03b1, \u5317\u4eac 2008!", "a b  c   d\u2581e", "x,y;z", "\u2581a\u2581\u2581b"]


# Rules of a charsmap: characters, a cluster, and one that begins another.
CHARSMAP = {"\ufb01": "fi", "e\u0301": "\u00e9", "\u00a0": " ", "\u2003": " ", "\u200b": "", "A": "a", "\uff11": "1", "\u00bd": "1/2", "ab": "c", "\u1112\u1161\u11ab": "\ud55c", "\r\n": "\n"}


def charsmap():
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    out = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        for key, value in CHARSMAP.items():
            rules.write(" ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value) + "\n")
        rules.flush()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(TRAINING), model_writer=out, vocab_size=250, minloglevel=2,
                                                 normalization_rule_tsv=rules.name)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(out.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def components():
    P, N, D = pre_tokenizers, normalizers, decoders
    behaviors = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
    cutters = [P.ByteLevel(), P.ByteLevel(add_prefix_space=False), P.ByteLevel(use_regex=False), P.Whitespace(), P.WhitespaceSplit(),
               P.Digits(), P.Digits(individual_digits=True), P.BertPreTokenizer(), P.CharDelimiterSplit("e"), P.FixedLength(4)]
    cutters += [P.Punctuation(b) for b in behaviors]
    cutters += [P.Split(" ", b, invert=i) for b in behaviors for i in (False, True)]
    cutters += [P.Split(Regex(r"\d+|[aeiou]"), b, invert=i) for b in behaviors for i in (False, True)]
    cutters += [P.Metaspace(prepend_scheme=s, split=c) for s in ("always", "first", "never") for c in (True, False)]
    cutters += [P.Split(Regex(p), "isolated") for p in PATTERNS.values()]
    cutters += [P.UnicodeScripts()]
    cutters += [P.Sequence([P.WhitespaceSplit(), P.Metaspace(prepend_scheme="first"), P.Digits()])]
    writers = [N.NFC(), N.NFD(), N.NFKC(), N.NFKD(), N.Lowercase(), N.Strip(), N.Strip(left=False), N.Strip(right=False), N.StripAccents(),
               N.Prepend("\u2581"), N.Replace(" ", "\u2581"), N.Replace(Regex(r"\s+"), "_"), N.Replace(Regex("(a|b)c?"), ""), N.Nmt(), N.ByteLevel(),
               N.BertNormalizer(), N.BertNormalizer(lowercase=False), N.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=False),
               N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase()]), N.Precompiled(charsmap())]
    joiners = [D.ByteLevel(), D.ByteFallback(), D.Fuse(), D.Metaspace(), D.Metaspace(prepend_scheme="never"), D.WordPiece(), D.WordPiece(cleanup=False),
               D.Replace("\u2581", " "), D.Replace(Regex("[ab]+"), "-"), D.Strip("a", 2, 0), D.BPEDecoder(), D.CTC(), D.CTC(cleanup=False),
               D.Sequence([D.Replace("\u2581", " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])]
    token_lists = [["\u2581Hel", "lo", "\u2581\u2581wor", "##ld", "<0xE2>", "<0x82>", "<0xAC>", "!"], ["<0xE2>", "<0x82>", "x", "<0xFF>", "<0x+A>", "<0xzz>"],
                   ["\u0120a", "\u00c3", "\u00a9", "\u00f0\u0141\u013a", "caf\u00e9\u597d"], ["do", "n't", "##s", " .", "it", " 's", "?"], ["a</w>", "b", "c</w>"],
                   ["<pad>", "h", "h", "<pad>", "h", "|", "|", "e", " do not"], ["aaab", "baa", "a", ""], ["one"]]
    out = []
    for c in writers:
        out.append({"kind": "normalizer", "spec": spec_of(c, "normalizer"), "cases": [[t, c.normalize_str(t)] for t in COMPONENT_TEXTS]})
    for c in cutters:
        out.append({"kind": "pre_tokenizer", "spec": spec_of(c, "pre_tokenizer"), "cases": [[t, [p for p, _ in c.pre_tokenize_str(t)]] for t in COMPONENT_TEXTS]})
    for c in joiners:
        out.append({"kind": "decoder", "spec": spec_of(c, "decoder"), "cases": [[t, c.decode(t)] for t in token_lists]})
    return out


def spec_of(component, key):
    tokenizer = Tokenizer(models.BPE())
    setattr(tokenizer, key, component)
    return json.loads(tokenizer.to_str())[key]


def main():
    if len(sys.argv) == 3:
        write(HERE / sys.argv[2] / "cases.json", cases_of(Tokenizer.from_file(sys.argv[1]), 150))
        return
    for name, make in TOKENIZERS.items():
        tokenizer = make()
        (HERE / name).mkdir(exist_ok=True)
        (HERE / name / "tokenizer.json").write_text(tokenizer.to_str())
        write(HERE / name / "cases.json", cases_of(Tokenizer.from_file(str(HERE / name / "tokenizer.json")), 120))
    write(HERE / "components.json", components())

    # gpt2 again as the separate files that it first came as
    document = json.loads((HERE / "gpt2" / "tokenizer.json").read_text())
    folder = HERE / "gpt2_files"
    folder.mkdir(exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(document["model"]["vocab"]))
    merges = [m if isinstance(m, str) else " ".join(m) for m in document["model"]["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    special = {t["content"]: t["id"] for t in document["added_tokens"] if t["special"]}
    (folder / "added_tokens.json").write_text(json.dumps(dict(list(special.items())[:2])))
    (folder / "special_tokens_map.json").write_text(json.dumps({"bos_token": "<s>", "eos_token": "</s>"}))
    keys = ("content", "single_word", "lstrip", "rstrip", "normalized", "special")
    rest = {str(t["id"]): {k: t[k] for k in keys} for t in document["added_tokens"] if t["content"] not in ("<s>", "</s>")}
    (folder / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": False, "added_tokens_decoder": rest}))


if __name__ == "__main__":
    main()
