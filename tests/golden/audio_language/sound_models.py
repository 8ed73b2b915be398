"""The tiny language models that hear, by name: their configs, and how transformers prepares and encodes sounds for them."""
import numpy
import torch
from transformers import WhisperFeatureExtractor
from transformers.masking_utils import create_bidirectional_mask


def text(model_type, width=20, layers=2, heads=2, kv=1, ffn=18, words=52, positions=128, **more):
    return dict(model_type=model_type, hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
                num_key_value_heads=kv, intermediate_size=ffn, vocab_size=words, max_position_embeddings=positions) | more


def waveform(samples, seed):
    """A chirp with some noise."""
    time = numpy.arange(samples) / 16000
    noise = numpy.random.default_rng(seed).normal(0, 0.02, samples)
    return (0.4 * numpy.sin(2 * numpy.pi * (200 + 900 * time) * time + seed) + noise).astype(numpy.float32)


def whisper_features(bands=5, seconds=1):
    return WhisperFeatureExtractor(feature_size=bands, chunk_length=seconds)


def masked_windows(bands, frames, counts, mask):
    """Random windows, of the n-th of which counts[n] frames are sound."""
    def sounds(generator, n):
        features = torch.randn((n, bands, frames), generator=generator)
        heard = torch.arange(frames)[None] < torch.tensor(counts[:n])[:, None]
        return {"input_features": features, mask: heard.long()}
    return sounds


# Qwen2-Audio

def qwen2_audio_embeddings(model, given):
    """What Qwen2AudioModel.forward puts into the text."""
    tower, mask = model.model.audio_tower, given["feature_attention_mask"]
    positions, rows = tower._get_feat_extract_output_lengths(mask.sum(-1))
    length = (mask.shape[1] - 2) // 2 + 1
    seen = create_bidirectional_mask(
        config=tower.config, inputs_embeds=torch.zeros((mask.shape[0], length, 1)),
        attention_mask=(torch.arange(length)[None] < positions[:, None]).long())
    states = tower(given["input_features"], attention_mask=seen).last_hidden_state
    return [part[:count] for part, count in zip(model.model.multi_modal_projector(states), rows)]


def preprocess_first(extractor, mask, lengths):
    """As Qwen2AudioProcessor: one window, filled up or cut."""
    def add(reference):
        for samples in lengths:
            sound = waveform(samples, samples)
            out = extractor(sound, sampling_rate=16000, padding="max_length", return_attention_mask=True, return_tensors="pt")
            reference.add("preprocess", {"waveform": sound},
                          {"input_features": out.input_features, mask: out.attention_mask.long()}, str(samples))
    return add


def qwen2_audio(counts, bands=5, lengths=(), **config):
    extractor, mask = whisper_features(bands), "feature_attention_mask"
    encoder = dict(model_type="qwen2_audio_encoder", num_mel_bins=bands, d_model=22, encoder_layers=2,
                   encoder_attention_heads=2, encoder_ffn_dim=18, max_source_positions=50)
    return dict(model_type="qwen2_audio", extractor=extractor, sounds=masked_windows(bands, 100, counts, mask),
                embeddings=qwen2_audio_embeddings, preprocess=preprocess_first(extractor, mask, lengths),
                config=dict(audio_token_index=50, audio_config=encoder, text_config=text("qwen2")) | config)


MODELS = {
    "qwen2_audio": qwen2_audio([33, 58], lengths=[3001, 16005]),
    # As the checkpoints of the Hub spell it: no model_types inside, old keys; sounds of one frame more or less.
    "qwen2_audio_old": qwen2_audio([43, 44], text_config=text("qwen2", width=24, heads=4, kv=2)) | dict(
        drop=["audio_config.model_type", "text_config.model_type"]),
}
