#!/usr/bin/env python3
"""Writes the references of the transcription algorithm beside this file, from the functions that define it.

Needs Python 3.11 with faster-whisper==1.2.1, torch==2.15.0, numpy, tiktoken, tqdm, and openai-whisper==20250625
installed with --no-deps (the references need no numba, see below).
usage: make_goldens.py
"""
import json
import random
import sys
import types
from pathlib import Path

import numpy as np
import torch

# openai-whisper's decorators, without the compiler.
numba = types.ModuleType("numba")
numba.jit = lambda *args, **kwargs: (lambda function: function)
sys.modules.setdefault("numba", numba)

from faster_whisper.transcribe import WhisperModel, get_compression_ratio, merge_punctuations  # noqa: E402
from whisper.decoding import ApplyTimestampRules  # noqa: E402
from whisper.timing import dtw, median_filter  # noqa: E402

HERE = Path(__file__).parent
EOT, NO_TIMESTAMPS, BEGIN, VOCABULARY = 20, 29, 30, 60
PREPENDED, APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


def save(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)
    (HERE / f"{name}.json").write_text(text + "\n")


def rounded(array):
    return [round(float(x), 4) for x in np.asarray(array).ravel()]


def timestamp_rules(rng):
    tokenizer = types.SimpleNamespace(no_timestamps=NO_TIMESTAMPS, timestamp_begin=BEGIN, eot=EOT)
    cases = []
    for _ in range(150):
        tokens, latest = [], BEGIN
        for _ in range(rng.randrange(0, 7)):
            if rng.random() < 0.5:
                tokens.append(rng.randrange(0, EOT))
            else:
                latest = min(VOCABULARY - 1, latest + rng.randrange(0, 5))
                tokens.append(latest)
        logits = np.array([round(rng.gauss(0, 2) - (1.5 if i >= BEGIN else 0), 3) for i in range(VOCABULARY)],
                          dtype=np.float32)
        latest_first = rng.choice([None, 1, 3, 50])
        after = torch.tensor(logits)[None].clone()
        prompt = [25, 26]
        ApplyTimestampRules(tokenizer, len(prompt), latest_first).apply(after, torch.tensor([prompt + tokens]))
        cases.append({"tokens": tokens, "latest_first": -1 if latest_first is None else latest_first,
                      "logits": rounded(logits), "kept": [i for i in range(VOCABULARY) if after[0, i] > -np.inf]})
    save("timestamp_rules", {"end_of_text": EOT, "no_timestamps": NO_TIMESTAMPS, "begin": BEGIN,
                             "vocabulary": VOCABULARY, "cases": cases})


def time_warping(rng):
    cases = []
    for rows, columns in [(1, 1), (1, 5), (4, 1), (3, 3), (5, 12), (9, 30), (12, 8)]:
        for ties in (False, True):
            cost = np.array([[round(rng.choice([0.0, 1.0, -1.0]) if ties else rng.gauss(0, 1), 3)
                              for _ in range(columns)] for _ in range(rows)], dtype=np.float32)
            path = np.asarray(dtw(torch.tensor(cost))).T.tolist()
            cases.append({"rows": rows, "columns": columns, "cost": rounded(cost), "path": path})
    save("time_warping", cases)


def median_of_seven(rng):
    cases = []
    for size in (1, 3, 4, 5, 7, 8, 20, 64):
        values = np.array([round(rng.choice([rng.gauss(0, 1), 0.5]), 3) for _ in range(size)], dtype=np.float32)
        filtered = median_filter(torch.tensor(values)[None], 7)[0]
        cases.append({"values": rounded(values), "filtered": rounded(filtered)})
    save("median_of_seven", cases)


def compression_ratio():
    texts = ["", "a", "hello world", "ask not what your country can do for you " * 6, "を" * 40,
             "¿Qué tal? — ça va 😀", "".join(chr(33 + i * 7 % 90) for i in range(300))]
    save("compression_ratio", [{"text": text, "ratio": get_compression_ratio(text)} for text in texts])


def merge_punctuation(rng):
    pieces = [" Hello", " \"", "\"", ",", ".", " (", ")", " world", " -", "?", " ¿", "。", " '", "'s", "", " a", "…",
              ":", " [", "]"]
    cases = []
    for _ in range(80):
        words = [{"word": rng.choice(pieces), "tokens": [i]} for i in range(rng.randrange(1, 9))]
        before = [word["word"] for word in words]
        merge_punctuations(words, PREPENDED, APPENDED)
        cases.append({"before": before, "after": [word["word"] for word in words],
                      "tokens": [word["tokens"] for word in words]})
    save("merge_punctuation", cases)


def window_segments(rng):
    tokenizer = types.SimpleNamespace(timestamp_begin=BEGIN)
    model = types.SimpleNamespace(time_precision=0.02, input_stride=2)
    cases = []
    for _ in range(120):
        latest = BEGIN + rng.randrange(0, 3)
        tokens = [latest]
        for _ in range(rng.randrange(0, 4)):
            tokens += [rng.randrange(0, EOT) for _ in range(rng.randrange(1, 4))]
            latest += rng.randrange(1, 40)
            kind = rng.random()
            if kind < 0.7:
                tokens.append(latest)
                latest += rng.choice([0, 0, 5])
                tokens.append(latest)
            elif kind < 0.85:
                tokens.append(latest)
                break
        frames = rng.choice([3000, 1234, 500])
        segments, seek, silence = WhisperModel._split_segments_by_timestamps(
            model, tokenizer, tokens, 7.5, frames, frames / 100, 0)
        cases.append({"tokens": tokens, "frames": frames, "consumed_frames": seek, "ends_in_silence": silence,
                      "segments": [{"start": s["start"], "end": s["end"], "tokens": s["tokens"]} for s in segments]})
    save("window_segments", {"end_of_text": EOT, "no_timestamps": NO_TIMESTAMPS, "begin": BEGIN, "offset": 7.5,
                             "cases": cases})


def word_times(rng):
    """add_word_timestamps on alignments made up here."""
    cases = []
    for _ in range(60):
        segments, alignment, clock = [], [], rng.choice([0.0, 0.3, 2.5])
        for _ in range(rng.randrange(1, 4)):
            start, tokens = clock, []
            for _ in range(rng.randrange(0, 6)):
                length = rng.choice([0.0, 0.1, 0.2, 0.24, 0.3, 0.5, 1.4, 2.6])
                ids = [rng.randrange(0, EOT)] * rng.choice([1, 1, 2])
                tokens += ids
                alignment.append({"word": rng.choice([" so", " we", " go", ".", ",", " ¿", "!", " long"]),
                                  "tokens": ids, "start": round(clock, 2), "end": round(clock + length, 2),
                                  "probability": round(rng.random(), 3)})
                clock += length
            jitter = rng.choice([0.0, 0.6, -0.6, 0.2])
            segments.append({"seek": 1000, "start": round(10 + max(0, start + jitter), 2),
                             "end": round(10 + max(0.1, clock - jitter), 2), "tokens": [BEGIN, *tokens, BEGIN + 1]})
            clock += rng.choice([0.0, 0.5])
        last_speech = rng.choice([0.0, 9.0, 10.0])
        case = json.loads(json.dumps({"segments": segments, "alignment": alignment, "last_speech": last_speech}))
        model = types.SimpleNamespace(frames_per_second=100, find_alignment=lambda *_: [alignment])
        tokenizer = types.SimpleNamespace(eot=EOT)
        case["last"] = WhisperModel.add_word_timestamps(model, [segments], tokenizer, None, 3000, PREPENDED, APPENDED,
                                                        last_speech)
        case["placed"] = [{"start": s["start"], "end": s["end"],
                           "words": [[w["word"], w["start"], w["end"], w["probability"]] for w in s["words"]]}
                          for s in segments]
        cases.append(case)
    save("word_times", {"end_of_text": EOT, "no_timestamps": NO_TIMESTAMPS, "begin": BEGIN, "offset": 10.0,
                        "cases": cases})


def main():
    rng = random.Random(20250625)
    timestamp_rules(rng)
    time_warping(rng)
    median_of_seven(rng)
    compression_ratio()
    merge_punctuation(rng)
    window_segments(rng)
    word_times(rng)


if __name__ == "__main__":
    main()
