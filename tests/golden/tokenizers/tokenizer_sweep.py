"""Compares the command's tokenizers with Hugging Face's on tokenizers composed at random and awkward texts.

    pip install tokenizers==0.23.3 sentencepiece
    python tests/golden/tokenizers/tokenizer_sweep.py build/release/millrace [--tokenizers N] [--texts N] [--seed N]

Prints each difference and, last, how many there are; they must be none.
"""

import argparse
import base64
import io
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

import tokenizer_goldens as goldens
from tokenizers import Tokenizer, models, pre_tokenizers, trainers


def charsmaps():
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2 as pb

    made = []
    for rule in ("nmt_nfkc", "nfkc_cf", "nfkc"):
        out = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(goldens.TRAINING), model_writer=out, vocab_size=250,
                                                 normalization_rule_name=rule, minloglevel=2)
        proto = pb.ModelProto()
        proto.ParseFromString(out.getvalue())
        made.append(base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode())
    return made


BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


class Composer:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.charsmaps = charsmaps()
        self.models = [json.loads(make().to_str())["model"] for make in goldens.TOKENIZERS.values()]
        self.models += [self.scratch_bpe(), self.scratch_unigram(), self.scratch_unigram()]

    def scratch_bpe(self):
        t = Tokenizer(models.BPE(unk_token="[UNK]", fuse_unk=False))
        t.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
        t.train_from_iterator(goldens.TRAINING, trainers.BpeTrainer(vocab_size=400, special_tokens=["[UNK]"], show_progress=False, limit_alphabet=70))
        return json.loads(t.to_str())["model"]

    def scratch_unigram(self):
        """Scores with ties, tokens that overlap."""
        letters = "abcde \u2581\u00e9\u4f60"
        tokens = {"<unk>": 0.0}
        for _ in range(150):
            token = "".join(self.rng.choice(letters) for _ in range(self.rng.randrange(1, 5)))
            tokens[token] = -float(self.rng.randrange(1, 12))
        return {"type": "Unigram", "unk_id": 0, "byte_fallback": False, "vocab": [list(t) for t in tokens.items()]}

    def some(self, choices, most):
        return [make() for make in self.rng.choices(choices, k=self.rng.randrange(most + 1))]

    def flag(self):
        return self.rng.random() < 0.5

    def pattern(self):
        rng = self.rng
        if rng.random() < 0.4:
            return {"String": rng.choice([" ", "a", "\u2581", "--", "the", "."])}
        return {"Regex": rng.choice(list(goldens.PATTERNS.values()) + [r"\s+", r" {2,}", "[aeiou]+", r"\d{1,3}(?=(?:\d{3})*\b)", r"^\s", r"\n"])}

    def normalizer(self):
        rng, flag = self.rng, self.flag
        kinds = [{"type": t} for t in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")]
        makers = [lambda k=k: k for k in kinds] + [
            lambda: {"type": "BertNormalizer", "clean_text": flag(), "handle_chinese_chars": flag(), "strip_accents": rng.choice([None, True, False]), "lowercase": flag()},
            lambda: {"type": "Precompiled", "precompiled_charsmap": rng.choice(self.charsmaps)},
            lambda: {"type": "Precompiled", "precompiled_charsmap": rng.choice(self.charsmaps)},
            lambda: {"type": "Replace", "pattern": self.pattern(), "content": rng.choice(["", " ", "\u2581", "_"])},
            lambda: {"type": "Prepend", "prepend": rng.choice(["\u2581", " ", "ab"])},
            lambda: {"type": "Strip", "strip_left": flag(), "strip_right": flag()},
        ]
        if rng.random() < 0.08:
            makers.append(lambda: {"type": "ByteLevel"})
        parts = self.some(makers, 3)
        return None if not parts else parts[0] if len(parts) == 1 else {"type": "Sequence", "normalizers": parts}

    def metaspace(self):
        return {"type": "Metaspace", "replacement": self.rng.choice(["\u2581", "\u2581", "_"]), "prepend_scheme": self.rng.choice(["always", "first", "never"]), "split": self.flag()}

    def pre_tokenizer(self):
        rng, flag = self.rng, self.flag
        makers = [
            lambda: {"type": "ByteLevel", "add_prefix_space": flag(), "trim_offsets": flag(), "use_regex": flag()},
            lambda: {"type": "Whitespace"}, lambda: {"type": "WhitespaceSplit"}, lambda: {"type": "BertPreTokenizer"}, self.metaspace, self.metaspace,
            lambda: {"type": "Split", "pattern": self.pattern(), "behavior": rng.choice(BEHAVIORS), "invert": flag()},
            lambda: {"type": "Split", "pattern": self.pattern(), "behavior": rng.choice(BEHAVIORS), "invert": flag()},
            lambda: {"type": "Punctuation", "behavior": rng.choice(BEHAVIORS)}, lambda: {"type": "Digits", "individual_digits": flag()},
            lambda: {"type": "CharDelimiterSplit", "delimiter": rng.choice(" e\u2581")}, lambda: {"type": "UnicodeScripts"},
            lambda: {"type": "FixedLength", "length": rng.randrange(1, 7)},
        ]
        parts = self.some(makers, 3)
        return None if not parts else parts[0] if len(parts) == 1 else {"type": "Sequence", "pretokenizers": parts}

    def decoder(self):
        rng, flag = self.rng, self.flag
        makers = [
            lambda: {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}, lambda: {"type": "ByteFallback"}, lambda: {"type": "Fuse"},
            self.metaspace, lambda: {"type": "WordPiece", "prefix": "##", "cleanup": flag()}, lambda: {"type": "BPEDecoder", "suffix": "</w>"},
            lambda: {"type": "CTC", "pad_token": "<unk>", "word_delimiter_token": "\u2581", "cleanup": flag()},
            lambda: {"type": "Replace", "pattern": self.pattern(), "content": rng.choice(["", " "])},
            lambda: {"type": "Strip", "content": rng.choice(" a"), "start": rng.randrange(3), "stop": rng.randrange(3)},
        ]
        parts = self.some(makers, 3)
        return None if not parts else parts[0] if len(parts) == 1 else {"type": "Sequence", "decoders": parts}

    def post_processor(self, ids):
        rng = self.rng
        special = [t for t in ids if t.startswith("<")]
        if not special or rng.random() < 0.25:
            return None
        def template():
            names = [rng.choice(special) for _ in range(rng.randrange(4))]
            single = [{"SpecialToken": {"id": n, "type_id": 0}} for n in names]
            single.insert(rng.randrange(len(single) + 1), {"Sequence": {"id": "A", "type_id": 0}})
            return {"type": "TemplateProcessing", "single": single, "pair": single + [{"Sequence": {"id": "B", "type_id": 1}}],
                    "special_tokens": {n: {"id": n, "ids": [ids[n]], "tokens": [n]} for n in names}}
        def pair(kind):
            a, b = rng.choice(special), rng.choice(special)
            rest = {"trim_offsets": True, "add_prefix_space": True} if kind == "RobertaProcessing" else {}
            return {"type": kind, "sep": [a, ids[a]], "cls": [b, ids[b]], **rest}
        makers = [template, template, lambda: pair("BertProcessing"), lambda: pair("RobertaProcessing"),
                  lambda: {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}]
        if rng.random() < 0.3:
            # Of two that add tokens the reference takes the first one's for a pair of texts.
            return {"type": "Sequence", "processors": rng.choice([[], [makers[-1]()]]) + [rng.choice(makers[:-1])()] + rng.choice([[], [makers[-1]()]])}
        return rng.choice(makers)()

    def added(self, model):
        rng = self.rng
        vocab = model["vocab"]
        known = list(vocab) if isinstance(vocab, dict) else [t for t, _ in vocab]
        ids = {t: i for i, t in enumerate(known)} if isinstance(vocab, list) else dict(vocab)
        pool = ["<s>", "</s>", "<mask>", "<|x|>", "<|x|>y", "<|", "Word", "word", "  ", "\n", "\u597d", "Norm\u00c9", "\u00c9\u0301", "a", "the", " lead", "trail ", "\u2581w", "\U0001f600", "e\u0301", "\u0130", "\ufb01"]
        contents = [rng.choice(pool) if rng.random() < 0.85 else rng.choice(known) for _ in range(rng.randrange(9))]
        tokens, seen = [], max(ids.values()) + 1
        for content in dict.fromkeys(c for c in contents if c):
            if content not in ids:
                ids[content] = seen
                seen += 1
            tokens.append({"id": ids[content], "content": content, "single_word": rng.random() < 0.25, "lstrip": rng.random() < 0.25,
                           "rstrip": rng.random() < 0.25, "normalized": self.flag(), "special": self.flag()})
        return tokens, ids

    def tokenizer(self):
        rng = self.rng
        model = dict(rng.choice(self.models))
        if model["type"] == "BPE" and rng.random() < 0.4:
            model["ignore_merges"] = self.flag()
            model["fuse_unk"] = self.flag()
        tokens, ids = self.added(model)
        return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": self.normalizer(), "pre_tokenizer": self.pre_tokenizer(),
                "post_processor": self.post_processor(ids), "decoder": self.decoder(), "model": model}


def attempt(function):
    try:
        return function()
    except BaseException as error:  # a panic is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


def ask(millrace, folder, lines, *options):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([millrace, "tokenize", "--model", str(folder), *options], input=text.encode(), capture_output=True)
    answers = [json.loads(line) for line in done.stdout.decode().split("\n") if line]
    if len(answers) < len(lines):
        answers.append("FAILED: " + done.stderr.decode().strip()[-300:])
    return answers + [None] * (len(lines) - len(answers))


def compare(millrace, folder, encode, decode, texts, rng, size, report):
    """`encode(text, special)` and `decode(ids, keep)` are the reference, None where it fails."""
    for special in (True, False):
        wanted = [(t, attempt(lambda: encode(t, special))) for t in texts]
        wanted = [(t, w) for t, w in wanted if w is not None]
        answers = ask(millrace, folder, [t for t, _ in wanted], *([] if special else ["--no-special-tokens"]))
        for (text, want), got in zip(wanted, answers):
            if got is not None:
                report("encode", special, text, want, got)
    lists = [w for _, w in wanted[::3]] + [[rng.randrange(size) for _ in range(rng.randrange(1, 14))] for _ in range(len(texts) // 2)]
    for keep in (True, False):
        known = [(ids, attempt(lambda: decode(ids, keep))) for ids in lists]
        known = [(i, w) for i, w in known if w is not None]
        answers = ask(millrace, folder, [i for i, _ in known], "--decode", *(["--keep-special-tokens"] if keep else []))
        for (ids, want), got in zip(known, answers):
            if got is not None:
                report("decode", keep, ids, want, got)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("millrace")
    parser.add_argument("--tokenizers", type=int, default=100)
    parser.add_argument("--texts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    composer = Composer(arguments.seed)
    rng = random.Random(arguments.seed)
    checked = refused = different = 0
    for number in range(arguments.tokenizers):
        document = composer.tokenizer()
        text = json.dumps(document)
        reference = attempt(lambda: Tokenizer.from_str(text))
        if reference is None:
            refused += 1
            continue
        added = [t["content"] for t in document["added_tokens"]]
        normalize = reference.normalizer.normalize_str if reference.normalizer else lambda text: text
        looked_for = [(t["normalized"], normalize(t["content"]) if t["normalized"] else t["content"]) for t in document["added_tokens"]]
        # Which of two the reference finds is chance; an empty one it finds everywhere.
        if len(set(looked_for)) < len(looked_for) or any(not text for _, text in looked_for):
            refused += 1
            continue
        texts = rng.sample(goldens.FIXED, 20) + [goldens.random_text(rng, added) for _ in range(arguments.texts)]
        texts += ["".join(rng.choice(added + [" ", "  ", "a", "\n"]) for _ in range(6)) for _ in range(10)] if added else []
        shown = 0

        def report(what, option, given, want, got):
            nonlocal checked, different, shown
            checked += 1
            if want == got:
                return
            different += 1
            shown += 1
            if shown == 1:
                parts = {k: v for k, v in document.items() if k != "model"}
                print(f"--- tokenizer {number}, model {document['model']['type']}: {json.dumps(parts)}")
            if shown <= 2:
                print(f"{what} {option} {given!r}\n  want {want!r}\n  got  {got!r}"[:1500])

        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "tokenizer.json").write_text(text)
            compare(arguments.millrace, folder, lambda t, s: reference.encode(t, add_special_tokens=s).ids,
                    lambda i, k: reference.decode(i, skip_special_tokens=not k), texts, rng, reference.get_vocab_size() + 2, report)
    print(f"{arguments.tokenizers - refused} tokenizers, {refused} that the reference refuses, {checked} comparisons, {different} differences")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
