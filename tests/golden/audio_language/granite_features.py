"""GraniteSpeechFeatureExtractor without torchaudio: its MelSpectrogram, as torchaudio documents it, of torch and transformers."""
import importlib.machinery
import sys
import types

import torch
from transformers.audio_utils import mel_filter_bank


class MelSpectrogram:
    """Powers of Hann windows in the middle of mirrored frames, times triangles on HTK's mel scale."""

    def __init__(self, sample_rate, n_fft, win_length, hop_length, n_mels):
        self.n_fft, self.hop_length, self.window = n_fft, hop_length, torch.hann_window(win_length)
        self.filters = torch.from_numpy(mel_filter_bank(
            num_frequency_bins=n_fft // 2 + 1, num_mel_filters=n_mels, min_frequency=0.0, max_frequency=sample_rate / 2,
            sampling_rate=sample_rate, norm=None, mel_scale="htk")).float()

    def to(self, device):
        return self

    def __call__(self, sound):
        spectrum = torch.stft(sound, self.n_fft, self.hop_length, win_length=len(self.window), window=self.window,
                              center=True, pad_mode="reflect", return_complex=True)
        return (spectrum.abs().pow(2).transpose(-1, -2) @ self.filters).transpose(-1, -2)


def granite_extractor(**options):
    module = types.ModuleType("torchaudio")
    module.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
    module.transforms = types.SimpleNamespace(MelSpectrogram=MelSpectrogram)
    sys.modules["torchaudio"] = module
    from transformers.models.granite_speech import feature_extraction_granite_speech as granite
    granite.torchaudio, granite.requires_backends = module, lambda *_: None
    return granite.GraniteSpeechFeatureExtractor(**options)
