"""Writes log_mel_*.f32: features by transformers' WhisperFeatureExtractor.

Needs transformers==5.23.0, torch==2.15.0, numpy, soundfile. Run from this folder.

Every 16th frame of each feature array, [bands, frames] float32 without header. `kennedy` goes through the extractor as
a user calls it (PyTorch, single precision); `chirp` through the same class's NumPy path (double precision), because
single precision alone is 5e-5 off there.
"""

import numpy as np
import soundfile
from transformers import WhisperFeatureExtractor


def chirp():
    t = np.arange(480000) / 16000
    return (0.8 * np.sin(2 * np.pi * (100 * t + 120 * t * t))).astype(np.float32)


kennedy, rate = soundfile.read("../../../samples/kennedy.wav", dtype="float32")
for bands in (80, 128):
    extractor = WhisperFeatureExtractor(feature_size=bands)
    features = extractor(kennedy, sampling_rate=rate, return_tensors="np").input_features[0]
    np.ascontiguousarray(features[:, ::16], np.float32).tofile(f"log_mel_kennedy_{bands}.f32")
    features = extractor._np_extract_fbank_features(chirp()[None], "cpu")[0]
    np.ascontiguousarray(features[:, ::16], np.float32).tofile(f"log_mel_chirp_{bands}.f32")
# No padding: as long as the sound.
extractor = WhisperFeatureExtractor(feature_size=80)
features = extractor(kennedy[:20100], sampling_rate=rate, padding=False, return_tensors="np").input_features[0]
np.ascontiguousarray(features, np.float32).tofile("log_mel_unpadded_80.f32")
print(features.shape)
