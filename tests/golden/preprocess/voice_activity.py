"""Writes voice_activity_*.f32: probabilities by Silero VAD's ONNX file, and speech_segments.json: timestamps by
faster-whisper's and Silero's segmenting of given probabilities.

usage: voice_activity.py silero_vad_16k_op15.onnx
Needs onnxruntime==1.31.1, faster-whisper==1.2.1, silero-vad==6.2.3, numpy, soundfile. Run from this folder.
"""

import itertools
import json
import sys
from unittest import mock

import numpy as np
import onnxruntime
import soundfile
from faster_whisper import vad
from silero_vad.utils_vad import get_speech_timestamps_from_probs

CHUNK = 512


def noise(count):
    """A linear congruential generator, the same in C++; uniform in [-0.3, 0.3)."""
    state, out = 12345, np.empty(count, np.float32)
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        out[i] = (np.float32(state) / np.float32(2**31) - np.float32(0.5)) * np.float32(0.6)
    return out


def probabilities(session, samples):
    samples = np.pad(samples, (0, -len(samples) % CHUNK)).astype(np.float32)
    state, context, out = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32), []
    for start in range(0, len(samples), CHUNK):
        chunk = samples[start : start + CHUNK]
        feed = {"input": np.concatenate([context, chunk])[None], "state": state, "sr": np.array(16000, np.int64)}
        probability, state = session.run(None, feed)
        out.append(probability[0, 0])
        context = chunk[-64:]
    return np.array(out, np.float32)


def random_probabilities(rng, count):
    """Stretches of speech and silence, some of them short, with values around the thresholds."""
    out = []
    while len(out) < count:
        level = rng.choice([0.02, 0.3, 0.42, 0.55, 0.95])
        out += list(level + 0.1 * rng.standard_normal(rng.integers(1, 1 + rng.choice([3, 10, 60, 200]))))
    return [round(float(p), 2) for p in np.clip(out[:count], 0, 1)]


def segments_of_faster_whisper(probabilities, samples, options):
    with mock.patch.object(vad, "get_vad_model", lambda: lambda audio: np.array(probabilities)):
        found = vad.get_speech_timestamps(np.zeros(samples, np.float32), vad.VadOptions(**options))
    return [[s["start"], s["end"]] for s in found]


def segments_of_silero(probabilities, samples, options):
    found = get_speech_timestamps_from_probs(probabilities, audio_length_samples=samples, **options)
    return [[s["start"], s["end"]] for s in found]


session = onnxruntime.InferenceSession(sys.argv[1])
kennedy, _ = soundfile.read("../../../samples/kennedy.wav", dtype="float32")
probabilities(session, kennedy).tofile("voice_activity_kennedy.f32")
probabilities(session, noise(100 * CHUNK)).tofile("voice_activity_noise.f32")
probabilities(session, np.zeros(50 * CHUNK, np.float32)).tofile("voice_activity_silence.f32")
mixed = np.concatenate([kennedy[:50000] * 0.05, 0.2 * noise(30000), kennedy[60000:90000]])
probabilities(session, mixed).tofile("voice_activity_mixed.f32")

rng = np.random.default_rng(1)
cases = []
variants = [
    {},
    {"min_silence_duration_ms": 160, "max_speech_duration_s": 30},
    {"threshold": 0.35, "neg_threshold": 0.3, "min_speech_duration_ms": 250, "min_silence_duration_ms": 100},
    {"min_speech_duration_ms": 1000, "speech_pad_ms": 30, "min_silence_duration_ms": 500},
    {"max_speech_duration_s": 5, "speech_pad_ms": 0, "min_silence_duration_ms": 2000},
    {"max_speech_duration_s": 3, "speech_pad_ms": 200, "min_silence_duration_ms": 100},
    {"max_speech_duration_s": 2, "speech_pad_ms": 333, "min_silence_duration_ms": 1000, "threshold": 0.6},
]
for options, count in itertools.product(variants, (1, 40, 300, 700)):
    if options == {} and count == 1:
        series = [[0.9], [0.1]]
    else:
        series = [random_probabilities(rng, count)]
    for values in series:
        samples = len(values) * CHUNK - int(rng.integers(0, CHUNK))
        silero = {"min_speech_duration_ms": 0, "min_silence_duration_ms": 2000, "speech_pad_ms": 400, **options}
        cases.append(
            {
                "options": options,
                "samples": samples,
                "probabilities": values,
                "last_silence": segments_of_faster_whisper(values, samples, options),
                "longest_silence": segments_of_silero(values, samples, silero),
            }
        )
with open("speech_segments.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
